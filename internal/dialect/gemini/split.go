package gemini

import (
	"errors"
	"io"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
)

// splitter cuts the form of an answer that is plain JSON: one object, or an array whose
// elements arrive over time. It looks only at brackets and quotes; the parser judges the
// rest.
type splitter struct {
	r     io.Reader
	buf   []byte
	at    int  // buf[at:] is unread
	array bool // inside the outer array
	begun bool
	done  bool
	limit int // bytes of one element
	whole int // bytes of a lone object
}

// splitters lends the memory that answers are cut in.
var splitters = sync.Pool{New: func() any { return new(splitter) }}

// maxLent is the size in bytes of a buffer that is not kept for the next answer.
const maxLent = 256 << 10

// newSplitter cuts what a body says. free must be called.
func newSplitter(body io.Reader) *splitter {
	s := splitters.Get().(*splitter)
	*s = splitter{r: body, buf: s.buf[:0], limit: dialect.MaxFrame, whole: dialect.MaxBody}
	return s
}

// free ends the life of the last element.
func (s *splitter) free() {
	if cap(s.buf) <= maxLent {
		s.r = nil
		splitters.Put(s)
	}
}

var (
	errTooLong = errors.New("one element of the answer is over the limit")
	errNotJSON = errors.New("the answer is not the JSON it should be")
)

// next is the next element, valid until the call after it; io.EOF after the last.
func (s *splitter) next() ([]byte, error) {
	c, err := s.skip()
	if err != nil {
		if err == io.EOF && !s.done {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if s.done { // only white space may follow
		return nil, errNotJSON
	}
	if !s.begun {
		s.begun = true
		if c == '[' {
			s.array = true
			s.at++
			return s.next()
		}
	}
	switch {
	case c == ']' && s.array:
		s.at++
		s.done = true
		return s.next()
	case c == '{':
		s.done = !s.array
		return s.element()
	}
	return nil, errNotJSON
}

// skip is the next byte that is neither white space nor a comma between elements.
func (s *splitter) skip() (byte, error) {
	for {
		for ; s.at < len(s.buf); s.at++ {
			switch c := s.buf[s.at]; {
			case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' && s.array && !s.done:
			default:
				return c, nil
			}
		}
		s.buf, s.at = s.buf[:0], 0
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// element reads the object that begins at s.at.
func (s *splitter) element() ([]byte, error) {
	if s.at > 0 {
		s.buf, s.at = append(s.buf[:0], s.buf[s.at:]...), 0
	}
	limit := s.whole
	if s.array {
		limit = s.limit
	}
	depth, quoted, escaped := 0, false, false
	for i := 0; ; i++ {
		if i == len(s.buf) {
			if i > limit {
				return nil, errTooLong
			}
			if err := s.fill(); err == io.EOF {
				return nil, io.ErrUnexpectedEOF
			} else if err != nil {
				return nil, err
			}
		}
		switch c := s.buf[i]; {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				s.at = i + 1
				return s.buf[:s.at], nil
			}
		}
	}
}

// fill reads more behind what is there; at least one byte, or an error.
func (s *splitter) fill() error {
	if cap(s.buf)-len(s.buf) < 4096 {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)+8192), s.buf...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}
