// Package totp is one-time codes by time (RFC 6238): six digits by HMAC-SHA-1, a new one each
// 30 seconds, as every authenticator app takes them. It has no clock, and does not remember
// which code was used: its caller does, by the step that Check gives.
package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// SecretSize is how many random bytes a secret has (RFC 4226 §4 R6).
const SecretSize = 20

const (
	period = 30 // seconds
	digits = 6
)

// Step numbers the periods of 30 seconds since 1970.
func Step(now time.Time) int64 { return now.Unix() / period }

// Code is the code of a step.
func Code(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%1_000_000)
}

// Check finds the step of a code, of now or one step to either side for clocks that differ
// (§5.2). Codes up to the step after were used and are none any more: after is 0 at first.
func Check(secret []byte, code string, now time.Time, after int64) (step int64, ok bool) {
	for s := Step(now) - 1; s <= Step(now)+1; s++ {
		if subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1 && s > after {
			step, ok = s, true
		}
	}
	return step, ok
}

// Text is the secret as it is typed.
func Text(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// URL is what an app reads from a QR code
// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
func URL(issuer, name string, secret []byte) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + name}
	return u.String() + "?secret=" + Text(secret) + "&issuer=" + url.PathEscape(issuer)
}
