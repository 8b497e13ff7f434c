package manage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// ok is call that must succeed.
func (h *house) ok(method, target, body string) reply {
	h.t.Helper()
	got := h.call(managementKey, method, target, body)
	if got.status >= 300 {
		h.t.Fatalf("%s %s: %d %s", method, target, got.status, got.raw)
	}
	return got
}

// refused is call that must be refused with a status and words.
func (h *house) refused(status int, says, method, target, body string) {
	h.t.Helper()
	if got := h.call(managementKey, method, target, body); got.status != status || !strings.Contains(got.message(), says) {
		h.t.Errorf("%s %s %s: %d %s, want %d %q", method, target, body, got.status, got.message(), status, says)
	}
}

func (r reply) text(path ...any) string {
	s, _ := r.at(path...).(string)
	return s
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.ok("POST", "/workspaces", `{"name":"Research","slug":"research","description":"d","default_provider_sort":"latency"}`).text("data", "id")
	for _, ref := range []string{id, "research"} {
		if got := h.ok("GET", "/workspaces/"+ref, ""); got.text("data", "name") != "Research" || got.text("data", "default_provider_sort") != "latency" {
			t.Error(got.raw)
		}
	}
	got := h.ok("PATCH", "/workspaces/research", `{"slug":"science","default_provider_sort":null}`)
	if got.text("data", "slug") != "science" || got.at("data", "default_provider_sort") != nil || got.text("data", "description") != "d" {
		t.Error(got.raw)
	}
	h.refused(400, "choose another", "POST", "/workspaces", `{"name":"X","slug":"science"}`)
	h.refused(400, "slug must be", "POST", "/workspaces", `{"name":"X","slug":"Not A Slug"}`)
	h.refused(400, "name must be given", "POST", "/workspaces", `{"slug":"x"}`)
	h.refused(400, "is_observability_io_logging_enabled must be false", "PATCH", "/workspaces/science", `{"is_observability_io_logging_enabled":true}`)
	h.refused(400, "is_data_discount_logging_enabled must be false", "PATCH", "/workspaces/science", `{"is_data_discount_logging_enabled":true}`)
	h.refused(400, "use io_logging_api_key_hashes", "PATCH", "/workspaces/science", `{"io_logging_api_key_ids":[1]}`)
	h.refused(400, "io_logging_retention_days must be", "PATCH", "/workspaces/science", `{"io_logging_retention_days":0}`)
	h.refused(400, "io_logging_api_key_hashes must be", "PATCH", "/workspaces/science", `{"io_logging_api_key_hashes":["none"]}`)
	h.refused(404, "No workspace", "GET", "/workspaces/research", "")
	h.refused(403, "default workspace", "DELETE", "/workspaces/"+workspace, "")

	key := h.ok("POST", "/keys", `{"name":"k","workspace_id":"science"}`)
	if key.text("data", "workspace_id") != id {
		t.Error(key.raw)
	}
	h.refused(400, "1 active keys", "DELETE", "/workspaces/science", "")
	h.ok("PATCH", "/keys/"+key.text("data", "hash"), `{"disabled":true}`)
	filed := h.ok("POST", "/guardrails", `{"name":"g","workspace_id":"science"}`).text("data", "id")
	h.ok("DELETE", "/workspaces/science", "")
	h.refused(404, "No guardrail", "GET", "/guardrails/"+filed, "")
	if list := h.ok("GET", "/workspaces?limit=1&offset=1", ""); list.at("total_count") != json.Number("2") || list.text("data", 0, "slug") != "team" {
		t.Error(list.raw)
	}
}

