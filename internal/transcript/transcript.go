// Package transcript is what one request said and was answered, for workspaces that let it
// be kept or sent on. It is made only where somebody has switched that on, and is bounded.
// It has no tool calls of the answer and no media that the answer is made of.
package transcript

import (
	"hash/fnv"
	"math"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Bounds, in bytes.
const (
	MaxInput  = 4 << 20 // of a request; a longer one is left out as a whole
	MaxAnswer = 1 << 20 // of text, and of reasoning; what is more is cut off
)

// Transcript is a request and its answer.
type Transcript struct {
	Input      []byte // the request's body as it was routed: a JSON object; nil: too long, or no JSON
	Completion []byte // text of the first choice
	Reasoning  []byte // of the first choice
	Cut        bool   // something was too long
}

// Ask takes in the body of the request. It is copied.
func (t *Transcript) Ask(body []byte) {
	if len(body) > MaxInput {
		t.Cut = true
		return
	}
	t.Input = append([]byte(nil), body...)
}

// Take adds what an event says.
func (t *Transcript) Take(ev *llm.Event) {
	if ev.Choice != 0 {
		return
	}
	switch ev.Kind {
	case llm.TextDelta, llm.RefusalDelta:
		t.Completion = t.add(t.Completion, ev.Text)
	case llm.ReasoningDelta:
		t.Reasoning = t.add(t.Reasoning, ev.Reasoning.Text+ev.Reasoning.Summary)
	case llm.Frame, llm.End:
		t.Completion, t.Reasoning = t.add(t.Completion, ev.Said), t.add(t.Reasoning, ev.Thought)
	}
}

func (t *Transcript) add(to []byte, s string) []byte {
	if room := MaxAnswer - len(to); len(s) > room {
		t.Cut = true
		s = s[:room]
	}
	return append(to, s...)
}

// Restart forgets the answer of an attempt that failed.
func (t *Transcript) Restart() { t.Completion, t.Reasoning = t.Completion[:0], t.Reasoning[:0] }

// Sampled reports whether a share of all requests, from 0 to 1, has the one with an id in it:
// always the same ones, and of a session all or none.
func Sampled(share float64, session, id string) bool {
	if share >= 1 {
		return true
	}
	if session == "" {
		session = id
	}
	h := fnv.New64a()
	h.Write([]byte(session)) // never an error
	x := h.Sum64()
	x = (x ^ x>>32) * 0xd6e8feb86659fd93 // ids that differ in their end only
	return float64((x^x>>32)>>11) < share*math.Exp2(53)
}
