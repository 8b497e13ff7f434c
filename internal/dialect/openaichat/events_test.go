package openaichat

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// trace renders the events that a client of another dialect gets, one a line.
func trace(q Quirks, streams bool, body io.Reader) []string {
	var out []string
	reply := dialect.Reply{Status: 200, Body: body, Stream: streams, ID: "gen-1", Model: "a/b"}
	for ev, err := range (&Adapter{Quirks: q}).Events(&llm.Request{From: llm.Anthropic, Stream: streams}, reply) {
		if err != nil {
			e := fault.As(err)
			out = append(out, fmt.Sprintf("error %d %s", e.HTTPStatus(), e.ErrorType()))
			continue
		}
		out = append(out, strings.TrimRight(render(ev), " "))
	}
	return out
}

func render(ev *llm.Event) string {
	at := ""
	if ev.Choice > 0 {
		at = fmt.Sprintf("%d: ", ev.Choice)
	}
	switch ev.Kind {
	case llm.Start:
		return fmt.Sprintf("start %s %s %s", ev.ID, ev.Model, ev.ServiceTier)
	case llm.TextDelta:
		return at + fmt.Sprintf("text %q", ev.Text)
	case llm.RefusalDelta:
		return at + fmt.Sprintf("refusal %q", ev.Text)
	case llm.ReasoningDelta:
		r := ev.Reasoning
		return at + fmt.Sprintf("%s #%d text=%q data=%q sig=%q id=%q %s", r.Type, r.Index, r.Text+r.Summary, r.Data, r.Signature, r.ID, r.Format)
	case llm.ToolStart:
		return at + fmt.Sprintf("tool #%d %s %s %s", ev.Tool.Index, ev.Tool.ID, ev.Tool.Name, ev.Text)
	case llm.ToolDelta:
		return at + fmt.Sprintf("args #%d %s", ev.Tool.Index, ev.Text)
	case llm.MediaDelta:
		return at + fmt.Sprintf("media %d %s%s%s%s", ev.Media.Kind, ev.Media.URL, ev.Media.AudioID, ev.Media.Data, ev.Media.Transcript)
	case llm.AnnotationDelta:
		return at + "annotation " + string(ev.Raw)
	case llm.LogprobsDelta:
		return at + "logprobs " + string(ev.Raw)
	case llm.Stop:
		return at + fmt.Sprintf("stop %s %s", ev.Finish, ev.Native)
	case llm.End:
		u := ev.Usage
		s := fmt.Sprintf("end %s in=%d read=%d out=%d think=%d %s", u.State, u.Input, u.CacheRead, u.Output, u.Reasoning, u.ServiceTier)
		for _, l := range ev.Losses {
			s += " lost " + l.Path
		}
		return s
	}
	return fmt.Sprintf("event %d", ev.Kind)
}

// framed is a stream of chunks; one that does not begin with a brace is a delta of choice 0.
func framed(chunks ...string) string {
	var b strings.Builder
	for _, c := range chunks {
		if !strings.HasPrefix(c, "{") && c != "[DONE]" {
			c = `{"id":"c1","model":"m","choices":[{"index":0,"delta":{` + c + `}}]}`
		}
		b.WriteString("data: " + c + "\n\n")
	}
	return b.String()
}

