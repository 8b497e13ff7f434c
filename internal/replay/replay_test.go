package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exchangeJSON builds a recording file around an answer.
func exchangeJSON(t *testing.T, api string, request any, response map[string]any) *Exchange {
	t.Helper()
	_, stream := response["sse"]
	if _, ok := response["status"]; !ok {
		response["status"] = 200
	}
	file := map[string]any{"api": api, "model": "m", "stream": stream, "request": nil, "response": response}
	if request != nil {
		file["request"] = map[string]any{"body": request}
	}
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	x.Path = t.Name()
	return x
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

func sse(lines ...string) map[string]any {
	return map[string]any{"sse": "data: " + strings.Join(lines, "\n\ndata: ") + "\n\n"}
}

func openAIStream(t *testing.T) *Exchange {
	return exchangeJSON(t, "openai.chat", raw(`{"model":"gpt", "stream":true,"messages":[{"role":"user","content":"hé"}]}`), sse(
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}`,
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{"content":"Grüße 🌍"},"finish_reason":null}],"usage":null}`,
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}],"usage":null}`,
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]},"finish_reason":null}],"usage":null}`,
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null}`,
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}`,
		`[DONE]`))
}

func anthropicStream(t *testing.T) *Exchange {
	return exchangeJSON(t, "anthropic.messages", nil, sse(
		`{"type":"message_start","message":{"usage":{"input_tokens":4,"cache_read_input_tokens":100,"cache_creation_input_tokens":10,"output_tokens":1}}}`,
		`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`,
		`{"type":"ping"}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}`,
		`{"type":"content_block_stop","index":1}`,
		`{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"now","input":{}}}`,
		`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}`,
		`{"type":"content_block_stop","index":2}`,
		`{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"input_tokens":6,"output_tokens":20}}`,
		`{"type":"message_stop"}`))
}

func geminiStream(t *testing.T) *Exchange {
	return exchangeJSON(t, "gemini.streamGenerateContent", nil, map[string]any{"sse": strings.ReplaceAll(strings.Join([]string{
		`data: {"candidates":[{"content":{"parts":[{"text":"think","thought":true}]}}],"usageMetadata":{"promptTokenCount":7}}`,
		`data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}}]}}]}`,
		`data: {"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a.b","stringValue":"Bos","willContinue":true}],"willContinue":true}}]}}]}`,
		`data: {"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a.b","stringValue":"ton"},{"jsonPath":"$.n[1]","numberValue":2}],"willContinue":true}}]}}]}`,
		`data: {"candidates":[{"content":{"parts":[{"functionCall":{}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3,"thoughtsTokenCount":11,"toolUsePromptTokenCount":2,"cachedContentTokenCount":5}}`,
	}, "\n\n")+"\n\n", "\n", "\r\n")})
}

func TestExpectReadsEachWire(t *testing.T) {
	tests := []struct {
		x         *Exchange
		finish    string
		reasoning string
		args      string
		usage     Usage
	}{
		{openAIStream(t), "tool_calls", "", `{"a":1}`, Usage{9, 5, 14, 4, 0, 2}},
		{anthropicStream(t), "tool_calls", "hm", "", Usage{116, 20, 136, 100, 10, 0}},
		{geminiStream(t), "tool_calls", "think", `{"a":{"b":"Boston"},"n":[null,2]}`, Usage{9, 14, 23, 5, 0, 11}},
	}
	for _, tt := range tests {
		r := Expect(tt.x)
		if !r.Whole || r.Failure != nil || len(r.Choices) != 1 || len(r.Choices[0].Tools) != 1 {
			t.Fatalf("%s: %+v", tt.x.API, r)
		}
		c := r.Choices[0]
		if c.Finish != tt.finish || c.Reasoning != tt.reasoning || !sameJSON(c.Tools[0].Arguments, tt.args) {
			t.Errorf("%s: %+v, call %+v", tt.x.API, c, c.Tools[0])
		}
		if *r.Usage != tt.usage {
			t.Errorf("%s: usage %+v, want %+v", tt.x.API, *r.Usage, tt.usage)
		}
	}
}

