package anthropic

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// thinking is how the request asks for reasoning.
type thinking struct {
	kind   string // "" not mentioned, disabled, enabled, adaptive
	budget int64  // tokens, for enabled
	effort string // for adaptive, "" the provider's default
}

// on reports whether the model will think, which limits other parameters.
func (t thinking) on() bool { return t.kind == "enabled" || t.kind == "adaptive" }

// Bounds of a thinking budget (reference §4.7), and the output limits for clients that
// set none: the wire demands one.
const (
	minBudget     = 1024
	maxBudget     = 128_000
	generousLimit = 32_000
	unknownLimit  = 8192
)

// planThinking decides on thinking and on max_tokens, which must exceed the budget.
func (e *encoder) planThinking() {
	e.maxTokens = e.outputLimit()
	switch r := e.req.Reasoning; {
	case r.Off():
		switch {
		case e.alwaysThinks():
			e.lose("reasoning", "the model always thinks")
		case e.to.Reasoning.Adaptive: // older models think only when asked to
			e.think.kind = "disabled"
		}
	case !r.On():
	case e.prefilled():
		e.lose("reasoning", "the provider does not think before an answer whose beginning is given")
	case !e.thinks():
		e.lose("reasoning", "the model does not think")
	case e.to.Reasoning.Adaptive:
		e.think = thinking{kind: "adaptive", effort: e.effort(r)}
	default:
		e.planBudget(r)
	}
	if r := e.req.Reasoning; r != nil && r.Summary != "" && r.Summary != "auto" {
		e.lose("reasoning.summary", "the provider chooses the detail of reasoning summaries")
	}
}

func (e *encoder) prefilled() bool {
	n := len(e.conv.Messages)
	return n > 0 && e.conv.Messages[n-1].Role == llm.Assistant
}

// thinks is the catalogue's word, else what the model's name tells: thinking began with
// Claude 3.7.
func (e *encoder) thinks() bool {
	if s := e.to.Reasoning; s.Budget || s.Effort || s.Adaptive {
		return true
	}
	return !named(e.to.Model, "claude-2", "claude-instant", "claude-3-haiku", "claude-3-sonnet", "claude-3-opus", "claude-3-5")
}

// adaptiveOnly reports whether the model decides itself how much it thinks: from Claude
// Opus 4.7 on, a budget is refused and so are sampling parameters
// (https://platform.claude.com/docs/en/about-claude/models/migration-guide).
func (e *encoder) adaptiveOnly() bool {
	return e.to.Reasoning.Adaptive && !e.to.Reasoning.Budget
}

// alwaysThinks reports whether the model refuses to have its thinking switched off, and
// with it a forced call of a tool
// (https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5).
func (e *encoder) alwaysThinks() bool {
	return e.adaptiveOnly() && named(e.to.Model, "fable", "mythos", "opus-5-5", "opus-5.5", "sonnet-5-5", "sonnet-5.5")
}

// named reports whether a model's name has one of these in it.
func named(model string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(model, n) })
}

// outputLimit is max_tokens before thinking is considered.
func (e *encoder) outputLimit() int64 {
	n := e.req.MaxOutput
	if n == 0 {
		n = unknownLimit
		if e.to.MaxOutput > 0 {
			n = generousLimit
		}
	}
	return e.bounded(n)
}

// bounded keeps an output limit inside what the endpoint can and the credit allows.
func (e *encoder) bounded(n int64) int64 {
	for _, most := range []int64{e.to.MaxOutput, e.to.Clamp} {
		if most > 0 {
			n = min(n, most)
		}
	}
	return n
}

func (e *encoder) planBudget(r *llm.Reasoning) {
	budget := max(r.MaxTokens, minBudget)
	if r.MaxTokens == 0 {
		share := llm.EffortShare(effortOf(r))
		budget = max(min(int64(float64(e.maxTokens)*share), maxBudget), minBudget)
	}
	if budget >= e.maxTokens {
		limit := e.bounded(min(budget, 1<<40) + e.maxTokens)
		if limit <= minBudget {
			e.lose("reasoning", "the output limit leaves no room for the least thinking budget of 1024 tokens")
			return
		}
		if budget >= limit {
			budget = max(limit*95/100, minBudget)
			e.lose("reasoning.max_tokens", "the thinking budget was lowered below the output limit")
		}
		if e.req.MaxOutput > 0 && limit > e.req.MaxOutput {
			e.lose("max_tokens", "the provider counts thinking as output; the limit was raised above the thinking budget")
		}
		e.maxTokens = limit
	}
	e.think = thinking{kind: "enabled", budget: budget}
}

// effortOf is the effort asked for; switching reasoning on is asking for medium.
func effortOf(r *llm.Reasoning) string {
	if r.Effort == "" {
		return "medium"
	}
	return r.Effort
}

// ladder is the wire's effort words from least to most.
var ladder = []string{"low", "medium", "high", "xhigh", "max"}

// effort is the nearest word to what was asked that the endpoint takes.
func (e *encoder) effort(r *llm.Reasoning) string {
	want := effortOf(r)
	if r.MaxTokens > 0 {
		want = nearestShare(float64(r.MaxTokens) / float64(max(e.maxTokens, 1)))
	}
	return e.nearestEffort(want)
}

func (e *encoder) nearestEffort(want string) string {
	at := max(slices.Index(ladder, want), 0) // minimal is low
	best, gap := ladder[at], len(ladder)
	for _, s := range e.to.Reasoning.Efforts {
		i := slices.Index(ladder, s)
		if d := max(i-at, at-i); i >= 0 && d < gap {
			best, gap = s, d
		}
	}
	return best
}

// nearestShare is the effort whose share of the output limit is nearest to a share.
func nearestShare(share float64) string {
	best, gap := "", 2.0
	for _, effort := range ladder[:4] {
		d := llm.EffortShare(effort) - share
		if d = max(d, -d); best == "" || d < gap {
			best, gap = effort, d
		}
	}
	return best
}

func (e *encoder) thinking() {
	if e.think.kind == "" {
		return
	}
	e.w.Key("thinking").Open('{')
	e.w.Key("type").Str(e.think.kind)
	switch {
	case e.think.kind == "enabled":
		e.w.Key("budget_tokens").Int(e.think.budget)
	case e.think.kind == "adaptive" && e.req.Reasoning.Exclude:
		e.w.Key("display").Str("omitted")
	case e.think.kind == "adaptive": // the newer models' default is to omit it
		e.w.Key("display").Str("summarized")
	}
	e.w.Close('}')
}
