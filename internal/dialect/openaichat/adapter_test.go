package openaichat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

func sent(t *testing.T, a *Adapter, body string, to dialect.Target) (string, []llm.Loss) {
	t.Helper()
	call, losses, err := a.EncodeRequest(decode(t, body), to)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.Join(call.Body, nil)), losses
}

func TestEncodeRequestEdits(t *testing.T) {
	effort := dialect.Target{Model: "up", Reasoning: dialect.ReasoningStyle{Effort: true, Efforts: []string{"low", "high"}}}
	for _, tc := range []struct {
		name, in, want string
		q              Quirks
		to             dialect.Target
	}{
		{name: "only the model", in: `{ "model":"a\u002fb","messages":[{"role":"user","content":"\u00e9\/ 1e400"}],"seed":123456789012345678,"x":1,"x":2 }`,
			want: `{ "model":"up","messages":[{"role":"user","content":"\u00e9\/ 1e400"}],"seed":123456789012345678,"x":1,"x":2 }`},
		{name: "gateway fields go, usage is asked for", in: `{"stream":true,"provider":{"only":["x"]},` + minimal + `,"models":["c/d"],"session_id":"s","usage":{"include":true}}`,
			want: `{"stream":true,"model":"up","messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}}`},
		{name: "stream options are kept", in: `{` + minimal + `,"stream":true,"stream_options":{"include_usage":false,"z":1}}`,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true,"z":1}}`},
		{name: "stream options without a stream", in: `{` + minimal + `,"stream_options":{"include_usage":true}}`,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}]}`},
		{name: "user is hashed", in: `{` + minimal + `,"user":"bob"}`,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"user":"81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9"}`},
		{name: "so is its newer name", in: `{` + minimal + `,"safety_identifier":"bob"}`, q: Quirks{Strict: true},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"safety_identifier":"81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9"}`},
		{name: "reasoning becomes the nearest effort", in: `{` + minimal + `,"reasoning":{"effort":"xhigh"}}`, to: effort,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"high"}`},
		{name: "a model that takes no sampling", in: `{` + minimal + `,"temperature":1,"top_p":0.9,"seed":7}`, q: Quirks{Strict: true}, to: dialect.Target{Model: "up", Parameters: []string{"seed"}},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"seed":7}`},
		{name: "ids and order of Mistral", in: `{"model":"a/b","messages":[{"role":"assistant","tool_calls":[{"id":"call_1"},{"id":"abcdefghi"}]},{"role":"tool","tool_call_id":"call_1"},{"role":"tool","tool_call_id":"abcdefghi"},{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]},{"role":"user","content":"y"}]}`,
			q:    Quirks{Strict: true, ShortCallIDs: true, TurnAfterTools: true},
			want: `{"model":"up","messages":[{"role":"assistant","tool_calls":[{"id":"` + callID("call_1", true) + `"},{"id":"abcdefghi"}]},{"role":"tool","tool_call_id":"` + callID("call_1", true) + `"},{"role":"tool","tool_call_id":"abcdefghi"},{"role":"assistant","content":"OK."},{"role":"user","content":[{"type":"text","text":"x"}]},{"role":"user","content":"y"}]}`},
		{name: "ids that are too long", in: `{"model":"a/b","messages":[{"role":"tool","tool_call_id":"` + strings.Repeat("x", 41) + `"},{"role":"tool","tool_call_id":"` + strings.Repeat("x", 40) + `"}]}`,
			q:    Quirks{Strict: true},
			want: `{"model":"up","messages":[{"role":"tool","tool_call_id":"` + callID(strings.Repeat("x", 41), false) + `"},{"role":"tool","tool_call_id":"` + strings.Repeat("x", 40) + `"}]}`},
		{name: "a message's cache mark", in: `{"model":"a/b","messages":[{"role":"user","content":"hi","cache_control":{"type":"ephemeral"}}]}`, q: Quirks{Strict: true},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}]}`},
		{name: "reasoning is switched off", in: `{` + minimal + `,"reasoning_effort":"none"}`, q: Quirks{ThinkingType: true},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"thinking":{"type":"disabled"}}`},
		{name: "reasoning is switched on", in: `{` + minimal + `,"reasoning":{"effort":"high"}}`, q: Quirks{ThinkingType: true}, to: effort,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"thinking":{"type":"enabled"},"reasoning_effort":"high"}`},
		{name: "the client's own switch stays", in: `{` + minimal + `,"reasoning":{"enabled":true},"thinking":{"type":"auto"}}`, q: Quirks{ThinkingType: true},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"thinking":{"type":"auto"}}`},
		{name: "limit by its only name", in: `{` + minimal + `,"max_tokens":5}`, q: Quirks{MaxTokens: "max_completion_tokens"},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":5}`},
		{name: "of two limits the one that counts", in: `{` + minimal + `,"max_tokens":100000,"max_completion_tokens":5.0}`,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"max_tokens":5,"max_completion_tokens":5.0}`},
		{name: "a limit that a second one takes back", in: `{` + minimal + `,"max_tokens":5,"max_tokens":null}`,
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"max_tokens":5,"max_tokens":null,"max_tokens":5}`},
		{name: "clamp", in: `{` + minimal + `}`, to: dialect.Target{Model: "up", Clamp: 64},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}],"max_tokens":64}`},
		{name: "developer role", in: `{"model":"a/b","messages":[{"role":"developer","content":"x"}]}`, q: Quirks{NoDeveloperRole: true},
			want: `{"model":"up","messages":[{"role":"system","content":"x"}]}`},
		{name: "strict", in: `{` + minimal + `,"safe_prompt":true,"top_k":3}`, q: Quirks{Strict: true},
			want: `{"model":"up","messages":[{"role":"user","content":"hi"}]}`},
		{name: "reasoning goes back under its other name", in: `{"model":"a/b","messages":[{"role":"assistant","content":"","reasoning":"r","reasoning_details":[]},{"role":"user","content":"hi"}]}`, q: Quirks{ReasoningContent: true},
			want: `{"model":"up","messages":[{"role":"assistant","content":"","reasoning_content":"r"},{"role":"user","content":"hi"}]}`},
		{name: "reasoning goes back as parts of the content", q: Quirks{Strict: true, ThinkingParts: true}, in: `{"model":"a/b","messages":[` +
			`{"role":"assistant","content":"x","reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"d","format":"unknown","index":0}]},` +
			`{"role":"assistant","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}],"reasoning_content":"r"},{"role":"assistant","content":null,"reasoning":"r"},{"reasoning":"r","role":"assistant"},{"role":"user","content":"hi"}]}`,
			want: `{"model":"up","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"d"}]},{"type":"text","text":"x"}]},` +
				`{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]},{"type":"text","text":"x"}]},` +
				`{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]}]},{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]}]},{"role":"user","content":"hi"}]}`},
	} {
		if tc.to.Model == "" {
			tc.to.Model = "up"
		}
		got, _ := sent(t, &Adapter{Quirks: tc.q}, tc.in, tc.to)
		if got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

func TestLossesAreReported(t *testing.T) {
	_, losses := sent(t, &Adapter{Quirks: Quirks{Strict: true}}, `{`+minimal+`,"plugins":[{"id":"web"}],"safe_prompt":true,"reasoning":{"effort":"low"}}`, dialect.Target{Model: "up"})
	var paths []string
	for _, l := range losses {
		paths = append(paths, l.Path)
	}
	if got := strings.Join(paths, " "); got != "plugins safe_prompt reasoning" {
		t.Errorf("losses %q", got)
	}
}

const streamed = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-1","system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

: note

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"content":"Hi \ud83d"},"finish_reason":null}],"usage":null,"obfuscation":"x"}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"why"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"eos"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4}}}

