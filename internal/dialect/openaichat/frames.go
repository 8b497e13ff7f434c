package openaichat

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strconv"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// maxChoices bounds what an upstream may claim as an index.
const maxChoices = 128

// Frames hands the upstream's frames on with the declared edits: Frame events and one
// End, whose Frame is the body of an answer that does not stream.
func (a *Adapter) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		x := relays.Get().(*relay)
		defer x.free()
		x.Teller, x.q, x.req, x.quotes = dialect.NewTeller(yield), &a.Quirks, req, req.Quotes()
		x.fallbackID, x.fallbackModel = firstOf(r.ID, "chatcmpl"), firstOf(r.Model, req.Model)
		if r.Stream && !dialect.IsJSON(r.Header) {
			x.Close(x.stream(r.Body))
		} else {
			x.Close(x.whole(r))
		}
	}
}

// relays lends the memory that an answer is read in.
var relays = sync.Pool{New: func() any { return new(relay) }}

// maxLent is the size in bytes of a buffer that is not kept for the next answer.
const maxLent = 256 << 10

// free ends the life of the last event and of all that it refers to.
func (x *relay) free() {
	if cap(x.raw)+cap(x.buf) > maxLent {
		return
	}
	x.doc.Reset()
	x.patch.Reset()
	clear(x.choices)
	*x = relay{doc: x.doc, patch: x.patch, raw: x.raw[:0], buf: x.buf[:0], choices: x.choices[:0]}
	relays.Put(x)
}

// relay is the state of one answer.
type relay struct {
	dialect.Teller
	q                         *Quirks
	req                       *llm.Request
	doc                       rawjson.Doc
	patch                     rawjson.Patch
	raw                       []byte // an answer that does not stream
	buf                       []byte // what is handed on instead
	usage                     *llm.Usage
	tier                      string
	id                        string // of the answer, from the first frame that has one
	model                     string
	fallbackID, fallbackModel string // for an answer that has none
	tmpl                      template
	textHole                  int // which hole of the template is the text
	tmplChoice                int
	held                      []byte     // a first frame without an id, until one is known
	choices                   []progress // by index
	quotes                    bool       // events say the text of the first choice
}

// progress is how far one choice has come.
type progress struct {
	opened, closed bool
	calls          []call
}

// at is the state of a choice whose index has been checked.
func (x *relay) at(i int) *progress {
	for len(x.choices) <= i {
		x.choices = append(x.choices, progress{})
	}
	return &x.choices[i]
}

// call is a tool call of the answer: the upstream's index and id. Its place is its index
// for the client.
type call struct {
	index int64
	id    string
	name  string
}

func broken(public string, err error) *fault.Error {
	return &fault.Error{Kind: fault.Broken, Public: public, Err: err}
}

var done = []byte("[DONE]")

func (x *relay) stream(body io.Reader) error {
	rd := sse.NewReader(body, dialect.MaxFrame)
	defer rd.Close()
	for {
		f, err := rd.Next()
		if err != nil {
			return x.eof(err)
		}
		if ended, err := x.take(f); ended || err != nil {
			return err
		}
	}
}

// take reads a frame and reports whether it was the last.
func (x *relay) take(f sse.Frame) (ended bool, err error) {
	switch {
	case len(f.Data) == 0: // a comment
		x.Event = llm.Event{Kind: llm.Frame, Frame: f.Raw}
		return false, x.Tell()
	case x.match(f.Raw):
		return false, x.Tell()
	case bytes.Equal(bytes.TrimSpace(f.Data), done):
		if err := x.finishUnsaid(); err != nil {
			return true, err
		}
		return true, x.end(nil)
	case x.id == "" && x.held == nil && nameless(f.Data):
		x.held = append([]byte(nil), f.Raw...)
		return false, nil
	}
	return false, x.emit(f)
}

// nameless reports whether a frame is the kind that Azure sends first: no id yet, and no
// choices (wire notes §6).
func nameless(data []byte) bool {
	return bytes.Contains(data, []byte(`"id":""`)) && bytes.Contains(data, []byte(`"choices":[]`))
}

// emit tells a frame, after a held one that now gets its id.
func (x *relay) emit(f sse.Frame) error {
	ok, err := x.frame(f)
	if err != nil {
		return err
	}
	if x.held != nil && x.id != "" {
		ev, buf := x.Event, x.buf
		x.buf = nil
		held, err := sse.NewReader(bytes.NewReader(x.held), dialect.MaxFrame).Next()
		x.held = nil
		if err == nil {
			if first, err := x.frame(held); err == nil && first {
				if err := x.Tell(); err != nil {
					return err
				}
			}
		}
		x.Event, x.buf = ev, buf
	}
	if !ok {
		return nil
	}
	return x.Tell()
}

