package manage

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// visits is every operation with a request that succeeds for who may make it. A status of
// 0 means 200.
var visits = []struct {
	method, target, body string
	access               access
	status               int
}{
	{"GET", "/models", "", anyone, 0},
	{"GET", "/models/count", "", anyone, 0},
	{"GET", "/models/user", "", anyKey, 0},
	{"GET", "/models/openai%2Fgpt-5", "", anyone, 0},
	{"GET", "/models/openai/gpt-5", "", anyone, 0},
	{"GET", "/models/openai/gpt-5/endpoints", "", anyone, 0},
	{"GET", "/embeddings/models", "", anyone, 0},
	{"GET", "/images/models", "", anyone, 0},
	{"GET", "/images/models/acme/painter/endpoints", "", anyone, 0},
	{"GET", "/model/openai/gpt-5", "", anyone, 0},
	{"GET", "/endpoints/zdr", "", anyone, 0},
	{"GET", "/providers", "", anyone, 0},
	{"GET", "/providers/openai", "", anyone, 0},
	{"POST", "/routing/explain", `{"model":"openai/gpt-5"}`, management, 0},
	{"GET", "/generation?id=gen-none", "", anyKey, 404},
	{"GET", "/generation/receipt?id=gen-none", "", anyKey, 404},
	{"GET", "/generation/content?id=gen-none", "", management, 404},
	{"DELETE", "/generation/content?id=gen-none", "", management, 404},
	{"POST", "/generation/feedback", `{"generation_id":"gen-none","category":"other"}`, management, 404},
	{"GET", "/generations", "", anyKey, 0},
	{"GET", "/generations/facets", "", anyKey, 0},
	{"GET", "/receipts/key", "", anyone, 0},
	{"GET", "/activity", "", management, 0},
	{"GET", "/datasets/app-rankings", "", anyKey, 0},
	{"GET", "/datasets/rankings-daily", "", anyKey, 0},
	{"GET", "/analytics/meta", "", management, 0},
	{"POST", "/analytics/query", `{"metrics":["request_count"]}`, management, 0},
	{"POST", "/analytics/queries", `{"queries":[{"metrics":["request_count"]}]}`, management, 0},
	{"GET", "/key", "", anyKey, 0},
	{"GET", "/auth/key", "", anyKey, 0},
	{"GET", "/keys", "", management, 0},
	{"POST", "/keys", `{"name":"n"}`, management, 201},
	{"GET", "/keys/report", "", management, 0},
	{"GET", "/keys/HASH", "", management, 0},
	{"PATCH", "/keys/HASH", `{}`, management, 0},
	{"DELETE", "/keys/HASH", "", management, 0},
	{"POST", "/keys/HASH/rotate", `{}`, management, 201},
	{"POST", "/auth/keys/code", `{"callback_url":"https://app.test/"}`, management, 0},
	{"POST", "/auth/keys", `{"code":"none"}`, anyone, 403},
	{"POST", "/oauth/token", "", anyone, 400},
	{"GET", "/oauth/jwks", "", anyone, 0},
	{"GET", "/oauth/federation-policies", "", management, 0},
	{"POST", "/oauth/federation-policies", `{"name":"n","issuer":"https://issuer.test","audience":"us","conditions":[{"claim":"sub","values":["a"]}]}`, management, 201},
	{"GET", "/oauth/federation-policies/POLICY", "", management, 0},
	{"PATCH", "/oauth/federation-policies/POLICY", `{"token_seconds":60}`, management, 0},
	{"DELETE", "/oauth/federation-policies/POLICY", "", management, 0},
	{"GET", "/credits", "", management, 0},
	{"GET", "/credits/history", "", management, 0},
	{"POST", "/credits/grant", `{"amount":1}`, operator, 0},
	{"POST", "/credits/coinbase", "", anyone, 410},
	{"GET", "/workspaces", "", management, 0},
	{"POST", "/workspaces", `{"name":"N","slug":"n"}`, management, 201},
	{"GET", "/workspaces/team", "", management, 0},
	{"PATCH", "/workspaces/team", `{"name":"M"}`, management, 0},
	{"DELETE", "/workspaces/team", "", management, 0},
	{"GET", "/workspaces/team/budgets", "", management, 0},
	{"GET", "/workspaces/team/budgets/monthly", "", management, 0},
	{"PUT", "/workspaces/team/budgets/daily", `{"limit_usd":1}`, management, 0},
	{"DELETE", "/workspaces/team/budgets/monthly", "", management, 0},
	{"GET", "/workspaces/team/members", "", management, 0},
	{"POST", "/workspaces/team/members/add", `{"user_ids":["MEMBER"]}`, management, 0},
	{"POST", "/workspaces/team/members/remove", `{"user_ids":["MEMBER"]}`, management, 0},
	{"GET", "/organization/members", "", management, 0},
	{"POST", "/organization/members", `{"email":"n@example.com"}`, management, 201},
	{"GET", "/organization/members/MEMBER", "", management, 0},
	{"PATCH", "/organization/members/MEMBER", `{"last_name":"X"}`, management, 0},
	{"DELETE", "/organization/members/MEMBER", "", management, 0},
	{"GET", "/organization/members/MEMBER/sessions", "", management, 0},
	{"DELETE", "/organization/members/MEMBER/sessions", "", management, 0},
	{"DELETE", "/organization/members/MEMBER/sessions/THEIRS", "", management, 0},
	{"GET", "/organization/identity", "", management, 0},
	{"GET", "/scim/groups", "", management, 0},
	{"GET", "/scim/group-mappings", "", management, 0},
	{"POST", "/scim/group-mappings", `{"scim_group_id":"GROUP","workspace_id":"team","role":"member"}`, management, 201},
	{"GET", "/scim/group-mappings/MAPPING", "", management, 0},
	{"PATCH", "/scim/group-mappings/MAPPING", `{"role":"admin"}`, management, 0},
	{"DELETE", "/scim/group-mappings/MAPPING?keep_members=false", "", management, 0},
	{"POST", "/scim/sync-jobs", "", management, 202},
	{"GET", "/scim/sync-jobs/SYNCED", "", management, 0},
	{"GET", "/guardrails", "", management, 0},
	{"POST", "/guardrails", `{"name":"N"}`, management, 201},
	{"GET", "/guardrails/assignments/keys", "", management, 0},
	{"GET", "/guardrails/assignments/members", "", management, 0},
	{"POST", "/guardrails/preview", `{"guardrail_id":"GUARD","model":"openai/gpt-5","text":"x"}`, management, 0},
	{"GET", "/guardrails/GUARD", "", management, 0},
	{"PATCH", "/guardrails/GUARD", `{"limit_usd":2}`, management, 0},
	{"DELETE", "/guardrails/GUARD", "", management, 0},
	{"GET", "/guardrails/GUARD/assignments/keys", "", management, 0},
	{"POST", "/guardrails/GUARD/assignments/keys", `{"key_hashes":["HASH"]}`, management, 0},
	{"POST", "/guardrails/GUARD/assignments/keys/remove", `{"key_hashes":["HASH"]}`, management, 0},
	{"GET", "/guardrails/GUARD/assignments/members", "", management, 0},
	{"POST", "/guardrails/GUARD/assignments/members", `{"member_user_ids":["MEMBER"]}`, management, 0},
	{"POST", "/guardrails/GUARD/assignments/members/remove", `{"member_user_ids":["MEMBER"]}`, management, 0},
	{"GET", "/presets", "", anyKey, 0},
	{"GET", "/presets/brief", "", anyKey, 0},
	{"PATCH", "/presets/brief", `{"status":"disabled"}`, management, 0},
	{"DELETE", "/presets/brief", "", management, 0},
	{"POST", "/presets/new/chat/completions", `{"model":"openai/gpt-5"}`, anyKey, 0},
	{"POST", "/presets/new/messages", `{"model":"openai/gpt-5"}`, anyKey, 0},
	{"POST", "/presets/brief/responses", `{"model":"openai/gpt-5"}`, anyKey, 0},
	{"GET", "/presets/brief/versions", "", anyKey, 0},
	{"GET", "/presets/brief/versions/1", "", anyKey, 0},
	{"GET", "/byok", "", management, 0},
	{"POST", "/byok", `{"provider":"openai","key":"sk-new-1234567890"}`, management, 201},
	{"GET", "/byok/OWNED", "", management, 0},
	{"PATCH", "/byok/OWNED", `{"key":"sk-rotated-1234567890"}`, management, 0},
	{"DELETE", "/byok/OWNED", "", management, 0},
	{"POST", "/byok/OWNED/test", "", management, 0},
	{"POST", "/vault/rotate", "", operator, 0},
	{"GET", "/private-providers", "", operator, 0},
	{"POST", "/private-providers", `{"slug":"vllm","base_url":"http://127.0.0.1:8000/v1","api_key":"sk-theirs-12345678"}`, operator, 201},
	{"GET", "/private-providers/MINE", "", operator, 0},
	{"PATCH", "/private-providers/MINE", `{"name":"M"}`, operator, 0},
	{"DELETE", "/private-providers/MINE", "", operator, 0},
	{"GET", "/private-endpoints", "", operator, 0},
	{"POST", "/private-endpoints", `{"model_permaslug":"me/tiny","provider_slug":"acme","upstream_model_id":"t","free":true}`, operator, 201},
	{"GET", "/private-endpoints/MODEL", "", operator, 0},
	{"PATCH", "/private-endpoints/MODEL", `{"declared_zdr":true}`, operator, 0},
	{"DELETE", "/private-endpoints/MODEL", "", operator, 0},
	{"POST", "/private-endpoints/MODEL/validate", "", operator, 0},
	{"POST", "/private-endpoints/MODEL/activate", "", operator, 0},
	{"POST", "/catalog/refresh", `{}`, operator, 0},
	{"GET", "/catalog/changes", "", operator, 0},
	{"GET", "/observability/types", "", management, 0},
	{"GET", "/observability/destinations", "", management, 0},
	{"POST", "/observability/destinations", `{"type":"webhook","name":"n","config":{"url":"https://hooks.test/x"}}`, management, 201},
	{"GET", "/observability/destinations/DEST", "", management, 0},
	{"PATCH", "/observability/destinations/DEST", `{"enabled":false}`, management, 0},
	{"DELETE", "/observability/destinations/DEST", "", management, 0},
	{"POST", "/observability/destinations/DEST/test", "", management, 0},
	{"GET", "/audit", "", management, 0},
	{"GET", "/system", "", operator, 0},
	{"GET", "/health/endpoints", "", anyone, 0},
	{"GET", "/session/options", "", anyone, 0},
	{"POST", "/setup", `{"token":"t","email":"o@example.com","password":"correct horse battery"}`, anyone, 410},
	{"POST", "/setup/token", "", local, 410},
	{"POST", "/session", `{"email":"Pat@example.com","password":"correct horse battery"}`, anyone, 201},
	{"GET", "/session", "", signedIn, 0},
	{"PATCH", "/session", `{"organization":"default"}`, signedIn, 0},
	{"DELETE", "/session", "", signedIn, 0},
	{"POST", "/session/passkey/options", "", anyone, 0},
	{"POST", "/session/passkey", `{"id":"none","credential":{}}`, anyone, 400},
	{"GET", "/session/oidc/none", "", anyone, 404},
	{"GET", "/session/oidc/none/callback", "", anyone, 302},
	{"PATCH", "/me", `{"name":"Patricia"}`, signedIn, 0},
	{"POST", "/me/password", `{"current":"correct horse battery","new":"another horse"}`, signedIn, 0},
	{"POST", "/me/totp", "", signedIn, 0},
	{"DELETE", "/me/totp", `{"password":"correct horse battery"}`, signedIn, 0},
	{"POST", "/me/totp/confirm", `{"code":"000000"}`, signedIn, 409},
	{"GET", "/me/passkeys", "", signedIn, 0},
	{"POST", "/me/passkeys", `{"id":"none","credential":{}}`, signedIn, 400},
	{"POST", "/me/passkeys/options", "", signedIn, 0},
	{"DELETE", "/me/passkeys/PASSKEY", "", signedIn, 0},
	{"GET", "/me/sessions", "", signedIn, 0},
	{"DELETE", "/me/sessions/SESSION", "", signedIn, 0},
	{"GET", "/organization", "", management, 0},
	{"PATCH", "/organization", `{"name":"Ours"}`, management, 0},
	{"GET", "/organizations", "", management, 0},
	{"POST", "/organizations", `{"name":"Theirs","owner_email":"boss@example.com"}`, operator, 201},
	{"GET", "/organization/invitations", "", management, 0},
	{"POST", "/organization/invitations", `{"email":"new@example.com","role":"viewer","workspace_ids":["team"]}`, management, 201},
	{"DELETE", "/organization/invitations/INVITED", "", management, 0},
	{"POST", "/invitations/accept", `{"token":"none"}`, anyone, 403},
	{"GET", "/people", "", local, 0},
	{"DELETE", "/people/PERSON", "", local, 0},
	{"POST", "/people/reset", `{"email":"pat@example.com","second_factor":true}`, local, 201},
	{"POST", "/people/unlink", `{"email":"pat@example.com"}`, local, 0},
	{"POST", "/chat/completions", `{}`, anyone, 404},
	{"POST", "/completions", `{}`, anyone, 404},
	{"POST", "/responses", `{}`, anyone, 404},
	{"GET", "/responses/{id}", "", anyone, 404},
	{"DELETE", "/responses/{id}", "", anyone, 404},
	{"POST", "/messages", `{}`, anyone, 404},
	{"POST", "/messages/count_tokens", `{}`, anyone, 404},
	{"POST", "/embeddings", `{}`, anyone, 404},
	{"POST", "/rerank", `{}`, anyone, 404},
	{"POST", "/audio/speech", `{}`, anyone, 404},
	{"POST", "/audio/transcriptions", `{}`, anyone, 404},
	{"POST", "/images", `{}`, anyone, 404},
	{"POST", "/images/generations", `{}`, anyone, 404},
	{"POST", "/images/edits", `{}`, anyone, 404},
}

