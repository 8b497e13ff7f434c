package manage

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// op is a provider on this machine: whoever comes is who claims says.
type op struct {
	*httptest.Server
	t      *testing.T
	key    *ecdsa.PrivateKey
	claims map[string]any
	asked  url.Values // at the authorization endpoint
	broken bool
}

func newOP(t *testing.T) *op {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &op{t: t, key: key, claims: map[string]any{"sub": "1", "email": "Lee@Corp.test", "email_verified": true, "name": "Lee", "groups": []string{"eng", "other"}}}
	s := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: "ES256"}}, Algorithms: []string{"ES256"}}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": o.URL, "jwks_uri": o.URL + "/keys", "authorization_endpoint": o.URL + "/auth", "token_endpoint": o.URL + "/token", "id_token_signing_alg_values_supported": []string{"ES256"}})
		case "/token":
			o.token(w, r)
		default:
			s.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(o.Close)
	s.SetIssuer(o.URL)
	return o
}

// token gives an ID token to who proves to have begun the flow (RFC 7636 §4.6).
func (o *op) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if o.broken || r.FormValue("code") != "right" || id != "us" || secret != "hush" || o.asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || r.FormValue("redirect_uri") != o.asked.Get("redirect_uri") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := maps.Clone(o.claims)
	for name, v := range map[string]any{"iss": o.URL, "aud": "us", "exp": noon.Add(time.Minute).Unix(), "nonce": o.asked.Get("nonce")} {
		if _, said := claims[name]; !said {
			claims[name] = v
		}
	}
	raw, _ := json.Marshal(claims)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": oidctest.SignIDToken(o.key, "k", "ES256", string(raw))})
}

// vouch makes the provider one of the house's.
func (h *house) vouch(o *op, change func(*signin.Provider)) {
	p := signin.Provider{ID: "corp", Name: "Corp", Client: oidc.Client{Issuer: o.URL, ID: "us", Secret: "hush", Scopes: []string{"email"}}, Domains: []string{"corp.test"},
		GroupsClaim: "groups", Role: account.Viewer, Organization: "default", Create: true,
		Groups: []signin.GroupRule{{Group: "eng", Role: account.Developer, Workspaces: []string{"team", "gone"}}, {Group: "leads", Role: account.Admin}}}
	if change != nil {
		change(&p)
	}
	h.Door.Providers, h.Door.Issuers, h.Door.Log = []signin.Provider{p}, oidc.New(oidc.Options{Private: true, Now: h.Now}), h.Log
}

// jar is a browser: it keeps cookies.
type jar map[string]string

func (h *house) visit(b jar, target string) reply {
	h.t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	for name, v := range b {
		r.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	got := h.through(h.Handler(), r)
	for _, c := range (&http.Response{Header: got.header}).Cookies() {
		if b[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b, c.Name)
		}
	}
	return got
}

// leave begins a sign-in and is the state that the provider gives back.
func (h *house) leave(o *op, b jar, back string) (state string) {
	h.t.Helper()
	got := h.visit(b, "/session/oidc/corp?return="+url.QueryEscape(back))
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != 302 || !strings.HasPrefix(to.String(), o.URL+"/auth?") {
		h.t.Fatalf("%d %s", got.status, got.header.Get("Location"))
	}
	o.asked = to.Query()
	return o.asked.Get("state")
}

// signIn walks the whole way and is where it ends.
func (h *house) signIn(o *op, b jar) string {
	h.t.Helper()
	state := h.leave(o, b, "/chat")
	return h.visit(b, "/session/oidc/corp/callback?code=right&state="+state).header.Get("Location")
}

