package provider

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
)

// aws signs calls with an access key.
type aws struct {
	key   sigv4.Key
	scope sigv4.Scope
	now   func() time.Time
}

// newAWS reads a Bedrock API key, which goes as a bearer token, or a JSON object of
// access_key_id, secret_access_key and session_token.
func newAWS(row *catalog.Provider, base *url.URL, secret string) (signer, error) {
	d, ok := fields(secret)
	if !ok {
		if strings.HasPrefix(strings.TrimSpace(secret), "{") {
			return nil, fmt.Errorf("provider %s: the AWS credential is not a JSON object", row.Slug)
		}
		return bearer(secret), nil
	}
	a := &aws{scope: sigv4.Scope{Region: row.Region, Service: "bedrock"}, now: now}
	for _, key := range []string{"access_key_id", "AccessKeyId"} {
		if v := d.Root().Get(key).Str(); v != "" {
			a.key.ID = v
		}
	}
	for _, key := range []string{"secret_access_key", "SecretAccessKey"} {
		if v := d.Root().Get(key).Str(); v != "" {
			a.key.Secret = v
		}
	}
	for _, key := range []string{"session_token", "SessionToken"} {
		if v := d.Root().Get(key).Str(); v != "" {
			a.key.Session = v
		}
	}
	if a.key.ID == "" || a.key.Secret == "" {
		return nil, fmt.Errorf("provider %s: the AWS credential needs access_key_id and secret_access_key", row.Slug)
	}
	if strings.HasPrefix(base.Host, "bedrock-mantle.") {
		a.scope.Service = "bedrock-mantle"
	}
	if a.scope.Region == "" {
		a.scope.Region = regionOf(base.Hostname())
	}
	if a.scope.Region == "" {
		return nil, fmt.Errorf("provider %s: base URL %q names no AWS region to sign for; set region in the configuration", row.Slug, row.BaseURL)
	}
	return a, nil
}

func (a *aws) sign(_ context.Context, o *outgoing) error {
	sigv4.Sign(&sigv4.Call{Method: o.method, Host: o.host, Target: o.target, Header: o.header, Body: o.body}, a.key, a.scope, a.now())
	return nil
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