func TestBudgets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ok("PUT", "/workspaces/team/budgets/lifetime", `{"limit_usd":100.5}`)
	h.ok("PUT", "/workspaces/team/budgets/daily", `{"limit_usd":2,"include_byok_in_budgets":true}`)
	h.refused(400, "The weekly budget of $10 must be less than the monthly budget of $10", "PUT", "/workspaces/team/budgets/weekly", `{"limit_usd":10}`)
	h.refused(400, "The daily budget of $2 must be less", "PUT", "/workspaces/team/budgets/weekly", `{"limit_usd":1}`)
	h.refused(400, "limit_usd must be given", "PUT", "/workspaces/team/budgets/weekly", `{}`)
	h.refused(400, "limit_usd must be more than 0", "PUT", "/workspaces/team/budgets/weekly", `{"limit_usd":0}`)
	h.refused(400, "daily, weekly, monthly or lifetime", "GET", "/workspaces/team/budgets/yearly", "")
	h.refused(404, "no weekly budget", "GET", "/workspaces/team/budgets/weekly", "")
	got := h.ok("GET", "/workspaces/team/budgets", "")
	if fmt.Sprintf("%v %v %v %v %v", got.at("data", 0, "reset_interval"), got.at("data", 0, "limit_usd"), got.at("data", 1, "reset_interval"), got.at("data", 2, "reset_interval"), got.at("include_byok_in_budgets")) != "<nil> 100.5 monthly daily true" {
		t.Error(got.raw)
	}
	limits := h.Directory.Governs(&account.Key{Account: "default", Workspace: team}).Limits
	if len(limits) != 3 || limits[0].Cap != 100_500_000_000 || limits[2].Window != account.Daily || !limits[2].IncludeBYOK {
		t.Errorf("%+v", limits)
	}
	h.ok("DELETE", "/workspaces/team/budgets/monthly", "")
	h.refused(404, "no monthly budget", "DELETE", "/workspaces/team/budgets/monthly", "")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.ok("POST", "/organization/members", `{"email":"Bob@Example.com","first_name":"Bob","role":"admin"}`)
	id := bob.text("data", "id")
	if bob.text("data", "email") != "bob@example.com" || bob.text("data", "role") != "org:admin" || bob.text("data", "member_role") != "admin" {
		t.Error(bob.raw)
	}
	h.refused(409, "already", "POST", "/organization/members", `{"email":"bob@example.com"}`)
	h.refused(400, "email must be", "POST", "/organization/members", `{"email":"Bob <bob@example.com>"}`)
	h.refused(400, "role must be", "POST", "/organization/members", `{"email":"c@example.com","role":"king"}`)
	h.refused(403, "Only an owner", "POST", "/organization/members", `{"email":"c@example.com","role":"owner"}`)
	owner := h.trusted("POST", "/organization/members", `{"email":"boss@example.com","role":"owner"}`).text("data", "id")
	h.refused(403, "Only an owner", "PATCH", "/organization/members/"+owner, `{"role":"viewer"}`)
	h.refused(403, "Only an owner", "DELETE", "/organization/members/"+owner, "")

	added := h.ok("POST", "/workspaces/team/members/add", `{"user_ids":["`+id+`","`+member+`"]}`)
	if added.at("added_count") != json.Number("2") || added.text("data", 0, "role") != "admin" || added.text("data", 1, "role") != "member" {
		t.Error(added.raw)
	}
	if again := h.ok("POST", "/workspaces/team/members/add", `{"user_ids":["`+id+`"]}`); again.at("added_count") != json.Number("0") {
		t.Error(again.raw)
	}
	if list := h.ok("GET", "/workspaces/team/members", ""); list.at("total_count") != json.Number("2") {
		t.Error(list.raw)
	}
	if all := h.ok("GET", "/workspaces/"+workspace+"/members", ""); all.at("total_count") != json.Number("4") {
		t.Error("not everybody is in the default workspace: ", all.raw)
	}
	h.refused(400, "no member of the organization", "POST", "/workspaces/team/members/add", `{"user_ids":["nobody"]}`)

	key := h.ok("POST", "/keys", `{"name":"k","workspace_id":"team","creator_user_id":"`+id+`"}`)
	h.refused(400, "1 active keys", "POST", "/workspaces/team/members/remove", `{"user_ids":["`+id+`"]}`)
	h.refused(400, "default workspace", "POST", "/workspaces/"+workspace+"/members/remove", `{"user_ids":["`+id+`"]}`)
	k, _ := h.Store.Key(account.KeyHash(key.text("data", "hash")))
	h.ok("PATCH", "/organization/members/"+id, `{"disabled":true}`)
	if why := h.Directory.Governs(k).Disabled; why == "" {
		t.Error("a key of a disabled member works")
	}
	h.ok("DELETE", "/organization/members/"+id, "")
	if k, _ := h.Store.Key(k.Hash); !k.Disabled {
		t.Error("a key of a deleted member works")
	}
	if list := h.ok("GET", "/workspaces/team/members", ""); list.at("total_count") != json.Number("1") {
		t.Error(list.raw)
	}
}

