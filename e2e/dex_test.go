package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// remote is somebody that the proxy before dex vouches for.
type remote struct{ id, email, groups string }

// through says at dex, and nowhere else, who it is.
func (who remote) through(next http.RoundTripper, issuer string) http.RoundTripper {
	return tripper(func(r *http.Request) (*http.Response, error) {
		if "http://"+r.URL.Host == issuer {
			r = r.Clone(r.Context())
			r.Header.Set("X-Remote-User-Id", who.id)
			r.Header.Set("X-Remote-User", who.id)
			r.Header.Set("X-Remote-User-Email", who.email)
			r.Header.Set("X-Remote-Group", who.groups)
		}
		return next.RoundTrip(r)
	})
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// atDex is a browser of somebody that stops where the gateway sends it to dex, and where the
// walk ends.
func atDex(t *testing.T, g *gateway, issuer string, who remote) *http.Client {
	t.Helper()
	b := browser(t, g, func(u *url.URL) bool {
		return "http://"+u.Host+u.Path == issuer+"/auth" || u.Host == "job.test" || u.Host == "gateway.test" && (u.Path == "/chat" || u.Path == "/signin")
	})
	b.Transport = who.through(b.Transport, issuer)
	return b
}

// walk signs in; change is done to what the gateway asks dex for. It is where the browser is
// sent in the end, and what the session is then.
func walk(t *testing.T, b *http.Client, provider string, change func(asked url.Values)) (end, session string) {
	t.Helper()
	to := sent(t, b, publicAddress+"/api/v1/session/oidc/"+provider+"?return=/chat")
	asked := to.Query()
	change(asked)
	to.RawQuery = asked.Encode()
	end = strings.TrimPrefix(sent(t, b, to.String()).String(), publicAddress)
	res, err := b.Get(publicAddress + "/api/v1/session")
	_, session = read(t, res, err)
	return end, session
}

// sent is where an address sends a browser.
func sent(t *testing.T, b *http.Client, address string) *url.URL {
	t.Helper()
	res, err := b.Get(address)
	status, page := read(t, res, err)
	to, err := res.Location()
	if err != nil {
		t.Fatalf("%s leads nowhere: %d %s", address, status, page)
	}
	return to
}

func unchanged(url.Values) {}

// corpAtDex is a gateway whose people sign in at two issuers.
func corpAtDex(t *testing.T, issuer, other string) *gateway {
	t.Helper()
	common := `client_id: gateway, client_secret: secret of the gateway, scopes: [email, profile, groups], domains: [example.org], create: true, role: viewer`
	g := launched(t, configured(t, `public_url: `+publicAddress+`
workloads: {private_issuers: true}
sign_in:
  oidc:
    - {id: corp, name: Corp, issuer: "`+issuer+`", `+common+`, groups: [{group: authors, role: admin, workspaces: [research]}, {group: readers, role: developer}]}
    - {id: other, name: Other, issuer: "`+other+`", `+common+`}
`))
	if a := g.ask(t, "POST", "/api/v1/workspaces", g.Management, `{"name":"Research","slug":"research"}`); a.status != http.StatusCreated {
		t.Fatal(a.body)
	}
	return g
}

// TestSignInWithDex: issuer and subject say who it is, the domain whether they may, the groups
// of this time what.
func TestSignInWithDex(t *testing.T) {
	issuer, other := provider(t, "dex", cameBack("corp")), provider(t, "dex", cameBack("other"))
	g := corpAtDex(t, issuer, other)
	members := map[string]string{}
	for _, tc := range []struct {
		name     string
		who      remote
		provider string
		end      string
		role     string // "" nobody is signed in
		research int    // members of the workspace then
	}{
		{"the first time", remote{"ann", "ann@example.org", "authors, readers"}, "corp", "/chat", "admin", 1},
		{"another group", remote{"ann", "ann@example.org", "readers"}, "corp", "/chat", "developer", 0},
		{"another address", remote{"ann", "ann.lee@example.org", ""}, "corp", "/chat", "viewer", 0},
		{"another subject with her address", remote{"eve", "ann.lee@example.org", "authors"}, "corp", "/signin?error=bound", "", 0},
		{"another issuer with her subject and address", remote{"ann", "ann.lee@example.org", ""}, "other", "/signin?error=bound", "", 0},
		{"another issuer with her subject", remote{"ann", "ann@example.org", "authors"}, "other", "/chat", "viewer", 0},
		{"another domain", remote{"max", "max@example.com", "authors"}, "corp", "/signin?error=domain", "", 0},
		{"a domain below", remote{"max", "max@a.example.org", "authors"}, "corp", "/signin?error=domain", "", 0},
		{"a domain that ends so", remote{"max", "max@notexample.org", "authors"}, "corp", "/signin?error=domain", "", 0},
		{"somebody else", remote{"bob", "bob@example.org", "authors"}, "corp", "/chat", "admin", 1},
	} {
		from := issuer
		if tc.provider == "other" {
			from = other
		}
		end, said := walk(t, atDex(t, g, from, tc.who), tc.provider, unchanged)
		var session struct {
			Data struct {
				Member       string `json:"member_id"`
				Organization struct{ Role string }
				Person       struct{ Email string }
			}
		}
		if err := json.Unmarshal([]byte(said), &session); err != nil || end != tc.end || session.Data.Organization.Role != tc.role || tc.role != "" && session.Data.Person.Email != tc.who.email {
			t.Errorf("%s: %s, %s; the log: %s", tc.name, end, said, g.log)
		}
		if a := g.ask(t, "GET", "/api/v1/workspaces/research/members", g.Management, ""); strings.Count(a.body, `"user_id"`) != tc.research {
			t.Errorf("%s: in the workspace: %s", tc.name, a.body)
		}
		if tc.role == "" {
			continue
		}
		subject := tc.provider + " " + tc.who.id
		if known := members[subject]; known != "" && known != session.Data.Member {
			t.Errorf("%s: is %s and was %s", tc.name, session.Data.Member, known)
		}
		members[subject] = session.Data.Member
	}
	if different := slices.Compact(slices.Sorted(maps.Values(members))); len(members) != 3 || len(different) != 3 {
		t.Errorf("the members are %v", members)
	}
}

// TestDexCodesOfOthers: a code that dex gave for anything but what the gateway asked of this
// browser signs nobody in.
func TestDexCodesOfOthers(t *testing.T) {
	issuer := provider(t, "dex", cameBack("corp"))
	for name, tc := range map[string]struct {
		change func(asked url.Values)
		end    string
		says   string // in the log
	}{
		"another nonce":     {func(q url.Values) { q.Set("nonce", "x") }, "/signin?error=refused", "the ID token is from another sign-in"},
		"no nonce":          {func(q url.Values) { q.Del("nonce") }, "/signin?error=refused", "the ID token is from another sign-in"},
		"another challenge": {func(q url.Values) { q.Set("code_challenge", strings.Repeat("x", 43)) }, "/signin?error=refused", "Invalid code_verifier"},
		"no challenge":      {func(q url.Values) { q.Del("code_challenge"); q.Del("code_challenge_method") }, "/signin?error=refused", "No PKCE flow started"},
		"another client":    {func(q url.Values) { q.Set("client_id", "job") }, "/signin?error=refused", "exchange the code"},
		"another state":     {func(q url.Values) { q.Set("state", "x") }, "/signin?error=expired", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := corpAtDex(t, issuer, issuer)
			b := atDex(t, g, issuer, remote{"ann", "ann@example.org", "authors"})
			if end, session := walk(t, b, "corp", tc.change); end != tc.end || strings.Contains(session, "member_id") {
				t.Errorf("%s, %s; the log: %s", end, session, g.log)
			}
			if err := g.log.await(tc.says); err != nil {
				t.Error(err)
			}
			if end, session := walk(t, b, "corp", unchanged); end != "/chat" || !strings.Contains(session, "member_id") {
				t.Errorf("as it was asked: %s, %s", end, session)
			}
		})
	}
}

