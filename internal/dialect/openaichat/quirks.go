package openaichat

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
)

// Quirks are a provider's deviations. Each is named in the provider table with a source.
type Quirks struct {
	Strict            bool     // answers 400 to fields it does not know
	MaxTokens         string   // the only name it knows: max_tokens or max_completion_tokens
	NoStreamOptions   bool     // answers 400 to stream_options; sends usage unasked
	NativeReasoning   bool     // takes OpenRouter's reasoning object and reasoning_details
	ReasoningContent  bool     // wants earlier reasoning back as reasoning_content
	NoDeveloperRole   bool     // knows system only
	KeepsGatewayExtra bool     // takes plugins, transforms and web search options itself
	Done              Done     // whether its streams end with [DONE]
	CacheMarks        bool     // takes Anthropic's cache_control
	ThinkingParts     bool     // takes earlier reasoning back as parts of the content
	Prefix            bool     // goes on from an assistant's message marked prefix
	ShortCallIDs      bool     // takes ids of calls of nine letters and digits only
	TurnAfterTools    bool     // wants a turn of the assistant between results of tools and the user
	GoogleSignatures  bool     // wants Google's thought signatures back on calls
	ThinkingType      bool     // switches reasoning by thinking:{type}
	EnableThinking    bool     // switches it by enable_thinking, with thinking_budget
	WebSearch         bool     // searches the web when web_search_options are there
	Seed              string   // another name of seed
	Refuses           []string // members it answers 400 to
}

// Done says whether a provider ends its streams with [DONE].
type Done uint8

// What is known of a provider's [DONE].
const (
	DoneUnknown Done = iota // an answer whose choices have finished and whose usage has come is whole without
	DoneNever               // so is one whose choices have finished
	DoneAlways              // a stream that ends without was cut, whatever came before
)

// whole reports whether a stream that ended without [DONE] was whole, given that every
// choice it began has finished.
func (d Done) whole(counted bool) bool { return d == DoneNever || d == DoneUnknown && counted }

// sampled are the parameters that models which reason do not take, with the values that
// change nothing.
var sampled = map[string]float64{"temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0,
	"logprobs": -1, "top_logprobs": -1, "logit_bias": -1, "stop": -1}

// unsampled reports whether the endpoint is known to answer 400 to a sampling parameter.
func (q *Quirks) unsampled(name string, to *dialect.Target) bool {
	if !q.Strict || to.Parameters == nil {
		return false
	}
	_, is := sampled[name]
	return is && !slices.Contains(to.Parameters, name)
}

const notTaken = "the model does not take it"

// refusal says why the provider is not sent a member, "" when it is.
func (q *Quirks) refusal(name string) string {
	switch {
	case slices.Contains(q.Refuses, name):
		return dialect.NoParameter
	case q.Strict && !openAIFields[name]:
		return "the provider refuses fields it does not know"
	}
	return ""
}