func TestGuardrails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := h.ok("POST", "/guardrails", `{"name":"eu","allowed_models":["openai/*"],"enforce_zdr_openai":true,"enable_paid_model_training":false,"limit_usd":3,"reset_interval":"weekly"}`)
	id := g.text("data", "id")
	if g.text("data", "workspace_id") != workspace || g.at("data", "limit_usd") != json.Number("3") {
		t.Error(g.raw)
	}
	for body, says := range map[string]string{
		`{"name":""}`:                                                                                    "name must be",
		`{"name":"n","allowed_models":[]}`:                                                               "allowed_models must be",
		`{"name":"n","ignored_providers":[5]}`:                                                           "ignored_providers must be",
		`{"name":"n","enforce_zdr":"yes"}`:                                                               "enforce_zdr must be",
		`{"name":"n","limit_usd":-1}`:                                                                    "limit_usd must be",
		`{"name":"n","reset_interval":"yearly"}`:                                                         "reset_interval must be",
		`{"name":"n","content_filters":[{"pattern":"(","action":"block"}]}`:                              "Invalid regular expression",
		`{"name":"n","content_filters":[{"pattern":"x","action":"shout"}]}`:                              "action",
		`{"name":"n","content_filters":{}}`:                                                              "content_filters must be",
		`{"name":"n","content_filter_builtins":[{"slug":"soul","action":"block"}]}`:                      "no builtin",
		`{"name":"n","content_filter_builtins":[{"slug":"email","action":"block","scan_scope":"some"}]}`: "scan_scope",
		`{"name":"n","workspace_id":"nowhere"}`:                                                          "No workspace",
	} {
		h.refused(400, says, "POST", "/guardrails", body)
	}
	hash := string(account.HashKey(inferenceKey))
	count := func(got reply, name string, want json.Number) {
		t.Helper()
		if got.at(name) != want {
			t.Errorf("%s, want %s", got.raw, want)
		}
	}
	count(h.ok("POST", "/guardrails/"+id+"/assignments/keys", `{"key_hashes":["`+hash+`","`+hash+`"]}`), "assigned_count", "1")
	count(h.ok("POST", "/guardrails/"+id+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`), "assigned_count", "0")
	count(h.ok("POST", "/guardrails/"+guardrail+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`), "assigned_count", "1") // leaves the first
	count(h.ok("GET", "/guardrails/"+id+"/assignments/keys", ""), "total_count", "0")
	count(h.ok("POST", "/guardrails/"+guardrail+"/assignments/keys/remove", `{"key_hashes":["`+hash+`"]}`), "unassigned_count", "1")
	h.refused(400, "No key has the hash", "POST", "/guardrails/"+id+"/assignments/keys", `{"key_hashes":["`+strings.Repeat("0", 64)+`"]}`)
	h.ok("POST", "/guardrails/"+id+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
	count(h.ok("POST", "/guardrails/"+id+"/assignments/members", `{"member_user_ids":["`+member+`"]}`), "assigned_count", "1")
	count(h.ok("GET", "/guardrails/assignments/members", ""), "total_count", "1")
	if list := h.ok("GET", "/guardrails/"+id+"/assignments/members", ""); list.text("data", 0, "user_id") != member || list.text("data", 0, "user_name") != "ann@example.com" || list.text("data", 0, "user_email") != "ann@example.com" {
		t.Error(list.raw)
	}
	if list := h.ok("GET", "/guardrails/assignments/keys", ""); list.text("data", 0, "key_name") != "inference" || list.text("data", 0, "guardrail_id") != id {
		t.Error(list.raw)
	}

	k, _ := h.Store.Key(account.HashKey(inferenceKey))
	rules := h.Directory.Governs(k)
	if len(rules.Limits) != 1 || rules.Limits[0].Cap != 3*money.Dollar || rules.Limits[0].By != "eu" || rules.Policy.ZeroRetention("openai/gpt-5") != "guardrail eu" ||
		rules.Policy.DenyPaidTraining == "" || len(rules.Policy.Models) != 1 {
		t.Errorf("%+v", rules)
	}
	h.ok("DELETE", "/guardrails/"+id, "")
	k, _ = h.Store.Key(k.Hash)
	if rules := h.Directory.Governs(k); len(rules.Limits) != 0 || len(rules.Guardrails) != 0 {
		t.Errorf("a deleted guardrail governs: %+v", rules)
	}
	count(h.ok("GET", "/guardrails/assignments/members", ""), "total_count", "0")
}

