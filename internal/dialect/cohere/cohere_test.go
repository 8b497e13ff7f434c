package cohere

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	const said = `"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]`
	thinks := dialect.Target{Reasoning: dialect.ReasoningStyle{Budget: true}, MaxOutput: 1000}
	for name, c := range map[string]struct {
		body, want string
		lost       []string
		to         dialect.Target
	}{
		"plain": {body: `{"model":"m",` + hi + `}`, want: `{"model":"up","stream":false,` + said + `}`},
		"numbers": {body: `{"model":"m",` + hi + `,"stream":true,"temperature":0.5,"top_p":0.9,"top_k":4,"seed":7,"stop":"x","max_tokens":9,"frequency_penalty":1,"n":2,"min_p":0.1,"safety_mode":"OFF"}`,
			want: `{"model":"up","stream":true,` + said + `,"max_tokens":9,"temperature":0.5,"p":0.9,"k":4,"seed":7,"frequency_penalty":1,"stop_sequences":["x"],"safety_mode":"OFF"}`, lost: []string{"min_p", "n"}},
		"credit":    {body: `{"model":"m",` + hi + `}`, to: dialect.Target{Clamp: 5}, want: `{"model":"up","stream":false,` + said + `,"max_tokens":5}`},
		"schema":    {body: `{"model":"m",` + hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}`, want: `{"model":"up","stream":false,` + said + `,"response_format":{"type":"json_object","json_schema":{"type":"object"}}}`},
		"reasoning": {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"medium"}}`, to: thinks, want: `{"model":"up","stream":false,` + said + `,"thinking":{"type":"enabled","token_budget":500}}`},
		"reasoning within credit": {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"medium"}}`, to: dialect.Target{Reasoning: dialect.ReasoningStyle{Budget: true}, MaxOutput: 1000, Clamp: 100},
			want: `{"model":"up","stream":false,` + said + `,"max_tokens":100,"thinking":{"type":"enabled","token_budget":50}}`},
		"a budget over the limit": {body: `{"model":"m",` + hi + `,"max_tokens":100,"reasoning":{"max_tokens":500}}`, to: thinks,
			want: `{"model":"up","stream":false,` + said + `,"max_tokens":100,"thinking":{"type":"enabled","token_budget":100}}`},
		"marks inside a result": {body: `{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"},"zq":1}]},{"role":"tool","tool_call_id":"","content":[{"type":"text","text":"ok","cache_control":{"type":"ephemeral"},"zq":1}]}]}`,
			want: `{"model":"up","stream":false,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"","content":[{"type":"text","text":"ok"}]}]}`,
			lost: []string{"messages[1].tool_calls[0].zq", "messages[2].content[0].cache_control", "messages[2].content[0].zq"}},
		"images in results": {body: `{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},` +
			`{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"https://a.example/x.png"}}]},{"role":"tool","tool_call_id":"b","content":"ok"},{"role":"user","content":"so?"}]}`,
			want: `{"model":"up","stream":false,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},` +
				`{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"see"}]},{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"ok"}]},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/x.png"}}]},{"role":"user","content":[{"type":"text","text":"so?"}]}]}`,
			lost: []string{"messages[2].content[1]"}},
		"no reasoning": {body: `{"model":"m",` + hi + `,"reasoning":{"enabled":false}}`, to: thinks, want: `{"model":"up","stream":false,` + said + `,"thinking":{"type":"disabled"}}`},
		"tools": {body: `{"model":"m",` + hi + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":true}}],"tool_choice":{"type":"function","function":{"name":"f"}}}`,
			want: `{"model":"up","stream":false,` + said + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"strict_tools":true,"tool_choice":"REQUIRED"}`, lost: []string{"tool_choice"}},
		"turns": {body: `{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/x.png"}},{"type":"file","file":{"file_data":"x"}}]},{"role":"assistant","content":"I will look","reasoning":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"ok"}]}`,
			want: `{"model":"up","stream":false,"messages":[{"role":"system","content":[{"type":"text","text":"s"}]},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/x.png"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"hm"}],"tool_plan":"I will look","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"ok"}]}]}`,
			lost: []string{"messages[1].content[1]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := openaichat.Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			to := c.to
			to.Model = "up"
			call, losses, err := Adapter{}.EncodeRequest(req, to)
			if err != nil {
				t.Fatal(err)
			}
			var lost []string
			for _, l := range losses {
				lost = append(lost, l.Path)
			}
			slices.Sort(lost)
			if got := string(bytes.Join(call.Body, nil)); got != c.want || !rawjson.Valid([]byte(got)) || call.Path != "/v2/chat" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if !slices.Equal(lost, c.lost) {
				t.Errorf("lost %v, want %v", lost, c.lost)
			}
		})
	}
}

