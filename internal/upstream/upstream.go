// Package upstream sends one call to one provider and gives back its answer: connection
// pool, deadlines, cancellation, and the classification of what fails below HTTP. It
// never follows a redirect and never retries; which endpoint is next is the pipeline's.
package upstream

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

// maxErrorBody is how much of an error answer is read.
const maxErrorBody = 64 << 10

// Timeouts bound the phases of a call. A zero field takes the default in its comment.
type Timeouts struct {
	Connect time.Duration // to a connection, TLS included: 10 s
	First   time.Duration // of a stream: to its first content: 120 s
	Idle    time.Duration // of a stream: between reads: 120 s
	Whole   time.Duration // of an answer that does not stream: 15 min
}

// WithDefaults fills the zero fields.
func (t Timeouts) WithDefaults() Timeouts {
	for _, f := range []struct {
		d *time.Duration
		v time.Duration
	}{{&t.Connect, 10 * time.Second}, {&t.First, 2 * time.Minute}, {&t.Idle, 2 * time.Minute}, {&t.Whole, 15 * time.Minute}} {
		if *f.d == 0 {
			*f.d = f.v
		}
	}
	return t
}

// Client calls providers. It is safe for concurrent use.
type Client struct {
	transport *http.Transport
	timeouts  Timeouts
}

// New is a client with its own pool. Close ends its idle connections.
func New(t Timeouts) *Client {
	t = t.WithDefaults()
	dialer := &net.Dialer{Timeout: t.Connect, KeepAlive: 30 * time.Second}
	return &Client{timeouts: t, transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   t.Connect,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		MaxIdleConns:          4096,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       90 * time.Second,
		DisableCompression:    true, // frames pass as they are
		ExpectContinueTimeout: time.Second,
	}}
}

// Close ends idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Answer is a provider's 2xx answer. Close must be called; it ends the call.
type Answer struct {
	Status int
	Header dialect.Header
	Body   io.Reader
	close  func()
}

// Close ends the call and releases its connection.
func (a *Answer) Close() { a.close() }

var (
	errFirst = errors.New("no content within the first-token deadline")
	errIdle  = errors.New("no data within the idle deadline")
	errWhole = errors.New("no answer within the deadline")
)

// Do sends the call. An answer that is not 2xx is classified by the provider's adapter
// and returned as a *fault.Error, like everything that fails below HTTP. stream picks the
// deadlines; for a stream, First holds until the clock is told of the first content.
// sending counts the request bodies that a connection may still be reading: the call's
// memory is the caller's again when it is back where it was.
func (c *Client) Do(ctx context.Context, p *provider.Provider, call dialect.Call, stream bool, sending *atomic.Int32) (*Answer, *Clock, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	clock := newClock(c.timeouts, stream, cancel)
	end := func() { clock.stop(); cancel(nil) }
	req := c.request(ctx, p, call, sending)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		end()
		return nil, nil, classify(ctx, err)
	}
	reader := io.Reader(&reader{ctx: ctx, clock: clock, r: resp.Body})
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if reader, err = gzip.NewReader(reader); err != nil {
			resp.Body.Close()
			end()
			return nil, nil, classify(ctx, err)
		}
	}
	a := &Answer{Status: resp.StatusCode, Header: resp.Header, Body: reader, close: func() { resp.Body.Close(); end() }}
	if resp.StatusCode/100 == 2 {
		return a, clock, nil
	}
	defer a.Close()
	text, _ := io.ReadAll(io.LimitReader(reader, maxErrorBody)) // a body that breaks off still has a status
	e := p.Adapter.Failure(resp.StatusCode, resp.Header, text)
	if resp.StatusCode/100 == 3 {
		e = &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("redirect %d is not followed", resp.StatusCode)}
	}
	e.Provider, e.UpstreamStatus = p.Name, resp.StatusCode
	return nil, nil, e
}

// request builds the HTTP request by hand: the URL is parsed once per provider, and
// headers are already canonical.
func (c *Client) request(ctx context.Context, p *provider.Provider, call dialect.Call, sending *atomic.Int32) *http.Request {
	u := *p.Base
	path, query, _ := strings.Cut(call.Path, "?")
	u.Path, u.RawPath = joinPath(p.Base, path)
	u.RawQuery = query
	h := make(http.Header, len(call.Header)+2)
	for k, v := range call.Header {
		h[k] = v
	}
	h["User-Agent"] = userAgent
	p.Authorize(h)
	body := newSegments(call.Body, sending)
	req := &http.Request{
		Method: call.Method, URL: &u, Host: u.Host, Header: h,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: body, ContentLength: body.size(),
		GetBody: func() (io.ReadCloser, error) { return newSegments(call.Body, sending), nil },
	}
	return req.WithContext(ctx)
}

var userAgent = []string{"dragoman"}

func joinPath(base *url.URL, path string) (plain, raw string) {
	raw = base.EscapedPath() + path
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return raw, ""
	}
	return plain, raw
}

// classify tells whose fault a failure below HTTP is.
func classify(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errFirst), errors.Is(cause, errIdle), errors.Is(cause, errWhole), errors.Is(cause, context.DeadlineExceeded):
		return fault.Wrap(fault.TimedOut, cause)
	case cause != nil && !errors.Is(err, io.EOF):
		return fault.Wrap(fault.Gone, cause)
	}
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		return fault.Wrap(fault.TimedOut, err)
	}
	return fault.Wrap(fault.Broken, err)
}