const (
	stopped   = `{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	calledFor = `{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`
	spent     = `{"id":"c1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4}}}`
	none      = "end missing in=0 read=0 out=0 think=0"
)

type eventCase struct {
	q     Quirks
	whole bool
	body  string
	want  []string
}

var eventCases = map[string]eventCase{
	"text, usage and tier": {body: ": note\n\n" + framed(`{"id":"","model":"","choices":[],"prompt_filter_results":[]}`, `"role":"assistant","content":""`, `"content":"Hi"`, stopped, `{"choices":[],"service_tier":"flex","usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}}`, "[DONE]"),
		want: []string{"start c1 m", `text "Hi"`, "stop stop stop", "end reported in=6 read=4 out=5 think=0 flex"}},
	"no id, no reason": {body: framed(`{"choices":[{"index":0,"delta":{"content":"x"}}]}`, "[DONE]"),
		want: []string{"start gen-1 a/b", `text "x"`, "stop stop", none}},
	"refusal, logprobs, annotations, audio, images": {body: framed(`"refusal":"no"`, `{"choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"a"}]}}]}`, `"annotations":[{"type":"url_citation"}]`, `"audio":{"id":"a","data":"QQ"}`, `"images":[{"type":"image_url","image_url":{"url":"u"}}]`, stopped, "[DONE]"),
		want: []string{"start c1 m", `refusal "no"`, `logprobs {"content":[{"token":"a"}]}`, `annotation {"type":"url_citation"}`, "media 2 aQQ", "media 1 u", "stop stop stop", none}},
	"reasoning in its many slots": {body: framed(`"reasoning_content":"a"`, `"reasoning":"b"`, `"reasoning":"c","reasoning_details":[{"type":"reasoning.text","text":"c","format":"anthropic-claude-v1","index":0}]`,
		`"reasoning_details":[{"type":"reasoning.text","signature":"S","format":"anthropic-claude-v1","index":0}]`, `"reasoning":"d","reasoning_details":[{"type":"reasoning.encrypted","data":"D","id":"rs","format":"openai-responses-v1","index":1}]`,
		`"content":[{"type":"thinking","thinking":[{"type":"text","text":"e"}]},{"type":"text","text":"f"},{"type":"reference","reference_ids":[1]}]`, stopped, "[DONE]"),
		want: []string{"start c1 m", `reasoning.text #0 text="a" data="" sig="" id="" unknown`, `reasoning.text #0 text="b" data="" sig="" id="" unknown`, `reasoning.text #0 text="c" data="" sig="" id="" anthropic-claude-v1`,
			`reasoning.text #0 text="" data="" sig="S" id="" anthropic-claude-v1`, `reasoning.text #0 text="d" data="" sig="" id="" unknown`, `reasoning.encrypted #1 text="" data="D" sig="" id="rs" openai-responses-v1`,
			`reasoning.text #0 text="e" data="" sig="" id="" unknown`, `text "f"`, "stop stop stop", none + "  lost choices.message.content.reference"}},
	"calls one after another are not kept back": {body: framed(`"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}}]`, `"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]`, `"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]`,
		`"tool_calls":[{"index":1,"id":"y","function":{"name":"g","arguments":"{"}}]`, `"tool_calls":[{"index":1,"function":{"arguments":"}"}}]`, calledFor, "[DONE]"),
		want: []string{"start c1 m", "tool #0 x f", `args #0 {"a":`, "args #0 1}", "tool #1 y g", "args #1 {", "args #1 }", "stop tool_calls tool_calls", none}},
	"calls in turns": {body: framed(`"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{"}},{"index":1,"id":"y","function":{"name":"g","arguments":""}}]`, `"tool_calls":[{"index":1,"function":{"arguments":"{\"b\""}}]`, `"content":"amid"`,
		`"tool_calls":[{"index":0,"function":{"arguments":"}"}},{"index":1,"function":{"arguments":":2"}}]`, `"tool_calls":[{"index":1,"function":{"arguments":"}"}}]`, `"content":"after"`, calledFor, "[DONE]"),
		want: []string{"start c1 m", "tool #0 x f", "args #0 {", "args #0 }", `text "amid"`, "tool #1 y g", `args #1 {"b":2`, "args #1 }", `text "after"`, "stop tool_calls tool_calls", none}},
	"a call without arguments holds until the end": {body: framed(`"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":""}},{"index":1,"id":"y","function":{"name":"g","arguments":"{}"}}]`, `"reasoning":"r"`, stopped, "[DONE]"),
		want: []string{"start c1 m", "tool #0 x f", `reasoning.text #0 text="r" data="" sig="" id="" unknown`, "tool #1 y g", "args #1 {}", "stop tool_calls stop", none}},
	"calls under one index": {body: framed(`"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}]`, `"tool_calls":[{"index":0,"id":"y","function":{"name":"f","arguments":"{}"}}]`, calledFor, "[DONE]"),
		want: []string{"start c1 m", "tool #0 x f", "args #0 {}", "tool #1 y f", "args #1 {}", "stop tool_calls tool_calls", none}},
	"calls without index, id or text": {body: framed(`"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]`, stopped, "[DONE]"),
		want: []string{"start c1 m", "tool #0 call_c1_0 f", `args #0 {"a":1}`, "stop tool_calls stop", none}},
	"a call that goes on after its end": {body: framed(`"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"y","function":{"name":"g","arguments":"{}"}}]`, `"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]`, "[DONE]"),
		want: []string{"start c1 m", "tool #0 x f", "args #0 {}", "tool #1 y g", "args #1 {}", "error 502 provider_unavailable"}},
	"a call without a name": {body: framed(`"tool_calls":[{"index":0,"id":"x","function":{"arguments":"{}"}}]`, calledFor, "[DONE]"),
		want: []string{"start c1 m", "error 502 provider_unavailable"}},
	"the first form of a call": {whole: true, body: `{"id":"c1","model":"m","choices":[{"message":{"content":null,"function_call":{"name":"f","arguments":"{}"}},"finish_reason":"function_call"}]}`,
		want: []string{"start c1 m", "tool #0 call_c1_0 f", "args #0 {}", "stop tool_calls function_call", none}},
	"empty members": {whole: true, body: `{"id":"","model":"m","choices":[{"message":{"content":"x","refusal":"","audio":{"data":"","expires_at":0,"id":"","transcript":""},"function_call":{"name":"","arguments":""},"tool_calls":null},"logprobs":{"content":null},"finish_reason":""}]}`,
		want: []string{"start gen-1 m", `text "x"`, "stop stop", none}},
	"a custom call": {whole: true, body: `{"id":"c1","model":"m","choices":[{"message":{"tool_calls":[{"id":"x","type":"custom","custom":{"name":"f","input":"free text"}}]},"finish_reason":"tool_calls"}]}`,
		want: []string{"start c1 m", "tool #0 x f", "args #0 free text", "stop tool_calls tool_calls", none}},
	"Google's signatures": {body: framed(`"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"S"}}}]`, calledFor, "[DONE]"),
		want: []string{"start c1 m", `reasoning.encrypted #0 text="" data="S" sig="" id="x" google-gemini-v1`, "tool #0 x f", "args #0 {}", "stop tool_calls tool_calls", none}},
	"two choices": {body: framed(`{"id":"c1","model":"m","choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"},"finish_reason":"length"}]}`, `{"choices":[{"index":1,"delta":{},"finish_reason":"stop","native_finish_reason":"end_turn"}]}`, "[DONE]"),
		want: []string{"start c1 m", `1: text "b"`, `text "a"`, "stop length length", "1: stop stop end_turn", none}},
	"a chunk beside the usage after the reason": {body: framed(`"content":"x"`, stopped, `{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`, "[DONE]"),
		want: []string{"start c1 m", `text "x"`, "stop stop stop", "end reported in=1 read=0 out=1 think=0"}},
	"Perplexity": {q: Quirks{Done: DoneNever}, body: framed(`{"id":"c1","model":"m","citations":["https://a"],"search_results":[{"url":"https://a","title":"A"}],"usage":{"prompt_tokens":1,"completion_tokens":1},"choices":[{"index":0,"delta":{"content":"x"},"message":{"content":"x"},"finish_reason":"stop"}]}`),
		want: []string{"start c1 m", `text "x"`, `annotation {"type":"url_citation","url_citation":{"url":"https://a","title":"A"}}`, "stop stop stop", "end reported in=1 read=0 out=1 think=0"}},
	"both delta and message in a whole answer": {whole: true, body: ` {"id":"c1","model":"m","usage":{"prompt_tokens":1,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":3},"total_tokens":6},"choices":[{"message":{"content":"x"},"delta":{"content":""},"finish_reason":"stop"}]}`,
		want: []string{"start c1 m", `text "x"`, "stop stop stop", "end reported in=1 read=0 out=2 think=3"}},
	"Groq's usage": {body: framed(`"content":"x"`, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":4}}}`), want: []string{"start c1 m", `text "x"`, "stop stop stop", "end reported in=3 read=0 out=4 think=0"}},
	"several answers, one after the other": {q: Quirks{Done: DoneAlways}, body: framed(`"content":"x"`, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`, `"content":"y"`, `{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":2}}`, "[DONE]"),
		want: []string{"start c1 m", `text "x"`, "stop stop stop", "end reported in=2 read=0 out=2 think=0  lost choices[0].delta"}},
	"a stream as one body":    {body: `{"id":"c1","model":"m","choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}`, want: []string{"error 502 provider_unavailable"}},
	"an error amid":           {body: framed(`"content":"x"`, `{"error":{"message":"busy","code":429}}`), want: []string{"start c1 m", `text "x"`, "error 429 rate_limit_exceeded"}},
	"an error as reason":      {body: framed(`"content":"x"`, `{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}`), want: []string{"start c1 m", `text "x"`, "error 502 provider_unavailable"}},
	"no answer":               {body: framed("[DONE]"), want: []string{"error 502 provider_unavailable"}},
	"no choices":              {whole: true, body: `{"id":"c1"}`, want: []string{"error 502 provider_unavailable"}},
	"not JSON":                {body: "data: {\n\n", want: []string{"error 502 provider_unavailable"}},
	"not an object":           {body: "data: []\n\n", want: []string{"error 502 provider_unavailable"}},
	"a choice that is a word": {body: framed(`{"choices":["stop"]}`), want: []string{"start gen-1 a/b", "error 502 provider_unavailable"}},
	"a wild index":            {body: framed(`{"choices":[{"index":4096,"delta":{}}]}`), want: []string{"start gen-1 a/b", "error 502 provider_unavailable"}},
}

func TestEvents(t *testing.T) {
	for name, c := range eventCases {
		t.Run(name, func(t *testing.T) {
			if got := trace(c.q, !c.whole, strings.NewReader(c.body)); !slices.Equal(got, c.want) {
				t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
		})
	}
}

// TestEventsCut cuts every stream at every byte: what is left is never whole.
func TestEventsCut(t *testing.T) {
	for name, c := range eventCases {
		if c.q.Done == DoneNever || name == "Groq's usage" { // ends with its usage, not with a mark
			continue
		}
		end := len(strings.TrimRight(c.body, "\n"))
		for at := range end {
			got := trace(c.q, !c.whole, strings.NewReader(c.body[:at]))
			last := ""
			if len(got) > 0 {
				last = got[len(got)-1]
			}
			if !strings.HasPrefix(last, "error ") && !(c.q.Done == DoneUnknown && strings.Contains(c.body[:at], `"usage":{`) && strings.HasPrefix(last, "end reported")) {
				t.Fatalf("%s cut at %d of %d ends in %q", name, at, end, last)
			}
		}
	}
}

// TestEventsStop checks that a consumer may stop at any event.
func TestEventsStop(t *testing.T) {
	for name, c := range eventCases {
		for n := range len(c.want) {
			seen := 0
			for range (&Adapter{Quirks: c.q}).Events(&llm.Request{From: llm.Gemini}, dialect.Reply{Status: 200, Body: strings.NewReader(c.body), Stream: !c.whole}) {
				if seen++; seen > n {
					break
				}
			}
			if seen != n+1 {
				t.Errorf("%s: %d events of %d", name, seen, len(c.want))
			}
		}
	}
}

// TestToolLoop sends an answer home: what a client of another dialect got comes back to
// OpenRouter byte for byte.
func TestToolLoop(t *testing.T) {
	body := framed(`"reasoning":"why","reasoning_details":[{"type":"reasoning.text","text":"why","format":"anthropic-claude-v1","index":0}]`,
		`"reasoning_details":[{"type":"reasoning.text","text":"","signature":"S==","format":"anthropic-claude-v1","index":0}]`,
		`"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{\"a\":1}"}}]`, calledFor, "[DONE]")
	turn := by(llm.Assistant)
	var d llm.ReasoningDetail
	for ev, err := range (&Adapter{}).Events(&llm.Request{From: llm.Anthropic}, dialect.Reply{Body: strings.NewReader(body), Stream: true}) {
		if err != nil {
			t.Fatal(err)
		}
		switch ev.Kind {
		case llm.ReasoningDelta:
			d.Type, d.Format = ev.Reasoning.Type, ev.Reasoning.Format
			d.Text += ev.Reasoning.Text
			d.Signature += ev.Reasoning.Signature
		case llm.ToolStart:
			turn.Parts = append(turn.Parts, thought(d), invoke(ev.Tool.ID, ev.Tool.Name, ""))
		case llm.ToolDelta:
			turn.Parts[len(turn.Parts)-1].Call.Args += ev.Text
		}
	}
	runCompose(t, map[string]composeCase{"home": {q: Quirks{NativeReasoning: true},
		conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q")), turn, outcome("x", textPart("1"))}},
		want: `"messages":[{"role":"user","content":"q"},{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"why","signature":"S==","format":"anthropic-claude-v1","index":0}],"content":null,` +
			`"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"x","content":"1"}]`}})
}
