package sse

import (
	"errors"
	"sync"
)

const (
	initialBuffer = 4 << 10
	keptBuffer    = 64 << 10 // a larger one is given up after a small frame: most streams wait
)

// buffers are the initial ones. Grown ones are left to the collector.
var buffers = sync.Pool{New: func() any { return new([initialBuffer]byte) }}

// room makes the buffer's end free: what is pending moves to the front, of a larger buffer
// where this one is full.
func (r *Reader) room() {
	pending := r.end - r.start
	switch size := len(r.buf); {
	case pending == 0 && (size == 0 || size > keptBuffer && r.small):
		if r.lent == nil {
			r.lent = buffers.Get().(*[initialBuffer]byte)
		}
		r.buf = r.lent[:]
	case pending == size:
		grown := make([]byte, min(2*size, max(r.max, initialBuffer)))
		copy(grown, r.buf)
		r.buf = grown
	case pending == 0 || r.end == size:
		copy(r.buf, r.buf[r.start:r.end])
	default:
		return
	}
	r.start, r.end = 0, pending
}

var errClosed = errors.New("sse: the reader is closed")

// Close ends the life of the last frame and lends the buffer to other readers. It does not
// close the source. A reader that is never closed is left to the collector.
func (r *Reader) Close() {
	r.giveBack()
	*r = Reader{err: errClosed}
}

// giveBack lends the buffer, in which nothing is pending, to other readers.
func (r *Reader) giveBack() {
	if r.lent == nil {
		return
	}
	if len(r.buf) > 0 && &r.buf[0] == &r.lent[0] {
		r.buf = nil
	}
	buffers.Put(r.lent)
	r.lent, r.start, r.end = nil, 0, 0
}
