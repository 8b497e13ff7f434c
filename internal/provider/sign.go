package provider

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// The ways to authenticate that a row may name, but for header:NAME.
const (
	authNone   = "none"
	authBearer = "bearer"
	authAWS    = "aws"
	authGoogle = "google"
	authEntra  = "entra"
)

// outgoing is a call as a signer sees it. Header is the signer's to add to.
type outgoing struct {
	method, host, target string // target is path and query as they are sent
	header               map[string][]string
	body                 [][]byte
}

// A signer adds to a call what proves who calls. Its errors hold no secret.
type signer interface {
	sign(ctx context.Context, o *outgoing) error
}

// Sign adds the credential to a call's headers. target is the path and query as they are
// sent; the body is read only. It may have to fetch a token, for which ctx bounds the wait.
// The error is a *fault.Error, or what ended ctx.
func (p *Provider) Sign(ctx context.Context, method, target string, header map[string][]string, body [][]byte) error {
	if p.signer == nil {
		return nil
	}
	return p.signer.sign(ctx, &outgoing{method: method, host: p.Base.Host, target: target, header: header, body: body})
}

// signerFor is what a row's auth asks for, nil for nothing. Its errors name no secret.
func signerFor(row *catalog.Provider, base *url.URL, secret string) (signer, error) {
	header, custom := strings.CutPrefix(row.Auth, "header:")
	switch {
	case secret == "" || row.Auth == authNone:
		return nil, nil
	case custom:
		return static{canonical(header), []string{secret}}, nil
	case row.Auth == "" || row.Auth == authBearer:
		return bearer(secret), nil
	case row.Auth == authAWS:
		return newAWS(row, base, secret)
	case row.Auth == authGoogle:
		return newGoogle(row, base, secret)
	case row.Auth == authEntra:
		return newEntra(row, base, secret)
	}
	return nil, fmt.Errorf("provider %s: auth %q is none of %s", row.Slug, row.Auth, catalog.AuthNames)
}

// static is a credential that is sent as it is.
type static struct {
	key   string
	value []string // one, that all calls share
}

func bearer(token string) static { return static{"Authorization", []string{"Bearer " + token}} }

func (s static) sign(_ context.Context, o *outgoing) error {
	o.header[s.key] = s.value
	return nil
}

// fields reads a credential that is a JSON object; ok is false for one that is not.
func fields(secret string) (d *rawjson.Doc, ok bool) {
	d = new(rawjson.Doc)
	return d, strings.HasPrefix(strings.TrimSpace(secret), "{") && d.Parse([]byte(secret)) == nil && d.Root().Kind() == rawjson.Object
}

// now is the time of a signature.
func now() time.Time { return time.Now() }
