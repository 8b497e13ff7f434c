package upstream

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

type world struct {
	*Client
	p       *provider.Provider
	conns   atomic.Int32
	sending atomic.Int32
}

func newWorld(t *testing.T, timeouts Timeouts, h http.HandlerFunc) *world {
	t.Helper()
	w := &world{Client: New(timeouts)}
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			w.conns.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	t.Cleanup(w.Client.Close)
	w.p = w.at(t, srv.URL)
	return w
}

func (w *world) at(t *testing.T, base string) *provider.Provider {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return &provider.Provider{Slug: "x", Name: "X", Base: u}
}

func post(body ...string) dialect.Call {
	c := dialect.Call{Method: "POST", Path: "/chat?q=1", Header: dialect.Header{"Content-Type": {"application/json"}}}
	for _, b := range body {
		c.Body = append(c.Body, []byte(b))
	}
	return c
}

func (w *world) do(t *testing.T, ctx context.Context, c dialect.Call, stream bool) (string, error) {
	t.Helper()
	a, _, err := w.Do(ctx, w.p, &openaichat.Adapter{}, c, stream, &w.sending)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(a.Body)
	a.Close(err == nil)
	return string(text), err
}

func TestSegmentsArriveAndConnectionsAreReused(t *testing.T) {
	w := newWorld(t, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.URL, r.Header.Get("Content-Type"), b)
	})
	for _, n := range []int{1, 1000, bigBody, 3 << 20} {
		big := strings.Repeat("x", n)
		got, err := w.do(t, t.Context(), post("a", big, "b"), false)
		if err != nil || got != "/chat?q=1 application/json a"+big+"b" {
			t.Fatalf("%d: %.60q %v", n, got, err)
		}
	}
	if n := w.conns.Load(); n != 1 {
		t.Errorf("%d connections for calls one after another", n)
	}
	if n := w.sending.Load(); n != 0 {
		t.Errorf("%d bodies count as being read", n)
	}
}

// TestStreamConnectionIsReused: a stream is done when its last event is, before the
// transfer coding's own end has been read.
func TestStreamConnectionIsReused(t *testing.T) {
	w := newWorld(t, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "data: [DONE]\n\n")
		w.(http.Flusher).Flush()
	})
	for range 5 {
		a, _, err := w.Do(t.Context(), w.p, &openaichat.Adapter{}, post("{}"), true, &w.sending)
		if err != nil {
			t.Fatal(err)
		}
		var buf [14]byte
		if _, err := io.ReadFull(a.Body, buf[:]); err != nil {
			t.Fatal(err)
		}
		a.Close(true)
	}
	if n := w.conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestEarlyAnswerToALargeBody(t *testing.T) {
	w := newWorld(t, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(413)
		io.WriteString(w, `{"error":{"message":"too large"}}`)
	})
	_, err := w.do(t, t.Context(), post(strings.Repeat("x", 8<<20)), false)
	if k := fault.Of(err); k != fault.Refused && k != fault.Broken {
		t.Errorf("%v", err)
	}
}

func TestFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		h    http.HandlerFunc
		kind fault.Kind
	}{
		"redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 307) }, fault.Broken},
		"no answer": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Broken},
		"cut": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "99")
			w.Write([]byte("x"))
			panic(http.ErrAbortHandler)
		}, fault.Broken},
		"rate limit": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(429) }, fault.Overloaded},
		"silence":    {func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }, fault.TimedOut},
		"silence inside": {func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Write([]byte("x"))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, fault.TimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Timeouts{First: 100 * time.Millisecond, Whole: 100 * time.Millisecond}, tc.h)
			for _, stream := range []bool{false, true} {
				if _, err := w.do(t, t.Context(), post("{}"), stream); fault.Of(err) != tc.kind {
					t.Errorf("stream %v: %v", stream, err)
				}
			}
		})
	}
}