// finishUnsaid ends the choices that an upstream left without a finish reason although it
// ended the stream in due form. Without any there was no answer.
func (x *relay) finishUnsaid() error {
	any := false
	for i := range x.choices {
		c := &x.choices[i]
		if any = any || c.opened; !c.opened || c.closed {
			continue
		}
		c.closed = true
		b := append(x.buf[:0], `data: {"id":`...)
		b = rawjson.AppendString(b, x.id)
		b = append(b, `,"object":"chat.completion.chunk","created":0,"model":`...)
		b = rawjson.AppendString(b, x.model)
		b = strconv.AppendInt(append(b, `,"choices":[{"index":`...), int64(i), 10)
		finish := x.unsaid(i)
		b = rawjson.AppendString(append(b, `,"delta":{},"finish_reason":`...), finish)
		x.buf = append(b, ",\"native_finish_reason\":null}]}\n\n"...)
		x.Event = llm.Event{Kind: llm.Frame, Frame: x.buf, Content: true, Choice: i, Finish: finish}
		if err := x.Tell(); err != nil {
			return err
		}
	}
	if !any {
		return broken("The provider ended its stream without an answer", nil)
	}
	return nil
}

// unsaid is the finish reason of a choice whose upstream gave none.
func (x *relay) unsaid(choice int) llm.Finish {
	if len(x.at(choice).calls) > 0 {
		return llm.FinishTools
	}
	return llm.FinishStop
}

// eof decides whether a stream that ends without [DONE] was whole.
func (x *relay) eof(err error) error {
	if !errors.Is(err, io.EOF) {
		return upstreamErr(err)
	}
	if x.finished() && x.q.Done.whole(x.usage != nil) {
		return x.end(nil)
	}
	return broken("The provider's stream ended before its end mark", io.ErrUnexpectedEOF)
}

// upstreamErr keeps a classification that the reader of the body made (a deadline, the
// client gone) and calls everything else a broken stream.
func upstreamErr(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	return broken("The provider's answer broke off", err)
}

func (x *relay) finished() bool {
	any := false
	for _, c := range x.choices {
		if c.opened != c.closed {
			return false
		}
		any = any || c.closed
	}
	return any
}

func (x *relay) end(body []byte) error {
	u := x.usage
	if u == nil {
		u = new(llm.Usage)
	}
	u.ServiceTier = x.tier
	x.Event.Kind, x.Event.Usage, x.Event.Frame, x.Event.Content = llm.End, u, body, true
	if body == nil { // what the last frame held has been counted with it
		x.Event = llm.Event{Kind: llm.End, Usage: u}
	}
	return x.Tell()
}

// frame reads one chunk into x.Event. It is not to be emitted when nothing is left of it.
func (x *relay) frame(f sse.Frame) (emit bool, err error) {
	if err := x.doc.Parse(f.Data); err != nil {
		return false, broken("The provider sent a chunk that is not JSON", err)
	}
	root := x.doc.Root()
	x.patch.Reset()
	x.Event = llm.Event{Kind: llm.Frame}
	choices, err := x.members(root)
	if err != nil {
		return false, err
	}
	any := false
	for c := range choices.Elems() {
		any = true
		if err := x.choice(c); err != nil {
			return false, err
		}
	}
	if !any && root.Get("usage").Kind() == rawjson.Object {
		return false, nil // the last chunk is ours: it carries the cost
	}
	x.Event.Frame = f.Raw
	if !terminated(f.Raw) {
		x.Event.Frame = x.edited(f)
		return true, nil
	}
	x.learn(f, root)
	if !x.patch.Empty() {
		x.Event.Frame = x.edited(f)
	}
	return true, nil
}

// setFrame is the event of a frame that carries size bytes of text and nothing else.
func (x *relay) setFrame(frame []byte, size int64) {
	x.Event = llm.Event{Kind: llm.Frame, Choice: x.tmplChoice, Frame: frame, Content: size > 0, Size: size}
}

// terminated reports whether a frame has its blank line. One that a cut robbed of it gets
// it back, or what follows would melt into it.
func terminated(raw []byte) bool {
	return bytes.HasSuffix(raw, []byte("\n\n")) || bytes.HasSuffix(raw, []byte("\n\r\n")) || bytes.HasSuffix(raw, []byte("\r\r"))
}

// edited is the frame with the patch applied to its data.
func (x *relay) edited(f sse.Frame) []byte {
	at := bytes.Index(f.Raw, f.Data)
	if at < 0 || !terminated(f.Raw) { // data on several lines, which were joined, or cut
		x.buf = x.patch.Apply(append(x.buf[:0], "data: "...), f.Data)
		x.buf = append(x.buf, "\n\n"...)
		return x.buf
	}
	x.buf = x.patch.Apply(append(x.buf[:0], f.Raw[:at]...), f.Data)
	x.buf = append(x.buf, f.Raw[at+len(f.Data):]...)
	return x.buf
}