func TestProviderSignsIn(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newOP(t)
	h.vouch(o, nil)
	if got := h.call("", "GET", "/session/options", ""); got.text("data", "oidc", 0, "id") != "corp" || got.text("data", "oidc", 0, "name") != "Corp" || strings.Contains(got.raw, "hush") {
		t.Error(got.raw)
	}
	b := jar{}
	if to := h.signIn(o, b); to != "/chat" {
		t.Fatal(to)
	}
	for name, want := range map[string]string{"response_type": "code", "code_challenge_method": "S256", "client_id": "us", "redirect_uri": "https://gw.test/api/v1/session/oidc/corp/callback", "scope": "email openid"} {
		if o.asked.Get(name) != want {
			t.Errorf("%s is %q", name, o.asked.Get(name))
		}
	}
	got := h.visit(b, "/session")
	if got.text("data", "person", "email") != "lee@corp.test" || got.text("data", "organization", "role") != "developer" || got.at("data", "person", "has_password") != false {
		t.Error(got.raw)
	}
	m, _ := h.Directory.MemberByEmail("default", "lee@corp.test")
	if w, _ := h.Directory.Workspace("default", "team"); len(w.Members) != 1 || w.Members[0].Member != m.ID || w.Members[0].SignIn != "corp" {
		t.Errorf("%+v", w.Members)
	}
	if list := h.visit(b, "/me/sessions"); list.text("data", 0, "method") != "oidc:corp" {
		t.Error(list.raw)
	}
	// Groups count at each sign-in.
	o.claims["groups"] = []string{"leads"}
	if h.signIn(o, b); h.visit(b, "/session").text("data", "organization", "role") != "admin" {
		t.Error("a new group gives nothing")
	}
	if w, _ := h.Directory.Workspace("default", "team"); len(w.Members) != 0 {
		t.Error("a group that is left still gives a workspace")
	}
	o.claims["groups"] = nil
	if h.signIn(o, b); h.visit(b, "/session").text("data", "organization", "role") != "viewer" {
		t.Error("who is in no group is no viewer")
	}
	if people := h.Directory.Persons(); len(people) != 2 {
		t.Errorf("%d people", len(people))
	}
	if log := h.ok("GET", "/audit?limit=2", ""); log.text("data", 1, "action") != "session.vouched" || log.text("data", 0, "action") != "session.create" || !strings.Contains(log.raw, "oidc:corp") {
		t.Error(log.raw)
	}
}

func TestWhomAProviderDoesNotSignIn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		claim  string
		value  any
		change func(*signin.Provider)
		want   string
	}{
		"unverified":            {"email_verified", false, nil, "email"},
		"verified says a text":  {"email_verified", "true", nil, ""},
		"not said":              {"email_verified", nil, nil, "email"},
		"not said, trusted":     {"email_verified", nil, func(p *signin.Provider) { p.Trusted = true }, ""},
		"unverified, trusted":   {"email_verified", false, func(p *signin.Provider) { p.Trusted = true }, "email"},
		"no address":            {"email", "", nil, "email"},
		"another domain":        {"email", "lee@other.test", nil, "domain"},
		"a domain within":       {"email", "lee@x.corp.test", nil, "domain"},
		"two at signs":          {"email", "lee@corp.test@corp.test", nil, "email"},
		"any domain":            {"email", "lee@other.test", func(p *signin.Provider) { p.Domains = []string{"*"} }, ""},
		"nobody's member":       {"sub", "1", func(p *signin.Provider) { p.Create = false }, "member"},
		"another nonce":         {"nonce", "x", nil, "refused"},
		"another audience":      {"aud", "them", nil, "refused"},
		"another client's":      {"azp", "them", nil, "refused"},
		"another issuer":        {"iss", "https://other.test", nil, "refused"},
		"expired":               {"exp", noon.Add(-time.Second).Unix(), nil, "refused"},
		"another organisation":  {"sub", "1", func(p *signin.Provider) { p.Organization = "none" }, "unavailable"},
		"a wrong client secret": {"sub", "1", func(p *signin.Provider) { p.Client.Secret = "no" }, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, o := newHouse(t), newOP(t)
			if o.claims[tc.claim] = tc.value; tc.value == nil {
				delete(o.claims, tc.claim)
			}
			h.vouch(o, tc.change)
			b, want := jar{}, "/chat"
			if tc.want != "" {
				want = "/signin?error=" + tc.want
			}
			if to := h.signIn(o, b); to != want {
				t.Errorf("leads to %s, want %s", to, want)
			}
			if _, in := b["dragoman_session"]; in != (tc.want == "") {
				t.Errorf("signed in: %v", in)
			}
		})
	}
}

