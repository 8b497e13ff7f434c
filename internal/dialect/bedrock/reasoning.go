package bedrock

import (
	"encoding/base64"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// formatOf is whose reasoning a model's is. Claude's is the same here and at Anthropic.
func formatOf(f family) string {
	if f == claudeFamily {
		return llm.FormatAnthropic
	}
	return llm.FormatUnknown
}

// foreignReasoning reports whether a model's name, ours or the provider's, is of one whose
// reasoning is not Claude's. A name that says nothing is taken for Claude's, which alone
// signs.
func foreignReasoning(model string) bool {
	return claude.Named(model, "nova", "gpt-oss", "qwen", "deepseek", "kimi", "minimax", "glm", "mistral", "magistral", "nemotron", "gemma", "llama", "writer", "palmyra")
}

// reasoning writes the reasoning of a turn back.
func (e *encoder) reasoning(m *llm.Message) {
	for _, t := range dialect.Thoughts(m, formatOf(e.family), &e.losses) {
		w := e.block(roleAssistant, "reasoningContent")
		w.Open('{')
		if t.Redacted != "" {
			w.Key("redactedContent").Str(base64.StdEncoding.EncodeToString([]byte(t.Redacted)))
		} else {
			w.Key("reasoningText").Open('{')
			w.Key("text").Str(t.Text)
			w.Key("signature").Str(t.Signature)
			w.Close('}')
		}
		w.Word("}}")
	}
}
