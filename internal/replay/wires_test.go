package replay

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestExpectReadsTheYoungerWires(t *testing.T) {
	frames := []recordedFrame{}
	for _, f := range [][2]string{
		{"messageStart", `{"role":"assistant"}`},
		{"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}`},
		{"contentBlockStart", `{"contentBlockIndex":1,"start":{"toolUse":{"name":"f","toolUseId":"c1"}}}`},
		{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\":1}"}}}`},
		{"messageStop", `{"stopReason":"tool_use"}`},
		{"metadata", `{"usage":{"inputTokens":3,"cacheReadInputTokens":4,"outputTokens":5,"totalTokens":12}}`},
	} {
		frames = append(frames, recordedFrame{map[string]string{":event-type": f[0], ":message-type": "event"}, json.RawMessage(f[1])})
	}
	tests := []struct {
		api   string
		resp  map[string]any
		usage Usage
	}{
		{"openai.responses", sse(
			`{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"hm"}`,
			`{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":""}}`,
			`{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a\":"}`,
			`{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}}`,
			`{"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"total_tokens":12}}}`),
			Usage{7, 5, 12, 4, 0, 0}},
		{"openai.responses", map[string]any{"body": raw(`{"status":"completed","output":[{"type":"reasoning","summary":[{"text":"hm"}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}],"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12,"output_tokens_details":{"reasoning_tokens":2}}}`)},
			Usage{7, 5, 12, 0, 0, 2}},
		{"bedrock.converse-stream", map[string]any{"eventstream": frames}, Usage{7, 5, 12, 4, 0, 0}},
		{"bedrock.converse", map[string]any{"body": raw(`{"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"toolUse":{"toolUseId":"c1","name":"f","input":{"a":1}}}]}},"stopReason":"tool_use","usage":{"inputTokens":7,"outputTokens":5,"totalTokens":12}}`)},
			Usage{7, 5, 12, 0, 0, 0}},
		{"cohere.chat", sse(
			`{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"hm"}}}}`,
			`{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c1","function":{"name":"f","arguments":""}}}}}`,
			`{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"a\":1}"}}}}}`,
			`{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":7,"output_tokens":5},"tokens":{"input_tokens":70,"output_tokens":6},"cached_tokens":4}}}`),
			Usage{7, 5, 12, 0, 0, 0}},
		{"ollama.native-chat", map[string]any{"ndjson": `{"message":{"thinking":"hm"},"done":false}` + "\n" + `{"message":{"tool_calls":[{"id":"c1","function":{"name":"f","arguments":{"a":1}}}]},"done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":5}` + "\n"},
			Usage{7, 5, 12, 0, 0, 0}},
	}
	for _, tt := range tests {
		x := exchangeJSON(t, tt.api, nil, tt.resp)
		r := Expect(x)
		if !r.Whole || r.Failure != nil || len(r.Choices) != 1 || len(r.Choices[0].Tools) != 1 {
			t.Errorf("%s: %+v", tt.api, r)
			continue
		}
		c := r.Choices[0]
		if c.Finish != "tool_calls" || c.Reasoning != "hm" || c.Tools[0].ID != "c1" || !sameJSON(c.Tools[0].Arguments, `{"a":1}`) {
			t.Errorf("%s: %+v, call %+v", tt.api, c, c.Tools[0])
		}
		if r.Usage == nil || *r.Usage != tt.usage {
			t.Errorf("%s: usage %+v, want %+v", tt.api, r.Usage, tt.usage)
		}
	}
}

func TestFramesRefuseDamage(t *testing.T) {
	b := writeFrames([]recordedFrame{{map[string]string{":event-type": "x", ":message-type": "event"}, json.RawMessage(`{}`)}})
	list, whole := readFrames(bytes.Repeat(b, 2))
	if len(list) != 2 || !whole || list[0].text() != `{"x":{}}` {
		t.Fatalf("%v %v", list, whole)
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if _, whole := readFrames(bad); whole {
			t.Errorf("a wrong byte at %d went unseen", i)
		}
		if _, whole := readFrames(b[:i]); whole && i > 0 {
			t.Errorf("%d bytes look whole", i)
		}
	}
}

func TestEverySurfaceAsksInItsOwnWords(t *testing.T) {
	x := anthropicStream(t)
	for s, words := range map[Surface][]string{
		Messages:  {`"max_tokens":4096`, `"input_schema"`, `"thinking"`},
		Responded: {`"input":[`, `"parameters"`, `"summary":"auto"`},
		Generated: {`"contents":[`, `"functionDeclarations"`, `"includeThoughts":true`},
	} {
		body, stream, err := RequestOn(s, x, Expect(x), "replay/m", false)
		if err != nil || !stream || !json.Valid(body) {
			t.Fatalf("%s: %v, stream %v, %s", s, err, stream, body)
		}
		for _, w := range words {
			if !strings.Contains(string(body), w) {
				t.Errorf("%s: the request lacks %s: %s", s, w, body)
			}
		}
	}
}

func TestASurfaceSeesAnAnswerWithoutItsEnd(t *testing.T) {
	x := anthropicStream(t)
	a := &Answer{Status: 200, Header: map[string][]string{"Content-Type": {"text/event-stream"}}, Body: x.Body}
	want := Expect(x)
	if d := CompareOn(Messages, x, want, ObserveOn(Messages, a, true)); len(d) > 0 {
		t.Errorf("the same answer differs: %v", d)
	}
	a.Body = x.Body[:len(x.Body)-40]
	if d := CompareOn(Messages, x, want, ObserveOn(Messages, a, true)); len(d) == 0 {
		t.Error("a cut answer was found equal")
	}
}
