package provider

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

const (
	googleDomain = "googleapis.com"
	googleTokens = "https://oauth2.googleapis.com/token"
	googleScope  = "https://www.googleapis.com/auth/cloud-platform"
)

// newGoogle reads a service account's key
// (https://developers.google.com/identity/protocols/oauth2/service-account), what "gcloud
// auth application-default login" writes, or a bare access token, which is sent until it
// expires.
func newGoogle(row *catalog.Provider, base *url.URL, secret string) (signer, error) {
	d, ok := fields(secret)
	if !ok {
		if strings.HasPrefix(strings.TrimSpace(secret), "{") {
			return nil, fmt.Errorf("provider %s: the Google credential is not a JSON object", row.Slug)
		}
		return bearer(secret), nil
	}
	root := d.Root()
	raw := root.Get("token_uri").Str()
	if raw == "" {
		raw = googleTokens
	}
	at, err := tokenURL(row, base, raw, googleDomain)
	if err != nil {
		return nil, err
	}
	t := &tokens{where: "provider " + row.Slug + ": " + at, url: at, now: now, http: tokenClient}
	switch typ := root.Get("type").Str(); typ {
	case "service_account":
		a := account{email: root.Get("client_email").Str(), keyID: root.Get("private_key_id").Str(), audience: at}
		if a.key, err = readKey(root.Get("private_key").Str()); err != nil || a.email == "" {
			return nil, fmt.Errorf("provider %s: the service account's key file lacks client_email or a private_key in PEM", row.Slug)
		}
		t.form = a.form
	case "authorized_user":
		form := url.Values{"grant_type": {"refresh_token"}}
		for _, key := range []string{"client_id", "client_secret", "refresh_token"} {
			v := root.Get(key).Str()
			if v == "" {
				return nil, fmt.Errorf("provider %s: the Google credential lacks %s", row.Slug, key)
			}
			form.Set(key, v)
		}
		t.form = func(time.Time) (url.Values, error) { return form, nil }
	default:
		return nil, fmt.Errorf("provider %s: a Google credential must be of type service_account or authorized_user; others are not read", row.Slug)
	}
	return t, nil
}

// account is a service account that signs its own assertions.
type account struct {
	email, keyID, audience string
	key                    *rsa.PrivateKey
}

// readKey reads PKCS #8, which Google writes, or PKCS #1.
func readKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not a private key")
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	return key, nil
}

// form is the assertion of RFC 7523: a JSON Web Token that holds for an hour.
func (a *account) form(now time.Time) (url.Values, error) {
	var head, claims rawjson.Writer
	head.Open('{')
	head.Key("alg").Str("RS256")
	head.Key("typ").Str("JWT")
	if a.keyID != "" {
		head.Key("kid").Str(a.keyID)
	}
	head.Close('}')
	claims.Open('{')
	claims.Key("iss").Str(a.email)
	claims.Key("scope").Str(googleScope)
	claims.Key("aud").Str(a.audience)
	claims.Key("iat").Int(now.Unix())
	claims.Key("exp").Int(now.Add(time.Hour).Unix())
	claims.Close('}')
	text := base64.RawURLEncoding.EncodeToString(head.B) + "." + base64.RawURLEncoding.EncodeToString(claims.B)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, errors.New("the service account's key does not sign")
	}
	return url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
		"assertion":  {text + "." + base64.RawURLEncoding.EncodeToString(signature)},
	}, nil
}