// furnished puts the ids of newHouse's things into a visit.
var furnished = strings.NewReplacer("/private-providers/MINE", "/private-providers/"+mine, "/private-endpoints/MODEL", "/private-endpoints/"+myModel, "/keys/HASH", inferencePath, "HASH", string(account.HashKey(inferenceKey)), "MEMBER", member, "GUARD", guardrail, "OWNED", owned, "PASSKEY", passkey, "SESSION", session, "THEIRS", theirs, "INVITED", invited, "PERSON", pat,
	"GROUP", group, "MAPPING", mapping, "SYNCED", synced, "POLICY", workloads, "DEST", destination)

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	if len(visits) != len(operations) {
		t.Fatalf("%d visits for %d operations", len(visits), len(operations))
	}
	for i, v := range visits {
		if v.access != operations[i].access || v.method != operations[i].method {
			t.Errorf("%s %s is not operation %v", v.method, v.target, operations[i])
		}
		for _, who := range []struct {
			name, key string
			status    [6]int // by access; 0: as the visit says
		}{
			{"nobody", "", [6]int{0, 401, 401, 401, 401, 401}},
			{"unknown key", "sk-or-v1-unknown", [6]int{0, 401, 401, 401, 401, 401}},
			{"disabled key", disabledKey, [6]int{0, 401, 401, 401, 401, 401}},
			{"expired key", expiredKey, [6]int{0, 401, 401, 401, 401, 401}},
			{"inference key", inferenceKey, [6]int{0, 0, 403, 403, 403, 403}},
			{"management key", managementKey, [6]int{0, 0, 0, 403, 403, 0}}, // of an admin
			{"owner", "owner", [6]int{0, 0, 0, 403, 403, 0}},
			{"admin", "admin", [6]int{0, 0, 0, 403, 403, 0}},
			{"billing", "billing", [6]int{0, 0, 0, 403, 403, 0}},
			{"developer", "developer", [6]int{0, 0, 0, 403, 403, 0}},
			{"viewer", "viewer", [6]int{0, 0, 0, 403, 403, 0}},
		} {
			t.Run(v.method+" "+v.target+" as "+who.name, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				want := who.status[v.access]
				if who.key == managementKey && (v.access == management || v.access == operator) && !account.Admin.May(operations[i].may) {
					want = 403
				}
				if role := account.Role(who.key); role.Valid() {
					h.put(&account.Key{Hash: account.HashKey(who.key), Account: "default", Workspace: workspace, Management: true, Extras: account.Extras{Role: role}})
					if !role.May(operations[i].may) {
						want = 403
					}
				}
				if want == 0 {
					want = v.status
				}
				if want == 0 {
					want = 200
				}
				got := h.call(who.key, v.method, furnished.Replace(v.target), furnished.Replace(v.body))
				if got.status != want {
					t.Fatalf("%d, want %d: %s", got.status, want, got.raw)
				}
				if got.status == 403 && v.access >= management && !strings.Contains(got.message(), "anagement key") {
					t.Errorf("does not say what to use: %s", got.message())
				}
			})
		}
	}
}

