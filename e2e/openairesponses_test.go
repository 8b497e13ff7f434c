package e2e

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
)

func responseTo(model, text string) responses.ResponseNewParams {
	return responses.ResponseNewParams{Model: model, Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(text)}}
}

// answered is the model that a response names: see served.
func answered(model string) string {
	if model == "e2e/responses" {
		return openAIModel
	}
	return model
}

// heard reads a stream to its end: what its deltas said, and the response it ended with.
func heard(t *testing.T, p responses.ResponseNewParams) (said string, r responses.Response) {
	t.Helper()
	c := openAIClient(house.Key)
	stream := c.Responses.NewStreaming(t.Context(), p)
	defer stream.Close()
	number := int64(0)
	for stream.Next() {
		ev := stream.Current()
		if ev.SequenceNumber != number {
			t.Errorf("event %d has number %d", number, ev.SequenceNumber)
		}
		number++
		switch ev := ev.AsAny().(type) {
		case responses.ResponseTextDeltaEvent:
			said += ev.Delta
		case responses.ResponseCompletedEvent:
			r = ev.Response
		}
	}
	if stream.Err() != nil || r.ID == "" {
		t.Fatalf("the stream ends with %v and response %q", stream.Err(), r.ID)
	}
	return said, r
}

func sameResponseUsage(t *testing.T, u responses.ResponseUsage) {
	t.Helper()
	if u.InputTokens != promptTokens || u.OutputTokens != outputTokens || u.TotalTokens != promptTokens+outputTokens ||
		u.InputTokensDetails.CachedTokens != cachedTokens || u.OutputTokensDetails.ReasoningTokens != reasoningTokens {
		t.Errorf("usage is %s", u.RawJSON())
	}
	var got float64
	if err := json.Unmarshal([]byte(u.JSON.ExtraFields["cost"].Raw()), &got); err != nil || math.Abs(got-cost) > 1e-12 {
		t.Errorf("cost is %v, not %v (%v)", got, cost, err)
	}
}

func TestOpenAIResponse(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		whole, err := c.Responses.New(t.Context(), responseTo(model, "Hi"))
		if err != nil {
			t.Fatal(err)
		}
		said, last := heard(t, responseTo(model, "Hi"))
		if said != firstWords+lastWords {
			t.Errorf("streamed %q", said)
		}
		for _, r := range []*responses.Response{whole, &last} {
			if r.Model != answered(model) || r.OutputText() != firstWords+lastWords || r.Status != "completed" {
				t.Errorf("%s", r.RawJSON())
			}
			sameResponseUsage(t, r.Usage)
		}
	})
}

// TestOpenAIResponseTools has two calls, and sends them and their results back.
func TestOpenAIResponseTools(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		p := responseTo(model, "Weather in Paris, time in Zürich?")
		schema := map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"}}
		p.Tools = []responses.ToolUnionParam{responses.ToolParamOfFunction("weather", schema, false), responses.ToolParamOfFunction("clock", schema, false)}
		_, r := heard(t, p)
		history := responses.ResponseInputParam{responses.ResponseInputItemParamOfMessage("Weather in Paris, time in Zürich?", responses.EasyInputMessageRoleUser)}
		var names []string
		results := []string{"sunny", "noon"}
		var outputs responses.ResponseInputParam
		for _, it := range r.Output {
			call, ok := it.AsAny().(responses.ResponseFunctionToolCall)
			if !ok || len(names) == len(results) {
				continue
			}
			history = append(history, responses.ResponseInputItemParamOfFunctionCall(call.Arguments, call.CallID, call.Name))
			out := responses.ResponseInputItemParamOfFunctionCallOutput(results[len(names)])
			out.OfFunctionCallOutput.CallID = openai.String(call.CallID)
			outputs = append(outputs, out)
			names = append(names, call.Name)
		}
		if !slices.Equal(names, []string{"weather", "clock"}) {
			t.Fatalf("calls %v in %s", names, r.RawJSON())
		}
		p.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: append(history, outputs...)}
		c := openAIClient(house.Key)
		whole, err := c.Responses.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := whole.OutputText(); got != "It is sunny and noon" {
			t.Errorf("the results arrived as %q", got)
		}
	})
}

// TestOpenAIResponseFailures: a refusal is a typed error, and what breaks off inside has no
// response.completed.
func TestOpenAIResponseFailures(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := openAIClient(house.Key)
		for text, status := range upstreamFailures {
			_, err := c.Responses.New(t.Context(), responseTo(model, text))
			if e := problem(t, err); e.StatusCode != status || strings.Contains(e.RawJSON(), hiddenWords) {
				t.Errorf("%s: %d %s", text, e.StatusCode, e.RawJSON())
			}
		}
		for _, text := range []string{"fail inside", "cut"} {
			stream := c.Responses.NewStreaming(t.Context(), responseTo(model, text))
			said, failed := "", false
			for stream.Next() {
				switch ev := stream.Current().AsAny().(type) {
				case responses.ResponseTextDeltaEvent:
					said += ev.Delta
				case responses.ResponseFailedEvent, responses.ResponseErrorEvent:
					failed = true
				case responses.ResponseCompletedEvent, responses.ResponseIncompleteEvent:
					t.Errorf("%s looks whole", text)
				}
				if strings.Contains(stream.Current().RawJSON(), hiddenWords) {
					t.Errorf("%s: %s", text, stream.Current().RawJSON())
				}
			}
			if said != firstWords || !failed && stream.Err() == nil {
				t.Errorf("%s: %q, then %v", text, said, stream.Err())
			}
		}
	})
}
