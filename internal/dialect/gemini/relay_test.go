package gemini

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// relayed is what a client of the form gets of an upstream's answer.
func relayed(t testing.TB, s Surface, body io.Reader) (string, *llm.Event, error) {
	t.Helper()
	req := asks(t, s, "")
	enc := s.Encode(req, new(dialect.Answer))
	var out []byte
	last := new(llm.Event)
	for ev, err := range (Adapter{}).Events(req, dialect.Reply{Body: body}) {
		if err != nil {
			return string(out), nil, err
		}
		if out, err = enc.Event(out, ev); err != nil {
			t.Fatal(err)
		}
		if c := *ev; ev.Kind == llm.End {
			u := *ev.Usage
			last.Kind, last.Usage = c.Kind, &u
		}
		if ev.Finish != "" {
			last.Finish, last.Native = ev.Finish, ev.Native
		}
		last.Size += ev.Size
	}
	return string(out), last, nil
}

const (
	oddChunk  = `{"candidates": [{"content": {"parts": [{"text": "h\u00e9","thoughtSignature":"c2ln"},{"new":1e999}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 3},"odd":[null],"modelVersion": "v","responseId": "r"}`
	callChunk = `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":5,"totalTokenCount":12}}`
)

// Frames pass as they are; cut anywhere, the answer is an error.
func TestFramesPassUnchanged(t *testing.T) {
	body := ": hi\r\n\r\n" + sseBody(oddChunk, callChunk)
	out, last, err := relayed(t, streamed, iotest.OneByteReader(strings.NewReader(body)))
	if err != nil || out != body || last.Usage.State != llm.UsageReported || last.Usage.Prompt() != 3 || last.Usage.Reasoning != 5 || last.Finish != llm.FinishTools || last.Native != "STOP" || last.Size == 0 {
		t.Errorf("%v %+v\n%s", err, last, out)
	}
	for cut := range len(strings.TrimRight(body, "\r\n")) {
		if _, _, err := relayed(t, streamed, strings.NewReader(body[:cut])); fault.Of(err) != fault.Broken {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
	}
	if out, _, err := relayed(t, streamed, strings.NewReader(strings.TrimSuffix(body, "\r\n"))); err != nil || out != body {
		t.Errorf("without its blank line: %v %s", err, out)
	}
	one := Surface{Model: "m"}
	if out, last, err := relayed(t, one, strings.NewReader(callChunk+"\n")); err != nil || out != callChunk+"\n" || last.Usage.Completion() != 9 {
		t.Errorf("%v %s", err, out)
	}
	for cut := range len(callChunk) {
		if _, _, err := relayed(t, one, strings.NewReader(callChunk[:cut])); fault.Of(err) != fault.Broken {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
	}
}

// Both forms of a stream can be had from both.
func TestArrays(t *testing.T) {
	pretty := "[" + strings.ReplaceAll(oddChunk, ",", ",\n ") + "\n,\r\n" + callChunk + "\n]\n"
	array := Surface{Model: "m", Stream: true, Array: true}
	for name, body := range map[string]string{"events": sseBody(oddChunk, callChunk), "array": pretty} {
		out, _, err := relayed(t, array, strings.NewReader(body))
		var got, want any
		if err != nil || json.Unmarshal([]byte(strings.ReplaceAll(out, "1e999", "1")), &got) != nil || json.Unmarshal([]byte(strings.ReplaceAll(pretty, "1e999", "1")), &want) != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v %s", name, err, out)
		}
		out, _, err = relayed(t, streamed, strings.NewReader(body))
		if h := hear(out); err != nil || h.err != nil || len(h.calls) != 1 || h.text.String() != "hé" {
			t.Errorf("%s: %v %v %s", name, err, h.err, out)
		}
	}
	for cut := range len(strings.TrimRight(pretty, "\n")) {
		if _, _, err := relayed(t, array, strings.NewReader(pretty[:cut])); fault.Of(err) != fault.Broken {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
	}
}

// An error inside an answer, a refused prompt, and what is no answer.
func TestRelayedFailures(t *testing.T) {
	_, _, err := relayed(t, streamed, strings.NewReader(sseBody(oddChunk, `{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}`)))
	if fault.Of(err) != fault.Overloaded {
		t.Errorf("an error event: %v", err)
	}
	blocked := `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":2}}`
	for name, s := range map[string]Surface{"events": streamed, "whole": {Model: "m"}} {
		body := map[bool]string{true: sseBody(blocked), false: blocked}[s.Stream]
		if out, last, err := relayed(t, s, strings.NewReader(body)); err != nil || out != body || last.Finish != llm.FinishFilter || last.Native != "SAFETY" {
			t.Errorf("%s: %v %+v %s", name, err, last, out)
		}
		for _, body := range []string{"", "<html>", "null", `{"candidates":[{"index":1000}]}`, `{}`} {
			if _, _, err := relayed(t, s, strings.NewReader(body)); fault.Of(err) != fault.Broken {
				t.Errorf("%s of %q: %v", name, body, err)
			}
		}
	}
}

func TestFramesOfRecordings(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		if r.Response.Status != 200 {
			return
		}
		body, want := r.wire(), hear(r.wire())
		s := Surface{Model: "m", Stream: r.Response.SSE != "" || strings.HasPrefix(strings.TrimSpace(body), "[")}
		out, last, err := relayed(t, s, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if r.Response.SSE != "" && strings.TrimRight(out, "\r\n") != strings.TrimRight(body, "\r\n") || !s.Stream && out != body {
			t.Errorf("the answer did not pass unchanged")
		}
		if u := last.Usage; fmt.Sprint(*u) != fmt.Sprint(*want.usage) {
			t.Errorf("usage %+v, want %+v", last.Usage, want.usage)
		}
		got := hear(out)
		if got.text.String() != want.text.String() || spaceless(got.calls) != spaceless(want.calls) || !maps.Equal(got.stops, want.stops) {
			t.Errorf("heard %+v, want %+v", got, want)
		}
	})
}

func spaceless(calls []llm.ToolCall) string {
	return strings.Join(strings.Fields(fmt.Sprint(calls)), "")
}