func TestUsageCountsEveryTokenOnce(t *testing.T) {
	body := func(usage string) map[string]any {
		return map[string]any{"body": raw(`{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],` + usage + `}`)}
	}
	tests := []struct {
		api, usage string
		want       Usage
	}{
		{"xai.chat", `"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":18,"completion_tokens_details":{"reasoning_tokens":3}}`, Usage{10, 8, 18, 0, 0, 3}},
		{"gemini.chat", `"usage":{"prompt_tokens":35,"completion_tokens":12,"total_tokens":109}`, Usage{35, 74, 109, 0, 0, 62}},
		{"openai.chat", `"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":3}}`, Usage{10, 5, 15, 0, 0, 3}},
		{"groq.chat", `"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`, Usage{1, 2, 3, 0, 0, 0}},
		{"deepseek.chat", `"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_cache_hit_tokens":4}`, Usage{9, 2, 11, 4, 0, 0}},
		{"moonshotai.chat", `"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"cached_tokens":5}`, Usage{9, 2, 11, 5, 0, 0}},
	}
	for _, tt := range tests {
		r := Expect(exchangeJSON(t, tt.api, nil, body(tt.usage)))
		if r.Usage == nil || *r.Usage != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.api, r.Usage, tt.want)
		}
	}
}

func TestFailuresNeverBlameTheClientForTheCredential(t *testing.T) {
	tests := []struct {
		status int
		body   string
		want   int
		kind   string
	}{
		{401, `{"error":{"message":"Incorrect API key"}}`, 502, "provider_unavailable"},
		{400, `{"error":{"message":"x","details":[{"reason":"API_KEY_INVALID"}]}}`, 502, "provider_unavailable"},
		{429, `{"error":{"message":"slow down"}}`, 429, "rate_limit_exceeded"},
		{529, `{"error":{"type":"overloaded_error","message":"x"}}`, 503, "provider_overloaded"},
		{400, `{"error":{"message":"prompt is too long: 3 tokens > 2 maximum"}}`, 400, "context_length_exceeded"},
		{404, `{"error":{"message":"no such model"}}`, 404, "not_found"},
		{503, `<html>`, 503, "provider_overloaded"},
	}
	for _, tt := range tests {
		f := upstreamFailure(tt.status, []byte(tt.body))
		if !slices.Contains(f.Statuses, tt.want) || !slices.Contains(f.Types, tt.kind) || slices.Contains(f.Statuses, 401) {
			t.Errorf("%d %s: %+v", tt.status, tt.body, f)
		}
	}
}

func all(t *testing.T) []*Exchange {
	return []*Exchange{
		openAIStream(t), anthropicStream(t), geminiStream(t),
		exchangeJSON(t, "anthropic.messages", raw(`{"max_tokens":9,"system":"s","messages":[{"role":"user","content":[{"type":"text","text":"q"}]}]}`),
			map[string]any{"body": raw(`{"type":"message","content":[{"type":"text","text":"A"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}`)}),
		exchangeJSON(t, "openai.chat", raw(`{"messages":[]}`), map[string]any{"status": 429, "body": raw(`{"error":{"message":"slow"}}`)}),
		exchangeJSON(t, "gemini.generateContent", nil, map[string]any{"body": raw(`{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}`)}),
	}
}

func TestRunFindsAnHonestGatewayEqual(t *testing.T) {
	xs := all(t)
	for _, o := range newRunner(t, &fakeGateway{}, xs).Run(context.Background(), xs, false) {
		if !o.Equal() || o.Calls != 1 {
			t.Errorf("%s: %d calls, %v", o.API, o.Calls, o.Diffs)
		}
	}
}

