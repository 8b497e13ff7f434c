package upstream

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one HTTP/1.1 connection to a provider, used by one call at a time. The call's own
// goroutine writes the request and reads the answer: no hand-over, no buffer but one.
type conn struct {
	scrap [512]byte // what drained reads and nobody wants
	net.Conn
	plain  net.Conn // below TLS; Conn itself without it
	br     *bufio.Reader
	idleAt time.Time
	to     address
}

// address says which connections are alike.
type address struct{ scheme, host string }

// asksPOST tells http.ReadResponse that the answer may have a body.
var asksPOST = &http.Request{Method: http.MethodPost}

// Sizes up to which a request's head and body are joined: a copy is cheaper than a list of
// buffers for the kernel, and over TLS the request is one record.
const (
	joinPlain = 4 << 10
	joinTLS   = 16 << 10
)

// bigBody is the size from which a body is written beside the reading of the answer, so
// that a provider that answers before it has read everything is heard.
const bigBody = 64 << 10

// heads lends buffers for request heads.
var heads = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// errUnheard is about a connection that failed without a byte of an answer.
var errUnheard = errors.New("the connection ended without an answer")

var errHeader = errors.New("upstream: a header value has a line break in it")

// appendHead writes the request line and headers (RFC 9112 §3).
func appendHead(dst []byte, method, target, host string, h http.Header, length int64) ([]byte, error) {
	dst = append(append(append(dst, method...), ' '), target...)
	dst = append(append(dst, " HTTP/1.1\r\nHost: "...), host...)
	for k, vs := range h {
		for _, v := range vs {
			if strings.ContainsAny(v, "\r\n") || strings.ContainsAny(k, "\r\n: ") {
				return dst, errHeader
			}
			dst = append(append(append(append(dst, "\r\n"...), k...), ": "...), v...)
		}
	}
	dst = append(dst, "\r\nContent-Length: "...)
	return append(strconv.AppendInt(dst, length, 10), "\r\n\r\n"...), nil
}

// write sends head and body, whose length is known. A small request is joined first, at the
// end of head; of a longer one head and body go out in one system call over plain TCP.
func (c *conn) write(head *[]byte, body [][]byte, length int64) error {
	_, secure := c.Conn.(*tls.Conn)
	join := int64(joinPlain)
	if secure {
		join = joinTLS
	}
	switch {
	case length <= join:
		for _, b := range body {
			*head = append(*head, b...)
		}
		_, err := c.Conn.Write(*head)
		return err
	case secure:
		return c.writeAll(*head, body)
	}
	bufs := make(net.Buffers, 0, len(body)+1)
	bufs = append(append(bufs, *head), body...)
	_, err := bufs.WriteTo(c.Conn)
	return err
}

func (c *conn) writeAll(head []byte, body [][]byte) error {
	if _, err := c.Conn.Write(head); err != nil {
		return err
	}
	for _, b := range body {
		if _, err := c.Conn.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// send writes a request and reads the head of its answer. sending is counted down when
// the body's memory is not looked at any more.
func (c *conn) send(head *[]byte, body [][]byte, length int64, sending *atomic.Int32) (*http.Response, error) {
	sending.Add(1)
	var written chan error // of a body that is written beside
	var werr error
	if length < bigBody {
		werr = c.write(head, body, length)
		sending.Add(-1)
	} else {
		written = make(chan error, 1)
		own := append([]byte(nil), *head...)
		go func() {
			err := c.write(&own, body, length)
			sending.Add(-1)
			written <- err
		}()
	}
	_, err := c.br.Peek(1)
	heard := err == nil
	for {
		var resp *http.Response
		if heard {
			resp, err = http.ReadResponse(c.br, asksPOST)
		}
		if err != nil {
			select {
			case werr = <-written:
			default:
			}
			if werr != nil { // it came first and says more
				err = werr
			}
			if !heard {
				err = fmt.Errorf("%w: %w", errUnheard, err)
			}
			return nil, err
		}
		if resp.StatusCode >= 200 {
			return resp, nil
		} // 1xx: the answer follows (RFC 9110 §15.2)
	}
}

// A pool keeps idle connections by address. The zero pool is ready.
type pool struct {
	mu     sync.Mutex
	idle   map[address][]*conn
	closed bool
	timer  *time.Timer
}

// How many connections wait for use at one address, and how long: shorter than servers
// keep them, so that a request seldom meets one that is being closed.
const (
	maxIdle  = 1024
	idleLife = 30 * time.Second
	checkAge = time.Second
)

// get is the connection used last, nil when there is none that lives.
func (p *pool) get(to address, now time.Time) *conn {
	for {
		p.mu.Lock()
		list := p.idle[to]
		if len(list) == 0 {
			p.mu.Unlock()
			return nil
		}
		c := list[len(list)-1]
		list[len(list)-1] = nil
		p.idle[to] = list[:len(list)-1]
		p.mu.Unlock()
		age := now.Sub(c.idleAt)
		if age < checkAge || age < idleLife && alive(c.plain) {
			return c
		}
		c.Close()
	}
}

// put makes a connection idle.
func (p *pool) put(c *conn, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle[c.to]) >= maxIdle {
		c.Close()
		return
	}
	if p.idle == nil {
		p.idle = map[address][]*conn{}
	}
	c.idleAt = now
	p.idle[c.to] = append(p.idle[c.to], c)
	if p.timer == nil {
		p.timer = time.AfterFunc(idleLife, p.prune)
	}
}

// prune closes what has been idle for too long.
func (p *pool) prune() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = nil
	now, left := time.Now(), 0
	for to, list := range p.idle {
		kept := list[:0]
		for _, c := range list {
			if now.Sub(c.idleAt) < idleLife {
				kept = append(kept, c)
			} else {
				c.Close()
			}
		}
		if clear(list[len(kept):]); len(kept) == 0 {
			delete(p.idle, to)
		} else {
			p.idle[to] = kept
		}
		left += len(kept)
	}
	if left > 0 && !p.closed {
		p.timer = time.AfterFunc(idleLife, p.prune)
	}
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	for _, list := range p.idle {
		for _, c := range list {
			c.Close()
		}
	}
	p.idle = nil
}

// dial opens a connection to the host of a URL.
func (c *Client) dial(ctx context.Context, u *url.URL) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeouts.Connect)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	plain, err := c.dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, err
	}
	out := &conn{Conn: plain, plain: plain, to: address{u.Scheme, u.Host}}
	if u.Scheme == "https" {
		t := tls.Client(plain, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, ClientSessionCache: c.sessions})
		if err := t.HandshakeContext(ctx); err != nil {
			plain.Close()
			return nil, err
		}
		out.Conn = t
	}
	out.br = bufio.NewReaderSize(out.Conn, 4<<10)
	return out, nil
}

// drained reads what little may follow the part of an answer that mattered, and reports
// whether its end came: then the connection can serve again.
func drained(c *conn, body io.Reader) bool {
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		return false
	}
	for range 8 {
		if _, err := body.Read(c.scrap[:]); err == io.EOF {
			return c.SetReadDeadline(time.Time{}) == nil
		} else if err != nil {
			return false
		}
	}
	return false
}
