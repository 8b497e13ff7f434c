package dialect

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// parameter is a parameter that not every wire has: when a request has it with a value that
// changes something, and what to say of it.
type parameter struct {
	path string
	sent func(*llm.Request, *llm.Conversation) bool
	why  string // "" is that there is no such parameter
}

// NoParameter says of a parameter that it has no place on the wire.
const NoParameter = "the provider has no such parameter"

var parameters = []parameter{
	{path: "n", sent: func(r *llm.Request, _ *llm.Conversation) bool { return r.Choices > 1 }},
	{path: "user", sent: func(r *llm.Request, _ *llm.Conversation) bool { return r.User != "" }},
	{path: "prompt_cache_key", sent: func(r *llm.Request, _ *llm.Conversation) bool { return r.CacheKey != "" }},
	{path: "service_tier", sent: func(r *llm.Request, _ *llm.Conversation) bool {
		return r.ServiceTier != "" && r.ServiceTier != "auto" && r.ServiceTier != "default"
	}},
	{path: "reasoning.summary", sent: func(r *llm.Request, _ *llm.Conversation) bool {
		return r.Reasoning != nil && r.Reasoning.Summary != "" && r.Reasoning.Summary != "auto"
	}},
	{path: "logprobs", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Logprobs }},
	{path: "top_logprobs", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.TopLogprobs != nil }},
	{path: "logit_bias", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.LogitBias != nil }},
	{path: "frequency_penalty", sent: func(_ *llm.Request, c *llm.Conversation) bool { return changes(c.FrequencyPenalty, 0) }},
	{path: "presence_penalty", sent: func(_ *llm.Request, c *llm.Conversation) bool { return changes(c.PresencePenalty, 0) }},
	{path: "repetition_penalty", sent: func(_ *llm.Request, c *llm.Conversation) bool { return changes(c.RepetitionPenalty, 1) }},
	{path: "min_p", sent: func(_ *llm.Request, c *llm.Conversation) bool { return changes(c.MinP, 0) }},
	{path: "top_a", sent: func(_ *llm.Request, c *llm.Conversation) bool { return changes(c.TopA, 0) }},
	{path: "seed", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Seed != nil }},
	{path: "modalities", sent: func(_ *llm.Request, c *llm.Conversation) bool {
		return slices.ContainsFunc(c.Modalities, func(m string) bool { return m != "text" })
	}, why: "the provider answers in text only"},
	{path: "audio", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Audio != nil }},
	{path: "prediction", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Prediction != nil }},
	{path: "verbosity", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Verbosity != "" }},
	{path: "metadata", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Metadata != nil }},
	{path: "web_search_options", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.WebSearch != nil }},
	{path: "cache_control", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.CacheAll != nil }},
	{path: "response_format.json_schema.description", sent: func(_ *llm.Request, c *llm.Conversation) bool { return c.Format.Description != "" }},
}

// changes reports whether a value is there that is not the one that does nothing.
func changes(v *float64, nothing float64) bool { return v != nil && *v != nothing }

// Lacks are the parameters that a wire has no place for.
type Lacks []*parameter

// NewLacks is those of the paths. It panics where no parameter has one.
func NewLacks(paths ...string) Lacks {
	var l Lacks
	for _, path := range paths {
		i := slices.IndexFunc(parameters, func(p parameter) bool { return p.path == path })
		l = append(l, &parameters[i])
	}
	return l
}

// Tell tells lose which of them a request has.
func (l Lacks) Tell(req *llm.Request, conv *llm.Conversation, lose func(path, why string)) {
	for _, p := range l {
		if !p.sent(req, conv) {
			continue
		}
		if p.why != "" {
			lose(p.path, p.why)
		} else {
			lose(p.path, NoParameter)
		}
	}
}
