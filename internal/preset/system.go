package preset

import (
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// system puts the preset's system prompt where the dialect has its place. A request that has
// one itself keeps it, as it keeps every other member.
func (m *merge) system() {
	if m.settings.System == "" || m.instructed() {
		return
	}
	text := rawjson.AppendString(nil, m.settings.System)
	switch m.to {
	case llm.OpenAIChat:
		m.first(text)
	case llm.Anthropic, llm.AnthropicCount:
		m.set("system", text)
	case llm.OpenAIResponses:
		m.set("instructions", text)
	case llm.Gemini, llm.GeminiCount:
		m.set("systemInstruction", append(append([]byte(`{"parts":[{"text":`), text...), `}]}`...))
	default:
		m.lose("system_prompt", "a prompt without messages has no place for it")
	}
}

// instructed reports whether the request has a system prompt.
func (m *merge) instructed() bool {
	switch m.to {
	case llm.OpenAIChat:
		return anySystem(m.root.Get("messages"))
	case llm.Anthropic, llm.AnthropicCount:
		return !m.root.Get("system").IsNull() || anySystem(m.root.Get("messages"))
	case llm.OpenAIResponses:
		return !m.root.Get("instructions").IsNull() || anySystem(m.root.Get("input"))
	}
	return !pick(m.root, "systemInstruction").IsNull()
}

func anySystem(messages rawjson.Node) bool {
	for v := range messages.Elems() {
		if isSystem(v) {
			return true
		}
	}
	return false
}

func isSystem(message rawjson.Node) bool {
	role := message.Get("role")
	return role.Is("system") || role.Is("developer")
}

// first puts a message before all others. Where messages is no list the surface says so.
func (m *merge) first(text []byte) {
	list := m.root.Get("messages")
	if list.Kind() != rawjson.Array {
		return
	}
	made := append(append([]byte(`{"role":"system","content":`), text...), '}')
	if list.Len() > 0 {
		made = append(made, ',')
	}
	start, _ := list.Span()
	m.patch.Replace(start+1, start+1, made)
}

// prompt is the system prompt of a request that a preset is made of.
func prompt(root rawjson.Node, d llm.Dialect) (string, error) {
	switch d {
	case llm.Anthropic:
		return text("system", root.Get("system"))
	case llm.OpenAIResponses:
		if v := root.Get("instructions"); !v.IsNull() {
			return text("instructions", v)
		}
		return leading("input", root.Get("input"))
	}
	return leading("messages", root.Get("messages"))
}

// leading is the text of the system messages that a list begins with.
func leading(path string, list rawjson.Node) (string, error) {
	all := ""
	for v := range list.Elems() {
		if !isSystem(v) {
			break
		}
		s, err := text(path+".content", v.Get("content"))
		if err != nil {
			return "", err
		}
		all = join(all, s)
	}
	return all, nil
}

// text is a string, or the text of a list of parts.
func text(path string, v rawjson.Node) (string, error) {
	switch v.Kind() {
	case rawjson.Absent, rawjson.Null:
		return "", nil
	case rawjson.String:
		return v.Str(), nil
	case rawjson.Array:
		all := ""
		for part := range v.Elems() {
			if part.Get("text").Kind() != rawjson.String {
				return "", fault.Bad(path, "The system prompt of a preset is text; leave out parts of other types")
			}
			all = join(all, part.Get("text").Str())
		}
		return all, nil
	}
	return "", fault.Bad(path, "The system prompt of a preset is a string or a list of text parts")
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}
