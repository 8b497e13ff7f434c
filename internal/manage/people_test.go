package manage

import (
	"encoding/base32"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/totp"
)

// browser keeps its cookie, as browsers do.
type browser struct {
	h      *house
	cookie string
	site   string // Sec-Fetch-Site
}

func (b *browser) do(method, target, body string) reply {
	b.h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: b.cookie})
	}
	if b.site != "" {
		r.Header.Set("Sec-Fetch-Site", b.site)
	}
	out := b.h.through(b.h.Handler(), r)
	for _, c := range (&http.Response{Header: out.header}).Cookies() {
		if b.cookie = c.Value; c.MaxAge < 0 {
			b.cookie = ""
		}
	}
	return out
}

// want is do with a status.
func (b *browser) want(status int, method, target, body string) reply {
	b.h.t.Helper()
	out := b.do(method, target, body)
	if out.status != status {
		b.h.t.Fatalf("%s %s: %d, want %d: %s", method, target, out.status, status, out.raw)
	}
	return out
}

const patSignsIn = `{"email":"pat@example.com","password":"correct horse battery"}`

// pat is Pat's browser, signed in.
func (h *house) pat() *browser {
	h.t.Helper()
	b := &browser{h: h}
	b.want(201, "POST", "/session", patSignsIn)
	return b
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := &browser{h: h}
	if o := b.want(200, "GET", "/session/options", ""); o.at("data", "setup_required") != false || o.at("data", "version") != "test" {
		t.Error(o.raw)
	}
	b.want(401, "GET", "/session", "")
	b.want(401, "POST", "/session", `{"email":"pat@example.com","password":"wrong"}`)
	b.want(400, "POST", "/session", `{"email":"pat@example.com"}`)
	if b.cookie != "" {
		t.Fatal("a cookie without a sign-in")
	}
	in := b.want(201, "POST", "/session", patSignsIn)
	if in.at("data", "organization", "id") != "default" || in.at("data", "organization", "role") != "owner" || in.at("data", "member_id") != patMember ||
		in.at("data", "person", "has_password") != true || in.at("data", "expires_at") != "2026-03-18T12:00:00Z" || !strings.Contains(in.raw, `"owners:write"`) {
		t.Error(in.raw)
	}
	if in.at("data", "workspaces", 0, "slug") != "default" || in.at("data", "workspaces", 0, "id") != in.at("data", "default_workspace_id") {
		t.Error("a session does not name the workspaces: ", in.raw)
	}
	if got := b.want(200, "GET", "/session", ""); got.raw != in.raw {
		t.Error(got.raw)
	}
	old := b.cookie
	b.want(200, "DELETE", "/session", "")
	if b.cookie != "" {
		t.Error("the browser keeps its cookie")
	}
	b.cookie = old
	b.want(401, "GET", "/session", "")
}

func TestAPageOfAnotherSiteCannotUseASession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.pat()
	token := b.cookie
	for _, site := range []string{"cross-site", "same-site"} {
		b.site = site
		for _, c := range []struct {
			method, target, body string
			want                 int
		}{
			{"POST", "/keys", `{"name":"n"}`, 403},
			{"DELETE", inferencePath, "", 403},
			{"PATCH", "/organization", `{"name":"Theirs"}`, 403},
			{"DELETE", "/session", "", 403},
			{"POST", "/session", patSignsIn, 403}, // nobody is signed in by another's page
			{"POST", "/session/passkey/options", "", 403},
			{"POST", "/invitations/accept", `{"token":"t"}`, 403},
			{"POST", "/setup", `{"token":"t"}`, 403},
			{"GET", "/session", "", 401}, // the cookie is not looked at
			{"GET", "/keys", "", 401},
			{"GET", "/audit", "", 401},
		} {
			b.want(c.want, c.method, c.target, c.body)
		}
	}
	b.site = "same-origin"
	if b.want(200, "GET", "/organization", ""); b.cookie != token {
		t.Error("the session has changed")
	}
}

// TestGetHasNoEffect: no operation that a link can have a browser make changes anything.
func TestGetHasNoEffect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.pat()
	before := h.audited()
	for _, v := range visits {
		if v.method == "GET" {
			b.do("GET", furnished.Replace(v.target), "")
		}
	}
	if after := h.audited(); after != before {
		t.Errorf("%d entries of the audit log, %d before", after, before)
	}
}

func (h *house) audited() int {
	h.t.Helper()
	list, _ := h.trusted("GET", "/audit?limit=1000", "").at("data").([]any)
	return len(list)
}