// ownOnly are the operations on somebody's key that answer 404 to who sees their own keys alone.
func ownOnly(target string) bool { return strings.HasPrefix(target, "/keys/HASH") }

// TestWhatASessionMayDo: each operation with a session of each role, of one that has ended and
// of another organisation's owner.
func TestWhatASessionMayDo(t *testing.T) {
	t.Parallel()
	for i, v := range visits {
		for _, role := range account.Roles {
			t.Run(v.method+" "+v.target+" as "+string(role), func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				token := h.session(role)
				want := cmp.Or(v.status, 200)
				switch {
				case v.access == anyone:
				case v.access == local, !role.May(operations[i].may):
					want = 403
				case v.target == "/key", v.target == "/auth/key":
					want = 404 // a session is no key
				case ownOnly(v.target) && !role.May(account.WriteMembers):
					want = 404
				}
				got := h.as(token, v.method, furnished.Replace(v.target), furnished.Replace(v.body))
				if got.status != want {
					t.Fatalf("%d, want %d: %s", got.status, want, got.raw)
				}
			})
		}
		t.Run(v.method+" "+v.target+" after the end", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			token := h.session(account.Owner)
			h.Now = func() time.Time { return noon.Add(13 * time.Hour) }
			want := 401
			if v.access == anyone {
				want = cmp.Or(v.status, 200)
			}
			if got := h.as(token, v.method, furnished.Replace(v.target), furnished.Replace(v.body)); got.status != want {
				t.Fatalf("%d, want %d: %s", got.status, want, got.raw)
			}
		})
	}
}

