package anthropic

import "github.com/dragoman-gateway/dragoman/internal/dialect/claude"

// planThinking decides on thinking and on max_tokens.
func (e *encoder) planThinking() {
	e.think, e.maxTokens = claude.Plan(e.req, e.conv, &e.to, e.lose)
	if r := e.req.Reasoning; r != nil && r.Summary != "" && r.Summary != "auto" {
		e.lose("reasoning.summary", "the provider chooses the detail of reasoning summaries")
	}
}
