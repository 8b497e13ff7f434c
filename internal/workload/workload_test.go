package workload

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func signer(seed byte) *Signer {
	s, err := NewSigner(bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		panic(err)
	}
	return s
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := signer(1)
	want := Token{ID: "1", Issuer: "https://gw.test", Policy: "p", Subject: `repo:a/b "x"`, Issued: noon, Expires: noon.Add(Life)}
	text, err := s.Sign(want)
	if err != nil || !strings.HasPrefix(text, Prefix) {
		t.Fatal(text, err)
	}
	got, err := s.Verify(text, noon)
	if err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.Verify(text, noon.Add(Life)); !errors.Is(err, ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
	if _, err := signer(2).Verify(text, noon); !errors.Is(err, ErrForeign) {
		t.Errorf("another's: %v", err)
	}
	for i := range len(text) {
		forged := []byte(text)
		forged[i] ^= 1
		if _, err := s.Verify(string(forged), noon); err == nil {
			t.Errorf("changed at %d it still counts", i)
		}
	}
	parts := strings.Split(text, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`))
	for _, forged := range []string{"", ".", "..", parts[0], parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".", none + "." + parts[1] + ".", text + ".", text + "=", text + strings.Repeat("x", maxToken)} {
		if _, err := s.Verify(forged, noon); !errors.Is(err, ErrForeign) {
			t.Errorf("%.30q: %v", forged, err)
		}
	}
}

// The other signature that the same key could have made does not count.
func TestOneTextForAToken(t *testing.T) {
	t.Parallel()
	s := signer(1)
	text, _ := s.Sign(Token{ID: "1", Expires: noon.Add(time.Hour)})
	at := strings.LastIndexByte(text, '.') + 1
	sig, _ := base64.RawURLEncoding.DecodeString(text[at:])
	other := new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(sig[32:]))
	other.FillBytes(sig[32:])
	if _, err := s.Verify(text[:at]+base64.RawURLEncoding.EncodeToString(sig), noon); !errors.Is(err, ErrForeign) {
		t.Error(err)
	}
	if _, err := NewSigner(make([]byte, 32)); err == nil {
		t.Error("zero is a key")
	}
}

// What the key set publishes verifies a token.
func TestKeySet(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(signer(1).KeySet())
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []struct{ Kty, Crv, X, Y, Kid, Alg string }
	}
	if err := json.Unmarshal(raw, &set); err != nil || len(set.Keys) != 1 || set.Keys[0].Kty != "EC" || set.Keys[0].Crv != "P-256" || set.Keys[0].Alg != "ES256" {
		t.Fatalf("%s %v", raw, err)
	}
	text, _ := signer(1).Sign(Token{Expires: noon})
	parts := strings.Split(text, ".")
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	number := func(text string) *big.Int {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(b) != 32 {
			t.Fatalf("%q is no coordinate", text)
		}
		return new(big.Int).SetBytes(b)
	}
	public := &ecdsa.PublicKey{Curve: elliptic.P256(), X: number(set.Keys[0].X), Y: number(set.Keys[0].Y)}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	if !strings.Contains(string(header), `"kid":"`+set.Keys[0].Kid+`"`) || len(sig) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Errorf("%s does not verify with %s", text, raw)
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	var claims map[string]any
	err := json.Unmarshal([]byte(`{"sub":"repo:acme/app:ref:refs/heads/main","repository":"acme/app","run":7,"verified":true,"groups":["a","b"],"none":null,
		"kubernetes.io":{"namespace":"prod","serviceaccount":{"name":"api"}},"https://x.test/role":"admin"}`), &claims)
	if err != nil {
		t.Fatal(err)
	}
	one := func(name string, values ...string) account.ClaimCondition {
		return account.ClaimCondition{Claim: name, Values: values}
	}
	for _, tc := range []struct {
		want       bool
		conditions []account.ClaimCondition
	}{
		{false, nil},
		{true, []account.ClaimCondition{one("repository", "acme/app")}},
		{false, []account.ClaimCondition{one("repository", "acme/ap")}},
		{false, []account.ClaimCondition{one("repository", "ACME/app")}},
		{true, []account.ClaimCondition{one("repository", "x", "acme/*")}},
		{true, []account.ClaimCondition{one("sub", "repo:acme/*:ref:refs/heads/*")}},
		{false, []account.ClaimCondition{one("sub", "repo:acme/*:ref:refs/tags/*")}},
		{false, []account.ClaimCondition{one("sub", "*/app")}},
		{false, []account.ClaimCondition{one("repository", "acme/app"), one("sub", "no")}},
		{true, []account.ClaimCondition{one("run", "7"), one("verified", "true"), one("groups", "b")}},
		{false, []account.ClaimCondition{one("groups", "c")}},
		{true, []account.ClaimCondition{one("kubernetes.io/namespace", "prod"), one("kubernetes.io/serviceaccount/name", "api"), one("https://x.test/role", "admin")}},
		{false, []account.ClaimCondition{one("kubernetes.io", "*")}},
		{false, []account.ClaimCondition{one("none", "*")}},
		{false, []account.ClaimCondition{one("missing", "*")}},
		{false, []account.ClaimCondition{one("repository")}},
	} {
		if Met(tc.conditions, claims) != tc.want {
			t.Errorf("%v is not %v", tc.conditions, tc.want)
		}
	}
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{{"a*b*c", "abc", true}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "acb", false}, {"aa*aa", "aaa", false}, {"*", "", true}, {"", "a", false}, {"**", "x", true}, {"a*", "ba", false}} {
		if matches(tc.pattern, tc.s) != tc.want {
			t.Errorf("%q and %q: not %v", tc.pattern, tc.s, tc.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := signer(1)
	text, _ := s.Sign(Token{ID: "1", Expires: noon.Add(time.Hour)})
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := s.Verify(text, noon)
		if err != nil {
			return
		}
		if again, _ := s.Sign(got); again != text {
			t.Fatalf("%q counts and was not signed", text)
		}
	})
}
