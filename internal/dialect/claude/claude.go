// Package claude is what Claude models want of a request, whoever serves them: how they are
// asked to think, and what that does to the output limit. The wires of Anthropic and of
// Bedrock are written with it.
package claude

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Thinking is how a request asks for reasoning.
type Thinking struct {
	Kind   string // "" not mentioned, disabled, enabled, adaptive
	Budget int64  // tokens, for enabled
	Effort string // for adaptive, "" the provider's default
}

// On reports whether the model will think, which limits other parameters.
func (t Thinking) On() bool { return t.Kind == "enabled" || t.Kind == "adaptive" }

// Bounds of a thinking budget (reference §4.7), and the output limits for clients that
// set none: the wire demands one.
const (
	minBudget     = 1024
	maxBudget     = 128_000
	generousLimit = 32_000
	UnknownLimit  = 8192
)

// Plan decides on thinking and on the output limit, which must exceed the budget. lose is
// told what cannot be had.
func Plan(req *llm.Request, conv *llm.Conversation, to *dialect.Target, lose func(path, why string)) (t Thinking, limit int64) {
	limit = Limit(req, to)
	switch r := req.Reasoning; {
	case r.Off():
		switch {
		case AlwaysThinks(to):
			lose("reasoning", "the model always thinks")
		case to.Reasoning.Adaptive: // older models think only when asked to
			t.Kind = "disabled"
		}
	case !r.On():
	case prefilled(conv):
		lose("reasoning", "the provider does not think before an answer whose beginning is given")
	case !Thinks(to):
		lose("reasoning", "the model does not think")
	case to.Reasoning.Adaptive: // which goes on from any turn
		t = Thinking{Kind: "adaptive", Effort: Nearest(Wanted(r, limit), to.Reasoning.Efforts)}
	case bare(conv):
		lose("reasoning", NotItsTurn)
	default:
		return budgeted(req, to, limit, lose)
	}
	return t, limit
}

// budgeted is thinking within a budget, below a limit that may have to be raised for it.
func budgeted(req *llm.Request, to *dialect.Target, most int64, lose func(path, why string)) (t Thinking, limit int64) {
	r := req.Reasoning
	budget := max(r.MaxTokens, minBudget)
	if r.MaxTokens == 0 {
		budget = max(min(int64(float64(most)*llm.EffortShare(effortOf(r))), maxBudget), minBudget)
	}
	if budget >= most {
		limit := bounded(min(budget, 1<<40)+most, to)
		if limit <= minBudget {
			lose("reasoning", "the output limit leaves no room for the least thinking budget of 1024 tokens")
			return t, most
		}
		if budget >= limit {
			budget = max(limit*95/100, minBudget)
			lose("reasoning.max_tokens", "the thinking budget was lowered below the output limit")
		}
		if req.MaxOutput > 0 && limit > req.MaxOutput {
			lose("max_tokens", "the provider counts thinking as output; the limit was raised above the thinking budget")
		}
		most = limit
	}
	return Thinking{Kind: "enabled", Budget: budget}, most
}

// Raised is the highest limit that Plan sets, whatever the conversation, for a request with a
// limit of its own or a budget; 0 for another.
func Raised(req *llm.Request, to *dialect.Target) int64 {
	if !req.Reasoning.On() || req.MaxOutput == 0 && req.Reasoning.MaxTokens == 0 {
		return 0
	}
	_, limit := Plan(req, new(llm.Conversation), to, func(string, string) {})
	return limit
}

// NotItsTurn is why a request is made without thinking.
const NotItsTurn = "the provider does not think on from calls of tools that were made without signed thinking of its own"

// bare reports whether the newest calls of tools, however long ago, have no thinking that Claude
// takes back: then a budget is refused
// (https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks).
func bare(conv *llm.Conversation) bool {
	calls, thinks := false, false
	for i := len(conv.Messages) - 1; i >= 0; i-- {
		m := &conv.Messages[i]
		if m.Role != llm.Assistant { // neighbours of the model's are one turn
			if calls {
				break
			}
			thinks = false
			continue
		}
		calls = calls || slices.ContainsFunc(m.Parts, func(p llm.Part) bool { return p.Kind == llm.CallPart })
		var left []llm.Loss
		thinks = thinks || len(dialect.Thoughts(m, llm.FormatAnthropic, &left)) > 0
	}
	return calls && !thinks
}

