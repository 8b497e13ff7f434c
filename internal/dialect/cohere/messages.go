package cohere

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// message writes a turn: its results as messages of their own, its content, calls and
// reasoning as one.
func (e *encoder) message(m *llm.Message) {
	if m.Name != "" && m.Role != llm.ToolRole {
		e.lose(m.Path+".name", "the provider's messages have no names")
	}
	for _, f := range m.Extra {
		e.lose(f.Path, "it has no place in the provider's messages")
	}
	var content, calls []*llm.Part
	var thoughts []string
	for i := range m.Parts {
		p := &m.Parts[i]
		for _, f := range p.Extra {
			e.lose(f.Path, "it has no place in the provider's content")
		}
		if p.Cache != nil {
			e.lose(p.Path+".cache_control", "the provider caches by itself")
		}
		switch p.Kind {
		case llm.ResultPart:
			e.result(p)
		case llm.CallPart:
			calls = append(calls, p)
		case llm.ReasoningPart:
			thoughts = append(thoughts, e.reason(p)...)
		default:
			if e.fits(m.Role, p) {
				content = append(content, p)
			}
		}
	}
	if len(content)+len(calls)+len(thoughts) == 0 {
		return
	}
	role := string(m.Role)
	if m.Role == llm.Developer {
		role = "system"
	}
	w := e.w.Elem()
	w.Open('{')
	w.Key("role").Str(role)
	if len(calls) == 0 {
		e.content(content, thoughts)
	} else {
		e.content(nil, thoughts)
		if said := textOf(content); said != "" { // what is said before calls is their plan
			w.Key("tool_plan").Str(said)
		}
		w.Key("tool_calls").Open('[')
		for _, p := range calls {
			c := w.Elem()
			c.Open('{')
			if p.Call.ID != "" {
				c.Key("id").Str(p.Call.ID)
			}
			c.Key("type").Str("function")
			c.Key("function").Open('{')
			c.Key("name").Str(p.Call.Name)
			c.Key("arguments").Str(p.Call.Args)
			c.Word("}}")
		}
		w.Close(']')
	}
	w.Close('}')
}

func textOf(parts []*llm.Part) string {
	var said []string
	for _, p := range parts {
		said = append(said, p.Text)
	}
	return strings.Join(said, "\n")
}

// content writes the thoughts and the parts of a message.
func (e *encoder) content(parts []*llm.Part, thoughts []string) {
	if len(parts)+len(thoughts) == 0 {
		return
	}
	w := e.w.Key("content")
	w.Open('[')
	for _, t := range thoughts {
		p := w.Elem()
		p.Open('{')
		p.Key("type").Str("thinking")
		p.Key("thinking").Str(t)
		p.Close('}')
	}
	for _, part := range parts {
		p := w.Elem()
		p.Open('{')
		if part.Kind == llm.ImagePart {
			p.Key("type").Str("image_url")
			p.Key("image_url").Open('{')
			p.Key("url").Str(address(part.Media))
			if d := part.Media.Detail; d != "" {
				p.Key("detail").Str(d)
			}
			p.Close('}')
		} else {
			p.Key("type").Str("text")
			p.Key("text").Str(part.Text)
		}
		p.Close('}')
	}
	w.Close(']')
}

func address(m *llm.Media) string {
	if m.Data == "" {
		return m.URL
	}
	mime := m.MIME
	if mime == "" {
		mime = "image/png"
	}
	return "data:" + mime + ";base64," + m.Data
}

// show writes the images of the results before as the user's.
func (e *encoder) show() {
	if len(e.moved) == 0 {
		return
	}
	w := e.w.Elem()
	w.Open('{')
	w.Key("role").Str("user")
	e.content(e.moved, nil)
	w.Close('}')
	e.moved = e.moved[:0]
}

// fits reports whether a part has a place in a message.
func (e *encoder) fits(role llm.Role, p *llm.Part) bool {
	switch p.Kind {
	case llm.TextPart, llm.RefusalPart:
		return p.Text != ""
	case llm.ImagePart:
		if role == llm.User && (p.Media.Data != "" || p.Media.URL != "") {
			return true
		}
		e.lose(p.Path, "the provider takes images of users only, by data or URL")
		return false
	}
	e.lose(p.Path, "the provider takes text and images only")
	return false
}

// reason is what of a block may go back: text. What is opaque of other vendors stays behind.
func (e *encoder) reason(p *llm.Part) []string {
	r := p.Reasoning
	if r.Signature != "" || r.Data != "" {
		e.lose(p.Path, "the provider takes no signed or encrypted reasoning back")
	}
	if text := r.Text + r.Summary; text != "" {
		return []string{text}
	}
	return nil
}

// result writes a tool's answer.
func (e *encoder) result(p *llm.Part) {
	if p.Result.Error {
		e.lose(p.Path+".is_error", "the provider's API has no mark for a failed tool")
	}
	w := e.w.Elem()
	w.Open('{')
	w.Key("role").Str("tool")
	w.Key("tool_call_id").Str(p.Result.CallID)
	w.Key("content").Open('[')
	for i := range p.Result.Parts {
		q := &p.Result.Parts[i]
		for _, f := range q.Extra {
			e.lose(f.Path, "it has no place in the provider's content")
		}
		if q.Cache != nil {
			e.lose(q.Path+".cache_control", "the provider caches by itself")
		}
		if q.Kind == llm.ImagePart && e.fits(llm.User, q) {
			e.lose(q.Path, "the provider takes text alone from a tool; this goes in a message of the user after it")
			e.moved = append(e.moved, q)
			continue
		}
		if q.Kind != llm.TextPart {
			e.lose(q.Path, "the provider takes text alone from a tool")
			continue
		}
		t := w.Elem()
		t.Open('{')
		t.Key("type").Str("text")
		t.Key("text").Str(q.Text)
		t.Close('}')
	}
	w.Word("]}")
}
