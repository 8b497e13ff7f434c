package dialect

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Spell puts the paths of losses into the words of the client's dialect, in place. Adapters
// know a setting by the name it has in chat completions, whoever asked for it.
func Spell(client llm.Dialect, losses []llm.Loss) []llm.Loss {
	names := spelled[client]
	for i := range losses {
		p := losses[i].Path
		switch name := names[p]; {
		case name != "":
			losses[i].Path = name
		case names != nil && names[head(p)] != "":
			losses[i].Path = names[head(p)]
		default:
			losses[i].Path = inner(client, p)
		}
	}
	return losses
}

// head is the top-level member of a path.
func head(path string) string {
	if at := strings.IndexAny(path, ".["); at >= 0 {
		return path[:at]
	}
	return path
}

// inner spells what lies within a message or a tool.
func inner(client llm.Dialect, path string) string {
	const wrapped, bare = ".function.strict", ".strict"
	chat := client == llm.OpenAIChat
	switch rest, strict := strings.CutSuffix(path, bare); {
	case strict && !strings.HasPrefix(path, "tools["):
	case strict && chat && !strings.HasSuffix(path, wrapped):
		return rest + wrapped
	case strict && !chat:
		return strings.TrimSuffix(rest, ".function") + bare
	}
	if rest, failed := strings.CutSuffix(path, ".is_error"); failed && client == llm.Gemini {
		return rest + ".functionResponse.response.error"
	}
	if rest, detail := strings.CutSuffix(path, ".detail"); detail && chat && !strings.HasSuffix(rest, ".image_url") {
		return rest + ".image_url.detail"
	}
	return path
}

// spelled are names of settings: as chat completions have them → as the client's dialect
// does. A longer path of the first kind is reported under the second of its head.
var spelled = map[llm.Dialect]map[string]string{
	llm.OpenAIResponses: {
		"response_format": "text.format", "response_format.json_schema.description": "text.format.description",
		"verbosity": "text.verbosity", "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens",
		"logprobs": "include", "reasoning_effort": "reasoning.effort", "reasoning.summary": "reasoning.summary",
		"reasoning.max_tokens": "reasoning.max_tokens", "reasoning.effort": "reasoning.effort",
	},
	llm.Anthropic: {
		"stop": "stop_sequences", "user": "metadata.user_id", "response_format": "output_config.format", "verbosity": "output_config.effort",
		"reasoning": "thinking", "reasoning_effort": "thinking", "reasoning.max_tokens": "thinking.budget_tokens",
		"parallel_tool_calls": "tool_choice.disable_parallel_tool_use", "max_completion_tokens": "max_tokens",
	},
	llm.Gemini: {
		"max_tokens": "generationConfig.maxOutputTokens", "max_completion_tokens": "generationConfig.maxOutputTokens",
		"temperature": "generationConfig.temperature", "top_p": "generationConfig.topP", "top_k": "generationConfig.topK",
		"seed": "generationConfig.seed", "n": "generationConfig.candidateCount", "stop": "generationConfig.stopSequences",
		"presence_penalty": "generationConfig.presencePenalty", "frequency_penalty": "generationConfig.frequencyPenalty",
		"logprobs": "generationConfig.responseLogprobs", "top_logprobs": "generationConfig.logprobs",
		"modalities": "generationConfig.responseModalities", "audio": "generationConfig.speechConfig", "image_config": "generationConfig.imageConfig",
		"response_format": "generationConfig.responseMimeType", "response_format.json_schema": "generationConfig.responseSchema",
		"response_format.json_schema.schema": "generationConfig.responseSchema",
		"reasoning":                          "generationConfig.thinkingConfig", "reasoning_effort": "generationConfig.thinkingConfig",
		"reasoning.max_tokens": "generationConfig.thinkingConfig.thinkingBudget",
		"tool_choice":          "toolConfig.functionCallingConfig", "service_tier": "serviceTier", "web_search_options": "tools.googleSearch",
	},
}
