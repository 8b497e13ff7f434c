package gemini

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// thinking writes the unified reasoning request (reference §4.7) as a thinkingConfig. The
// wire refuses a level and a budget together.
func (e *encoder) thinking() {
	r := e.req.Reasoning
	if r == nil {
		return
	}
	level, budget := e.thinkingStyle()
	if !level && !budget {
		if r.On() {
			e.lose("reasoning", "the model does not think")
		}
		return
	}
	if r.Summary != "" && r.Summary != "auto" {
		e.lose("reasoning.summary", "the provider chooses the detail of thought summaries")
	}
	e.w.Key("thinkingConfig").Open('{')
	switch {
	case r.Off():
		e.thinkLeast(level)
	case r.MaxTokens > 0 && budget:
		e.thinkingBudget(r.MaxTokens, true)
	case r.MaxTokens > 0:
		e.thinkingLevel(nearestEffort(r.MaxTokens, e.outputLimit()))
	case !r.On():
	case level:
		e.thinkingLevel(effortOf(r))
	default:
		e.thinkingBudget(int64(float64(e.outputLimit())*llm.EffortShare(effortOf(r))), false)
	}
	if !r.Off() {
		if r.Exclude {
			e.w.Key("includeThoughts").Word("false")
		} else {
			e.w.Key("includeThoughts").Word("true")
		}
	}
	e.w.Close('}')
}

// effortOf is the effort asked for; switching reasoning on is asking for medium.
func effortOf(r *llm.Reasoning) string {
	if r.Effort == "" {
		return "medium"
	}
	return r.Effort
}

// thinkingStyle tells what the model takes: the catalogue's word, else its generation's
// (levels from Gemini 3 on, which also takes a budget; budgets in Gemini 2.5).
func (e *encoder) thinkingStyle() (level, budget bool) {
	s := e.to.Reasoning
	if s.Effort || s.Budget {
		return s.Effort, s.Budget
	}
	return e.model.major >= 3, e.model.major >= 3 || strings.HasPrefix(e.model.name, "gemini-2.5")
}

func (e *encoder) outputLimit() int64 {
	if n := e.maxOutput(); n > 0 {
		return n
	}
	if e.to.MaxOutput > 0 {
		return e.to.MaxOutput
	}
	return 65_536 // of every thinking model so far
}

// budgetRange is what a model accepts (https://ai.google.dev/gemini-api/docs/thinking).
func (m model) budgetRange() (least, most int64, canBeOff bool) {
	switch {
	case strings.Contains(m.name, "flash-lite"):
		return 512, 24_576, m.major < 3
	case strings.Contains(m.name, "flash"):
		return 1, 24_576, m.major < 3
	}
	return 128, 32_768, false
}

func (e *encoder) thinkingBudget(n int64, exact bool) {
	least, most, _ := e.model.budgetRange()
	fit := min(max(n, least), most)
	if exact && fit != n {
		e.lose("reasoning.max_tokens", "the model's thinking budget has a range; the nearest value was sent")
	}
	e.w.Key("thinkingBudget").Int(fit)
}

// thinkLeast switches thinking off where the model can, and else to its minimum.
func (e *encoder) thinkLeast(level bool) {
	least, _, canBeOff := e.model.budgetRange()
	switch {
	case canBeOff:
		e.w.Key("thinkingBudget").Int(0)
		return
	case level:
		e.thinkingLevel("minimal")
	default:
		e.w.Key("thinkingBudget").Int(least)
	}
	e.lose("reasoning", "the model cannot stop thinking; it was asked to think least")
}

// ladder is the levels of thought from least to most; the wire's end at high.
var ladder = []string{"minimal", "low", "medium", "high", "xhigh", "max"}

func (e *encoder) thinkingLevel(effort string) {
	takes := e.to.Reasoning.Efforts
	if takes == nil && strings.Contains(e.model.name, "pro") {
		takes = ladder[1:4] // Pro takes no minimal
	}
	best, gap := min(max(slices.Index(ladder, effort), 0), 3), len(ladder)
	want := best
	for _, s := range takes {
		at := slices.Index(ladder[:4], s)
		if d := max(at-want, want-at); at >= 0 && d < gap {
			best, gap = at, d
		}
	}
	e.w.Key("thinkingLevel").Str(ladder[best])
}

// nearestEffort is the effort whose share of the output limit is nearest to a budget.
func nearestEffort(budget, limit int64) string {
	best, gap := "medium", 2.0
	for _, effort := range ladder[:5] {
		d := llm.EffortShare(effort) - float64(budget)/float64(limit)
		if d = max(d, -d); d < gap {
			best, gap = effort, d
		}
	}
	return best
}
