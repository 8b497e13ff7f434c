package dialect

import (
	"bytes"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A Wrapping is what a platform changes about the dialect that is spoken on it: how a call
// is addressed, what its answer is packed in, how it refuses. A nil function changes
// nothing.
type Wrapping struct {
	// Call edits a call of the inner adapter, which it owns, and reports what more is lost
	// by replacing the losses.
	Call func(req *llm.Request, to Target, call *Call, losses []llm.Loss) ([]llm.Loss, error)
	// Body is an answer's body as the inner adapter knows it.
	Body func(io.Reader) io.Reader
	// Failure classifies what is not 2xx.
	Failure func(inner Adapter, status int, h Header, body []byte) *fault.Error
}

// Wrap is the inner adapter on a platform. It speaks the same dialect, and is a Relay when
// the inner one is.
func Wrap(inner Adapter, w Wrapping) Adapter {
	if r, ok := inner.(Relay); ok {
		return wrappedRelay{wrapped{inner, w}, r}
	}
	return wrapped{inner, w}
}

type wrapped struct {
	inner Adapter
	w     Wrapping
}

func (a wrapped) Dialect() llm.Dialect { return a.inner.Dialect() }

func (a wrapped) EncodeRequest(req *llm.Request, to Target) (Call, []llm.Loss, error) {
	call, losses, err := a.inner.EncodeRequest(req, to)
	if err == nil && a.w.Call != nil {
		losses, err = a.w.Call(req, to, &call, losses)
	}
	if err != nil {
		return Call{}, nil, err
	}
	return call, losses, nil
}

// Raised is the inner adapter's.
func (a wrapped) Raised(req *llm.Request, to Target) int64 {
	if r, ok := a.inner.(Raiser); ok {
		return r.Raised(req, to)
	}
	return 0
}

func (a wrapped) unpack(r Reply) Reply {
	if a.w.Body != nil {
		r.Body = a.w.Body(r.Body)
	}
	return r
}

func (a wrapped) Events(req *llm.Request, r Reply) iter.Seq2[*llm.Event, error] {
	return a.inner.Events(req, a.unpack(r))
}

func (a wrapped) Failure(status int, h Header, body []byte) *fault.Error {
	if a.w.Failure != nil {
		return a.w.Failure(a.inner, status, h, body)
	}
	return a.inner.Failure(status, h, body)
}

type wrappedRelay struct {
	wrapped
	relay Relay
}

func (a wrappedRelay) Frames(req *llm.Request, r Reply) iter.Seq2[*llm.Event, error] {
	return a.relay.Frames(req, a.unpack(r))
}

// A Member is one to be set in a body: raw JSON by its name.
type Member struct{ Name, JSON string }

// Rebody edits the body of a call, which must be a JSON object that keeps a member: drop
// says which top-level members go, and those of add come at its end, where they replace
// the members of their names. The error means that the body is no such object.
func Rebody(body [][]byte, drop func(name string, value rawjson.Node) bool, add ...Member) ([][]byte, error) {
	src := body[0]
	if len(body) > 1 {
		src = bytes.Join(body, nil)
	}
	var d rawjson.Doc
	if err := d.Parse(src); err != nil {
		return nil, fault.Wrap(fault.Internal, err) // the inner adapter's mistake
	}
	root := d.Root()
	gone := func(key rawjson.Node) bool {
		name := string(key.Bytes())
		replaced := slices.ContainsFunc(add, func(m Member) bool { return m.Name == name })
		return drop(name, root.Get(name)) || replaced
	}
	var p rawjson.Patch
	p.Remove(root, gone)
	for _, m := range add {
		p.Append(root, m.Name, []byte(m.JSON))
	}
	return p.Segments(src), nil
}

// EscapeSegment is a name as one segment of a URL's path (RFC 3986 §3.3). Besides the
// unreserved characters it keeps those of keep.
func EscapeSegment(name, keep string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(name)+16)
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' ||
			strings.IndexByte(keep, c) >= 0 {
			b = append(b, c)
			continue
		}
		b = append(b, '%', digits[c>>4], digits[c&15])
	}
	return string(b)
}