func TestDefaultGuardrailIsMadeByItsFirstChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.ok("GET", "/workspaces/team", "").text("data", "default_guardrail_id")
	if id != directory.DefaultGuardrail(team) {
		t.Fatal(id)
	}
	if got := h.ok("GET", "/guardrails/"+id, ""); got.at("data", "allowed_models") != nil || got.text("data", "workspace_id") != team {
		t.Error(got.raw)
	}
	h.ok("PATCH", "/guardrails/"+id, `{"ignored_models":["openai/gpt-5"],"limit_usd":1}`)
	rules := h.Directory.Governs(&account.Key{Account: "default", Workspace: team, Creator: member})
	if len(rules.Policy.IgnoreModels) != 1 || len(rules.Limits) != 3 { // the budget, the member's and the key's share
		t.Errorf("%+v", rules)
	}
	if other := h.Directory.Governs(&account.Key{Account: "default", Workspace: workspace}); len(other.Policy.IgnoreModels) != 0 {
		t.Errorf("another workspace: %+v", other)
	}
}

func TestNoKeyGivesMoreRightsThanItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put(&account.Key{Hash: account.HashKey("dev"), Account: "default", Workspace: workspace, Management: true, Extras: account.Extras{Role: account.Developer}})
	if got := h.call("dev", "POST", "/keys", `{"name":"n","is_management_key":true,"role":"viewer"}`); got.status != 403 {
		t.Errorf("a developer made a management key: %s", got.raw)
	}
	own := "/keys/" + string(account.HashKey("dev"))
	if got := h.call("dev", "PATCH", own, `{"role":"owner"}`); got.status != 403 {
		t.Errorf("a developer became an owner: %s", got.raw)
	}
	if got := h.call("dev", "DELETE", "/keys/"+string(account.HashKey(managementKey)), ""); got.status != 403 {
		t.Errorf("a developer deleted an admin's key: %s", got.raw)
	}
	h.refused(403, "Only an owner", "POST", "/keys", `{"name":"n","is_management_key":true,"role":"owner"}`)
	if got := h.ok("POST", "/keys", `{"name":"n","is_management_key":true}`); got.text("data", "role") != "admin" {
		t.Error(got.raw)
	}
}

// Things of another account are not there, whatever is asked.
func TestAnotherAccountSeesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put(&account.Key{Hash: account.HashKey("theirs"), Account: "other", Workspace: "theirs", Management: true, Extras: account.Extras{Role: account.Owner}})
	for _, v := range visits {
		if !strings.Contains(v.target, "team") && !strings.Contains(v.target, "MEMBER") && !strings.Contains(v.target, "GUARD") && !strings.Contains(v.target, "OWNED") && !strings.Contains(v.target, "/keys/HASH") {
			continue
		}
		if got := h.call("theirs", v.method, furnished.Replace(v.target), furnished.Replace(v.body)); got.status != 404 && got.status != 400 {
			t.Errorf("%s %s: %d %s", v.method, v.target, got.status, got.raw)
		}
	}
	for _, list := range []string{"/workspaces", "/organization/members", "/guardrails", "/guardrails/assignments/keys", "/byok", "/keys", "/keys?workspace_id=" + workspace} {
		if got := h.call("theirs", "GET", list, ""); fmt.Sprint(got.at("data")) != "[]" {
			t.Errorf("%s: %s", list, got.raw)
		}
	}
	if got := h.call("theirs", "GET", "/audit", ""); fmt.Sprint(got.at("data")) != "[]" {
		t.Errorf("their log: %s", got.raw)
	}
}

func TestEveryChangeIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	for i, v := range visits {
		if v.access != management && v.access != operator || v.method == "GET" || v.target == "/routing/explain" || strings.HasSuffix(v.target, "/remove") || strings.HasSuffix(v.target, "/test") || strings.HasSuffix(v.target, "/validate") || strings.HasPrefix(v.target, "/analytics/quer") || v.status >= 300 || v.target == "/guardrails/preview" || v.target == "/auth/keys/code" {
			continue // what removes nothing that is there still has an entry, tried below
		}
		h := newHouse(t)
		before, err := h.Store.AuditLog(t.Context(), store.AuditFilter{Account: "default"})
		if err != nil {
			t.Fatal(err)
		}
		h.put(&account.Key{Hash: account.HashKey("owner"), Account: "default", Workspace: workspace, Management: true, Extras: account.Extras{Role: account.Owner}})
		if got := h.call("owner", v.method, furnished.Replace(v.target), furnished.Replace(v.body)); got.status >= 300 {
			t.Fatalf("%s %s: %s", v.method, v.target, got.raw)
		}
		after, err := h.Store.AuditLog(t.Context(), store.AuditFilter{Account: "default"})
		if err != nil {
			t.Fatal(err)
		}
		if len(after) != len(before)+1 {
			t.Errorf("%s %s left %d entries", v.method, v.target, len(after)-len(before))
			continue
		}
		if e := after[0]; e.Action == "" || e.Target == "" || e.Actor != string(account.HashKey("owner")) || e.Address != "192.0.2.1" || e.Account != "default" || !json.Valid([]byte(e.Detail)) {
			t.Errorf("%s %s: %+v", v.method, operations[i].path, e)
		}
		var chain audit.Chain
		for j := range after {
			if err := chain.Next(&after[len(after)-1-j]); err != nil {
				t.Error(err)
			}
		}
	}
}

