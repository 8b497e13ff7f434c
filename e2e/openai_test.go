package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

// pixel is a picture of one dot; imageSeen is how an upstream describes it.
const (
	pixel     = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	imageSeen = "I see image/png of 70 bytes"
)

func openAIClient(key string) openai.Client {
	return openai.NewClient(option.WithBaseURL(house.Address+"/api/v1"), option.WithAPIKey(key), option.WithMaxRetries(0))
}

func userSays(model, text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)}}
}

// served is the model that an answer names: a relayed answer keeps the upstream's name.
func served(model string) string {
	if model == "e2e/openai" {
		return openAIModel
	}
	return model
}

// sameUsage holds usage to what every upstream counted, whichever way its wire splits it.
func sameUsage(t *testing.T, u openai.CompletionUsage) {
	t.Helper()
	if u.PromptTokens != promptTokens || u.CompletionTokens != outputTokens || u.TotalTokens != promptTokens+outputTokens ||
		u.PromptTokensDetails.CachedTokens != cachedTokens || u.CompletionTokensDetails.ReasoningTokens != reasoningTokens {
		t.Errorf("usage is %s", u.RawJSON())
	}
	var got float64
	if err := json.Unmarshal([]byte(u.JSON.ExtraFields["cost"].Raw()), &got); err != nil || math.Abs(got-cost) > 1e-12 {
		t.Errorf("cost is %v, not %v (%v)", got, cost, err)
	}
}

func TestOpenAIChat(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		r, err := c.Chat.Completions.New(t.Context(), userSays(model, "Hi"))
		if err != nil {
			t.Fatal(err)
		}
		if r.Model != served(model) || r.Choices[0].Message.Content != firstWords+lastWords || r.Choices[0].FinishReason != "stop" {
			t.Errorf("%s", r.RawJSON())
		}
		sameUsage(t, r.Usage)
	})
}

// collect reads a stream to its end into the SDK's accumulator. Usage comes once, whether
// it was asked for or not.
func collect(t *testing.T, p openai.ChatCompletionNewParams) openai.ChatCompletion {
	t.Helper()
	c := openAIClient(house.Key)
	stream := c.Chat.Completions.NewStreaming(t.Context(), p)
	defer stream.Close()
	var acc openai.ChatCompletionAccumulator
	usages := 0
	for stream.Next() {
		chunk := stream.Current()
		if chunk.JSON.Usage.Valid() {
			usages++
		}
		if !acc.AddChunk(chunk) {
			t.Fatalf("the accumulator refuses %s", chunk.RawJSON())
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if usages != 1 {
		t.Errorf("usage came %d times", usages)
	}
	return acc.ChatCompletion
}

func TestOpenAIStream(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		for _, asked := range []bool{true, false} {
			p := userSays(model, "Hi")
			if asked {
				p.StreamOptions.IncludeUsage = openai.Bool(true)
			}
			r := collect(t, p)
			if got := r.Choices[0]; r.Model != served(model) || got.Message.Content != firstWords+lastWords || got.FinishReason != "stop" {
				t.Errorf("usage asked for: %v: %s said %q and finished with %q", asked, r.Model, got.Message.Content, got.FinishReason)
			}
			if u := r.Usage; u.PromptTokens != promptTokens || u.CompletionTokens != outputTokens || u.TotalTokens != promptTokens+outputTokens {
				t.Errorf("usage asked for: %v: it is %+v", asked, u)
			}
		}
	})
}

func cityTool(name string) openai.ChatCompletionToolUnionParam {
	return openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: name, Parameters: shared.FunctionParameters{
		"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"}}})
}

