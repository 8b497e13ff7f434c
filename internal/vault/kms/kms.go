// Package kms has the key-encrypting keys of key services: HashiCorp Vault's transit engine,
// AWS KMS and Google's Cloud KMS, each over its own HTTP API.
//
// Each wraps data keys that this process makes; keys of the service never leave it. Every
// call has a deadline, none follows a redirect, and addresses are https, or http on this
// machine. It has no retries and no memory: put vault.Remember around a key. It looks for no
// credentials: they come from a function at each call, so they may change. Of what a service
// answers to a refusal only its code gets into an error, of HashiCorp Vault, which has no
// codes, its words. Start with Transit, AWS or Google.
package kms

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

const (
	timeout   = 5 * time.Second // where none is configured
	maxAnswer = 64 << 10        // bytes of a service's answer
)

// Doer sends a request. One that is no *http.Client must not follow redirects: what is sent
// has a credential and a data key in it. Of an *http.Client, that is seen to here.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Token gives the credential of a call. Its error must hold no secret. An error that is a
// *vault.Error keeps its Kind: Denied says that there is no credential any more, where any
// other is an outage.
type Token func(ctx context.Context) (string, error)

// Caller is how a service is called. The zero Caller is usable.
type Caller struct {
	HTTP    Doer          // nil for a client of its own
	Timeout time.Duration // for one call, with its credential: 5 seconds when 0
}

// service is one address of a key service.
type service struct {
	base    *url.URL
	http    Doer
	timeout time.Duration
}

func newService(c Caller, address string) (*service, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("its address is no URL of scheme, host and path alone; correct it")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && here(u.Hostname())) {
		return nil, fmt.Errorf("its address %s is not https, and data keys go there; use https, or an agent on this machine", u)
	}
	s := &service{base: u, http: c.HTTP, timeout: c.Timeout}
	if s.timeout <= 0 {
		s.timeout = timeout
	}
	client, ok := s.http.(*http.Client)
	if s.http == nil || ok && client == nil {
		client, ok = new(http.Client), true
	}
	if ok {
		own := *client
		own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		s.http = &own
	}
	return s, nil
}

func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// answer is what a service said.
type answer struct {
	status int
	root   rawjson.Node
}

// post sends JSON to a path below the address. prepare adds the credential; its error is
// returned as it is. The others are an *Error.
func (s *service) post(ctx context.Context, path string, body []byte, prepare func(context.Context, *http.Request) error) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base.String()+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, failure(vault.Denied, "%w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header["Idempotency-Key"] = []string{} // for net/http: may go out again when an idle connection closes; is not sent
	if err := prepare(ctx, req); err != nil {
		return answer{}, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{}, failure(vault.Unavailable, "%w", err)
	}
	defer resp.Body.Close()
	return read(resp)
}

func read(resp *http.Response) (answer, error) {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, failure(vault.Unavailable, "its answer is cut off: %w", err)
	}
	if resp.StatusCode/100 == 3 {
		return answer{}, failure(vault.Denied, "it answers with a redirect (%d), which is not followed; give the address that it leads to", resp.StatusCode)
	}
	a := answer{status: resp.StatusCode}
	var d rawjson.Doc
	if len(raw) <= maxAnswer && d.Parse(raw) == nil {
		a.root = d.Root()
	} else if a.status == http.StatusOK {
		return answer{}, failure(vault.Denied, "it answers something that is not JSON; see that the address is right")
	}
	return a, nil
}

// bytes is a field of the answer that is base64.
func (a answer) bytes(keys ...string) ([]byte, error) {
	text := a.root.At(keys...).Str()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || text == "" {
		return nil, failure(vault.Denied, "its answer lacks %s in base64", strings.Join(keys, "."))
	}
	return b, nil
}

// kindOf is what a status means where no code says it better.
func kindOf(status int) vault.Kind {
	if status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 {
		return vault.Unavailable
	}
	return vault.Denied
}

func failure(kind vault.Kind, format string, args ...any) error {
	return &vault.Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// refusal is a failure with the code that the service gave.
func refusal(kind vault.Kind, a answer, code string) error {
	if !codes.MatchString(code) {
		code = "no code"
	}
	return failure(kind, "it answers %d, %s", a.status, code)
}

// codes are how services spell them; anything else might be what was sent.
var codes = regexp.MustCompile(`^[A-Za-z_]{1,60}$`)

// credential is what a Token gives, fit for a header.
func credential(ctx context.Context, token Token) (string, error) {
	text, err := token(ctx)
	if err != nil {
		return "", noCredential(err)
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", failure(vault.Denied, "its credential is empty or has characters that no header takes")
	}
	return text, nil
}

func noCredential(err error) error {
	kind := vault.KindOf(err)
	if kind == vault.Unknown {
		kind = vault.Unavailable
	}
	return failure(kind, "its credential: %w", err)
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
