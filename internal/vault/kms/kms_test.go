package kms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// transitAt is a key of whatever answers there.
func transitAt(t *testing.T, address string, c Caller) vault.KEK {
	t.Helper()
	return newTransit(t, TransitConfig{Address: address, Key: "k", Token: fixed(word), Caller: c})
}

// TestAnswers: every shape of answer is an error of the right kind, without the credential.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		status     int
		want       vault.Kind
	}{
		{"sealed", `{"errors":["Vault is sealed"]}`, 503, vault.Unavailable},
		{"too many", `{"errors":["request path rate limited"]}`, 429, vault.Unavailable},
		{"a proxy's page", `<html>` + word, 502, vault.Unavailable},
		{"an error of none of its words", `{"errors":[]}`, 404, vault.Denied},
		{"the credential in its words", `{"errors":["bad token ` + word + `"]}`, 403, vault.Denied},
		{"many words", `{"errors":["` + strings.Repeat("w", 1000) + `"]}`, 400, vault.Denied},
		{"not JSON", `hello`, 200, vault.Denied},
		{"too long", `{"data":{"ciphertext":"vault:v1:` + strings.Repeat("A", maxAnswer) + `"}}`, 200, vault.Denied},
		{"no ciphertext", `{"data":{}}`, 200, vault.Denied},
		{"another ciphertext", `{"data":{"ciphertext":"plain"}}`, 200, vault.Denied},
		{"null", `null`, 200, vault.Denied},
	} {
		m := newMachine(t, 1)
		k := transitAt(t, m.serve(func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
			say(w, c.status, "%s", c.body)
		}), Caller{})
		for _, do := range []func() error{
			func() error { _, err := k.Wrap(t.Context(), make([]byte, 32), place); return err },
			func() error { _, err := k.Unwrap(t.Context(), []byte("vault:v1:AAAA"), place); return err },
		} {
			err := do()
			if vault.KindOf(err) != c.want || strings.Contains(err.Error(), word) || len(err.Error()) > 500 {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// TestRedirectsAreNotFollowed: the credential and the data key stay where they were sent,
// also with a client that would follow.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := newMachine(t, 1)
	elsewhere := other.serve(func(http.ResponseWriter, *http.Request, map[string]any) {})
	m := newMachine(t, 1)
	address := m.serve(func(w http.ResponseWriter, r *http.Request, _ map[string]any) {
		w.Header().Set("Location", elsewhere+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	for _, client := range []Doer{nil, (*http.Client)(nil), http.DefaultClient} {
		_, err := transitAt(t, address, Caller{HTTP: client}).Wrap(t.Context(), make([]byte, 32), place)
		if vault.KindOf(err) != vault.Denied || !strings.Contains(err.Error(), "redirect (307)") {
			t.Error(err)
		}
	}
	if other.asked.Load() != 0 {
		t.Error("the redirect was followed")
	}
}

func TestACallEndsInTime(t *testing.T) {
	t.Parallel()
	m := newMachine(t, 1)
	address := m.serve(func(_ http.ResponseWriter, r *http.Request, _ map[string]any) { <-r.Context().Done() })
	_, err := transitAt(t, address, Caller{Timeout: 50 * time.Millisecond}).Wrap(t.Context(), make([]byte, 32), place)
	if vault.KindOf(err) != vault.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	k := newTransit(t, TransitConfig{Address: address, Key: "k", Token: func(ctx context.Context) (string, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("a credential is waited for without end")
		}
		cancel()
		return "t", nil
	}})
	_, err = k.Wrap(ctx, make([]byte, 32), place)
	if vault.KindOf(err) != vault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = transitAt(t, "http://"+l.Addr().String(), Caller{}).Wrap(t.Context(), make([]byte, 32), place)
	if vault.KindOf(err) != vault.Unavailable || strings.Contains(err.Error(), word) {
		t.Error(err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	m := newMachine(t, 1)
	address := m.serve(func(http.ResponseWriter, *http.Request, map[string]any) {})
	for _, c := range []struct {
		text string
		err  error
		want vault.Kind
	}{
		{"", nil, vault.Denied},
		{"two\r\nlines", nil, vault.Denied},
		{"a blank", nil, vault.Denied},
		{"", errors.New("the token server is away"), vault.Unavailable},
		{"", fmt.Errorf("no more: %w", &vault.Error{Kind: vault.Denied}), vault.Denied},
	} {
		k := newTransit(t, TransitConfig{Address: address, Key: "k", Token: func(context.Context) (string, error) { return c.text, c.err }})
		_, err := k.Wrap(t.Context(), make([]byte, 32), place)
		if vault.KindOf(err) != c.want || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%q, %v: %v", c.text, c.err, err)
		}
	}
	if m.asked.Load() != 0 {
		t.Error("a call went out without a credential")
	}
}
