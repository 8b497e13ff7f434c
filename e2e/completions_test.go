package e2e

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/openai/openai-go/v3"
)

// TestCompletions continues a prompt at every company: none of them has legacy completions.
func TestCompletions(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		p := openai.CompletionNewParams{Model: openai.CompletionNewParamsModel(model), Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("Hi")}}
		r, err := c.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Choices) != 1 || r.Choices[0].Text != firstWords+lastWords || r.Choices[0].FinishReason != openai.CompletionChoiceFinishReasonStop || r.Object != "text_completion" {
			t.Errorf("%s", r.RawJSON())
		}
		sameUsage(t, r.Usage)

		p.Echo = openai.Bool(true)
		p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
		stream := c.Completions.NewStreaming(t.Context(), p)
		defer stream.Close()
		var text strings.Builder
		var usage openai.CompletionUsage
		for stream.Next() {
			for _, choice := range stream.Current().Choices {
				text.WriteString(choice.Text)
			}
			if u := stream.Current().Usage; u.TotalTokens > 0 {
				usage = u
			}
		}
		if err := stream.Err(); err != nil || canary.Bare(text.String()) != "Hi"+firstWords+lastWords {
			t.Errorf("%v %q", err, text.String())
		}
		sameUsage(t, usage)
	})
}
