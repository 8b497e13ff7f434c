package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// provider is an issuer on this machine that counts what it is asked.
type provider struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	asked  atomic.Int64
	broken atomic.Bool
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	s := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: "ES256"}}, Algorithms: []string{"ES256"}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if p.broken.Load() {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	s.SetIssuer(p.URL)
	return p
}

func (p *provider) sign(claims string) string {
	return oidctest.SignIDToken(p.key, "k", "ES256", strings.ReplaceAll(claims, "ISSUER", p.URL))
}

func token(audience string, ends time.Time) string {
	return fmt.Sprintf(`{"iss":"ISSUER","aud":%q,"sub":"me","exp":%d,"iat":%d,"n":1}`, audience, ends.Unix(), ends.Unix()-60)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	i := New(Options{Private: true, Now: func() time.Time { return now }})
	good := p.sign(token("us", now.Add(time.Minute)))
	claims, err := i.Verify(t.Context(), p.URL, "us", good)
	if err != nil || claims.Text("sub") != "me" || claims.Text("n") != "" {
		t.Fatal(claims, err)
	}
	other := newProvider(t)
	for name, tc := range map[string]struct{ issuer, audience, token string }{
		"another audience": {p.URL, "them", good},
		"expired":          {p.URL, "us", p.sign(token("us", now.Add(-time.Second)))},
		"another issuer":   {p.URL, "us", p.sign(strings.Replace(token("us", now.Add(time.Minute)), "ISSUER", other.URL, 1))},
		"another's key":    {p.URL, "us", oidctest.SignIDToken(other.key, "k", "ES256", strings.ReplaceAll(token("us", now.Add(time.Minute)), "ISSUER", p.URL))},
		"no audience":      {p.URL, "", good},
		"not yet valid":    {p.URL, "us", p.sign(fmt.Sprintf(`{"iss":"ISSUER","aud":"us","sub":"me","exp":%d,"nbf":%d}`, now.Unix()+9999, now.Unix()+999))},
		"unsigned":         {p.URL, "us", "eyJhbGciOiJub25lIn0.e30."},
		"nonsense":         {p.URL, "us", "x"},
		"http issuer":      {"http://issuer.example/", "us", good},
		"no issuer":        {"", "us", good},
	} {
		if _, err := i.Verify(t.Context(), tc.issuer, tc.audience, tc.token); err == nil || errors.Is(err, ErrAway) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Tokens that nobody signed do not make us ask for keys each time, and an issuer that is
// away is not asked each time either.
func TestIssuersAreAskedSeldom(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	i := New(Options{Private: true, Now: func() time.Time { return now }})
	forged := oidctest.SignIDToken(newProvider(t).key, "unknown", "ES256", strings.ReplaceAll(token("us", now.Add(time.Hour)), "ISSUER", p.URL))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := i.Verify(t.Context(), p.URL, "us", forged); err == nil {
				t.Error("a forged token counts")
			}
		})
	}
	all.Wait()
	if n := p.asked.Load(); n > 4 {
		t.Errorf("asked %d times", n)
	}
	p.broken.Store(true)
	now = now.Add(2 * forgotten)
	before := p.asked.Load()
	good := p.sign(token("us", now.Add(time.Minute)))
	for range 5 {
		if _, err := i.Verify(t.Context(), p.URL, "us", good); !errors.Is(err, ErrAway) {
			t.Errorf("an issuer that is away: %v", err)
		}
	}
	if n := p.asked.Load() - before; n != 1 {
		t.Errorf("an issuer that is away is asked %d times", n)
	}
	p.broken.Store(false)
	now = now.Add(fresh)
	if _, err := i.Verify(t.Context(), p.URL, "us", good); err != nil {
		t.Errorf("an issuer that is back: %v", err)
	}
}

func TestStrangersIssuersArePublic(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	i := New(Options{Now: time.Now})
	for _, issuer := range []string{p.URL, tls.URL, "https://169.254.169.254", "https://localhost:1"} {
		if _, err := i.Verify(t.Context(), issuer, "us", p.sign(token("us", time.Now().Add(time.Hour)))); err == nil {
			t.Errorf("%s is asked", issuer)
		}
	}
	for _, issuer := range []string{"https://u:p@x.test", "https://x.test?a=1", "https://x.test#f", "ftp://x.test", "https://", "http://x.test"} {
		if i.CheckIssuer(issuer) == nil {
			t.Errorf("%s is an issuer", issuer)
		}
	}
	if p.asked.Load() != 0 {
		t.Error("an issuer on this machine was asked")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	large := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away/.well-known/openid-configuration" {
			http.Redirect(w, r, "/.well-known/openid-configuration", http.StatusFound)
			return
		}
		for range maxAnswer {
			w.Write([]byte("{}"))
		}
	}))
	t.Cleanup(large.Close)
	i := New(Options{Private: true, Now: time.Now})
	for _, issuer := range []string{large.URL, large.URL + "/away"} {
		if _, err := i.Verify(t.Context(), issuer, "us", "x"); !errors.Is(err, ErrAway) {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

// An issuer that names an address of its keys which somebody on the way can answer for is
// none.
func TestKeysAreFetchedSecurely(t *testing.T) {
	t.Parallel()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": s.URL, "jwks_uri": "http://keys.example/", "authorization_endpoint": s.URL, "token_endpoint": s.URL})
	}))
	t.Cleanup(s.Close)
	i := New(Options{Private: true, Now: time.Now})
	if _, err := i.Verify(t.Context(), s.URL, "us", "x"); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
}
