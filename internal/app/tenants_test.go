package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
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

// furnish fills an organisation with one of everything, each named after the stranger, and is
// the ids.
func (c *company) furnish(owner *caller) (ids []string) {
	do := func(method, path, body string) map[string]any { return owner.must(c.t, c.handler, method, path, body) }
	id := func(out map[string]any, path ...string) string {
		s := at(out, path...)
		ids = append(ids, s)
		return s
	}
	me := do("GET", "/session", "")
	id(me, "data", "person", "id")
	member := id(me, "data", "member_id")
	organization := id(do("PATCH", "/organization", `{"name":"zqcanary inc"}`), "data", "id")
	id(do("GET", "/organization", ""), "data", "default_workspace_id")
	do("PATCH", "/me", `{"name":"zqcanary boss"}`)
	w := do("POST", "/workspaces", `{"name":"zqcanary w","slug":"slug-8d1f","description":"zqcanary"}`)
	workspace := id(w, "data", "id")
	id(w, "data", "default_guardrail_id")
	ids = append(ids, "slug-8d1f", "preset-5b7e")
	id(do("PUT", "/workspaces/"+workspace+"/budgets/monthly", `{"limit_usd":1000}`), "data", "id")
	do("PATCH", "/organization/members/"+member, `{"first_name":"zqcanary"}`)
	id(do("POST", "/organization/members", `{"email":"zqcanary@example.com"}`), "data", "id")
	id(do("POST", "/organization/invitations", `{"email":"zqcanary2@example.com"}`), "data", "id")
	guardrail := id(do("POST", "/guardrails", `{"name":"zqcanary g","workspace_id":"slug-8d1f"}`), "data", "id")
	do("POST", "/guardrails/"+guardrail+"/assignments/members", `{"member_user_ids":["`+member+`"]}`)
	preset := do("POST", "/presets/preset-5b7e/chat/completions", `{"model":"m/x","messages":[{"role":"system","content":"zqcanary says"}]}`)
	id(preset, "data", "id")
	id(preset, "data", "designated_version_id")
	id(do("POST", "/byok", `{"provider":"gamma","key":"sk-zqcanary-1234567890","name":"zqcanary k"}`), "data", "id")
	c.manage("POST", "/credits/grant", `{"amount":5,"organization":"`+organization+`"}`)
	key := do("POST", "/keys", `{"name":"zqcanary key","labels":{"zqcanary":"zqcanary"},"workspace_id":"slug-8d1f"}`)
	hash := id(key, "data", "hash")
	do("POST", "/guardrails/"+guardrail+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
	id(do("POST", "/keys", `{"name":"zqcanary m","is_management_key":true}`), "data", "hash")
	k := &caller{name: "zqcanary", key: at(key, "key")}
	answer := k.do(c.handler, "POST", "/api/v1/chat/completions", `{"model":"m/x","user":"zqcanary","session_id":"zqcanary","messages":[{"role":"user","content":"zqcanary"}]}`)
	ids = append(ids, answer.Header().Get("X-Generation-Id"))
	id(k.must(c.t, c.handler, "POST", "/responses", `{"model":"m/x","input":"zqcanary","store":true}`), "id")
	list, _ := do("GET", "/me/sessions", "")["data"].([]any)
	for _, s := range list {
		ids = append(ids, at(s, "id"))
	}
	if slices.Contains(ids, "") {
		c.t.Fatalf("something has no id: %q", ids)
	}
	return ids
}

// view is all that an organisation sees of itself.
func (c *company) view(owner *caller) string {
	var b strings.Builder
	for _, path := range []string{"/organization", "/workspaces", "/workspaces/slug-8d1f/budgets", "/workspaces/slug-8d1f/members", "/organization/members", "/organization/invitations",
		"/guardrails", "/guardrails/assignments/keys", "/guardrails/assignments/members", "/presets", "/presets/preset-5b7e/versions", "/byok", "/credits", "/audit?limit=1000",
		"/keys?include_disabled=true&workspace_id=slug-8d1f", "/keys?management=true", "/me/passkeys"} {
		raw, _ := json.Marshal(owner.must(c.t, c.handler, "GET", path, ""))
		fmt.Fprintf(&b, "%s: %s\n", path, raw)
	}
	return b.String()
}

// maker makes requests of the API's own description, with the ids of others wherever a text
// may stand.
type maker struct {
	*rand.Rand
	doc map[string]any
	ops []described
	ids []string
}

// described is an operation of the description.
type described struct {
	method, path string
	op           map[string]any
}

// spared are the operations that would end what the probe needs, and the one by which the first
// organisation does change another: it grants credit.
var spared = map[string]bool{"POST /credits/grant": true, "DELETE /session": true, "POST /me/password": true, "POST /vault/rotate": true, "POST /session": true, "POST /me/totp": true, "POST /me/totp/confirm": true}

func newMaker(t *testing.T, h http.Handler, ids []string, seed uint64) *maker {
	t.Helper()
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1)), ids: ids}
	if err := json.Unmarshal((&caller{}).do(h, "GET", "/openapi.json", "").Body.Bytes(), &m.doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range m.doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			if name := strings.ToUpper(method) + " " + path; method != "parameters" && method != "servers" && !spared[name] {
				m.ops = append(m.ops, described{strings.ToUpper(method), path, op.(map[string]any)})
			}
		}
	}
	slices.SortFunc(m.ops, func(a, b described) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return m
}