// A callback counts once, in the browser that began, soon after.
func TestCallbacksAreTheBrowsersOwn(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newOP(t)
	now := noon
	h.Now = func() time.Time { return now }
	h.vouch(o, nil)
	ended := func(name string, b jar, query string) {
		t.Helper()
		if to := h.visit(b, "/session/oidc/corp/callback?"+query).header.Get("Location"); to != "/signin?error=expired" {
			t.Errorf("%s: %s", name, to)
		}
		if _, in := b["dragoman_session"]; in {
			t.Errorf("%s: signed in", name)
		}
	}
	victim, attacker := jar{}, jar{}
	state := h.leave(o, attacker, "/")
	ended("another browser", victim, "code=right&state="+state)
	state = h.leave(o, attacker, "/")
	h.leave(o, victim, "/")
	ended("a browser with a sign-in of its own", victim, "code=right&state="+state)
	ended("no state", jar{}, "code=right")
	b := jar{}
	state = h.leave(o, b, "/")
	walked := maps.Clone(b)
	if to := h.visit(b, "/session/oidc/corp/callback?code=right&state="+state).header.Get("Location"); to != "/" {
		t.Fatal(to)
	}
	ended("a second time", walked, "code=right&state="+state)
	late := jar{}
	state = h.leave(o, late, "/")
	now = now.Add(time.Hour)
	ended("too late", late, "code=right&state="+state)
	now = noon
	refused := jar{}
	state = h.leave(o, refused, "/")
	if to := h.visit(refused, "/session/oidc/corp/callback?error=access_denied&state="+state).header.Get("Location"); to != "/signin?error=refused" {
		t.Error(to)
	}
	for back, want := range map[string]string{"/keys?a=1": "/keys?a=1", "//evil.test": "/", "https://evil.test": "/", "/\\evil.test": "/", "": "/"} {
		b := jar{}
		state := h.leave(o, b, back)
		if to := h.visit(b, "/session/oidc/corp/callback?code=right&state="+state).header.Get("Location"); to != want {
			t.Errorf("return=%s leads to %s", back, to)
		}
	}
	o.Close()
	h.vouch(o, nil)
	if to := h.visit(jar{}, "/session/oidc/corp").header.Get("Location"); to != "/signin?error=unavailable" {
		t.Errorf("without a provider: %s", to)
	}
}

// Somebody who was a member before keeps the place; what was set for an address that nobody
// had vouched for does not open what it gets.
func TestProviderMeetsWhoIsThere(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newOP(t)
	h.vouch(o, func(p *signin.Provider) { p.Create = false })
	put := func(f func(*directory.Tx) error) {
		t.Helper()
		if err := h.Directory.Update(t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, f); err != nil {
			t.Fatal(err)
		}
	}
	squatter := &account.Person{ID: "squatter", Email: "lee@corp.test", Password: patHash(), Created: noon}
	m := &account.Member{ID: "lee", Account: "default", Email: "lee@corp.test", Role: account.Owner, Created: noon}
	put(func(tx *directory.Tx) error { return errors.Join(tx.PutPerson(squatter), tx.PutMember(m)) })
	b := jar{}
	if to := h.signIn(o, b); to != "/chat" {
		t.Fatal(to)
	}
	if p, _ := h.Directory.PersonByEmail("lee@corp.test"); p.ID != "squatter" || p.Password != "" || p.Verified.IsZero() {
		t.Errorf("%+v", p)
	}
	got := h.visit(b, "/session")
	if got.text("data", "organization", "role") != "owner" || got.text("data", "member_id") != "lee" {
		t.Error("an owner is demoted by groups: " + got.raw)
	}
	// Set after the provider has vouched, a password stays.
	put(func(tx *directory.Tx) error {
		p, _ := tx.Person("squatter")
		own := *p
		own.Password = patHash()
		return tx.PutPerson(&own)
	})
	h.signIn(o, b)
	if p, _ := h.Directory.Person("squatter"); p.Password == "" {
		t.Error("a password is gone")
	}
	put(func(tx *directory.Tx) error {
		now, _ := tx.Member("default", "lee")
		off := *now
		off.Disabled = true
		return tx.PutMember(&off)
	})
	if to := h.signIn(o, b); to != "/signin?error=deactivated" {
		t.Errorf("who is deactivated: %s", to)
	}
	put(func(tx *directory.Tx) error {
		other := *m
		other.Person = pat
		return tx.PutMember(&other)
	})
	if to := h.signIn(o, b); to != "/signin?error=member" {
		t.Errorf("another person's place: %s", to)
	}
}

