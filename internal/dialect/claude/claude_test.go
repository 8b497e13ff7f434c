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

// TestBare: after calls that Claude has not thought of itself a budget is refused, so none is asked for.
func TestBare(t *testing.T) {
	turn := func(role llm.Role, parts ...llm.Part) llm.Message { return llm.Message{Role: role, Parts: parts} }
	say := llm.Part{Kind: llm.TextPart, Text: "x"}
	call := llm.Part{Kind: llm.CallPart, Call: &llm.ToolCall{ID: "c", Name: "f"}}
	think := func(format string) llm.Part {
		return llm.Part{Kind: llm.ReasoningPart, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "d", Format: format}}
	}
	ok := turn(llm.ToolRole, say)
	for name, c := range map[string]struct {
		turns []llm.Message
		want  string
	}{
		"no turn of the model":     {[]llm.Message{turn(llm.User, say)}, "enabled"},
		"words":                    {[]llm.Message{turn(llm.User, say), turn(llm.Assistant, say), turn(llm.User, say)}, "enabled"},
		"its own calls":            {[]llm.Message{turn(llm.User, say), turn(llm.Assistant, think(llm.FormatAnthropic), call), ok}, "enabled"},
		"another's":                {[]llm.Message{turn(llm.User, say), turn(llm.Assistant, think(llm.FormatOpenAI), call), ok}, ""},
		"nobody's":                 {[]llm.Message{turn(llm.User, say), turn(llm.Assistant, call), ok}, ""},
		"words after them":         {[]llm.Message{turn(llm.Assistant, call), ok, turn(llm.Assistant, think(llm.FormatAnthropic), say), turn(llm.User, say)}, ""},
		"older ones":               {[]llm.Message{turn(llm.Assistant, call), ok, turn(llm.Assistant, think(llm.FormatAnthropic), call), ok}, "enabled"},
		"one turn in two messages": {[]llm.Message{turn(llm.Assistant, think(llm.FormatAnthropic), say), turn(llm.Assistant, call), ok}, "enabled"},
	} {
		req := &llm.Request{MaxOutput: 8000, Reasoning: &llm.Reasoning{MaxTokens: 2000}}
		lost := 0
		got, _ := Plan(req, &llm.Conversation{Messages: c.turns}, &dialect.Target{}, func(string, string) { lost++ })
		if got.Kind != c.want || (lost > 0) != (c.want == "") {
			t.Errorf("%s: %q, %d losses", name, got.Kind, lost)
		}
	}
}
