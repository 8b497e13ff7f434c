package ollama

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func asked(t testing.TB, body string) *llm.Request {
	t.Helper()
	req, err := openaichat.Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestRequests(t *testing.T) {
	t.Parallel()
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	const said = `"messages":[{"role":"user","content":"hi"}]`
	thinks := dialect.ReasoningStyle{Effort: true}
	for name, c := range map[string]struct {
		body, want string
		lost       []string
		to         dialect.Target
	}{
		"plain":          {body: `{"model":"m",` + hi + `}`, want: `{"model":"up","stream":false,` + said + `}`},
		"options":        {body: `{"model":"m",` + hi + `,"stream":true,"temperature":0.5,"top_p":0.9,"top_k":4,"min_p":0.1,"seed":7,"stop":["x"],"max_tokens":9,"frequency_penalty":1,"n":2,"logit_bias":{}}`, want: `{"model":"up","stream":true,` + said + `,"options":{"temperature":0.5,"top_p":0.9,"min_p":0.1,"frequency_penalty":1,"top_k":4,"seed":7,"num_predict":9,"stop":["x"]}}`, lost: []string{"logit_bias", "n"}},
		"credit":         {body: `{"model":"m",` + hi + `}`, to: dialect.Target{Clamp: 5}, want: `{"model":"up","stream":false,` + said + `,"options":{"num_predict":5}}`},
		"schema":         {body: `{"model":"m",` + hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}`, want: `{"model":"up","stream":false,` + said + `,"format":{"type":"object"}}`},
		"json":           {body: `{"model":"m",` + hi + `,"response_format":{"type":"json_object"}}`, want: `{"model":"up","stream":false,` + said + `,"format":"json"}`},
		"think":          {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"high"}}`, to: dialect.Target{Reasoning: thinks}, want: `{"model":"up","stream":false,` + said + `,"think":"high"}`},
		"more than high": {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"xhigh"}}`, to: dialect.Target{Reasoning: thinks}, want: `{"model":"up","stream":false,` + said + `,"think":"high"}`, lost: []string{"reasoning.effort"}},
		"less than low":  {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"minimal"}}`, to: dialect.Target{Reasoning: thinks}, want: `{"model":"up","stream":false,` + said + `,"think":"low"}`, lost: []string{"reasoning.effort"}},
		"on or off":      {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"low"}}`, to: dialect.Target{Reasoning: dialect.ReasoningStyle{Adaptive: true}}, want: `{"model":"up","stream":false,` + said + `,"think":true}`, lost: []string{"reasoning.effort"}},
		"a budget":       {body: `{"model":"m",` + hi + `,"reasoning":{"max_tokens":2000}}`, to: dialect.Target{Reasoning: thinks}, want: `{"model":"up","stream":false,` + said + `,"think":true}`, lost: []string{"reasoning.max_tokens"}},
		"arguments": {body: `{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"[1]"}},{"id":"d","type":"function","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"d","content":"D"},{"role":"tool","tool_call_id":"c","content":"C"}]}`,
			want: `{"model":"up","stream":false,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"arguments":"[1]"}}},{"id":"d","function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"D","tool_name":"f","tool_call_id":"d"},{"role":"tool","content":"C","tool_name":"f","tool_call_id":"c"}]}`,
			lost: []string{"messages[1].tool_calls[0]"}},
		"no think": {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"none"}}`, to: dialect.Target{Reasoning: thinks}, want: `{"model":"up","stream":false,` + said + `,"think":false}`},
		"cannot":   {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"high"}}`, want: `{"model":"up","stream":false,` + said + `}`, lost: []string{"reasoning"}},
		"tools": {body: `{"model":"m",` + hi + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":"required"}`,
			want: `{"model":"up","stream":false,` + said + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}`, lost: []string{"tool_choice"}},
		"turns": {body: `{"model":"m","messages":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}},{"type":"input_audio","input_audio":{"data":"x","format":"wav"}}]},{"role":"assistant","content":"so","reasoning":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c","content":"ok"}]}`,
			want: `{"model":"up","stream":false,"messages":[{"role":"system","content":"d"},{"role":"user","content":"see","images":["aGk="]},{"role":"assistant","content":"so","thinking":"hm","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","content":"ok","tool_name":"f","tool_call_id":"c"}]}`,
			lost: []string{"messages[1].content[2]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := c.to
			to.Model = "up"
			call, losses, err := Adapter{}.EncodeRequest(asked(t, c.body), to)
			if err != nil {
				t.Fatal(err)
			}
			var lost []string
			for _, l := range losses {
				lost = append(lost, l.Path)
			}
			slices.Sort(lost)
			if got := string(bytes.Join(call.Body, nil)); got != c.want || !rawjson.Valid([]byte(got)) || call.Path != "/api/chat" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if !slices.Equal(lost, c.lost) {
				t.Errorf("lost %v, want %v", lost, c.lost)
			}
		})
	}
}

