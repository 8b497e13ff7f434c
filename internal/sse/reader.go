// Package sse reads and writes server-sent events (WHATWG HTML §9.2): bytes in, frames
// out, bounded, without meaning. It keeps a frame's own bytes, so that a relay can send on
// what it did not look into. A stream of small frames holds 4 KiB. Start with NewReader
// and AppendData.
package sse

import (
	"bytes"
	"fmt"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Frame is one event. Its slices are valid until the next call of Next.
type Frame struct {
	Event []byte // event type, nil when none was named
	Data  []byte // data lines joined by LF, nil without one; shares memory with Raw when there is one line
	Raw   []byte // the bytes as they came, blank line included
}

const maxEmptyReads = 100

// Reader splits a stream into frames. It reads from its source only when no whole frame
// is at hand.
type Reader struct {
	src        io.Reader
	idle       Waiter // src, where it is one
	max        int
	lent       *[initialBuffer]byte // from the pool; buf may be a larger one
	buf        []byte
	start, end int      // buf[start:end] is not yet returned
	p          progress // in the frame that begins at start
	joined     []byte   // Data of a frame with several data lines
	err        error    // of the source, once it has ended
	small      bool     // the last frame would have fitted in the initial buffer
	begun      bool     // past the place of a byte order mark
}

// Waiter is a source that can be waited for without a buffer: Wait returns once there is
// something to read. A Reader lends its own to others meanwhile, as most streams wait most
// of the time.
type Waiter interface{ Wait() error }

// NewReader reads frames of at most max bytes from r.
func NewReader(r io.Reader, max int) *Reader {
	idle, _ := r.(Waiter)
	return &Reader{src: r, idle: idle, max: max}
}

// Buffered reports whether Next has a whole frame without reading.
func (r *Reader) Buffered() bool { return r.scan() && r.p.size <= r.max }

// Next is the next frame: io.EOF after the last, io.ErrUnexpectedEOF when the stream ends
// inside a line, a *fault.Error of kind Broken for a frame over the bound. A last frame
// that ends with its line but without the blank line is returned.
func (r *Reader) Next() (Frame, error) {
	for !r.scan() {
		if r.err != nil {
			return r.last()
		}
		if err := r.fill(); err != nil {
			return Frame{}, err
		}
	}
	if r.p.size > r.max {
		return Frame{}, r.tooLong()
	}
	return r.take(r.p.size), nil
}

// last deals with what is left when the source has ended.
func (r *Reader) last() (Frame, error) {
	switch n := r.end - r.start; {
	case r.err != io.EOF:
		return Frame{}, r.err
	case r.p.line < n:
		return Frame{}, io.ErrUnexpectedEOF
	case n > r.max:
		return Frame{}, r.tooLong()
	case r.p.spoken:
		return r.take(n), nil
	}
	return Frame{}, io.EOF
}

// fill reads once, making room first.
func (r *Reader) fill() error {
	if r.end-r.start >= r.max {
		return r.tooLong()
	}
	if r.idle != nil && r.end == r.start {
		r.giveBack()
		if r.err = r.idle.Wait(); r.err != nil {
			return nil
		}
	}
	r.room()
	n := 0
	for range maxEmptyReads {
		if n, r.err = r.src.Read(r.buf[r.end:]); n > 0 || r.err != nil {
			break
		}
	}
	if n == 0 && r.err == nil {
		r.err = io.ErrNoProgress
	}
	r.end += n
	if !r.begun && r.end-r.start >= len(mark) {
		r.begun = true
		if bytes.HasPrefix(r.buf[r.start:r.end], mark) {
			r.start += len(mark)
			r.p = progress{}
		}
	}
	return nil
}

func (r *Reader) tooLong() error {
	return &fault.Error{Kind: fault.Broken, Public: fmt.Sprintf("The provider sent an event larger than %d bytes", r.max)}
}

// mark is the byte order mark that may precede a stream.
var mark = []byte("\xef\xbb\xbf")

// take returns the frame of n bytes that has been scanned.
func (r *Reader) take(n int) Frame {
	raw := r.buf[r.start : r.start+n : r.start+n]
	f := Frame{Event: r.p.event.of(raw), Data: r.p.data.of(raw), Raw: raw}
	if r.p.dataLines > 1 {
		f.Data = r.join(raw)
	}
	r.start += n
	r.p, r.small = progress{}, n <= initialBuffer
	return f
}

// join gathers the data lines of a frame.
func (r *Reader) join(raw []byte) []byte {
	r.joined = r.joined[:0]
	for at, lines := 0, 0; at < len(raw); {
		end, next := lineEnd(raw, at, true)
		if name, value := field(raw, at, end); name == dataField {
			if lines++; lines > 1 {
				r.joined = append(r.joined, '\n')
			}
			r.joined = append(r.joined, value.of(raw)...)
		}
		at = next
	}
	return r.joined
}
