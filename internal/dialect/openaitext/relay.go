package openaitext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// maxChoices bounds what an upstream may claim as an index.
const maxChoices = maxPrompts * 128

// Events is Frames: only a client of this dialect is answered from here.
func (a *Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return a.Frames(req, r)
}

// Frames hands the upstream's frames on with the declared edits: Frame events and one End,
// whose Frame is the body of an answer that does not stream. A stream is whole with its
// [DONE], or when every choice has finished and its usage has come.
func (*Adapter) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		x := relay{Teller: dialect.NewTeller(yield), req: req, fallbackID: r.ID, fallbackModel: r.Model, fallbackCreated: max(r.Created.Unix(), 0)}
		read := x.stream
		if !req.Stream || !r.Stream || dialect.IsJSON(r.Header) {
			read = x.whole
		}
		x.Close(read(r))
	}
}

// relay is the state of one answer.
type relay struct {
	dialect.Teller
	req                       *llm.Request
	doc                       rawjson.Doc
	patch                     rawjson.Patch
	buf                       []byte
	usage                     *llm.Usage
	tier                      string
	id, model                 string
	fallbackID, fallbackModel string
	fallbackCreated           int64
	states                    map[int]bool // of choices begun: whether they have ended
}

var done = []byte("[DONE]")

func (x *relay) stream(r dialect.Reply) error {
	rd := sse.NewReader(r.Body, dialect.MaxFrame)
	defer rd.Close()
	for {
		f, err := rd.Next()
		switch {
		case errors.Is(err, io.EOF):
			if x.usage == nil || !x.over() {
				return openaichat.Broken("The provider's stream ended before its end mark", io.ErrUnexpectedEOF)
			}
			return x.end(nil)
		case err != nil:
			return openaichat.Cut(err)
		case len(f.Data) == 0: // a comment
			x.Event = llm.Event{Kind: llm.Frame, Frame: f.Raw}
		case bytes.Equal(bytes.TrimSpace(f.Data), done):
			if len(x.states) == 0 {
				return openaichat.Broken("The provider ended its stream without an answer", nil)
			}
			if err := x.unsaid(); err != nil {
				return err
			}
			return x.end(nil)
		default:
			emit, err := x.frame(f.Data)
			if err != nil {
				return err
			}
			if !emit {
				continue
			}
		}
		if err := x.Tell(); err != nil {
			return err
		}
	}
}

func (x *relay) over() bool {
	for _, ended := range x.states {
		if !ended {
			return false
		}
	}
	return len(x.states) > 0
}

// unsaid ends the choices that an upstream left without a reason although it ended the
// stream in due form.
func (x *relay) unsaid() error {
	for i := range maxChoices {
		ended, begun := x.states[i]
		if !begun && i >= len(x.states) {
			return nil
		}
		if !begun || ended {
			continue
		}
		b := rawjson.AppendString(append(x.buf[:0], `data: {"id":`...), x.id)
		b = strconv.AppendInt(append(b, `,"object":"text_completion","created":`...), x.fallbackCreated, 10)
		b = rawjson.AppendString(append(b, `,"model":`...), x.model)
		b = strconv.AppendInt(append(b, `,"choices":[{"index":`...), int64(i), 10)
		x.buf = append(b, `,"text":"","logprobs":null,"finish_reason":"stop","native_finish_reason":null}]}`+"\n\n"...)
		x.Event = llm.Event{Kind: llm.Frame, Frame: x.buf, Choice: i, Content: true, Finish: llm.FinishStop}
		if err := x.Tell(); err != nil {
			return err
		}
	}
	return nil
}

// frame reads one chunk into x.Event. It is not to be emitted when nothing is left of it: the
// last chunk, which carries the cost, is ours.
func (x *relay) frame(data []byte) (emit bool, err error) {
	if err := x.doc.Parse(data); err != nil {
		return false, openaichat.Broken("The provider sent a chunk that is not JSON", err)
	}
	x.patch.Reset()
	x.Event = llm.Event{Kind: llm.Frame}
	choices, err := x.members(x.doc.Root())
	if err != nil {
		return false, err
	}
	if choices.Len() == 0 && x.usage != nil {
		return false, nil
	}
	x.buf = x.patch.Apply(append(x.buf[:0], "data: "...), data)
	x.buf = append(x.buf, "\n\n"...)
	x.Event.Frame = x.buf
	return true, nil
}

// whole reads an answer that does not stream.
func (x *relay) whole(r dialect.Reply) error {
	root, err := openaichat.ReadWhole(r, &x.doc)
	if err != nil {
		return err
	}
	if x.req.Stream {
		return openaichat.Broken("The provider answered a streaming request without a stream", nil)
	}
	choices, err := x.members(root)
	if err != nil {
		return err
	}
	if choices.Len() == 0 {
		return openaichat.Broken("The provider's answer has no choices", nil)
	}
	return x.end(x.patch.Apply(nil, root.Raw()))
}

