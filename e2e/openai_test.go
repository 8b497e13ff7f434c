package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

func client() openai.Client {
	return openai.NewClient(option.WithBaseURL(house.address+"/v1"), option.WithAPIKey(house.key), option.WithMaxRetries(0))
}

func says(model, text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)}}
}

func eachModel(t *testing.T, f func(t *testing.T, model string)) {
	for _, m := range models {
		t.Run(strings.TrimPrefix(m, "e2e/"), func(t *testing.T) { f(t, m) })
	}
}

func weather(name string) openai.ChatCompletionToolUnionParam {
	return openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: name, Parameters: shared.FunctionParameters{
		"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"}}})
}

func TestOpenAIChat(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		c := client()
		r, err := c.Chat.Completions.New(t.Context(), says(model, "Hello there"))
		if err != nil {
			t.Fatal(err)
		}
		if r.Choices[0].Message.Content == "" || r.Choices[0].FinishReason != "stop" || r.Usage.PromptTokens == 0 || r.Usage.CompletionTokens == 0 {
			t.Errorf("%s", r.RawJSON())
		}
	})
}

func TestOpenAIStreamToolsAndRoundTrip(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		c := client()
		p := says(model, `Call weather_a for "Paris" and weather_b for "Rome" [[sim:tools=2]]`)
		p.Tools = []openai.ChatCompletionToolUnionParam{weather("weather_a"), weather("weather_b")}
		p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
		stream := c.Chat.Completions.NewStreaming(t.Context(), p)
		var acc openai.ChatCompletionAccumulator
		usage := 0
		for stream.Next() {
			chunk := stream.Current()
			if chunk.Usage.TotalTokens > 0 {
				usage++
			}
			if !acc.AddChunk(chunk) {
				t.Fatalf("the accumulator refuses %s", chunk.RawJSON())
			}
		}
		if err := stream.Err(); err != nil {
			t.Fatal(err)
		}
		m := acc.Choices[0].Message
		if acc.Choices[0].FinishReason != "tool_calls" || len(m.ToolCalls) != 2 || m.ToolCalls[0].Function.Name != "weather_a" || m.ToolCalls[1].Function.Name != "weather_b" || m.ToolCalls[0].ID == m.ToolCalls[1].ID || usage != 1 {
			t.Fatalf("%d usages, calls %+v", usage, m.ToolCalls)
		}
		for _, call := range m.ToolCalls {
			if !json.Valid([]byte(call.Function.Arguments)) {
				t.Errorf("arguments %q", call.Function.Arguments)
			}
		}
		p.Messages = append(p.Messages, m.ToParam(), openai.ToolMessage("sunny", m.ToolCalls[0].ID), openai.ToolMessage("rain", m.ToolCalls[1].ID))
		r, err := c.Chat.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatalf("%v: %s", err, said(err))
		}
		if r.Choices[0].Message.Content == "" {
			t.Errorf("%s", r.RawJSON())
		}
	})
}

func TestOpenAISchemaAndImage(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		c := client()
		p := openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart("What is this?"), openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: pixel})})}}
		p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: "thing", Strict: openai.Bool(true), Schema: map[string]any{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}}, "required": []string{"name"}, "additionalProperties": false}}}}
		r, err := c.Chat.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Name string }
		if err := json.Unmarshal([]byte(r.Choices[0].Message.Content), &got); err != nil || got.Name == "" {
			t.Errorf("%q: %v", r.Choices[0].Message.Content, err)
		}
	})
}

func TestOpenAIModels(t *testing.T) {
	c := client()
	page, err := c.Models.List(t.Context())
	if err != nil || len(page.Data) != len(models) {
		t.Fatalf("%+v %v", page, err)
	}
	m, err := c.Models.Get(t.Context(), "e2e/openai")
	if err != nil || m.ID != "e2e/openai" {
		t.Errorf("%+v %v", m, err)
	}
}

// said is what the gateway answered.
func said(err error) string {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return string(e.DumpResponse(true))
	}
	return ""
}

func status(err error) int {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return e.StatusCode
	}
	return 0
}

func TestOpenAIErrors(t *testing.T) {
	c := client()
	bad := says("e2e/openai", "x")
	bad.Temperature = openai.Float(9)
	for name, tc := range map[string]struct {
		p    openai.ChatCompletionNewParams
		opts []option.RequestOption
		want int
	}{
		"invalid":       {bad, nil, 400},
		"key":           {says("e2e/openai", "x"), []option.RequestOption{option.WithAPIKey("sk-wrong")}, 401},
		"management":    {says("e2e/openai", "x"), []option.RequestOption{option.WithAPIKey(house.management)}, 403},
		"unknown model": {says("no/such", "x"), nil, 400},
	} {
		if _, err := c.Chat.Completions.New(t.Context(), tc.p, tc.opts...); status(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	eachModel(t, func(t *testing.T, model string) {
		for sim, want := range map[string]int{"status=400": 400, "status=401": 502, "status=429": 429, "status=500": 502} {
			if _, err := c.Chat.Completions.New(t.Context(), says(model, "Hello [[sim:"+sim+"]]")); status(err) != want {
				t.Errorf("%s: %v", sim, err)
			}
		}
		stream := c.Chat.Completions.NewStreaming(t.Context(), says(model, "Hello [[sim:error-event=3]]"))
		got := ""
		for stream.Next() {
			if ch := stream.Current().Choices; len(ch) > 0 {
				got += ch[0].Delta.Content
			}
		}
		if stream.Err() == nil || got == "" {
			t.Errorf("a stream that broke after %q raised %v", got, stream.Err())
		}
	})
}

func TestOpenAICancel(t *testing.T) {
	c := client()
	before := credits(t)
	ctx, cancel := context.WithCancel(t.Context())
	stream := c.Chat.Completions.NewStreaming(ctx, says("e2e/openai", "Hello [[sim:pause=50ms]]"))
	if !stream.Next() {
		t.Fatal(stream.Err())
	}
	cancel()
	for stream.Next() {
	}
	if !errors.Is(stream.Err(), context.Canceled) {
		t.Error(stream.Err())
	}
	// The gateway settles what was used when it notices that the client has left.
	for deadline := time.Now().Add(10 * time.Second); credits(t) == before; {
		if time.Now().After(deadline) {
			t.Fatal("what the client used before it left was never charged")
		}
	}
}