// trace reads an answer into words.
func trace(body string, stream bool) (out []string) {
	r := dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: stream}
	for ev, err := range (Adapter{}).Events(nil, r) {
		switch {
		case err != nil:
			return append(out, "error "+fault.As(err).ErrorType())
		case ev.Kind == llm.TextDelta:
			out = append(out, "text "+ev.Text)
		case ev.Kind == llm.ReasoningDelta:
			out = append(out, "thought "+ev.Reasoning.Text)
		case ev.Kind == llm.ToolStart:
			out = append(out, fmt.Sprintf("call %d %s %s %s", ev.Tool.Index, ev.Tool.ID, ev.Tool.Name, ev.Text))
		case ev.Kind == llm.ToolDelta:
			out = append(out, fmt.Sprintf("args %d %s", ev.Tool.Index, ev.Text))
		case ev.Kind == llm.AnnotationDelta:
			out = append(out, "cite "+string(ev.Raw))
		case ev.Kind == llm.Stop:
			out = append(out, "stop "+string(ev.Finish)+" "+ev.Native)
		case ev.Kind == llm.End:
			out = append(out, fmt.Sprintf("end %s %d %d", ev.Usage.State, ev.Usage.Input, ev.Usage.Output))
		}
	}
	return out
}

func events(list ...string) string {
	var b strings.Builder
	for _, e := range list {
		name, rest, _ := strings.Cut(e, " ")
		fmt.Fprintf(&b, "event: %s\ndata: {\"type\":\"%s\"%s}\n\n", name, name, rest)
	}
	return b.String()
}

const usage = `"usage":{"billed_units":{"input_tokens":7,"output_tokens":22},"tokens":{"input_tokens":502,"output_tokens":26},"cached_tokens":464}`

var stream = events(`message-start ,"id":"i","delta":{"message":{"role":"assistant"}}`,
	`content-start ,"index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}`,
	`content-delta ,"index":0,"delta":{"message":{"content":{"thinking":"hm"}}}`, `content-end ,"index":0`,
	`tool-plan-delta ,"delta":{"message":{"tool_plan":"I look"}}`,
	`tool-call-start ,"index":0,"delta":{"message":{"tool_calls":{"id":"c","type":"function","function":{"name":"f","arguments":""}}}}`,
	`tool-call-delta ,"index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"a\""}}}}`,
	`tool-call-start ,"index":1,"delta":{"message":{"tool_calls":{"id":"d","type":"function","function":{"name":"g","arguments":""}}}}`,
	`tool-call-delta ,"index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":":1}"}}}}`,
	`tool-call-delta ,"index":1,"delta":{"message":{"tool_calls":{"function":{"arguments":"null"}}}}`, `tool-call-end ,"index":0`,
	`message-end ,"delta":{"finish_reason":"TOOL_CALL",`+usage+`}`)

func TestEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string
		stream bool
		want   []string
	}{
		"stream": {stream, true, []string{"thought hm", "text I look", "call 0 c f ", `args 0 {"a"`, "call 1 d g ", "args 0 :1}", "args 1 {}", "stop tool_calls TOOL_CALL", "end reported 7 22"}},
		"null inside arguments": {events(`tool-call-start ,"index":0,"delta":{"message":{"tool_calls":{"id":"c","function":{"name":"f","arguments":""}}}}`, `tool-call-delta ,"index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"a\":"}}}}`,
			`tool-call-delta ,"index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":" null"}}}}`, `tool-call-delta ,"index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"}"}}}}`, `message-end ,"delta":{"finish_reason":"TOOL_CALL"}`), true,
			[]string{"call 0 c f ", `args 0 {"a":`, "args 0  null", "args 0 }", "stop tool_calls TOOL_CALL", "end missing 0 0"}},
		"cited": {events(`content-delta ,"index":0,"delta":{"message":{"content":{"text":"Ruby"}}}`, `citation-start ,"index":0,"delta":{"message":{"citations":{"start":0,"end":4,"text":"Ruby","sources":[{"type":"document","id":"d","document":{"title":"T","url":"u"}}]}}}`, `message-end ,"delta":{"finish_reason":"MAX_TOKENS","usage":{"tokens":{"input_tokens":5.0,"output_tokens":1}}}`), true,
			[]string{"text Ruby", `cite {"type":"url_citation","url_citation":{"url":"u","title":"T","content":"Ruby","start_index":0,"end_index":4}}`, "stop length MAX_TOKENS", "end reported 5 1"}},
		"whole": {`{"id":"i","message":{"role":"assistant","tool_plan":"p","content":[{"type":"text","text":"hi"}],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"null"}}]},"finish_reason":"TOOL_CALL",` + usage + `}`, false,
			[]string{"text p", "text hi", "call 0 c f {}", "stop tool_calls TOOL_CALL", "end reported 7 22"}},
		"failed after words": {events(`tool-plan-delta ,"delta":{"message":{"tool_plan":"I"}}`, `message-end ,"delta":{"finish_reason":"ERROR","usage":{},"error":"no","error_type":"INVALID_TOOL_GENERATION"}`), true, []string{"text I", "stop error INVALID_TOOL_GENERATION", "end missing 0 0"}},
		"failed before":      {events(`message-end ,"delta":{"finish_reason":"ERROR","usage":{},"error":"no"}`), true, []string{"error provider_unavailable"}},
		"no end":             {events(`message-start ,"id":"i"`), true, []string{"error provider_unavailable"}},
		"no reason":          {`{"message":{"content":[]}}`, false, []string{"error provider_unavailable"}},
		"an error in a 200":  {`{"id":"i","message":"internal"}`, false, []string{"error provider_unavailable"}},
		"no JSON":            {"<html>", false, []string{"error provider_unavailable"}},
	} {
		if got := trace(c.body, c.stream); !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

func TestCutEverywhere(t *testing.T) {
	t.Parallel()
	for n := range len(stream) - 2 { // its last event needs no blank line
		got := trace(stream[:n], true)
		if last := got[len(got)-1]; last != "error provider_unavailable" {
			t.Fatalf("cut at %d of %d: %q", n, len(stream), got)
		}
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		kind   fault.Kind
	}{
		{401, `{"message":"invalid api token"}`, fault.Credential}, {404, `{"message":"model 'x' was removed on September 15, 2025"}`, fault.Refused},
		{429, `{"message":"slow down"}`, fault.Overloaded}, {500, `{"message":"m"}`, fault.Broken}, {400, `{"message":"too many tokens: 9","error_type":"TOO_MANY_TOKENS"}`, fault.TooLong},
		{422, `{"message":"invalid tool generation"}`, fault.Refused}, {504, "", fault.TimedOut},
	} {
		if e := (Adapter{}).Failure(c.status, nil, []byte(c.body)); e.Kind != c.kind {
			t.Errorf("%d %s: %v", c.status, c.body, e)
		}
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(stream), true)
	f.Add([]byte(`{"message":{"content":[{"type":"text","text":"hi"}]},"finish_reason":"COMPLETE"}`), false)
	f.Fuzz(func(t *testing.T, body []byte, stream bool) {
		got := trace(string(body), stream)
		if len(got) == 0 || !strings.HasPrefix(got[len(got)-1], "end ") && !strings.HasPrefix(got[len(got)-1], "error ") {
			t.Fatalf("%q", got)
		}
	})
}

// long is a stream of n increments.
func long(n int) string {
	delta := events(`content-delta ,"index":0,"delta":{"message":{"content":{"text":" and that is the answer."}}}`)
	return strings.Repeat(delta, n) + events(`message-end ,"delta":{"finish_reason":"COMPLETE",`+usage+`}`)
}

func readAll(tb testing.TB, body string) {
	for _, err := range (Adapter{}).Events(nil, dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: true}) {
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestAllocations: an increment allocates its text and nothing else.
func TestAllocations(t *testing.T) {
	few, many := long(100), long(1100)
	n := testing.AllocsPerRun(20, func() { readAll(t, many) }) - testing.AllocsPerRun(20, func() { readAll(t, few) })
	if n /= 1000; n > 1.1 {
		t.Errorf("%.2f allocations an increment, at most 1.1 wanted", n)
	}
}

// BenchmarkEvents reads a stream of 200 increments.
func BenchmarkEvents(b *testing.B) {
	body := long(200)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		readAll(b, body)
	}
}
