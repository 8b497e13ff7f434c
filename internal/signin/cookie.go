package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"
)

// The cookie's name; with https the prefix keeps it from being set by a neighbouring host
// (RFC 6265bis §4.1.3.2).
const (
	cookieName       = "dragoman_session"
	secureCookieName = "__Host-dragoman_session"
)

// tokenSize is the random bytes of a token.
const tokenSize = 32

// newToken is a token and the hash that is kept of it.
func newToken() (token, hash string) {
	token = base64.RawURLEncoding.EncodeToString(random(tokenSize))
	return token, hashToken(token)
}

// hashToken is what is kept of a token: it has all the randomness that a hash needs.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (d *Door) cookieName(r *http.Request) string {
	if d.Secure(r) {
		return secureCookieName
	}
	return cookieName
}

// token is what the request's cookie holds, "" nothing.
func (d *Door) token(r *http.Request) string {
	c, err := r.Cookie(d.cookieName(r))
	if err != nil {
		return ""
	}
	return c.Value
}

// SetCookie gives the browser its token, until the session's end.
func (d *Door) SetCookie(w http.ResponseWriter, r *http.Request, token string, ends time.Time) {
	http.SetCookie(w, d.cookie(r, token, ends))
}

// ClearCookie takes the token away.
func (d *Door) ClearCookie(w http.ResponseWriter, r *http.Request) {
	c := d.cookie(r, "", time.Time{})
	c.MaxAge = -1
	http.SetCookie(w, c)
}

func (d *Door) cookie(r *http.Request, token string, ends time.Time) *http.Cookie {
	return &http.Cookie{Name: d.cookieName(r), Value: token, Path: "/", Expires: ends, HttpOnly: true, Secure: d.Secure(r), SameSite: http.SameSiteLaxMode}
}

// protection tells requests that a page of another origin has a browser make.
var protection = http.NewCrossOriginProtection()

// fromElsewhere reports whether a page of another origin has the browser make the request,
// whatever its method. A client that is no browser says nothing about it.
func fromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		if origin == "" {
			return false
		}
		u, err := url.Parse(origin)
		return err != nil || u.Host != r.Host
	}
	return true
}
