package bedrock

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/eventstream"
)

const (
	begins  = `messageStart {"role":"assistant","p":"ab"}`
	said    = `contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"Hel"},"p":"abcd"}`
	said2   = `contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"lo"}}`
	stop0   = `contentBlockStop {"contentBlockIndex":0}`
	endTurn = `messageStop {"stopReason":"end_turn"}`
	usage   = `metadata {"usage":{"inputTokens":4,"outputTokens":2,"totalTokens":6},"metrics":{"latencyMs":1}}`
)

var eventCases = []struct {
	name, model, body string
	want              []string
}{
	{"text", "", frames(begins, said, said2, stop0, endTurn, usage),
		[]string{"start r1", `text "Hel"`, `text "lo"`, "stop stop end_turn", "end reported in=4 out=2"}},
	{"nothing is read after the end", "", frames(begins, said, stop0, endTurn, usage) + "rubbish",
		[]string{"start r1", `text "Hel"`, "stop stop end_turn", "end reported in=4 out=2"}},
	{"metadata first, no messageStart, no block's stop", "", frames(said, usage, endTurn),
		[]string{"start r1", `text "Hel"`, "stop stop end_turn", "end reported in=4 out=2"}},
	{"parallel calls, one without arguments", "", frames(begins,
		`contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"f"}}}`,
		`contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":""}}}`,
		`contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\":"}}}`,
		`contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"1}"}}}`,
		`contentBlockStop {"contentBlockIndex":1}`,
		`contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t2","name":"g"}}}`,
		`contentBlockStop {"contentBlockIndex":2}`,
		`messageStop {"stopReason":"tool_use"}`, usage),
		[]string{"start r1", "tool #0 t1 f", `args #0 {"a":`, "args #0 1}", "tool #1 t2 g", "args #1 {}", "stop tool_calls tool_use", "end reported in=4 out=2"}},
	{"Claude's reasoning", "anthropic/claude-sonnet-4", frames(begins,
		`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}}}`,
		`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}}`, stop0,
		`contentBlockDelta {"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"RXU4"}}}`,
		endTurn, usage),
		[]string{"start r1", `reasoning.text #0 text="Hm" data="" sig="" anthropic-claude-v1`, `reasoning.text #0 text="" data="" sig="c2ln" anthropic-claude-v1`,
			`reasoning.encrypted #1 text="" data="Eu8" sig="" anthropic-claude-v1`, "stop stop end_turn", "end reported in=4 out=2"}},
	{"another model's reasoning", "openai/gpt-oss-120b", frames(`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}}}`, endTurn, usage),
		[]string{"start r1", `reasoning.text #0 text="Hm" data="" sig="" unknown`, "stop stop end_turn", "end reported in=4 out=2"}},
	{"redacted reasoning that is no base64", "", frames(`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"redactedContent":"?"}}}`), []string{"error 502 provider_unavailable"}},
	{"the provider's own tool", "", frames(begins,
		`contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"nova_grounding","type":"server_tool_use"}}}`,
		`contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}`, stop0,
		`contentBlockStart {"contentBlockIndex":1,"start":{"toolResult":{"toolUseId":"t"}}}`,
		`contentBlockDelta {"contentBlockIndex":1,"delta":{"toolResult":[{"text":"x"}]}}`,
		`contentBlockDelta {"contentBlockIndex":2,"delta":{"text":"Fact"}}`,
		`contentBlockDelta {"contentBlockIndex":2,"delta":{"citation":{"location":{"web":{"url":"https://a.example","domain":"a.example"}},"sourceContent":[{"text":"q"}]}}}`,
		`contentBlockDelta {"contentBlockIndex":2,"delta":{"citation":{"location":{"documentChar":{"start":1}}}}}`,
		`contentBlockStop {"contentBlockIndex":2}`, endTurn, usage),
		[]string{"start r1", `text "Fact"`, `annotation {"type":"url_citation","url_citation":{"url":"https://a.example","title":"a.example","content":"q","start_index":0,"end_index":4}}`,
			"stop stop end_turn", "end reported in=4 out=2 lost content[0] lost content[1] lost content[2].citations"}},
	{"an event nobody knows", "", frames(`novelty {}`, said, `messageStop {"stopReason":"guardrail_intervened","additionalModelResponseFields":{"a":1}}`, usage),
		[]string{"start r1", `text "Hel"`, "stop content_filter guardrail_intervened", "end reported in=4 out=2 lost novelty lost additionalModelResponseFields"}},
	{"no usage", "", frames(said, endTurn, `metadata {}`), []string{"start r1", `text "Hel"`, "stop stop end_turn", "end missing"}},
	{"cache and tier", "", frames(said, endTurn, `metadata {"serviceTier":{"type":"flex"},"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":63,"cacheReadInputTokens":10,"cacheReadInputTokenCount":10,"cacheWriteInputTokens":50,"cacheWriteInputTokenCount":50,"cacheDetails":[{"ttl":"1h","inputTokens":30},{"ttl":"5m","inputTokens":15}]}}`),
		[]string{"start r1", `text "Hel"`, "stop stop end_turn", "end reported in=1 read=10 write=5 5m=15 1h=30 out=2 tier=flex"}},
	{"input that includes the cache", "", frames(said, endTurn, `metadata {"usage":{"inputTokens":100,"outputTokens":2,"totalTokens":102,"cacheReadInputTokens":90}}`),
		[]string{"start r1", `text "Hel"`, "stop stop end_turn", "end reported in=10 read=90 out=2"}},

	{"throttled before anything", "", frames(`!throttlingException {"message":"Too many tokens"}`), []string{"error 429 rate_limit_exceeded"}},
	{"an exception in the middle", "", frames(begins, said, `!modelStreamErrorException {"message":"m","originalStatusCode":500,"originalMessage":"o"}`), []string{"start r1", `text "Hel"`, "error 502 provider_unavailable"}},
	{"refused inside", "", frames(`!validationException {"message":"Input is too long for requested model."}`),
		[]string{"error 400 context_length_exceeded The provider refused the request: Input is too long for requested model."}},
	{"an error of the stream itself", "", string(eventstream.Append(nil, []eventstream.Header{{Name: ":message-type", Value: "error"}, {Name: ":error-code", Value: "ServiceUnavailableException"}, {Name: ":error-message", Value: "m"}}, nil)),
		[]string{"error 503 provider_overloaded"}},
	{"no metadata", "", frames(begins, said, endTurn), []string{"start r1", `text "Hel"`, "stop stop end_turn", "end missing"}},
	{"no messageStop", "", frames(begins, said, usage), []string{"start r1", `text "Hel"`, "error 502 provider_unavailable"}},
	{"a payload that is no JSON", "", frames(begins, `contentBlockDelta {"delta":`), []string{"start r1", "error 502 provider_unavailable"}},
	{"HTML", "", "<html>", []string{"error 502 provider_unavailable"}},
	{"nothing", "", "", []string{"error 502 provider_unavailable"}},

	{"a whole message", "", ` {"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm","signature":"s"}}},{"text":"Hi"},{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}},{"toolUse":{"toolUseId":"u","name":"g"}}]}},"stopReason":"tool_use","usage":{"inputTokens":4,"outputTokens":2,"totalTokens":6},"serviceTier":{"type":"priority"}}`,
		[]string{"start r1 priority", `reasoning.text #0 text="Hm" data="" sig="s" anthropic-claude-v1`, `text "Hi"`, `tool #0 t f {"a":1}`, "tool #1 u g {}", "stop tool_calls tool_use", "end reported in=4 out=2 tier=priority"}},
	{"a whole message with citations", "", `{"output":{"message":{"content":[{"citationsContent":{"content":[{"text":"Ha"}],"citations":[{"title":"T","location":{"web":{"url":"u"}}}]}},{"toolResult":{}}]}},"stopReason":"max_tokens","usage":null}`,
		[]string{"start r1", `text "Ha"`, `annotation {"type":"url_citation","url_citation":{"url":"u","title":"T","start_index":0,"end_index":2}}`, "stop length max_tokens", "end missing lost content[1]"}},
	{"a message without content", "", `{"output":{}}`, []string{"error 502 provider_unavailable"}},
	{"half a message", "", `{"output":{"message":{"content":[]}}`, []string{"error 502 provider_unavailable"}},
}

