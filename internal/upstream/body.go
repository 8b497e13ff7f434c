package upstream

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// A body reads what follows the head of an answer (RFC 9112 §6): as many bytes as were
// said, chunks, or all until the connection ends. It waits for the provider only when it
// has nothing to give. The reader of a call takes the place of the one that net/http hands
// out, which is locked and counted for uses that there are none of here.
type body struct {
	br      *bufio.Reader
	left    int64 // of the chunk, or of the whole
	chunked bool
	endless bool // until the connection ends
	begun   bool // the first chunk has
	last    bool // the last chunk has come: trailers are left
	err     error
}

// Bounds of what stands around chunks.
const (
	maxChunkDigits = 15 // hexadecimal
	maxTrailers    = 64
)

var (
	errChunk    = errors.New("the answer's chunks are malformed")
	errTrailers = errors.New("the answer has too many trailers")
)

// bodyOf is the body of an answer whose head was read from br.
func bodyOf(resp *http.Response, br *bufio.Reader) body {
	b := body{br: br, left: resp.ContentLength}
	switch {
	case resp.Body == http.NoBody:
		b.left = 0
	case len(resp.TransferEncoding) > 0: // net/http knows no other than chunked
		b.chunked, b.left = true, 0
	default:
		b.endless = resp.ContentLength < 0
	}
	if b.left == 0 && !b.chunked {
		b.err = io.EOF
	}
	return b
}

// Read gives io.EOF at the end that the answer's head promised, with the last bytes where
// their number was said, and io.ErrUnexpectedEOF when the connection ends before.
func (b *body) Read(p []byte) (n int, err error) {
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	switch {
	case b.chunked:
		n, b.err = b.chunks(p)
	case b.endless:
		n, b.err = b.br.Read(p)
	default:
		n, b.err = b.some(p)
		if b.left == 0 && b.err == nil {
			b.err = io.EOF
		}
	}
	if n > 0 && b.err != io.EOF { // told with the next read
		return n, nil
	}
	return n, b.err
}

// Wait returns once there is something to read: bytes, the end, or an error, which the next
// Read tells.
func (b *body) Wait() error {
	if b.err == nil && b.chunked && b.left == 0 && !b.last {
		b.err = b.next()
	}
	if b.err != nil || b.last {
		return nil
	}
	if _, err := b.br.Peek(1); err != nil { // a connection tells it once: kept
		b.err = err
		if !b.endless {
			b.err = cut(err)
		}
	}
	return nil
}

// some reads what is left, once.
func (b *body) some(p []byte) (int, error) {
	n, err := b.br.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, cut(err)
}

// cut is err, with the end of the connection as one that was not expected.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (b *body) chunks(p []byte) (n int, err error) {
	for n < len(p) {
		if n > 0 && (b.last || !b.ready()) {
			return n, nil
		}
		if b.last {
			return n, b.trailers()
		}
		if b.left == 0 {
			if err := b.next(); err != nil {
				return n, err
			}
			continue
		}
		m, err := b.some(p[n:])
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

// ready says whether there is more without waiting: of this chunk, or the line of the next.
func (b *body) ready() bool {
	have := b.br.Buffered()
	if have == 0 || b.left > 0 {
		return have > 0
	}
	ahead, err := b.br.Peek(have)
	return err == nil && bytes.IndexByte(ahead[min(2, have):], '\n') >= 0 // after the end of this chunk
}

// next reads the line that begins a chunk. The last one has no bytes.
func (b *body) next() error {
	if b.begun {
		if end, err := b.line(); err != nil {
			return err
		} else if len(end) > 0 {
			return errChunk
		}
	}
	b.begun = true
	line, err := b.line()
	if err != nil {
		return err
	}
	size, _, _ := bytes.Cut(line, []byte(";")) // an extension says nothing to us
	if size = bytes.TrimRight(size, " \t"); len(size) > maxChunkDigits {
		return errChunk
	}
	n, err := strconv.ParseUint(string(size), 16, 63)
	if err != nil {
		return errChunk
	}
	b.left, b.last = int64(n), n == 0
	return nil
}

// trailers reads what follows the last chunk, with which the answer ends: io.EOF.
func (b *body) trailers() error {
	for range maxTrailers {
		if line, err := b.line(); err != nil {
			return err
		} else if len(line) == 0 {
			return io.EOF
		}
	}
	return errTrailers
}

// line reads a line and takes its end off, which is CR LF: who takes less for one may read
// other chunks than a proxy before it.
func (b *body) line() ([]byte, error) {
	line, err := b.br.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return nil, errChunk
	} else if err != nil {
		return nil, cut(err)
	}
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok || bytes.IndexByte(text, '\r') >= 0 {
		return nil, errChunk
	}
	return text, nil
}