// A key that is shown is what counts, and the cookie beside it is nothing.
func TestAKeyGoesBeforeACookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.session(account.Owner)
	for key, want := range map[string]int{inferenceKey: 403, "sk-or-v1-unknown": 401, managementKey: 200} {
		r := httptest.NewRequest("GET", "/keys", nil)
		r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: token})
		r.Header.Set("Authorization", "Bearer "+key)
		if got := h.through(h.Handler(), r); got.status != want {
			t.Errorf("%s: %d", key, got.status)
		}
	}
}

func TestPasswordChangeSignsOutEverywhereElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, there := h.pat(), h.pat()
	before := here.cookie
	here.want(403, "POST", "/me/password", `{"current":"wrong","new":"another horse"}`)
	here.want(400, "POST", "/me/password", `{"current":"correct horse battery","new":"short"}`)
	here.want(200, "POST", "/me/password", `{"current":"correct horse battery","new":"another horse"}`)
	if here.cookie == before {
		t.Error("the token is the one from before")
	}
	here.want(200, "GET", "/session", "")
	there.want(401, "GET", "/session", "")
	(&browser{h: h, cookie: before}).want(401, "GET", "/session", "")
	(&browser{h: h}).want(401, "POST", "/session", patSignsIn)
	(&browser{h: h}).want(201, "POST", "/session", strings.Replace(patSignsIn, "correct horse battery", "another horse", 1))
}

func TestADisabledMemberIsOutAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.pat()
	if got := h.trusted("PATCH", "/organization/members/"+patMember, `{"disabled":true}`); got.status != 200 {
		t.Fatal(got.raw)
	}
	b.want(401, "GET", "/session", "")
	b.want(403, "POST", "/session", patSignsIn)
	h.trusted("PATCH", "/organization/members/"+patMember, `{"disabled":false}`)
	b.want(201, "POST", "/session", patSignsIn)
	h.trusted("DELETE", "/organization/members/"+patMember, "")
	b.want(401, "GET", "/session", "")
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b, other := h.pat(), h.pat()
	offer := b.want(200, "POST", "/me/totp", "")
	if u := offer.text("data", "url"); !strings.HasPrefix(u, "otpauth://totp/Dragoman:pat@example.com?secret="+offer.text("data", "secret")) {
		t.Error(u)
	}
	b.want(400, "POST", "/me/totp/confirm", `{"code":"000000"}`)
	before := b.cookie
	done := b.want(200, "POST", "/me/totp/confirm", `{"code":"`+codeOf(t, offer.text("data", "secret"), noon)+`"}`)
	codes, _ := done.at("data", "recovery_codes").([]any)
	if len(codes) != 10 || b.cookie == before {
		t.Error(done.raw)
	}
	other.want(401, "GET", "/session", "")
	fresh := &browser{h: h}
	if next := fresh.want(401, "POST", "/session", patSignsIn); next.at("error", "metadata", "next") != "code" {
		t.Error(next.raw)
	}
	fresh.want(201, "POST", "/session", `{"email":"pat@example.com","password":"correct horse battery","code":"`+codes[0].(string)+`"}`)
	fresh.want(403, "DELETE", "/me/totp", `{"password":"wrong"}`)
	fresh.want(200, "DELETE", "/me/totp", `{"password":"correct horse battery"}`)
	(&browser{h: h}).want(201, "POST", "/session", patSignsIn)
}

// codeOf is the code of a secret as it is typed.
func codeOf(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return totp.Code(raw, totp.Step(now))
}

func TestWhereIAmSignedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, there := h.pat(), h.pat()
	list, _ := here.want(200, "GET", "/me/sessions", "").at("data").([]any)
	if len(list) != 2 {
		t.Fatalf("%v", list)
	}
	for _, s := range list {
		if s := s.(map[string]any); s["current"] == false {
			here.want(200, "DELETE", "/me/sessions/"+s["id"].(string), "")
		}
	}
	there.want(401, "GET", "/session", "")
	here.want(200, "GET", "/session", "")
	here.want(404, "DELETE", "/me/sessions/"+session, "")
}

func TestOwnKeysOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	others := h.ok("POST", "/keys", `{"name":"others"}`).text("data", "hash")
	dev := h.session(account.Developer)
	mine := h.as(dev, "POST", "/keys", `{"name":"mine"}`)
	if mine.status != 201 || mine.at("data", "creator_user_id") != patMember {
		t.Fatal(mine.raw)
	}
	for _, c := range []struct {
		method, target, body string
		want                 int
	}{
		{"GET", "/keys/" + others, "", 404},
		{"PATCH", "/keys/" + others, `{}`, 404},
		{"DELETE", "/keys/" + others, "", 404},
		{"POST", "/keys/" + others + "/rotate", `{}`, 404},
		{"POST", "/keys", `{"name":"x","creator_user_id":"` + member + `"}`, 400},
		{"POST", "/keys", `{"name":"x","creator_user_id":null}`, 400},
		{"POST", "/keys", `{"name":"x","workspace_id":"team"}`, 400}, // not in it
		{"POST", "/keys", `{"name":"x","is_management_key":true}`, 403},
		{"POST", "/auth/keys/code", `{"callback_url":"https://app.test/","workspace_id":"team"}`, 400},
		{"GET", "/keys/" + mine.text("data", "hash"), "", 200},
		{"PATCH", "/keys/" + mine.text("data", "hash"), `{"limit":1}`, 200},
	} {
		if got := h.as(dev, c.method, c.target, c.body); got.status != c.want {
			t.Errorf("%s %s %s: %d %s", c.method, c.target, c.body, got.status, got.raw)
		}
	}
	for _, target := range []string{"/keys?include_disabled=true", "/keys?management=true", "/keys/report", "/guardrails/assignments/keys"} {
		if got := h.as(dev, "GET", target, ""); strings.Contains(got.raw, others) || strings.Contains(got.raw, string(account.HashKey(inferenceKey))) {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	admin := h.session(account.Admin)
	if got := h.as(admin, "GET", "/keys/"+others, ""); got.status != 200 {
		t.Error(got.raw)
	}
	if got := h.as(admin, "POST", "/keys", `{"name":"x","workspace_id":"team"}`); got.status != 201 || got.at("data", "creator_user_id") != nil {
		t.Error(got.raw)
	}
}

func TestTheMemberIsTheActor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.pat().want(201, "POST", "/keys", `{"name":"n"}`)
	last := h.trusted("GET", "/audit?limit=2", "")
	if last.at("data", 0, "actor") != patMember || last.at("data", 0, "action") != "key.create" || last.at("data", 1, "action") != "session.create" || last.at("data", 1, "actor") != patMember {
		t.Error(last.raw)
	}
}

// tenant makes an organisation and is its owner's browser and id.
func (h *house) tenant(email string) (*browser, string) {
	h.t.Helper()
	made := h.trusted("POST", "/organizations", `{"name":"Theirs","owner_email":"`+email+`"}`)
	_, token, _ := strings.Cut(made.text("data", "invitation", "url"), "#token=")
	b := &browser{h: h}
	b.want(201, "POST", "/invitations/accept", `{"token":"`+token+`","name":"Boss","password":"correct horse battery"}`)
	return b, made.text("data", "id")
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	boss, id := h.tenant("boss@example.com")
	if b, err := h.Store.Balance(t.Context(), "default"); err != nil || b.Granted != 0 {
		t.Fatal(b, err)
	}
	home := boss.want(200, "GET", "/organization", "").text("data", "default_workspace_id")
	if got := boss.want(200, "GET", "/workspaces", ""); got.at("total_count") != json.Number("1") || got.at("data", 0, "id") != home || got.at("data", 0, "slug") != "default" {
		t.Error(got.raw)
	}
	boss.want(403, "DELETE", "/workspaces/default", "")
	key := boss.want(201, "POST", "/keys", `{"name":"k"}`)
	if key.at("data", "workspace_id") != home {
		t.Error(key.raw)
	}
	if got := boss.want(200, "GET", "/workspaces/default/members", ""); got.at("total_count") != json.Number("1") {
		t.Error(got.raw)
	}
	for target, body := range map[string]string{"/organizations": `{"name":"More"}`, "/vault/rotate": "", "/credits/grant": `{"amount":1}`} {
		if got := boss.want(403, "POST", target, body); !strings.Contains(got.message(), "first organization") {
			t.Error(got.raw)
		}
	}
	if got := h.trusted("POST", "/credits/grant", `{"amount":3,"organization":"`+id+`"}`); got.status != 200 {
		t.Fatal(got.raw)
	}
	h.trusted("POST", "/credits/grant", `{"amount":1,"organization":"none"}`)
	if got := boss.want(200, "GET", "/credits", ""); got.at("data", "total_credits") != json.Number("3") {
		t.Error(got.raw)
	}
	boss.want(200, "PATCH", "/organization", `{"name":"Renamed"}`)
	if got := h.trusted("GET", "/organizations", ""); got.at("total_count") != json.Number("2") || got.at("data", 1, "name") != "Renamed" || got.at("data", 0, "id") != "default" {
		t.Error(got.raw)
	}
	if got := boss.want(200, "GET", "/organizations", ""); got.at("total_count") != json.Number("1") {
		t.Error(got.raw)
	}
}

