package ollama

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// message writes a turn. Texts are joined, as a message has one.
func (e *encoder) message(m *llm.Message) {
	if m.Name != "" && m.Role != llm.ToolRole {
		e.lose(m.Path+".name", "the provider's messages have no names")
	}
	for _, f := range m.Extra {
		e.lose(f.Path, "it has no place in the provider's messages")
	}
	t := turn{}
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Kind == llm.ResultPart {
			e.result(p)
		} else {
			e.part(&t, p)
		}
	}
	if t.empty() {
		return
	}
	role := string(m.Role)
	if m.Role == llm.Developer {
		role = "system"
	}
	e.turn(role, nil, &t)
}

// turn is what one message of the API holds.
type turn struct {
	text, thinking []string
	images         []string
	calls          []*llm.Part
}

func (t *turn) empty() bool { return len(t.text)+len(t.thinking)+len(t.images)+len(t.calls) == 0 }

func (e *encoder) part(t *turn, p *llm.Part) {
	for _, f := range p.Extra {
		e.lose(f.Path, "it has no place in the provider's content")
	}
	if p.Cache != nil {
		e.lose(p.Path+".cache_control", "the provider caches by itself")
	}
	switch p.Kind {
	case llm.TextPart, llm.RefusalPart:
		if p.Text != "" {
			t.text = append(t.text, p.Text)
		}
	case llm.ImagePart:
		e.image(t, p)
	case llm.CallPart:
		t.calls = append(t.calls, p)
	case llm.ReasoningPart:
		e.reason(t, p)
	default:
		e.lose(p.Path, "the provider takes text and images only")
	}
}

func (e *encoder) image(t *turn, p *llm.Part) {
	m := e.req.Inline(p.Media)
	switch {
	case m.Data != "":
		t.images = append(t.images, m.Data)
		if m.Detail != "" && m.Detail != "auto" {
			e.lose(p.Path+".detail", "the provider sets the resolution of images itself")
		}
	case !e.wants.Want(m.URL):
		e.lose(p.Path, "the provider takes images inline only")
	}
}

// reason gives thoughts back in the open. What is opaque of other vendors stays behind.
func (e *encoder) reason(t *turn, p *llm.Part) {
	r := p.Reasoning
	if text := r.Text + r.Summary; text != "" {
		t.thinking = append(t.thinking, text)
	}
	if r.Signature != "" || r.Data != "" {
		e.lose(p.Path, "the provider takes no signed or encrypted reasoning back")
	}
}

// result writes a tool's answer as a message of its own.
func (e *encoder) result(p *llm.Part) {
	var t turn
	for i := range p.Result.Parts {
		e.part(&t, &p.Result.Parts[i])
	}
	for _, f := range p.Extra {
		e.lose(f.Path, "it has no place in the provider's results")
	}
	if p.Cache != nil {
		e.lose(p.Path+".cache_control", "the provider caches by itself")
	}
	if p.Result.Error {
		e.lose(p.Path+".is_error", "the provider's API has no mark for a failed tool")
	}
	e.turn("tool", p.Result, &t)
}

// turn writes one message; of is what it is the result of.
func (e *encoder) turn(role string, of *llm.ToolResult, t *turn) {
	w := e.w.Elem()
	w.Open('{')
	w.Key("role").Str(role)
	w.Key("content").Str(strings.Join(t.text, "\n"))
	if len(t.thinking) > 0 {
		w.Key("thinking").Str(strings.Join(t.thinking, "\n"))
	}
	if len(t.images) > 0 {
		w.Key("images").Strs(t.images)
	}
	if len(t.calls) > 0 {
		w.Key("tool_calls").Open('[')
		for _, p := range t.calls {
			c, f := p.Call, w.Elem()
			f.Open('{')
			if c.ID != "" {
				f.Key("id").Str(c.ID)
			}
			f.Key("function").Open('{')
			f.Key("name").Str(c.Name)
			f.Key("arguments").Raw(e.arguments(p))
			f.Word("}}")
		}
		w.Close(']')
	}
	if of != nil {
		if of.Name != "" {
			w.Key("tool_name").Str(of.Name)
		}
		if of.CallID != "" { // tells calls of one tool apart
			w.Key("tool_call_id").Str(of.CallID)
		}
	}
	w.Close('}')
}

// arguments are those of a call as the object that the API wants. Others go as what they
// are in a member of their own.
func (e *encoder) arguments(p *llm.Part) []byte {
	args := p.Call.Args
	var d rawjson.Doc
	if d.Parse([]byte(args)) == nil && d.Root().Kind() == rawjson.Object {
		return []byte(args)
	}
	if strings.TrimSpace(args) == "" {
		return []byte("{}")
	}
	e.lose(p.Path, "the provider takes arguments that are an object; these went as a text within one")
	return append(rawjson.AppendString([]byte(`{"arguments":`), args), '}')
}
