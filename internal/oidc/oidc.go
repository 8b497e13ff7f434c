// Package oidc asks OpenID Connect providers who somebody is: it verifies the tokens that
// they sign for workloads, and walks the authorization code flow for people. It promises that
// a token counts only if the issuer that was named signed it for the audience that was named,
// that each call has a deadline and a bounded answer, and that addresses which strangers name
// are dialled through publicnet alone. What a claim means is others'. Start with Issuers.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/dragoman-gateway/dragoman/internal/publicnet"
)

// Bounds of what is remembered and waited for.
const (
	maxIssuers = 256
	forgotten  = time.Hour        // after which an issuer is asked again what it is
	patience   = 10 * time.Second // for one call of an issuer
)

// Options say whom to believe. The zero value is for issuers that strangers name.
type Options struct {
	Private bool             // also private addresses and any port, and http on this machine: for issuers that the operator names
	Now     func() time.Time // required
}

// Issuers are the providers that were asked for. Its methods are safe for concurrent use.
type Issuers struct {
	Options
	client *http.Client

	mu    sync.Mutex
	known map[string]*issuer
}

// issuer is what a provider says of itself, asked once at a time.
type issuer struct {
	asking   sync.Mutex
	provider *oidc.Provider
	keys     *oidc.RemoteKeySet
	asked    time.Time
}

// New is Issuers that know none yet.
func New(o Options) *Issuers {
	allow := publicnet.Public
	if o.Private {
		allow = publicnet.Any
	}
	return &Issuers{Options: o, client: client(allow, o.Now), known: map[string]*issuer{}}
}

func client(allow func(netip.AddrPort) bool, now func() time.Time) *http.Client {
	return &http.Client{
		Timeout: patience,
		Transport: &prudent{now: now, next: &http.Transport{
			DialContext: publicnet.Dialer(allow).DialContext, TLSHandshakeTimeout: 5 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true, MaxIdleConns: 16, IdleConnTimeout: time.Minute,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("it redirects, which an issuer must not")
		},
	}
}

// Close ends the connections that are idle.
func (i *Issuers) Close() { i.client.CloseIdleConnections() }

// ErrAway is the error when an issuer cannot be asked: what it would say is not known.
var ErrAway = errors.New("the issuer cannot be reached")

// CheckIssuer says what is wrong with an issuer's URL: it must be https, but for one on this
// machine where that is allowed.
func (i *Issuers) CheckIssuer(s string) error {
	if u, err := url.Parse(s); err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !i.secure(s) {
		return errors.New("an issuer is an https URL without user, query and fragment")
	}
	return nil
}

// secure reports whether nobody on the way can answer for a URL.
func (i *Issuers) secure(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || i.Private && u.Scheme == "http" && local(u.Hostname()))
}

func local(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// ask is an issuer with its own description, remembered for some time.
func (i *Issuers) ask(ctx context.Context, name string) (*issuer, error) {
	if err := i.CheckIssuer(name); err != nil {
		return nil, err
	}
	i.mu.Lock()
	is := i.known[name]
	if is == nil {
		if len(i.known) >= maxIssuers { // whoever is asked for again is asked again
			clear(i.known)
		}
		is = &issuer{}
		i.known[name] = is
	}
	i.mu.Unlock()
	is.asking.Lock()
	defer is.asking.Unlock()
	if is.provider != nil && i.Now().Sub(is.asked) < forgotten {
		return is, nil
	}
	ctx = oidc.ClientContext(ctx, i.client)
	p, err := oidc.NewProvider(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	var said struct {
		Keys  string `json:"jwks_uri"`
		Token string `json:"token_endpoint"`
	}
	if err := p.Claims(&said); err != nil || !i.secure(said.Keys) || said.Token != "" && !i.secure(said.Token) {
		return nil, fmt.Errorf("%w: it names no https URLs of its keys and tokens", ErrAway)
	}
	is.provider, is.keys, is.asked = p, oidc.NewRemoteKeySet(ctx, said.Keys), i.Now()
	return is, nil
}

// Claims are what a token says of its subject.
type Claims map[string]any

// Text is a claim that is a text; "" for any other.
func (c Claims) Text(name string) string {
	s, _ := c[name].(string)
	return s
}

// Verify reads a token that the issuer must have signed for the audience, and that is valid
// now. The error is ErrAway when the issuer cannot be asked; any other says that the token
// does not count.
func (i *Issuers) Verify(ctx context.Context, issuer, audience, token string) (Claims, error) {
	t, err := i.verify(ctx, issuer, audience, token)
	if err != nil {
		return nil, err
	}
	return claimsOf(t)
}

func (i *Issuers) verify(ctx context.Context, issuer, audience, token string) (*oidc.IDToken, error) {
	is, err := i.ask(ctx, issuer)
	if err != nil {
		return nil, err
	}
	keys := &keySet{from: is.keys}
	t, err := oidc.NewVerifier(issuer, keys, &oidc.Config{ClientID: audience, Now: i.Now, SupportedSigningAlgs: algorithms}).Verify(ctx, token)
	if keys.away {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	return t, err
}

// algorithms are those with a key of two halves: nobody but the issuer signs with them.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// keySet is the keys of an issuer for one token; away says that they could not be fetched.
type keySet struct {
	from *oidc.RemoteKeySet
	away bool
}

// VerifySignature is the payload of a token that one of the keys has signed.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := k.from.VerifySignature(ctx, token)
	_, k.away = errors.AsType[*url.Error](err)
	return payload, err
}

func claimsOf(t *oidc.IDToken) (Claims, error) {
	var c Claims
	if err := t.Claims(&c); err != nil {
		return nil, fmt.Errorf("read the claims: %w", err)
	}
	return c, nil
}
