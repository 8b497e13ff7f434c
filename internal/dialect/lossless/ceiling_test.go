package lossless

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// turns are requests of an agent in each dialect: the beginning, what every turn adds, the
// end.
var turns = map[llm.Dialect][3]string{
	llm.OpenAIChat: {`{"model":"m","messages":[{"role":"user","content":"hi"}`,
		`,{"role":"assistant","content":"x","tool_calls":[{"id":"c%[1]d","type":"function","function":{"name":"f","arguments":"{\"n\":%[1]d}"}}]},{"role":"tool","tool_call_id":"c%[1]d","content":"ok"}`, `]}`},
	llm.OpenAIResponses: {`{"model":"m","input":[{"role":"user","content":"hi"}`,
		`,{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]},{"type":"function_call","call_id":"c%[1]d","name":"f","arguments":"{\"n\":%[1]d}"},{"type":"function_call_output","call_id":"c%[1]d","output":"ok"}`, `]}`},
	llm.Anthropic: {`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}`,
		`,{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"c%[1]d","name":"f","input":{"n":%[1]d}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c%[1]d","content":"ok"}]}`, `]}`},
	llm.Gemini: {`{"contents":[{"role":"user","parts":[{"text":"hi"}]}`,
		`,{"role":"model","parts":[{"text":"x"},{"functionCall":{"id":"c%[1]d","name":"f","args":{"n":%[1]d}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c%[1]d","name":"f","response":{"output":"ok"}}}]}`, `]}`},
}

func agents(t *testing.T, d llm.Dialect, n int) []byte {
	t.Helper()
	parts, ok := turns[d]
	if !ok {
		t.Fatalf("no turns of %s", d)
	}
	var b strings.Builder
	b.WriteString(parts[0])
	for i := range n {
		fmt.Fprintf(&b, parts[1], i)
	}
	return []byte(b.String() + parts[2])
}

// few and more are numbers of turns, or of pieces.
const few, more = 20, 120

// bodies are requests of so many turns.
func bodies(t *testing.T, d llm.Dialect) map[int][]byte {
	return map[int][]byte{few: agents(t, d, few), more: agents(t, d, more)}
}

// slope is how many allocations each of those beyond the few adds.
func slope(run func(n int)) float64 {
	return (fewest(func() { run(more) }) - fewest(func() { run(few) })) / (more - few)
}

// fewest is the allocations of the cheapest run: what a pool has lost is allocated anew now
// and then, the more so under the race detector.
func fewest(run func()) float64 {
	n := testing.AllocsPerRun(1, run)
	for range 9 {
		n = min(n, testing.AllocsPerRun(1, run))
	}
	return n
}

func decoded(t *testing.T, d llm.Dialect, body []byte) *llm.Request {
	t.Helper()
	req, err := surface(d, false).DecodeRequest(dialect.Inbound{Body: body})
	if err != nil {
		t.Fatal(d, err)
	}
	return req
}

// A turn of an agent, two messages with a call and its result, costs every dialect a bounded
// number of allocations: to look at, to read and to write. The ceilings are a quarter over what
// is, as the race detector empties pools.
func TestAllocationsOfATurn(t *testing.T) {
	ceilings := map[llm.Dialect]struct{ decode, read float64 }{
		llm.OpenAIChat: {.1, 18}, llm.OpenAIResponses: {6.3, 26}, llm.Anthropic: {.1, 24}, llm.Gemini: {2.6, 24},
	}
	writes := map[string]float64{"OpenAI chat": 7.5, "compatible chat": 7.5, "Responses": 1.3, "Messages": .1, "Gemini": 12, "Converse": .1, "Cohere": 3.1, "Ollama": 7.5}
	for d := range turns {
		body := bodies(t, d)
		decode := slope(func(n int) { decoded(t, d, body[n]) })
		read := slope(func(n int) {
			if _, err := decoded(t, d, body[n]).Conversation(); err != nil {
				t.Fatal(d, err)
			}
		}) - decode
		if most := ceilings[d]; decode > most.decode || read > most.read {
			t.Errorf("%s: a turn takes %.2f allocations to look at and %.2f to read, at most %v wanted", d, decode, read, most)
		}
	}
	from := llm.OpenAIChat // an adapter of the same dialect would only edit
	for _, c := range columns {
		if c.adapter.Dialect() == from {
			from = llm.Anthropic
		}
		body := bodies(t, from)
		reqs := map[int]*llm.Request{few: decoded(t, from, body[few]), more: decoded(t, from, body[more])}
		for _, req := range reqs {
			if _, err := req.Conversation(); err != nil {
				t.Fatal(err)
			}
		}
		n := slope(func(n int) {
			if _, _, err := c.adapter.EncodeRequest(reqs[n], dialect.Target{Model: "m"}); err != nil {
				t.Fatal(c.name, err)
			}
		})
		if n > writes[c.name] {
			t.Errorf("%s: a turn takes %.2f allocations to write, at most %.1f wanted", c.name, n, writes[c.name])
		}
		from = llm.OpenAIChat
	}
}

// A piece of an answer costs every surface a bounded number of allocations to write into a
// stream.
func TestAllocationsOfAPiece(t *testing.T) {
	pieces := map[string]llm.Event{
		"text":      {Kind: llm.TextDelta, Text: "some words"},
		"thought":   {Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: "some words", Format: llm.FormatUnknown}},
		"arguments": {Kind: llm.ToolDelta, Text: "1"},
	}
	ceilings := map[llm.Dialect]map[string]float64{llm.Gemini: {"thought": 1.1}}
	for d := range turns {
		for name, piece := range pieces {
			n := slope(func(n int) {
				req := decoded(t, d, agents(t, d, 1))
				req.Stream = true
				w := surface(d, true).Encode(req, &dialect.Answer{GenerationID: "gen-1", Model: "m", Provider: "P"})
				var out []byte
				write := func(ev *llm.Event) {
					var err error
					if out, err = w.Event(out[:0], ev); err != nil {
						t.Fatal(d, err)
					}
				}
				write(&llm.Event{Kind: llm.Start})
				if piece.Kind == llm.ToolDelta {
					write(&llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{ID: "c", Name: "f"}, Text: `{"n":`})
				}
				for range n {
					write(&piece)
				}
			})
			if most := max(ceilings[d][name], .1); n > most {
				t.Errorf("%s: a piece of %s takes %.2f allocations, at most %.1f wanted", d, name, n, most)
			}
		}
	}
}
