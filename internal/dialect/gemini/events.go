package gemini

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Events reads an answer of any of the three forms: an event stream, a JSON array that
// arrives in pieces, one object. The wire has no terminal event, so the answer is whole
// when the body ends and every candidate seen has a finishReason, or the prompt was
// blocked; the Stop of each candidate therefore comes at the end. A client of the same
// dialect gets Frames.
func (Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	if req.Relays(llm.Gemini) {
		return Adapter{}.Frames(req, r)
	}
	return func(yield func(*llm.Event, error) bool) {
		a := answer{Teller: dialect.NewTeller(yield), doc: rawjson.Lend()}
		defer a.doc.Free()
		a.Close(a.read(r.Body))
	}
}

// Bounds of what an upstream may claim.
const (
	maxCandidates = 128
)

// answer is the state of one answer.
type answer struct {
	dialect.Teller
	doc *rawjson.Doc

	started    bool
	name       string // tells answers apart in invented ids
	model      string
	candidates []candidate
	block      string // promptFeedback.blockReason
	blockText  string

	usage   llm.Usage
	detail  llm.ReasoningDetail // of the event being sent
	media   llm.MediaOut        // of the event being sent
	scratch []byte
}

func (a *answer) read(body io.Reader) error {
	next, done, err := open(body)
	if err != nil {
		return dialect.Broken(err)
	}
	defer done()
	for {
		object, err := next()
		if err == io.EOF {
			return a.end()
		}
		if err != nil {
			return dialect.Broken(err)
		}
		if err := a.doc.Parse(object); err != nil {
			return dialect.Broken(err)
		}
		if err := a.chunk(a.doc.Root()); err != nil {
			return err
		}
	}
}

// chunk reads one response object: the whole answer, or an increment of it.
func (a *answer) chunk(root rawjson.Node) error {
	var candidates, feedback, id, version, created rawjson.Node
	for k, v := range root.Members() {
		switch string(k.Raw()) {
		case `"candidates"`:
			candidates = v
		case `"usageMetadata"`:
			if readUsage(&a.usage, v) {
				a.usage.State, a.Early = llm.UsagePartial, &a.usage
			}
		case `"promptFeedback"`:
			feedback = v
		case `"responseId"`:
			id = v
		case `"modelVersion"`:
			version = v
		case `"createTime"`:
			created = v
		case `"error"`:
			return streamFailure(root)
		}
	}
	if root.Kind() != rawjson.Object {
		return streamFailure(root)
	}
	if !a.started {
		if err := a.start(id.Str(), version.Str(), created.Str(), root.Raw()); err != nil {
			return err
		}
	}
	if why := enum(feedback.Get("blockReason"), blockNumbers[:]); why != "" {
		a.block, a.blockText = why, feedback.Get("blockReasonMessage").Str()
	}
	for c := range candidates.Elems() {
		if err := a.candidate(c); err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) start(id, version, created string, first []byte) error {
	a.started, a.model, a.name = true, version, answerName(id, first)
	ev := llm.Event{Kind: llm.Start, ID: id, Model: version}
	if t, err := time.Parse(time.RFC3339Nano, created); err == nil {
		ev.Created = t.Unix()
	}
	return a.Send(ev)
}

// end checks that the answer is whole and closes it.
func (a *answer) end() error {
	seen := 0
	for i := range a.candidates {
		c := &a.candidates[i]
		switch {
		case !c.seen:
			continue
		case c.native == "":
			return fault.Wrap(fault.Broken, fmt.Errorf("the answer ends before candidate %d has a finishReason", i))
		}
		seen++
		if err := c.stop(a); err != nil {
			return err
		}
	}
	if seen == 0 {
		if err := a.blocked(); err != nil {
			return err
		}
	}
	if a.Early != nil {
		a.usage.State = llm.UsageReported
	}
	return a.End(&a.usage)
}

// blocked answers for a prompt that the upstream refused inside a 200: an empty choice
// that a content filter ended, with the upstream's reason as its refusal.
func (a *answer) blocked() error {
	if a.block == "" {
		return fault.Wrap(fault.Broken, errors.New("the answer has no candidates and no reason for it"))
	}
	if a.blockText != "" {
		if err := a.Send(llm.Event{Kind: llm.RefusalDelta, Text: a.blockText}); err != nil {
			return err
		}
	}
	return a.Send(llm.Event{Kind: llm.Stop, Finish: llm.FinishFilter, Native: a.block})
}
