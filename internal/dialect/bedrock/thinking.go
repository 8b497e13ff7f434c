package bedrock

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// thinking is how the request asks for reasoning.
type thinking struct {
	kind   string // "" not mentioned, disabled, enabled, adaptive
	budget int64  // tokens, for enabled with Claude
	effort string // for adaptive, and for models that take a word
}

// on reports whether the model will reason.
func (t thinking) on() bool { return t.kind == "enabled" || t.kind == "adaptive" }

// Bounds of Claude's thinking budget, and the output limits for clients that set none.
const (
	minBudget     = 1024
	maxBudget     = 128_000
	generousLimit = 32_000
	unknownLimit  = 8192
)

// planThinking decides on reasoning and on the output limit, which must exceed a budget.
func (e *encoder) planThinking() {
	if e.req.MaxOutput > 0 || e.to.Clamp > 0 || e.family == claude {
		e.maxTokens = e.outputLimit()
	}
	r := e.req.Reasoning
	switch {
	case r.Off():
		e.quiet()
	case !r.On():
	case e.family == claude:
		e.planClaude(r)
	case e.family == nova2, e.family == gptOSS, e.family == qwen:
		e.think = thinking{kind: "enabled", effort: e.threeWords(r)}
	default:
		e.lose("reasoning", "the model has no setting for reasoning")
	}
	if r != nil && r.Summary != "" && r.Summary != "auto" {
		e.lose("reasoning.summary", "the provider chooses the detail of reasoning summaries")
	}
}

// quiet switches reasoning off where it is on by default.
func (e *encoder) quiet() {
	switch {
	case e.alwaysThinks() || e.family == gptOSS:
		e.lose("reasoning", "the model always thinks")
	case e.family == claude && e.to.Reasoning.Adaptive:
		e.think.kind = "disabled"
	}
}

func (e *encoder) planClaude(r *llm.Reasoning) {
	switch n := len(e.conv.Messages); {
	case n > 0 && e.conv.Messages[n-1].Role == llm.Assistant:
		e.lose("reasoning", "the provider does not think before an answer whose beginning is given")
	case !e.canThink():
		e.lose("reasoning", "the model does not think")
	case e.to.Reasoning.Adaptive:
		e.think = thinking{kind: "adaptive", effort: e.effort(r)}
	default:
		e.planBudget(r)
	}
}

// canThink is the catalogue's word, else what the model's name tells: thinking began with
// Claude 3.7.
func (e *encoder) canThink() bool {
	if s := e.to.Reasoning; s.Budget || s.Effort || s.Adaptive {
		return true
	}
	return !named(e.to.Model, "claude-v2", "claude-instant", "claude-3-haiku", "claude-3-sonnet", "claude-3-opus", "claude-3-5")
}

// adaptiveOnly reports whether Claude decides itself how much it thinks: from Opus 4.7 on,
// a budget is refused and so are sampling parameters.
func (e *encoder) adaptiveOnly() bool {
	return e.family == claude && e.to.Reasoning.Adaptive && !e.to.Reasoning.Budget
}

// alwaysThinks reports whether Claude refuses to have its thinking switched off.
func (e *encoder) alwaysThinks() bool {
	return e.adaptiveOnly() && named(e.to.Model, "fable", "mythos", "opus-5-5", "sonnet-5-5")
}

func named(model string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(model, n) })
}

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
		budget = max(min(int64(float64(e.maxTokens)*llm.EffortShare(effortOf(r))), maxBudget), minBudget)
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

// ladder is the effort words from least to most.
var ladder = []string{"low", "medium", "high", "xhigh", "max"}

// wanted is the effort asked for in a word of the ladder. A budget counts as the effort
// whose share of the output limit is nearest to it.
func (e *encoder) wanted(r *llm.Reasoning) string {
	if r.MaxTokens == 0 {
		if want := effortOf(r); slices.Contains(ladder, want) {
			return want
		}
		return "low" // minimal
	}
	best, gap := "", 2.0
	for _, word := range ladder[:4] {
		d := llm.EffortShare(word) - float64(r.MaxTokens)/float64(max(e.maxTokens, unknownLimit))
		if d = max(d, -d); best == "" || d < gap {
			best, gap = word, d
		}
	}
	return best
}

// effort is the nearest word to what was asked that the endpoint takes.
func (e *encoder) effort(r *llm.Reasoning) string {
	at := slices.Index(ladder, e.wanted(r))
	best, gap := ladder[at], len(ladder)
	for _, s := range e.to.Reasoning.Efforts {
		i := slices.Index(ladder, s)
		if d := max(i-at, at-i); i >= 0 && d < gap {
			best, gap = s, d
		}
	}
	return best
}

// threeWords is the effort for models that know low, medium and high.
func (e *encoder) threeWords(r *llm.Reasoning) string {
	if r.MaxTokens > 0 {
		e.lose("reasoning.max_tokens", "the model takes an effort, not a budget; the nearest effort was sent")
	}
	want := e.wanted(r)
	if want == "xhigh" || want == "max" {
		return "high"
	}
	return want
}

// thinking writes the additional fields by which a family reasons, but for what the client
// has written itself.
func (e *encoder) thinking(own map[string]bool) {
	t := e.think
	if t.kind == "" || own["thinking"] || own["reasoning_config"] || own["reasoningConfig"] || own["reasoning_effort"] {
		return
	}
	switch e.family {
	case claude:
		e.w.Key("thinking").Open('{')
		e.w.Key("type").Str(t.kind)
		switch {
		case t.kind == "enabled":
			e.w.Key("budget_tokens").Int(t.budget)
		case t.kind == "adaptive" && e.req.Reasoning.Exclude:
			e.w.Key("display").Str("omitted")
		case t.kind == "adaptive":
			e.w.Key("display").Str("summarized")
		}
		e.w.Close('}')
		if t.effort != "" && !own["output_config"] {
			e.w.Key("output_config").Open('{')
			e.w.Key("effort").Str(t.effort)
			e.w.Close('}')
		}
	case nova2: // https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
		e.w.Key("reasoningConfig").Open('{')
		e.w.Key("type").Str("enabled")
		e.w.Key("maxReasoningEffort").Str(t.effort)
		e.w.Close('}')
	case gptOSS:
		e.w.Key("reasoning_effort").Str(t.effort)
	case qwen:
		e.w.Key("reasoning_config").Str(t.effort)
	}
}

// betas are what a client of Anthropic's own dialect asks for by a header.
func (e *encoder) betas() (list []string) {
	if e.family != claude || e.req.From != llm.Anthropic {
		return nil
	}
	return splitBetas(e.req.Header["Anthropic-Beta"])
}

func splitBetas(headers []string) (list []string) {
	for _, h := range headers {
		for b := range strings.SplitSeq(h, ",") {
			if b = strings.TrimSpace(b); b != "" && !slices.Contains(list, b) {
				list = append(list, b)
			}
		}
	}
	return list
}
