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
	w.Key("functionResponse").Open('{')
	e.callID(r.CallID)
	w.Key("name").Str(name)
	w.Key("response")
	e.response(r)
	w.Word("}}")
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
		e.w.Raw(d.Root().Raw())
		return
	}
	e.w.Open('{')
	if r.Error {
		e.w.Key("error")
	} else {
		e.w.Key("result")
	}
	if isJSON {
		e.w.Raw(d.Root().Raw())
	} else {
		e.w.Str(string(text))
	}
	e.w.Close('}')
}
