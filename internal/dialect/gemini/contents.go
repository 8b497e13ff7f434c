package gemini

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// The wire's only roles.
const (
	roleUser  = "user"
	roleModel = "model"
)

// contents writes the turns. Neighbours of one role become one content, because the wire
// knows turns, not messages.
func (e *encoder) contents() error {
	e.w.Key("contents").Open('[')
	e.names = make(map[string]string)
	msgs := e.conv.Messages
	for i := 0; i < len(msgs); i++ {
		m := &msgs[i]
		e.unnamed(m)
		switch m.Role {
		case llm.System, llm.Developer: // in systemInstruction
		case llm.Assistant:
			e.modelTurn(m)
		case llm.ToolRole:
			run := i + 1
			for run < len(msgs) && msgs[run].Role == llm.ToolRole {
				e.unnamed(&msgs[run])
				run++
			}
			if err := e.results(msgs[i:run]); err != nil {
				return err
			}
			i = run - 1
		default:
			e.userTurn(m)
		}
	}
	if e.role == "" {
		e.systemAsUser()
	}
	if e.role == "" {
		return bad("messages", "holds nothing to answer; send a message with content")
	}
	e.endContent()
	e.w.Close(']')
	return nil
}

// part opens a part in a content of that role.
func (e *encoder) part(role string) *rawjson.Writer {
	if e.role != role {
		if e.role != "" {
			e.endContent()
		}
		e.w.Elem().Open('{')
		e.w.Key("role").Str(role)
		e.w.Key("parts").Open('[')
		e.role = role
	}
	e.w.Elem().Open('{')
	return &e.w
}

func (e *encoder) endContent() { e.w.Word("]}") }

func (e *encoder) unnamed(m *llm.Message) {
	dialect.Unnamed(m, e.lose)
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Cache != nil {
			e.lose(p.Path+".cache_control", lossCache)
		}
	}
}

func (e *encoder) userTurn(m *llm.Message) {
	for i := range m.Parts {
		e.plainPart(roleUser, &m.Parts[i], "")
	}
}

// plainPart writes text or media; the wire refuses a part of empty text unless it is
// there for its signature.
func (e *encoder) plainPart(role string, p *llm.Part, signature string) {
	switch p.Kind {
	case llm.TextPart, llm.RefusalPart:
		if p.Text == "" && signature == "" {
			return
		}
		w := e.part(role)
		w.Key("text").Str(p.Text)
		e.sign(signature)
		w.Close('}')
	case llm.ImagePart, llm.AudioPart, llm.VideoPart, llm.FilePart:
		e.media(role, p)
	default:
		e.lose(p.Path, "the provider takes no such part in this role")
	}
}

// modelTurn writes what the model said. Each signature goes back on the part it came on.
func (e *encoder) modelTurn(m *llm.Message) {
	signed := e.match(m)
	e.turn = e.turn[:0]
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case llm.ReasoningPart:
			e.thought(p)
		case llm.CallPart:
			e.call(p, signed.of[i])
		default:
			e.plainPart(roleModel, p, signed.of[i])
		}
	}
	for _, s := range signed.rest {
		e.plainPart(roleModel, &llm.Part{Kind: llm.TextPart}, s)
	}
}

func (e *encoder) thought(p *llm.Part) {
	switch r := p.Reasoning; {
	case r.Format != llm.FormatGemini:
		e.lose(p.Path, "the reasoning is not this provider's own and cannot go back to it")
	case r.Type == llm.ReasoningEncrypted: // placed by match
	case r.Text == "" && r.Signature == "":
	default:
		w := e.part(roleModel)
		w.Key("text").Str(r.Text)
		w.Key("thought").Word("true")
		e.sign(r.Signature)
		w.Close('}')
	}
}

func (e *encoder) sign(signature string) {
	if signature != "" {
		e.w.Key("thoughtSignature").Str(signature)
	}
}

func (e *encoder) call(p *llm.Part, signature string) {
	c := p.Call
	e.turn = append(e.turn, c.ID)
	e.names[c.ID] = c.Name
	w := e.part(roleModel)
	w.Key("functionCall").Open('{')
	e.callID(c.ID)
	w.Key("name").Str(c.Name)
	w.Key("args")
	var d rawjson.Doc
	if args := []byte(c.Args); d.Parse(args) == nil && d.Root().Kind() == rawjson.Object {
		w.Raw(d.Root().Raw())
	} else {
		e.lose(p.Path, "the call's arguments are not a JSON object; they go as text")
		w.Open('{')
		w.Key("arguments").Str(c.Args)
		w.Close('}')
	}
	w.Close('}')
	e.sign(signature)
	w.Close('}')
}

// callID writes an id that the upstream gave; one that we invented means nothing there.
func (e *encoder) callID(id string) {
	if id != "" && !invented(id) {
		e.w.Key("id").Str(id)
	}
}

// systemInstruction gathers the system's messages: the wire has one place for them.
func (e *encoder) systemInstruction() {
	if e.onlySystem {
		return
	}
	open, begun := false, false
	for i := range e.conv.Messages {
		m := &e.conv.Messages[i]
		if !m.Instructs() {
			begun = true
			continue
		}
		for j := range m.Parts {
			p := &m.Parts[j]
			switch {
			case p.Kind != llm.TextPart:
				e.lose(p.Path, "the provider's system instruction takes text only")
				continue
			case p.Text == "":
				continue
			case !open:
				e.w.Key("systemInstruction").Word(`{"parts":[`)
				open = true
			}
			e.w.Elem().Open('{')
			e.w.Key("text").Str(p.Text)
			e.w.Close('}')
		}
		if begun {
			e.lose(m.Path, "the provider has one system instruction; this message moved to the front")
		}
	}
	if open {
		e.w.Word("]}")
	}
}

// systemAsUser is for a conversation of system messages alone, which the wire refuses.
func (e *encoder) systemAsUser() {
	e.onlySystem = true
	for i := range e.conv.Messages {
		if m := &e.conv.Messages[i]; m.Instructs() {
			e.userTurn(m)
			e.lose(m.Path+".role", "the provider wants a user turn; the system message went as one")
		}
	}
}
