package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
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
		b := &timed{ReadCloser: r.Body, conn: http.NewResponseController(w), pause: pause, began: time.Now()}
		b.conn.SetReadDeadline(b.began.Add(pause)) // an error means there are no deadlines: not a connection
		r.Body = b
		next.ServeHTTP(w, r)
		if !b.ended { // the server reads some of it to use the connection again
			b.conn.SetReadDeadline(time.Now().Add(pause))
		}
	})
}

// timed is a request body with a deadline.
type timed struct {
	io.ReadCloser
	conn  *http.ResponseController
	pause time.Duration
	began time.Time
	read  int64
	ended bool
}

func (b *timed) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		if !b.ended { // a streamed answer may take longer than its request
			b.ended = true
			b.conn.SetReadDeadline(time.Time{})
		}
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = &fault.Error{Kind: fault.Invalid, Status: http.StatusRequestTimeout, Type: "timeout", Err: err,
			Public: fmt.Sprintf("The request body came too slowly: %d bytes in %s; send at least %d bytes a second", b.read, time.Since(b.began).Round(time.Second), bodyRate)}
	case err == nil:
		b.conn.SetReadDeadline(b.began.Add(b.pause + time.Duration(b.read)*time.Second/bodyRate))
	}
	return n, err
}
