package bedrock

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// The wire's roles. A block inside a tool result is in no message of its own.
const (
	roleUser      = "user"
	roleAssistant = "assistant"
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
			switch p := &m.Parts[j]; {
			case p.Kind != llm.TextPart:
				e.lose(p.Path, "the provider's system prompt takes text only")
			case !dialect.Blank(p.Text):
				e.w.Elem().Open('{')
				e.w.Key("text").Str(p.Text)
				e.w.Close('}')
				e.mark(p.Cache, p.Path)
			}
		}
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.w.Close(']')
}

// messages writes the turns. Neighbours of one role become one message: the wire wants
// roles to take turns, and tool results right after their calls.
func (e *encoder) messages(lead int) error {
	e.w.Key("messages").Open('[')
	msgs := e.conv.Messages
	for i := lead; i < len(msgs); {
		if msgs[i].Role == llm.Assistant {
			e.assistantTurn(&msgs[i])
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
	e.closeMessage()
	e.w.Close(']')
	return nil
}

// block opens a content block of a kind, in a message of that role.
func (e *encoder) block(role, kind string) *rawjson.Writer {
	if role != nested && e.role != role {
		e.closeMessage()
		e.w.Elem().Open('{')
		e.w.Key("role").Str(role)
		e.w.Key("content").Open('[')
		e.role = role
	}
	e.w.Elem().Open('{')
	return e.w.Key(kind)
}

// closeMessage ends the message that is open. The wire refuses documents without a text
// beside them.
func (e *encoder) closeMessage() {
	if e.role == "" {
		return
	}
	if len(e.files) > 0 && e.texts == 0 {
		e.lose(e.files[0], "the provider takes documents only beside a text; \"Document:\" was added")
		e.block(e.role, "text").Str("Document:")
		e.w.Close('}')
	}
	e.w.Word("]}")
	e.role, e.texts, e.files = "", 0, e.files[:0]
}

// userTurn writes everything between two turns of the assistant. The results of tools
// come first.
func (e *encoder) userTurn(msgs []llm.Message) {
	for i := range msgs {
		for j := range msgs[i].Parts {
			if p := &msgs[i].Parts[j]; p.Kind == llm.ResultPart {
				e.result(p)
			}
		}
	}
	for i := range msgs {
		m := &msgs[i]
		dialect.Unnamed(m, e.lose)
		if m.Instructs() {
			e.lose(m.Path+".role", "the provider takes no system message here; it went as the user's")
		}
		for j := range m.Parts {
			if p := &m.Parts[j]; p.Kind != llm.ResultPart && e.content(roleUser, p) {
				e.mark(p.Cache, p.Path)
			}
		}
	}
}

// assistantTurn writes what the model said: reasoning, then text and calls in their order.
func (e *encoder) assistantTurn(m *llm.Message) {
	dialect.Unnamed(m, e.lose)
	e.reasoning(m)
	for i := range m.Parts {
		p, written := &m.Parts[i], true
		switch p.Kind {
		case llm.ReasoningPart: // written already
			continue
		case llm.CallPart:
			e.call(p)
		case llm.TextPart, llm.RefusalPart:
			written = e.content(roleAssistant, p)
		default:
			e.lose(p.Path, "the provider takes no such part from the assistant")
			continue
		}
		if written {
			e.mark(p.Cache, p.Path)
		}
	}
}

// content writes text, an image, a document, audio or video, and reports whether it did.
// Blank text, which the wire refuses, says nothing and is left out.
func (e *encoder) content(role string, p *llm.Part) bool {
	switch p.Kind {
	case llm.TextPart, llm.RefusalPart:
		if dialect.Blank(p.Text) {
			return false
		}
		e.block(role, "text").Str(p.Text)
		e.w.Close('}')
		if role != nested {
			e.texts++
		}
		return true
	case llm.ImagePart, llm.FilePart, llm.AudioPart, llm.VideoPart:
		return e.media(role, p)
	case llm.NativePart:
		e.lose(p.Path, "the provider takes no block of type "+p.Native.Type)
	default:
		e.lose(p.Path, "the provider takes no such part in this role")
	}
	return false
}

func (e *encoder) call(p *llm.Part) {
	c := p.Call
	w := e.block(roleAssistant, "toolUse")
	w.Open('{')
	w.Key("toolUseId").Str(e.ids.Call(c.ID))
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
	w.Word("}}")
}

// result writes a tool's answer. A cache mark inside it holds for the whole.
func (e *encoder) result(p *llm.Part) {
	r := p.Result
	w := e.block(roleUser, "toolResult")
	w.Open('{')
	w.Key("toolUseId").Str(e.ids.Result(r.CallID))
	w.Key("content").Open('[')
	for i := range r.Parts {
		e.content(nested, &r.Parts[i])
	}
	w.Close(']')
	if r.Error {
		w.Key("status").Str("error")
	}
	w.Word("}}")
	e.mark(dialect.MarkOf(p), p.Path)
}
