package anthropic

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// reasoning writes the thinking of a turn back.
func (e *encoder) reasoning(m *llm.Message) {
	for _, t := range dialect.Thoughts(m, llm.FormatAnthropic, &e.losses) {
		if t.Redacted != "" {
			e.block(roleAssistant, "redacted_thinking").Key("data").Str(t.Redacted)
		} else {
			w := e.block(roleAssistant, "thinking")
			w.Key("thinking").Str(t.Text)
			w.Key("signature").Str(t.Signature)
		}
		e.w.Close('}')
	}
}
