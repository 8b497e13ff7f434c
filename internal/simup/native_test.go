package simup

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// native sends a body to a path of the default provider.
func native(t *testing.T, path, body string) (status int, kind, answer string) {
	t.Helper()
	s, err := Start(Config{Providers: []Provider{{Slug: "sim", Models: []Model{{ID: "m", Reasoning: true, Tools: true, Vision: true}}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := http.Post(s.URL+"/sim/"+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header.Get("Content-Type"), string(raw)
}

const nativeTools = `,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]`

func TestCohereShapes(t *testing.T) {
	ask := func(question, more string) string {
		return `{"model":"m","messages":[{"role":"user","content":"` + question + `"}]` + more + `}`
	}
	status, kind, got := native(t, "v2/chat", ask("Hello", `,"stream":true`))
	if status != 200 || kind != "text/event-stream" {
		t.Errorf("%d %s", status, kind)
	}
	at := 0
	for _, part := range []string{"event: message-start\n", "event: content-start\n", `"thinking":"`, "event: content-end\n", `"index":1`, `"text":"`,
		"event: message-end\n", `"finish_reason":"COMPLETE"`, `"billed_units"`, "data: [DONE]\n\n"} {
		next := strings.Index(got[at:], part)
		if next < 0 {
			t.Fatalf("no %q after byte %d of\n%s", part, at, got)
		}
		at += next
	}
	_, _, got = native(t, "v2/chat", ask("weather in Paris", nativeTools+`,"stream":true,"thinking":{"type":"disabled"}`))
	for _, part := range []string{"event: tool-call-start\n", `"name":"weather"`, "event: tool-call-delta\n", "event: tool-call-end\n", `"TOOL_CALL"`} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	_, _, got = native(t, "v2/chat", ask("weather in Paris", nativeTools))
	if !rawjson.Valid([]byte(got)) || !strings.Contains(got, `"tool_calls":[{"id":"weather_`) {
		t.Errorf("whole: %s", got)
	}
	for _, bad := range []string{`,"top_p":0.5`, `,"n":2`} {
		if status, _, got := native(t, "v2/chat", ask("Hello", bad)); status != 400 || !strings.Contains(got, `"message":"unknown field`) {
			t.Errorf("%s: %d %s", bad, status, got)
		}
	}
}

func TestOllamaShapes(t *testing.T) {
	ask := func(messages, more string) string { return `{"model":"m","messages":[` + messages + `]` + more + `}` }
	const hello = `{"role":"user","content":"Hello"}`
	status, kind, got := native(t, "api/chat", ask(hello, `,"think":true`)) // streams unless told otherwise
	lines := bytes.Split(bytes.TrimSpace([]byte(got)), []byte("\n"))
	if status != 200 || kind != "application/x-ndjson" || len(lines) < 3 {
		t.Fatalf("%d %s %s", status, kind, got)
	}
	var d rawjson.Doc
	for i, l := range lines {
		if err := d.Parse(l); err != nil || d.Root().Get("done").Bool() != (i == len(lines)-1) {
			t.Errorf("line %d: %v: %s", i, err, l)
		}
	}
	if d.Root().Get("eval_count").Int64() == 0 || !d.Root().Get("done_reason").Is("stop") || !strings.Contains(got, `"thinking":"`) {
		t.Errorf("it ends with %s", lines[len(lines)-1])
	}
	_, _, got = native(t, "api/chat", ask(`{"role":"user","content":"weather in Paris"}`, nativeTools+`,"stream":false`))
	if err := d.Parse([]byte(got)); err != nil || strings.Contains(got, `"id"`) {
		t.Fatalf("%v: %s", err, got)
	}
	for c := range d.Root().At("message", "tool_calls").Elems() {
		if c.At("function", "arguments").Kind() != rawjson.Object {
			t.Errorf("arguments in %s", got)
		}
	}
	if status, _, got := native(t, "api/chat", ask(`{"role":"user","content":[{"type":"text","text":"x"}]}`, "")); status != 400 || !strings.HasPrefix(got, `{"error":"`) {
		t.Errorf("content in parts: %d %s", status, got)
	}
}
