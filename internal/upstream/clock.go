package upstream

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// Clock is the watchdog of one call. One timer serves the whole call: a read only stamps
// the time, and the timer looks at the stamp when it fires.
type Clock struct {
	timeouts Timeouts
	timer    *time.Timer
	started  time.Time
	last     atomic.Int64 // nanoseconds since started of the last data, 0 before content
	stream   bool
	cancel   context.CancelCauseFunc
}

func newClock(t Timeouts, stream bool, cancel context.CancelCauseFunc) *Clock {
	c := &Clock{timeouts: t, started: time.Now(), stream: stream, cancel: cancel}
	d := t.Whole
	if stream {
		d = min(t.First, t.Whole)
	}
	c.timer = time.AfterFunc(d, c.check)
	return c
}

// Content says that the first content has come: from now on the idle deadline holds.
func (c *Clock) Content() {
	if c.stream {
		c.last.Store(int64(time.Since(c.started)) | 1)
		c.timer.Reset(c.timeouts.Idle)
	}
}

func (c *Clock) data() {
	if c.stream && c.last.Load() != 0 {
		c.last.Store(int64(time.Since(c.started)) | 1)
	}
}

func (c *Clock) check() {
	if !c.stream {
		c.cancel(errWhole)
		return
	}
	last := c.last.Load()
	if last == 0 {
		c.cancel(errFirst)
		return
	}
	idle := time.Since(c.started) - time.Duration(last)
	if idle < c.timeouts.Idle {
		c.timer.Reset(c.timeouts.Idle - idle)
		return
	}
	c.cancel(errIdle)
}

func (c *Clock) stop() { c.timer.Stop() }

// reader is the body of an answer: it stamps the clock and classifies errors.
type reader struct {
	ctx   context.Context
	clock *Clock
	r     io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if n > 0 {
		r.clock.data()
	}
	if err != nil && err != io.EOF {
		err = classify(r.ctx, err)
	}
	return n, err
}
