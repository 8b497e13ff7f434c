package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

func anthropicClient(key string) anthropic.Client {
	return anthropic.NewClient(option.WithBaseURL(house.Address), option.WithAPIKey(key), option.WithMaxRetries(0))
}

func claudeAsked(model string, blocks ...anthropic.ContentBlockParamUnion) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{Model: model, MaxTokens: 1000, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(blocks...)}}
}

func claudeText(m *anthropic.Message) (text string) {
	for _, b := range m.Content {
		text += b.Text
	}
	return text
}

// claudeCollect reads a stream with the SDK's accumulator, which checks the order of events.
func claudeCollect(t *testing.T, p anthropic.MessageNewParams) *anthropic.Message {
	t.Helper()
	c := anthropicClient(house.Key)
	stream := c.Messages.NewStreaming(t.Context(), p)
	m := &anthropic.Message{}
	for stream.Next() {
		if err := m.Accumulate(stream.Current()); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

// claudeCounts holds usage to what every upstream counted: input leaves out the cache.
func claudeCounts(t *testing.T, u anthropic.Usage) {
	t.Helper()
	if u.InputTokens != promptTokens-cachedTokens || u.CacheReadInputTokens != cachedTokens || u.OutputTokens != outputTokens {
		t.Errorf("usage is %s", u.RawJSON())
	}
}

func TestClaudeMessage(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := anthropicClient(house.Key)
		m, err := c.Messages.New(t.Context(), claudeAsked(model, anthropic.NewTextBlock("Hi")))
		if err != nil {
			t.Fatal(err)
		}
		// Clients drop their thoughts when another model than the one asked for answers.
		if claudeText(m) != firstWords+lastWords || m.StopReason != "end_turn" || m.Model != model || m.ID == "" {
			t.Errorf("%s", m.RawJSON())
		}
		claudeCounts(t, m.Usage)
	})
}

func TestClaudeStream(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		m := claudeCollect(t, claudeAsked(model, anthropic.NewTextBlock("Hi")))
		if claudeText(m) != firstWords+lastWords || m.StopReason != "end_turn" || m.Model != model {
			t.Errorf("%+v", m)
		}
		claudeCounts(t, m.Usage)
	})
}

func TestClaudeTools(t *testing.T) {
	city := anthropic.ToolInputSchemaParam{Properties: map[string]any{"city": map[string]any{"type": "string"}}, Required: []string{"city"}}
	everyWire(t, func(t *testing.T, model string) {
		p := claudeAsked(model, anthropic.NewTextBlock("Weather in Paris, time in Zürich?"))
		p.Tools = []anthropic.ToolUnionParam{anthropic.ToolUnionParamOfTool(city, "weather"), anthropic.ToolUnionParamOfTool(city, "clock")}
		m := claudeCollect(t, p)
		answers := map[string]string{"weather": "sunny", "clock": "noon"}
		var results []anthropic.ContentBlockParamUnion
		for _, b := range m.Content {
			if b.Type == "tool_use" {
				results = append(results, anthropic.NewToolResultBlock(b.ID, answers[b.Name], false))
				if !strings.Contains(string(b.Input), map[string]string{"weather": "Paris", "clock": "Zürich"}[b.Name]) {
					t.Errorf("%s was called with %s", b.Name, b.Input)
				}
			}
		}
		if len(results) != 2 || m.StopReason != "tool_use" || !strings.HasPrefix(claudeText(m), "Let me look.") {
			t.Fatalf("%+v", m)
		}
		p.Messages = append(p.Messages, m.ToParam(), anthropic.NewUserMessage(results...))
		if got := claudeText(claudeCollect(t, p)); got != "It is sunny and noon" {
			t.Errorf("%q", got)
		}
	})
}

func TestClaudeSchemaAndImage(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := anthropicClient(house.Key)
		p := claudeAsked(model, anthropic.NewTextBlock("Name it."))
		p.OutputConfig.Format = anthropic.JSONOutputFormatParam{Schema: map[string]any{"type": "object",
			"properties": map[string]any{"name": map[string]any{"type": "string"}}, "required": []string{"name"}, "additionalProperties": false}}
		m, err := c.Messages.New(t.Context(), p)
		if err != nil || claudeText(m) != `{"name":"dot"}` {
			t.Errorf("%+v %v", m, err)
		}
		_, data, _ := strings.Cut(pixel, ",")
		m, err = c.Messages.New(t.Context(), claudeAsked(model, anthropic.NewTextBlock("What is this?"), anthropic.NewImageBlockBase64("image/png", data)))
		if err != nil || claudeText(m) != imageSeen {
			t.Errorf("%+v %v", m, err)
		}
	})
}

