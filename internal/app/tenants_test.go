package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
)

// stranger is in every name that another organisation gives. It is never sent by who probes.
const stranger = "zqcanary"

// caller shows a key, or a session's cookie.
type caller struct {
	name        string
	key, cookie string
}

func (c *caller) do(h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: c.cookie})
	}
	r.Header.Set("User-Agent", "browser of "+c.name)
	r.Header.Set("X-Dragoman-Receipt", "true")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// must is a call that succeeds; its whole answer.
func (c *caller) must(t *testing.T, h http.Handler, method, path, body string) map[string]any {
	t.Helper()
	w := c.do(h, method, "/api/v1"+path, body)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
		t.Fatalf("%s %s as %s: %d %s", method, path, c.name, w.Code, w.Body)
	}
	return out
}

// at is a text of an answer by its path of members.
func at(v any, path ...string) string {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// token is what a link has behind the #.
func token(link string) string { _, t, _ := strings.Cut(link, "#token="); return t }

func cookieOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == "dragoman_session" {
			return c.Value
		}
	}
	t.Fatalf("no cookie: %d %s", w.Code, w.Body)
	return ""
}

const tenantPassword = "correct horse battery"

// accept opens an invitation as somebody new.
func accept(t *testing.T, h http.Handler, email, link string) *caller {
	t.Helper()
	anybody := &caller{name: email}
	w := anybody.do(h, "POST", "/api/v1/invitations/accept", fmt.Sprintf(`{"token":%q,"name":%q,"password":%q}`, token(link), email, tenantPassword))
	return &caller{name: email, cookie: cookieOf(t, w)}
}

// found makes an organisation and is its owner.
func (c *company) found(email string) *caller {
	c.t.Helper()
	operator := &caller{name: "operator"}
	out := operator.must(c.t, http.StripPrefix("/api/v1", c.app.manage.Trusted()), "POST", "/organizations", fmt.Sprintf(`{"name":"new","owner_email":%q}`, email))
	return accept(c.t, c.handler, email, at(out, "data", "invitation", "url"))
}

// join invites somebody to the owner's organisation, with a role.
func (c *company) join(owner *caller, email string, role account.Role) *caller {
	c.t.Helper()
	out := owner.must(c.t, c.handler, "POST", "/organization/invitations", fmt.Sprintf(`{"email":%q,"role":%q}`, email, role))
	return accept(c.t, c.handler, email, at(out, "data", "url"))
}

// things are the ids of what an organisation has, by the collection that it is in.
type things map[string][]string

// all are the ids, whatever of.
func (h things) all() (ids []string) {
	for _, list := range h {
		ids = append(ids, list...)
	}
	slices.Sort(ids)
	return ids
}

