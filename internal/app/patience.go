package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// bodyRate is how many bytes a second a request body may come at and never be too slow.
const bodyRate = 8 << 10

// patience gives every request body its time: pause, and a second more for every bodyRate
// bytes that have come. What is left of a body that nobody wanted gets no more than pause.
func patience(pause time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength == 0 || r.Body == nil {
			next.ServeHTTP(w, r)
			return
		}
		b := &timed{ReadCloser: r.Body, w: w, pause: pause, began: time.Now()}
		b.mu.Lock()
		b.watch = time.AfterFunc(pause, b.look)
		b.mu.Unlock()
		r.Body = b
		next.ServeHTTP(w, r)
		if !b.end() { // the server reads some of the rest before it sends the answer
			left := pause
			if b.late { // it has had its time
				left = 0
			}
			b.deadline(time.Now().Add(left))
		}
	})
}

// timed is a request body that is looked after: most are there at once, and cost no deadline.
type timed struct {
	io.ReadCloser
	w     http.ResponseWriter
	pause time.Duration
	began time.Time
	watch *time.Timer
	read  atomic.Int64

	mu    sync.Mutex
	ended bool
	late  bool
}

// look lets a body that is in time go on, and ends the wait for one that is not.
func (b *timed) look() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	if left := b.pause + time.Duration(b.read.Load())*time.Second/bodyRate - time.Since(b.began); left > 0 {
		b.watch.Reset(left)
		return
	}
	b.late = true
	b.deadline(time.Unix(1, 0))
}

// end stops the watch, and reports whether it was stopped before. A streamed answer may take
// longer than its request, so no deadline stays.
func (b *timed) end() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return true
	}
	b.ended = true
	b.watch.Stop()
	if b.late {
		b.deadline(time.Time{})
	}
	return false
}

// deadline sets the connection's; an error means that it has none.
func (b *timed) deadline(t time.Time) { _ = http.NewResponseController(b.w).SetReadDeadline(t) }

func (b *timed) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read.Add(int64(n))
	switch {
	case errors.Is(err, io.EOF):
		b.end()
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = &fault.Error{Kind: fault.Invalid, Status: http.StatusRequestTimeout, Type: "timeout", Err: err,
			Public: fmt.Sprintf("The request body came too slowly: %d bytes in %s; send at least %d bytes a second", b.read.Load(), time.Since(b.began).Round(time.Second), bodyRate)}
	}
	return n, err
}
