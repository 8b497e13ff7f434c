package openaichat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// maxChoices bounds what an upstream may claim as an index.
const maxChoices = 128

// Events hands the upstream's frames on with the declared edits: Frame events and one
// End, whose Frame is the body of an answer that does not stream.
func (a *Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		x := &relay{q: &a.Quirks, req: req, fallbackID: firstOf(r.ID, "chatcmpl"), fallbackModel: firstOf(r.Model, req.Model)}
		if r.Stream && !isJSON(r.Header) {
			x.stream(r.Body, yield)
		} else {
			x.whole(r.Body, yield)
		}
	}
}

func isJSON(h dialect.Header) bool {
	return bytes.HasPrefix([]byte(dialect.Get(h, "Content-Type")), []byte(typeJSON))
}

// relay is the state of one answer.
type relay struct {
	q                         *Quirks
	req                       *llm.Request
	ev                        llm.Event
	doc                       rawjson.Doc
	patch                     rawjson.Patch
	buf                       []byte
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

func (x *relay) stream(body io.Reader, yield func(*llm.Event, error) bool) {
	rd := sse.NewReader(body, dialect.MaxFrame)
	defer rd.Close()
	for {
		f, err := rd.Next()
		if err != nil {
			x.eof(err, yield)
			return
		}
		if len(f.Data) == 0 { // a comment
			x.ev = llm.Event{Kind: llm.Frame, Frame: f.Raw}
			if !yield(&x.ev, nil) {
				return
			}
			continue
		}
		if x.match(f.Raw) {
			if !yield(&x.ev, nil) {
				return
			}
			continue
		}
		if bytes.Equal(bytes.TrimSpace(f.Data), done) {
			if x.finishUnsaid(yield) {
				x.end(nil, yield)
			}
			return
		}
		if x.id == "" && x.held == nil && nameless(f.Data) {
			x.held = append([]byte(nil), f.Raw...)
			continue
		}
		if !x.emit(f, yield) {
			return
		}
	}
}

// nameless reports whether a frame is the kind that Azure sends first: no id yet, and no
// choices (wire notes §6).
func nameless(data []byte) bool {
	return bytes.Contains(data, []byte(`"id":""`)) && bytes.Contains(data, []byte(`"choices":[]`))
}

// emit yields a frame, after a held one that now gets its id.
func (x *relay) emit(f sse.Frame, yield func(*llm.Event, error) bool) bool {
	ok, err := x.frame(f)
	if err != nil {
		yield(nil, err)
		return false
	}
	if x.held != nil && x.id != "" {
		ev, buf := x.ev, x.buf
		x.buf = nil
		held, err := sse.NewReader(bytes.NewReader(x.held), dialect.MaxFrame).Next()
		x.held = nil
		if err == nil {
			if first, err := x.frame(held); err == nil && first && !yield(&x.ev, nil) {
				return false
			}
		}
		x.ev, x.buf = ev, buf
	}
	return !ok || yield(&x.ev, nil)
}

// finishUnsaid ends the choices that an upstream left without a finish reason although it
// ended the stream in due form. It reports whether there was an answer at all.
func (x *relay) finishUnsaid(yield func(*llm.Event, error) bool) bool {
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
		x.ev = llm.Event{Kind: llm.Frame, Frame: x.buf, Content: true, Choice: i, Finish: finish}
		if !yield(&x.ev, nil) {
			return false
		}
	}
	if !any {
		yield(nil, broken("The provider ended its stream without an answer", nil))
	}
	return any
}

// unsaid is the finish reason of a choice whose upstream gave none.
func (x *relay) unsaid(choice int) llm.Finish {
	if len(x.at(choice).calls) > 0 {
		return llm.FinishTools
	}
	return llm.FinishStop
}

