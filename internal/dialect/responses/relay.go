package responses

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Frames hands the upstream's own events on. The last, or a whole body, comes with the End
// as JSON alone: what it cost is added to it. A stream is whole with response.completed or
// response.incomplete; response.failed is an error.
func (a *Adapter) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		x := relay{Teller: dialect.NewTeller(yield), quotes: req.Quotes(), doc: rawjson.Lend()}
		defer x.doc.Free()
		x.Close(x.read(req, r))
	}
}

// relay is the state of one answer that passes.
type relay struct {
	dialect.Teller
	quotes   bool // events say the answer's text
	doc      *rawjson.Doc
	buf      []byte
	patch    rawjson.Patch
	named    bool
	calls    bool
	searches int64
}

func (x *relay) read(req *llm.Request, r dialect.Reply) error {
	if !req.Stream || dialect.IsJSON(r.Header) {
		return x.whole(req, r)
	}
	frames := sse.NewReader(r.Body, dialect.MaxFrame)
	defer frames.Close()
	for {
		f, err := frames.Next()
		if err == io.EOF {
			return broken(errors.New("the stream ends before its last response event"))
		}
		if err != nil {
			return openaichat.Cut(err)
		}
		x.Event = llm.Event{Kind: llm.Frame, Frame: f.Raw}
		if len(f.Data) == 0 || x.quick(f) {
			if err := x.Tell(); err != nil {
				return err
			}
			continue
		}
		if ended, err := x.pass(f); ended || err != nil {
			return err
		}
	}
}

// repeats are the events that say once more what others have said, or that a part of an item
// begins.
var repeats = func() map[string]bool {
	m := map[string]bool{}
	for _, of := range []string{"output_text", "refusal", "reasoning_text", "reasoning_summary_text", "function_call_arguments", "custom_tool_call_input"} {
		m[of+".done"] = true
	}
	for _, part := range []string{"content_part", "reasoning_summary_part"} {
		m[part+".added"], m[part+".done"] = true, true
	}
	return m
}()

// quick reads a piece of text or arguments without looking at the rest of it, and lets pass
// what repeats them.
func (x *relay) quick(f sse.Frame) bool {
	const mark = `"delta":"`
	rest, ok := bytes.CutPrefix(f.Data, []byte(`{"type":"response.`))
	if !ok || !terminated(f.Raw) || f.Data[len(f.Data)-1] != '}' {
		return false
	}
	if end := bytes.IndexByte(rest, '"'); end > 0 && repeats[string(rest[:end])] {
		return true
	}
	if x.quotes {
		return false
	}
	at := bytes.Index(f.Data, []byte(mark))
	if at < 0 {
		return false
	}
	n := rawjson.StringEnd(f.Data[at+len(mark):])
	if n < 0 {
		return false
	}
	x.Event.Size, x.Event.Content = int64(n), n > 0
	return true
}

func terminated(raw []byte) bool {
	return bytes.HasSuffix(raw, []byte("\n\n")) || bytes.HasSuffix(raw, []byte("\n\r\n")) || bytes.HasSuffix(raw, []byte("\r\r"))
}

// pass hands one event on and reports whether it was the last.
func (x *relay) pass(f sse.Frame) (ended bool, err error) {
	if err := x.doc.Parse(f.Data); err != nil {
		return false, broken(err)
	}
	root := x.doc.Root()
	r := root.Get("response")
	switch typ := root.Get("type"); {
	case typ.Is("response.completed"), typ.Is("response.incomplete"):
		return true, x.end(r, f.Data)
	case typ.Is("response.failed"):
		return false, openaichat.FrameFailure(r)
	case typ.Is("error"), typ.Is("response.error"), typ.IsNull():
		return false, openaichat.FrameFailure(root)
	case typ.Is("response.created"), typ.Is("response.in_progress"), typ.Is("response.queued"):
		if complete(&x.patch, r) {
			x.buf = sse.AppendEvent(x.buf[:0], string(typ.Bytes()), x.patch.Apply(nil, f.Data))
			x.Event.Frame = x.buf
		}
		if !x.named {
			x.named = true
			x.Event.ID, x.Event.Model, x.Event.ServiceTier = r.Get("id").Str(), r.Get("model").Str(), tier(r)
		}
	case typ.Is("response.output_item.added"), typ.Is("response.output_item.done"):
		x.Event.Content = true
		x.item(root.Get("item"), typ.Is("response.output_item.done"))
	default:
		if d := root.Get("delta"); d.StrLen() > 0 {
			x.Event.Size, x.Event.Content = int64(d.StrLen()), true
			switch {
			case x.quotes && typ.Is("response.output_text.delta"):
				x.Event.Said = d.Str()
			case x.quotes && (typ.Is("response.reasoning_summary_text.delta") || typ.Is("response.reasoning_text.delta")):
				x.Event.Thought = d.Str()
			}
		}
	}
	if !terminated(x.Event.Frame) { // the end of input took its blank line
		x.buf = append(append(x.buf[:0], bytes.TrimRight(f.Raw, "\r\n")...), "\n\n"...)
		x.Event.Frame = x.buf
	}
	return false, x.Tell()
}

