// Package workload is how a program proves who it is without a key of its own: conditions on
// what an issuer says of it, and the short-lived access tokens it gets in exchange. It
// promises that a token opens only what it was signed for, until its end, and that a
// condition is met by what it names alone. It has no network and no clock: tokens of other
// issuers are package oidc's. Start with Signer and Met.
package workload

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
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

// Signer makes and reads access tokens, signed by ES256: the one algorithm that OpenRouter's
// key set has. It is safe for concurrent use.
type Signer struct {
	key    *ecdsa.PrivateKey
	point  []byte // the public key: X and Y
	id     string
	header string // of every token, encoded
}

const coordinate = 32 // bytes of a number of P-256

// half of the order of P-256. Of the two signatures that verify, ours is the one with the
// smaller s, so that nobody makes a second text of a token.
var half = new(big.Int).Rsh(elliptic.P256().Params().N, 1)

// NewSigner signs with the key that a secret number of 32 bytes is.
func NewSigner(secret []byte) (*Signer, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		return nil, fmt.Errorf("the secret is no key of P-256: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode a public key: %w", err)
	}
	s := &Signer{key: key, point: point[1:]} // the first byte says that both coordinates follow
	sum := sha256.Sum256(s.point)
	s.id = base64.RawURLEncoding.EncodeToString(sum[:12])
	s.header = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"` + s.id + `","typ":"at+jwt"}`))
	return s, nil
}

// signature is r and s as JWTs have them (RFC 7518 §3.4).
func (s *Signer) signature(text string) ([]byte, error) {
	sum := sha256.Sum256([]byte(text))
	der, err := s.key.Sign(nil, sum[:], crypto.SHA256) // without chance: RFC 6979
	if err != nil {
		return nil, err
	}
	var n struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &n); err != nil {
		return nil, err
	}
	if n.S.Cmp(half) > 0 {
		n.S.Sub(elliptic.P256().Params().N, n.S)
	}
	out := make([]byte, 2*coordinate)
	n.R.FillBytes(out[:coordinate])
	n.S.FillBytes(out[coordinate:])
	return out, nil
}

// verifies reports whether sig is ours of the text.
func (s *Signer) verifies(text string, sig []byte) bool {
	if len(sig) != 2*coordinate {
		return false
	}
	n := struct{ R, S *big.Int }{new(big.Int).SetBytes(sig[:coordinate]), new(big.Int).SetBytes(sig[coordinate:])}
	der, err := asn1.Marshal(n)
	sum := sha256.Sum256([]byte(text))
	return err == nil && n.S.Cmp(half) <= 0 && ecdsa.VerifyASN1(&s.key.PublicKey, sum[:], der)
}

// Sign is the token as a JWT (RFC 9068).
func (s *Signer) Sign(t Token) (string, error) {
	raw, err := json.Marshal(claims{t.Issuer, t.Expires.Unix(), t.Issuer, t.Subject, t.Policy, t.Issued.Unix(), t.ID, Scope})
	if err != nil {
		return "", fmt.Errorf("encode an access token: %w", err)
	}
	signed := s.header + "." + base64.RawURLEncoding.EncodeToString(raw)
	sig, err := s.signature(signed)
	if err != nil {
		return "", fmt.Errorf("sign an access token: %w", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig), nil
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
	if err != nil || !s.verifies(text[:len(s.header)+1+len(payload)], sig) {
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

// KeySet is the public half as a JSON Web Key Set (RFC 7517, RFC 7518 §6.2).
func (s *Signer) KeySet() any {
	type key struct {
		Type      string `json:"kty"`
		Curve     string `json:"crv"`
		X         string `json:"x"`
		Y         string `json:"y"`
		ID        string `json:"kid"`
		Use       string `json:"use"`
		Algorithm string `json:"alg"`
	}
	return struct {
		Keys []key `json:"keys"`
	}{[]key{{"EC", "P-256", base64.RawURLEncoding.EncodeToString(s.point[:coordinate]), base64.RawURLEncoding.EncodeToString(s.point[coordinate:]), s.id, "sig", "ES256"}}}
}