data: [DONE]

`

type result struct {
	frames string
	end    *llm.Usage
	err    error
	text   int64
}

func relayed(q Quirks, body io.Reader, streams bool) (r result) {
	req, _ := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(fmt.Sprintf(`{%s,"stream":%v}`, minimal, streams))})
	ended := false
	for ev, err := range (&Adapter{Quirks: q}).Events(req, dialect.Reply{Status: 200, Body: body, Stream: streams}) {
		if ended {
			panic("something follows the end")
		}
		if err != nil {
			r.err, ended = err, true
			continue
		}
		r.frames += string(ev.Frame)
		r.text += ev.Size
		if ev.Kind == llm.End {
			u := *ev.Usage
			r.end, ended = &u, true
		}
	}
	return r
}

func TestStreamEdits(t *testing.T) {
	for _, crlf := range []bool{false, true} {
		in := streamed
		if crlf {
			in = strings.ReplaceAll(in, "\n", "\r\n")
		}
		r := relayed(Quirks{}, iotest.OneByteReader(strings.NewReader(in)), true)
		if r.err != nil {
			t.Fatal(r.err)
		}
		got := strings.ReplaceAll(r.frames, "\r", "")
		want := `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

: note

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"content":"Hi \ud83d"},"finish_reason":null}],"obfuscation":"x"}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":{"content":null,"reasoning":"why"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop","native_finish_reason":"eos"}]}