// fromElsewhere is the status of a visit by an owner of another organisation, 0 where it is as
// for everybody: what a path names is not there, and neither is what a body names.
func fromElsewhere(method, target, body string, a access) int {
	names := func(s string) bool {
		return furnished.Replace(s) != s || strings.Contains(s, "/team") || strings.Contains(s, "/brief")
	}
	switch {
	case a == anyone:
		return 0
	case a == local, a == operator:
		return 403 // the first organisation's
	case method+target == "POST/presets/brief/responses":
		return 0 // makes a preset of their own
	case strings.HasSuffix(target, "/members/add"):
		return 400 // the members are looked up first
	case names(target), target == "/guardrails/preview":
		return 404
	case names(body), strings.Contains(body, `"team"`), strings.Contains(body, `"default"`):
		return 400
	}
	return 0
}

// neighbourly is the status of a visit by one of the callers of house.neighbour.
func neighbourly(name, method, target, body string, a access, usual int) int {
	theirs := cmp.Or(fromElsewhere(method, target, body, a), usual)
	switch {
	case a == anyone:
		return usual
	case name == "session" && (target == "/key" || target == "/auth/key"):
		return 404
	case name == "session", name == "other-owner" && a < signedIn, name == "other-inference" && a == anyKey:
		return theirs
	case name == "other-workspace" && a == anyKey:
		return usual
	}
	return 403
}

