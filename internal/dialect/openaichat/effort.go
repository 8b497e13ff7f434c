package openaichat

import (
	"strconv"

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

// ladder is the efforts from least to most.
var ladder = []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}

// nearestEffort is the effort whose share of the output limit is nearest to a budget.
func nearestEffort(budget, limit int64) string {
	if limit <= 0 {
		limit = 32_000
	}
	best, gap := "medium", 2.0
	for _, e := range ladder[1:6] {
		d := llm.EffortShare(e) - float64(budget)/float64(limit)
		if d = max(d, -d); d < gap {
			best, gap = e, d
		}
	}
	return best
}

// supported is the nearest effort an endpoint takes; any when it names none.
func supported(effort string, takes []string) string {
	if len(takes) == 0 {
		return effort
	}
	at := func(s string) int {
		for i, l := range ladder {
			if l == s {
				return i
			}
		}
		return -1
	}
	best, gap := effort, len(ladder)
	for _, t := range takes {
		if i := at(t); i >= 0 {
			if d := max(i-at(effort), at(effort)-i); d < gap {
				best, gap = t, d
			}
		}
	}
	return best
}

// A switched member turns reasoning on or off.
type switched struct{ name, json string }

// switches are the members by which the provider turns reasoning on and off, none when
// the client did not say or the provider has none; rough is true when more was asked for
// than they say.
func (q *Quirks) switches(r *llm.Reasoning) (list []switched, rough bool) {
	word, on := "disabled", r.On()
	switch {
	case !on && !r.Off():
		return nil, false
	case on:
		word = "enabled"
	}
	switch {
	case q.ThinkingType:
		return []switched{{"thinking", `{"type":"` + word + `"}`}}, r.MaxTokens > 0 || on && r.Effort != ""
	case q.EnableThinking:
		list = append(list, switched{"enable_thinking", strconv.FormatBool(on)})
		if on && r.MaxTokens > 0 {
			list = append(list, switched{"thinking_budget", strconv.FormatInt(r.MaxTokens, 10)})
		}
		return list, on && r.Effort != ""
	}
	return nil, false
}

// asking is how an endpoint is asked to reason.
type asking struct {
	switches []switched
	effort   string // a word, "" none
	lost     string // why not all of the request is in it, "" nothing
}

// asks decides it. An endpoint that takes no word may be asked by a switch alone.
func (q *Quirks) asks(r *llm.Reasoning, maxOutput int64, to dialect.Target) (a asking) {
	var rough bool
	a.switches, rough = q.switches(r)
	word := Effort(r, maxOutput, to)
	switch {
	case word == "", a.switches != nil && r.Off():
	case to.Reasoning.Effort:
		a.effort = word
	case rough:
		a.lost = roughly
	case a.switches == nil && !r.Off():
		a.lost = "the endpoint takes no reasoning effort"
	}
	return a
}

const roughly = "the endpoint only switches reasoning on and off, and was told that"