func TestImagesByURLAreWanted(t *testing.T) {
	t.Parallel()
	req := asked(t, `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/x"}}]}]}`)
	_, _, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "up"})
	if w, ok := errors.AsType[*dialect.Wants](err); !ok || len(w.URLs) != 1 {
		t.Fatalf("%v", err)
	}
	req.Fetched = map[string]*llm.Media{"https://a.example/x": {Data: "aGk="}}
	call, _, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "up"})
	if err != nil || !bytes.Contains(call.Body[0], []byte(`"images":["aGk="]`)) {
		t.Errorf("%s %v", call.Body, err)
	}
}

// trace reads an answer into words.
func trace(body string, stream bool) (out []string) {
	r := dialect.Reply{Status: 200, Body: iotest.HalfReader(strings.NewReader(body)), Stream: stream, ID: "r"}
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
		case ev.Kind == llm.Stop:
			out = append(out, "stop "+string(ev.Finish)+" "+ev.Native)
		case ev.Kind == llm.End:
			out = append(out, fmt.Sprintf("end %s %d %d", ev.Usage.State, ev.Usage.Input, ev.Usage.Output))
		}
	}
	return out
}

const stream = `{"model":"q","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}
{"model":"q","message":{"role":"assistant","content":"so"},"done":false}

{"model":"q","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}},{"id":"c9","function":{"name":"g","arguments":{}}}]},"done":false}
{"model":"q","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":5}
`

func TestEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string
		stream bool
		want   []string
	}{
		"stream":   {stream, true, []string{"thought hm", "text so", `call 0 call_r_0 f {"a":1}`, "call 1 c9 g {}", "stop tool_calls stop", "end reported 11 5"}},
		"whole":    {"{\n\"message\":{\"content\":\"hi\"},\n\"done\":true,\"done_reason\":\"length\",\"eval_count\":3}", false, []string{"text hi", "stop length length", "end reported 0 3"}},
		"unloaded": {`{"message":{"content":"hi"},"done":true,"done_reason":"stop"}`, false, []string{"text hi", "stop stop stop", "end missing 0 0"}},
		"error":    {`{"message":{"content":"hi"},"done":false}` + "\n" + `{"error":"out of memory"}` + "\n", true, []string{"text hi", "error provider_unavailable"}},
		"too long": {`{"error":"the prompt exceeds the context length"}`, true, []string{"error context_length_exceeded"}},
		"no done":  {`{"message":{"content":"hi"},"done":false}`, false, []string{"text hi", "error provider_unavailable"}},
		"no JSON":  {"<html>", true, []string{"error provider_unavailable"}},
		"nothing":  {"", true, []string{"error provider_unavailable"}},
		"no lines": {`{"x":1}` + "\n", true, []string{"error provider_unavailable"}},
	} {
		if got := trace(c.body, c.stream); !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

func TestCutEverywhere(t *testing.T) {
	t.Parallel()
	for n := range len(stream) - 1 { // its last line needs no end
		got := trace(stream[:n], true)
		if last := got[len(got)-1]; last != "error provider_unavailable" {
			t.Fatalf("cut at %d: %q", n, got)
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
		{404, `{"error":"model 'x' not found"}`, fault.Refused}, {400, `{"error":"\"m\" does not support thinking"}`, fault.Refused},
		{500, `{"error":"llama runner process has terminated"}`, fault.Broken}, {503, "", fault.Overloaded}, {401, `{}`, fault.Credential},
		{400, `{"error":"input exceeds the context length"}`, fault.TooLong},
	} {
		if e := (Adapter{}).Failure(c.status, nil, []byte(c.body)); e.Kind != c.kind {
			t.Errorf("%d %s: %v", c.status, c.body, e)
		}
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(stream), true)
	f.Add([]byte(`{"message":{"content":"hi"},"done":true}`), false)
	f.Fuzz(func(t *testing.T, body []byte, stream bool) {
		got := trace(string(body), stream)
		if len(got) == 0 || !strings.HasPrefix(got[len(got)-1], "end ") && !strings.HasPrefix(got[len(got)-1], "error ") {
			t.Fatalf("%q", got)
		}
	})
}

// long is a stream of n increments.
func long(n int) string {
	return strings.Repeat(`{"model":"q","message":{"role":"assistant","content":"word "},"done":false}`+"\n", n) + stream
}

func readAll(tb testing.TB, body string) {
	for _, err := range (Adapter{}).Events(nil, dialect.Reply{Body: strings.NewReader(body), Stream: true}) {
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
