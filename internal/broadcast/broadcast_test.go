package broadcast

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// collector takes what is sent and answers with a status.
type collector struct {
	*httptest.Server
	status atomic.Int64
	calls  atomic.Int64

	mu     sync.Mutex
	bodies []string
	header http.Header
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.status.Store(200)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.bodies, c.header = append(c.bodies, string(body)), r.Header
		c.mu.Unlock()
		c.calls.Add(1)
		w.WriteHeader(int(c.status.Load()))
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) all() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.bodies, "\n")
}

func newBroadcaster(t *testing.T, address string, o Options) *Broadcaster {
	o.Open = func(context.Context, *account.Destination) (telemetry.Target, error) {
		return telemetry.KindOf("webhook").Target(telemetry.Config{Values: map[string]string{"url": address}, Headers: map[string]string{"Authorization": "Bearer secret"}})
	}
	o.Log, o.Now = slog.New(slog.DiscardHandler), func() time.Time { return noon }
	if o.Gather == 0 {
		o.Gather = time.Millisecond
	}
	if o.Pause == 0 {
		o.Pause = time.Millisecond
	}
	b := New(o)
	t.Cleanup(b.Close)
	return b
}

func event(id string) telemetry.Event {
	return telemetry.Event{Record: &generation.Record{ID: id, Created: noon, API: "completions", Asked: "a/b"}, Said: &transcript.Transcript{Completion: []byte("said " + id)}}
}

func destination() *account.Destination {
	return &account.Destination{ID: "d", Account: "a", Workspace: "w", Kind: "webhook", Version: 1}
}

// until waits for a condition that others bring about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

func TestTells(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	b := newBroadcaster(t, c.URL, Options{Private: true, Gather: 50 * time.Millisecond})
	for _, id := range []string{"gen-1", "gen-2", "gen-3"} {
		b.Offer(destination(), event(id))
	}
	until(t, "sent", func() bool { return b.Sent() == 3 })
	if c.calls.Load() != 1 || !strings.Contains(c.all(), "gen-3") || !strings.Contains(c.all(), "said gen-1") {
		t.Errorf("%d calls: %s", c.calls.Load(), c.all())
	}
	if c.header.Get("Authorization") != "Bearer secret" || c.header.Get("Content-Type") != "application/json" || c.header.Get("X-Test-Connection") != "" {
		t.Errorf("%v", c.header)
	}
	private := destination()
	private.Private = true
	b.Offer(private, event("gen-4"))
	until(t, "sent", func() bool { return b.Sent() == 4 })
	if strings.Contains(c.all(), "said gen-4") {
		t.Error("what was said went to a destination that has metadata only")
	}
	if d, ok := b.Last("d"); !ok || d.Error != "" || !d.At.Equal(noon) || d.Sent != 4 || d.Dropped != 0 {
		t.Errorf("%+v", d)
	}
}

func TestTriesAgainWhatMayGetBetter(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	b := newBroadcaster(t, c.URL, Options{Private: true})
	c.status.Store(503)
	b.Offer(destination(), event("gen-1"))
	until(t, "two tries", func() bool { return c.calls.Load() >= 2 })
	c.status.Store(200)
	until(t, "sent or dropped", func() bool { return b.Sent()+b.Dropped() == 1 })
	if b.Sent() != 1 {
		t.Fatalf("dropped after %d tries", c.calls.Load())
	}
	c.status.Store(401)
	before := c.calls.Load()
	b.Offer(destination(), event("gen-2"))
	until(t, "dropped", func() bool { return b.Dropped() == 1 })
	if d, _ := b.Last("d"); c.calls.Load() != before+1 || d.Error != "it answered 401" {
		t.Errorf("%d tries, %+v", c.calls.Load()-before, d)
	}
	c.status.Store(500)
	before = c.calls.Load()
	b.Offer(destination(), event("gen-3"))
	until(t, "dropped", func() bool { return b.Dropped() == 2 })
	if n := c.calls.Load() - before; n != mostTries {
		t.Errorf("%d tries", n)
	}
	if d, _ := b.Last("d"); d.Sent != 1 || d.Dropped != 2 || d.Error != "it answered 500" {
		t.Errorf("%+v", d)
	}
}

