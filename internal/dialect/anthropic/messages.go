package anthropic

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// The wire's roles. A block inside a tool result is in no message of its own.
const (
	roleUser      = "user"
	roleAssistant = "assistant"
	roleSystem    = "system"
	nested        = ""
)

func (e *encoder) system(lead int) {
	at := len(e.w.B)
	e.w.Key("system").Open('[')
	empty := len(e.w.B)
	for i := range lead {
		m := &e.conv.Messages[i]
		dialect.Unnamed(m, e.lose)
		for j := range m.Parts {
			if p := &m.Parts[j]; p.Kind == llm.TextPart {
				e.content(nested, p, p.Cache)
			} else {
				e.lose(p.Path, "the provider's system prompt takes text only")
			}
		}
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.w.Close(']')
}

// messages writes the turns. Neighbours of one role become one message, because tool
// results must follow their calls in one user message.
func (e *encoder) messages(lead int) error {
	e.w.Key("messages").Open('[')
	msgs := e.conv.Messages
	for i := lead; i < len(msgs); {
		if msgs[i].Role == llm.Assistant {
			e.assistantTurn(&msgs[i], i == len(msgs)-1)
			i++
			continue
		}
		end := i
		for end < len(msgs) && msgs[end].Role != llm.Assistant {
			end++
		}
		e.userTurn(msgs[i:end])
		i = end
	}
	if e.role == "" {
		return bad("messages", "holds nothing to answer; send a message with content")
	}
	e.w.Word("]}]")
	return nil
}

// block opens a content block, in a message of that role.
func (e *encoder) block(role, typ string) *rawjson.Writer {
	if role != nested && e.role != role {
		if e.role != "" {
			e.w.Word("]}")
		}
		e.w.Elem().Open('{')
		e.w.Key("role").Str(role)
		e.w.Key("content").Open('[')
		e.role = role
	}
	e.w.Elem().Open('{')
	e.w.Key("type").Str(typ)
	return &e.w
}

// userTurn writes everything between two turns of the assistant. The results of tools
// come first: the wire wants them right after their calls.
func (e *encoder) userTurn(msgs []llm.Message) {
	for i := range msgs {
		for j := range msgs[i].Parts {
			if p := &msgs[i].Parts[j]; p.Kind == llm.ResultPart {
				e.result(p)
			}
		}
	}
	late := e.lateSystem(msgs)
	for i := range msgs {
		m := &msgs[i]
		dialect.Unnamed(m, e.lose)
		if i >= late && (e.role == roleUser || e.role == roleSystem) {
			e.instruct(m)
			continue
		}
		if m.Instructs() {
			e.lose(m.Path+".role", "the provider takes no system message here; it went as the user's")
		}
		for j := range m.Parts {
			if p := &m.Parts[j]; p.Kind != llm.ResultPart {
				e.content(roleUser, p, p.Cache)
			}
		}
	}
}

// lateSystem is where the system messages begin that can be sent as such within the
// conversation: those after everything else between two turns of the assistant, for models
// from Claude Opus 4.8 on
// (https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages).
func (e *encoder) lateSystem(msgs []llm.Message) int {
	i := len(msgs)
	if claude.AdaptiveOnly(&e.to) && claude.Named(e.to.Model, "opus-4-8", "opus-5", "sonnet-5", "haiku-5", "fable-5", "mythos-5") {
		for i > 0 && msgs[i-1].Instructs() {
			i--
		}
	}
	return i
}

// instruct writes a system message, joined to one right before it. It takes text only.
func (e *encoder) instruct(m *llm.Message) {
	for j := range m.Parts {
		if p := &m.Parts[j]; p.Kind == llm.TextPart {
			e.content(roleSystem, p, p.Cache)
		} else {
			e.lose(p.Path, "the provider's system messages take text only")
		}
	}
}

// content writes text, an image or a document. Blank text, which the wire refuses, says
// nothing and is left out.
func (e *encoder) content(role string, p *llm.Part, mark *llm.CacheMark) {
	switch p.Kind {
	case llm.TextPart, llm.RefusalPart:
		if dialect.Blank(p.Text) {
			return
		}
		e.block(role, "text").Key("text").Str(p.Text)
	case llm.ImagePart, llm.FilePart:
		a, ok := e.attachment(p)
		if !ok {
			return
		}
		a.write(e.block(role, a.typ))
	case llm.AudioPart, llm.VideoPart:
		e.lose(p.Path, "the provider takes no audio or video")
		return
	default:
		e.lose(p.Path, "the provider takes no such part in this role")
		return
	}
	e.mark(mark, p.Path)
	e.w.Close('}')
}

// assistantTurn writes what the model said: thinking, then text and calls in their order.
// The last message of all is the beginning of the answer, which may not end in space.
func (e *encoder) assistantTurn(m *llm.Message, last bool) {
	dialect.Unnamed(m, e.lose)
	e.reasoning(m)
	final := -1
	for i := range m.Parts {
		if m.Parts[i].Kind != llm.ReasoningPart {
			final = i
		}
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Kind {
		case llm.ReasoningPart: // written already
		case llm.CallPart:
			e.call(p)
		case llm.TextPart, llm.RefusalPart:
			if text := strings.TrimRight(p.Text, dialect.Space); last && i == final && text != p.Text {
				e.lose(p.Path, "the provider takes no space at the end of a text to go on from; it was cut off")
				q := *p
				q.Text, p = text, &q
			}
			e.content(roleAssistant, p, p.Cache)
		default:
			e.lose(p.Path, "the provider takes no such part from the assistant")
		}
	}
}

func (e *encoder) call(p *llm.Part) {
	c := p.Call
	w := e.block(roleAssistant, "tool_use")
	w.Key("id").Str(e.ids.Call(c.ID))
	w.Key("name").Str(c.Name)
	w.Key("input")
	e.args = append(e.args[:0], c.Args...)
	switch {
	case dialect.Blank(c.Args):
		w.Word("{}")
	case e.doc.Parse(e.args) == nil && e.doc.Root().Kind() == rawjson.Object:
		w.Raw(e.doc.Root().Raw())
	default:
		e.lose(p.Path, "the call's arguments are not a JSON object; they go as text")
		w.Open('{')
		w.Key("arguments").Str(c.Args)
		w.Close('}')
	}
	e.mark(p.Cache, p.Path)
	w.Close('}')
}

// result writes a tool's answer. A cache mark inside it holds for the whole.
func (e *encoder) result(p *llm.Part) {
	r := p.Result
	w := e.block(roleUser, "tool_result")
	w.Key("tool_use_id").Str(e.ids.Result(r.CallID))
	at := len(w.B)
	w.Key("content").Open('[')
	empty := len(w.B)
	for i := range r.Parts {
		e.content(nested, &r.Parts[i], nil)
	}
	if len(w.B) == empty {
		w.B = w.B[:at]
	} else {
		w.Close(']')
	}
	if r.Error {
		w.Key("is_error").Word("true")
	}
	e.mark(dialect.MarkOf(p), p.Path)
	w.Close('}')
}
