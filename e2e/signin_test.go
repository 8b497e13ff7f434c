package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The addresses that browsers of these tests know: publicAddress leads to the gateway,
// jobAddress nowhere.
const (
	publicAddress = "http://gateway.test"
	jobAddress    = "http://job.test/back"
)

// cameBack is where the gateway's provider of an id sends browsers back to.
func cameBack(id string) string { return publicAddress + "/api/v1/session/oidc/" + id + "/callback" }

// provider starts the OpenID Connect provider in a folder here, for clients at some addresses,
// and is its issuer.
func provider(t *testing.T, folder string, back ...string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), folder)
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".")
	build.Dir, build.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, out)
	}
	cmd := exec.Command(bin, back...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // it ends with its input
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	issuer, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(issuer)
}

// browser keeps cookies, follows redirects that stay, and finds the gateway at its public
// address.
func browser(t *testing.T, g *gateway, stay func(*url.URL) bool) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: patience,
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "gateway.test:80" {
				address = strings.TrimPrefix(g.Address, "http://")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}},
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if stay(r.URL) {
				return http.ErrUseLastResponse
			}
			return nil
		}}
}

// read is the status and text of an answer.
func read(t *testing.T, res *http.Response, err error) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// logIn opens an address that leads to the provider's form, fills it in, and is where the
// browser was sent then.
func logIn(t *testing.T, b *http.Client, address, issuer, user string) *url.URL {
	t.Helper()
	res, err := b.Get(address)
	_, page := read(t, res, err)
	id := hiddenID.FindStringSubmatch(page)
	if id == nil {
		t.Fatalf("%s shows no form: %s", address, page)
	}
	res, err = b.PostForm(issuer+"/login/username", url.Values{"id": {id[1]}, "username": {user}, "password": {"verysecure"}})
	status, page := read(t, res, err)
	to, err := res.Location()
	if err != nil {
		t.Fatalf("the form leads nowhere: %d %s", status, page)
	}
	return to
}

