package anthropic

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

var (
	errEmpty   = errors.New("the answer is empty")
	errForeign = errors.New("the answer is neither a message nor an event stream")
)

// peek finds the first byte that is not white space, by which a stream, a message and an
// HTML page differ, and returns the body with nothing taken from it.
func peek(body io.Reader) (byte, io.Reader, error) {
	var head []byte
	var buf [512]byte
	for {
		n, err := body.Read(buf[:])
		head = append(head, buf[:n]...)
		if begin := bytes.TrimLeft(head, " \t\r\n"); len(begin) > 0 {
			return begin[0], io.MultiReader(bytes.NewReader(head), body), nil
		}
		if err == io.EOF {
			return 0, nil, errEmpty
		}
		if err != nil {
			return 0, nil, err
		}
		if len(head) > dialect.MaxFrame {
			return 0, nil, errForeign
		}
	}
}

// broken classifies an error of reading; one that the transport classified stays.
func broken(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	return fault.Wrap(fault.Broken, fmt.Errorf("read the answer: %w", err))
}