`
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if u := r.end; u.Input != 6 || u.CacheRead != 4 || u.Output != 5 {
			t.Errorf("usage %+v", u)
		}
	}
}

// TestCutAtEveryByte: what is cut is an error, or had come whole.
func TestCutAtEveryByte(t *testing.T) {
	whole := relayed(Quirks{}, strings.NewReader(streamed), true)
	for n := range len(streamed) {
		for _, end := range []io.Reader{strings.NewReader(""), iotest.ErrReader(io.ErrUnexpectedEOF)} {
			r := relayed(Quirks{}, io.MultiReader(strings.NewReader(streamed[:n]), end), true)
			switch {
			case r.err == nil && (r.frames != whole.frames || r.end.Completion() != 5):
				t.Fatalf("cut at %d looks whole: %q", n, r.frames)
			case r.err != nil && fault.Of(r.err) != fault.Broken:
				t.Fatalf("cut at %d: %v", n, r.err)
			}
		}
	}
}

func TestErrorInsideAStream(t *testing.T) {
	for body, kind := range map[string]fault.Kind{
		"event: error\ndata: {\"error\":{\"message\":\"bad call\",\"type\":\"invalid_request_error\",\"code\":\"tool_use_failed\",\"status_code\":400}}\n\n": fault.Refused,
		"data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n":                                                                                     fault.Overloaded,
		"data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\"}}\n\n":                                                                             fault.Broken,
		"data: {\"choices\":[{\n\n": fault.Broken,
		"data: [DONE]\n\n":          fault.Broken,
		"":                          fault.Broken,
	} {
		if r := relayed(Quirks{}, strings.NewReader(body), true); fault.Of(r.err) != kind {
			t.Errorf("%q: %v", body, r.err)
		}
	}
}

func TestWhole(t *testing.T) {
	const in = "\n   \n{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"mm\"}]},{\"type\":\"text\",\"text\":\"yes\"}]},\"finish_reason\":\"model_length\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":15,\"completion_tokens_details\":{\"reasoning_tokens\":10}}}"
	r := relayed(Quirks{}, strings.NewReader(in), false)
	if r.err != nil {
		t.Fatal(r.err)
	}
	const want = `{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes","reasoning":"mm"},"finish_reason":"length","native_finish_reason":"model_length"}],"system_fingerprint":null}`
	if r.frames != want {
		t.Errorf("got  %s\nwant %s", r.frames, want)
	}
	if r.end.Output != 2 || r.end.Reasoning != 10 || r.text != 5 {
		t.Errorf("reasoning outside completion_tokens is not recognised: %+v, %d bytes", r.end, r.text)
	}
	for _, bad := range []string{"", "<html>", `{"choices":[]}`, `{"error":{"message":"no"}}`, `[]`, in[:200]} {
		if r := relayed(Quirks{}, strings.NewReader(bad), false); r.err == nil {
			t.Errorf("%.30q is taken for an answer", bad)
		}
	}
}

func TestFailure(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		kind   fault.Kind
	}{
		{401, `{"error":{"message":"Incorrect API key provided: sk-…"}}`, fault.Credential},
		{400, `{"code":"invalid-argument","error":"Incorrect API key provided"}`, fault.Credential},
		{429, `{"error":{"code":"rate_limit_exceeded"}}`, fault.Overloaded},
		{529, ``, fault.Overloaded},
		{500, `<html>`, fault.Broken},
		{504, ``, fault.TimedOut},
		{400, `{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}`, fault.TooLong},
		{400, `{"error":{"code":"content_filter","message":"filtered"}}`, fault.Moderated},
		{422, `{"detail":[{"msg":"field required"}]}`, fault.Refused},
		{404, `{"error":{"message":"no such model"}}`, fault.Refused},
	} {
		e := (&Adapter{}).Failure(tc.status, dialect.Header{"Retry-After": {"7"}}, []byte(tc.body))
		if e.Kind != tc.kind || e.RetryAfter != 7*time.Second {
			t.Errorf("%d %s: kind %d, want %d", tc.status, tc.body, e.Kind, tc.kind)
		}
		if tc.kind == fault.Credential && strings.Contains(e.Message(), "sk-") {
			t.Error("a piece of our credential reaches the client")
		}
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(streamed), true)
	f.Add([]byte("data: {\"choices\":[{\"delta\":{\"tool_calls\":[7]},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"), true)
	f.Add([]byte(`{"choices":[{"message":{"content":[{"type":"thinking","thinking":"x"}],"tool_calls":[{"function":{"arguments":{}}}]},"finish_reason":"stop"}],"usage":{}}`), false)
	f.Fuzz(func(t *testing.T, b []byte, stream bool) {
		r := relayed(Quirks{}, bytes.NewReader(b), stream)
		if r.err == nil && r.end == nil {
			t.Fatal("neither end nor error")
		}
		if r.err != nil {
			if _, ok := errors.AsType[*fault.Error](r.err); !ok {
				t.Fatalf("unclassified: %v", r.err)
			}
			return
		}
		if u := r.end; u.Input < 0 || u.Output < 0 || u.CacheRead < 0 || u.Reasoning < 0 {
			t.Fatalf("negative usage %+v", u)
		}
		if !stream && !json.Valid([]byte(r.frames)) {
			t.Fatalf("edited into no JSON: %s", r.frames)
		}
		for rd := sse.NewReader(strings.NewReader(r.frames), dialect.MaxFrame); stream; {
			f, err := rd.Next()
			if err != nil {
				break
			}
			if len(f.Data) > 0 && !json.Valid(f.Data) {
				t.Fatalf("edited into no JSON: %s", f.Data)
			}
		}
	})
}