// TestSignInWithProvider: a browser signs in at a provider that we share nothing with, through
// its form, and comes back signed in, with what its groups give; what the browser asks is paid
// by its member.
func TestSignInWithProvider(t *testing.T) {
	issuer := provider(t, "op", cameBack("corp"), jobAddress)
	g := launched(t, configured(t, `public_url: `+publicAddress+`
sign_in:
  oidc:
    - id: corp
      name: Corp
      issuer: `+issuer+`
      client_id: gateway
      client_secret: secret of the gateway
      domains: [zitadel.ch]
      create: true
      role: viewer
      groups:
        - {group: of id1, role: admin, workspaces: [research]}
        - {group: staff, role: developer}
`))
	if a := g.ask(t, "POST", "/api/v1/workspaces", g.Management, `{"name":"Research","slug":"research"}`); a.status != http.StatusCreated {
		t.Fatal(a.body)
	}
	app := func(u *url.URL) bool { return u.Host == "gateway.test" && u.Path == "/chat" }
	for user, role := range map[string]string{"test-user@127.0.0.1": "admin", "test-user2": "developer"} {
		b := browser(t, g, app)
		if to := logIn(t, b, publicAddress+"/api/v1/session/oidc/corp?return=/chat", issuer, user); to.String() != publicAddress+"/chat" {
			t.Fatalf("%s: the sign-in leads to %s; the log: %s", user, to, g.log)
		}
		res, err := b.Get(publicAddress + "/api/v1/session")
		status, session := read(t, res, err)
		if status != 200 || !strings.Contains(session, `"role":"`+role+`"`) || !strings.Contains(session, "@zitadel.ch") {
			t.Errorf("%s: %d %s", user, status, session)
		}
		res, err = b.Post(publicAddress+"/api/v1/chat/completions", "application/json", strings.NewReader(chat(routes[0], "Hello!", "")))
		if status, said := read(t, res, err); status != 200 {
			t.Errorf("%s: %d %s", user, status, said)
		}
	}
	if a := g.ask(t, "GET", "/api/v1/workspaces/research/members", g.Management, ""); strings.Count(a.body, `"user_id"`) != 1 {
		t.Errorf("a group gives a workspace to others: %s", a.body)
	}
	// Who is deactivated by SCIM is signed out, and does not come in again.
	b := browser(t, g, app)
	logIn(t, b, publicAddress+"/api/v1/session/oidc/corp?return=/chat", issuer, "test-user2")
	found := g.ask(t, "GET", "/scim/v2/Users?filter="+url.QueryEscape(`emails[type eq "work"].value eq "test-user2@zitadel.ch"`), g.Management, "")
	var list struct{ Resources []struct{ ID string } }
	if err := json.Unmarshal([]byte(found.body), &list); err != nil || len(list.Resources) != 1 {
		t.Fatal(found.body)
	}
	off := g.ask(t, "PATCH", "/scim/v2/Users/"+list.Resources[0].ID, g.Management, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`)
	res, err := b.Get(publicAddress + "/api/v1/session")
	if status, said := read(t, res, err); off.status != 200 || status != http.StatusUnauthorized {
		t.Errorf("who is deactivated is signed in: %s, %d %s", off.body, status, said)
	}
	refused := func(u *url.URL) bool { return u.Host == "gateway.test" && u.Path == "/signin" }
	if to := logIn(t, browser(t, g, refused), publicAddress+"/api/v1/session/oidc/corp", issuer, "test-user2"); to.Query().Get("error") != "deactivated" {
		t.Errorf("who is deactivated comes in again: %s", to)
	}
}

// TestWorkloadIdentity: a job that the provider has given a token exchanges it, and asks with
// what it gets, at the limit of its policy.
func TestWorkloadIdentity(t *testing.T) {
	issuer := provider(t, "op", cameBack("corp"), jobAddress)
	g := launched(t, configured(t, "workloads: {private_issuers: true}\n"))
	made := g.ask(t, "POST", "/api/v1/oauth/federation-policies", g.Management, `{"name":"job","issuer":"`+issuer+`","audience":"job","rate_limits":{"requests_per_minute":1},"conditions":[{"claim":"sub","values":["id1"]}]}`)
	var policy struct{ Data struct{ ID string } }
	if err := json.Unmarshal([]byte(made.body), &policy); err != nil || made.status != http.StatusCreated {
		t.Fatal(made.body)
	}
	for user, want := range map[string]int{"test-user@127.0.0.1": 200, "test-user2": 400} {
		status, said := exchange(t, g, policy.Data.ID, idToken(t, g, issuer, user))
		if status != want {
			t.Fatalf("%s: %d %s; the log: %s", user, status, said, g.log)
		}
		if status != 200 {
			continue
		}
		var issued struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(said), &issued); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{200, http.StatusTooManyRequests} {
			if a := g.ask(t, "POST", "/api/v1/chat/completions", issued.Token, chat(routes[0], "Hello!", "")); a.status != want {
				t.Errorf("%d, want %d: %s", a.status, want, a.body)
			}
		}
		if a := g.ask(t, "GET", "/api/v1/keys", issued.Token, ""); a.status != http.StatusForbidden {
			t.Errorf("an access token manages: %d %s", a.status, a.body)
		}
	}
}

// exchange asks for an access token by a policy, with what a provider gave the job.
func exchange(t *testing.T, g *gateway, policy, token string) (int, string) {
	t.Helper()
	res, err := http.PostForm(g.Address+"/api/v1/oauth/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {token},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:id_token"}, "federation_policy_id": {policy}})
	return read(t, res, err)
}

// idToken is what the provider gives the job for a user.
func idToken(t *testing.T, g *gateway, issuer, user string) string {
	t.Helper()
	b := browser(t, g, func(u *url.URL) bool { return u.Host == "job.test" })
	to := logIn(t, b, issuer+"/auth?"+jobAsks.Encode(), issuer, user)
	return redeemed(t, issuer+"/oauth/token", to.Query().Get("code"))
}

// jobAsks is what the job sends a browser to its provider with.
var jobAsks = url.Values{"client_id": {"job"}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {jobAddress}}

// redeemed is the ID token that the job gets for its code.
func redeemed(t *testing.T, endpoint, code string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", endpoint,
		strings.NewReader(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {jobAddress}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("job", url.QueryEscape("secret of the job"))
	res, err := http.DefaultClient.Do(r)
	status, said := read(t, res, err)
	var given struct {
		Token string `json:"id_token"`
	}
	if err := json.Unmarshal([]byte(said), &given); err != nil || given.Token == "" {
		t.Fatalf("the provider gives no token: %d %s", status, said)
	}
	return given.Token
}
