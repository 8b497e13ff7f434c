package gemini

import (
	"bytes"
	"errors"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// A source yields the response objects of an answer one by one, each valid until the
// next call; io.EOF after the last.
type source func() ([]byte, error)

// open tells the three forms of an answer apart by how it begins: an upstream that does
// not know alt=sse answers a stream with a JSON array, a proxy with an HTML page. The
// source is read no more once done is called.
func open(body io.Reader) (next source, done func(), err error) {
	first, body, err := peek(body)
	switch {
	case err != nil:
		return nil, nil, err
	case first == '{' || first == '[':
		s := &splitter{r: body, limit: dialect.MaxFrame, whole: dialect.MaxBody}
		return s.next, func() {}, nil
	case first == '<':
		return nil, nil, errForeign
	}
	frames := sse.NewReader(body, dialect.MaxFrame)
	return func() ([]byte, error) {
		for {
			f, err := frames.Next()
			if err != nil {
				return nil, err
			}
			if len(f.Data) > 0 {
				return f.Data, nil
			}
		}
	}, frames.Close, nil
}

// peek finds the first byte that is not white space, and returns the body from its start.
func peek(body io.Reader) (byte, io.Reader, error) {
	var head []byte
	var buf [512]byte
	for {
		n, err := body.Read(buf[:])
		head = append(head, buf[:n]...)
		if begin := bytes.TrimLeft(head, " \t\r\n\ufeff"); len(begin) > 0 {
			return begin[0], io.MultiReader(bytes.NewReader(head), body), nil
		}
		if err == io.EOF {
			return 0, nil, errEmpty
		}
		if err != nil {
			return 0, nil, err
		}
		if len(head) > dialect.MaxFrame {
			return 0, nil, errTooLong
		}
	}
}

var (
	errEmpty   = errors.New("the answer is empty")
	errForeign = errors.New("the answer is neither JSON nor an event stream")
)
