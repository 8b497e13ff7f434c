package broadcast

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/publicnet"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
)

// worker is the one that calls a destination.
type worker struct {
	b     *Broadcaster
	id    string
	queue chan item
	bytes atomic.Int64 // in the queue

	target  telemetry.Target // of the destination's version
	version int64
	failing bool
}

type item struct {
	d    *account.Destination
	e    telemetry.Event
	size int64
}

// run sends what comes until nothing has come for a while.
func (w *worker) run() {
	idle := time.NewTimer(w.b.Idle)
	defer idle.Stop()
	for {
		select {
		case it := <-w.queue:
			w.deliver(w.gather(it))
			idle.Reset(w.b.Idle)
		case <-idle.C:
			if w.retire() {
				return
			}
			idle.Reset(w.b.Idle)
		case <-w.b.ctx.Done():
			w.b.mu.Lock()
			defer w.b.mu.Unlock()
			w.b.drop(w.id, int64(len(w.queue)))
			return
		}
	}
}

// retire takes the worker out, unless something has come meanwhile.
func (w *worker) retire() bool {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	if len(w.queue) > 0 {
		return false
	}
	delete(w.b.workers, w.id)
	return true
}

// gather waits a moment for more to send together.
func (w *worker) gather(first item) []item {
	list, said := []item{first}, first.size
	w.bytes.Add(-first.size)
	wait := time.NewTimer(w.b.Gather)
	defer wait.Stop()
	for len(list) < mostAtOnce && said < mostSaidAtOnce {
		select {
		case it := <-w.queue:
			w.bytes.Add(-it.size)
			list, said = append(list, it), said+it.size
		case <-wait.C:
			return list
		case <-w.b.ctx.Done():
			return list
		}
	}
	return list
}

// mostTries is how often a call is made before its events are dropped.
const mostTries = 5

// maxPause bounds the wait between two of them, whatever the destination asks for.
const maxPause = 30 * time.Second

// deliver sends events, with pauses between tries.
func (w *worker) deliver(list []item) {
	d := list[len(list)-1].d // as it is now
	events := make([]telemetry.Event, len(list))
	for i := range list {
		events[i] = list[i].e
	}
	pause := w.b.Pause
	var err error
	for try := range mostTries {
		if try > 0 && !w.wait(pause) {
			break
		}
		if err = w.send(d, events); err == nil || !again(err) {
			break
		}
		pause = min(2*pause, maxPause)
		if r, ok := errors.AsType[refused](err); ok && r.after > pause {
			pause = min(r.after, maxPause)
		}
	}
	w.done(d, len(list), err)
}

// wait reports whether the time has passed; false is that the broadcaster ends.
func (w *worker) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-w.b.ctx.Done():
		return false
	}
}

func (w *worker) done(d *account.Destination, events int, err error) {
	w.b.note(d.ID, int64(events), err)
	if err == nil {
		w.failing = false
		return
	}
	if !w.failing && w.b.ctx.Err() == nil {
		w.b.Log.Warn("observability destination does not take events; they are dropped until it does", "destination", d.ID, "kind", d.Kind, "err", err)
	}
	w.failing = true
}

// again reports whether another try may do better.
func again(err error) bool {
	if r, ok := errors.AsType[refused](err); ok {
		return r.status == http.StatusRequestTimeout || r.status == http.StatusTooManyRequests || r.status >= 500
	}
	return !errors.Is(err, publicnet.ErrPrivate)
}

func (w *worker) send(d *account.Destination, events []telemetry.Event) error {
	if w.version != d.Version || w.target.URL == "" {
		t, err := w.b.open(w.b.ctx, d)
		if err != nil {
			return err
		}
		w.target, w.version = t, d.Version
	}
	return w.b.send(w.b.ctx, &w.target, d, events)
}

func (b *Broadcaster) open(ctx context.Context, d *account.Destination) (telemetry.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	return b.Open(ctx, d)
}

// send tells of events; none are a test. Each call has a deadline of its own.
func (b *Broadcaster) send(ctx context.Context, t *telemetry.Target, d *account.Destination, events []telemetry.Event) error {
	calls, err := t.Calls(d, events)
	if err != nil {
		return err
	}
	for i := range calls {
		if err := b.call(ctx, t, &calls[i], events == nil); err != nil {
			return err
		}
	}
	return nil
}

// request is a call with its headers, signed where that is wanted.
func (b *Broadcaster) request(ctx context.Context, t *telemetry.Target, c *telemetry.Call, test bool) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, t.Method, c.URL, bytes.NewReader(c.Body))
	if err != nil {
		return nil, errors.New("its URL cannot be called") // the error has the URL, which may hold a secret
	}
	for name, value := range t.Header {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", c.Type)
	req.Header.Set("User-Agent", "dragoman")
	if test {
		req.Header.Set("X-Test-Connection", "true")
	}
	if s := t.Signer; s != nil {
		sigv4.Sign(&sigv4.Call{Method: t.Method, Host: req.URL.Host, Target: req.URL.RequestURI(), Header: req.Header, Body: [][]byte{c.Body}}, s.Key, s.Scope, b.Now())
	}
	return req, nil
}

func (b *Broadcaster) call(ctx context.Context, t *telemetry.Target, c *telemetry.Call, test bool) error {
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	req, err := b.request(ctx, t, c, test)
	if err != nil {
		return err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return reason(ctx, err, b.Timeout)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10) // what it says is not ours to keep; read, so that the connection may be used again
	if res.StatusCode/100 == 2 {
		return nil
	}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // 0 for what is no number
	return refused{res.StatusCode, time.Duration(max(seconds, 0)) * time.Second}
}

// reason is an error without the URL, which may hold a secret.
func reason(ctx context.Context, err error, limit time.Duration) error {
	switch {
	case errors.Is(err, publicnet.ErrPrivate):
		return publicnet.ErrPrivate
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it did not answer within %s", limit)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errors.New("it cannot be reached, or broke off")
}