func BenchmarkRelay(b *testing.B) {
	chunk := `data: {"id":"chatcmpl-B1abcdefghijklmnopqrstuvwx","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{"content":" world"},"logprobs":null,"finish_reason":null}],"usage":null}` + "\n\n"
	const n = 1000
	body := strings.Repeat(chunk, n) + `data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
	req := decode(b, `{`+minimal+`,"stream":true}`)
	a := new(Adapter)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range a.Events(req, dialect.Reply{Body: strings.NewReader(body), Stream: true}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/chunk")
}

func frame(s string) string { return "data: " + s + "\n\n" }

func TestStreamRepairs(t *testing.T) {
	const stop = `{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop","native_finish_reason":"stop"}]}`
	usage := frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`) + frame("[DONE]")
	for name, tc := range map[string]struct{ in, want string }{
		"parallel calls under one index": {
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}]}}]}`) +
				frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"y","function":{"name":"g","arguments":""}}]}}]}`) +
				frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}`) + frame(stop) + usage,
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}]}}]}`) +
				frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"y","function":{"name":"g","arguments":""}}]}}]}`) +
				frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}}]}`) + frame(stop)},
		"calls without index or id": {
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"id":"x","function":{"name":"f","arguments":{"k":1}}},{"id":"y","function":{"name":"g","arguments":"{}"}}]}}]}`) + frame(stop) + usage,
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"id":"x","function":{"name":"f","arguments":"{\"k\":1}"},"index":0},{"id":"y","function":{"name":"g","arguments":"{}"},"index":1}]}}]}`) + frame(stop)},
		"a first frame without a name": {
			frame(`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[]}`) + frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`) + frame(stop) + usage,
			frame(`{"choices":[],"created":0,"id":"a","model":"m","object":"chat.completion.chunk","prompt_filter_results":[]}`) + frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`) + frame(stop)},
		"no id, object, model or delta; a name said twice": {
			frame(`{"choices":[{"index":0}]}`) + frame(`{"id":"","object":"","model":"","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"0","function":{"name":"f","arguments":""}}]}}]}`) +
				frame(`{"id":"","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"0","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop","native_finish_reason":"stop"}]}`) + usage,
			frame(`{"choices":[{"index":0,"delta":{}}],"id":"chatcmpl","model":"a/b","object":"chat.completion.chunk"}`) +
				frame(`{"id":"chatcmpl","object":"chat.completion.chunk","model":"a/b","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"0","function":{"name":"f","arguments":""}}]}}]}`) +
				frame(`{"id":"chatcmpl","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"0","function":{"arguments":"{}"}}]},"finish_reason":"stop","native_finish_reason":"stop"}],"model":"a/b","object":"chat.completion.chunk"}`)},
		"an id that changes": {
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`) + frame(strings.Replace(stop, `"a"`, `"b"`, 1)) + usage,
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`) + frame(stop)},
		"no finish reason, but an end in due form": {
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`) + usage,
			frame(`{"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`) +
				frame(`{"id":"a","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop","native_finish_reason":null}]}`)},
	} {
		if r := relayed(Quirks{}, strings.NewReader(tc.in), true); r.err != nil || r.frames != tc.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, r.err, r.frames, tc.want)
		}
	}
}

// TestCutFrameDoesNotMelt: what follows a frame that lost its blank line is another frame.
func TestCutFrameDoesNotMelt(t *testing.T) {
	r := relayed(Quirks{}, strings.NewReader(`data: {"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}`+"\n"), true)
	if r.err == nil || !strings.HasSuffix(r.frames, "\n\n") {
		t.Errorf("%q %v", r.frames, r.err)
	}
}