// The log names keys and never holds one.
func TestAuditLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plain := h.ok("POST", "/keys", `{"name":"n"}`).text("key")
	if got := h.ok("GET", "/audit?limit=1", ""); strings.Contains(got.raw, plain) || got.text("data", 0, "action") != "key.create" || got.text("data", 0, "target") != string(account.HashKey(plain)) {
		t.Error(got.raw)
	}
	if got := h.ok("GET", "/audit?before=2", ""); got.at("data", 1) != nil {
		t.Error(got.raw)
	}
	h.Client = func(*http.Request) netip.Addr { return netip.Addr{} }
	h.ok("POST", "/keys", `{"name":"n"}`)
	if got := h.ok("GET", "/audit?limit=1", ""); got.at("data", 0, "address") != nil {
		t.Error(got.raw)
	}
}

// TestListsOfAWorkspaceBySlug: every list that can be narrowed to a workspace takes its slug.
func TestListsOfAWorkspaceBySlug(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	h.ok("POST", "/guardrails", `{"name":"g","workspace_id":"team"}`)
	h.ok("POST", "/byok", `{"provider":"acme","key":"another-key-123","workspace_id":"team"}`)
	h.ok("POST", "/keys", `{"name":"k","workspace_id":"team"}`)
	for _, list := range []string{"/keys", "/guardrails", "/byok", "/observability/destinations", "/activity"} {
		by := func(ref string) string { return h.ok("GET", list+"?workspace_id="+ref, "").raw }
		for slug, id := range map[string]string{"team": team, "default": workspace} {
			if by(slug) != by(id) {
				t.Errorf("%s of %s: %s, by its id %s", list, slug, by(slug), by(id))
			}
		}
		if list != "/observability/destinations" && by("team") == by("default") {
			t.Errorf("%s is not narrowed", list)
		}
	}
}

// TestGuardrailsOfADeletedWorkspace: nothing is left under what went with the workspace, and the audit log says so.
func TestGuardrailsOfADeletedWorkspace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ok("POST", "/workspaces", `{"name":"Gone","slug":"gone"}`)
	g := h.ok("POST", "/guardrails", `{"name":"g","workspace_id":"gone"}`).text("data", "id")
	hash := h.ok("POST", "/keys", `{"name":"k"}`).text("data", "hash")
	before := h.ok("GET", "/guardrails/assignments/keys", "").at("total_count")
	h.ok("POST", "/guardrails/"+g+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
	h.ok("DELETE", "/workspaces/gone", "")
	if after := h.ok("GET", "/guardrails/assignments/keys", ""); after.at("total_count") != before || strings.Contains(after.raw, g) {
		t.Error(after.raw)
	}
	if log := h.ok("GET", "/audit?limit=1", ""); !strings.Contains(log.raw, `"keys_freed":1`) {
		t.Error(log.raw)
	}
}

// TestAKeyOfADeletedWorkspace: its budgets and guardrails went with the workspace, so it never works again.
func TestAKeyOfADeletedWorkspace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ok("POST", "/workspaces", `{"name":"Gone","slug":"gone"}`)
	made := h.ok("POST", "/keys", `{"name":"k","workspace_id":"gone"}`)
	key := "/keys/" + made.text("data", "hash")
	h.ok("PATCH", key, `{"disabled":true}`)
	h.ok("DELETE", "/workspaces/gone", "")
	h.refused(400, "the workspace that the key is in was deleted", "PATCH", key, `{"disabled":false}`)
	h.ok("PATCH", key, `{"name":"old"}`)
	k, _ := h.store.Key(account.KeyHash(made.text("data", "hash")))
	enabled := *k
	enabled.Disabled = false
	if why := h.Directory.Governs(&enabled).Refuses(&enabled); !strings.Contains(why, "workspace") {
		t.Errorf("it works: %q", why)
	}
}