// TestOpenAITools has two calls rebuilt from a stream, and sends their results back.
func TestOpenAITools(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		p := userSays(model, "Weather in Paris, time in Zürich?")
		p.Tools = []openai.ChatCompletionToolUnionParam{cityTool("weather"), cityTool("clock")}
		m := collect(t, p).Choices[0]
		calls := m.Message.ToolCalls
		if len(calls) != 2 || calls[0].ID == "" || calls[0].ID == calls[1].ID {
			t.Fatalf("%d calls: %v", len(calls), calls)
		}
		if m.FinishReason != "tool_calls" || m.Message.Content != "Let me look." {
			t.Errorf("said %q and finished with %q", m.Message.Content, m.FinishReason)
		}
		for i, want := range []struct{ name, city string }{{"weather", "Paris"}, {"clock", "Zürich"}} {
			var arguments struct{ City string }
			if err := json.Unmarshal([]byte(calls[i].Function.Arguments), &arguments); err != nil || arguments.City != want.city || calls[i].Function.Name != want.name {
				t.Errorf("call %d is %+v (%v)", i, calls[i].Function, err)
			}
		}
		p.Messages = append(p.Messages, m.Message.ToParam(), openai.ToolMessage("sunny", calls[0].ID), openai.ToolMessage("noon", calls[1].ID))
		c := openAIClient(house.Key)
		r, err := c.Chat.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Choices[0].Message.Content; got != "It is sunny and noon" {
			t.Errorf("the results arrived as %q", got)
		}
	})
}

func TestOpenAIToolsWhole(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		p := userSays(model, "Weather in Paris, time in Zürich?")
		p.Tools = []openai.ChatCompletionToolUnionParam{cityTool("weather"), cityTool("clock")}
		c := openAIClient(house.Key)
		r, err := c.Chat.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		calls := r.Choices[0].Message.ToolCalls
		if r.Choices[0].FinishReason != "tool_calls" || len(calls) != 2 || calls[1].Function.Name != "clock" || !strings.Contains(calls[1].Function.Arguments, "Zürich") {
			t.Errorf("%s", r.RawJSON())
		}
	})
}

func TestOpenAISchema(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		p := userSays(model, "Name it.")
		p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: "thing", Strict: openai.Bool(true), Schema: map[string]any{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}},
				"required": []string{"name"}, "additionalProperties": false}}}
		c := openAIClient(house.Key)
		r, err := c.Chat.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Choices[0].Message.Content; got != `{"name":"dot"}` {
			t.Errorf("%q", got)
		}
	})
}

func TestOpenAIImage(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		p := openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart("What is this?"), openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: pixel})})}}
		c := openAIClient(house.Key)
		r, err := c.Chat.Completions.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Choices[0].Message.Content; got != imageSeen {
			t.Errorf("the image arrived as %q", got)
		}
	})
}

func TestOpenAIModels(t *testing.T) {
	c := openAIClient(house.Key)
	seen := map[string]bool{}
	for pager := c.Models.ListAutoPaging(t.Context()); pager.Next(); {
		seen[pager.Current().ID] = true
	}
	for _, model := range routes {
		m, err := c.Models.Get(t.Context(), model)
		if !seen[model] || err != nil || m.ID != model {
			t.Errorf("listed %v, got %+v (%v)", seen, m, err)
		}
	}
	if _, err := c.Models.Get(t.Context(), "e2e/none"); problem(t, err).StatusCode != 404 {
		t.Errorf("an unknown model is %v", err)
	}
}

// problem is the SDK's typed error.
func problem(t *testing.T, err error) *openai.Error {
	t.Helper()
	e, ok := errors.AsType[*openai.Error](err)
	if !ok {
		t.Fatalf("not a typed error: %v", err)
	}
	if e.Message == "" || e.Type == "" {
		t.Errorf("%d has message %q and type %q", e.StatusCode, e.Message, e.Type)
	}
	return e
}

