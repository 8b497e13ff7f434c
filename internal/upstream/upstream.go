// Package upstream sends one call to one provider and gives back its answer: connection
// pool, deadlines, cancellation, and the classification of what fails below HTTP. It
// never follows a redirect, and sends again only what met a connection that was just being
// closed; which endpoint is next is the pipeline's.
package upstream

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
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

// Client calls providers over HTTP/1.1 connections of its own; through a proxy, where the
// environment names one for the provider, over net/http. It is safe for concurrent use.
type Client struct {
	timeouts Timeouts
	dialer   net.Dialer
	sessions tls.ClientSessionCache
	pool     pool
	proxied  *http.Transport
}

// New is a client with its own pool. Close ends its idle connections.
func New(t Timeouts) *Client {
	t = t.WithDefaults()
	return &Client{
		timeouts: t,
		dialer:   net.Dialer{Timeout: t.Connect, KeepAlive: 30 * time.Second},
		sessions: tls.NewLRUClientSessionCache(256),
		proxied: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSHandshakeTimeout: t.Connect,
			MaxIdleConnsPerHost: maxIdle,
			IdleConnTimeout:     idleLife,
			DisableCompression:  true, // frames pass as they are
		},
	}
}

// Close ends idle connections.
func (c *Client) Close() {
	c.pool.close()
	c.proxied.CloseIdleConnections()
}

// Answer is a provider's 2xx answer. Close must be called; it ends the call.
type Answer struct {
	Status int
	Header dialect.Header
	Body   io.Reader
	close  func(whole bool)
}

// Close ends the call. whole says that the answer was read as far as it matters: then the
// connection may serve again.
func (a *Answer) Close(whole bool) { a.close(whole) }

var (
	errFirst = errors.New("no content within the first-token deadline")
	errIdle  = errors.New("no data within the idle deadline")
	errWhole = errors.New("no answer within the deadline")
)

// Do sends the call that a made. An answer that is not 2xx is classified by that adapter
// and returned as a *fault.Error, like everything that fails below HTTP. stream picks the
// deadlines; for a stream, First holds until the clock is told of the first content.
// sending counts the request bodies that a connection may still be reading: the call's
// memory is the caller's again when it is back where it was.
func (c *Client) Do(ctx context.Context, p *provider.Provider, a dialect.Adapter, call dialect.Call, stream bool, sending *atomic.Int32) (*Answer, *Clock, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	clock := newClock(c.timeouts, stream, cancel)
	resp, end, err := c.send(ctx, p, call, sending)
	stop := func(whole bool) {
		clock.stop()
		if end != nil {
			end(whole)
		}
		cancel(nil)
	}
	if err != nil {
		err = classify(ctx, err)
		stop(false)
		return nil, nil, err
	}
	body := io.Reader(&reader{ctx: ctx, clock: clock, r: resp.Body})
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			err = classify(ctx, err)
			stop(false)
			return nil, nil, err
		}
	}
	ans := &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, close: stop}
	if resp.StatusCode/100 == 2 {
		return ans, clock, nil
	}
	text, readErr := io.ReadAll(io.LimitReader(body, maxErrorBody)) // a body that breaks off still has a status
	ans.Close(readErr == nil)
	e := a.Failure(resp.StatusCode, resp.Header, text)
	if resp.StatusCode/100 == 3 {
		e = &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("redirect %d is not followed", resp.StatusCode)}
	}
	e.Provider, e.UpstreamStatus = p.Name, resp.StatusCode
	return nil, nil, e
}

// send writes the call and reads the head of its answer. end gives the connection back.
func (c *Client) send(ctx context.Context, p *provider.Provider, call dialect.Call, sending *atomic.Int32) (resp *http.Response, end func(whole bool), err error) {
	h := make(http.Header, len(call.Header)+3)
	for k, v := range call.Header {
		h[k] = v
	}
	h["User-Agent"] = userAgent
	target := p.Base.EscapedPath() + call.Path
	if err := p.Sign(ctx, call.Method, target, h, call.Body); err != nil {
		return nil, nil, err
	}
	if proxied(p.Base) {
		return c.throughProxy(ctx, p, call, h)
	}
	cn, sent := c.pool.get(p.Base.Scheme+"://"+p.Base.Host, time.Now()), time.Now()
	if cn != nil {
		resp, end, err = c.over(ctx, cn, p, call, target, h, sending)
		if err == nil || !errors.Is(err, errUnheard) || ctx.Err() != nil || time.Since(sent) > closingRace {
			return resp, end, err
		} // the other side was closing the idle connection as the request went out
	}
	if cn, err = c.dial(ctx, p.Base); err != nil {
		return nil, nil, err
	}
	return c.over(ctx, cn, p, call, target, h, sending)
}

// closingRace is how soon a connection that was idle must fail, without a byte of an answer,
// to be taken for one that its server had given up. Later than that the server had the
// request and may have worked on it.
const closingRace = time.Second

// over sends the call on a connection, which it closes when that fails.
func (c *Client) over(ctx context.Context, cn *conn, p *provider.Provider, call dialect.Call, target string, h http.Header, sending *atomic.Int32) (resp *http.Response, end func(whole bool), err error) {
	unwatch := context.AfterFunc(ctx, func() { cn.Close() }) // deadlines and clients that leave
	head := heads.Get().(*[]byte)
	defer heads.Put(head)
	length := size(call.Body)
	if *head, err = appendHead((*head)[:0], call.Method, target, p.Base.Host, h, length); err == nil {
		resp, err = cn.send(*head, call.Body, length, sending)
	}
	if err != nil {
		unwatch()
		cn.Close()
		return nil, nil, err
	}
	body := resp.Body
	return resp, func(whole bool) {
		if !unwatch() || !whole || resp.Close || !drained(cn, body) || cn.br.Buffered() > 0 {
			cn.Close()
			return
		}
		c.pool.put(cn, time.Now())
	}, nil
}

func size(body [][]byte) (n int64) {
	for _, b := range body {
		n += int64(len(b))
	}
	return n
}

// proxies reports whether the environment, which net/http reads once, names any proxy.
var proxies = sync.OnceValue(func() bool {
	return through(&url.URL{Scheme: "http", Host: "any.invalid"}) || through(&url.URL{Scheme: "https", Host: "any.invalid"})
})

// proxied reports whether the environment names a proxy for a provider.
func proxied(base *url.URL) bool { return proxies() && through(base) }

func through(base *url.URL) bool {
	u, err := http.ProxyFromEnvironment(&http.Request{URL: base})
	return err != nil || u != nil
}

// throughProxy sends the call with net/http, which knows proxies. It sends a copy of the
// body, since net/http does not say when it is done with one.
func (c *Client) throughProxy(ctx context.Context, p *provider.Provider, call dialect.Call, h http.Header) (*http.Response, func(bool), error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, p.Base.String()+call.Path, bytes.NewReader(bytes.Join(call.Body, nil)))
	if err != nil {
		return nil, nil, err
	}
	req.Header = h
	resp, err := c.proxied.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	return resp, func(bool) { resp.Body.Close() }, nil
}

var userAgent = []string{"dragoman"}

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
