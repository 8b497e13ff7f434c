package gemini

import (
	"bytes"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// results writes the answers to one turn's calls in the order of the calls, as the wire
// matches them by order where it has no ids. Media follows after them: a functionResponse
// holds JSON only.
func (e *encoder) results(msgs []llm.Message) error {
	var parts []*llm.Part
	for i := range msgs {
		for j := range msgs[i].Parts {
			if p := &msgs[i].Parts[j]; p.Result != nil {
				parts = append(parts, p)
			}
		}
	}
	at := func(p *llm.Part) int {
		if i := slices.Index(e.turn, p.Result.CallID); i >= 0 {
			return i
		}
		return len(e.turn)
	}
	slices.SortStableFunc(parts, func(a, b *llm.Part) int { return at(a) - at(b) })
	for _, p := range parts {
		if err := e.result(p); err != nil {
			return err
		}
	}
	for _, p := range parts {
		for i := range p.Result.Parts {
			if q := &p.Result.Parts[i]; q.Kind != llm.TextPart {
				e.plainPart(roleUser, q, "")
			}
		}
	}
	return nil
}

func (e *encoder) result(p *llm.Part) error {
	r := p.Result
	name := r.Name
	if called, ok := e.names[r.CallID]; ok {
		name = called
	}
	if name == "" {
		return bad(p.Path+".tool_call_id", "answers a tool call that no earlier message makes; send the assistant message with the call first")
	}
	w := e.part(roleUser)
	w.key("functionResponse").open('{')
	e.callID(r.CallID)
	w.key("name").str(name)
	w.key("response")
	e.response(r)
	w.word("}}")
	return nil
}

// response is an object, always: another value is wrapped.
func (e *encoder) response(r *llm.ToolResult) {
	var text []byte
	for i := range r.Parts {
		if r.Parts[i].Kind == llm.TextPart {
			text = append(text, r.Parts[i].Text...)
		}
	}
	var d rawjson.Doc
	isJSON := d.Parse(bytes.TrimSpace(text)) == nil
	if isJSON && d.Root().Kind() == rawjson.Object && !r.Error {
		e.w.raw(d.Root().Raw())
		return
	}
	e.w.open('{')
	if r.Error {
		e.w.key("error")
	} else {
		e.w.key("result")
	}
	if isJSON {
		e.w.raw(d.Root().Raw())
	} else {
		e.w.str(string(text))
	}
	e.w.close('}')
}