// TestDexTokenForAnother: an ID token of dex is worth something to the policy of its audience
// alone.
func TestDexTokenForAnother(t *testing.T) {
	issuer := provider(t, "dex", jobAddress)
	g := corpAtDex(t, issuer, issuer)
	for audience, want := range map[string]int{"job": http.StatusOK, "gateway": http.StatusBadRequest} {
		made := g.ask(t, "POST", "/api/v1/oauth/federation-policies", g.Management, `{"name":"`+audience+`","issuer":"`+issuer+`","audience":"`+audience+`","conditions":[{"claim":"email","values":["ann@example.org"]}]}`)
		var policy struct{ Data struct{ ID string } }
		if err := json.Unmarshal([]byte(made.body), &policy); err != nil || made.status != http.StatusCreated {
			t.Fatal(made.body)
		}
		asked := maps.Clone(jobAsks)
		asked.Set("scope", "openid email")
		back := sent(t, atDex(t, g, issuer, remote{"ann", "ann@example.org", ""}), issuer+"/auth/proxy?"+asked.Encode())
		if status, said := exchange(t, g, policy.Data.ID, redeemed(t, issuer+"/token", back.Query().Get("code"))); status != want {
			t.Errorf("for %s: %d %s; the log: %s", audience, status, said, g.log)
		}
	}
}
