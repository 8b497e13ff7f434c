package dialect

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestSpell(t *testing.T) {
	for _, c := range []struct {
		client    llm.Dialect
		path, get string
	}{
		{llm.OpenAIChat, "seed", "seed"},
		{llm.OpenAIChat, "tools[3].strict", "tools[3].function.strict"},
		{llm.OpenAIChat, "tools[3].function.strict", "tools[3].function.strict"},
		{llm.OpenAIChat, "response_format.json_schema.strict", "response_format.json_schema.strict"},
		{llm.OpenAIChat, "messages[0].content[1].detail", "messages[0].content[1].image_url.detail"},
		{llm.Anthropic, "tools[3].function.strict", "tools[3].strict"},
		{llm.Anthropic, "stop", "stop_sequences"},
		{llm.Anthropic, "messages[0].content[1].title", "messages[0].content[1].title"},
		{llm.OpenAIResponses, "response_format.json_schema.schema", "text.format"},
		{llm.OpenAIResponses, "input[0].content[1].detail", "input[0].content[1].detail"},
		{llm.Gemini, "seed", "generationConfig.seed"},
		{llm.Gemini, "reasoning.effort", "generationConfig.thinkingConfig"},
		{llm.Gemini, "contents[0].parts[1]", "contents[0].parts[1]"},
		{llm.Gemini, "contents[0].parts[1].is_error", "contents[0].parts[1].functionResponse.response.error"},
		{llm.Anthropic, "messages[0].content[1].is_error", "messages[0].content[1].is_error"},
	} {
		if got := Spell(c.client, []llm.Loss{{Path: c.path}})[0].Path; got != c.get {
			t.Errorf("%s: %s is spelled %s, not %s", c.client, c.path, got, c.get)
		}
	}
}
