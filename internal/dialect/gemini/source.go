package gemini

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// A source yields the response objects of an answer one by one, each valid until the
// next call; io.EOF after the last.
type source func() ([]byte, error)

// open tells the three forms of an answer apart by how it begins: an upstream that does
// not know alt=sse answers a stream with a JSON array, a proxy with an HTML page.
func open(body io.Reader) (source, error) {
	var head []byte
	var buf [512]byte
	for {
		n, err := body.Read(buf[:])
		head = append(head, buf[:n]...)
		if begin := bytes.TrimLeft(head, " \t\r\n\ufeff"); len(begin) > 0 {
			return form(begin, io.MultiReader(bytes.NewReader(head), body))
		}
		if err == io.EOF {
			return nil, errEmpty
		}
		if err != nil {
			return nil, err
		}
		if len(head) > dialect.MaxFrame {
			return nil, errTooLong
		}
	}
}

var (
	errEmpty   = errors.New("the answer is empty")
	errForeign = errors.New("the answer is neither JSON nor an event stream")
)

func form(begin []byte, body io.Reader) (source, error) {
	switch c := begin[0]; {
	case c == '{' || c == '[':
		s := &splitter{r: body, limit: dialect.MaxFrame, whole: dialect.MaxBody}
		return s.next, nil
	case c == '<':
		return nil, errForeign
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
	}, nil
}

// broken classifies an error of reading; one that the transport classified stays.
func broken(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	return fault.Wrap(fault.Broken, fmt.Errorf("read the answer: %w", err))
}
