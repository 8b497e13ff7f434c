package openaichat

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// assistant writes neighbouring turns of the model as one.
func (c *composer) assistant(msgs []llm.Message, last bool) {
	var said, calls, thoughts []llm.Part
	for i := range msgs {
		m := &msgs[i]
		c.extra(m.Extra)
		for _, p := range m.Parts {
			switch p.Kind {
			case llm.TextPart, llm.RefusalPart:
				said = append(said, p)
			case llm.CallPart:
				calls = append(calls, p)
			case llm.ReasoningPart:
				thoughts = append(thoughts, p)
			default:
				c.lose(p.Path, "the provider takes no such part from the assistant")
			}
		}
	}
	at := len(c.w.B)
	c.w.Elem().Open('{')
	c.w.Key("role").Str("assistant")
	if name := msgs[0].Name; name != "" {
		c.w.Key("name").Str(name)
	}
	before := len(c.w.B)
	c.thoughts(thoughts, calls)
	mute := len(c.w.B) == before
	switch {
	case c.q.ThinkingParts && len(thoughts) > 0:
		c.thinkingContent(thoughts, said)
		mute = false
	case len(said) > 0:
		c.w.Key("content")
		c.content(said, "")
	case len(calls) > 0:
		c.w.Key("content").Word("null")
	case mute: // nothing is left of it
		c.w.B = c.w.B[:at]
		return
	default:
		c.w.Key("content").Str("")
	}
	c.calls(calls, thoughts)
	if last && len(calls) == 0 && len(said) > 0 {
		c.prefill(&said[len(said)-1])
	}
	c.w.Close('}')
}

// prefill is for an answer whose beginning the client gives.
func (c *composer) prefill(p *llm.Part) {
	switch {
	case c.q.Prefix:
		c.w.Key("prefix").Word("true")
	case !c.q.NativeReasoning:
		c.lose(p.Path, "the provider does not go on from the beginning of an answer; it may answer anew")
	}
}

func (c *composer) calls(calls, thoughts []llm.Part) {
	if len(calls) == 0 {
		return
	}
	c.w.Key("tool_calls").Open('[')
	for i := range calls {
		p := &calls[i]
		c.extra(p.Extra)
		c.unmarked(p)
		c.w.Elem().Open('{')
		c.w.Key("id").Str(c.ids.Call(p.Call.ID))
		c.w.Key("type").Str("function")
		c.w.Key("function").Open('{')
		c.w.Key("name").Str(p.Call.Name)
		args := p.Call.Args
		if strings.TrimSpace(args) == "" {
			args = "{}"
		}
		if !rawjson.Valid([]byte(args)) {
			c.lose(p.Path, "the call's arguments are not JSON; they go in a member of their own")
			args = string(append(rawjson.AppendString([]byte(`{"arguments":`), args), '}'))
		}
		c.w.Key("arguments").Str(args)
		c.w.Close('}')
		if s := signature(p.Call.ID, thoughts); c.q.GoogleSignatures && s != "" {
			c.w.Key("extra_content").Word(`{"google":{"thought_signature":`)
			c.w.Str(s)
			c.w.Word("}}")
		}
		c.w.Close('}')
	}
	c.w.Close(']')
}
