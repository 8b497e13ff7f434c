package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
)

// TestTheFirstOwner: from the token that is printed to an answer in the web app, which the
// owner's own key pays for.
func TestTheFirstOwner(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	token, err := c.app.FirstOwner(t.Context())
	if err != nil || token == "" {
		t.Fatal(token, err)
	}
	anybody := &caller{name: "first"}
	w := anybody.do(c.handler, "POST", "/api/v1/setup", fmt.Sprintf(`{"token":%q,"email":"first@example.com","password":%q}`, token, tenantPassword))
	owner := &caller{name: "owner", cookie: cookieOf(t, w)}
	if again, err := c.app.FirstOwner(t.Context()); again != "" || err != nil {
		t.Errorf("a token beside an owner: %q %v", again, err)
	}
	const ask = `{"model":"m/x","messages":[{"role":"user","content":"hi"}]}`
	for range 2 {
		if w := owner.do(c.handler, "POST", "/v1/chat/completions", ask); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	var key struct {
		Hash, Name string
		Usage      json.Number
		Creator    string `json:"creator_user_id"`
	}
	for _, k := range owner.must(t, c.handler, "GET", "/keys", "")["data"].([]any) {
		raw, _ := json.Marshal(k)
		if at(k, "name") == "Web app" {
			if key.Hash != "" {
				t.Error("there are two of them")
			}
			if err := json.Unmarshal(raw, &key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if key.Usage.String() == "0" || key.Creator == "" {
		t.Fatalf("%+v", key)
	}
	owner.must(t, c.handler, "PATCH", "/keys/"+key.Hash, `{"limit":0}`)
	if w := owner.do(c.handler, "POST", "/v1/chat/completions", ask); w.Code != http.StatusPaymentRequired {
		t.Errorf("over the limit of the key: %d %s", w.Code, w.Body)
	}
	owner.must(t, c.handler, "PATCH", "/keys/"+key.Hash, `{"limit":null,"disabled":true}`)
	if w := owner.do(c.handler, "POST", "/v1/chat/completions", ask); w.Code != 403 || !strings.Contains(w.Body.String(), "disabled") {
		t.Errorf("with the key switched off: %d %s", w.Code, w.Body)
	}
}

func TestInferenceWithASession(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	owner := c.found("boss@ours.test")
	viewer := c.join(owner, "view@ours.test", account.Viewer)
	if w := viewer.do(c.handler, "POST", "/api/v1/chat/completions", `{"model":"m/x","messages":[]}`); w.Code != 403 {
		t.Errorf("a viewer spends: %d %s", w.Code, w.Body)
	}
	c.vendors.last()
	for _, e := range []struct{ name, method, path, header, value string }{
		{"a page of another site", "POST", "/api/v1/chat/completions", "Sec-Fetch-Site", "cross-site"},
		{"one that says its origin", "POST", "/v1/messages", "Origin", "https://evil.test"},
		{"a socket", "GET", "/api/v1/responses", "Origin", "https://evil.test"},
		{"a wrong key beside the cookie", "POST", "/api/v1/chat/completions", "Authorization", "Bearer sk-or-v1-wrong"},
	} {
		r := httptest.NewRequest(e.method, e.path, strings.NewReader(`{"model":"m/x","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}`))
		r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: owner.cookie})
		r.Header.Set(e.header, e.value)
		if e.method == "GET" {
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
			r.Header.Set("Sec-WebSocket-Version", "13")
			r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		}
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != 401 && w.Code != 403 {
			t.Errorf("%s: %d %s", e.name, w.Code, w.Body)
		}
	}
	if asked := c.vendors.last(); asked != "" {
		t.Errorf("a provider was asked: %s", asked)
	}
}

// TestASecondFactorIsResealed: its secret is sealed anew with everything else.
func TestASecondFactorIsResealed(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	owner := c.found("boss@ours.test")
	p, _ := c.app.directory.PersonByEmail("boss@ours.test")
	secret := []byte("12345678901234567890")
	sealed, err := c.app.keyring.Vault.Seal(t.Context(), secret, p.FactorPlace())
	if err != nil {
		t.Fatal(err)
	}
	err = c.app.directory.Update(t.Context(), audit.Entry{Account: DefaultAccount}, func(tx *directory.Tx) error {
		with := *p
		with.Factor.Sealed = sealed
		return tx.PutPerson(&with)
	})
	if err != nil {
		t.Fatal(err)
	}
	out := (&caller{name: "operator"}).must(t, http.StripPrefix("/api/v1", c.app.manage.Trusted()), "POST", "/vault/rotate", "")
	if n := out["data"].(map[string]any)["rewrapped"]; n != 1.0 {
		t.Errorf("%v were sealed anew", n)
	}
	p, _ = c.app.directory.PersonByEmail("boss@ours.test")
	if string(p.Factor.Sealed) == string(sealed) {
		t.Error("it is under the key from before")
	}
	if got, err := c.app.keyring.Vault.Open(t.Context(), p.Factor.Sealed, p.FactorPlace()); err != nil || got.Text() != string(secret) {
		t.Error(err)
	}
	owner.must(t, c.handler, "GET", "/session", "")
}
