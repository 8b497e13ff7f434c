package kms

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// transitServer is Vault's transit engine with one key, "dragoman" at "secrets/transit".
type transitServer struct {
	*machine
	derived bool // the key derives from the context
	old     bool // before 1.13: knows no associated_data
	status  int  // of a failed authentication
}

func (s *transitServer) handle(w http.ResponseWriter, r *http.Request, body map[string]any) {
	if r.Header.Get("X-Vault-Token") != "hvs.token" || r.Header.Get("X-Vault-Namespace") != "team" {
		say(w, 403, `{"errors":["permission denied"]}`)
		return
	}
	if r.Header.Get("X-Vault-Request") != "true" || r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("headers %v", r.Header)
	}
	var bound []byte
	if !s.old {
		bound = s.bytes(body["associated_data"])
	}
	if s.derived {
		bound = append(append(bound, 0), s.bytes(body["context"])...)
	}
	switch r.URL.Path {
	case "/v1/secrets/transit/encrypt/dragoman":
		sealed := s.seal.Seal(nil, nil, s.bytes(body["plaintext"]), bound)
		say(w, 200, `{"request_id":"r","lease_id":"","renewable":false,"data":{"ciphertext":"vault:v3:%s","key_version":3},"warnings":null}`, encode(sealed))
	case "/v1/secrets/transit/decrypt/dragoman":
		text, ok := strings.CutPrefix(body["ciphertext"].(string), "vault:v3:")
		raw, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil {
			say(w, 400, `{"errors":["invalid ciphertext: no prefix"]}`)
			return
		}
		plain, err := s.seal.Open(nil, nil, raw, bound)
		if err != nil {
			say(w, s.status, `{"errors":["1 error occurred:\n\t* cipher: message authentication failed\n\n"]}`)
			return
		}
		say(w, 200, `{"request_id":"r","data":{"plaintext":"%s"}}`, encode(plain))
	default:
		say(w, 400, `{"errors":["encryption key not found"]}`)
	}
}

func (s *transitServer) config() TransitConfig {
	return TransitConfig{Address: s.serve(s.handle), Mount: "secrets/transit", Key: "dragoman", Namespace: "team", Token: fixed("hvs.token")}
}

func newTransit(t *testing.T, c TransitConfig) vault.KEK {
	t.Helper()
	k, err := Transit(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTransit(t *testing.T) {
	t.Parallel()
	for _, s := range []transitServer{{status: 400}, {status: 500}, {status: 400, derived: true}, {status: 400, derived: true, old: true}} {
		s.machine = newMachine(t, 1)
		k := newTransit(t, s.config())
		if k.ID() != "transit/team/secrets/transit/dragoman" {
			t.Error(k.ID())
		}
		worksAsAKey(t, k, s.machine)
	}
}

// TestOldVaultIsFoundOut: before 1.13 a key that is not derived binds nothing.
func TestOldVaultIsFoundOut(t *testing.T) {
	t.Parallel()
	s := &transitServer{machine: newMachine(t, 1), status: 400, old: true}
	v, err := vault.New(newTransit(t, s.config()))
	if err != nil {
		t.Fatal(err)
	}
	canary, err := v.Canary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Check(t.Context(), canary); vault.KindOf(err) != vault.Unbound || !strings.Contains(err.Error(), "1.13") {
		t.Error(err)
	}
}

// TestAnotherKeyOfThatName: what a deleted and remade key answers.
func TestAnotherKeyOfThatName(t *testing.T) {
	t.Parallel()
	s := &transitServer{machine: newMachine(t, 1), status: 400}
	wrapped, err := newTransit(t, s.config()).Wrap(t.Context(), make([]byte, 32), place)
	if err != nil {
		t.Fatal(err)
	}
	remade := &transitServer{machine: newMachine(t, 2), status: 400}
	_, err = newTransit(t, remade.config()).Unwrap(t.Context(), wrapped, place)
	if vault.KindOf(err) != vault.Mismatch {
		t.Error(err)
	}
}

func TestTransitRefusals(t *testing.T) {
	t.Parallel()
	s := &transitServer{machine: newMachine(t, 1), status: 400}
	for name, c := range map[string]struct {
		change func(*TransitConfig)
		says   string
	}{
		"a wrong token": {func(c *TransitConfig) { c.Token = fixed("hvs.other") }, `403, "permission denied"`},
		"no such key":   {func(c *TransitConfig) { c.Key = "dragon" }, `400, "encryption key not found"`},
	} {
		config := s.config()
		c.change(&config)
		k := newTransit(t, config)
		_, err := k.Wrap(t.Context(), make([]byte, 32), place)
		if vault.KindOf(err) != vault.Denied || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTransitConfigurations(t *testing.T) {
	t.Parallel()
	good := TransitConfig{Address: "https://vault.example.com:8200/", Key: "k", Token: fixed("t")}
	if k := newTransit(t, good); k.ID() != "transit/transit/k" {
		t.Error(k.ID())
	}
	for name, change := range map[string]func(*TransitConfig){
		"no key": func(c *TransitConfig) { c.Key = "" }, "a key with a slash": func(c *TransitConfig) { c.Key = "a/b" },
		"a key that climbs": func(c *TransitConfig) { c.Key = ".." }, "a mount that climbs": func(c *TransitConfig) { c.Mount = "a/../b" },
		"a namespace with a blank": func(c *TransitConfig) { c.Namespace = "a b" }, "no token": func(c *TransitConfig) { c.Token = nil },
		"no address": func(c *TransitConfig) { c.Address = "" }, "plain http": func(c *TransitConfig) { c.Address = "http://vault.example.com:8200" },
		"a password": func(c *TransitConfig) { c.Address = "https://u:" + word + "@vault.example.com" }, "a query": func(c *TransitConfig) { c.Address += "?a=" + word },
	} {
		c := good
		change(&c)
		if _, err := Transit(c); err == nil || strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
