// Package sigv4 signs calls with AWS's Signature Version 4
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
// It signs headers, not URLs, and knows no clock and no credential chain: time and key are
// arguments. Start with Sign.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Key is an access key of AWS.
type Key struct {
	ID, Secret string
	Session    string // token of a temporary key, "" none
}

// Scope is what a signature holds for.
type Scope struct{ Region, Service string }

// Call is what is signed. Header gets the signature; the body is read only.
type Call struct {
	Method, Host string
	Target       string // path and query as they are sent
	Header       map[string][]string
	Body         [][]byte // in segments
}

const (
	algorithm = "AWS4-HMAC-SHA256"
	longTime  = "20060102T150405Z"

	// s3 is the one service that wants the digest of the body as a header, and whose paths are
	// signed as they are sent
	// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
	s3 = "s3"
)

// Sign adds X-Amz-Date, the token of a temporary key and Authorization to the call's header.
// What else of the header begins with X-Amz or is Content-Type is signed too, so it must be
// there before.
func Sign(c *Call, key Key, scope Scope, now time.Time) {
	stamp := now.UTC().Format(longTime)
	c.Header["X-Amz-Date"] = []string{stamp}
	if key.Session != "" {
		c.Header["X-Amz-Security-Token"] = []string{key.Session}
	}
	if scope.Service == s3 {
		c.Header["X-Amz-Content-Sha256"] = []string{digest(c.Body)}
	}
	canonical, signed := canonicalRequest(c, scope.Service)
	where := stamp[:8] + "/" + scope.Region + "/" + scope.Service + "/aws4_request"
	sum := sha256.Sum256([]byte(canonical))
	text := algorithm + "\n" + stamp + "\n" + where + "\n" + hex.EncodeToString(sum[:])
	mac := []byte("AWS4" + key.Secret)
	for _, part := range []string{stamp[:8], scope.Region, scope.Service, "aws4_request", text} {
		h := hmac.New(sha256.New, mac)
		h.Write([]byte(part))
		mac = h.Sum(nil)
	}
	c.Header["Authorization"] = []string{algorithm + " Credential=" + key.ID + "/" + where + ", SignedHeaders=" + signed + ", Signature=" + hex.EncodeToString(mac)}
}

// canonicalRequest is what is signed, and the names of the headers that are. The path is
// escaped once more than it is sent, as for every service but S3.
func canonicalRequest(c *Call, service string) (text, signed string) {
	path, query, _ := strings.Cut(c.Target, "?")
	if path == "" {
		path = "/"
	}
	if service != s3 {
		path = EscapePath(path)
	}
	var b strings.Builder
	b.WriteString(c.Method + "\n" + path + "\n" + canonicalQuery(query) + "\n")
	names, values := signedHeaders(c)
	for _, name := range names {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	signed = strings.Join(names, ";")
	b.WriteString("\n" + signed + "\n" + digest(c.Body))
	return b.String(), signed
}

func digest(body [][]byte) string {
	sum := sha256.New()
	for _, part := range body {
		sum.Write(part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// signedHeaders are the headers that are signed, by name in order, with their values in the
// canonical form.
func signedHeaders(c *Call) (names []string, values map[string]string) {
	names, values = []string{"host"}, map[string]string{"host": c.Host}
	for key, list := range c.Header {
		name := strings.ToLower(key)
		if name != "content-type" && !strings.HasPrefix(name, "x-amz") {
			continue
		}
		var trimmed []string
		for _, v := range list {
			trimmed = append(trimmed, strings.Join(strings.Fields(v), " "))
		}
		names = append(names, name)
		values[name] = strings.Join(trimmed, ",")
	}
	slices.Sort(names)
	return names, values
}

// EscapePath escapes all of a path but its slashes and what AWS leaves as it is.
func EscapePath(path string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(path)+16)
	for i := range len(path) {
		c := path[i]
		if c == '/' || c == '-' || c == '.' || c == '_' || c == '~' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b = append(b, c)
		} else {
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

// canonicalQuery sorts a query that is escaped already.
func canonicalQuery(query string) string {
	if query == "" {
		return ""
	}
	pairs := strings.Split(query, "&")
	for i, p := range pairs {
		if !strings.Contains(p, "=") {
			pairs[i] = p + "="
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}
