package gemini

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// FuzzFrames relays what may be no answer: what ends well is one, in the form asked for.
func FuzzFrames(f *testing.F) {
	for _, c := range eventCases {
		f.Add([]byte(c.body), uint8(0))
		f.Add([]byte(c.body), uint8(1))
		f.Add([]byte(c.body), uint8(2))
	}
	f.Fuzz(func(t *testing.T, body []byte, form uint8) {
		s := []Surface{{Model: "m"}, streamed, {Model: "m", Stream: true, Array: true}}[form%3]
		req := &llm.Request{From: llm.Gemini, Stream: s.Stream}
		enc := s.Encode(req, new(dialect.Answer))
		var out []byte
		ended := false
		for ev, err := range (Adapter{}).Events(req, dialect.Reply{Body: bytes.NewReader(body)}) {
			if ended {
				t.Fatal("an event after the end")
			}
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatalf("not classified: %v", err)
				}
				return
			}
			ended = ev.Kind == llm.End
			if u := ev.Usage; u != nil && (u.Input < 0 || u.Output < 0 || u.Reasoning < 0 || u.CacheRead < 0) {
				t.Fatalf("a negative count in %+v", u)
			}
			if out, err = enc.Event(out, ev); err != nil {
				t.Fatal(err)
			}
		}
		if !ended {
			t.Fatal("no end")
		}
		if (!s.Stream || s.Array) && !rawjson.Valid(out) {
			t.Fatalf("written %q", out)
		}
	})
}

// FuzzWritten translates what the adapter reads, and reads it again: it says the same.
func FuzzWritten(f *testing.F) {
	for _, c := range eventCases {
		f.Add([]byte(c.body), uint8(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, form uint8) {
		first := hear(string(body))
		if first.err != nil {
			return
		}
		s := []Surface{{Model: "m"}, streamed, {Model: "m", Stream: true, Array: true}}[form%3]
		req := &llm.Request{Stream: s.Stream, Reasoning: &llm.Reasoning{}}
		enc := s.Encode(req, &dialect.Answer{GenerationID: "g", Model: "m"})
		var out []byte
		refusals := ""
		for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Body: bytes.NewReader(body)}) {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Kind == llm.RefusalDelta {
				refusals += ev.Text
			}
			if out, err = enc.Event(out, ev); err != nil {
				t.Fatal(err)
			}
		}
		again := hear(string(out))
		if again.err != nil && bytes.Contains(body, []byte("audio/")) { // base64 that was wrong already
			return
		}
		if again.err != nil || !rawjson.Valid(out) && s != streamed {
			t.Fatalf("%v in %q", again.err, out)
		}
		if refusals == "" && len(first.stops) == 1 && again.text.String() != first.text.String() || again.thoughts.String() != first.thoughts.String() && len(first.stops) == 1 {
			t.Fatalf("%q became %q", first.text.String(), again.text.String())
		}
		if len(again.calls) != len(first.calls) || again.usage.Prompt() != first.usage.Prompt() || again.usage.Completion() != first.usage.Completion() {
			t.Fatalf("%+v became %+v in %q", first, again, out)
		}
		if strings.Contains(string(out), "\x00") {
			t.Fatal("raw control characters")
		}
	})
}
