package e2e

import (
	"errors"
	"io"
	"testing"

	other "github.com/sashabaranov/go-openai"
)

func otherClient(key string) *other.Client {
	cfg := other.DefaultConfig(key)
	cfg.BaseURL = house.address + "/v1"
	return other.NewClientWithConfig(cfg)
}

func TestGoOpenAI(t *testing.T) {
	c := otherClient(house.key)
	eachModel(t, func(t *testing.T, model string) {
		req := other.ChatCompletionRequest{Model: model, Messages: []other.ChatCompletionMessage{{Role: "user", Content: "Hello there"}}}
		r, err := c.CreateChatCompletion(t.Context(), req)
		if err != nil || r.Choices[0].Message.Content == "" || r.Usage.TotalTokens == 0 {
			t.Fatalf("%+v %v", r, err)
		}
		req.StreamOptions = &other.StreamOptions{IncludeUsage: true}
		s, err := c.CreateChatCompletionStream(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		text, usage := "", 0
		for {
			chunk, err := s.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if chunk.Usage != nil {
				usage = chunk.Usage.TotalTokens
			}
			if len(chunk.Choices) > 0 {
				text += chunk.Choices[0].Delta.Content
			}
		}
		if text == "" || usage == 0 {
			t.Errorf("text %q usage %d", text, usage)
		}
	})
	_, err := otherClient("sk-wrong").CreateChatCompletion(t.Context(), other.ChatCompletionRequest{Model: models[0], Messages: []other.ChatCompletionMessage{{Role: "user", Content: "x"}}})
	if e, ok := errors.AsType[*other.APIError](err); !ok || e.HTTPStatusCode != 401 || e.Message == "" {
		t.Errorf("%v", err)
	}
	list, err := c.ListModels(t.Context())
	if err != nil || len(list.Models) != len(models) {
		t.Errorf("%+v %v", list, err)
	}
}