// request is a random one.
func (m *maker) request() (method, target, body string) {
	o := m.ops[m.IntN(len(m.ops))]
	path := o.path
	for strings.Contains(path, "{") {
		from, to := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		value := m.id()
		switch path[from+1 : to] {
		case "author":
			value = "m"
		case "interval":
			value = "monthly"
		case "version":
			value = "1"
		}
		path = path[:from] + url.PathEscape(value) + path[to+1:]
	}
	if !strings.HasPrefix(path, "/v1beta") && path != "/openapi.json" && path != "/healthz" && path != "/metrics" {
		path = "/api/v1" + path
	}
	q := url.Values{}
	params, _ := o.op["parameters"].([]any)
	for _, p := range params {
		p, _ := m.resolve(p).(map[string]any)
		if p["in"] == "query" && (p["required"] == true || m.IntN(3) == 0) {
			q.Set(fmt.Sprint(p["name"]), strings.Trim(m.value(p["schema"], 0), `"`))
		}
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	if o.method == "GET" {
		return o.method, path, ""
	}
	in, _ := o.op["requestBody"].(map[string]any)
	content, _ := in["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	return o.method, path, m.value(media["schema"], 0)
}

func (m *maker) id() string { return m.ids[m.IntN(len(m.ids))] }

func (m *maker) resolve(v any) any {
	for {
		s, _ := v.(map[string]any)
		ref, ok := s["$ref"].(string)
		if !ok {
			return v
		}
		v = m.doc
		for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			v = v.(map[string]any)[step]
		}
	}
}

// value is JSON of a schema, more often good than not.
func (m *maker) value(schema any, depth int) string {
	s, _ := m.resolve(schema).(map[string]any)
	if list, ok := s["enum"].([]any); ok {
		raw, _ := json.Marshal(list[m.IntN(len(list))])
		return string(raw)
	}
	for _, some := range []string{"oneOf", "anyOf"} {
		if list, ok := s[some].([]any); ok {
			return m.value(list[m.IntN(len(list))], depth)
		}
	}
	kind, _ := s["type"].(string)
	if list, ok := s["type"].([]any); ok {
		kind = fmt.Sprint(list[m.IntN(len(list))])
	}
	switch kind {
	case "object":
		return m.object(s, depth)
	case "array":
		return "[" + m.value(s["items"], depth+1) + "]"
	case "integer", "number":
		return fmt.Sprint(1 + m.IntN(5))
	case "boolean":
		return fmt.Sprint(m.IntN(2) == 0)
	case "null":
		return "null"
	}
	return m.text()
}

func (m *maker) object(s map[string]any, depth int) string {
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(map[string]any)
	var members []string
	for name, schema := range properties {
		must := slices.ContainsFunc(required, func(r any) bool { return r == name })
		if must || depth < 4 && m.IntN(3) == 0 {
			members = append(members, fmt.Sprintf("%q:%s", name, m.member(name, schema, depth)))
		}
	}
	slices.Sort(members) // for the same seed the same
	return "{" + strings.Join(members, ",") + "}"
}

// member is a value that passes the first checks where its name tells how.
func (m *maker) member(name string, schema any, depth int) string {
	switch name {
	case "model":
		return []string{`"m/x"`, `"m/x@preset/preset-5b7e"`, `"@preset/preset-5b7e"`}[m.IntN(3)]
	case "email", "owner_email":
		return fmt.Sprintf(`"u%d@example.org"`, m.IntN(50))
	case "provider":
		return `"gamma"`
	case "callback_url":
		return `"https://app.test/"`
	case "messages":
		return `[{"role":"user","content":"hello"}]`
	case "slug":
		return fmt.Sprintf(`"s%d"`, m.IntN(50))
	}
	return m.value(schema, depth+1)
}

func (m *maker) text() string {
	if m.IntN(4) == 0 {
		return fmt.Sprintf(`"text %d"`, m.IntN(100))
	}
	return fmt.Sprintf("%q", m.id())
}

// TestNothingOfAnotherOrganisationIsSeen makes random requests of everything that the API has,
// with the ids of another organisation in every place, as callers of two organisations. No
// answer holds a name that the other one gave, or an id of a third one whose ids nobody
// sends; and nothing of the other one has changed afterwards.
func TestNothingOfAnotherOrganisationIsSeen(t *testing.T) { // not beside tests that need their time
	c := newCompany(t, "responses: {store: all}\n")
	theirs := c.found("boss@theirs.test")
	ids := c.furnish(theirs)
	before := c.view(theirs)
	nobodySends := c.found("boss@hidden.test")
	organization := at(nobodySends.must(t, c.handler, "GET", "/organization", ""), "data", "id") // that it was made is in the first one's log
	hidden := slices.DeleteFunc(c.furnish(nobodySends), func(id string) bool { return id == organization || slices.Contains(ids, id) })
	ours := c.found("boss@ours.test")
	first := c.keysOf(ours)
	callers := append(first,
		ours, c.join(ours, "dev@ours.test", account.Developer), c.join(ours, "view@ours.test", account.Viewer),
		&caller{name: "default management", key: c.management}, &caller{name: "nobody"})
	var workers sync.WaitGroup
	const each = 4
	for seed := range uint64(each) {
		workers.Go(func() { c.probe(newMaker(t, c.handler, ids, seed), hidden, callers, probes/each) })
	}
	workers.Wait()
	if after := c.view(theirs); after != before {
		t.Errorf("something of theirs has changed:\n%s\n%s", before, after)
	}
}

// keysOf are an inference key and a management key of an owner's organisation.
func (c *company) keysOf(owner *caller) []*caller {
	inference := owner.must(c.t, c.handler, "POST", "/keys", `{"name":"i"}`)
	management := owner.must(c.t, c.handler, "POST", "/keys", `{"name":"m","is_management_key":true,"role":"owner"}`)
	return []*caller{{name: "inference key", key: at(inference, "key")}, {name: "management key", key: at(management, "key")}}
}

func (c *company) probe(m *maker, hidden []string, callers []*caller, n int) {
	for made := 0; made < n; {
		who := *callers[m.IntN(len(callers))]
		method, target, body := m.request()
		if method == "POST" && m.IntN(4) != 0 && !strings.Contains(target, "completions") {
			continue // or there is very much of everything
		}
		if who.key == c.management && strings.HasPrefix(target, "/api/v1/credits/grant") {
			continue // the first organisation grants others credit
		}
		made++
		w := who.do(c.handler, method, target, body)
		answer := fmt.Sprint(w.Header()) + w.Body.String()
		if strings.Contains(strings.ToLower(answer), stranger) {
			c.t.Errorf("%s %s %s as %s tells a name of another organisation: %d %s", method, target, body, who.name, w.Code, w.Body)
			return
		}
		for _, id := range hidden {
			if strings.Contains(answer, id) {
				c.t.Errorf("%s %s %s as %s tells the id %s of another organisation: %d %s", method, target, body, who.name, id, w.Code, w.Body)
				return
			}
		}
	}
}