// TestSwitch: one person in two organisations sees one at a time.
func TestSwitch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	boss, id := h.tenant("boss@example.com")
	link := boss.want(201, "POST", "/organization/invitations", `{"email":"pat@example.com","role":"developer"}`).text("data", "url")
	_, token, _ := strings.Cut(link, "#token=")
	pats := h.pat()
	if got := pats.want(201, "POST", "/invitations/accept", `{"token":"`+token+`"}`); got.at("data", "organization", "id") != id || got.at("data", "organization", "role") != "developer" {
		t.Fatal(got.raw)
	}
	pats.want(403, "POST", "/organization/members", `{"email":"x@example.com"}`)
	before := pats.cookie
	back := pats.want(200, "PATCH", "/session", `{"organization":"default"}`)
	if back.at("data", "organization", "role") != "owner" || pats.cookie == before {
		t.Error(back.raw)
	}
	pats.want(201, "POST", "/organization/members", `{"email":"x@example.com"}`)
	(&browser{h: h, cookie: before}).want(401, "GET", "/session", "")
	pats.want(400, "PATCH", "/session", `{"organization":"none"}`)
	boss.want(400, "PATCH", "/session", `{"organization":"default"}`)
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.session(account.Admin)
	if got := h.as(admin, "POST", "/organization/invitations", `{"email":"x@example.com","role":"owner"}`); got.status != 403 {
		t.Error(got.raw)
	}
	if got := h.as(admin, "POST", "/organization/invitations", `{"email":"pat@example.com"}`); got.status != 409 {
		t.Error(got.raw)
	}
	if got := h.as(admin, "POST", "/organization/invitations", `{"email":"x@example.com","workspace_ids":["none"]}`); got.status != 400 {
		t.Error(got.raw)
	}
	first := h.as(admin, "POST", "/organization/invitations", `{"email":"ann@example.com","role":"developer","workspace_ids":["team","default"]}`)
	if first.status != 201 || first.at("data", "invited_by") != patMember || first.at("data", "workspace_ids", 0) != team || first.at("data", "workspace_ids", 1) != nil {
		t.Fatal(first.raw)
	}
	again := h.as(admin, "POST", "/organization/invitations", `{"email":"ann@example.com"}`) // replaces it
	list := h.as(admin, "GET", "/organization/invitations", "")
	if list.at("total_count") != json.Number("2") || strings.Contains(list.raw, first.text("data", "id")) || strings.Contains(list.raw, "url") {
		t.Error(list.raw)
	}
	accept := func(r reply) int {
		_, token, _ := strings.Cut(r.text("data", "url"), "#token=")
		return (&browser{h: h}).do("POST", "/invitations/accept", `{"token":"`+token+`","password":"correct horse battery"}`).status
	}
	if got := accept(first); got != 403 {
		t.Errorf("a link that was replaced: %d", got)
	}
	if got := accept(again); got != 201 {
		t.Errorf("%d", got)
	}
	if m, _ := h.Directory.Member("default", member); m.Person == "" || m.Email != "ann@example.com" {
		t.Errorf("the member that was there is not hers: %+v", m)
	}
}

func TestSetUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.empty()
	b := &browser{h: h}
	if got := b.want(200, "GET", "/session/options", ""); got.at("data", "setup_required") != true {
		t.Error(got.raw)
	}
	link := h.trusted("POST", "/setup/token", "").text("data", "url")
	base, token, _ := strings.Cut(link, "#token=")
	if base != "http://localhost/setup" {
		t.Error(link)
	}
	const rest = `,"organization":"Acme","email":"First@example.com","name":"First","password":"correct horse battery"}`
	b.want(403, "POST", "/setup", `{"token":"wrong"`+rest)
	in := b.want(201, "POST", "/setup", `{"token":"`+token+`"`+rest)
	if in.at("data", "organization", "name") != "Acme" || in.at("data", "organization", "role") != "owner" || in.at("data", "person", "email") != "first@example.com" {
		t.Error(in.raw)
	}
	b.want(200, "GET", "/session", "")
	b.want(410, "POST", "/setup", `{"token":"`+token+`"`+rest)
}

