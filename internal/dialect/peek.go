package dialect

import (
	"bytes"
	"errors"
	"io"
)

// What Peek and its callers say of a body that is no answer. They are wrapped by Broken.
var (
	ErrEmpty   = errors.New("the answer is empty")
	ErrForeign = errors.New("the answer is neither JSON nor an event stream")
)

// Peek finds the first byte that is not white space, by which a stream, a whole answer and an
// HTML page differ, and returns the body from there. White space before it keeps a
// connection alive and may come for as long as the answer takes. The error is ErrEmpty,
// ErrForeign for white space without end, or the body's.
func Peek(body io.Reader) (byte, io.Reader, error) {
	r := &rest{body: body}
	for read := 0; read <= MaxFrame; {
		n, err := body.Read(r.buf[:])
		read += max(n, 1)
		if r.begin = bytes.TrimLeft(r.buf[:n], " \t\r\n\ufeff"); len(r.begin) > 0 {
			return r.begin[0], r, nil
		}
		if err == io.EOF {
			return 0, nil, ErrEmpty
		}
		if err != nil {
			return 0, nil, err
		}
	}
	return 0, nil, ErrForeign
}

// rest is a body whose first bytes have been read.
type rest struct {
	buf   [512]byte
	begin []byte // of buf
	body  io.Reader
}

func (r *rest) Read(p []byte) (int, error) {
	if len(r.begin) == 0 {
		return r.body.Read(p)
	}
	n := copy(p, r.begin)
	r.begin = r.begin[n:]
	return n, nil
}

// Wait is that of the body, where it has one (sse.Waiter).
func (r *rest) Wait() error {
	if w, ok := r.body.(interface{ Wait() error }); ok && len(r.begin) == 0 {
		return w.Wait()
	}
	return nil
}
