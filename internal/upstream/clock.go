package upstream

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the watchdog of one call, and the call's context: it ends when a deadline passes
// or the client leaves, and then closes the connection. One timer serves the whole call: a
// read only stamps the time, and the timer looks at the stamp when it fires.
type Clock struct {
	context.Context // the client's, for its values
	timeouts        Timeouts
	timer           *time.Timer
	started         time.Time
	last            atomic.Int64 // nanoseconds since started of the last data, 0 before content
	stream          bool
	unfollow        func() bool // the client's context

	mu    sync.Mutex
	cause error         // why it ended, nil while it goes on
	done  chan struct{} // closed then; made when somebody asks for it
	open  io.Closer     // closed then
}

// start begins the call of a client. stop must be called.
func (c *Clock) start(client context.Context, t Timeouts, stream bool) {
	c.Context, c.timeouts, c.started, c.stream = client, t, time.Now(), stream
	d := t.Whole
	if stream {
		d = min(t.First, t.Whole)
	}
	c.timer = time.AfterFunc(d, c.check)
	c.unfollow = context.AfterFunc(client, c.left)
}

func (c *Clock) left() { c.cancel(context.Cause(c.Context)) }

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

// stop ends the call if nothing has. It reports whether nothing had, so that the
// connection is as the call left it.
func (c *Clock) stop() bool {
	c.timer.Stop()
	c.unfollow()
	c.watch(nil)
	return c.cancel(context.Canceled)
}

// cancel ends the call for a cause. It reports whether it was the first to do so.
func (c *Clock) cancel(cause error) bool {
	c.mu.Lock()
	if c.cause != nil {
		c.mu.Unlock()
		return false
	}
	c.cause = cause
	if c.done != nil {
		close(c.done)
	}
	open := c.open
	c.mu.Unlock()
	if open != nil {
		open.Close() // over TLS it says goodbye, which may take its time
	}
	return true
}

// watch says what to close when the call ends, nil for nothing. The error is why it has
// ended already.
func (c *Clock) watch(open io.Closer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = open
	return c.cause
}

// why is what ended the call, nil while it goes on.
func (c *Clock) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// Deadline is the client's: those of a call move as it goes on.
func (c *Clock) Deadline() (time.Time, bool) { return c.Context.Deadline() }

// Done is closed when the call ends.
func (c *Clock) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.cause != nil {
			close(c.done)
		}
	}
	return c.done
}

// Err is context.Canceled when the call has ended.
func (c *Clock) Err() error {
	if c.why() != nil {
		return context.Canceled
	}
	return nil
}
