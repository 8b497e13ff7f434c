package dialect

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ReadBody reads a whole answer, into the memory of buf where that is enough. The error is a *fault.Error that the body's reader made,
// else what the body broke off with; an answer of more than MaxBody bytes is Broken.
func ReadBody(buf []byte, h Header, body io.Reader) ([]byte, error) {
	if buf = buf[:0]; cap(buf) < firstRead(h) {
		buf = make([]byte, 0, firstRead(h))
	}
	for {
		n, err := body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > MaxBody:
			return nil, &fault.Error{Kind: fault.Broken, Public: fmt.Sprintf("The provider's answer is longer than %d MiB", MaxBody>>20)}
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return nil, err
		case len(buf) == cap(buf):
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// ParseBody reads a whole answer, which is one JSON text, into the document. The error is a
// *fault.Error; the bytes are the document's as long as it is read.
func ParseBody(d *rawjson.Doc, h Header, body io.Reader) ([]byte, error) {
	raw, err := ReadBody(nil, h, body)
	if err == nil {
		err = d.Parse(raw)
	}
	if err != nil {
		return nil, Broken(err)
	}
	return raw, nil
}

// IsJSON reports whether an answer says that it is one JSON text.
func IsJSON(h Header) bool { return strings.HasPrefix(Get(h, "Content-Type"), "application/json") }

// firstRead is what to make ready for an answer: its length where that is said, with a
// byte more so that the read which finds its end needs no room, and no more than an
// upstream may claim without sending it.
func firstRead(h Header) int {
	n, err := strconv.Atoi(Get(h, "Content-Length"))
	if err != nil || n < 0 {
		return 2 << 10
	}
	return min(n+1, 1<<20)
}

// AppendOneLine appends JSON without line ends, which between values are white space and in
// an event stream the end of a line.
func AppendOneLine(dst, raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return append(dst, raw...)
	}
	for _, c := range raw {
		if c == '\n' || c == '\r' {
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}