// claudeProblem is the SDK's typed error, which has a type of its own vendor's.
func claudeProblem(t *testing.T, err error) *anthropic.Error {
	t.Helper()
	e, ok := errors.AsType[*anthropic.Error](err)
	if !ok {
		t.Fatalf("not a typed error: %v", err)
	}
	if e.Type() == "" || strings.Contains(e.RawJSON(), hiddenWords) {
		t.Errorf("%d is %s", e.StatusCode, e.RawJSON())
	}
	return e
}

func TestClaudeErrors(t *testing.T) {
	hot := claudeAsked(routes[0], anthropic.NewTextBlock("Hi"))
	hot.Temperature = anthropic.Float(9)
	hi := func(model string) anthropic.MessageNewParams { return claudeAsked(model, anthropic.NewTextBlock("Hi")) }
	for name, tc := range map[string]struct {
		ask    anthropic.MessageNewParams
		key    string
		status int
		kind   string
	}{
		"invalid":        {hot, house.Key, 400, "invalid_request_error"},
		"wrong key":      {hi(routes[0]), "sk-or-v1-wrong", 401, "authentication_error"},
		"no credit":      {hi(routes[0]), house.newKey(t, `,"limit":0.000001`), 402, "billing_error"},
		"management key": {hi(routes[0]), house.Management, 403, "permission_error"},
	} {
		c := anthropicClient(tc.key)
		_, err := c.Messages.New(t.Context(), tc.ask)
		if e := claudeProblem(t, err); e.StatusCode != tc.status || string(e.Type()) != tc.kind {
			t.Errorf("%s: %d %s", name, e.StatusCode, e.RawJSON())
		}
		stream := c.Messages.NewStreaming(t.Context(), tc.ask)
		if stream.Next() || claudeProblem(t, stream.Err()).StatusCode != tc.status {
			t.Errorf("%s, streamed: %v", name, stream.Err())
		}
	}
	everyWire(t, func(t *testing.T, model string) {
		c := anthropicClient(house.Key)
		for text, status := range upstreamFailures {
			_, err := c.Messages.New(t.Context(), claudeAsked(model, anthropic.NewTextBlock(text)))
			e := claudeProblem(t, err)
			if got := e.Response.Header.Get("Retry-After"); e.StatusCode != status || status == 429 && got != retryAfterSeconds {
				t.Errorf("%s: %d, Retry-After %q: %s", text, e.StatusCode, got, e.RawJSON())
			}
		}
	})
}

// TestClaudeBrokenStream: what ends without its end is an error, after the words that came.
func TestClaudeBrokenStream(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := anthropicClient(house.Key)
		for _, text := range []string{"fail inside", "cut"} {
			stream := c.Messages.NewStreaming(t.Context(), claudeAsked(model, anthropic.NewTextBlock(text)))
			got := ""
			for stream.Next() {
				got += stream.Current().Delta.Text
			}
			if got != firstWords || stream.Err() == nil || strings.Contains(stream.Err().Error(), hiddenWords) {
				t.Errorf("%s: %q, then %v", text, got, stream.Err())
			}
		}
	})
}

func TestClaudeCancel(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := anthropicClient(house.Key)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := c.Messages.NewStreaming(ctx, claudeAsked(model, anthropic.NewTextBlock("hold")))
		for got := ""; got != firstWords; got += stream.Current().Delta.Text {
			if !stream.Next() {
				t.Fatal(stream.Err())
			}
		}
		cancel()
		if stream.Next() || !errors.Is(stream.Err(), context.Canceled) {
			t.Error(stream.Err())
		}
		ups.awaitLeft(t, model)
	})
}

func TestClaudeModels(t *testing.T) {
	c := anthropicClient(house.Key)
	seen := map[string]bool{}
	pager := c.Models.ListAutoPaging(t.Context(), anthropic.ModelListParams{})
	for pager.Next() {
		seen[pager.Current().ID] = true
	}
	if err := pager.Err(); err != nil {
		t.Fatal(err)
	}
	for _, model := range routes {
		m, err := c.Models.Get(t.Context(), model, anthropic.ModelGetParams{})
		if !seen[model] || err != nil || m.ID != model {
			t.Errorf("listed %v, got %+v (%v)", seen, m, err)
		}
	}
}
