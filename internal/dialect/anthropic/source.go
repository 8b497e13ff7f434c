package anthropic

import (
	"bytes"
	"errors"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
)

var (
	errEmpty   = errors.New("the answer is empty")
	errForeign = errors.New("the answer is neither a message nor an event stream")
)

// peek finds the first byte that is not white space, by which a stream, a message and an
// HTML page differ, and returns the body from there. White space before it keeps a
// connection alive and may come for as long as the answer takes.
func peek(body io.Reader) (byte, io.Reader, error) {
	var buf [512]byte
	for read := 0; read <= dialect.MaxFrame; {
		n, err := body.Read(buf[:])
		read += max(n, 1)
		if begin := bytes.TrimLeft(buf[:n], space); len(begin) > 0 {
			return begin[0], io.MultiReader(bytes.NewReader(bytes.Clone(begin)), body), nil
		}
		if err == io.EOF {
			return 0, nil, errEmpty
		}
		if err != nil {
			return 0, nil, err
		}
	}
	return 0, nil, errForeign
}