// furnish fills an organisation with one of everything, each named by a name, and is the ids.
func (c *company) furnish(owner *caller, name, slug string) things {
	has := things{}
	keep := func(collection, id string) string {
		if id == "" {
			c.t.Fatalf("one of the %s has no id", collection)
		}
		has[collection] = append(has[collection], id)
		return id
	}
	named := strings.NewReplacer("NAME", name, "SLUG", slug)
	do := func(method, path, body string) map[string]any {
		return owner.must(c.t, c.handler, method, path, named.Replace(body))
	}
	me := do("GET", "/session", "")
	person := keep("people", at(me, "data", "person", "id"))
	member := keep("members", at(me, "data", "member_id"))
	organization := keep("organizations", at(do("PATCH", "/organization", `{"name":"NAME inc"}`), "data", "id"))
	keep("workspaces", at(do("GET", "/organization", ""), "data", "default_workspace_id"))
	do("PATCH", "/me", `{"name":"NAME boss"}`)
	w := do("POST", "/workspaces", `{"name":"NAME w","slug":"SLUG","description":"NAME","is_observability_io_logging_enabled":true}`)
	workspace := keep("workspaces", at(w, "data", "id"))
	keep("guardrails", at(w, "data", "default_guardrail_id"))
	has["workspaces"] = append(has["workspaces"], slug)
	keep("budgets", at(do("PUT", "/workspaces/"+workspace+"/budgets/monthly", `{"limit_usd":1000}`), "data", "id"))
	do("PATCH", "/organization/members/"+member, `{"first_name":"NAME"}`)
	keep("members", at(do("POST", "/organization/members", `{"email":"NAME@example.com"}`), "data", "id"))
	keep("invitations", at(do("POST", "/organization/invitations", `{"email":"NAME2@example.com"}`), "data", "id"))
	guardrail := keep("guardrails", at(do("POST", "/guardrails", `{"name":"NAME g","workspace_id":"SLUG"}`), "data", "id"))
	do("POST", "/guardrails/"+guardrail+"/assignments/members", `{"member_user_ids":["`+member+`"]}`)
	preset := do("POST", "/presets/preset-5b7e/chat/completions", `{"model":"m/x","messages":[{"role":"system","content":"NAME says"}]}`)
	has["presets"] = []string{"preset-5b7e"}
	keep("presets", at(preset, "data", "id"))
	keep("versions", at(preset, "data", "designated_version_id"))
	keep("byok", at(do("POST", "/byok", `{"provider":"gamma","key":"sk-NAME-1234567890","name":"NAME k"}`), "data", "id"))
	keep("destinations", at(do("POST", "/observability/destinations", `{"type":"webhook","name":"NAME d","workspace_id":"SLUG","enabled":false,"config":{"url":"https://NAME.test/x"}}`), "data", "id"))
	keep("federation-policies", at(do("POST", "/oauth/federation-policies", `{"name":"NAME f","issuer":"https://NAME.test","audience":"NAME","conditions":[{"claim":"sub","values":["NAME"]}]}`), "data", "id"))
	c.manage("POST", "/credits/grant", `{"amount":5,"organization":"`+organization+`"}`)
	key := do("POST", "/keys", `{"name":"NAME key","labels":{"NAME":"NAME"},"workspace_id":"SLUG"}`)
	hash := keep("keys", at(key, "data", "hash"))
	do("POST", "/guardrails/"+guardrail+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
	management := do("POST", "/keys", `{"name":"NAME m","is_management_key":true,"role":"owner"}`)
	keep("keys", at(management, "data", "hash"))
	c.provisioned(&caller{name: name, key: at(management, "key")}, named, keep)
	c.passkey(person, keep("passkeys", "passkey-of-"+person), name)
	c.requests(owner, &caller{name: name, key: at(key, "key")}, named, keep)
	list, _ := do("GET", "/me/sessions", "")["data"].([]any)
	for _, s := range list {
		keep("sessions", at(s, "id"))
	}
	return has
}

// provisioned is what an identity provider keeps.
func (c *company) provisioned(idp *caller, named *strings.Replacer, keep func(collection, id string) string) {
	post := func(path, body string) string {
		w := idp.do(c.handler, "POST", "/scim/v2"+path, named.Replace(body))
		var out map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 201 {
			c.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return at(out, "id")
	}
	user := keep("members", post("/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"NAME3@example.com","externalId":"NAME3"}`))
	group := keep("groups", post("/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"NAME","members":[{"value":"`+user+`"}]}`))
	keep("sync-jobs", at(idp.must(c.t, c.handler, "POST", "/scim/sync-jobs", ""), "data", "id"))
	keep("group-mappings", at(idp.must(c.t, c.handler, "POST", "/scim/group-mappings", named.Replace(`{"scim_group_id":"`+group+`","workspace_id":"SLUG","role":"member"}`)), "data", "id"))
}

// passkey gives a person one that opens nothing.
func (c *company) passkey(person, id, name string) {
	err := c.app.directory.Update(c.t.Context(), audit.Entry{Account: DefaultAccount}, func(tx *directory.Tx) error {
		p, _ := tx.Person(person)
		with := *p
		with.Passkeys = []account.Passkey{{ID: id, Name: name, Credential: json.RawMessage(`{}`)}}
		return tx.PutPerson(&with)
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// requests are some with everything that is kept of one. What they are found by is known to
// whoever probes in one half of them, and the name in the other.
func (c *company) requests(owner, asks *caller, named *strings.Replacer, keep func(collection, id string) string) {
	for _, by := range []struct{ session, user string }{{"NAME", "user-9f1b"}, {"session-4c2a", "NAME"}} {
		body := named.Replace(`{"model":"m/x","user":"` + by.user + `","session_id":"` + by.session + `","messages":[{"role":"user","content":"NAME"}]}`)
		id := keep("generations", asks.do(c.handler, "POST", "/api/v1/chat/completions", body).Header().Get("X-Generation-Id"))
		awaited(c.t, 200, func() *httptest.ResponseRecorder {
			return owner.do(c.handler, "GET", "/api/v1/generation/content?id="+id, "")
		})
		owner.must(c.t, c.handler, "POST", "/generation/feedback", named.Replace(`{"generation_id":"`+id+`","category":"other","comment":"NAME"}`))
	}
	newest := at(owner.must(c.t, c.handler, "GET", "/generations", ""), "newest")
	keep("before", newest)
	keep("after", newest)
	keep("session_id", "session-4c2a")
	keep("external_user", "user-9f1b")
	for _, who := range []*caller{asks, owner} { // whose web app gets its key so
		keep("responses", at(who.must(c.t, c.handler, "POST", "/responses", named.Replace(`{"model":"m/x","input":"NAME","store":true}`)), "id"))
	}
}

// view is all that an organisation sees of itself.
func (c *company) view(owner *caller) string {
	var b strings.Builder
	for _, path := range []string{"/organization", "/workspaces", "/workspaces/slug-8d1f/budgets", "/workspaces/slug-8d1f/members", "/organization/members", "/organization/invitations",
		"/guardrails", "/guardrails/assignments/keys", "/guardrails/assignments/members", "/presets", "/presets/preset-5b7e/versions", "/byok", "/credits", "/audit?limit=1000",
		"/keys?include_disabled=true&workspace_id=slug-8d1f", "/keys?management=true", "/me/passkeys", "/observability/destinations?workspace_id=slug-8d1f", "/oauth/federation-policies",
		"/scim/groups", "/scim/group-mappings", "/generations", "/generations/facets", "/credits/history", "/keys/report", "/organization/identity"} {
		out := owner.must(c.t, c.handler, "GET", path, "")
		delete(out, "newest") // another text each time
		raw, _ := json.Marshal(out)
		fmt.Fprintf(&b, "%s: %s\n", path, raw)
	}
	return b.String()
}

// TestNothingOfAnotherOrganisationIsSeen makes random requests of everything that the API has,
// with the ids of another organisation in every place, as callers of two organisations. No
// answer holds a name that the other one gave, or an id of a third one whose ids nobody
// sends; and nothing of the other one has changed afterwards.
func TestNothingOfAnotherOrganisationIsSeen(t *testing.T) { // not beside tests that need their time
	c := newCompany(t, `- {slug: m/draw, output_modalities: [image], endpoints: [{provider: alpha, upstream_model: d, price: {prompt: 1, completion: 1}}]}
responses: {store: all}
`)
	theirs := c.found("boss@theirs.test")
	ids := c.furnish(theirs, stranger, "slug-8d1f")
	before := c.view(theirs)
	nobodySends := c.found("boss@hidden.test")
	third := c.furnish(nobodySends, stranger+"-third", "slug-8d1f")
	organization := third["organizations"][0] // that it was made is in the first one's log
	hidden := slices.DeleteFunc(third.all(), func(id string) bool { return id == organization || slices.Contains(ids.all(), id) })
	ours := c.found("boss@ours.test")
	mine := c.furnish(ours, "ours", "slug-ours")
	callers := append(c.keysOf(ours),
		ours, c.join(ours, "dev@ours.test", account.Developer), c.join(ours, "view@ours.test", account.Viewer),
		&caller{name: "default management", key: c.management}, &caller{name: "nobody"})
	var workers sync.WaitGroup
	const each = 4
	var probers [each]*prober
	for seed := range uint64(each) {
		p := &prober{c: c, maker: newMaker(t, c.handler, ids, mine, seed), hidden: hidden, insider: theirs, tallies: map[string]*tally{}}
		probers[seed] = p
		workers.Go(func() { p.probe(callers, probes/each) })
	}
	workers.Wait()
	if after := c.view(theirs); after != before {
		was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
		for i := range was {
			if was[i] != is[i] {
				t.Errorf("something of theirs has changed:\n%s\n%s", was[i], is[i])
			}
		}
	}
	tallied(t, probers[:])
}

// keysOf are an inference key and a management key of an owner's organisation.
func (c *company) keysOf(owner *caller) []*caller {
	inference := owner.must(c.t, c.handler, "POST", "/keys", `{"name":"i"}`)
	management := owner.must(c.t, c.handler, "POST", "/keys", `{"name":"m","is_management_key":true,"role":"owner"}`)
	return []*caller{{name: "inference key", key: at(inference, "key")}, {name: "management key", key: at(management, "key")}}
}
