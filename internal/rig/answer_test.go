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
	if err := check(code, []byte(body), 0); err != nil || !json.Valid([]byte(body)) {
		t.Errorf("whole answer: %v\n%s", err, body)
	}
	code, body = ask(t, h, "/v1/chat/completions", `{"messages":[{"content":"\"model\":\"x\" \"stream\""}], "stream": true, "model" : "stream-19-0"}`)
	if err := check(code, []byte(body), 19); err != nil {
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
	if n := contentFrames([]byte(body)); n != 10 {
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
		if contentFrames([]byte(w)) != 1 {
			t.Errorf("%q counts %d times", w, contentFrames([]byte(w)))
		}
	}
}

func TestRequestBodies(t *testing.T) {
	for shape, size := range map[string][2]int{"chat": {900, 1500}, "prompt": {promptSize, promptSize + 2000}, "image": {imageSize, imageSize + 2000}} {
		body, err := requestBody(shape, "rig/model", true)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(body) || len(body) < size[0] || len(body) > size[1] {
			t.Errorf("%s: valid %t, %d bytes", shape, json.Valid(body), len(body))
		}
		if contentFrames(body) != 0 {
			t.Errorf("%s holds the marker of answers", shape)
		}
	}
	if _, err := requestBody("poem", "m", false); err == nil {
		t.Error("an unknown shape was made")
	}
}