func (x *relay) end(body []byte) error {
	u := x.usage
	if u == nil {
		u = new(llm.Usage)
	}
	if u.ServiceTier == "" {
		u.ServiceTier = x.tier
	}
	if body == nil { // what the last frame held has been counted with it
		x.Event = llm.Event{}
	}
	x.Event.Kind, x.Event.Usage, x.Event.Frame, x.Event.Content = llm.End, u, body, body != nil
	return x.Tell()
}

// members reads a chunk's or body's top level and edits what is declared.
func (x *relay) members(root rawjson.Node) (choices rawjson.Node, err error) {
	if root.Kind() != rawjson.Object {
		return choices, openaichat.Broken("The provider sent a chunk that is not an object", nil)
	}
	var typed, named, modelled, dated, counted bool
	for k, v := range root.Members() {
		switch string(k.Bytes()) {
		case "error":
			if !v.IsNull() {
				return choices, openaichat.FrameFailure(root)
			}
		case "choices":
			choices = v
		case "usage":
			counted = true
			if u := openaichat.ReadUsage(v); u != nil {
				u.Raw = append([]byte(nil), u.Raw...)
				x.usage = u
			}
		case "service_tier":
			x.tier = v.Str()
		case "object":
			if typed = true; !v.Is("text_completion") {
				x.patch.Set(v, []byte(`"text_completion"`))
			}
		case "id":
			named = true
			x.identity(v, &x.id, &x.Event.ID, x.fallbackID)
		case "created":
			dated = true
		case "model":
			modelled = true
			x.identity(v, &x.model, &x.Event.Model, x.fallbackModel)
		}
	}
	if counted {
		x.patch.Remove(root, func(k rawjson.Node) bool { return k.Is("usage") })
	}
	if choices.Len() > 0 {
		if !named {
			x.add(root, "id", &x.id, x.fallbackID)
		}
		if !modelled {
			x.add(root, "model", &x.model, x.fallbackModel)
		}
		if !typed {
			x.patch.Append(root, "object", []byte(`"text_completion"`))
		}
		if !dated {
			x.patch.Append(root, "created", strconv.AppendInt(nil, x.fallbackCreated, 10))
		}
	}
	at := int64(0)
	for c := range choices.Elems() {
		if err := x.choice(c, at); err != nil {
			return choices, err
		}
		at++
	}
	return choices, nil
}

func (x *relay) add(root rawjson.Node, key string, kept *string, fallback string) {
	if *kept == "" {
		*kept = fallback
	}
	x.patch.Append(root, key, rawjson.AppendString(nil, *kept))
}

// identity keeps an answer's id and model: the first that came, or ours when it has none.
func (x *relay) identity(v rawjson.Node, kept, event *string, fallback string) {
	switch {
	case *kept == "" && v.StrLen() > 0:
		*kept = v.Str()
		*event = *kept
	case *kept == "":
		*kept = fallback
		x.patch.Set(v, rawjson.AppendString(nil, fallback))
	case !v.Is(*kept):
		x.patch.Set(v, rawjson.AppendString(nil, *kept))
	}
}

// choice counts what a choice says and puts its finish reason right. One that has no index
// is known by its place in the list.
func (x *relay) choice(c rawjson.Node, at int64) error {
	if c.Kind() != rawjson.Object {
		return openaichat.Broken("The provider sent a choice that is not an object", nil)
	}
	index := at
	if v := c.Get("index"); v.Exists() {
		index = v.Int64()
	} else {
		x.patch.Append(c, "index", strconv.AppendInt(nil, at, 10))
	}
	if index < 0 || index >= maxChoices {
		return openaichat.Broken(fmt.Sprintf("The provider sent a choice with the index %d", index), nil)
	}
	i := int(index)
	x.Event.Choice = i
	if n := c.Get("text").StrLen(); n > 0 || c.Get("logprobs").Kind() == rawjson.Object {
		x.Event.Content = true
		x.Event.Size += int64(n)
		if x.req.Quotes() && i == 0 {
			x.Event.Said += c.Get("text").Str()
		}
	}
	if x.states == nil {
		x.states = map[int]bool{}
	}
	x.states[i] = x.states[i] || false
	reason := c.Get("finish_reason")
	word := reason.Str()
	if word == "" {
		if x.req.Stream {
			return nil
		}
		word = "stop"
	}
	norm := openaichat.NormalFinish(word)
	if norm == llm.FinishError {
		return openaichat.Broken("The provider ended the answer with an error", nil)
	}
	x.states[i] = true
	x.Event.Content, x.Event.Finish, x.Event.Native = true, norm, word
	if !reason.Is(string(norm)) {
		x.patch.Put(c, "finish_reason", rawjson.AppendString(nil, norm))
	}
	if !c.Get("native_finish_reason").Exists() {
		x.patch.Append(c, "native_finish_reason", rawjson.AppendString(nil, word))
	}
	return nil
}