// eof decides whether a stream that ends without [DONE] was whole: every choice has
// finished, and its usage has come or the provider is known to send no [DONE].
func (x *relay) eof(err error, yield func(*llm.Event, error) bool) {
	if !errors.Is(err, io.EOF) {
		yield(nil, upstreamErr(err))
		return
	}
	if x.finished() && (x.usage != nil || x.q.NoDone) {
		x.end(nil, yield)
		return
	}
	yield(nil, broken("The provider's stream ended before its end mark", io.ErrUnexpectedEOF))
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

func (x *relay) end(body []byte, yield func(*llm.Event, error) bool) {
	u := x.usage
	if u == nil {
		u = new(llm.Usage)
	}
	u.ServiceTier = x.tier
	x.ev.Kind, x.ev.Usage, x.ev.Frame, x.ev.Content = llm.End, u, body, true
	if body == nil { // what the last frame held has been counted with it
		x.ev = llm.Event{Kind: llm.End, Usage: u}
	}
	yield(&x.ev, nil)
}

// frame reads one chunk into x.ev. It is not to be emitted when nothing is left of it.
func (x *relay) frame(f sse.Frame) (emit bool, err error) {
	if err := x.doc.Parse(f.Data); err != nil {
		return false, broken("The provider sent a chunk that is not JSON", err)
	}
	root := x.doc.Root()
	x.patch.Reset()
	x.ev = llm.Event{Kind: llm.Frame}
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
	x.ev.Frame = f.Raw
	if !terminated(f.Raw) {
		x.ev.Frame = x.edited(f)
		return true, nil
	}
	x.learn(f, root)
	if !x.patch.Empty() {
		x.ev.Frame = x.edited(f)
	}
	return true, nil
}

// setFrame is the event of a frame that carries size bytes of text and nothing else.
func (x *relay) setFrame(frame []byte, size int64) {
	x.ev = llm.Event{Kind: llm.Frame, Choice: x.tmplChoice, Frame: frame, Content: size > 0, Size: size}
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
			x.identity(v, &x.id, &x.ev.ID, x.fallbackID)
		case "model":
			modelled = true
			x.identity(v, &x.model, &x.ev.Model, x.fallbackModel)
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

// choice reads one choice and edits it.
func (x *relay) choice(c rawjson.Node) error {
	var index int64
	var finish, native, delta, message rawjson.Node
	for k, v := range c.Members() {
		switch string(k.Bytes()) {
		case "index":
			index = v.Int64()
		case "finish_reason":
			finish = v
		case "native_finish_reason":
			native = v
		case "delta":
			delta = v
		case "message":
			message = v
		}
	}
	if index < 0 || index >= maxChoices {
		return broken(fmt.Sprintf("The provider sent a choice with the index %d", index), nil)
	}
	if !x.req.Stream {
		delta = message
	} else if message.Exists() && delta.Exists() { // Perplexity sends both (wire notes §11)
		x.patch.Remove(c, func(k rawjson.Node) bool { return k.Is("message") })
	}
	if !delta.Exists() && x.req.Stream {
		x.patch.Append(c, "delta", []byte("{}"))
	}
	x.at(int(index)).opened = true
	x.ev.Choice = int(index)
	x.message(delta, int(index))
	word := finish.Str()
	if word == "" {
		if x.req.Stream {
			return nil
		}
		word = string(x.unsaid(int(index)))
		if finish.Exists() {
			x.patch.Set(finish, rawjson.AppendString(nil, word))
		} else {
			x.patch.Append(c, "finish_reason", rawjson.AppendString(nil, word))
		}
		finish = rawjson.Node{}
	}
	norm := normalFinish(word)
	if norm == llm.FinishError {
		return broken("The provider ended the answer with an error", nil)
	}
	x.at(int(index)).closed = true
	x.ev.Content = true
	x.ev.Finish, x.ev.Native = norm, word
	if native.Kind() == rawjson.String {
		x.ev.Native = native.Str()
	}
	if finish.Exists() && string(norm) != word && word != "function_call" {
		x.patch.Set(finish, rawjson.AppendString(nil, norm))
	}
	if !native.Exists() {
		x.patch.Append(c, "native_finish_reason", rawjson.AppendString(nil, word))
	}
	return nil
}

// message reads a delta or a message and edits it.
func (x *relay) message(m rawjson.Node, choice int) {
	var reasoning bool
	var renamed rawjson.Node
	for k, v := range m.Members() {
		switch string(k.Bytes()) {
		case "content":
			if v.Kind() == rawjson.Array {
				x.contentArray(m, v)
			} else {
				x.count(v)
			}
		case "reasoning":
			reasoning = true
			x.count(v)
		case "reasoning_content":
			renamed = k
			x.count(v)
		case "refusal":
			x.count(v)
		case "tool_calls":
			x.toolCalls(v, choice)
		case "function_call", "reasoning_details", "audio", "images", "annotations":
			if !v.IsNull() && v.Len() > 0 {
				x.ev.Content = true
				x.ev.Size += int64(len(v.Raw()))
			}
		}
	}
	if renamed.Exists() && !reasoning {
		x.patch.Set(renamed, []byte(`"reasoning"`))
	}
}

func (x *relay) count(v rawjson.Node) {
	if n := v.StrLen(); n > 0 {
		x.ev.Content = true
		x.ev.Size += int64(n)
	}
}

// contentArray turns content parts (wire notes §8) into a string, which is what clients
// of this dialect read; thinking parts become reasoning.
func (x *relay) contentArray(m, content rawjson.Node) {
	var text, thought []byte
	for p := range content.Elems() {
		if p.Get("type").Is("thinking") {
			for t := range p.Get("thinking").Elems() {
				thought = append(thought, t.Get("text").Str()...)
			}
			thought = append(thought, p.Get("thinking").Str()...)
			continue
		}
		text = append(text, p.Get("text").Str()...)
	}
	x.ev.Content = x.ev.Content || len(text)+len(thought) > 0
	x.ev.Size += int64(len(text) + len(thought))
	x.patch.Set(content, rawjson.AppendString(nil, text))
	if len(thought) > 0 {
		x.patch.Append(m, "reasoning", rawjson.AppendString(nil, thought))
	}
}

// toolCalls numbers calls without gaps, gives them the index and id they lack, and their
// arguments the form of a string. Some upstreams send parallel calls under one index.
func (x *relay) toolCalls(v rawjson.Node, choice int) {
	for c := range v.Elems() {
		x.ev.Content = true
		args := c.Get("function").Get("arguments")
		x.ev.Size += int64(len(args.Raw()))
		if args.Kind() == rawjson.Object {
			x.patch.Set(args, rawjson.AppendString(nil, args.Raw()))
		}
		index, id := c.Get("index"), c.Get("id")
		up, given := index.Int()
		if !given && id.StrLen() > 0 {
			up = int64(len(x.at(choice).calls)) // a call of its own
		}
		name := c.Get("function").Get("name")
		n, again := x.call(choice, up, id.Str(), name.Str())
		if again && x.req.Stream { // clients join names as they join arguments
			x.patch.Remove(c.Get("function"), func(k rawjson.Node) bool { return k.Is("name") })
		}
		if x.req.Stream && !given {
			x.patch.Append(c, "index", strconv.AppendInt(nil, int64(n), 10))
		} else if x.req.Stream && up != int64(n) {
			x.patch.Set(index, strconv.AppendInt(nil, int64(n), 10))
		}
		if id.Exists() && id.StrLen() == 0 && name.StrLen() > 0 {
			x.patch.Set(id, rawjson.AppendString(nil, "call_"+x.id+"_"+strconv.Itoa(n)))
		}
	}
}

// call is the client's index of the call that an entry belongs to: the newest with that
// upstream index, or a new one when another id says so. again is true when the entry says
// a name that the call has had already.
func (x *relay) call(choice int, up int64, id, name string) (n int, again bool) {
	list := x.at(choice).calls
	for i := len(list) - 1; i >= 0; i-- {
		if c := list[i]; c.index == up && (id == "" || id == c.id) && (x.req.Stream || name == "") {
			return i, name != "" && name == c.name
		}
	}
	if len(list) >= maxChoices {
		return len(list) - 1, false
	}
	x.at(choice).calls = append(list, call{up, id, name})
	return len(list), false
}

// normalFinish is the API's word for an upstream's (reference §1.6).
func normalFinish(word string) llm.Finish {
	switch word {
	case "stop", "length", "tool_calls", "content_filter", "error":
		return llm.Finish(word)
	case "function_call", "tool_use", "TOOL_CALL", "TOOL_CALLS":
		return llm.FinishTools
	case "model_length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "context_length", "model_context_window_exceeded":
		return llm.FinishLength
	case "safety", "SAFETY", "recitation", "RECITATION", "refusal", "sensitive", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "content_filtered":
		return llm.FinishFilter
	case "ERROR", "network_error":
		return llm.FinishError
	}
	return llm.FinishStop
}

// whole reads an answer that does not stream.
func (x *relay) whole(body io.Reader, yield func(*llm.Event, error) bool) {
	raw, err := io.ReadAll(io.LimitReader(body, dialect.MaxBody+1))
	if err != nil {
		yield(nil, upstreamErr(err))
		return
	}
	if len(raw) > dialect.MaxBody {
		yield(nil, broken(fmt.Sprintf("The provider's answer is longer than %d MiB", dialect.MaxBody>>20), nil))
		return
	}
	raw = bytes.TrimSpace(raw) // some providers send white space while they work (wire notes §12)
	if err := x.doc.Parse(raw); err != nil {
		yield(nil, broken("The provider's answer is not JSON", err))
		return
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
		yield(nil, err)
		return
	}
	if !root.Get("system_fingerprint").Exists() {
		x.patch.Append(root, "system_fingerprint", []byte("null"))
	}
	x.end(x.patch.Apply(make([]byte, 0, len(raw)+64), raw), yield)
}
