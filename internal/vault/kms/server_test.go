package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/vault"
)

const (
	place = "byok/cred_ü_1/ws_1"
	word  = "s3cr3t-word"
)

// machine is the inside of a key service: a key that seals with associated data.
type machine struct {
	t     *testing.T
	seal  cipher.AEAD
	asked atomic.Int32
}

func newMachine(t *testing.T, seed byte) *machine {
	t.Helper()
	key := make([]byte, 32)
	key[0] = seed
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return &machine{t: t, seal: seal}
}

// serve runs the service on this machine.
func (m *machine) serve(h func(w http.ResponseWriter, r *http.Request, body map[string]any)) string {
	m.t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked.Add(1)
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if _, sent := r.Header["Idempotency-Key"]; sent || r.Method != http.MethodPost {
			m.t.Errorf("%s with %v", r.Method, r.Header)
		}
		var body map[string]any
		if err := json.Unmarshal(raw, &body); err != nil {
			m.t.Errorf("not JSON: %s", raw)
		}
		r.Header.Set("test-body", string(raw))
		h(w, r, body)
	}))
	m.t.Cleanup(s.Close)
	return s.URL
}

func (m *machine) bytes(v any) []byte {
	text, _ := v.(string)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		m.t.Errorf("%v is not base64", v)
	}
	return b
}

func say(w http.ResponseWriter, status int, format string, args ...any) {
	w.WriteHeader(status)
	fmt.Fprintf(w, format, args...)
}

// worksAsAKey holds what every key service must do for a vault.
func worksAsAKey(t *testing.T, k vault.KEK, m *machine) {
	t.Helper()
	v, err := vault.New(vault.Remember(k, vault.Memory{}))
	if err != nil {
		t.Fatal(err)
	}
	canary, err := v.Canary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Check(t.Context(), canary); err != nil {
		t.Error(err)
	}
	blob, err := v.Seal(t.Context(), []byte(word), place)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := vault.KeyID(blob); id != k.ID() || err != nil {
		t.Errorf("under %q, %v", id, err)
	}
	asked := m.asked.Load()
	for range 10 {
		if got, err := v.Open(t.Context(), blob, place); err != nil || got.Text() != word {
			t.Errorf("%q, %v", got.Text(), err)
		}
	}
	if m.asked.Load() != asked {
		t.Error("opening what was just sealed asks the service")
	}
	forgetful, err := vault.New(k)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := forgetful.Open(t.Context(), blob, place); err != nil || got.Text() != word {
		t.Errorf("%q, %v", got.Text(), err)
	}
	if m.asked.Load() != asked+1 {
		t.Error("the service was not asked")
	}
	if _, err := forgetful.Open(t.Context(), blob, "elsewhere"); vault.KindOf(err) != vault.Mismatch {
		t.Errorf("elsewhere: %v", err)
	}
}

func fixed(token string) Token {
	return func(context.Context) (string, error) { return token, nil }
}