// TestAnotherOrganisationAndWorkspace: each operation with an owner's management key, an
// owner's session and an inference key of another organisation, and with an inference key of
// another workspace, which may what an inference key may.
func TestAnotherOrganisationAndWorkspace(t *testing.T) {
	t.Parallel()
	for _, v := range visits {
		t.Run(v.method+" "+v.target, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"other-workspace", "other-inference", "other-owner", "session"} {
				want := neighbourly(name, v.method, v.target, v.body, v.access, cmp.Or(v.status, 200))
				h := newHouse(t)
				token := h.neighbour()
				var got reply
				if name == "session" {
					got = h.as(token, v.method, furnished.Replace(v.target), furnished.Replace(v.body))
				} else {
					got = h.call(name, v.method, furnished.Replace(v.target), furnished.Replace(v.body))
				}
				if got.status != want {
					t.Errorf("%s: %d, want %d: %s", name, got.status, want, got.raw)
				}
			}
		})
	}
}

func TestTrustedNeedsNoKey(t *testing.T) {
	t.Parallel()
	for _, v := range visits {
		h := newHouse(t)
		want := v.status
		switch {
		case v.target == "/key" || v.target == "/auth/key":
			want = 401 // there is no key to describe
		case v.access == signedIn:
			want = 401 // nobody is
		case want == 0:
			want = 200
		}
		got := h.trusted(v.method, furnished.Replace(v.target), furnished.Replace(v.body))
		if got.status != want {
			t.Errorf("%s %s: %d, want %d: %s", v.method, v.target, got.status, want, got.raw)
		}
	}
}

func TestUnbuiltSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, u := range unbuilt {
		got := h.call("", u.method, strings.NewReplacer("{", "", "}", "").Replace(u.path), "")
		if got.status != 501 || !strings.Contains(got.message(), u.method+" "+u.path+" ("+u.what+")") || got.at("error", "metadata", "error_type") != "unmapped" {
			t.Errorf("%s %s: %d %s", u.method, u.path, got.status, got.raw)
		}
	}
}

func TestWrongMethod(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/chat/completions", "POST"},
		{"POST", "/models", "GET, HEAD"},
		{"PUT", "/keys/x", "DELETE, GET, HEAD, PATCH"},
		{"DELETE", "/guardrails", "GET, HEAD, POST"},
	} {
		got := h.call(managementKey, c.method, c.path, "")
		if got.status != 405 || got.header.Get("Allow") != c.allow || !strings.Contains(got.message(), c.path) || !strings.Contains(got.message(), c.allow) {
			t.Errorf("%s %s: %d %q %s", c.method, c.path, got.status, got.header.Get("Allow"), got.raw)
		}
	}
	if got := h.call("", "HEAD", "/models", ""); got.status != 200 {
		t.Errorf("HEAD /models: %d", got.status)
	}
}

func TestUnknownPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/", "/nothing", "/keys/a/b", "/models/a/b/c", "/models/"} {
		if got := h.call(managementKey, "GET", path, ""); got.status != 404 || !strings.Contains(got.message(), "There is nothing at "+path) {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
	}
	long := h.call("", "GET", "/"+strings.Repeat("x", 4000), "")
	if len(long.raw) > 500 {
		t.Errorf("the whole path is repeated: %d bytes", len(long.raw))
	}
}

// The handler is mounted with its base stripped; what it says has the base.
func TestMountedBelowABase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	below := http.StripPrefix("/api/v1", h.Handler())
	got := h.through(below, httptest.NewRequest("GET", "/api/v1/models?limit=1&all=true", nil))
	if next, _ := got.at("links", "next").(string); next != "/api/v1/models?all=true&limit=1&offset=1" {
		t.Errorf("next page is %q", next)
	}
	if got := h.through(below, httptest.NewRequest("GET", "/api/v1/models/openai%2Fgpt-5", nil)); got.at("id") != "openai/gpt-5" {
		t.Errorf("escaped slug: %s", got.raw)
	}
	if got := h.through(below, httptest.NewRequest("GET", "/api/v1/nothing", nil)); !strings.Contains(got.message(), "/api/v1/nothing") {
		t.Error(got.message())
	}
}

// inMemory are operations that only look, at what is in memory.
var inMemory = []string{"/people", "/routing/explain", "/models/user", "/analytics/meta", "/auth/keys/code", "/guardrails/preview"}

// needsDatabase reports whether an operation that is allowed cannot be answered without one.
func needsDatabase(method, target string, who access, status int) bool {
	switch {
	case who == anyone, status >= 400 && who > management:
		return false
	case slices.Contains(inMemory, target), strings.HasSuffix(target, "/key"), strings.HasSuffix(target, "/test"), strings.HasSuffix(target, "/validate"):
		return false
	case who == signedIn && (method == "GET" || strings.HasSuffix(target, "/options") || method+target == "POST/me/totp"):
		return false
	case method != "GET" || strings.HasSuffix(target, "/assignments/keys"):
		return true
	}
	for _, prefix := range []string{"/keys/HASH", "/workspaces", "/organization", "/scim/", "/oauth/", "/guardrails", "/byok", "/presets", "/private-", "/catalog/changes", "/observability"} {
		if strings.HasPrefix(target, prefix) {
			return false
		}
	}
	return true
}

func TestStoreFailureTellsTheClientNothing(t *testing.T) {
	t.Parallel()
	for _, v := range visits {
		if !needsDatabase(v.method, v.target, v.access, v.status) {
			continue
		}
		h := newHouse(t)
		token := ""
		if v.access == signedIn {
			token = h.session(account.Owner)
		}
		h.store.fails = errBroken
		got := h.trustedOrAs(token, v.method, furnished.Replace(v.target), furnished.Replace(v.body))
		if got.status != 503 || strings.Contains(got.raw, errBroken.Error()) {
			t.Errorf("%s %s: %d %s", v.method, v.target, got.status, got.raw)
		}
	}
}