func TestRunFindsEveryLie(t *testing.T) {
	lies := map[string]func(r *Result){
		"text":             func(r *Result) { r.Choices[0].Text += "." },
		"reasoning":        func(r *Result) { r.Choices[0].Reasoning += "." },
		"tool.id":          func(r *Result) { r.Choices[0].Tools[0].ID = "other" },
		"tool.name":        func(r *Result) { r.Choices[0].Tools[0].Name = "g" },
		"tool.arguments":   func(r *Result) { r.Choices[0].Tools[0].Arguments = `{"z":0}` },
		"tools":            func(r *Result) { r.Choices[0].Tools = nil },
		"images":           func(r *Result) { r.Choices[0].Images++ },
		"finish_reason":    func(r *Result) { r.Choices[0].Finish = "length" },
		"choices":          func(r *Result) { r.choice(1) },
		"usage.prompt":     func(r *Result) { r.Usage.Prompt++ },
		"usage.completion": func(r *Result) { r.Usage.Completion-- },
		"usage.cache_read": func(r *Result) { r.Usage.CacheRead = 0 },
		"usage.reasoning":  func(r *Result) { r.Usage.Reasoning++ },
		"shape":            func(r *Result) { r.Choices[0].Finish = "eos" },
	}
	xs := []*Exchange{openAIStream(t), anthropicStream(t), geminiStream(t)}
	for field, lie := range lies {
		for _, o := range newRunner(t, &fakeGateway{spoil: lie}, xs).Run(context.Background(), xs, false) {
			if field == "tool.id" && o.API == "gemini.streamGenerateContent" {
				continue // it gives none: any will do
			}
			if !slices.ContainsFunc(o.Diffs, func(d Diff) bool { return d.Field == field }) {
				t.Errorf("%s: a lie about %s went unseen: %v", o.API, field, o.Diffs)
			}
		}
	}
}

func TestObserveIsStrict(t *testing.T) {
	const ok = `{"id":"g","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`
	const use = `{"id":"g","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`
	tests := []struct{ name, body, fault string }{
		{"fine", "data: " + ok + "\n\ndata: " + use + "\n\ndata: [DONE]\n\n", ""},
		{"no end", "data: " + ok + "\n\n", "no [DONE]"},
		{"no usage", "data: " + ok + "\n\ndata: [DONE]\n\n", "usage came 0 times"},
		{"usage twice", "data: " + ok + "\n\ndata: " + use + "\n\ndata: " + use + "\n\ndata: [DONE]\n\n", "usage came 2 times"},
		{"null usage", "data: " + strings.Replace(ok, `"id"`, `"usage":null,"id"`, 1) + "\n\ndata: " + use + "\n\ndata: [DONE]\n\n", "usage is null"},
		{"content after the end", "data: " + ok + "\n\ndata: " + ok + "\n\ndata: " + use + "\n\ndata: [DONE]\n\n", "content after"},
		{"list content", "data: " + strings.Replace(ok, `"a"`, `[]`, 1) + "\n\ndata: " + use + "\n\ndata: [DONE]\n\n", "neither a string"},
		{"string code", `data: {"id":"g","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"error":{"code":"502","message":"m","metadata":{"error_type":"server"}}}` + "\n\n", "no integer"},
		{"half event", "data: " + ok[:40], "no JSON"},
	}
	for _, tt := range tests {
		a := &Answer{Status: 200, Header: map[string][]string{"Content-Type": {"text/event-stream"}}, Body: []byte(tt.body)}
		r := Observe(a, true)
		if tt.fault == "" && len(r.Faults) > 0 || tt.fault != "" && !strings.Contains(strings.Join(r.Faults, "; "), tt.fault) {
			t.Errorf("%s: faults %q, want %q", tt.name, r.Faults, tt.fault)
		}
	}
}

func TestCutTellsATrustingGatewayFromACarefulOne(t *testing.T) {
	xs := []*Exchange{openAIStream(t), anthropicStream(t), geminiStream(t)}
	for _, trusting := range []bool{false, true} {
		reports := newRunner(t, &fakeGateway{trusting: trusting}, xs).CutAll(context.Background(), xs, true)
		if len(reports) != len(xs) {
			t.Fatalf("%d reports for %d streams", len(reports), len(xs))
		}
		for i, rep := range reports {
			if rep.Cuts != 2*len(xs[i].Body) {
				t.Errorf("%s: %d cuts of %d bytes", rep.API, rep.Cuts, len(xs[i].Body))
			}
			if bad := len(rep.Bad) > 0; bad != trusting {
				t.Errorf("%s, trusting %v: bad cuts %v", rep.API, trusting, rep.Bad)
			}
		}
	}
}

func TestOffsetsOfALargeStream(t *testing.T) {
	body := bytes.Repeat([]byte("data: {\"x\":\"0123456789\"}\n\n"), 4000)
	at := Offsets(body, false, 1)
	if !slices.IsSorted(at) || at[0] != 0 || at[len(at)-1] != len(body)-1 {
		t.Errorf("offsets from %d to %d", at[0], at[len(at)-1])
	}
	if len(at) >= len(body) || !slices.Contains(at, 26*1000) {
		t.Errorf("%d offsets of %d bytes, event boundary included: %v", len(at), len(body), slices.Contains(at, 26*1000))
	}
	if n := len(Offsets(body, true, 1)); n != len(body) {
		t.Errorf("every byte: %d of %d", n, len(body))
	}
}