func prefilled(conv *llm.Conversation) bool {
	n := len(conv.Messages)
	return n > 0 && conv.Messages[n-1].Role == llm.Assistant
}

// Thinks is the catalogue's word, else what the model's name tells: thinking began with
// Claude 3.7.
func Thinks(to *dialect.Target) bool {
	if s := to.Reasoning; s.Budget || s.Effort || s.Adaptive {
		return true
	}
	return !Named(to.Model, "claude-2", "claude-v2", "claude-instant", "claude-3-haiku", "claude-3-sonnet", "claude-3-opus", "claude-3-5")
}

// AdaptiveOnly reports whether the model decides itself how much it thinks: from Claude
// Opus 4.7 on, a budget is refused and so are sampling parameters
// (https://platform.claude.com/docs/en/about-claude/models/migration-guide).
func AdaptiveOnly(to *dialect.Target) bool { return to.Reasoning.Adaptive && !to.Reasoning.Budget }

// AlwaysThinks reports whether the model refuses to have its thinking switched off, and
// with it a forced call of a tool
// (https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5).
func AlwaysThinks(to *dialect.Target) bool {
	return AdaptiveOnly(to) && Named(to.Model, "fable", "mythos", "opus-5-5", "opus-5.5", "sonnet-5-5", "sonnet-5.5")
}

// Named reports whether a model's name has one of these in it.
func Named(model string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(model, n) })
}

// Limit is the output limit before thinking is considered.
func Limit(req *llm.Request, to *dialect.Target) int64 {
	n := req.MaxOutput
	if n == 0 {
		n = UnknownLimit
		if to.MaxOutput > 0 {
			n = generousLimit
		}
	}
	return bounded(n, to)
}

// bounded keeps an output limit inside what the endpoint can and the credit allows.
func bounded(n int64, to *dialect.Target) int64 {
	for _, most := range [...]int64{to.MaxOutput, to.Clamp} {
		if most > 0 {
			n = min(n, most)
		}
	}
	return n
}

// effortOf is the effort asked for; switching reasoning on is asking for medium.
func effortOf(r *llm.Reasoning) string {
	if r.Effort == "" {
		return "medium"
	}
	return r.Effort
}

// Efforts are the words for effort from least to most.
var Efforts = []string{"low", "medium", "high", "xhigh", "max"}

// Wanted is the effort asked for in one of these words. A budget counts as the effort whose
// share of the output limit is nearest to it.
func Wanted(r *llm.Reasoning, limit int64) string {
	if r.MaxTokens == 0 {
		if want := effortOf(r); slices.Contains(Efforts, want) {
			return want
		}
		return Efforts[0] // minimal
	}
	share := float64(r.MaxTokens) / float64(max(limit, 1))
	best, gap := "", 2.0
	for _, effort := range Efforts[:4] {
		d := llm.EffortShare(effort) - share
		if d = max(d, -d); best == "" || d < gap {
			best, gap = effort, d
		}
	}
	return best
}

// Nearest is the word that an endpoint takes which is nearest to one; without any, that one.
func Nearest(want string, taken []string) string {
	at := max(slices.Index(Efforts, want), 0)
	best, gap := Efforts[at], len(Efforts)
	for _, s := range taken {
		i := slices.Index(Efforts, s)
		if d := max(i-at, at-i); i >= 0 && d < gap {
			best, gap = s, d
		}
	}
	return best
}

// Write writes the member thinking, if there is anything to say. exclude leaves out what was
// thought.
func (t Thinking) Write(w *rawjson.Writer, exclude bool) {
	if t.Kind == "" {
		return
	}
	w.Key("thinking").Open('{')
	w.Key("type").Str(t.Kind)
	switch {
	case t.Kind == "enabled":
		w.Key("budget_tokens").Int(t.Budget)
	case t.Kind == "adaptive" && exclude:
		w.Key("display").Str("omitted")
	case t.Kind == "adaptive": // the newer models' default is to omit it
		w.Key("display").Str("summarized")
	}
	w.Close('}')
}
