package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
)

// A quirk is one named deviation from the dialect, with where it is seen.
type quirk struct {
	name   string
	source string
	set    func(*openaichat.Quirks)
}

// known are the quirks a row, built in or configured, may name.
var known = []quirk{
	{"strict-fields", "OpenAI API reference: unknown parameters are answered 400 unknown_parameter", func(q *openaichat.Quirks) { q.Strict = true }},
	{"max-completion-tokens", "OpenAI API reference: reasoning models refuse max_tokens", func(q *openaichat.Quirks) { q.MaxTokens = "max_completion_tokens" }},
	{"max-tokens", "Mistral and Perplexity API references: the limit is max_tokens", func(q *openaichat.Quirks) { q.MaxTokens = "max_tokens" }},
	{"no-stream-options", "Mistral and Perplexity API references: no stream_options, usage comes unasked", func(q *openaichat.Quirks) { q.NoStreamOptions = true }},
	{"openrouter-reasoning", "OpenRouter API reference: reasoning object and reasoning_details", func(q *openaichat.Quirks) {
		q.NativeReasoning, q.KeepsGatewayExtra, q.CacheMarks, q.WebSearch = true, true, true, true
	}},
	{"reasoning-content", "DeepSeek and Moonshot guides: reasoning goes back as reasoning_content", func(q *openaichat.Quirks) { q.ReasoningContent = true }},
	{"no-developer-role", "Most compatible servers know the roles of 2023 only", func(q *openaichat.Quirks) { q.NoDeveloperRole = true }},
	{"cache-marks", "OpenRouter and LiteLLM: cache_control on parts, as Anthropic has it", func(q *openaichat.Quirks) { q.CacheMarks = true }},
	{"thinking-type", "DeepSeek, Moonshot and Z.ai API references: thinking:{type} switches reasoning", func(q *openaichat.Quirks) { q.ThinkingType = true }},
	{"enable-thinking", "Alibaba Model Studio, deep thinking: enable_thinking and thinking_budget", func(q *openaichat.Quirks) { q.EnableThinking = true }},
	{"web-search", "Perplexity API reference: web_search_options", func(q *openaichat.Quirks) { q.WebSearch = true }},
	{"google-signatures", "Gemini API, thought signatures: OpenAI compatible calls carry extra_content", func(q *openaichat.Quirks) { q.GoogleSignatures = true }},
	{"turn-after-tools", "Mistral API: error 3230, Unexpected role 'user' after role 'tool'", func(q *openaichat.Quirks) { q.TurnAfterTools = true }},
	{"mistral-messages", "Mistral API reference: thinking parts, prefix, ids of calls of nine letters and digits, random_seed", func(q *openaichat.Quirks) {
		q.ThinkingParts, q.Prefix, q.ShortCallIDs, q.Seed = true, true, true, "random_seed"
		q.Refuses = append(q.Refuses, "user", "logit_bias", "logprobs", "top_logprobs", "service_tier", "verbosity", "modalities", "audio",
			"web_search_options", "safety_identifier", "prompt_cache_options", "store")
	}},
	{"groq-members", "Groq API reference: logprobs, top_logprobs and logit_bias are answered 400", func(q *openaichat.Quirks) {
		q.Refuses = append(q.Refuses, "logit_bias", "logprobs", "top_logprobs", "verbosity", "modalities", "audio", "prediction", "web_search_options",
			"safety_identifier", "prompt_cache_key", "prompt_cache_options")
	}},
	{"no-done", "Perplexity and Writer streams end without [DONE]", func(q *openaichat.Quirks) { q.Done = openaichat.DoneNever }},
	{"always-done", "OpenAI API reference: a stream is terminated by data: [DONE]; Cerebras has sent several finish reasons before it", func(q *openaichat.Quirks) { q.Done = openaichat.DoneAlways }},
}

// builtIn are the quirks of companies in the catalogue.
var builtIn = map[string][]string{
	"openai":     {"strict-fields", "max-completion-tokens", "always-done"},
	"openrouter": {"openrouter-reasoning", "always-done"},
	"mistral":    {"strict-fields", "max-tokens", "no-stream-options", "no-developer-role", "mistral-messages", "turn-after-tools", "always-done"},
	"groq":       {"strict-fields", "no-developer-role", "groq-members", "always-done"},
	"cerebras":   {"strict-fields", "no-developer-role", "always-done"},
	"perplexity": {"web-search", "max-tokens", "no-stream-options", "no-developer-role", "no-done"},
	"deepseek":   {"max-tokens", "thinking-type", "reasoning-content", "no-developer-role", "always-done"},
	"moonshotai": {"thinking-type", "reasoning-content", "no-developer-role", "always-done"},
	"alibaba":    {"enable-thinking", "no-developer-role", "always-done"},
	"z-ai":       {"thinking-type", "reasoning-content", "no-developer-role", "always-done"},
	"together":   {"no-developer-role", "always-done"},
	"fireworks":  {"no-developer-role"},
	"deepinfra":  {"no-developer-role"},
	"xai":        {"no-developer-role", "always-done"},
	"writer":     {"no-developer-role", "no-done"},
	"ollama":     {"no-developer-role"},
	"vllm":       {"no-developer-role"},
	"llama.cpp":  {"no-developer-role"},
	"lm-studio":  {"no-developer-role"},
}

// quirks joins a company's own with those a row names.
func quirks(slug string, named []string) (q openaichat.Quirks, err error) {
	for _, name := range slices.Concat(builtIn[slug], named) {
		i := slices.IndexFunc(known, func(k quirk) bool { return k.name == name })
		if i < 0 {
			return q, fmt.Errorf("provider %s: quirk %q is none of %s", slug, name, strings.Join(QuirkNames(), ", "))
		}
		known[i].set(&q)
	}
	return q, nil
}

// QuirkNames are the names a configuration may use.
func QuirkNames() []string {
	var names []string
	for _, k := range known {
		names = append(names, k.name)
	}
	return names
}
