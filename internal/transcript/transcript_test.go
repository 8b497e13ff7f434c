package transcript

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestTakesTheFirstChoice(t *testing.T) {
	t.Parallel()
	var s Transcript
	s.Ask([]byte(`{"model":"a/b"}`))
	for _, ev := range []llm.Event{
		{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Text: "hm"}},
		{Kind: llm.TextDelta, Text: "hel"}, {Kind: llm.TextDelta, Text: "lo"}, {Kind: llm.TextDelta, Choice: 1, Text: "no"},
		{Kind: llm.Frame, Said: " you", Thought: "!"}, {Kind: llm.ToolDelta, Text: "{}"},
	} {
		s.Take(&ev)
	}
	if string(s.Input) != `{"model":"a/b"}` || string(s.Completion) != "hello you" || string(s.Reasoning) != "hm!" || s.Cut {
		t.Errorf("%+v", s)
	}
	s.Restart()
	if len(s.Completion)+len(s.Reasoning) != 0 || s.Input == nil {
		t.Errorf("after another attempt: %+v", s)
	}
}

func TestIsBounded(t *testing.T) {
	t.Parallel()
	var s Transcript
	for range 3 {
		s.Take(&llm.Event{Kind: llm.TextDelta, Text: strings.Repeat("x", MaxAnswer/2+1)})
	}
	if len(s.Completion) != MaxAnswer || !s.Cut {
		t.Errorf("%d bytes, cut %v", len(s.Completion), s.Cut)
	}
	var long Transcript
	if long.Ask(make([]byte, MaxInput+1)); long.Input != nil || !long.Cut {
		t.Error("a long request is kept in part")
	}
}

func TestSampled(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0, 0.001, 0.1, 0.5, 1} {
		n := 0
		for i := range 100_000 {
			id := fmt.Sprintf("gen-01jd%022d", i)
			if Sampled(share, "", id) {
				n++
			}
			if Sampled(share, "s", id) != Sampled(share, "s", "") {
				t.Fatal("a session is sampled in part")
			}
		}
		if got := float64(n) / 100_000; got < share*0.8-0.0003 || got > share*1.2+0.0003 {
			t.Errorf("%v of the requests, want %v", got, share)
		}
	}
}