// members are those that every response object has, and what they are where an upstream
// leaves them out: strict clients insist on them.
var members = [...]struct{ name, otherwise string }{
	{"completed_at", "null"}, {"error", "null"}, {"frequency_penalty", "null"}, {"incomplete_details", "null"}, {"instructions", "null"},
	{"metadata", "{}"}, {"parallel_tool_calls", "true"}, {"presence_penalty", "null"}, {"temperature", "null"}, {"tool_choice", `"auto"`},
	{"tools", "[]"}, {"top_p", "null"},
}

// memberAt is where each of members is.
var memberAt = func() map[string]int {
	at := make(map[string]int, len(members))
	for i, m := range members {
		at[m.name] = i
	}
	return at
}()

// complete adds to a response object what it lacks, and reports whether that was anything.
func complete(p *rawjson.Patch, r rawjson.Node) bool {
	p.Reset()
	if r.Kind() != rawjson.Object {
		return false
	}
	var has [len(members)]bool
	for k := range r.Members() {
		if i, ok := memberAt[string(k.Bytes())]; ok {
			has[i] = true
		}
	}
	for i, m := range members {
		if !has[i] {
			p.Append(r, m.name, []byte(m.otherwise))
		}
	}
	return !p.Empty()
}

func (x *relay) item(it rawjson.Node, whole bool) {
	switch it.Get("type").Str() {
	case "function_call", "custom_tool_call":
		x.calls = true
	case "web_search_call":
		if whole {
			x.searches++
		}
	}
}

// whole passes a body.
func (x *relay) whole(req *llm.Request, reply dialect.Reply) error {
	r, err := openaichat.ReadWhole(reply, x.doc)
	switch {
	case err != nil:
		return err
	case req.Stream:
		return openaichat.Broken("The provider answered a request for a stream without one", nil)
	}
	switch status := r.Get("status"); {
	case status.Is("failed"), status.Is("cancelled"):
		return openaichat.FrameFailure(r)
	case status.Is("in_progress"), status.Is("queued"):
		return broken(errors.New("the response is not finished"))
	case r.Get("output").Kind() != rawjson.Array:
		return openaichat.Broken("The provider's answer is no response", nil)
	}
	x.Event = llm.Event{ID: r.Get("id").Str(), Model: r.Get("model").Str()}
	for it := range r.Get("output").Elems() {
		x.item(it, true)
		x.Event.Size += measure(it)
		if x.quotes {
			x.quote(it)
		}
	}
	return x.end(r, x.doc.Source())
}

// quote adds to what the event says.
func (x *relay) quote(it rawjson.Node) {
	switch it.Get("type").Str() {
	case "message":
		for p := range it.Get("content").Elems() {
			x.Event.Said += p.Get("text").Str()
		}
	case "reasoning":
		for _, list := range [...]string{"content", "summary"} {
			for p := range it.Get(list).Elems() {
				x.Event.Thought += p.Get("text").Str()
			}
		}
	}
}

// measure is how much an item says.
func measure(it rawjson.Node) int64 {
	n := it.Get("arguments").StrLen() + it.Get("input").StrLen()
	for _, list := range [...]string{"content", "summary"} {
		for p := range it.Get(list).Elems() {
			n += p.Get("text").StrLen() + p.Get("refusal").StrLen()
		}
	}
	return int64(n)
}

// end ends the answer with its last event's data, or its body.
func (x *relay) end(r rawjson.Node, body []byte) error {
	u := readUsage(r.Get("usage"))
	u.WebSearches = max(u.WebSearches, x.searches)
	u.ServiceTier = tier(r)
	x.Event.Kind, x.Event.Content, x.Event.Frame, x.Event.Usage, x.Event.ServiceTier = llm.End, true, body, u, u.ServiceTier
	x.Event.Finish, x.Event.Native = finishOf(r, x.calls)
	return x.Tell()
}
