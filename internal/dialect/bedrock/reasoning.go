package bedrock

import (
	"encoding/base64"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// formatOf is whose reasoning a model's is. Claude's is the same here and at Anthropic.
func formatOf(f family) string {
	if f == claude {
		return llm.FormatAnthropic
	}
	return llm.FormatUnknown
}

// foreignReasoning reports whether a model's name, ours or the provider's, is of one whose
// reasoning is not Claude's. A name that says nothing is taken for Claude's, which alone
// signs.
func foreignReasoning(model string) bool {
	return named(model, "nova", "gpt-oss", "qwen", "deepseek", "kimi", "minimax", "glm", "mistral", "magistral", "nemotron", "gemma", "llama", "writer", "palmyra")
}

// reasoning writes the reasoning of a turn back, unchanged: the provider checks its
// signatures. Clients may send the pieces of a streamed block as they came, so pieces of
// one index are joined up to the signature, which ends a block.
func (e *encoder) reasoning(m *llm.Message) {
	var t unsigned
	spoken := speaks(m)
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Kind != llm.ReasoningPart {
			continue
		}
		if p.Cache != nil {
			e.lose(p.Path+".cache_control", "the provider takes no cache mark on reasoning")
		}
		switch r := p.Reasoning; {
		case r.Format != formatOf(e.family):
			e.lose(p.Path, "the reasoning is not this model's own and cannot go back to it")
		case !spoken:
			e.lose(p.Path, "the provider takes no reasoning without an answer after it")
		case r.Type == llm.ReasoningText:
			e.thought(&t, p)
		case r.Type == llm.ReasoningEncrypted && r.Data != "":
			e.drop(&t)
			w := e.block(roleAssistant, "reasoningContent")
			w.Open('{')
			w.Key("redactedContent").Str(base64.StdEncoding.EncodeToString([]byte(r.Data)))
			w.Word("}}")
		default:
			e.lose(p.Path, "the provider takes only whole or encrypted reasoning back")
		}
	}
	e.drop(&t)
}

// unsigned is reasoning whose signature has not come yet.
type unsigned struct {
	path  string // of its first piece, "" none
	text  string
	index int64
}

func (e *encoder) thought(t *unsigned, p *llm.Part) {
	r := p.Reasoning
	if r.Index != t.index {
		e.drop(t)
	}
	if t.path == "" {
		*t = unsigned{path: p.Path, index: r.Index}
	}
	t.text += r.Text
	if r.Signature == "" {
		return
	}
	w := e.block(roleAssistant, "reasoningContent")
	w.Open('{')
	w.Key("reasoningText").Open('{')
	w.Key("text").Str(t.text)
	w.Key("signature").Str(r.Signature)
	w.Word("}}}")
	*t = unsigned{}
}

// drop gives up waiting for a signature.
func (e *encoder) drop(t *unsigned) {
	if t.path != "" {
		e.lose(t.path, "the reasoning has no signature, without which the provider does not take it back")
	}
	*t = unsigned{}
}

// speaks reports whether a turn says something besides its reasoning.
func speaks(m *llm.Message) bool {
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case llm.CallPart:
			return true
		case llm.TextPart, llm.RefusalPart:
			if !blank(p.Text) {
				return true
			}
		}
	}
	return false
}
