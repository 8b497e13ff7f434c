package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

const (
	early      = 5 * time.Minute  // a token is renewed this long before it expires
	late       = 30 * time.Second // and not used for longer than until this before
	fetchLimit = 10 * time.Second // for one fetch
	pause      = 2 * time.Second  // after a fetch that failed
	maxToken   = 64 << 10         // bytes of a token server's answer
)

// tokens is an OAuth 2 access token that is kept and renewed before it expires. While one
// fetch is under way nobody starts another; a token that still holds is used meanwhile.
type tokens struct {
	where string                                             // "provider x: https://…", for errors
	url   string                                             // of the token server
	form  func(now time.Time) (values url.Values, err error) // what to send; its error holds no secret
	now   func() time.Time
	http  *http.Client

	mu      sync.Mutex
	token   string
	expires time.Time
	pending chan struct{} // closed when the fetch under way ends, nil none
	err     error         // of the last fetch
	failed  time.Time
}

// tokenClient follows no redirect: what it sends is a credential.
var tokenClient = &http.Client{
	Timeout:       fetchLimit,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// tokenURL checks where a credential would be sent: over TLS to a host of that domain, or
// to the host of the provider itself, which the operator has configured.
func tokenURL(row *catalog.Provider, base *url.URL, raw, domain string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("provider %s: the token URL of the credential is no https URL", row.Slug)
	}
	own := u.Hostname() == base.Hostname() && u.Scheme == base.Scheme
	theirs := u.Scheme == "https" && u.Port() == "" && (u.Hostname() == domain || strings.HasSuffix(u.Hostname(), "."+domain))
	if !own && !theirs {
		return "", fmt.Errorf("provider %s: the token URL of the credential is at %q, which is not in %s; the credential is not sent there", row.Slug, u.Host, domain)
	}
	return u.String(), nil
}

func (t *tokens) sign(ctx context.Context, o *outgoing) error {
	token, err := t.get(ctx)
	if err != nil {
		return err
	}
	o.header["Authorization"] = []string{"Bearer " + token}
	return nil
}

// get is a token that holds, fetched if need be. Who waits for a fetch may leave; the fetch
// goes on.
func (t *tokens) get(ctx context.Context) (string, error) {
	for {
		t.mu.Lock()
		now := t.now()
		left := t.expires.Sub(now)
		switch {
		case left > early:
			defer t.mu.Unlock()
			return t.token, nil
		case t.pending == nil && now.Sub(t.failed) >= pause:
			t.pending = make(chan struct{})
			go t.renew(t.pending)
		case t.pending == nil && left <= late: // it has just failed
			defer t.mu.Unlock()
			return "", t.err
		}
		if left > late {
			defer t.mu.Unlock()
			return t.token, nil
		}
		pending := t.pending
		t.mu.Unlock()
		select {
		case <-pending:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func (t *tokens) renew(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchLimit)
	defer cancel()
	token, life, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = nil
	close(done)
	if err != nil {
		t.err, t.failed = err, t.now()
		return
	}
	t.token, t.expires, t.err, t.failed = token, t.now().Add(life), nil, time.Time{}
}

func (t *tokens) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	form, err := t.form(t.now())
	if err != nil {
		return "", 0, fault.Wrap(fault.Credential, fmt.Errorf("%s: %w", t.where, err))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, fault.Wrap(fault.Credential, errors.New(t.where+": not a URL"))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := t.http.Do(req)
	if err != nil {
		kind := fault.Broken
		if ctx.Err() != nil {
			kind = fault.TimedOut
		}
		return "", 0, fault.Wrap(kind, fmt.Errorf("%s: %w", t.where, err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxToken))
	var d rawjson.Doc
	if err != nil || d.Parse(body) != nil {
		return "", 0, t.refused(resp.StatusCode, "")
	}
	root := d.Root()
	token = root.Get("access_token").Str()
	if resp.StatusCode != http.StatusOK || token == "" || strings.ContainsAny(token, "\r\n") {
		return "", 0, t.refused(resp.StatusCode, root.Get("error").Str())
	}
	seconds, _ := root.Get("expires_in").Int()
	if seconds <= 0 {
		seconds = 3600
	}
	return token, time.Duration(min(max(seconds, 60), 86400)) * time.Second, nil
}

// codes are the error codes of RFC 6749 §5.2: anything else that the server says might be
// what it was sent.
var codes = regexp.MustCompile(`^[a-z_]{1,40}$`)

func (t *tokens) refused(status int, code string) error {
	kind := fault.Credential
	if status == http.StatusTooManyRequests || status >= 500 {
		kind = fault.Broken
	}
	if !codes.MatchString(code) {
		code = "no error code"
	}
	return fault.Wrap(kind, fmt.Errorf("%s: the token server answered %d, %s", t.where, status, code))
}
