package upstream

import (
	"errors"
	"io"
	"sync/atomic"
)

// segments is a request body of several slices, sent without joining them.
type segments struct {
	all     [][]byte
	i       int // current slice
	at      int // offset in it
	sending *atomic.Int32
	busy    atomic.Bool
	closed  atomic.Bool
}

func newSegments(all [][]byte, sending *atomic.Int32) *segments {
	sending.Add(1)
	return &segments{all: all, sending: sending}
}

func (s *segments) size() int64 {
	var n int64
	for _, b := range s.all {
		n += int64(len(b))
	}
	return n
}

func (s *segments) Read(p []byte) (n int, err error) {
	if !s.enter() {
		return 0, errClosed
	}
	defer s.busy.Store(false)
	for n < len(p) && s.i < len(s.all) {
		c := copy(p[n:], s.all[s.i][s.at:])
		n += c
		if s.at += c; s.at == len(s.all[s.i]) {
			s.i, s.at = s.i+1, 0
		}
	}
	if n == 0 && s.i == len(s.all) {
		return 0, io.EOF
	}
	return n, nil
}

// WriteTo spares the copy through a buffer.
func (s *segments) WriteTo(w io.Writer) (n int64, err error) {
	if !s.enter() {
		return 0, errClosed
	}
	defer s.busy.Store(false)
	for ; s.i < len(s.all); s.i, s.at = s.i+1, 0 {
		c, err := w.Write(s.all[s.i][s.at:])
		n += int64(c)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

var errClosed = errors.New("upstream: request body is closed")

func (s *segments) enter() bool {
	s.busy.Store(true)
	if s.closed.Load() {
		s.busy.Store(false)
		return false
	}
	return true
}

// Close says that nothing will be read any more. The transport calls it when it has sent
// the body or given up, maybe twice, and maybe while its other goroutine is still in a
// read: then the body counts as being read for ever, and its memory is not used again.
func (s *segments) Close() error {
	if s.closed.CompareAndSwap(false, true) && !s.busy.Load() {
		s.sending.Add(-1)
	}
	return nil
}
