package provider

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

// sigV4 signs calls with AWS's Signature Version 4
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
type sigV4 struct {
	accessKey, secretKey, session string
	region, service               string
	now                           func() time.Time
}

// newAWS reads a Bedrock API key, which goes as a bearer token, or a JSON object of
// access_key_id, secret_access_key and session_token.
func newAWS(row *catalog.Provider, base *url.URL, secret string) (signer, error) {
	d, ok := fields(secret)
	if !ok {
		if strings.HasPrefix(strings.TrimSpace(secret), "{") {
			return nil, fmt.Errorf("provider %s: the AWS credential is not a JSON object", row.Slug)
		}
		return static{"Authorization", "Bearer " + secret}, nil
	}
	s := &sigV4{region: row.Region, service: "bedrock", now: now}
	for _, key := range []string{"access_key_id", "AccessKeyId"} {
		if v := d.Root().Get(key).Str(); v != "" {
			s.accessKey = v
		}
	}
	for _, key := range []string{"secret_access_key", "SecretAccessKey"} {
		if v := d.Root().Get(key).Str(); v != "" {
			s.secretKey = v
		}
	}
	for _, key := range []string{"session_token", "SessionToken"} {
		if v := d.Root().Get(key).Str(); v != "" {
			s.session = v
		}
	}
	if s.accessKey == "" || s.secretKey == "" {
		return nil, fmt.Errorf("provider %s: the AWS credential needs access_key_id and secret_access_key", row.Slug)
	}
	if strings.HasPrefix(base.Host, "bedrock-mantle.") {
		s.service = "bedrock-mantle"
	}
	if s.region == "" {
		s.region = regionOf(base.Hostname())
	}
	if s.region == "" {
		return nil, fmt.Errorf("provider %s: base URL %q names no AWS region to sign for; set region in the configuration", row.Slug, row.BaseURL)
	}
	return s, nil
}

// regions is how AWS names them: eu-central-1, us-gov-west-1.
var regions = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)

// regionOf is the region that a host name of AWS has in it, "" none.
func regionOf(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		if regions.MatchString(label) {
			return label
		}
	}
	return ""
}

const (
	algorithm = "AWS4-HMAC-SHA256"
	longTime  = "20060102T150405Z"
)

func (s *sigV4) sign(_ context.Context, o *outgoing) error {
	stamp := s.now().UTC().Format(longTime)
	o.header["X-Amz-Date"] = []string{stamp}
	if s.session != "" {
		o.header["X-Amz-Security-Token"] = []string{s.session}
	}
	canonical, signed := canonicalRequest(o)
	scope := stamp[:8] + "/" + s.region + "/" + s.service + "/aws4_request"
	sum := sha256.Sum256([]byte(canonical))
	text := algorithm + "\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + s.secretKey)
	for _, part := range []string{stamp[:8], s.region, s.service, "aws4_request", text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	o.header["Authorization"] = []string{algorithm + " Credential=" + s.accessKey + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + hex.EncodeToString(key)}
	return nil
}

// canonicalRequest is what is signed, and the names of the headers that are. The path is
// escaped once more than it is sent, as for every service but S3.
func canonicalRequest(o *outgoing) (text, signed string) {
	path, query, _ := strings.Cut(o.target, "?")
	if path == "" {
		path = "/"
	}
	var b strings.Builder
	b.WriteString(o.method + "\n" + escapePath(path) + "\n" + canonicalQuery(query) + "\n")
	names := []string{"host"}
	values := map[string]string{"host": o.host}
	for key, list := range o.header {
		if name := strings.ToLower(key); name == "content-type" || strings.HasPrefix(name, "x-amz") {
			var trimmed []string
			for _, v := range list {
				trimmed = append(trimmed, strings.Join(strings.Fields(v), " "))
			}
			names = append(names, name)
			values[name] = strings.Join(trimmed, ",")
		}
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	signed = strings.Join(names, ";")
	b.WriteString("\n" + signed + "\n")
	sum := sha256.New()
	for _, part := range o.body {
		sum.Write(part)
	}
	b.WriteString(hex.EncodeToString(sum.Sum(nil)))
	return b.String(), signed
}

func escapePath(path string) string {
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
