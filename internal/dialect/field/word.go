package field

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// words are the names, roles and types that requests and answers are made of.
var words = func() map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(`
		model models provider user session_id trace metadata stream stream_options service_tier store background plugins route
		messages system tools tool_choice parallel_tool_calls max_tokens max_completion_tokens temperature top_p top_k min_p top_a seed stop n
		frequency_penalty presence_penalty repetition_penalty logit_bias logprobs top_logprobs response_format structured_outputs
		reasoning reasoning_effort include_reasoning verbosity web_search_options prediction prompt_cache_key modalities audio usage
		thinking stop_sequences output_config context_management cache_control betas container
		input instructions include text max_output_tokens max_tool_calls truncation previous_response_id safety_identifier client_metadata
		role content type name id index function arguments parameters description strict format schema
		assistant tool developer
		tool_calls tool_call_id tool_use tool_result tool_use_id is_error image image_url input_audio file video_url document source title refusal
		redacted_thinking signature data input_schema custom ephemeral auto none required
		message input_text input_image input_file output_text function_call function_call_output reasoning_text summary_text
		custom_tool_call custom_tool_call_output call_id status completed output summary encrypted_content namespace
		stop length content_filter end_turn chat.completion chat.completion.chunk`) {
		m[w] = w
	}
	return m
}()

// Word is a string that is usually one of a few: those cost no allocation.
func Word(n rawjson.Node) string {
	if w, ok := words[string(n.Bytes())]; ok {
		return w
	}
	return n.Str()
}
