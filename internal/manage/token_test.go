package manage

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// forge is an issuer on this machine.
type forge struct {
	*httptest.Server
	key *ecdsa.PrivateKey
}

func newForge(t *testing.T) *forge {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: "ES256"}}, Algorithms: []string{"ES256"}}
	f := &forge{httptest.NewServer(s), key}
	t.Cleanup(f.Close)
	s.SetIssuer(f.URL)
	return f
}

// token says of its subject what a job of GitHub Actions would.
func (f *forge) token(repository string, ends time.Time) string {
	return oidctest.SignIDToken(f.key, "k", "ES256", fmt.Sprintf(`{"iss":%q,"aud":"https://gw.test","sub":"repo:%s:ref:refs/heads/main","repository":%q,"ref":"refs/heads/main","exp":%d,"iat":%d}`,
		f.URL, repository, repository, ends.Unix(), ends.Unix()-300))
}

// exchange asks for a token; pairs change the form, an empty value takes a parameter away.
func (h *house) exchange(policy, subject string, pairs ...string) reply {
	h.t.Helper()
	form := url.Values{"grant_type": {tokenExchange}, "subject_token": {subject}, "subject_token_type": {jwtType}, "federation_policy_id": {policy}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if form.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			form.Del(pairs[i])
		}
	}
	r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.through(h.Handler(), r)
}

func (h *house) policy(issuer string) string {
	h.t.Helper()
	return h.ok("POST", "/oauth/federation-policies", `{"name":"deploy","issuer":"`+issuer+`","audience":"https://gw.test","workspace_id":"team","limit":5,"limit_reset":"daily","allowed_models":["openai/*"],
		"rate_limits":{"requests_per_minute":10},"token_seconds":600,"conditions":[{"claim":"repository","values":["acme/app"]},{"claim":"ref","values":["refs/heads/*"]}]}`).text("data", "id")
}

func TestWorkloadGetsAToken(t *testing.T) {
	t.Parallel()
	h, f := newHouse(t), newForge(t)
	id := h.policy(f.URL)
	subject := f.token("acme/app", noon.Add(time.Minute))
	got := h.exchange(id, subject)
	if got.status != 200 || got.at("expires_in") != json.Number("600") || got.text("token_type") != "Bearer" || got.text("scope") != "inference" || got.header.Get("Cache-Control") != "no-store" {
		t.Fatal(got.raw)
	}
	token := got.text("access_token")
	k, err := h.WorkloadKey(token, noon)
	if err != nil || k.Name != "deploy" || k.Workspace != team || k.Management || k.Limit.String() != "5" || k.LimitReset != account.Daily || k.Rate.Requests != 10 || k.Models[0] != "openai/*" || k.Policy != id {
		t.Errorf("%+v %v", k, err)
	}
	log := h.ok("GET", "/audit?limit=1", "")
	if log.text("data", 0, "action") != "federation_policy.token" || log.text("data", 0, "actor") != "workload" || !strings.Contains(log.raw, "repo:acme/app:ref:refs/heads/main") || strings.Contains(log.raw, token) || strings.Contains(log.raw, subject) {
		t.Error(log.raw)
	}
	if _, err := h.WorkloadKey(token, noon.Add(600*time.Second)); fault.Of(err) != fault.NoKey || !strings.Contains(err.Error(), "expired") {
		t.Errorf("after its end: %v", err)
	}
	if _, err := h.WorkloadKey(token[:len(token)-2], noon); fault.Of(err) != fault.NoKey {
		t.Errorf("changed: %v", err)
	}
	if list := h.ok("GET", "/keys?workspace_id=team", ""); len(list.at("data").([]any)) != 1 || list.text("data", 0, "name") != "deploy" {
		t.Error("a policy's key is not in the list, or tokens are: " + list.raw)
	}
	hash := h.ok("GET", "/oauth/federation-policies/"+id, "").text("data", "key", "hash")
	h.refused(409, "federation policy", "POST", "/keys/"+hash+"/rotate", `{}`)
	h.refused(409, "federation policy", "DELETE", "/keys/"+hash, "")
	h.ok("DELETE", "/oauth/federation-policies/"+id, "")
	if _, err := h.WorkloadKey(token, noon); fault.Of(err) != fault.NoKey {
		t.Errorf("a token outlives its policy: %v", err)
	}
	if got := h.exchange(id, subject); got.status != 400 || got.text("error") != "invalid_grant" {
		t.Error(got.raw)
	}
}

