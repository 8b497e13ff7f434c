package provision

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/scim"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// site is a server with a workspace and two keys of each account.
type site struct {
	*Server
	t     *testing.T
	store store.Store
}

func newSite(t *testing.T) *site {
	t.Helper()
	s, err := sqlite.Open(canary.Dir(t)+"/d.db", sqlite.Options{Logger: canary.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := directory.Open(t.Context(), s, directory.Options{Account: "a", Workspace: "home"})
	if err != nil {
		t.Fatal(err)
	}
	st := &site{t: t, store: s, Server: &Server{Directory: d, Now: func() time.Time { return noon }, Log: canary.Log(t),
		Client: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.1") },
		Origin: func(*http.Request) string { return "https://gw.test" },
		Authenticate: func(r *http.Request, now time.Time) (*account.Key, error) {
			k, ok := s.Key(account.KeyHash(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
			if !ok {
				return nil, fault.New(fault.NoKey, "Unknown API key")
			}
			return k, nil
		}}}
	st.key("admin", "a", account.Admin)
	st.key("owner", "a", account.Owner)
	st.key("developer", "a", account.Developer)
	st.key("other", "b", account.Admin)
	st.change(func(tx *directory.Tx) error {
		return tx.PutWorkspace(&account.Workspace{ID: "w", Account: "a", Slug: "w", Name: "W"})
	})
	return st
}

func (s *site) key(hash, of string, role account.Role) {
	s.t.Helper()
	err := s.store.PutKey(s.t.Context(), &account.Key{Hash: account.KeyHash(hash), Account: of, Management: true, Created: noon, Extras: account.Extras{Role: role}})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) change(f func(*directory.Tx) error) {
	s.t.Helper()
	if err := s.Directory.Update(s.t.Context(), audit.Entry{At: noon, Account: "a"}, f); err != nil {
		s.t.Fatal(err)
	}
}

// result is an answer, its JSON decoded.
type result struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// at is a member of the answer by its path, with numbers for elements of lists.
func (r result) at(path ...any) any {
	var v any = r.body
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

func (r result) id() string { id, _ := r.at("id").(string); return id }

func (s *site) as(key, method, path, body string, headers ...string) result {
	s.t.Helper()
	r := httptest.NewRequest(method, scim.Base+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	canary.Handler(s.t, s.Handler()).ServeHTTP(w, r)
	out := result{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if out.raw != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &out.body); err != nil || out.header.Get("Content-Type") != "application/scim+json" {
			s.t.Errorf("%s %s: not SCIM: %s", method, path, out.raw)
		}
	}
	if out.status >= 400 && (out.at("schemas", 0) != "urn:ietf:params:scim:api:messages:2.0:Error" || out.at("status") != fmt.Sprint(out.status) || out.at("detail") == "") {
		s.t.Errorf("%s %s: not SCIM's error: %d %s", method, path, out.status, out.raw)
	}
	return out
}

func (s *site) do(want int, method, path, body string, headers ...string) result {
	s.t.Helper()
	got := s.as("admin", method, path, body, headers...)
	if got.status != want {
		s.t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, got.status, want, got.raw)
	}
	return got
}

func (s *site) patch(want int, path, operations string) result {
	s.t.Helper()
	return s.do(want, "PATCH", path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operations+`]}`)
}

// found is how many the filter keeps.
func (s *site) found(path, filter string) result {
	s.t.Helper()
	return s.do(200, "GET", path+"?filter="+url.QueryEscape(filter), "")
}

// A user's life as Entra's validator walks it.
func TestUsers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if got := s.found("/Users", `userName eq "ann@example.com"`); got.at("totalResults") != 0. || got.at("Resources") == nil || got.at("schemas", 0) != "urn:ietf:params:scim:api:messages:2.0:ListResponse" {
		t.Fatal(got.raw)
	}
	const ann = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"ext-1","userName":"Ann@Example.com",
		"active":true,"password":"never kept","addresses":null,"emails":[{"primary":true,"type":"work","value":"ann.lee@example.com"}],"meta":{"resourceType":"User"},
		"name":{"formatted":"Ann Lee","familyName":"Lee","givenName":"Ann"},"roles":[]}`
	made := s.do(201, "POST", "/Users", ann)
	id := made.id()
	if made.at("userName") != "Ann@Example.com" || made.at("externalId") != "ext-1" || made.at("active") != true || made.at("emails", 0, "value") != "ann.lee@example.com" ||
		made.at("meta", "resourceType") != "User" || made.at("meta", "location") != "https://gw.test/scim/v2/Users/"+id || made.header.Get("Location") != "https://gw.test/scim/v2/Users/"+id ||
		made.header.Get("ETag") == "" || made.at("meta", "version") != made.header.Get("ETag") || strings.Contains(made.raw, "never kept") {
		t.Error(made.raw)
	}
	if dup := s.do(409, "POST", "/Users", ann); dup.at("scimType") != "uniqueness" {
		t.Error(dup.raw)
	}
	if dup := s.do(409, "POST", "/Users", strings.Replace(ann, "Ann@Example.com", "ANN@EXAMPLE.COM", 1)); dup.at("scimType") != "uniqueness" {
		t.Error(dup.raw)
	}
	for _, filter := range []string{`userName eq "ann@example.com"`, `externalId eq "ext-1"`, `emails[type eq "work"].value eq "ann.lee@example.com"`, `userName eq "ann@example.com" and active eq true`, `id eq "` + id + `"`} {
		if got := s.found("/Users", filter); got.at("totalResults") != 1. || got.at("Resources", 0, "id") != id {
			t.Errorf("%s: %s", filter, got.raw)
		}
	}
	got := s.do(200, "GET", "/Users/"+id, "")
	if got.raw != made.raw {
		t.Errorf("%s is not %s", got.raw, made.raw)
	}
	if lean := s.do(200, "GET", "/Users/"+id+"?attributes=userName,name.givenName", ""); lean.at("emails") != nil || lean.at("name", "familyName") != nil || lean.at("name", "givenName") != "Ann" || lean.id() != id {
		t.Error(lean.raw)
	}
	s.do(304, "GET", "/Users/"+id, "", "If-None-Match", got.header.Get("ETag"))
	s.do(412, "DELETE", "/Users/"+id, "", "If-Match", `W/"old"`)

	changed := s.patch(200, "/Users/"+id, `{"op":"Replace","path":"name.familyName","value":"Ray"},{"op":"Add","path":"displayName","value":"Ann R"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"ann.ray@example.com"}`)
	if changed.at("name", "familyName") != "Ray" || changed.at("displayName") != "Ann R" || changed.at("emails", 0, "value") != "ann.ray@example.com" || changed.header.Get("ETag") == got.header.Get("ETag") {
		t.Error(changed.raw)
	}
	s.patch(200, "/Users/"+id, `{"op":"replace","value":{"name.givenName":"Anna"}}`)
	s.patch(200, "/Users/"+id, `{"op":"Remove","path":"displayName"}`)
	if off := s.patch(200, "/Users/"+id, `{"op":"Replace","path":"active","value":"False"}`); off.at("active") != false || off.at("displayName") != nil || off.at("name", "givenName") != "Anna" {
		t.Error(off.raw)
	}
	if off := s.found("/Users", `userName eq "ann@example.com"`); off.at("Resources", 0, "active") != false {
		t.Error(off.raw)
	}
	if m, _ := s.Directory.Member("a", id); !m.Disabled {
		t.Error("who is not active is a member who is not disabled")
	}
	// What PUT does not say of activity stays; the rest is replaced.
	put := s.do(200, "PUT", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"zoe@example.com"}`)
	if put.at("active") != false || put.at("name") != nil || put.at("externalId") != nil || put.at("emails", 0, "value") != "zoe@example.com" || put.at("roles", 0, "value") != "developer" {
		t.Error(put.raw)
	}
	if renamed := s.patch(200, "/Users/"+id, `{"op":"Replace","path":"userName","value":"zoe2@example.com"},{"op":"replace","path":"active","value":true}`); renamed.at("emails", 0, "value") != "zoe2@example.com" || renamed.at("active") != true {
		t.Error(renamed.raw)
	}
	for body, scimType := range map[string]string{
		`x`: "invalidSyntax", `{}`: "invalidValue", `{"userName":"no address"}`: "invalidValue", `{"userName":"x@y.z","active":"perhaps"}`: "invalidValue",
		`{"userName":"x@y.z","roles":[{"value":"king"}]}`: "invalidValue",
	} {
		if bad := s.do(400, "POST", "/Users", body); bad.at("scimType") != scimType {
			t.Errorf("%s: %s", body, bad.raw)
		}
	}
	if bad := s.patch(400, "/Users/"+id, `{"op":"replace","path":"id","value":"x"}`); bad.at("scimType") != "mutability" {
		t.Error(bad.raw)
	}
	if bad := s.do(400, "GET", "/Users?filter=userName", ""); bad.at("scimType") != "invalidFilter" {
		t.Error(bad.raw)
	}
	s.do(404, "GET", "/Users/none", "")
	s.do(404, "PATCH", "/Users/none", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"displayName"}]}`)
	s.do(404, "PUT", "/Users/none", `{"userName":"x@y.z"}`)
	s.do(413, "PUT", "/Users/"+id, strings.Repeat("x", maxBody+1))
	if gone := s.do(204, "DELETE", "/Users/"+id, ""); gone.raw != "" {
		t.Error(gone.raw)
	}
	s.do(404, "DELETE", "/Users/"+id, "")
	s.do(404, "GET", "/Users/"+id, "")
	s.do(201, "POST", "/Users", ann)
}

func TestGroups(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var users []string
	for i := range 4 {
		users = append(users, s.do(201, "POST", "/Users", fmt.Sprintf(`{"userName":"u%d@example.com"}`, i)).id())
	}
	made := s.do(201, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"g-ext","displayName":"Engineering","meta":{"resourceType":"Group"}}`)
	id := made.id()
	if made.at("displayName") != "Engineering" || made.at("members") == nil || made.at("meta", "resourceType") != "Group" || made.header.Get("Location") == "" {
		t.Error(made.raw)
	}
	s.do(409, "POST", "/Groups", `{"displayName":"engineering"}`)
	s.do(400, "POST", "/Groups", `{"displayName":" "}`)
	if got := s.found("/Groups", `displayName eq "engineering"`); got.at("totalResults") != 1. {
		t.Error(got.raw)
	}
	s.change(func(tx *directory.Tx) error {
		return tx.PutMapping(&account.GroupMapping{ID: "m", Account: "a", Group: id, Workspace: "w", Role: account.PlaceMember})
	})
	members := func(want ...int) {
		t.Helper()
		got := s.do(200, "GET", "/Groups/"+id, "")
		list, _ := got.at("members").([]any)
		w, _ := s.Directory.Workspace("a", "w")
		ok := len(list) == len(want) && len(w.Members) == len(want)
		for i := range want {
			ok = ok && got.at("members", i, "value") == users[want[i]] && got.at("members", i, "display") == fmt.Sprintf("u%d@example.com", want[i])
		}
		if !ok {
			t.Errorf("want %v, group %s, workspace %v", want, got.raw, w.Members)
		}
	}
	s.patch(204, "/Groups/"+id, `{"op":"Add","path":"members","value":[{"$ref":null,"value":"`+users[0]+`"},{"value":"`+users[1]+`"}]}`)
	members(0, 1)
	s.patch(204, "/Groups/"+id, `{"op":"add","path":"members","value":[{"value":"`+users[1]+`"},{"value":"`+users[2]+`"}]}`)
	members(0, 1, 2)
	s.patch(204, "/Groups/"+id, `{"op":"remove","path":"members[value eq \"`+users[0]+`\"]"}`)
	members(1, 2)
	s.patch(204, "/Groups/"+id, `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"`+users[1]+`"}]}`)
	members(2)
	s.patch(204, "/Groups/"+id, `{"op":"replace","path":"members","value":[{"value":"`+users[3]+`"}]},{"op":"replace","value":{"id":"`+id+`","displayName":"Builders"}}`)
	members(3)
	if got := s.do(200, "GET", "/Users/"+users[3], ""); got.at("groups", 0, "display") != "Builders" || got.at("groups", 0, "value") != id {
		t.Error(got.raw)
	}
	if bad := s.patch(400, "/Groups/"+id, `{"op":"add","path":"members","value":[{"value":"nobody"}]}`); bad.at("scimType") != "invalidValue" {
		t.Error(bad.raw)
	}
	if lean := s.do(200, "GET", "/Groups/"+id+"?excludedAttributes=members", ""); lean.at("members") != nil || lean.at("displayName") != "Builders" {
		t.Error(lean.raw)
	}
	if full := s.do(200, "PATCH", "/Groups/"+id+"?attributes=displayName", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"Eng"}]}`); full.at("displayName") != "Eng" || full.at("members") != nil {
		t.Error(full.raw)
	}
	s.do(200, "PUT", "/Groups/"+id, `{"displayName":"Eng","members":[{"value":"`+users[0]+`"},{"value":"`+users[1]+`"},{"value":"`+users[0]+`"}]}`)
	members(0, 1)
	s.do(204, "DELETE", "/Users/"+users[0], "")
	members(1)
	s.do(412, "PUT", "/Groups/"+id, `{"displayName":"X"}`, "If-Match", `"old"`)
	s.do(204, "DELETE", "/Groups/"+id, "")
	if w, _ := s.Directory.Workspace("a", "w"); len(w.Members) != 0 {
		t.Error("places outlive their group")
	}
	s.do(404, "GET", "/Groups/"+id, "")
	s.do(404, "DELETE", "/Groups/"+id, "")
	s.do(404, "PUT", "/Groups/"+id, `{"displayName":"X"}`)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 5 {
		s.do(201, "POST", "/Users", fmt.Sprintf(`{"userName":"u%d@example.com"}`, i))
	}
	seen := map[any]bool{}
	for start := 1; start <= 5; start += 2 {
		page := s.do(200, "GET", fmt.Sprintf("/Users?startIndex=%d&count=2", start), "")
		if page.at("totalResults") != 5. || page.at("startIndex") != float64(start) || page.at("itemsPerPage") != float64(min(2, 6-start)) {
			t.Error(page.raw)
		}
		for i := range 2 {
			if name := page.at("Resources", i, "userName"); name != nil {
				seen[name] = true
			}
		}
	}
	if len(seen) != 5 {
		t.Errorf("pages have %v", seen)
	}
}

func TestWhatThereIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	config := s.do(200, "GET", "/ServiceProviderConfig", "")
	if config.at("patch", "supported") != true || config.at("filter", "maxResults") != 200. || config.at("bulk", "supported") != false || config.at("authenticationSchemes", 0, "type") != "oauthbearertoken" {
		t.Error(config.raw)
	}
	for _, path := range []string{"/ResourceTypes", "/Schemas"} {
		all := s.do(200, "GET", path, "")
		if all.at("totalResults") != 2. {
			t.Error(all.raw)
		}
		for i := range 2 {
			one := s.do(200, "GET", path+"/"+all.at("Resources", i, "id").(string), "")
			if one.id() != all.at("Resources", i, "id") {
				t.Error(one.raw)
			}
		}
	}
	// Every attribute of a user and a group that is shown is described.
	user := s.do(201, "POST", "/Users", `{"userName":"a@example.com","displayName":"A","externalId":"1","name":{"givenName":"A","familyName":"B"}}`)
	group := s.do(201, "POST", "/Groups", `{"displayName":"G","externalId":"1","members":[{"value":"`+user.id()+`"}]}`)
	for i, shown := range []result{user, group} {
		known := map[string]bool{"schemas": true, "id": true, "meta": true}
		list, _ := s.do(200, "GET", "/Schemas", "").at("Resources", i, "attributes").([]any)
		for _, a := range list {
			known[a.(map[string]any)["name"].(string)] = true
		}
		for name := range shown.body {
			if !known[name] {
				t.Errorf("%s is in no schema", name)
			}
		}
	}
	s.do(404, "GET", "/Nothing", "")
	s.do(405, "POST", "/Schemas", "")
	s.do(405, "DELETE", "/Users", "")
	s.do(501, "GET", "/Me", "")
	s.do(501, "POST", "/Bulk", "{}")
}

func TestWhoMayProvision(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for key, want := range map[string]int{"nobody": 401, "developer": 403, "admin": 200, "owner": 200, "other": 200} {
		if got := s.as(key, "GET", "/Users", ""); got.status != want {
			t.Errorf("%s: %d %s", key, got.status, got.raw)
		}
	}
	mine := s.do(201, "POST", "/Users", `{"userName":"ann@example.com"}`).id()
	for method, body := range map[string]string{"GET": "", "PUT": `{"userName":"x@y.z"}`, "DELETE": ""} {
		if got := s.as("other", method, "/Users/"+mine, body); got.status != 404 {
			t.Errorf("%s of another organisation: %d", method, got.status)
		}
	}
	if got := s.as("other", "POST", "/Groups", `{"displayName":"G","members":[{"value":"`+mine+`"}]}`); got.status != 400 {
		t.Error("a group has a user of another organisation")
	}
	s.do(403, "POST", "/Users", `{"userName":"boss@example.com","roles":[{"value":"owner","primary":true}]}`)
	boss := s.as("owner", "POST", "/Users", `{"userName":"boss@example.com","roles":[{"value":"owner","primary":true}]}`).id()
	s.patch(200, "/Users/"+boss, `{"op":"add","path":"externalId","value":"e"}`)
	s.patch(403, "/Users/"+boss, `{"op":"replace","path":"active","value":false}`)
	s.patch(403, "/Users/"+boss, `{"op":"replace","path":"roles","value":[{"value":"viewer"}]}`)
	s.patch(403, "/Users/"+boss, `{"op":"replace","path":"emails[type eq \"work\"].value","value":"other@example.com"}`)
	s.do(403, "DELETE", "/Users/"+boss, "")
	s.patch(200, "/Users/"+mine, `{"op":"Replace","path":"roles[primary eq \"True\"].value","value":"viewer"}`)
	if m, _ := s.Directory.Member("a", mine); m.Role != account.Viewer {
		t.Errorf("role %s", m.Role)
	}
}

// A member whom somebody made by hand is found and taken over.
func TestMembersThatWereThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.change(func(tx *directory.Tx) error {
		return tx.PutMember(&account.Member{ID: "m1", Account: "a", Email: "bob@example.com", First: "Bob", Role: account.Admin, Person: "p1", Created: noon})
	})
	if got := s.found("/Users", `userName eq "Bob@example.com"`); got.at("Resources", 0, "id") != "m1" {
		t.Fatal(got.raw)
	}
	s.do(409, "POST", "/Users", `{"userName":"bob@example.com"}`)
	s.do(409, "POST", "/Users", `{"userName":"bob2","emails":[{"value":"bob@example.com"}]}`)
	got := s.patch(200, "/Users/m1", `{"op":"add","path":"externalId","value":"e1"}`)
	if m, _ := s.Directory.Member("a", "m1"); m.Role != account.Admin || m.Person != "p1" || m.SCIM == nil || m.SCIM.External != "e1" || got.at("name", "givenName") != "Bob" {
		t.Errorf("%+v %s", m, got.raw)
	}
}

// A change counts at once for keys and sessions, and is in the audit log; one that changes
// nothing is not.
func TestDeactivationCountsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.do(201, "POST", "/Users", `{"userName":"ann@example.com"}`).id()
	key := &account.Key{Hash: "ann", Account: "a", Workspace: "home", Creator: id}
	if err := s.store.PutKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	s.change(func(tx *directory.Tx) error {
		m, _ := tx.Member("a", id)
		joined := *m
		joined.Person = "p"
		return errors.Join(tx.PutMember(&joined), tx.PutPerson(&account.Person{ID: "p", Email: "ann@example.com"}))
	})
	s.change(func(tx *directory.Tx) error {
		return tx.PutSession(&account.Session{Hash: "h", ID: "s", Person: "p", Account: "a", Member: id})
	})
	if _, in := s.Directory.Visit("h"); !in || s.Directory.Governs(key).Disabled != "" {
		t.Fatal("neither key nor session work before")
	}
	s.patch(200, "/Users/"+id, `{"op":"Replace","path":"active","value":"False"}`)
	if _, in := s.Directory.Visit("h"); in || s.Directory.Governs(key).Disabled == "" {
		t.Error("who was deactivated can go on")
	}
	s.patch(200, "/Users/"+id, `{"op":"Replace","path":"active","value":"False"}`)
	log, err := s.store.AuditLog(t.Context(), store.AuditFilter{Account: "a", Limit: 2})
	if err != nil || log[0].Action != "scim.user.update" || log[0].Actor != "admin" || log[0].Target != id || !strings.Contains(log[0].Detail, `"active":false`) || log[1].Action == "scim.user.update" {
		t.Errorf("%+v %v", log, err)
	}
	s.patch(200, "/Users/"+id, `{"op":"Replace","path":"active","value":"True"}`)
	if s.Directory.Governs(key).Disabled != "" {
		t.Error("the key of one who came back does not work")
	}
	s.do(204, "DELETE", "/Users/"+id, "")
	if k, _ := s.store.Key("ann"); !k.Disabled {
		t.Error("the key of one who is gone works")
	}
}

// A member whose address changes is the same person where a provider knows them by a subject
// and SCIM calls them the same; else the place, without the keys, is the next one's.
func TestAnotherAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject *account.Subject
		patch   string
		same    bool
	}{
		"bound":               {&account.Subject{Issuer: "https://op.test", ID: "1"}, "", true},
		"bound, another user": {&account.Subject{Issuer: "https://op.test", ID: "1"}, `,{"op":"Replace","path":"externalId","value":"e2"}`, false},
		"not bound":           {nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			id := s.do(201, "POST", "/Users", `{"userName":"ann@example.com","externalId":"e1"}`).id()
			s.change(func(tx *directory.Tx) error {
				m, _ := tx.Member("a", id)
				joined := *m
				joined.Person, joined.WebKey = "p", "web"
				tx.PutKey(&account.Key{Hash: "web", Account: "a", Workspace: "home", Creator: id})
				return errors.Join(tx.PutMember(&joined), tx.PutPerson(&account.Person{ID: "p", Email: "ann@example.com", Subject: c.subject}))
			})
			s.patch(200, "/Users/"+id, `{"op":"Replace","path":"userName","value":"ann.lee@example.com"}`+c.patch)
			m, _ := s.Directory.Member("a", id)
			k, _ := s.store.Key("web")
			if m.Email != "ann.lee@example.com" || (m.Person == "p") != c.same || (m.WebKey == "web") != c.same || k.Disabled == c.same {
				t.Errorf("%+v, key %+v", m, k)
			}
		})
	}
}

// Of many who add a member each, every one is heard.
func TestManyChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	group := s.do(201, "POST", "/Groups", `{"displayName":"G"}`).id()
	var all sync.WaitGroup
	for i := range 4 {
		user := s.do(201, "POST", "/Users", fmt.Sprintf(`{"userName":"u%d@example.com"}`, i)).id()
		all.Go(func() {
			body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"` + user + `"}]}]}`
			for s.as("admin", "PATCH", "/Groups/"+group, body).status == 503 {
			}
		})
	}
	all.Wait()
	if g, _ := s.Directory.Group("a", group); len(g.Members) != 4 {
		t.Errorf("%d members", len(g.Members))
	}
}

