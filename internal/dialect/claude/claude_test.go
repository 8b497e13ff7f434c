package claude

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// TestRaised: what is held for is what Plan may ask for.
func TestRaised(t *testing.T) {
	for name, c := range map[string]struct {
		max  int64
		r    *llm.Reasoning
		to   dialect.Target
		want int64
	}{
		"no thinking":               {100, nil, dialect.Target{}, 0},
		"a budget within the limit": {8000, &llm.Reasoning{MaxTokens: 2000}, dialect.Target{}, 8000},
		"a budget above it":         {100, &llm.Reasoning{MaxTokens: 3000}, dialect.Target{}, 3100},
		"the least budget":          {100, &llm.Reasoning{Effort: "low"}, dialect.Target{}, 1124},
		"as far as the model can":   {100, &llm.Reasoning{MaxTokens: 3000}, dialect.Target{MaxOutput: 2048}, 2048},
		"a budget alone":            {0, &llm.Reasoning{MaxTokens: 30000}, dialect.Target{}, 38192},
		"neither":                   {0, &llm.Reasoning{Effort: "low"}, dialect.Target{}, 0},
		"it decides itself":         {100, &llm.Reasoning{Effort: "low"}, dialect.Target{Reasoning: dialect.ReasoningStyle{Adaptive: true}}, 100},
	} {
		req := &llm.Request{MaxOutput: c.max, Reasoning: c.r}
		if got := Raised(req, &c.to); got != c.want {
			t.Errorf("%s: %d instead of %d", name, got, c.want)
		}
	}
}
