package preset

import (
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// setting is one member that a preset may hold, by its name in each dialect; "" where a
// dialect has none that means the same. Several may have one name in a dialect.
type setting struct {
	chat, text, messages, responses, gemini string

	// turn makes the value of one dialect that of another; nil leaves it. It says why when
	// it cannot.
	turn func(v rawjson.Node, to llm.Dialect) (value []byte, why string)
}

// settings are all members that a preset may hold (reference §3.1 to §3.3). Members of
// Google's are those of generationConfig or of the request.
var settings = []setting{
	{chat: "model", text: "model", messages: "model", responses: "model"},
	{chat: "models", text: "models", messages: "models", responses: "models", gemini: "models"},
	{messages: "fallbacks", chat: "models", text: "models", responses: "models", gemini: "models", turn: fallbacks},
	{chat: "provider", text: "provider", messages: "provider", responses: "provider", gemini: "provider"},
	{chat: "route", text: "route", responses: "route"},
	{chat: "plugins", text: "plugins", messages: "plugins", responses: "plugins"},
	{chat: "transforms", text: "transforms"},
	{chat: "service_tier", text: "service_tier", responses: "service_tier"},
	{messages: "service_tier"},

	{chat: "max_completion_tokens", text: "max_tokens", messages: "max_tokens", responses: "max_output_tokens", gemini: "maxOutputTokens"},
	{chat: "max_tokens", text: "max_tokens", messages: "max_tokens", responses: "max_output_tokens", gemini: "maxOutputTokens"},
	{chat: "temperature", text: "temperature", messages: "temperature", responses: "temperature", gemini: "temperature"},
	{chat: "top_p", text: "top_p", messages: "top_p", responses: "top_p", gemini: "topP"},
	{chat: "top_k", text: "top_k", messages: "top_k", responses: "top_k", gemini: "topK"},
	{chat: "frequency_penalty", text: "frequency_penalty", responses: "frequency_penalty", gemini: "frequencyPenalty"},
	{chat: "presence_penalty", text: "presence_penalty", responses: "presence_penalty", gemini: "presencePenalty"},
	{chat: "min_p", text: "min_p"},
	{chat: "top_a", text: "top_a"},
	{chat: "repetition_penalty", text: "repetition_penalty"},
	{chat: "seed", text: "seed", gemini: "seed"},
	{chat: "stop", text: "stop", messages: "stop_sequences", gemini: "stopSequences", turn: stops},
	{chat: "logit_bias", text: "logit_bias"},
	{chat: "logprobs"},
	{chat: "top_logprobs", responses: "top_logprobs"},

	{chat: "response_format", text: "response_format"},
	{chat: "structured_outputs", text: "structured_outputs"},
	{chat: "verbosity"},
	{responses: "text"},
	{messages: "output_config"},
	{chat: "reasoning", text: "reasoning", responses: "reasoning", messages: "thinking", turn: thinking},
	{chat: "reasoning_effort", text: "reasoning", responses: "reasoning", turn: effort},
	{chat: "include_reasoning"},
	{responses: "include"},
	{responses: "truncation"},

	{chat: "tools", messages: "tools", responses: "tools", gemini: "tools"}, // see turned
	{chat: "tool_choice", messages: "tool_choice", responses: "tool_choice", gemini: "toolConfig", turn: choice},
	{chat: "parallel_tool_calls", responses: "parallel_tool_calls"},
	{chat: "max_tool_calls", responses: "max_tool_calls"},
	{chat: "stop_server_tools_when", messages: "stop_server_tools_when", responses: "stop_server_tools_when"},
	{messages: "mcp_servers"},
	{messages: "context_management"},
	{chat: "cache_control", messages: "cache_control"},
	{chat: "web_search_options"},
	{chat: "x_search_filter"},
	{chat: "modalities", responses: "modalities"},
	{chat: "image_config", responses: "image_config"},
	{chat: "audio"},
}

// in is the setting's name in a dialect.
func (s *setting) in(d llm.Dialect) string {
	switch d {
	case llm.OpenAIChat:
		return s.chat
	case llm.OpenAIText:
		return s.text
	case llm.Anthropic, llm.AnthropicCount:
		return s.messages
	case llm.OpenAIResponses:
		return s.responses
	case llm.Gemini, llm.GeminiCount:
		return s.gemini
	}
	return ""
}

// find is the setting that a dialect calls so, the first of several; nil none.
func find(name string, d llm.Dialect) *setting {
	for i := range settings {
		if s := &settings[i]; s.in(d) == name && (s.turn == nil || s.home(d)) {
			return s
		}
	}
	return nil
}

// home reports whether a setting whose value is turned may come from a dialect: fallbacks are
// the messages API's alone, an effort by itself the chat API's.
func (s *setting) home(d llm.Dialect) bool {
	switch {
	case s.messages == "fallbacks":
		return d == llm.Anthropic
	case s.chat == "reasoning_effort":
		return d == llm.OpenAIChat
	}
	return true
}

// generation are the members of Gemini's generationConfig.
var generation = map[string]bool{"maxOutputTokens": true, "temperature": true, "topP": true, "topK": true, "frequencyPenalty": true, "presencePenalty": true, "seed": true, "stopSequences": true}

// counted are the settings that say how long a prompt is or who counts it.
var counted = map[string]bool{"models": true, "fallbacks": true, "provider": true, "tools": true, "tool_choice": true, "thinking": true}

func gemini(d llm.Dialect) bool { return d == llm.Gemini || d == llm.GeminiCount }
func counts(d llm.Dialect) bool { return d.Operation() == llm.CountTokens }

// spoken reports whether a preset of one dialect needs no translation into another.
func spoken(from, to llm.Dialect) bool {
	return from == to || from == llm.Anthropic && to == llm.AnthropicCount
}

// turned is a setting of the preset as the request's dialect has it, or why it has none. No
// value and no reason is a list of tools of which nothing is left.
func (m *merge) turned(name string, v rawjson.Node) (to string, value []byte, why string) {
	if spoken(m.settings.From, m.to) {
		return name, v.Raw(), ""
	}
	s := find(name, m.settings.From)
	if s == nil || s.in(m.to) == "" {
		return "", nil, "nothing in this API means the same"
	}
	to = s.in(m.to)
	switch {
	case name == "max_tokens" && !m.config.Get("max_completion_tokens").IsNull():
		return to, nil, "" // its newer name counts
	case name == "tools":
		return to, m.translate(v), ""
	case s.turn != nil:
		value, why = s.turn(v, m.to)
		return to, value, why
	}
	return to, v.Raw(), ""
}
