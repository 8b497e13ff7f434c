package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
)

func responseAsked(model, text string) responses.ResponseNewParams {
	return responses.ResponseNewParams{Model: model, Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(text)}}
}

// responseCollect reads a stream to the response that its last event holds.
func responseCollect(t *testing.T, p responses.ResponseNewParams) *responses.Response {
	t.Helper()
	c := openAIClient(house.Key)
	stream := c.Responses.NewStreaming(t.Context(), p)
	var text string
	var last responses.ResponseStreamEventUnion
	for stream.Next() {
		if last = stream.Current(); last.Type == "response.output_text.delta" {
			text += last.Delta
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if last.Type != "response.completed" || last.Response.OutputText() != text {
		t.Fatalf("the last event is %s; %q came, %q is said to have come", last.Type, text, last.Response.OutputText())
	}
	return &last.Response
}

func responseCounts(t *testing.T, u responses.ResponseUsage) {
	t.Helper()
	if u.InputTokens != promptTokens || u.InputTokensDetails.CachedTokens != cachedTokens || u.OutputTokens != outputTokens ||
		u.OutputTokensDetails.ReasoningTokens != reasoningTokens || u.TotalTokens != promptTokens+outputTokens {
		t.Errorf("usage is %s", u.RawJSON())
	}
}

func TestResponse(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		r, err := c.Responses.New(t.Context(), responseAsked(model, "Hi"))
		if err != nil {
			t.Fatal(err)
		}
		if r.OutputText() != firstWords+lastWords || r.Status != "completed" || r.ID == "" {
			t.Errorf("%s", r.RawJSON())
		}
		responseCounts(t, r.Usage)
		r = responseCollect(t, responseAsked(model, "Hi"))
		if r.OutputText() != firstWords+lastWords {
			t.Errorf("streamed: %s", r.RawJSON())
		}
		responseCounts(t, r.Usage)
	})
}

func TestResponseTools(t *testing.T) {
	schema := map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"}, "additionalProperties": false}
	answers := map[string]string{"weather": "sunny", "clock": "noon"}
	eachRoute(t, func(t *testing.T, model string) {
		p := responseAsked(model, "")
		items := responses.ResponseInputParam{responses.ResponseInputItemParamOfMessage("Weather in Paris, time in Zürich?", "user")}
		p.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: items}
		p.Tools = []responses.ToolUnionParam{responses.ToolParamOfFunction("weather", schema, true), responses.ToolParamOfFunction("clock", schema, true)}
		r := responseCollect(t, p)
		if !strings.HasPrefix(r.OutputText(), "Let me look.") {
			t.Errorf("%s", r.RawJSON())
		}
		var results responses.ResponseInputParam
		for _, it := range r.Output {
			if it.Type != "function_call" {
				continue
			}
			call := it.AsFunctionCall()
			if want := map[string]string{"weather": "Paris", "clock": "Zürich"}[call.Name]; !strings.Contains(call.Arguments, want) {
				t.Errorf("%s was called with %s", call.Name, call.Arguments)
			}
			items = append(items, responses.ResponseInputItemParamOfFunctionCall(call.Arguments, call.CallID, call.Name))
			result := responses.ResponseInputItemParamOfFunctionCallOutput(answers[call.Name])
			result.OfFunctionCallOutput.CallID = openai.String(call.CallID)
			results = append(results, result)
		}
		if len(results) != 2 {
			t.Fatalf("%d calls: %s", len(results), r.RawJSON())
		}
		p.Input.OfInputItemList = append(items, results...)
		if got := responseCollect(t, p).OutputText(); got != "It is sunny and noon" {
			t.Errorf("%q", got)
		}
	})
}

func TestResponseErrors(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		for text, status := range upstreamFailures {
			_, err := c.Responses.New(t.Context(), responseAsked(model, text))
			if e := problem(t, err); e.StatusCode != status || strings.Contains(e.RawJSON(), hiddenWords) {
				t.Errorf("%s: %d %s", text, e.StatusCode, e.RawJSON())
			}
		}
		for _, text := range []string{"fail inside", "cut"} {
			stream := c.Responses.NewStreaming(t.Context(), responseAsked(model, text))
			got, failed := "", false
			for stream.Next() {
				ev := stream.Current()
				if ev.Type == "response.output_text.delta" {
					got += ev.Delta
				}
				if failed = failed || ev.Type == "response.failed" || ev.Type == "error"; ev.Type == "response.completed" || strings.Contains(ev.RawJSON(), hiddenWords) {
					t.Errorf("%s: %s", text, ev.RawJSON())
				}
			}
			if got != firstWords || !failed && stream.Err() == nil {
				t.Errorf("%s: %q, then %v", text, got, stream.Err())
			}
		}
	})
}

func TestResponseCancel(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := c.Responses.NewStreaming(ctx, responseAsked(model, "hold"))
		for got := ""; got != firstWords; {
			if !stream.Next() {
				t.Fatal(stream.Err())
			}
			if ev := stream.Current(); ev.Type == "response.output_text.delta" {
				got += ev.Delta
			}
		}
		cancel()
		if stream.Next() || !errors.Is(stream.Err(), context.Canceled) {
			t.Error(stream.Err())
		}
		ups.awaitLeft(t, model)
	})
}
