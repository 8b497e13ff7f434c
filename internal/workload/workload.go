// Package workload is how a program proves who it is without a key of its own: conditions on
// what an issuer says of it, and the short-lived access tokens it gets in exchange. It
// promises that a token opens only what it was signed for, until its end, and that a
// condition is met by what it names alone. It has no network and no clock: tokens of other
// issuers are package oidc's. Start with Signer and Met.
package workload

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Life is the longest life of an access token.
const Life = 15 * time.Minute

// Prefix starts every access token; no key begins like it.
const Prefix = "eyJ"

// maxToken bounds an access token, in bytes.
const maxToken = 4 << 10

// Token is what an access token says.
type Token struct {
	ID      string // unique
	Issuer  string // our address
	Policy  string // id of the federation policy that gave it
	Subject string // who the workload is to its own issuer
	Issued  time.Time
	Expires time.Time
}

// claims are a token's on the wire (RFC 9068 §2.2).
type claims struct {
	Issuer   string `json:"iss"`
	Expires  int64  `json:"exp"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Client   string `json:"client_id"`
	Issued   int64  `json:"iat"`
	ID       string `json:"jti"`
	Scope    string `json:"scope"`
}

// Scope is what access tokens are for.
const Scope = "inference"

// Signer makes and reads access tokens. It is safe for concurrent use.
type Signer struct {
	key    ed25519.PrivateKey
	id     string
	header string // of every token, encoded
}

// NewSigner signs with a key.
func NewSigner(key ed25519.PrivateKey) *Signer {
	sum := sha256.Sum256(key.Public().(ed25519.PublicKey))
	s := &Signer{key: key, id: base64.RawURLEncoding.EncodeToString(sum[:12])}
	s.header = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"` + s.id + `","typ":"at+jwt"}`))
	return s
}

// Sign is the token as a JWT (RFC 9068).
func (s *Signer) Sign(t Token) (string, error) {
	raw, err := json.Marshal(claims{t.Issuer, t.Expires.Unix(), t.Issuer, t.Subject, t.Policy, t.Issued.Unix(), t.ID, Scope})
	if err != nil {
		return "", fmt.Errorf("encode an access token: %w", err)
	}
	signed := s.header + "." + base64.RawURLEncoding.EncodeToString(raw)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(signed))), nil
}

// The reasons why an access token is none.
var (
	ErrForeign = errors.New("the token was not signed here")
	ErrExpired = errors.New("the token has expired")
)

// Verify reads a token of ours. It takes the one header that Sign writes: a token cannot
// choose how it is verified.
func (s *Signer) Verify(text string, now time.Time) (Token, error) {
	rest, ours := strings.CutPrefix(text, s.header+".")
	if !ours || len(text) > maxToken || strings.ContainsAny(text, "\r\n") { // which base64 skips
		return Token{}, ErrForeign
	}
	payload, signature, _ := strings.Cut(rest, ".")
	sig, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !ed25519.Verify(s.key.Public().(ed25519.PublicKey), []byte(text[:len(s.header)+1+len(payload)]), sig) {
		return Token{}, ErrForeign
	}
	var c claims
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Scope != Scope {
		return Token{}, ErrForeign
	}
	t := Token{c.ID, c.Issuer, c.Client, c.Subject, time.Unix(c.Issued, 0).UTC(), time.Unix(c.Expires, 0).UTC()}
	if !now.Before(t.Expires) {
		return t, ErrExpired
	}
	return t, nil
}

// KeySet is the public half as a JSON Web Key Set (RFC 7517, RFC 8037).
func (s *Signer) KeySet() any {
	type key struct {
		Type      string `json:"kty"`
		Curve     string `json:"crv"`
		X         string `json:"x"`
		ID        string `json:"kid"`
		Use       string `json:"use"`
		Algorithm string `json:"alg"`
	}
	return struct {
		Keys []key `json:"keys"`
	}{[]key{{"OKP", "Ed25519", base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey)), s.id, "sig", "EdDSA"}}}
}
