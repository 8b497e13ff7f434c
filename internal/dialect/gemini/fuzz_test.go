package gemini

import (
	"bytes"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// FuzzEvents checks the order of events and that nothing follows an end or an error.
func FuzzEvents(f *testing.F) {
	for _, c := range eventCases {
		f.Add([]byte(c.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ended, started := false, false
		for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: bytes.NewReader(body)}) {
			if ended {
				t.Fatal("an event after the end")
			}
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatalf("not classified: %v", err)
				}
				ended = true
				continue
			}
			if (ev.Kind == llm.Start) == started {
				t.Fatalf("event %d while started is %t", ev.Kind, started)
			}
			started = true
			if ended = ev.Kind == llm.End; ended {
				u := ev.Usage
				for _, n := range []int64{u.Input, u.CacheRead, u.AudioInput, u.ImageInput, u.VideoInput, u.Output, u.Reasoning, u.AudioOutput, u.ImageOutput} {
					if n < 0 {
						t.Fatalf("a negative count in %+v", u)
					}
				}
			}
		}
		if !ended {
			t.Fatal("no end")
		}
	})
}

func FuzzFailure(f *testing.F) {
	f.Add(400, []byte(`[{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT","details":[{"reason":"r","retryDelay":"1s"}]}}]`))
	f.Add(502, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := (Adapter{}).Failure(status, nil, body)
		if e == nil || e.Kind == fault.Internal || e.RetryAfter < 0 || e.HTTPStatus() < 400 || e.HTTPStatus() > 599 {
			t.Fatalf("status %d gives %+v", status, e)
		}
	})
}
