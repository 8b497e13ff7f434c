package anthropic

import (
	"errors"
	"io"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Events reads an event stream or a whole message, whichever came. A stream is whole with
// its message_stop, after which nothing is read. A client of the same dialect gets Frames.
func (Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	if req.Relays(llm.Anthropic) {
		return Adapter{}.Frames(req, r)
	}
	return func(yield func(*llm.Event, error) bool) {
		a := answer{Teller: dialect.NewTeller(yield), doc: rawjson.Lend()}
		defer a.doc.Free()
		a.Close(a.read(r))
	}
}

// Bounds of what an upstream may claim.
const (
	maxOpenBlocks = 256
	maxCitations  = 256 // of one block
)

// answer is the state of one answer.
type answer struct {
	dialect.Teller
	doc *rawjson.Doc

	unescaped []byte // text of the increment being read

	started  bool
	whole    bool // not a stream
	blocks   []block
	calls    int
	thoughts int64 // reasoning blocks begun
	said     int   // characters of text so far, which citations count in

	stopReason  string
	explanation string // of a refusal

	counts counts
	usage  llm.Usage
	detail llm.ReasoningDetail // of the event being sent
}

func (a *answer) read(r dialect.Reply) error {
	if !r.Stream && dialect.IsJSON(r.Header) {
		return a.message(r.Header, r.Body)
	}
	first, rest, err := dialect.Peek(r.Body)
	if err != nil {
		return dialect.Broken(err)
	}
	switch first {
	case '{':
		return a.message(r.Header, rest)
	case '<', '[':
		return dialect.Broken(dialect.ErrForeign)
	}
	return a.stream(sse.NewReader(rest, dialect.MaxFrame))
}

// stream reads frames up to message_stop.
func (a *answer) stream(frames *sse.Reader) error {
	defer frames.Close() // events hold copies
	for {
		f, err := frames.Next()
		if err == io.EOF {
			return dialect.Broken(errors.New("the stream ends before message_stop"))
		}
		if err != nil {
			return dialect.Broken(err)
		}
		if len(f.Data) == 0 {
			continue
		}
		if ended, err := a.event(f.Data); ended || err != nil {
			return err
		}
	}
}

// event reads the data of one event and reports whether it was the last.
func (a *answer) event(data []byte) (ended bool, err error) {
	if done, err := a.increment(data); done || err != nil {
		return false, err
	}
	if err := a.doc.Parse(data); err != nil {
		return false, dialect.Broken(err)
	}
	return a.frame(a.doc.Root())
}

// frame is event for one that has been parsed.
func (a *answer) frame(root rawjson.Node) (ended bool, err error) {
	var typ, body, usage rawjson.Node
	index := int64(-1)
	for k, v := range root.Members() {
		switch string(k.Raw()) {
		case `"type"`:
			typ = v
		case `"index"`:
			index = v.Int64()
		case `"delta"`, `"content_block"`, `"message"`:
			body = v
		case `"usage"`:
			usage = v
		}
	}
	switch string(typ.Raw()) {
	case `"content_block_delta"`:
		return false, a.delta(index, body)
	case `"content_block_start"`:
		return false, a.open(index, body)
	case `"content_block_stop"`:
		return false, a.close(index)
	case `"message_start"`:
		return false, a.start(body)
	case `"message_delta"`:
		a.finish(body)
		a.learn(usage, true)
	case `"message_stop"`:
		return true, a.end()
	case `"ping"`:
	case `"error"`:
		return false, streamFailure(root)
	default:
		if root.Get("error").Exists() {
			return false, streamFailure(root)
		}
		a.Lose(typ.Str(), "an event of a kind that has no place in the canonical form")
	}
	return false, nil
}

// message reads a whole answer.
func (a *answer) message(h dialect.Header, body io.Reader) error {
	if _, err := dialect.ParseBody(a.doc, h, body); err != nil {
		return err
	}
	root := a.doc.Root()
	content := root.Get("content")
	if content.Kind() != rawjson.Array {
		return streamFailure(root)
	}
	a.whole = true
	if err := a.start(root); err != nil {
		return err
	}
	index := int64(0)
	for b := range content.Elems() {
		if err := a.open(index, b); err != nil {
			return err
		}
		if err := a.close(index); err != nil {
			return err
		}
		index++
	}
	a.finish(root)
	a.counts.final = a.Early != nil
	return a.end()
}

// start reads a message object; its usage is a beginning in a stream.
func (a *answer) start(m rawjson.Node) error {
	a.learn(m.Get("usage"), false)
	if a.started {
		return nil
	}
	a.started = true
	return a.send(llm.Event{Kind: llm.Start, ID: m.Get("id").Str(), Model: m.Get("model").Str(), ServiceTier: a.usage.ServiceTier})
}

// finish reads why a message ended.
func (a *answer) finish(m rawjson.Node) {
	if s := m.Get("stop_reason"); !s.IsNull() {
		a.stopReason = s.Str()
	}
	if s := m.At("stop_details", "explanation"); !s.IsNull() {
		a.explanation = s.Str()
	}
}

// end closes what is open, then the answer.
func (a *answer) end() error {
	for len(a.blocks) > 0 {
		if err := a.close(a.blocks[0].index); err != nil {
			return err
		}
	}
	why := normalise(a.stopReason, a.calls)
	if why == llm.FinishFilter && a.said == 0 && a.explanation != "" {
		if err := a.send(llm.Event{Kind: llm.RefusalDelta, Text: a.explanation}); err != nil {
			return err
		}
	}
	if err := a.send(llm.Event{Kind: llm.Stop, Finish: why, Native: a.stopReason}); err != nil {
		return err
	}
	if a.counts.final {
		a.usage.State = llm.UsageReported
	}
	return a.End(&a.usage)
}

// send tells an event. An answer without message_start
// starts with its first event.
func (a *answer) send(ev llm.Event) error {
	if !a.started {
		a.started = true
		if err := a.send(llm.Event{Kind: llm.Start}); err != nil {
			return err
		}
	}
	return a.Send(ev)
}

// normalise is a stop_reason in the API's words. One that nobody knew when this was
// written counts as a stop: the native reason goes with it.
func normalise(native string, calls int) llm.Finish {
	switch native {
	case "max_tokens", "model_context_window_exceeded":
		return llm.FinishLength
	case "tool_use":
		return llm.FinishTools
	case "refusal":
		return llm.FinishFilter
	case "":
		if calls > 0 {
			return llm.FinishTools
		}
	}
	return llm.FinishStop // end_turn, stop_sequence, pause_turn
}