// An identity provider that takes the last owner away would lock everybody out.
func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	as := func(want int, method, path, body string) result {
		t.Helper()
		got := s.as("owner", method, path, body)
		if got.status != want {
			t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, got.status, want, got.raw)
		}
		return got
	}
	boss := as(201, "POST", "/Users", `{"userName":"boss@example.com","roles":[{"value":"owner"}]}`).id()
	next := as(201, "POST", "/Users", `{"userName":"next@example.com"}`).id()
	join := func(id string) {
		s.change(func(tx *directory.Tx) error {
			m, _ := tx.Member("a", id)
			joined := *m
			joined.Person = "p" + id
			return errors.Join(tx.PutMember(&joined), tx.PutPerson(&account.Person{ID: "p" + id, Email: m.Email}))
		})
	}
	join(boss)
	join(next)
	off := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}`
	for _, c := range [][3]string{{"PATCH", "/Users/" + boss, off}, {"DELETE", "/Users/" + boss, ""}} {
		if got := as(409, c[0], c[1], c[2]); !strings.Contains(got.raw, "no owner who signs in") {
			t.Errorf("%s: %s", c[0], got.raw)
		}
	}
	as(200, "PATCH", "/Users/"+next, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"roles","value":[{"value":"owner"}]}]}`)
	as(200, "PATCH", "/Users/"+boss, off)
	as(204, "DELETE", "/Users/"+boss, "")
}
