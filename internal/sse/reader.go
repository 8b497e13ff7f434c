// Package sse reads and writes server-sent events (WHATWG HTML §9.2): frames in and out,
// bounded, without meaning. Start with NewReader.
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
	Data  []byte // data lines joined by LF; shares memory with Raw when there is one line
	Raw   []byte // the bytes as they came, blank line included
}

const initialBuffer = 4 << 10

// Reader splits a stream into frames. It reads from its source only when no whole frame
// is at hand.
type Reader struct {
	src        io.Reader
	max        int
	buf        []byte
	start, end int // buf[start:end] is not yet returned
	scanned    int // buf[start:scanned] holds no frame end
	joined     []byte
	err        error
	begun      bool
}

// NewReader reads frames of at most max bytes from r.
func NewReader(r io.Reader, max int) *Reader { return &Reader{src: r, max: max} }

// Buffered reports whether Next can answer without reading.
func (r *Reader) Buffered() bool { return frameEnd(r.buf[r.start:r.end], 0, r.err != nil) > 0 }

// Next is the next frame: io.EOF after the last, io.ErrUnexpectedEOF when the stream ends
// inside a frame, a *fault.Error of kind Broken for a frame over the bound. A last frame
// that ends with its line but without the blank line is returned.
func (r *Reader) Next() (Frame, error) {
	for {
		if n := frameEnd(r.buf[r.start:r.end], max(r.scanned-r.start, 0), r.err != nil); n > 0 {
			raw := r.buf[r.start : r.start+n : r.start+n]
			r.start += n
			r.scanned = r.start
			return r.parse(raw), nil
		}
		r.scanned = max(r.end-3, r.start)
		if r.err != nil {
			return r.last()
		}
		if err := r.fill(); err != nil {
			return Frame{}, err
		}
	}
}

// last deals with what is left when the source has ended.
func (r *Reader) last() (Frame, error) {
	rest := r.buf[r.start:r.end]
	if r.err != io.EOF {
		return Frame{}, r.err
	}
	if len(bytes.TrimRight(rest, "\r\n")) == 0 {
		return Frame{}, io.EOF
	}
	if c := rest[len(rest)-1]; c != '\n' && c != '\r' {
		return Frame{}, io.ErrUnexpectedEOF
	}
	r.start = r.end
	return r.parse(rest), nil
}

func (r *Reader) fill() error {
	if r.start > 0 && r.end == len(r.buf) {
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.scanned -= r.start
		r.start = 0
	}
	if r.end == len(r.buf) {
		if r.end-r.start >= r.max {
			return &fault.Error{Kind: fault.Broken, Public: fmt.Sprintf("The provider sent an event larger than %d bytes", r.max)}
		}
		grown := make([]byte, min(max(2*len(r.buf), initialBuffer), r.max+1))
		copy(grown, r.buf[:r.end])
		r.buf = grown
	}
	n, err := r.src.Read(r.buf[r.end:])
	r.end += n
	if err != nil {
		r.err = err
	}
	if !r.begun && r.end-r.start >= 3 {
		r.begun = true
		if bytes.HasPrefix(r.buf[r.start:r.end], []byte("\xef\xbb\xbf")) {
			r.start += 3
			r.scanned = r.start
		}
	}
	return nil
}

// frameEnd is the length of the first frame in b with the blank line that ends it, 0 when
// it is not whole. A CR at the very end may be half of a CRLF, so it waits unless ended.
func frameEnd(b []byte, from int, ended bool) int {
	for i := from; i < len(b); {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			if k := bytes.IndexByte(b[i:], '\r'); k < 0 {
				return 0
			}
			return crEnd(b, i, ended)
		}
		if cr := bytes.IndexByte(b[i:i+j], '\r'); cr >= 0 && cr != j-1 {
			if n := crEnd(b[:i+j+1], i, false); n > 0 {
				return n
			}
		}
		i += j + 1
		switch {
		case i < len(b) && b[i] == '\n':
			return i + 1
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			return i + 2
		case i+1 < len(b) && b[i] == '\r':
			return i + 1
		}
	}
	return 0
}

// crEnd looks for CR CR, the blank line of streams whose lines end in CR alone.
func crEnd(b []byte, from int, ended bool) int {
	for i := from; i+1 < len(b); i++ {
		if b[i] == '\r' && b[i+1] == '\r' {
			if i+2 == len(b) && !ended {
				return 0
			}
			return i + 2
		}
	}
	return 0
}

func (r *Reader) parse(raw []byte) Frame {
	f := Frame{Raw: raw}
	lines := 0
	for rest := raw; len(rest) > 0; {
		line := rest
		if i := bytes.IndexAny(rest, "\r\n"); i >= 0 {
			line = rest[:i]
			if rest[i] == '\r' && i+1 < len(rest) && rest[i+1] == '\n' {
				i++
			}
			rest = rest[i+1:]
		} else {
			rest = nil
		}
		switch name, value := field(line); string(name) {
		case "data":
			if lines++; lines == 1 {
				f.Data = value
				continue
			}
			if lines == 2 {
				r.joined = append(r.joined[:0], f.Data...)
			}
			r.joined = append(append(r.joined, '\n'), value...)
			f.Data = r.joined
		case "event":
			f.Event = value
		}
	}
	return f
}

func field(line []byte) (name, value []byte) {
	i := bytes.IndexByte(line, ':')
	if i < 0 {
		return line, nil
	}
	value = line[i+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return line[:i], value
}