func TestIdleDeadlineAfterContent(t *testing.T) {
	w := newWorld(t, Timeouts{First: time.Minute, Idle: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write([]byte("x"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	a, clock, err := w.Do(t.Context(), w.p, &openaichat.Adapter{}, post("{}"), true, &w.sending)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(false)
	clock.Content()
	if _, err := io.ReadAll(a.Body); fault.Of(err) != fault.TimedOut {
		t.Errorf("%v", err)
	}
}

func TestCancelStopsTheProvider(t *testing.T) {
	stopped := make(chan struct{})
	w := newWorld(t, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write([]byte("x"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(stopped)
	})
	ctx, cancel := context.WithCancel(t.Context())
	a, _, err := w.Do(ctx, w.p, &openaichat.Adapter{}, post("{}"), true, &w.sending)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(a.Body); fault.Of(err) != fault.Gone {
		t.Errorf("%v", err)
	}
	a.Close(false)
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Error("the provider was not told")
	}
}

func TestGzip(t *testing.T) {
	w := newWorld(t, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, "hello")
		z.Close()
	})
	if got, err := w.do(t, t.Context(), post("{}"), false); got != "hello" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

// TestClosedIdleConnection: a connection that the provider closed is not used again.
func TestClosedIdleConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			c.Read(buf)
			io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			c.Close()
		}
	}()
	w := &world{Client: New(Timeouts{})}
	defer w.Client.Close()
	w.p = w.at(t, "http://"+ln.Addr().String())
	for i := range 3 {
		if got, err := w.do(t, t.Context(), post("{}"), false); got != "ok" || err != nil {
			t.Fatalf("call %d: %q %v", i, got, err)
		}
		w.pool.mu.Lock()
		for _, list := range w.pool.idle {
			for _, c := range list {
				c.idleAt = c.idleAt.Add(-2 * checkAge) // old enough to be looked at
				for alive(c.plain) {                   // until the close has arrived
					time.Sleep(time.Millisecond)
				}
			}
		}
		w.pool.mu.Unlock()
	}
}

// TestConnectionClosedAsTheRequestGoesOut: a call that meets the close of an idle connection
// goes out on a fresh one; one whose fresh connection ends so is not sent again.
func TestConnectionClosedAsTheRequestGoesOut(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var accepted, answers atomic.Int32 // connections; how many requests each of them answers
	answers.Store(1)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			go func() {
				defer c.Close()
				for range answers.Load() {
					r, err := http.ReadRequest(bufio.NewReaderSize(c, 1))
					if err != nil {
						return
					}
					io.Copy(io.Discard, r.Body)
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
				http.ReadRequest(bufio.NewReader(c))
			}()
		}
	}()
	w := &world{Client: New(Timeouts{})}
	defer w.Client.Close()
	w.p = w.at(t, "http://"+ln.Addr().String())
	for i, body := range []string{"{}", "{}", strings.Repeat("x", 2*bigBody), "{}"} {
		if got, err := w.do(t, t.Context(), post(body), false); got != "ok" || err != nil || accepted.Load() != int32(i+1) {
			t.Fatalf("call %d: %q %v on %d connections", i, got, err, accepted.Load())
		}
	}
	answers.Store(0)
	if _, err := w.do(t, t.Context(), post("{}"), false); fault.Of(err) != fault.Broken || accepted.Load() != 5 {
		t.Errorf("%v after %d connections", err, accepted.Load())
	}
}

func TestHeaderInjection(t *testing.T) {
	if _, err := appendHead(nil, "POST", "/", "h", http.Header{"Authorization": {"Bearer x\r\nEvil: 1"}}, 0); err == nil {
		t.Error("a line break passes")
	}
	head, err := appendHead(nil, "POST", "/p", "h", http.Header{"A": {"b"}}, 3)
	if want := "POST /p HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 3\r\n\r\n"; err != nil || !bytes.Equal(head, []byte(want)) {
		t.Errorf("%q %v", head, err)
	}
}