func TestPiecesCutInsideCharactersAndLineEnds(t *testing.T) {
	x := &Exchange{Body: []byte(strings.Repeat("data: é🌍\r\n\r\n", 50))}
	at, inside, between := 0, false, false
	for _, n := range pieces(x.Body, pieceRand(Playback{Exchange: x, Seed: 3})) {
		at += n
		if at < len(x.Body) {
			inside = inside || x.Body[at]&0xC0 == 0x80
			between = between || x.Body[at] == '\n' && x.Body[at-1] == '\r'
		}
	}
	if at != len(x.Body) || !inside || !between {
		t.Errorf("pieces reach %d of %d; inside a character %v, between CR and LF %v", at, len(x.Body), inside, between)
	}
}

func TestSameWireAllowsDeclaredEditsOnly(t *testing.T) {
	x := openAIStream(t)
	client := []byte(`{"model":"a", "messages":[ {"role":"user"} ], "usage":{"include":true}, "stream":true}`)
	tests := []struct {
		name, upstream string
		problem        string
	}{
		{"declared", `{"model":"b", "messages":[ {"role":"user"} ], "stream":true,"stream_options":{"include_usage":true}}`, ""},
		{"white space", `{"model":"b", "messages":[{"role":"user"}], "stream":true}`, "outside the edits"},
		{"reordered", `{"model":"b", "stream":true, "messages":[ {"role":"user"} ]}`, "outside the edits"},
		{"dropped", `{"model":"b", "messages":[ {"role":"user"} ]}`, "stream removed"},
	}
	for _, tt := range tests {
		s := compareBytes(client, []byte(tt.upstream), x, x.Body)
		got := strings.Join(s.Problems, "; ")
		if tt.problem == "" && got != "" || tt.problem != "" && !strings.Contains(got, tt.problem) {
			t.Errorf("%s: problems %q, want %q", tt.name, got, tt.problem)
		}
	}
}

func TestSameWireComparesFrames(t *testing.T) {
	x := openAIStream(t)
	declared := bytes.ReplaceAll(x.Body, []byte(`,"usage":null`), nil)
	declared = bytes.ReplaceAll(declared, []byte(`{"id":"c"`), []byte(`{"provider":"P","id":"gen-1"`))
	tests := []struct {
		name, problem string
		got           []byte
	}{
		{"declared", "", declared},
		{"text", "content changed", bytes.Replace(x.Body, []byte("Grüße"), []byte("Gruesse"), 1)},
		{"merged", "frames: 5 from the upstream, 4", bytes.Replace(x.Body, x.Body[:bytes.Index(x.Body, []byte("\n\n"))+2], nil, 1)},
		{"white space", "outside the edits", bytes.Replace(x.Body, []byte(`"delta":{},`), []byte(`"delta":{}, `), 1)},
	}
	body := []byte(`{"model":"m"}`)
	for _, tt := range tests {
		s := compareBytes(body, body, x, tt.got)
		got := strings.Join(s.Problems, "; ")
		if tt.problem == "" && got != "" || tt.problem != "" && !strings.Contains(got, tt.problem) {
			t.Errorf("%s: problems %q, want %q", tt.name, got, tt.problem)
		}
	}
}

func TestReportNamesRemaindersAndShare(t *testing.T) {
	rep := &Report{
		Outcomes: []*Outcome{
			{API: "openai.chat", Path: "openai.chat/a.json"},
			{API: "openai.chat", Path: "openai.chat/b.json", Diffs: []Diff{{"text", "a", "b"}}},
		},
		Cuts: []*CutReport{{Path: "openai.chat/a.json", Cuts: 2, Wrong: 1, Bad: []CutFail{{7, FIN, "a part looks whole"}}}},
	}
	var b strings.Builder
	if err := rep.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"50.0", "openai.chat/b.json", `text: want "a", got "b"`, "at 7 (fin): a part looks whole"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
	if rep.Percent() != 50 || rep.Failed() != 1 {
		t.Errorf("percent %v, failed %d", rep.Percent(), rep.Failed())
	}
}

