package openaichat

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// messages writes the turns. Neighbouring turns of the assistant become one, and the
// results of tools follow their calls before anything else: the wire insists on both.
func (c *composer) messages() error {
	c.w.Key("messages").Open('[')
	empty := len(c.w.B)
	msgs := c.conv.Messages
	for i := 0; i < len(msgs); {
		end := i + 1
		for end < len(msgs) && (msgs[end].Role == llm.Assistant) == (msgs[i].Role == llm.Assistant) {
			end++
		}
		if msgs[i].Role == llm.Assistant {
			c.assistant(msgs[i:end], end == len(msgs))
		} else {
			c.others(msgs[i:end])
		}
		i = end
	}
	if len(c.w.B) == empty {
		return errNoMessages
	}
	c.w.Close(']')
	return nil
}

// turnAfterTools is the turn of Quirks.TurnAfterTools.
const turnAfterTools = `{"role":"assistant","content":"OK."}`

// others writes everything between two turns of the assistant.
func (c *composer) others(msgs []llm.Message) {
	answered, more := false, false
	for i := range msgs {
		for j := range msgs[i].Parts {
			if p := &msgs[i].Parts[j]; p.Kind == llm.ResultPart {
				c.result(p)
				answered = true
			} else {
				more = true
			}
		}
	}
	if c.q.TurnAfterTools && answered && (more || len(c.moved) > 0) {
		c.w.Elem().Word(turnAfterTools)
	}
	c.writeMoved()
	for i := range msgs {
		c.message(&msgs[i])
	}
}

// writeMoved writes the media of results as a message of the user.
func (c *composer) writeMoved() {
	if len(c.moved) == 0 {
		return
	}
	at := len(c.w.B)
	c.w.Elem().Open('{')
	c.w.Key("role").Str("user")
	c.w.Key("content").Open('[')
	empty := len(c.w.B)
	for _, p := range c.moved {
		c.part(p)
	}
	c.moved = c.moved[:0]
	if len(c.w.B) == empty {
		c.w.B = c.w.B[:at]
		return
	}
	c.w.Close(']')
	c.w.Close('}')
}

// message writes what is not an answer of a tool.
func (c *composer) message(m *llm.Message) {
	parts := m.Parts
	if slices.ContainsFunc(parts, llm.IsResult) {
		parts = slices.DeleteFunc(slices.Clone(parts), llm.IsResult)
	}
	c.extra(m.Extra)
	if len(parts) == 0 {
		return
	}
	role := m.Role
	if role == llm.Developer && c.q.NoDeveloperRole {
		role = llm.System
	}
	c.w.Elem().Open('{')
	c.w.Key("role").Str(string(role))
	if m.Name != "" && m.Role != llm.ToolRole {
		c.w.Key("name").Str(m.Name)
	}
	c.w.Key("content")
	c.content(parts, "\n\n")
	c.w.Close('}')
}

// content writes parts as a string where that says all, which every server reads, else as
// an array.
func (c *composer) content(parts []llm.Part, between string) {
	if c.plain(parts) {
		if len(parts) == 1 {
			c.extra(parts[0].Extra)
			c.w.Str(parts[0].Text)
			return
		}
		var b strings.Builder
		for i := range parts {
			c.extra(parts[i].Extra)
			if b.Len() > 0 && parts[i].Text != "" {
				b.WriteString(between)
			}
			b.WriteString(parts[i].Text)
		}
		c.w.Str(b.String())
		return
	}
	at := len(c.w.B)
	c.w.Open('[')
	for i := range parts {
		c.part(&parts[i])
	}
	if len(c.w.B) == at+1 {
		c.w.B = c.w.B[:at]
		c.w.Str("")
		return
	}
	c.w.Close(']')
}

// plain reports whether parts are nothing but text. A cache mark that is not sent makes no
// difference, but its lifetime is reported.
func (c *composer) plain(parts []llm.Part) bool {
	for i := range parts {
		p := &parts[i]
		if p.Kind != llm.TextPart && p.Kind != llm.RefusalPart || p.Cache != nil && c.q.CacheMarks {
			return false
		}
	}
	for i := range parts {
		c.unmarked(&parts[i])
	}
	return true
}

// unmarked is for a cache mark that is not sent. Providers of this dialect cache what
// prompts have in common by themselves, which is what the mark asks for, so only a
// lifetime is lost.
func (c *composer) unmarked(p *llm.Part) {
	if p.Cache != nil && p.Cache.TTL != "" && p.Cache.TTL != "5m" {
		c.lose(p.Path+".cache_control.ttl", "the provider caches by itself for as long as it likes")
	}
}

func (c *composer) mark(p *llm.Part) {
	if p.Cache == nil {
		return
	}
	if !c.q.CacheMarks {
		c.unmarked(p)
		return
	}
	c.cacheControl(p.Cache)
}

func (c *composer) cacheControl(m *llm.CacheMark) {
	c.w.Key("cache_control").Open('{')
	c.w.Key("type").Str("ephemeral")
	if m.TTL != "" {
		c.w.Key("ttl").Str(m.TTL)
	}
	c.w.Close('}')
}

// result writes a tool's answer. The wire takes text only in it; media goes in a message
// of the user after the answers.
func (c *composer) result(p *llm.Part) {
	r := p.Result
	c.w.Elem().Open('{')
	c.w.Key("role").Str("tool")
	c.w.Key("tool_call_id").Str(c.ids.Result(r.CallID))
	if r.Name != "" && c.q.ShortCallIDs {
		c.w.Key("name").Str(r.Name)
	}
	var texts []llm.Part
	for i := range r.Parts {
		switch part := &r.Parts[i]; part.Kind {
		case llm.TextPart, llm.RefusalPart:
			texts = append(texts, *part)
		case llm.ImagePart, llm.FilePart, llm.AudioPart, llm.VideoPart:
			c.lose(part.Path, "the provider takes text only in the result of a tool; this goes in a message of the user after it")
			c.moved = append(c.moved, part)
		default:
			c.lose(part.Path, "the provider takes text only in the result of a tool")
		}
	}
	if n := len(texts); n > 0 && p.Cache != nil && texts[n-1].Cache == nil {
		texts[n-1].Cache = p.Cache
	}
	c.w.Key("content")
	if len(texts) == 0 {
		c.w.Str("")
	} else {
		c.content(texts, "\n\n")
	}
	c.w.Close('}')
	if r.Error {
		c.lose(p.Path+".is_error", "the provider has no mark for a tool that failed; the text of its result says it")
	}
	c.extra(p.Extra)
}
