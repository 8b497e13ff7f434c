package openaitext

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

const minimal = `"model":"a/b","prompt":"hi"`

func decode(t testing.TB, body string) *llm.Request {
	t.Helper()
	r, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

func TestDecodeRefuses(t *testing.T) {
	for body, param := range map[string]string{
		`[]`:                                              "",
		`{"model":"a/b"}`:                                 "prompt",
		`{"model":"a/b","messages":[]}`:                   "messages",
		`{"prompt":"x"}`:                                  "model",
		`{"model":"a/b","prompt":7}`:                      "prompt",
		`{"model":"a/b","prompt":[]}`:                     "prompt",
		`{"model":"a/b","prompt":["x",1]}`:                "prompt[1]",
		`{"model":"a/b","prompt":[1,-2]}`:                 "prompt[1]",
		`{"model":"a/b","prompt":[[1],["x"]]}`:            "prompt[1]",
		`{"model":"a/b","prompt":[true]}`:                 "prompt[0]",
		`{` + minimal + `,"stream":"yes"}`:                "stream",
		`{` + minimal + `,"max_tokens":-1}`:               "max_tokens",
		`{` + minimal + `,"n":0}`:                         "n",
		`{` + minimal + `,"best_of":2,"n":3}`:             "best_of",
		`{` + minimal + `,"best_of":2,"stream":true}`:     "best_of",
		`{` + minimal + `,"echo":1}`:                      "echo",
		`{` + minimal + `,"logprobs":true}`:               "logprobs",
		`{` + minimal + `,"temperature":3}`:               "temperature",
		`{` + minimal + `,"logit_bias":{"5":101}}`:        "logit_bias.5",
		`{` + minimal + `,"stop":["1","2","3","4","5"]}`:  "stop",
		`{` + minimal + `,"stop":7}`:                      "stop",
		`{` + minimal + `,"seed":1.5}`:                    "seed",
		`{` + minimal + `,"suffix":7}`:                    "suffix",
		`{` + minimal + `,"route":"maybe"}`:               "route",
		`{` + minimal + `,"provider":{"sort":"beauty"}}`:  "provider.sort",
		`{` + minimal + `,"reasoning":{"effort":"much"}}`: "reasoning.effort",
		`{` + minimal + `,"preset":"x"}`:                  "preset",
	} {
		_, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != fault.Invalid || e.Param != param || e.Public == "" {
			t.Errorf("%.90s: %v", body, err)
		}
	}
}

// TestDraftsAreHeldFor: a provider bills every answer that the best is taken of.
func TestDraftsAreHeldFor(t *testing.T) {
	for body, want := range map[string]int64{
		`{` + minimal + `}`:                                 1,
		`{` + minimal + `,"n":2}`:                           2,
		`{` + minimal + `,"n":2,"best_of":5}`:               5,
		`{"model":"a/b","prompt":["x","y"],"best_of":3}`:    6,
		`{"model":"a/b","prompt":["x","y"],"best_of":null}`: 2,
	} {
		if got := decode(t, body).Written(); got != want {
			t.Errorf("%s: %d answers instead of %d", body, got, want)
		}
	}
}

func TestDecodeHead(t *testing.T) {
	r, err := Surface{}.DecodeRequest(dialect.Inbound{Header: dialect.Header{"X-Session-Id": {"s"}}, Body: []byte(
		`{"model":"a/b","prompt":["12345","67"],"n":2,"stream":true,"max_tokens":9,"logprobs":0,"temperature":null,"user":"u","provider":{"only":["x"]},"reasoning":{"effort":"low"},"response_format":{"type":"json_object"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if r.From != llm.OpenAIText || r.Choices != 4 || r.Size.Text != 7 || r.Size.Messages != 2 || r.MaxOutput != 9 || !r.Stream || r.User != "u" || r.Session != "s" || r.Routing.Only[0] != "x" ||
		r.Needs != llm.NeedChoices|llm.NeedLogprobs|llm.NeedReasoning|llm.NeedJSONObject || strings.Join(r.Params, " ") != "max_tokens logprobs reasoning response_format" {
		t.Errorf("%+v", r)
	}
	if r := decode(t, `{"model":"a/b","prompt":[[1,2],[3]]}`); r.Size.Tokens != 3 || r.Choices != 2 {
		t.Errorf("%+v", r)
	}
}

// chat is a request as a chat provider gets it.
func chat(t *testing.T, body string) (string, string, error) {
	t.Helper()
	call, losses, err := new(openaichat.Adapter).EncodeRequest(decode(t, body), dialect.Target{Model: "up"})
	if err != nil {
		return "", "", err
	}
	var paths []string
	for _, l := range losses {
		paths = append(paths, l.Path)
	}
	return string(bytes.Join(call.Body, nil)), strings.Join(paths, " "), nil
}

func TestBeforeChat(t *testing.T) {
	const head = `{"model":"up","messages":[{"role":"user","content":"hi"}]`
	for _, c := range []struct{ in, want, losses string }{
		{`{` + minimal + `}`, head + `}`, ""},
		{`{"model":"a/b","prompt":["hi"],"echo":true,"best_of":1}`, head + `}`, ""},
		{`{` + minimal + `,"max_tokens":5,"n":2,"temperature":0.5,"top_p":0.9,"frequency_penalty":1,"presence_penalty":1,"seed":7,"stop":"x","logprobs":2,"logit_bias":{"5":1},"stream":true}`,
			head + `,"max_tokens":5,"n":2,"temperature":0.5,"top_p":0.9,"frequency_penalty":1,"presence_penalty":1,"seed":7,"stop":["x"],"logprobs":true,"top_logprobs":2,"logit_bias":{"5":1},"stream":true,"stream_options":{"include_usage":true}}`, ""},
		{`{` + minimal + `,"min_p":0.1,"top_a":0.1,"repetition_penalty":1.1,"top_k":3,"stop":["x","y"],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}}}`,
			head + `,"min_p":0.1,"top_a":0.1,"repetition_penalty":1.1,"top_k":3,"stop":["x","y"],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}}}`, ""},
		{`{` + minimal + `,"suffix":"s","best_of":3,"zebra":1,"metadata":{"a":"b"}}`, head + `}`, "metadata suffix best_of zebra"},
	} {
		got, losses, err := chat(t, c.in)
		if got != c.want || losses != c.losses || err != nil {
			t.Errorf("%s:\n got %s %q %v\nwant %s %q", c.in, got, losses, err, c.want, c.losses)
		}
	}
	for in, param := range map[string]string{
		`{"model":"a/b","prompt":["x","y"]}`: "prompt",
		`{"model":"a/b","prompt":[1,2]}`:     "prompt",
		`{"model":"a/b","prompt":[[1,2]]}`:   "prompt",
		`{` + minimal + `,"max_tokens":0}`:   "max_tokens",
	} {
		if _, _, err := chat(t, in); err == nil || fault.As(err).Kind != fault.Refused || fault.As(err).HTTPStatus() != 400 || fault.As(err).Param != param {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestEncodeRequestEdits(t *testing.T) {
	for _, c := range []struct {
		in, want, losses string
		a                Adapter
		to               dialect.Target
	}{
		{in: `{ "model":"a\u002fb","prompt":[[1,2]],"suffix":"s","x":1 }`, want: `{ "model":"up","prompt":[[1,2]],"suffix":"s","x":1 }`},
		{in: `{` + minimal + `,"stream":true,"provider":{"only":["x"]},"models":["c/d"],"user":"bob"}`,
			want: `{"model":"up","prompt":"hi","stream":true,"user":"81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9","stream_options":{"include_usage":true}}`},
		{in: `{` + minimal + `,"stream":true,"stream_options":{"include_usage":false,"z":1}}`, want: `{"model":"up","prompt":"hi","stream":true,"stream_options":{"include_usage":true,"z":1}}`},
		{in: `{` + minimal + `,"stream_options":{}}`, want: `{"model":"up","prompt":"hi"}`},
		{in: `{` + minimal + `,"top_k":3,"reasoning":{"effort":"low"},"metadata":{"a":"b"}}`, a: Adapter{Strict: true}, want: `{"model":"up","prompt":"hi"}`, losses: "top_k reasoning metadata"},
		{in: `{` + minimal + `,"top_k":null,"plugins":null,"metadata":null}`, a: Adapter{Strict: true}, want: `{"model":"up","prompt":"hi"}`},
		{in: `{` + minimal + `,"max_tokens":100}`, to: dialect.Target{Clamp: 64}, want: `{"model":"up","prompt":"hi","max_tokens":64}`},
		{in: `{` + minimal + `}`, to: dialect.Target{Clamp: 64}, want: `{"model":"up","prompt":"hi","max_tokens":64}`},
	} {
		c.to.Model = "up"
		call, losses, err := c.a.EncodeRequest(decode(t, c.in), c.to)
		var paths []string
		for _, l := range losses {
			paths = append(paths, l.Path)
		}
		if got := string(bytes.Join(call.Body, nil)); err != nil || got != c.want || strings.Join(paths, " ") != c.losses || call.Path != "/completions" {
			t.Errorf("%s:\n got %s %v %v\nwant %s %s", c.in, got, paths, err, c.want, c.losses)
		}
	}
	_, _, err := new(Adapter).EncodeRequest(&llm.Request{From: llm.OpenAIChat}, dialect.Target{})
	if fault.Of(err) != fault.Refused {
		t.Errorf("a conversation: %v", err)
	}
	if !OpenAIServes("gpt-3.5-turbo-instruct") || OpenAIServes("gpt-4o") {
		t.Error("OpenAIServes")
	}
}

// answer is what a client gets of an upstream's body.
func answer(t testing.TB, a dialect.Adapter, request, upstream string) (string, error) {
	req := decode(t, request)
	ans := &dialect.Answer{GenerationID: "gen-1", Created: time.Unix(9, 0), Model: "a/b", Provider: "P"}
	enc := Surface{}.Encode(req, ans)
	var out []byte
	for ev, err := range a.Events(req, dialect.Reply{Status: 200, Body: strings.NewReader(upstream), Stream: req.Stream, ID: "gen-1", Model: "a/b", Created: time.Unix(9, 0)}) {
		if err == nil {
			out, err = enc.Event(out, ev)
		}
		if err != nil {
			return string(enc.Fail(out, fault.As(err))), err
		}
	}
	return string(out), nil
}

const cost = `"cost":0,"is_byok":false,"cost_details":{"upstream_inference_cost":0,"upstream_inference_prompt_cost":0,"upstream_inference_completions_cost":0}`

func frames(chunks ...string) string { return "data: " + strings.Join(chunks, "\n\ndata: ") + "\n\n" }

func TestChatAnswers(t *testing.T) {
	chatBody := `{"id":"c","model":"m","choices":[{"message":{"reasoning":"why","content":"héy","annotations":[{"type":"url_citation"}]},"logprobs":{"content":[{"token":"hé","logprob":-0.5,"top_logprobs":[{"token":"hé","logprob":-0.5},{"token":"x","logprob":-3}]},{"token":"y","logprob":-1,"top_logprobs":[]}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`
	got, err := answer(t, new(openaichat.Adapter), `{`+minimal+`,"echo":true,"logprobs":2}`, chatBody)
	want := `{"id":"gen-1","object":"text_completion","created":9,"model":"a/b","provider":"P","system_fingerprint":null,"choices":[{"index":0,"text":"hihéy","reasoning":"why",` +
		`"logprobs":{"tokens":["hé","y"],"token_logprobs":[-0.5,-1],"top_logprobs":[{"hé":-0.5,"x":-3},{}],"text_offset":[2,4]},"annotations":[{"type":"url_citation"}],"finish_reason":"stop","native_finish_reason":"stop"}],"usage":`
	if err != nil || !strings.HasPrefix(got, want) || !rawjson.Valid([]byte(got)) {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	stream := frames(`{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"}}]}`, `{"choices":[{"index":0,"delta":{"reasoning":"r"},"logprobs":{"content":[{"token":"a","logprob":-1}]}}]}`,
		`{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}`, `{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`, "[DONE]")
	const head = `{"id":"gen-1","object":"text_completion","created":9,"model":"a/b","provider":"P","choices":[`
	const open = `"finish_reason":null,"native_finish_reason":null}]}`
	got, err = answer(t, new(openaichat.Adapter), `{`+minimal+`,"echo":true,"stream":true}`, stream)
	want = frames(head+`{"index":0,"text":"hi",`+open, head+`{"index":0,"text":"a",`+open, head+`{"index":0,"text":"","reasoning":"r",`+open,
		head+`{"index":0,"text":"","logprobs":{"tokens":["a"],"token_logprobs":[-1],"top_logprobs":[{}],"text_offset":[2]},`+open,
		head+`{"index":0,"text":"","finish_reason":"length","native_finish_reason":"length"}]}`,
		head+`{"index":0,"text":"","finish_reason":"length","native_finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0,"video_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"image_tokens":0},`+cost+`}}`,
		"[DONE]")
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	got, _ = answer(t, new(openaichat.Adapter), `{`+minimal+`,"stream":true,"stream_options":{"include_usage":true}}`, stream)
	if !strings.Contains(got, head+`],"usage":{`) {
		t.Errorf("no chunk beside the usage is wanted: %s", got)
	}
}

const (
	textChunk = `{"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}],"model":"m"}`
	textStop  = `{"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"eos"}],"model":"m"}`
	textUsage = `{"id":"cmpl-1","object":"text_completion","created":1,"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`
)

func TestRelay(t *testing.T) {
	got, err := answer(t, new(Adapter), `{`+minimal+`,"stream":true}`, ": note\n\n"+frames(textChunk, textStop, textUsage, "[DONE]"))
	want := ": note\n\n" + frames(textChunk, strings.Replace(textStop, `"finish_reason":"eos"`, `"finish_reason":"stop","native_finish_reason":"eos"`, 1),
		`{"id":"cmpl-1","object":"text_completion","created":9,"model":"m","provider":"P","choices":[{"index":0,"text":"","finish_reason":"stop","native_finish_reason":"eos"}],"usage":{"prompt_tokens":1`)
	if err != nil || !strings.HasPrefix(got, strings.TrimSuffix(want, "\n\n")) || !strings.HasSuffix(got, "data: [DONE]\n\n") {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	got, err = answer(t, new(Adapter), `{`+minimal+`}`, ` {"id":"cmpl-1","object":"text.completion","prompt":[],"model":"m","choices":[{"text":"a","index":0,"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)
	want = `{"id":"cmpl-1","object":"text_completion","prompt":[],"model":"m","choices":[{"text":"a","index":0,"finish_reason":"length","native_finish_reason":"length"}],"created":9,"provider":"P","usage":{"prompt_tokens":1`
	if err != nil || !strings.HasPrefix(got, want) || !rawjson.Valid([]byte(got)) {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	got, err = answer(t, new(Adapter), `{`+minimal+`,"stream":true}`, frames(`{"choices":[{"text":"a","index":0}]}`, "[DONE]"))
	want = frames(`{"choices":[{"text":"a","index":0}],"id":"gen-1","model":"a/b","object":"text_completion","created":9}`,
		`{"id":"gen-1","object":"text_completion","created":9,"model":"a/b","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop","native_finish_reason":null}]}`)
	if err != nil || !strings.HasPrefix(got, want) {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

// Writer's choices have neither index nor reason, and its answers no date.
func TestRelayTellsChoicesByTheirPlace(t *testing.T) {
	got, err := answer(t, new(Adapter), `{`+minimal+`,"n":2}`, `{"model":"m","choices":[{"text":"a"},{"text":"b"}]}`)
	want := `{"model":"m","choices":[{"text":"a","index":0,"finish_reason":"stop","native_finish_reason":"stop"},{"text":"b","index":1,"finish_reason":"stop","native_finish_reason":"stop"}],"id":"gen-1","object":"text_completion","created":9,"provider":"P"`
	if err != nil || !strings.HasPrefix(got, want) {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

func TestRelayBreaks(t *testing.T) {
	for name, body := range map[string]string{
		"error":   frames(textChunk, `{"error":{"message":"busy","code":503}}`),
		"no JSON": frames("{"), "no object": frames("[]"), "nothing": frames("[DONE]"), "index": frames(`{"choices":[{"index":-1,"text":""}]}`),
		"failed": frames(`{"choices":[{"index":0,"text":"","finish_reason":"error"}]}`),
	} {
		got, err := answer(t, new(Adapter), `{`+minimal+`,"stream":true}`, body)
		if err == nil || strings.Contains(got, "[DONE]") || !strings.Contains(got, `"finish_reason":"error"`) {
			t.Errorf("%s: %v %s", name, err, got)
		}
	}
	for name, body := range map[string]string{"error": `{"error":{"message":"busy"}}`, "no choices": `{"id":"x"}`, "cut": `{"choices":[`} {
		got, err := answer(t, new(Adapter), `{`+minimal+`}`, body)
		if err == nil || !strings.HasPrefix(got, `{"error":`) {
			t.Errorf("%s: %v %s", name, err, got)
		}
	}
	if got, err := answer(t, new(Adapter), `{`+minimal+`,"stream":true}`, frames(textChunk, textStop, textUsage)); err != nil {
		t.Errorf("a stream with its usage and no [DONE]: %v %s", err, got)
	}
}

// TestCut cuts a stream at every byte: what is left is never whole.
func TestCut(t *testing.T) {
	body := frames(textChunk, textStop, strings.Replace(textChunk, `"index":0`, `"index":1`, 1), textStop, "[DONE]")
	for at := range len(body) - 2 {
		if got, err := answer(t, new(Adapter), `{`+minimal+`,"stream":true}`, body[:at]); err == nil {
			t.Fatalf("cut at %d of %d is whole: %s", at, len(body), got)
		}
	}
}

func TestStop(t *testing.T) {
	req := decode(t, `{`+minimal+`,"stream":true}`)
	for n := range 3 {
		seen := 0
		for range new(Adapter).Events(req, dialect.Reply{Body: strings.NewReader(frames(textChunk, textStop, "[DONE]")), Stream: true}) {
			if seen++; seen > n {
				break
			}
		}
		if seen != n+1 {
			t.Errorf("%d events of %d", seen, n+1)
		}
	}
}

func TestKeepAlive(t *testing.T) {
	for stream, want := range map[string]string{"true": ": OPENROUTER PROCESSING\n\n", "false": ""} {
		enc := Surface{}.Encode(decode(t, fmt.Sprintf(`{%s,"stream":%s}`, minimal, stream)), &dialect.Answer{})
		if got := string(enc.KeepAlive(nil)); got != want {
			t.Errorf("%s: %q", stream, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{` + minimal + `,"n":2,"logprobs":3,"stop":["x"],"stream":true,"best_of":2,"suffix":"s"}`))
	f.Add([]byte(`{"model":"a/b","prompt":[[1,2],[3]],"echo":true}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			if fault.Of(err) == fault.Internal {
				t.Fatalf("not classified: %v", err)
			}
			return
		}
		for _, a := range []dialect.Adapter{new(Adapter), new(openaichat.Adapter)} {
			call, _, err := a.EncodeRequest(req, dialect.Target{Model: "up", Clamp: 5})
			if err == nil && !rawjson.Valid(bytes.Join(call.Body, nil)) {
				t.Fatalf("not JSON: %s", bytes.Join(call.Body, nil))
			}
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(frames(textChunk, textStop, textUsage, "[DONE]")), true)
	f.Add([]byte(`{"id":"cmpl-1","choices":[{"text":"a","index":0,"finish_reason":"length"}],"usage":{}}`), false)
	f.Add([]byte(`{"choices":["stop",{"text":"a"}],"usage":{}}`), false)
	f.Fuzz(func(t *testing.T, body []byte, stream bool) {
		request := fmt.Sprintf(`{%s,"stream":%v,"echo":true}`, minimal, stream)
		for _, a := range []dialect.Adapter{new(Adapter), new(openaichat.Adapter)} {
			got, err := answer(t, a, request, string(body))
			if err != nil && fault.Of(err) == fault.Internal {
				t.Fatalf("not classified: %v", err)
			}
			if !stream && !rawjson.Valid([]byte(got)) {
				t.Fatalf("not JSON: %s", got)
			}
		}
	})
}

// BenchmarkRelay passes 1000 chunks of a provider of the same dialect.
func BenchmarkRelay(b *testing.B) {
	body := strings.Repeat(frames(textChunk), 1000) + frames(textStop, "[DONE]")
	req := decode(b, `{`+minimal+`,"stream":true}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		for _, err := range new(Adapter).Events(req, dialect.Reply{Body: strings.NewReader(body), Stream: true}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func TestAllocations(t *testing.T) {
	body := strings.Repeat(frames(textChunk), 1000) + frames(textStop, "[DONE]")
	req := decode(t, `{`+minimal+`,"stream":true}`)
	n := testing.AllocsPerRun(10, func() {
		for range new(Adapter).Events(req, dialect.Reply{Body: strings.NewReader(body), Stream: true}) {
		}
	})
	if n /= 1000; n > 1 {
		t.Errorf("%.1f allocations a chunk, at most 1 wanted", n)
	}
}
