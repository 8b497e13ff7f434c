package openaichat

import (
	"fmt"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// messages edits what this provider's messages cannot hold.
func (e *encoder) messages() {
	if !e.q.Strict && !e.q.NoDeveloperRole && !e.q.ReasoningContent {
		return
	}
	i := 0
	answered := false // the message before is the answer of a tool
	for m := range e.root.Get("messages").Elems() {
		path := "messages[" + strconv.Itoa(i) + "]"
		if e.q.TurnAfterTools {
			role := m.Get("role")
			if answered && !role.Is("tool") && !role.Is("assistant") {
				at, _ := m.Span()
				e.patch.Replace(at, at, []byte(turnAfterTools+","))
			}
			answered = role.Is("tool")
		}
		if e.q.NoDeveloperRole && m.Get("role").Is("developer") {
			e.patch.Set(m.Get("role"), []byte(`"system"`))
		}
		if e.q.Strict || e.q.ReasoningContent {
			e.assistant(path, m)
		}
		i++
	}
}

func (e *encoder) assistant(path string, m rawjson.Node) {
	hasContent := m.Get("reasoning_content").Exists()
	if e.q.ThinkingParts {
		e.thinkingParts(path, m)
	}
	e.patch.Remove(m, func(k rawjson.Node) bool {
		switch {
		case k.Is("reasoning") && e.q.ReasoningContent && !hasContent:
			e.patch.Set(k, []byte(`"reasoning_content"`))
			return false
		case k.Is("reasoning_content") && e.q.ReasoningContent:
			return false
		case k.Is("reasoning"), k.Is("reasoning_content"), k.Is("reasoning_details"):
			if !e.q.ThinkingParts {
				e.lose(path+"."+k.Str(), "the provider takes no reasoning back")
			}
			return true
		case k.Is("cache_control") && e.q.Strict:
			e.lose(path+".cache_control", "the provider caches by itself")
			return true
		case k.Is("annotations"), k.Is("images"):
			return e.q.Strict
		case k.Is("tool_call_id"):
			e.callID(m.Get("tool_call_id"))
		case k.Is("tool_calls"):
			for c := range m.Get("tool_calls").Elems() {
				e.callID(c.Get("id"))
			}
		}
		return false
	})
	if e.q.Strict {
		j := 0
		for p := range m.Get("content").Elems() {
			e.patch.Remove(p, func(k rawjson.Node) bool {
				gone := k.Is("cache_control")
				if gone {
					e.lose(fmt.Sprintf("%s.content[%d].cache_control", path, j), "the provider caches by itself")
				}
				return gone
			})
			j++
		}
	}
}

// thinkingParts moves the reasoning of a message into its content: see thinkingContent.
func (e *encoder) thinkingParts(path string, m rawjson.Node) {
	plain := m.Get("reasoning")
	if plain.StrLen() == 0 {
		plain = m.Get("reasoning_content")
	}
	var parts []byte
	for _, p := range reasoningParts(path, plain, m.Get("reasoning_details")) {
		if text := plainReasoning(p.Reasoning); text != "" {
			parts = append(appendThinking(parts, text), ',')
		}
		if p.Reasoning.Data != "" || p.Reasoning.Signature != "" {
			e.lose(p.Path, onlyText)
		}
	}
	if len(parts) == 0 {
		return
	}
	content := m.Get("content")
	switch alone := append([]byte{'['}, parts...); {
	case content.Len() > 0 && content.Kind() == rawjson.Array:
		at, _ := content.Span()
		e.patch.Replace(at+1, at+1, parts)
	case content.StrLen() > 0:
		said := append(append(append(alone, `{"type":"text","text":`...), content.Raw()...), "}]"...)
		e.patch.Set(content, said)
	default:
		alone[len(alone)-1] = ']'
		if !content.Exists() {
			e.patch.Append(m, "content", alone)
		} else {
			e.patch.Set(content, alone)
		}
	}
}

// callID gives a call's id the length that the provider accepts.
func (e *encoder) callID(v rawjson.Node) {
	if n := v.StrLen(); n == 0 || n <= maxCallID && !e.q.ShortCallIDs {
		return
	}
	id := v.Str()
	if fits := callID(id, e.q.ShortCallIDs); fits != id {
		e.patch.Set(v, rawjson.AppendString(nil, fits))
	}
}
