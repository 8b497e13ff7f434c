package rig

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func ask(t *testing.T, h http.Handler, path, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestOpenAIAnswersPassTheLoadsOwnCheck(t *testing.T) {
	h := newUpstream()
	code, body := ask(t, h, "/v1/chat/completions", `{"model":"answer","messages":[]}`)
	if err := dialects[openAI].check(code, []byte(body), 0); err != nil || !json.Valid([]byte(body)) {
		t.Errorf("whole answer: %v\n%s", err, body)
	}
	code, body = ask(t, h, "/v1/chat/completions", `{"messages":[{"content":"\"model\":\"x\" \"stream\""}], "stream": true, "model" : "stream-19-0"}`)
	if err := dialects[openAI].check(code, []byte(body), 19); err != nil {
		t.Errorf("streamed answer: %v\n%s", err, body)
	}
	for _, frame := range strings.Split(strings.TrimSuffix(body, "data: [DONE]\n\n"), "\n\n") {
		data, _ := strings.CutPrefix(frame, "data: ")
		if frame != "" && !json.Valid([]byte(data)) {
			t.Errorf("frame is no JSON: %s", frame)
		}
	}
}

func TestAnthropicAnswers(t *testing.T) {
	h := newUpstream()
	if _, body := ask(t, h, "/v1/messages", `{"model":"answer"}`); !json.Valid([]byte(body)) || !strings.Contains(body, wholeText) {
		t.Errorf("whole answer: %s", body)
	}
	_, body := ask(t, h, "/v1/messages", `{"model":"stream-10-0","stream":true}`)
	if n := strings.Count(body, marker); n != 10 {
		t.Errorf("%d pieces of content", n)
	}
	var events []string
	for line := range strings.Lines(body) {
		if name, ok := strings.CutPrefix(line, "event: "); ok && (len(events) == 0 || events[len(events)-1] != strings.TrimSpace(name)) {
			events = append(events, strings.TrimSpace(name))
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok && !json.Valid([]byte(data)) {
			t.Errorf("event is no JSON: %s", data)
		}
	}
	want := "message_start content_block_start ping content_block_delta content_block_stop message_delta message_stop"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("events %s\nwant   %s", got, want)
	}
}

// TestDialectsPassTheirOwnChecks: whole and streamed, each frame JSON, and a stream that is
// cut between any two events does not pass.
func TestDialectsPassTheirOwnChecks(t *testing.T) {
	for name, d := range dialects {
		messages, err := d.requestBody("chat", "answer", false)
		if err != nil || !json.Valid(messages) || len(messages) < 900 {
			t.Errorf("%s: %v, %s", name, err, messages)
		}
		code, body := ask(t, newUpstream(), d.at("answer", false), string(messages))
		if err := d.check(code, []byte(body), 0); err != nil || !json.Valid([]byte(body)) {
			t.Errorf("%s whole: %v\n%s", name, err, body)
		}
		streamed, err := d.requestBody("chat", "stream-19-0", true)
		if err != nil {
			t.Fatal(err)
		}
		code, body = ask(t, newUpstream(), d.at("stream-19-0", true), string(streamed))
		if err := d.check(code, []byte(body), 19); err != nil {
			t.Errorf("%s streamed: %v\n%s", name, err, body)
		}
		for line := range strings.Lines(body) {
			if data, ok := strings.CutPrefix(line, "data: "); ok && !strings.HasPrefix(data, "[DONE]") && !json.Valid([]byte(data)) {
				t.Errorf("%s: an event is no JSON: %s", name, data)
			}
		}
		for at := range body {
			if d.check(200, []byte(body[:at]), 19) == nil {
				t.Errorf("%s: cut at %d of %d it passes", name, at, len(body))
			}
		}
		if d.check(200, []byte(body), 18) == nil || d.check(500, []byte(body), 19) == nil {
			t.Errorf("%s: another number of chunks or another status passes", name)
		}
	}
}

func TestUpstreamRefusesWhatItCannotPlay(t *testing.T) {
	for _, body := range []string{`{}`, `{"model":"gpt"}`, `{"model":"stream-0-0"}`, `{"model":"answer","stream":true}`} {
		if code, _ := ask(t, newUpstream(), "/v1/chat/completions", body); code != http.StatusBadRequest {
			t.Errorf("%s: %d", body, code)
		}
	}
}

func TestModelCarriesTheStream(t *testing.T) {
	for _, s := range []stream{{}, {1, 0}, {500, 0}, {20, time.Second}} {
		if got, err := parseModel(scenario{stream: s}.model()); err != nil || got != s {
			t.Errorf("%v came back as %v, %v", s, got, err)
		}
	}
}

func TestEveryPieceOfContentCountsOnce(t *testing.T) {
	for _, w := range words {
		if strings.Count(w, marker) != 1 {
			t.Errorf("%q counts %d times", w, strings.Count(w, marker))
		}
	}
}

func TestRequestBodies(t *testing.T) {
	for shape, size := range map[string][2]int{"chat": {900, 1500}, "prompt": {promptSize, promptSize + 2000}, "image": {imageSize, imageSize + 2000}} {
		body, err := dialects[openAI].requestBody(shape, "rig/model", true)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(body) || len(body) < size[0] || len(body) > size[1] {
			t.Errorf("%s: valid %t, %d bytes", shape, json.Valid(body), len(body))
		}
		if strings.Count(string(body), marker) != 0 {
			t.Errorf("%s holds the marker of answers", shape)
		}
	}
	if _, err := dialects[openAI].requestBody("poem", "m", false); err == nil {
		t.Error("an unknown shape was made")
	}
}