func TestRunChecksBytesOfARelay(t *testing.T) {
	xs := []*Exchange{openAIStream(t), anthropicStream(t)}
	out := newRunner(t, &fakeGateway{relay: true}, xs).Run(context.Background(), xs, true)
	if s := out[0].Same; s == nil || len(s.Problems) > 0 || s.Request["model changed"] != 1 {
		t.Errorf("a relay that changes the model alone: %+v", s)
	}
	if out[1].Same != nil {
		t.Error("bytes were compared across wires")
	}
	if out[0].Equal() {
		t.Error("null usage in chunks went unseen")
	}
}

func TestRunSendsAPlainRequestWhereTheRecordedOneIsRefused(t *testing.T) {
	x := openAIStream(t)
	x.Request = []byte(`{"model":"m","refuse":"me","messages":[{"role":"tool","content":"hi"}],"tools":[{"function":{"name":"f"}}],"stream":true}`)
	g := &fakeGateway{refuse: "refuse"}
	o := newRunner(t, g, []*Exchange{x}).Run(context.Background(), []*Exchange{x}, false)[0]
	if !o.Equal() || o.Calls != 1 || !strings.Contains(o.Refused, "400") {
		t.Errorf("%d calls, refused %q, %v", o.Calls, o.Refused, o.Diffs)
	}
	x.Request = nil
	g = &fakeGateway{refuse: "messages"}
	if o := newRunner(t, g, []*Exchange{x}).Run(context.Background(), []*Exchange{x}, false)[0]; o.Equal() {
		t.Error("a gateway that calls no upstream was found equal")
	}
}

func TestCodeMayBeShownInFences(t *testing.T) {
	const text = "Let me see\n```python\nprint(1)\n```\n\n```\n1\n```\nIt is 1.\n```\nkept\n```"
	if got, want := withoutCode(text, []string{"print(1)", "1\n"}), "Let me seeIt is 1.\n```\nkept\n```"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := withoutCode(text, []string{"other"}); got != text {
		t.Errorf("a block that nobody ran was taken out: %q", got)
	}
}

func TestConfigHasALaneForEveryFamily(t *testing.T) {
	xs := []*Exchange{openAIStream(t), anthropicStream(t), exchangeJSON(t, "writer.chat", nil, sse(`[DONE]`))}
	cfg := string(Config(xs, &Upstream{URL: "http://127.0.0.1:9"}, 2, "dir", false))
	for _, want := range []string{
		"slug: replay-openai-always-done-1", "protocol: anthropic.messages", "base_url: http://127.0.0.1:9/openai-no-done-0/v1",
		"quirks: [no-done]", "slug: replay/anthropic-1",
	} {
		if !strings.Contains(cfg, want) {
			t.Errorf("the configuration lacks %q:\n%s", want, cfg)
		}
	}
}

func TestGreetingSkipsOtherLines(t *testing.T) {
	g := &Gateway{}
	var logs strings.Builder
	err := g.greeting(strings.NewReader("starting\n{\"address\":\"http://127.0.0.1:1\",\"key\":\"k\"}\n"), &logs)
	if err != nil || g.Address != "http://127.0.0.1:1" || g.Key != "k" {
		t.Errorf("%+v, %v", g, err)
	}
	if err := (&Gateway{}).greeting(strings.NewReader("no\n"), &logs); err == nil {
		t.Error("a gateway that ends at once is no error")
	}
}

func TestStartReadsTheGreetingAndStops(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "gateway.sh")
	script := "#!/bin/sh\ntest \"$1 $2\" = 'serve --config' && test -r \"$3\" || exit 1\n" +
		"echo '{\"address\":\"http://127.0.0.1:1\",\"key\":\"k\"}'\nexec sleep 60\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	g, err := Start(context.Background(), program, []byte("listen: x\n"), dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if g.Address != "http://127.0.0.1:1" || g.Key != "k" {
		t.Errorf("%+v", g)
	}
	g.Stop()
	if _, err := Start(context.Background(), "/bin/false", nil, dir, io.Discard); err == nil {
		t.Error("a gateway that fails at once is no error")
	}
}
