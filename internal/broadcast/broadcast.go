// Package broadcast tells destinations of requests that have ended. A request never waits
// for one: each destination has a queue of its own, bounded, whose overflow is dropped and
// counted, and one goroutine that ends when nothing has come for a while. Calls have a
// deadline, are tried again with pauses, follow no redirect, and dial public addresses only
// unless the operator says otherwise. Start with New and Broadcaster.Offer.
package broadcast

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/publicnet"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
)

// Bounds of what waits for one destination.
const (
	mostWaiting = 512
	mostBytes   = 32 << 20 // of prompts and answers
	mostAtOnce  = 64       // events that are sent together

	mostSaidAtOnce = 4 << 20 // of prompts and answers, beyond which no event joins them
)

// Options say what is wanted of others. All but Private are required.
type Options struct {
	// Open reads a destination's configuration.
	Open func(context.Context, *account.Destination) (telemetry.Target, error)
	// Private lets destinations be at any address: for networks whose clients are trusted.
	Private bool
	Log     *slog.Logger
	Now     func() time.Time

	// Times; tests have shorter ones. 0: 10 s, 1 s, 1 s, 5 min.
	Timeout, Gather, Pause, Idle time.Duration
}

// Broadcaster is safe for concurrent use.
type Broadcaster struct {
	Options
	client  *http.Client
	ctx     context.Context // ends with Close
	end     context.CancelFunc
	loops   sync.WaitGroup
	dropped atomic.Int64
	sent    atomic.Int64

	mu      sync.Mutex
	workers map[string]*worker // by the id of the destination
	last    map[string]Delivery
	shut    bool
}

// Delivery is how a destination is told, since the process began.
type Delivery struct {
	At            time.Time // of the last call; zero: none
	Error         string    // why that was not taken, without a secret; "" it was taken
	Sent, Dropped int64     // events
}

// maxLast bounds what is remembered of destinations.
const maxLast = 1024

// New makes a broadcaster, which opens no connection until there is something to tell.
func New(o Options) *Broadcaster {
	for of, otherwise := range map[*time.Duration]time.Duration{&o.Timeout: 10 * time.Second, &o.Gather: time.Second, &o.Pause: time.Second, &o.Idle: 5 * time.Minute} {
		if *of == 0 {
			*of = otherwise
		}
	}
	allow := publicnet.AnyPort
	if o.Private {
		allow = publicnet.Any
	}
	b := &Broadcaster{Options: o, workers: map[string]*worker{}, last: map[string]Delivery{}}
	b.ctx, b.end = context.WithCancel(context.Background())
	b.client = &http.Client{
		Transport: &http.Transport{ // no proxy of the environment, which would dial in its place
			DialContext: publicnet.Dialer(allow).DialContext, TLSHandshakeTimeout: 5 * time.Second, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b
}

// Close ends what is under way and drops what waits.
func (b *Broadcaster) Close() {
	b.mu.Lock()
	b.shut = true
	b.mu.Unlock()
	b.end()
	b.loops.Wait()
	b.client.CloseIdleConnections()
}

// Dropped is how many events no destination got that should have; Sent how many were taken.
func (b *Broadcaster) Dropped() int64 { return b.dropped.Load() }

// Sent is how many events were taken.
func (b *Broadcaster) Sent() int64 { return b.sent.Load() }

// Last is how a destination is told; false where it was told of nothing.
func (b *Broadcaster) Last(id string) (Delivery, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, ok := b.last[id]
	return d, ok
}

// Offer takes an event over for a destination that is to have it. It does not wait.
func (b *Broadcaster) Offer(d *account.Destination, e telemetry.Event) {
	e = e.For(d)
	it := item{d, e, size(e)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		b.drop(d.ID, 1)
		return
	}
	w := b.workers[d.ID]
	if w == nil {
		w = &worker{b: b, id: d.ID, queue: make(chan item, mostWaiting)}
		b.workers[d.ID] = w
		b.loops.Go(w.run)
	}
	if w.bytes.Add(it.size) <= mostBytes {
		select {
		case w.queue <- it:
			return
		default:
		}
	}
	w.bytes.Add(-it.size)
	b.drop(d.ID, 1)
}

// drop counts events that a destination does not get. The lock is held.
func (b *Broadcaster) drop(id string, events int64) {
	b.dropped.Add(events)
	b.tally(id, func(d *Delivery) { d.Dropped += events })
}

// tally changes what is remembered of a destination. The lock is held.
func (b *Broadcaster) tally(id string, change func(*Delivery)) {
	d, known := b.last[id]
	if !known && len(b.last) >= maxLast {
		clear(b.last)
	}
	change(&d)
	b.last[id] = d
}

func size(e telemetry.Event) int64 {
	if e.Said == nil {
		return 0
	}
	return int64(len(e.Said.Input) + len(e.Said.Completion) + len(e.Said.Reasoning))
}

// Try makes one call without events, as OpenRouter does to test a connection.
func (b *Broadcaster) Try(ctx context.Context, d *account.Destination) error {
	t, err := b.open(ctx, d)
	if err != nil {
		return err
	}
	err = b.send(ctx, &t, d, nil)
	if r, ok := err.(refused); ok && r.status == http.StatusBadRequest && !t.Exact { // an empty body is understood and not liked
		err = nil
	}
	b.note(d.ID, 0, err)
	return err
}

// note remembers how a call went that told of a number of events.
func (b *Broadcaster) note(id string, events int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tally(id, func(d *Delivery) { d.At, d.Error = b.Now(), "" })
	if err == nil {
		b.sent.Add(events)
		b.tally(id, func(d *Delivery) { d.Sent += events })
		return
	}
	b.drop(id, events)
	b.tally(id, func(d *Delivery) { d.Error = err.Error() })
}

// refused is an answer that is not one of success.
type refused struct {
	status int
	after  time.Duration
}

func (r refused) Error() string { return fmt.Sprintf("it answered %d", r.status) }
