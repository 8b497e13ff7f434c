package gateway

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/structured"
)

// shape is what becomes of a demanded JSON Schema. Only the first choice is checked.
type shape struct {
	structured.Verdict
	Enforced bool `json:"enforced"` // the endpoint was told the schema
	answer   []byte
}

// shaped begins the check of an attempt's answer, nil for a request that demands no schema.
func (x *exchange) shaped() *shape {
	if !x.req.Demands() {
		return nil
	}
	return &shape{Verdict: structured.Verdict{Status: structured.Unchecked}}
}

// take adds what an event says of the answer's text.
func (s *shape) take(ev *llm.Event) {
	switch {
	case ev.Choice != 0 || len(s.answer) > structured.MaxAnswer:
	case ev.Kind == llm.TextDelta:
		s.answer = append(s.answer, ev.Text...)
	case ev.Kind == llm.Frame, ev.Kind == llm.End:
		s.answer = append(s.answer, ev.Said...)
	}
}

// check says how a finished answer fits.
func (x *exchange) check() {
	s := x.shape
	s.Enforced = !slices.ContainsFunc(x.rec.Lost, func(l llm.Loss) bool { return formats(l.Path) })
	conv, err := x.req.Conversation()
	switch {
	case err != nil || len(conv.Format.Schema) == 0:
		s.Why = "the schema cannot be read"
	case x.rec.Finish == llm.FinishTools:
		s.Why = "the answer calls tools"
	case x.rec.Finish == llm.FinishFilter:
		s.Why = "the answer was refused or filtered"
	default:
		s.Verdict = structured.Check(conv.Format.Schema, s.answer)
	}
	x.rec.Structured = string(s.Status)
}

// formats reports whether a path of a request is the place where a schema is demanded, or
// in it.
func formats(path string) bool {
	for _, p := range [...]string{"response_format", "text.format", "output_config.format", "output_format", "generationConfig.response", "generation_config.response"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// header is what of the check an answer's header says.
func (s *shape) header() string {
	h := string(s.Status)
	if s.Enforced {
		h += ", enforced"
	}
	return h
}