// Who has signed in once is known by the subject alone: another address of theirs changes
// nothing but the address, and nobody else with the address is them.
func TestASubjectIsOnePerson(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newOP(t)
	h.vouch(o, nil)
	if to := h.signIn(o, jar{}); to != "/chat" {
		t.Fatal(to)
	}
	lee, _ := h.Directory.PersonBySubject(o.URL, "1")
	as := func(want, subject, email string, verified any) *account.Person {
		t.Helper()
		o.claims["sub"], o.claims["email"], o.claims["email_verified"] = subject, email, verified
		if to := h.signIn(o, jar{}); to != want {
			t.Errorf("%s as %s leads to %s, want %s", subject, email, to, want)
		}
		p, there := h.Directory.Person(lee.ID)
		if !there {
			t.Fatal("the person is gone")
		}
		return p
	}
	// Another account of the provider, to which the address was given.
	as("/signin?error=bound", "2", "lee@corp.test", true)
	// The same one with another address.
	if p := as("/chat", "1", "lee.ray@corp.test", true); p.Email != "lee.ray@corp.test" {
		t.Errorf("the address stays %s", p.Email)
	}
	m, _ := h.Directory.MemberOf("default", lee.ID)
	if m.Email != "lee.ray@corp.test" {
		t.Errorf("the member's address stays %s", m.Email)
	}
	// What the provider does not vouch for is no address, and no reason to stay outside.
	for _, email := range []string{"", "lee@other.test", "lee@corp.test"} {
		if p := as("/chat", "1", email, email != "lee@corp.test"); p.Email != "lee.ray@corp.test" {
			t.Errorf("%s became the address", p.Email)
		}
	}
	// Pat's address is Pat's.
	if p := as("/chat", "1", "pat@corp.test", true); p.Email != "pat@corp.test" {
		t.Error(p.Email)
	}
	h.Door.Providers[0].Domains = []string{"*"}
	if p := as("/chat", "1", "pat@example.com", true); p.Email != "pat@corp.test" {
		t.Error("a person took the address of another")
	}
	as("/signin?error=bound", "3", "pat@example.com", true) // whom another issuer knows
	// The old address is free, for somebody new with a place of their own.
	as("/chat", "2", "lee@corp.test", true)
	if next, _ := h.Directory.PersonBySubject(o.URL, "2"); next == nil || next.ID == lee.ID {
		t.Errorf("%+v", next)
	}
	as("/signin?error=refused", "", "x@corp.test", true)
	if log := h.ok("GET", "/audit?action=session.vouched", ""); !strings.Contains(log.raw, `"subject":"2"`) {
		t.Error(log.raw)
	}
	// After unlinking, the address counts once more.
	if got := h.trusted("POST", "/people/unlink", `{"email":"pat@corp.test"}`); got.status != 200 || got.at("data", "identity_provider") != nil {
		t.Error(got.raw)
	}
	if p := as("/chat", "4", "pat@corp.test", true); p.Subject == nil || p.Subject.ID != "4" {
		t.Errorf("%+v", p.Subject)
	}
	err := h.Directory.Update(t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		return tx.PutPerson(&account.Person{ID: "thief", Email: "thief@corp.test", Subject: &account.Subject{Issuer: o.URL, ID: "4"}})
	})
	if err == nil {
		t.Error("two people are one subject")
	}
}

// The address of a member that SCIM keeps is SCIM's.
func TestSignInLeavesAddressesToSCIM(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newOP(t)
	h.vouch(o, func(p *signin.Provider) { p.Create = false })
	err := h.Directory.Update(t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		return tx.PutMember(&account.Member{ID: "lee", Account: "default", Email: "lee@corp.test", Role: account.Developer, SCIM: &account.Provisioned{UserName: "lee"}, Created: noon})
	})
	if err != nil {
		t.Fatal(err)
	}
	h.signIn(o, jar{})
	o.claims["email"] = "lee.ray@corp.test"
	if to := h.signIn(o, jar{}); to != "/chat" {
		t.Fatal(to)
	}
	m, _ := h.Directory.Member("default", "lee")
	if p, _ := h.Directory.Person(m.Person); m.Email != "lee@corp.test" || p == nil || p.Email != "lee.ray@corp.test" {
		t.Errorf("%+v %+v", m, p)
	}
}
