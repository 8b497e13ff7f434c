package openaichat

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Effort is the word of effort that a unified reasoning request comes to at an endpoint
// (reference §4.7), "" for none.
func Effort(r *llm.Reasoning, maxOutput int64, to dialect.Target) string {
	effort := r.Effort
	switch {
	case r.Off():
		effort = "none"
	case effort == "" && r.MaxTokens > 0:
		effort = nearestEffort(r.MaxTokens, max(maxOutput, to.MaxOutput))
	case effort == "" && r.On():
		effort = "medium"
	}
	if effort == "" {
		return ""
	}
	return supported(effort, to.Reasoning.Efforts)
}
