package gemini

import (
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
	first, body, err := dialect.Peek(body)
	switch {
	case err != nil:
		return nil, nil, err
	case first == '{' || first == '[':
		s := newSplitter(body)
		return s.next, s.free, nil
	case first == '<':
		return nil, nil, dialect.ErrForeign
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