// A destination that hangs takes nothing from others, from requests, or without bound.
func TestAHangingDestination(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); hanging.Close() })
	good := newCollector(t)
	b := newBroadcaster(t, "", Options{Private: true, Timeout: time.Minute})
	b.Open = func(_ context.Context, d *account.Destination) (telemetry.Target, error) {
		address := hanging.URL
		if d.ID == "good" {
			address = good.URL
		}
		return telemetry.KindOf("webhook").Target(telemetry.Config{Values: map[string]string{"url": address}})
	}
	began := time.Now()
	for range 3 * mostWaiting {
		b.Offer(destination(), event("gen-1"))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("offering took %v", took)
	}
	if n := b.Dropped(); n < mostWaiting {
		t.Errorf("%d dropped", n)
	}
	other := destination()
	other.ID = "good"
	b.Offer(other, event("gen-2"))
	until(t, "the other is told", func() bool { return b.Sent() == 1 })
	closed := make(chan struct{})
	go func() { b.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("it does not end while a destination hangs")
	}
	b.Offer(other, event("gen-3")) // is dropped, and starts nothing
}

func TestPromptsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBroadcaster(t, "http://192.0.2.1", Options{})
	b.Open = func(ctx context.Context, _ *account.Destination) (telemetry.Target, error) {
		<-ctx.Done()
		return telemetry.Target{}, ctx.Err()
	}
	big := event("gen-1")
	big.Said.Completion = make([]byte, mostBytes/4)
	for range 20 {
		b.Offer(destination(), big)
	}
	if n := b.Dropped(); n < 10 {
		t.Errorf("%d dropped", n)
	}
}

func TestStaysOutside(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	b := newBroadcaster(t, c.URL, Options{}) // at a private address
	b.Offer(destination(), event("gen-1"))
	until(t, "dropped", func() bool { return b.Dropped() == 1 })
	if d, _ := b.Last("d"); c.calls.Load() != 0 || d.Error != "it is not at a public address" {
		t.Errorf("%d calls, %+v", c.calls.Load(), d)
	}
	redirecting := httptest.NewServer(http.RedirectHandler(c.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirecting.Close)
	b = newBroadcaster(t, redirecting.URL, Options{Private: true})
	if err := b.Try(t.Context(), destination()); err == nil || err.Error() != "it answered 307" || c.calls.Load() != 0 {
		t.Errorf("a redirect: %v", err)
	}
}

func TestTry(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	b := newBroadcaster(t, c.URL, Options{Private: true})
	for status, want := range map[int64]string{200: "", 204: "", 400: "", 403: "it answered 403"} {
		c.status.Store(status)
		got := ""
		if err := b.Try(t.Context(), destination()); err != nil {
			got = err.Error()
		}
		if got != want || c.header.Get("X-Test-Connection") != "true" {
			t.Errorf("%d: %q", status, got)
		}
	}
	c.Close()
	if err := b.Try(t.Context(), destination()); err == nil || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("closed: %v", err)
	}
	b.Open = func(context.Context, *account.Destination) (telemetry.Target, error) {
		return telemetry.Target{}, errors.New("sealed")
	}
	if err := b.Try(t.Context(), destination()); err == nil {
		t.Error("a configuration that does not open is tried")
	}
}

// A worker that has nothing to do ends, and another begins when there is something.
func TestWorkersRetire(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	b := newBroadcaster(t, c.URL, Options{Private: true, Idle: 5 * time.Millisecond})
	for i := range int64(3) {
		b.Offer(destination(), event("gen-1"))
		until(t, "sent", func() bool { return b.Sent() == i+1 })
		until(t, "retired", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.workers) == 0 })
	}
}
