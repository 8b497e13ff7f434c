package bedrock

import (
	"errors"
	"io"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/eventstream"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Events reads the frames of ConverseStream or the one message of Converse, whichever
// came. A stream is whole with its messageStop; its metadata follows, after which nothing
// is read.
func (Converse) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		a := answer{Teller: dialect.NewTeller(yield), id: dialect.Get(r.Header, "X-Amzn-Requestid"), format: llm.FormatAnthropic}
		if foreignReasoning(r.Model) {
			a.format = llm.FormatUnknown
		}
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
	doc rawjson.Doc

	id       string
	format   string // of reasoning
	started  bool
	whole    bool // not a stream
	blocks   []block
	calls    int
	thoughts int64 // reasoning blocks begun
	said     int   // characters of text so far, which citations count in

	stopped    bool // messageStop or stopReason was there
	measured   bool // metadata was there
	stopReason string

	usage  llm.Usage
	detail llm.ReasoningDetail // of the event being sent
}

func (a *answer) read(r dialect.Reply) error {
	first, rest, err := dialect.Peek(r.Body)
	switch {
	case err != nil:
		return dialect.Broken(err)
	case first == '{':
		return a.message(r.Header, rest)
	case !framed(first):
		return dialect.Broken(dialect.ErrForeign)
	}
	frames := eventstream.NewReader(rest, dialect.MaxFrame)
	for !a.stopped || !a.measured {
		m, err := frames.Next()
		if err == io.EOF && a.stopped { // some proxies leave the counts out
			break
		}
		if err == io.EOF {
			err = errors.New("the stream ends before its messageStop")
		}
		if err != nil {
			return dialect.Broken(err)
		}
		if typ := m.Type(); string(typ) == "exception" || string(typ) == "error" {
			return exception(&m, &a.doc)
		}
		if err := a.doc.Parse(m.Payload); err != nil {
			return dialect.Broken(err)
		}
		if err := a.event(m.Event(), a.doc.Root()); err != nil {
			return err
		}
	}
	return a.end()
}

// event reads the payload of one event.
func (a *answer) event(name []byte, n rawjson.Node) error {
	if a.stopped && string(name) != "metadata" {
		a.Lose(dialect.Clip(string(name), 64), "an event after messageStop")
		return nil
	}
	index := n.Get("contentBlockIndex").Int64()
	switch string(name) {
	case "contentBlockDelta":
		return a.delta(index, n.Get("delta"))
	case "contentBlockStart":
		return a.open(index, n.Get("start"))
	case "contentBlockStop":
		return a.close(index)
	case "messageStart":
		return a.start()
	case "messageStop":
		a.stopped = true
		a.finish(n)
		return a.stop()
	case "metadata":
		a.measured = true
		a.learn(n)
	default:
		a.Lose(dialect.Clip(string(name), 64), "an event of a kind that has no place in the canonical form")
	}
	return nil
}

// message reads a whole answer.
func (a *answer) message(h dialect.Header, body io.Reader) error {
	if _, err := dialect.ParseBody(&a.doc, h, body); err != nil {
		return err
	}
	root := a.doc.Root()
	content := root.At("output", "message", "content")
	if content.Kind() != rawjson.Array || root.Get("stopReason").IsNull() {
		return dialect.Broken(errors.New("the answer holds no message"))
	}
	a.whole = true
	a.learn(root)
	if err := a.start(); err != nil {
		return err
	}
	index := int64(0)
	for b := range content.Elems() {
		if err := a.block(index, b); err != nil {
			return err
		}
		index++
	}
	a.finish(root)
	if err := a.stop(); err != nil {
		return err
	}
	return a.end()
}

func (a *answer) start() error {
	if a.started {
		return nil
	}
	a.started = true
	return a.send(llm.Event{Kind: llm.Start, ID: a.id, ServiceTier: a.usage.ServiceTier})
}

// finish reads why a message ended.
func (a *answer) finish(n rawjson.Node) {
	a.stopReason = dialect.Clip(n.Get("stopReason").Str(), 64)
	if f := n.Get("additionalModelResponseFields"); !f.IsNull() && f.Len() > 0 {
		a.Lose("additionalModelResponseFields", "fields of one model only have no place in the canonical form")
	}
}

// stop closes what is open, then the choice.
func (a *answer) stop() error {
	for len(a.blocks) > 0 {
		if err := a.close(a.blocks[0].index); err != nil {
			return err
		}
	}
	return a.send(llm.Event{Kind: llm.Stop, Finish: normalise(a.stopReason, a.calls), Native: a.stopReason})
}

func (a *answer) end() error {
	if a.Early != nil {
		a.usage.State = llm.UsageReported
	}
	return a.End(&a.usage)
}

// send tells an event. An answer without messageStart
// starts with its first event.
func (a *answer) send(ev llm.Event) error {
	if ev.Kind != llm.Start {
		if err := a.start(); err != nil {
			return err
		}
	}
	return a.Send(ev)
}

// normalise is a stopReason in the API's words
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html).
// One that nobody knew when this was written counts as a stop: the native reason goes
// with it.
func normalise(native string, calls int) llm.Finish {
	switch native {
	case "max_tokens", "model_context_window_exceeded":
		return llm.FinishLength
	case "tool_use":
		return llm.FinishTools
	case "guardrail_intervened", "content_filtered", "refusal":
		return llm.FinishFilter
	case "malformed_model_output", "malformed_tool_use":
		return llm.FinishError
	case "":
		if calls > 0 {
			return llm.FinishTools
		}
	}
	return llm.FinishStop // end_turn, stop_sequence
}
