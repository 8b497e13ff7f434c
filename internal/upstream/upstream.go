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
	call   *call
}

// Close ends the call. whole says that the answer was read as far as it matters: then the
// connection may serve again.
func (a *Answer) Close(whole bool) { a.call.end(whole) }

var (
	errFirst = errors.New("no content within the first-token deadline")
	errIdle  = errors.New("no data within the idle deadline")
	errWhole = errors.New("no answer within the deadline")
)

// A call is one call while it is under way. Its answer is read by one goroutine.
type call struct {
	Clock
	answer Answer
	client *Client
	conn   *conn // nil through a proxy
	resp   *http.Response
	src    io.Reader // the answer's body: own, or what net/http made
	own    body
	ended  bool // the answer's last byte has been read
}

// Read gives what the provider answers, and says to the clock that it came.
func (c *call) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	if n > 0 {
		c.data()
	}
	if err == io.EOF {
		c.ended = true
	} else if err != nil {
		err = c.classify(err)
	}
	return n, err
}

// Wait returns once there is something to read.
func (c *call) Wait() error {
	if c.conn != nil {
		return c.own.Wait()
	}
	return nil
}

// end ends the call and gives its connection back.
func (c *call) end(whole bool) {
	free := c.stop()
	switch {
	case c.resp == nil:
	case c.conn == nil:
		c.resp.Body.Close()
	case !free || !whole || c.resp.Close || !c.ended && !drained(c.conn, c.src) || c.conn.br.Buffered() > 0:
		c.conn.Close()
	default:
		c.client.pool.put(c.conn, time.Now())
	}
}

// Do sends the call that a made. An answer that is not 2xx is classified by that adapter
// and returned as a *fault.Error, like everything that fails below HTTP. stream picks the
// deadlines; for a stream, First holds until the clock is told of the first content.
// sending counts the request bodies that a connection may still be reading: the call's
// memory is the caller's again when it is back where it was.
func (c *Client) Do(ctx context.Context, p *provider.Provider, a dialect.Adapter, out dialect.Call, stream bool, sending *atomic.Int32) (*Answer, *Clock, error) {
	now := &call{client: c}
	now.start(ctx, c.timeouts, stream)
	if err := now.send(p, out, sending); err != nil {
		err = now.classify(err)
		now.end(false)
		return nil, nil, err
	}
	ans := &now.answer
	*ans = Answer{Status: now.resp.StatusCode, Header: now.resp.Header, Body: now, call: now}
	if now.resp.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(now)
		if err != nil {
			err = now.classify(err)
			now.end(false)
			return nil, nil, err
		}
		ans.Body = unzipped
	}
	if ans.Status/100 == 2 {
		return ans, &now.Clock, nil
	}
	text, readErr := io.ReadAll(io.LimitReader(ans.Body, maxErrorBody)) // a body that breaks off still has a status
	ans.Close(readErr == nil)
	e := a.Failure(ans.Status, ans.Header, text)
	if ans.Status/100 == 3 {
		e = &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("redirect %d is not followed", ans.Status)}
	}
	e.Provider, e.UpstreamStatus = p.Name, ans.Status
	return nil, nil, e
}

// send writes the call and reads the head of its answer.
func (c *call) send(p *provider.Provider, out dialect.Call, sending *atomic.Int32) error {
	h := http.Header(out.Header)
	h["User-Agent"] = userAgent
	target := p.Base.EscapedPath() + out.Path
	if err := p.Sign(c, out.Method, target, h, out.Body); err != nil {
		return err
	}
	if proxied(p.Base) {
		return c.throughProxy(p, out, h)
	}
	sent := time.Now()
	if cn := c.client.pool.get(address{p.Base.Scheme, p.Base.Host}, sent); cn != nil {
		err := c.over(cn, p, out, target, h, sending)
		if err == nil || !errors.Is(err, errUnheard) || c.Err() != nil || time.Since(sent) > closingRace {
			return err
		} // the other side was closing the idle connection as the request went out
	}
	cn, err := c.client.dial(c, p.Base)
	if err != nil {
		return err
	}
	return c.over(cn, p, out, target, h, sending)
}

// closingRace is how soon a connection that was idle must fail, without a byte of an answer,
// to be taken for one that its server had given up. Later than that the server had the
// request and may have worked on it.
const closingRace = time.Second

// over sends the call on a connection, which it closes when that fails.
func (c *call) over(cn *conn, p *provider.Provider, out dialect.Call, target string, h http.Header, sending *atomic.Int32) error {
	if err := c.watch(cn); err != nil { // deadlines and clients that leave
		cn.Close()
		return err
	}
	head := heads.Get().(*[]byte)
	defer heads.Put(head)
	length := size(out.Body)
	var err error
	if *head, err = appendHead((*head)[:0], out.Method, target, p.Base.Host, h, length); err == nil {
		c.resp, err = cn.send(head, out.Body, length, sending)
	}
	if err != nil {
		c.watch(nil)
		cn.Close()
		return err
	}
	c.conn, c.own = cn, bodyOf(c.resp, cn.br)
	c.src = &c.own
	return nil
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
func (c *call) throughProxy(p *provider.Provider, out dialect.Call, h http.Header) error {
	req, err := http.NewRequestWithContext(c, out.Method, p.Base.String()+out.Path, bytes.NewReader(bytes.Join(out.Body, nil)))
	if err != nil {
		return err
	}
	req.Header = h
	if c.resp, err = c.client.proxied.RoundTrip(req); err == nil {
		c.src = c.resp.Body
	}
	return err
}

var userAgent = []string{"dragoman"}

// classify tells whose fault a failure below HTTP is.
func (c *call) classify(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	cause := c.why()
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
