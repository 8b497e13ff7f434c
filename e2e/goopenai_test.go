package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	other "github.com/sashabaranov/go-openai"
)

func otherClient(key string) *other.Client {
	cfg := other.DefaultConfig(key)
	cfg.BaseURL = house.Address + "/v1"
	return other.NewClientWithConfig(cfg)
}

func otherSays(model, text string) other.ChatCompletionRequest {
	return other.ChatCompletionRequest{Model: model, Messages: []other.ChatCompletionMessage{{Role: "user", Content: text}}}
}

func TestGoOpenAIChat(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		r, err := otherClient(house.Key).CreateChatCompletion(t.Context(), otherSays(model, "Hi"))
		if err != nil {
			t.Fatal(err)
		}
		if r.Choices[0].Message.Content != firstWords+lastWords || r.Choices[0].FinishReason != "stop" || r.Usage.TotalTokens != promptTokens+outputTokens {
			t.Errorf("%+v", r)
		}
	})
}

// otherCollect reads a stream: this SDK has no accumulator, so calls are put together by
// index, as its users do.
func otherCollect(t *testing.T, req other.ChatCompletionRequest) (m other.ChatCompletionMessage, usage *other.Usage) {
	t.Helper()
	req.StreamOptions = &other.StreamOptions{IncludeUsage: true}
	s, err := otherClient(house.Key).CreateChatCompletionStream(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m.Role = "assistant"
	for {
		chunk, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return m, usage
		}
		if err != nil {
			t.Fatal(err)
		}
		if chunk.Usage != nil {
			usage = chunk.Usage
		}
		for _, c := range chunk.Choices {
			m.Content += c.Delta.Content
			for _, call := range c.Delta.ToolCalls {
				switch i := *call.Index; {
				case i == len(m.ToolCalls):
					m.ToolCalls = append(m.ToolCalls, call)
				case i < len(m.ToolCalls):
					m.ToolCalls[i].Function.Arguments += call.Function.Arguments
				default:
					t.Fatalf("call %d came after %d calls", i, len(m.ToolCalls))
				}
			}
		}
	}
}

func TestGoOpenAIStream(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		m, usage := otherCollect(t, otherSays(model, "Hi"))
		if m.Content != firstWords+lastWords || usage == nil || usage.CompletionTokens != outputTokens {
			t.Errorf("%+v %+v", m, usage)
		}
	})
}

func TestGoOpenAITools(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		req := otherSays(model, "Weather in Paris, time in Zürich?")
		parameters := json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}}}`)
		for _, name := range []string{"weather", "clock"} {
			req.Tools = append(req.Tools, other.Tool{Type: "function", Function: &other.FunctionDefinition{Name: name, Parameters: parameters}})
		}
		m, _ := otherCollect(t, req)
		if len(m.ToolCalls) != 2 || m.ToolCalls[0].Function.Arguments != `{"city":"Paris"}` || m.ToolCalls[1].Function.Name != "clock" {
			t.Fatalf("%+v", m)
		}
		req.Messages = append(req.Messages, m,
			other.ChatCompletionMessage{Role: "tool", Content: "sunny", ToolCallID: m.ToolCalls[0].ID},
			other.ChatCompletionMessage{Role: "tool", Content: "noon", ToolCallID: m.ToolCalls[1].ID})
		if m, _ = otherCollect(t, req); m.Content != "It is sunny and noon" {
			t.Errorf("%+v", m)
		}
	})
}

func TestGoOpenAISchemaAndImage(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		req := otherSays(model, "Name it.")
		req.ResponseFormat = &other.ChatCompletionResponseFormat{Type: "json_schema", JSONSchema: &other.ChatCompletionResponseFormatJSONSchema{
			Name: "thing", Strict: true, Schema: json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}`)}}
		r, err := otherClient(house.Key).CreateChatCompletion(t.Context(), req)
		if err != nil || r.Choices[0].Message.Content != `{"name":"dot"}` {
			t.Errorf("%+v %v", r, err)
		}
		req = other.ChatCompletionRequest{Model: model, Messages: []other.ChatCompletionMessage{{Role: "user", MultiContent: []other.ChatMessagePart{
			{Type: "text", Text: "What is this?"}, {Type: "image_url", ImageURL: &other.ChatMessageImageURL{URL: pixel}}}}}}
		r, err = otherClient(house.Key).CreateChatCompletion(t.Context(), req)
		if err != nil || r.Choices[0].Message.Content != imageSeen {
			t.Errorf("%+v %v", r, err)
		}
	})
}

func TestGoOpenAIModels(t *testing.T) {
	c := otherClient(house.Key)
	list, err := c.ListModels(t.Context())
	if err != nil || len(list.Models) < len(routes) {
		t.Fatalf("%+v %v", list, err)
	}
	m, err := c.GetModel(t.Context(), routes[1])
	if err != nil || m.ID != routes[1] {
		t.Errorf("%+v %v", m, err)
	}
}

// otherStatus is the status of the SDK's typed error, and its sentence must be there.
func otherStatus(t *testing.T, err error) int {
	t.Helper()
	e, ok := errors.AsType[*other.APIError](err)
	if !ok || e.Message == "" {
		t.Errorf("not a typed error with a message: %v", err)
		return 0
	}
	return e.HTTPStatusCode
}

func TestGoOpenAIErrors(t *testing.T) {
	hot := otherSays(routes[0], "Hi")
	hot.Temperature = 9
	for name, tc := range map[string]struct {
		ask    other.ChatCompletionRequest
		key    string
		status int
	}{
		"invalid":        {hot, house.Key, 400},
		"wrong key":      {otherSays(routes[0], "Hi"), "sk-or-v1-wrong", 401},
		"no credit":      {otherSays(routes[0], "Hi"), house.newKey(t, `,"limit":0.000001`), 402},
		"management key": {otherSays(routes[0], "Hi"), house.Management, 403},
		"unknown model":  {otherSays("e2e/none", "Hi"), house.Key, 400},
	} {
		if _, err := otherClient(tc.key).CreateChatCompletion(t.Context(), tc.ask); otherStatus(t, err) != tc.status {
			t.Errorf("%s: %v", name, err)
		}
	}
	everyWire(t, func(t *testing.T, model string) {
		for text, status := range upstreamFailures {
			if _, err := otherClient(house.Key).CreateChatCompletion(t.Context(), otherSays(model, text)); otherStatus(t, err) != status {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}

func TestGoOpenAIBrokenStream(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		for _, text := range []string{"fail inside", "cut"} {
			s, err := otherClient(house.Key).CreateChatCompletionStream(t.Context(), otherSays(model, text))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for err == nil {
				var chunk other.ChatCompletionStreamResponse
				if chunk, err = s.Recv(); len(chunk.Choices) > 0 {
					got += chunk.Choices[0].Delta.Content
				}
			}
			s.Close()
			if errors.Is(err, io.EOF) || got != firstWords || strings.Contains(err.Error(), hiddenWords) {
				t.Errorf("%s: %q, then %v", text, got, err)
			}
		}
	})
}

func TestGoOpenAICancel(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := otherClient(house.Key).CreateChatCompletionStream(ctx, otherSays(model, "hold"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		cancel()
		for err == nil {
			_, err = s.Recv()
		}
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		ups.awaitLeft(t, model)
	})
}