// TestOpenAIOurErrors are refusals before any upstream is asked.
func TestOpenAIOurErrors(t *testing.T) {
	hot := userSays(routes[0], "Hi")
	hot.Temperature = openai.Float(9)
	for name, tc := range map[string]struct {
		ask    openai.ChatCompletionNewParams
		key    string
		status int
	}{
		"invalid":        {hot, house.Key, 400},
		"wrong key":      {userSays(routes[0], "Hi"), "sk-or-v1-wrong", 401},
		"no credit":      {userSays(routes[0], "Hi"), house.newKey(t, `,"limit":0.000001`), 402},
		"management key": {userSays(routes[0], "Hi"), house.Management, 403},
		"unknown model":  {userSays("e2e/none", "Hi"), house.Key, 400},
	} {
		c := openAIClient(tc.key)
		_, err := c.Chat.Completions.New(t.Context(), tc.ask)
		if e := problem(t, err); e.StatusCode != tc.status {
			t.Errorf("%s: %v", name, err)
		}
		stream := c.Chat.Completions.NewStreaming(t.Context(), tc.ask)
		for stream.Next() {
			t.Errorf("%s: a stream begins with %s", name, stream.Current().RawJSON())
		}
		if e := problem(t, stream.Err()); e.StatusCode != tc.status {
			t.Errorf("%s, streamed: %v", name, stream.Err())
		}
	}
}

// upstreamFailures are what becomes of an upstream's refusal: its client's fault stays so,
// the operator's does not become the client's.
var upstreamFailures = map[string]int{"status 400": 400, "status 401": 502, "status 404": 404, "status 429": 429, "status 500": 502, "status 503": 503}

func TestOpenAIUpstreamErrors(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		for text, status := range upstreamFailures {
			_, err := c.Chat.Completions.New(t.Context(), userSays(model, text))
			e := problem(t, err)
			if e.StatusCode != status || strings.Contains(e.RawJSON(), hiddenWords) || status == 400 && !strings.Contains(e.Message, "no, because") {
				t.Errorf("%s: %d %s", text, e.StatusCode, e.RawJSON())
			}
			if got := e.Response.Header.Get("Retry-After"); status == 429 && got != retryAfterSeconds {
				t.Errorf("%s: Retry-After is %q", text, got)
			}
			stream := c.Chat.Completions.NewStreaming(t.Context(), userSays(model, text))
			if stream.Next() || problem(t, stream.Err()).StatusCode != status {
				t.Errorf("%s, streamed: %v", text, stream.Err())
			}
		}
	})
}

// TestOpenAIBrokenStream: what ends without its end is an error for the SDK, after the
// words that came.
func TestOpenAIBrokenStream(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		for _, text := range []string{"fail inside", "cut"} {
			stream := c.Chat.Completions.NewStreaming(t.Context(), userSays(model, text))
			got := ""
			for stream.Next() {
				if ch := stream.Current().Choices; len(ch) > 0 {
					got += ch[0].Delta.Content
				}
			}
			if got != firstWords || stream.Err() == nil || strings.Contains(stream.Err().Error(), hiddenWords) {
				t.Errorf("%s: %q, then %v", text, got, stream.Err())
			}
		}
	})
}

// TestOpenAICancel: a client that leaves ends the call upstream.
func TestOpenAICancel(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		ctx, cancel := context.WithCancel(t.Context())
		stream := c.Chat.Completions.NewStreaming(ctx, userSays(model, "hold"))
		for got := ""; got != firstWords; {
			if !stream.Next() {
				t.Fatal(stream.Err())
			}
			if ch := stream.Current().Choices; len(ch) > 0 {
				got += ch[0].Delta.Content
			}
		}
		cancel()
		if stream.Next() || !errors.Is(stream.Err(), context.Canceled) {
			t.Error(stream.Err())
		}
		ups.awaitLeft(t, model)
	})
}

// TestOpenAIFallback: an endpoint that fails before its first word is not noticed. The
// prompt fails at one company and the routing may try either first, so the failing one is
// asked for first.
func TestOpenAIFallback(t *testing.T) {
	c := openAIClient(house.Key)
	p := userSays("e2e/two", "status 500 at openai")
	p.SetExtraFields(map[string]any{"provider": map[string]any{"order": []string{"up-openai", "up-anthropic"}}})
	r, err := c.Chat.Completions.New(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.JSON.ExtraFields["provider"].Raw(); got != `"Up Anthropic"` || r.Choices[0].Message.Content != firstWords+lastWords {
		t.Errorf("%s", r.RawJSON())
	}
	if got := collect(t, p).Choices[0].Message.Content; got != firstWords+lastWords {
		t.Errorf("streamed: %q", got)
	}
}