func TestWhoGetsNoToken(t *testing.T) {
	t.Parallel()
	h, f := newHouse(t), newForge(t)
	id := h.policy(f.URL)
	good := f.token("acme/app", noon.Add(time.Minute))
	for name, tc := range map[string]struct {
		got  reply
		code string
	}{
		"another repository":  {h.exchange(id, f.token("evil/app", noon.Add(time.Minute))), "invalid_grant"},
		"expired":             {h.exchange(id, f.token("acme/app", noon.Add(-time.Second))), "invalid_grant"},
		"another issuer":      {h.exchange(id, newForge(t).token("acme/app", noon.Add(time.Minute))), "invalid_grant"},
		"nonsense":            {h.exchange(id, "x"), "invalid_grant"},
		"unknown policy":      {h.exchange("none", good), "invalid_grant"},
		"another grant":       {h.exchange(id, good, "grant_type", "client_credentials"), "unsupported_grant_type"},
		"no token":            {h.exchange(id, ""), "invalid_request"},
		"no policy":           {h.exchange("", good), "invalid_request"},
		"another scope":       {h.exchange(id, good, "scope", "management"), "invalid_scope"},
		"another type":        {h.exchange(id, good, "subject_token_type", "urn:ietf:params:oauth:token-type:saml2"), "invalid_request"},
		"another token back":  {h.exchange(id, good, "requested_token_type", idTokenType), "invalid_request"},
		"an actor":            {h.exchange(id, good, "actor_token", "x"), "invalid_request"},
		"a body that is huge": {h.exchange(id, strings.Repeat("x", maxForm)), "invalid_request"},
	} {
		if tc.got.status != 400 || tc.got.text("error") != tc.code {
			t.Errorf("%s: %d %s", name, tc.got.status, tc.got.raw)
		}
	}
	twice := httptest.NewRequest("POST", "/oauth/token", strings.NewReader("grant_type=a&grant_type=b"))
	twice.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := h.through(h.Handler(), twice); got.text("error") != "invalid_request" {
		t.Error(got.raw)
	}
	h.ok("PATCH", "/oauth/federation-policies/"+id, `{"disabled":true}`)
	if got := h.exchange(id, good); got.text("error") != "invalid_grant" {
		t.Error("a policy that is switched off gives tokens: " + got.raw)
	}
	h.ok("PATCH", "/oauth/federation-policies/"+id, `{"disabled":false,"audience":"other"}`)
	if got := h.exchange(id, good); got.text("error") != "invalid_grant" {
		t.Error("a token for somebody else counts: " + got.raw)
	}
	h.ok("PATCH", "/oauth/federation-policies/"+id, `{"audience":"https://gw.test"}`)
	f.Close()
	away := h.ok("POST", "/oauth/federation-policies", `{"name":"n","issuer":"http://127.0.0.1:1","audience":"us","conditions":[{"claim":"sub","values":["a"]}]}`).text("data", "id")
	if got := h.exchange(away, good); got.status != 503 || got.text("error") != "temporarily_unavailable" || got.header.Get("Retry-After") == "" {
		t.Error(got.raw)
	}
}

// Who is refused again and again has to wait; who is right has not.
func TestRefusedExchangesAreSlowedDown(t *testing.T) {
	t.Parallel()
	h, f := newHouse(t), newForge(t)
	id := h.policy(f.URL)
	good := f.token("acme/app", noon.Add(time.Minute))
	for i := range 2 * refusalsAMinute {
		if got := h.exchange(id, good); got.status != 200 {
			t.Fatalf("exchange %d: %s", i, got.raw)
		}
	}
	for range refusalsAMinute {
		h.exchange("none", good)
	}
	if got := h.exchange("none", good); got.status != 429 || got.text("error") != "temporarily_unavailable" {
		t.Error(got.raw)
	}
}

func TestFederationPoliciesAreNarrow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	base := map[string]string{"name": `"n"`, "issuer": `"https://issuer.test"`, "audience": `"us"`, "conditions": `[{"claim":"sub","values":["a"]}]`}
	for name, tc := range map[string]struct{ member, value, says string }{
		"no conditions":       {"conditions", `[]`, "conditions must be"},
		"everybody":           {"conditions", `[{"claim":"sub","values":["**"]}]`, "not alone"},
		"no values":           {"conditions", `[{"claim":"sub","values":[]}]`, "conditions must be"},
		"no claim":            {"conditions", `[{"values":["a"]}]`, "conditions must be"},
		"http":                {"issuer", `"http://issuer.test"`, "https URL"},
		"no issuer":           {"issuer", `null`, "issuer must be"},
		"too long":            {"token_seconds", `901`, "from 60 to 900"},
		"too short":           {"token_seconds", `59`, "from 60 to 900"},
		"a role":              {"role", `"admin"`, "role must be"},
		"another's workspace": {"workspace_id", `"none"`, "workspace_id must be"},
	} {
		members := []string{fmt.Sprintf("%q:%s", tc.member, tc.value)}
		for k, v := range base {
			if k != tc.member {
				members = append(members, fmt.Sprintf("%q:%s", k, v))
			}
		}
		got := h.call(managementKey, "POST", "/oauth/federation-policies", "{"+strings.Join(members, ",")+"}")
		if got.status != 400 || !strings.Contains(got.message(), tc.says) {
			t.Errorf("%s: %s", name, got.raw)
		}
	}
	h.refused(400, "audience must be given", "POST", "/oauth/federation-policies", `{"name":"n","issuer":"https://issuer.test"}`)
	h.refused(404, "No federation policy", "GET", "/oauth/federation-policies/none", "")
}
