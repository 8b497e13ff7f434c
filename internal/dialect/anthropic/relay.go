package anthropic

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Frames hands the upstream's own frames on. The declared edit here is the model in
// message_start, or in a whole message: it becomes the slug that the client asked for,
// because clients drop their thinking when another model answers. Unknown events, pings,
// signatures, citations and counts pass byte for byte. A stream ends with message_stop; the
// message_delta before it comes with the end, which says what the answer cost.
func (Adapter) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		x := relay{answer: answer{Teller: dialect.NewTeller(yield), started: true, doc: rawjson.Lend()}, streams: req.Stream, quotes: req.Quotes(), model: rawjson.AppendString(nil, asked(req, r.Model))}
		defer x.doc.Free()
		x.Close(x.relay(r))
	}
}

// asked is the slug that a client asked for, that of the answer for one that left the
// choice to a list.
func asked(req *llm.Request, served string) string {
	if req.Model != "" {
		return req.Model
	}
	return served
}

// relay is the state of one answer that passes. Counts and reasons are read as Events
// reads them.
type relay struct {
	answer
	streams bool // the client asked for a stream
	quotes  bool // events say the answer's text
	model   []byte
	patch   rawjson.Patch
	buf     []byte
	held    []byte // the newest message_delta
}

func (x *relay) relay(r dialect.Reply) error {
	if !x.streams && dialect.IsJSON(r.Header) {
		return x.body(r.Header, r.Body)
	}
	first, rest, err := dialect.Peek(r.Body)
	switch {
	case err != nil:
		return dialect.Broken(err)
	case first == '{':
		return x.body(r.Header, rest)
	case first == '<' || first == '[':
		return dialect.Broken(dialect.ErrForeign)
	case !x.streams:
		return dialect.Broken(errors.New("the provider answered a request for a whole message with a stream"))
	}
	frames := sse.NewReader(rest, dialect.MaxFrame)
	defer frames.Close()
	for {
		f, err := frames.Next()
		if err == io.EOF {
			err = errors.New("the stream ends before message_stop")
		}
		if err != nil {
			return dialect.Broken(err)
		}
		if ended, err := x.pass(f); ended || err != nil {
			return err
		}
	}
}

// pass hands one frame on and reports whether it was the last.
func (x *relay) pass(f sse.Frame) (ended bool, err error) {
	x.Event = llm.Event{Kind: llm.Frame, Frame: f.Raw, Usage: x.Early}
	if len(f.Data) == 0 {
		return false, x.Tell()
	}
	if err := x.doc.Parse(f.Data); err != nil {
		return false, dialect.Broken(err)
	}
	root := x.doc.Root()
	switch typ := root.Get("type"); {
	case typ.Is("content_block_delta"):
		x.measure(root.Get("delta"))
	case typ.Is("content_block_start"):
		x.Event.Content = true
		x.measure(root.Get("content_block"))
	case typ.Is("message_start"):
		m := root.Get("message")
		x.learn(m.Get("usage"), false)
		x.Event.ID, x.Event.Model, x.Event.ServiceTier = m.Get("id").Str(), m.Get("model").Str(), x.usage.ServiceTier
		x.rename(f, m.Get("model"))
	case typ.Is("message_delta"):
		x.finish(root.Get("delta"))
		x.learn(root.Get("usage"), true)
		x.buf = append(x.buf[:0], x.held...) // one before it goes on
		x.held = append(x.held[:0], f.Raw...)
		x.Event.Frame = x.buf
		if x.stopReason != "" {
			x.Event.Finish, x.Event.Native = normalise(x.stopReason, 0), x.stopReason
		}
	case typ.Is("message_stop"):
		if !sse.Terminated(f.Raw) { // the end of input took its blank line
			x.buf = append(append(x.buf[:0], bytes.TrimRight(f.Raw, "\r\n")...), "\n\n"...)
			x.Event.Frame = x.buf
		}
		x.Event.Kind, x.Event.Raw, x.Event.Usage = llm.End, x.held, x.counted()
		return true, x.Tell()
	case typ.Is("error"), root.Get("error").Exists():
		return false, streamFailure(root)
	}
	x.Event.Usage = x.Early
	return false, x.Tell()
}

// measure is how much of an answer a delta or a block carries.
func (x *relay) measure(n rawjson.Node) {
	for k, v := range n.Members() {
		switch string(k.Bytes()) {
		case "text", "thinking", "partial_json":
			x.Event.Size += int64(v.StrLen())
			switch {
			case x.quotes && k.Is("text"):
				x.Event.Said += v.Str()
			case x.quotes && k.Is("thinking"):
				x.Event.Thought += v.Str()
			}
		case "signature", "citation", "data", "content":
			x.Event.Content = true
		}
	}
	x.Event.Content = x.Event.Content || x.Event.Size > 0
}

// rename edits the model of a frame.
func (x *relay) rename(f sse.Frame, model rawjson.Node) {
	at := bytes.Index(f.Raw, f.Data)
	if !model.Exists() {
		return
	}
	x.patch.Reset()
	x.patch.Set(model, x.model)
	if at < 0 { // data on several lines
		x.buf = sse.AppendEvent(x.buf[:0], "message_start", x.patch.Apply(nil, f.Data))
	} else {
		x.buf = x.patch.Apply(append(x.buf[:0], f.Raw[:at]...), f.Data)
		x.buf = append(x.buf, f.Raw[at+len(f.Data):]...)
	}
	x.Event.Frame = x.buf
}

// counted is the final usage; counts without a final one are no report.
func (x *relay) counted() *llm.Usage {
	if x.Early == nil {
		return new(llm.Usage)
	}
	x.usage.State = llm.UsagePartial
	if x.counts.final {
		x.usage.State = llm.UsageReported
	}
	return x.Early
}

// body passes a whole message.
func (x *relay) body(h dialect.Header, body io.Reader) error {
	raw, err := dialect.ParseBody(x.doc, h, body)
	if err != nil {
		return err
	}
	root := x.doc.Root()
	if root.Get("content").Kind() != rawjson.Array {
		return streamFailure(root)
	}
	if x.streams {
		return dialect.Broken(errors.New("the provider answered a request for a stream without one"))
	}
	x.finish(root)
	x.learn(root.Get("usage"), true)
	x.Event = llm.Event{Kind: llm.End, Content: true, ID: root.Get("id").Str(), Model: root.Get("model").Str(), Usage: x.counted(),
		Finish: normalise(x.stopReason, 0), Native: x.stopReason, ServiceTier: x.usage.ServiceTier}
	for b := range root.Get("content").Elems() {
		x.Event.Size += int64(len(b.Raw()))
		switch {
		case x.quotes && b.Get("type").Is("text"):
			x.Event.Said += b.Get("text").Str()
		case x.quotes && b.Get("type").Is("thinking"):
			x.Event.Thought += b.Get("thinking").Str()
		}
	}
	if m := root.Get("model"); m.Exists() {
		x.patch.Set(m, x.model)
	}
	x.Event.Frame = x.patch.Apply(nil, raw)
	return x.Tell()
}