// members reads a chunk's or body's top level and edits what is declared.
func (x *relay) members(root rawjson.Node) (choices rawjson.Node, err error) {
	if root.Kind() != rawjson.Object {
		return choices, broken("The provider sent a chunk that is not an object", nil)
	}
	var drop [3]string
	n := 0
	var named, modelled, typed bool
	for k, v := range root.Members() {
		switch string(k.Bytes()) {
		case "choices":
			choices = v
		case "error":
			if !v.IsNull() {
				return choices, streamFailure(root)
			}
		case "usage":
			drop[n%3] = "usage"
			n++
			x.setUsage(v)
		case "x_groq":
			if x.usage == nil {
				x.setUsage(v.Get("usage"))
			}
		case "system_fingerprint":
			if v.IsNull() && x.req.Stream {
				drop[n%3] = "system_fingerprint"
				n++
			}
		case "service_tier":
			if v.Kind() == rawjson.String && !v.Is(x.tier) {
				x.tier = v.Str()
			}
		case "id":
			named = true
			x.identity(v, &x.id, &x.Event.ID, x.fallbackID)
		case "model":
			modelled = true
			x.identity(v, &x.model, &x.Event.Model, x.fallbackModel)
		case "object":
			typed = true
			if x.req.Stream && !v.Is("chat.completion.chunk") {
				x.patch.Set(v, []byte(`"chat.completion.chunk"`))
			}
		case "created":
			if v.Kind() == rawjson.String || v.Kind() == rawjson.Number && bytes.ContainsAny(v.Raw(), ".eE") {
				f, _ := strconv.ParseFloat(string(bytes.Trim(v.Raw(), `"`)), 64)
				x.patch.Set(v, strconv.AppendInt(nil, int64(f), 10))
			}
		}
	}
	x.complete(root, named, modelled, typed)
	if n > 0 {
		x.patch.Remove(root, func(k rawjson.Node) bool {
			for _, d := range drop[:min(n, 3)] {
				if k.Is(d) {
					return true
				}
			}
			return false
		})
	}
	return choices, nil
}

// complete adds what every chunk has and this one lacks.
func (x *relay) complete(root rawjson.Node, named, modelled, typed bool) {
	if root.Get("choices").Len() == 0 || named && modelled && typed {
		return
	}
	add := func(key, value string) { x.patch.Append(root, key, rawjson.AppendString(nil, value)) }
	if !named {
		x.id = firstOf(x.id, x.fallbackID)
		add("id", x.id)
	}
	if !modelled {
		x.model = firstOf(x.model, x.fallbackModel)
		add("model", x.model)
	}
	if object := "chat.completion.chunk"; !typed && x.req.Stream {
		add("object", object)
	} else if !typed {
		add("object", "chat.completion")
	}
}

// identity keeps an answer's id (or model) one: the first that came, or ours when it has
// none. Clients refuse an answer that changes its name.
func (x *relay) identity(v rawjson.Node, kept, event *string, fallback string) {
	switch {
	case *kept != "" && v.Is(*kept):
		return
	case *kept == "" && v.StrLen() > 0:
		*kept = v.Str()
		*event = *kept
		return
	case *kept == "":
		*kept = fallback
	case kept != &x.id && v.StrLen() > 0:
		return
	}
	x.patch.Set(v, rawjson.AppendString(nil, *kept))
}

// setUsage keeps the newest counts: some providers send them on every chunk, growing.
func (x *relay) setUsage(v rawjson.Node) {
	if u := readUsage(v); u != nil {
		u.Raw = append([]byte(nil), u.Raw...)
		x.usage = u
	}
}

// whole reads an answer that does not stream.
func (x *relay) whole(r dialect.Reply) error {
	var err error
	if x.raw, err = dialect.ReadBody(x.raw, r.Header, r.Body); err != nil {
		return upstreamErr(err)
	}
	raw := bytes.TrimSpace(x.raw) // some providers send white space while they work (wire notes §12)
	if err := x.doc.Parse(raw); err != nil {
		return broken("The provider's answer is not JSON", err)
	}
	root := x.doc.Root()
	choices, err := x.members(root)
	if err == nil && choices.Len() == 0 {
		err = broken("The provider's answer has no choices", nil)
	}
	if err == nil && x.req.Stream {
		err = broken("The provider answered a streaming request without a stream", nil)
	}
	for c := range choices.Elems() {
		if err == nil {
			err = x.choice(c)
		}
	}
	if err != nil {
		return err
	}
	if !root.Get("system_fingerprint").Exists() {
		x.patch.Append(root, "system_fingerprint", []byte("null"))
	}
	x.buf = x.patch.Apply(x.buf[:0], raw)
	return x.end(x.buf)
}
