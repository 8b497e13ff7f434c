package anthropic

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
		var o order
		for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: bytes.NewReader(body)}) {
			o.check(t, ev, err)
		}
		if !o.ended {
			t.Fatal("no end")
		}
	})
}

// order is what the contract of llm.EventKind allows next.
type order struct {
	started, stopped, ended bool
	calls                   int
	thoughts                int64
}

func (o *order) check(t *testing.T, ev *llm.Event, err error) {
	t.Helper()
	if o.ended {
		t.Fatal("an event after the end")
	}
	if err != nil {
		if fault.Of(err) == fault.Internal {
			t.Fatalf("not classified: %v", err)
		}
		o.ended = true
		return
	}
	if (ev.Kind == llm.Start) == o.started || ev.Kind != llm.End && o.stopped {
		t.Fatalf("event %d while started is %t and stopped is %t", ev.Kind, o.started, o.stopped)
	}
	o.started = true
	switch ev.Kind {
	case llm.ToolStart:
		if ev.Tool.Index != o.calls {
			t.Fatalf("call %d after %d calls", ev.Tool.Index, o.calls)
		}
		o.calls++
	case llm.ToolDelta:
		if ev.Tool.Index >= o.calls {
			t.Fatalf("arguments of call %d of %d", ev.Tool.Index, o.calls)
		}
	case llm.ReasoningDelta:
		if ev.Reasoning.Index > o.thoughts {
			t.Fatalf("reasoning block %d after %d", ev.Reasoning.Index, o.thoughts)
		}
		o.thoughts = max(o.thoughts, ev.Reasoning.Index+1)
	case llm.Stop:
		o.stopped = true
	case llm.End:
		u := ev.Usage
		o.ended = true
		for _, n := range []int64{u.Input, u.CacheRead, u.CacheWrite, u.CacheWrite5m, u.CacheWrite1h, u.Output, u.Reasoning, u.WebSearches, u.WebFetches} {
			if n < 0 {
				t.Fatalf("a negative count in %+v", u)
			}
		}
	}
}

func FuzzFailure(f *testing.F) {
	f.Add(400, []byte(said("invalid_request_error", "prompt is too long")))
	f.Add(200, []byte(said("overloaded_error", "x")))
	f.Add(502, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := (Adapter{}).Failure(status, nil, body)
		if e == nil || e.Kind == fault.Internal || e.RetryAfter < 0 || e.HTTPStatus() < 400 || e.HTTPStatus() > 599 {
			t.Fatalf("status %d gives %+v", status, e)
		}
	})
}
