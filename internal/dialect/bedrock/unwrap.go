package bedrock

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/eventstream"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// unwrapped is an answer of InvokeModel as its vendor would have sent it: a whole message
// as it is, and the events inside the frames of a stream as server-sent events. An error
// in a frame is a *fault.Error; the end comes between frames only.
type unwrapped struct {
	src    io.Reader
	opened bool                // the first byte has been looked at
	frames *eventstream.Reader // nil for a whole message
	doc    rawjson.Doc
	raw    []byte // the event in a frame
	text   []byte // the event as it is read
	rest   []byte // what of text is to be read
	err    error
}

var errBytes = errors.New("a frame holds no bytes in base64")

// Read gives what is left of the frame that came last before it waits for another.
func (u *unwrapped) Read(p []byte) (int, error) {
	if !u.opened {
		u.opened = true
		first, src, err := dialect.Peek(u.src)
		if u.src, u.err = src, err; err == nil && framed(first) {
			u.frames = eventstream.NewReader(src, dialect.MaxFrame)
		}
	}
	if u.err == nil && u.frames == nil {
		return u.src.Read(p)
	}
	for len(u.rest) == 0 && u.err == nil {
		u.err = u.next()
	}
	if len(u.rest) == 0 {
		return 0, u.err
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// next unwraps one frame. Frames that are not chunks hold nothing of the vendor's.
func (u *unwrapped) next() error {
	m, err := u.frames.Next()
	if err == io.EOF {
		return err
	}
	if err != nil {
		return dialect.Broken(err)
	}
	if typ := m.Type(); string(typ) == "exception" || string(typ) == "error" {
		return exception(&m, &u.doc)
	}
	if string(m.Event()) != "chunk" {
		return nil
	}
	if err := u.doc.Parse(m.Payload); err != nil {
		return dialect.Broken(err)
	}
	b64 := u.doc.Root().Get("bytes").Bytes()
	if len(b64) == 0 {
		return dialect.Broken(errBytes)
	}
	if u.raw, err = base64.StdEncoding.AppendDecode(u.raw[:0], b64); err != nil {
		return dialect.Broken(errBytes)
	}
	u.text = u.text[:0]
	if name := u.eventName(); len(name) > 0 {
		u.text = append(append(append(u.text, "event: "...), name...), '\n')
	}
	u.text = append(append(append(u.text, "data: "...), u.raw...), "\n\n"...)
	u.rest = u.text
	return nil
}

// eventName is the type of the event in raw, in which line breaks, which can only be white
// space between values, become spaces.
func (u *unwrapped) eventName() []byte {
	for i, c := range u.raw {
		if c == '\n' || c == '\r' {
			u.raw[i] = ' '
		}
	}
	if rest, ok := bytes.CutPrefix(u.raw, []byte(`{"type":"`)); ok {
		if name, _, ok := bytes.Cut(rest, []byte(`"`)); ok && plain(name) {
			return name
		}
	}
	if u.doc.Parse(u.raw) != nil {
		return nil // the inner adapter says why
	}
	if name := u.doc.Root().Get("type").Bytes(); plain(name) {
		return name
	}
	return nil
}

// plain reports whether a name has nothing in it that would end its line.
func plain(name []byte) bool { return !bytes.ContainsAny(name, "\\\r\n") }