// empty opens a directory where nobody is.
func (h *house) empty() {
	h.t.Helper()
	err := h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		tx.DeleteMember(patMember)
		return tx.DeletePerson(h.t.Context(), pat, noon)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestKeyReport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.empty()
	off := &account.Member{ID: "off", Account: "default", Email: "off@example.com", Role: account.Viewer, Disabled: true, Created: noon, WebKey: account.HashKey("web")}
	err := h.Directory.Update(t.Context(), audit.Entry{At: noon, Account: "default"}, func(tx *directory.Tx) error { return tx.PutMember(off) })
	if err != nil {
		t.Fatal(err)
	}
	limit := money.Dollar
	for _, plain := range []string{inferenceKey, managementKey} {
		k := h.key(plain)
		k.Disabled = true
		h.put(&k)
	}
	put := func(plain string, k account.Key) {
		k.Hash, k.Name, k.Account, k.Workspace = account.HashKey(plain), plain, "default", workspace
		h.put(&k)
	}
	month := noon.AddDate(0, -2, 0)
	good := account.Key{Created: month, Limit: &limit, Expires: noon.Add(time.Hour), Extras: account.Extras{Networks: []string{"192.0.2.1"}}}
	put("good", good)
	h.settle(&generation.Record{ID: "gen-1", Created: noon.AddDate(0, 0, -3), Account: "default", Key: string(account.HashKey("good")), Outcome: generation.Completed}, 0)
	put("idle", good)
	fresh := good
	fresh.Created, fresh.Creator = noon, "gone"
	put("orphan", fresh)
	put("open", account.Key{Created: noon})
	put("web", account.Key{Created: noon, Creator: "off"})
	put("chief", account.Key{Created: month, Creator: "off", Management: true, Expires: noon.Add(time.Hour), Extras: account.Extras{Role: account.Admin, Networks: []string{"192.0.2.1"}}})
	got := map[string]string{}
	report := h.trusted("GET", "/keys/report", "")
	list, _ := report.at("data").([]any)
	for _, row := range list {
		row := row.(map[string]any)
		var found []string
		for _, f := range row["findings"].([]any) {
			found = append(found, f.(string))
		}
		got[row["name"].(string)] = strings.Join(found, " ")
	}
	for name, want := range map[string]string{
		"good": "", "idle": "unused", "orphan": "member_gone", "open": "no_limit no_expiry any_address",
		"web": "no_limit member_disabled", "chief": "mighty member_disabled role_above",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if only := h.trusted("GET", "/keys/report?finding=unused", ""); only.at("total_count") != json.Number("1") || only.at("data", 0, "name") != "idle" || only.at("data", 0, "last_used_on") != nil {
		t.Error(only.raw)
	}
}

// TestTheLastOwnerStays: an organisation without one could not make another.
func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.session(account.Owner)
	pat := "/organization/members/" + patMember
	for _, v := range [][3]string{{"PATCH", pat, `{"role":"admin"}`}, {"PATCH", pat, `{"disabled":true}`}, {"DELETE", pat, ""}} {
		if got := h.as(token, v[0], v[1], v[2]); got.status != 409 || !strings.Contains(got.message(), "make another member an owner first") {
			t.Errorf("%s %s: %s", v[0], v[2], got.raw)
		}
	}
	if got := h.as(token, "PATCH", pat, `{"first_name":"Pat"}`); got.status != 200 {
		t.Error(got.raw)
	}
	h.as(token, "PATCH", "/organization/members/"+member, `{"role":"owner"}`) // who never signed in
	if got := h.as(token, "DELETE", pat, ""); got.status != 409 {
		t.Error(got.raw)
	}
	if got := h.trusted("PATCH", pat, `{"role":"viewer"}`); got.status != 200 {
		t.Error(got.raw)
	}
}

// TestAWebKeyIsNotRotated: its member would ask in the web app with a key that has ended.
func TestAWebKeyIsNotRotated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made := h.ok("POST", "/keys", `{"name":"Web app","creator_user_id":"`+member+`"}`)
	hash := account.KeyHash(made.text("data", "hash"))
	err := h.Directory.Update(t.Context(), audit.Entry{At: noon, Account: "default"}, func(tx *directory.Tx) error {
		m, _ := tx.Member("default", member)
		web := *m
		web.WebKey = hash
		return tx.PutMember(&web)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.refused(409, "nobody has its plaintext", "POST", "/keys/"+string(hash)+"/rotate", `{}`)
	h.refused(400, "creator_user_id must be absent", "PATCH", "/keys/"+string(hash), `{"creator_user_id":null}`)
}