func TestEvents(t *testing.T) {
	for _, c := range eventCases {
		t.Run(c.name, func(t *testing.T) {
			if got := trace(Converse{}, strings.NewReader(c.body), c.model); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if got := trace(Converse{}, iotest.OneByteReader(strings.NewReader(c.body)), c.model); !slices.Equal(got, c.want) {
				t.Errorf("byte by byte\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// TestCutEverywhere: an answer that is cut at any byte is an error, and so is one with any
// byte of it changed. Between messageStop and metadata nothing but the counts is missing.
func TestCutEverywhere(t *testing.T) {
	for _, c := range eventCases {
		if !strings.HasPrefix(c.want[len(c.want)-1], "end") || strings.HasSuffix(c.body, "rubbish") {
			continue
		}
		for i := range c.body {
			got := trace(Converse{}, strings.NewReader(c.body[:i]), c.model)
			if last := got[len(got)-1]; last != "error 502 provider_unavailable" && !(strings.HasPrefix(last, "end missing") && stopsAt(c.body[:i])) {
				t.Fatalf("%s, cut at byte %d of %d: %s", c.name, i, len(c.body), last)
			}
			if c.body[0] != 0 {
				continue
			}
			spoilt := []byte(c.body)
			spoilt[i] ^= 1
			got = trace(Converse{}, strings.NewReader(string(spoilt)), c.model)
			if last := got[len(got)-1]; last != "error 502 provider_unavailable" {
				t.Fatalf("%s, byte %d changed: %s", c.name, i, last)
			}
		}
	}
}

// stopsAt reports whether a body ends with a whole messageStop.
func stopsAt(body string) bool {
	r := eventstream.NewReader(strings.NewReader(body), 1<<20)
	last := ""
	for {
		m, err := r.Next()
		if err != nil {
			return err == io.EOF && last == "messageStop"
		}
		last = string(m.Event())
	}
}

func TestConsumerStops(t *testing.T) {
	body := frames(begins, said, said2, stop0, endTurn, usage)
	for n := 1; n < 6; n++ {
		seen := 0
		for range (Converse{}).Events(nil, replyOf(body)) {
			if seen++; seen == n {
				break
			}
		}
		if seen > n {
			t.Errorf("%d events after %d were enough", seen, n)
		}
	}
}
