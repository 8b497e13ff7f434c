package anthropic

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Another vendor's signature that comes after the text is never the last block: coding agents
// take that for the answer. Before a call it comes all the same.
func TestLateSignatures(t *testing.T) {
	t.Parallel()
	sign := llm.Event{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "sig", Format: llm.FormatGemini}}
	say := llm.Event{Kind: llm.TextDelta, Text: "Done."}
	call := llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{ID: "c", Name: "f"}, Text: "{}"}
	for _, c := range []struct {
		events []llm.Event
		blocks string
		lost   int
	}{
		{[]llm.Event{say, sign}, "text", 1},
		{[]llm.Event{say, sign, say}, "text", 1},
		{[]llm.Event{sign, say}, "redacted_thinking text", 0},
		{[]llm.Event{say, sign, call}, "text redacted_thinking tool_use", 0},
	} {
		for _, stream := range []bool{false, true} {
			req := &llm.Request{From: llm.Anthropic, Stream: stream}
			w := Surface{}.Encode(req, &dialect.Answer{})
			var out []byte
			for _, ev := range append(c.events, llm.Event{Kind: llm.Stop, Finish: llm.FinishStop}) {
				var err error
				if out, err = w.Event(out, &ev); err != nil {
					t.Fatal(err)
				}
			}
			if lost := w.(dialect.Reporter).Losses(); len(lost) != c.lost {
				t.Errorf("lost %v, want %d", lost, c.lost)
			}
			out, _ = w.Event(out, &llm.Event{Kind: llm.End, Usage: &llm.Usage{}})
			var blocks []string
			for _, mark := range []string{`{"type":"`} {
				for _, piece := range strings.Split(string(out), mark)[1:] {
					switch typ, _, _ := strings.Cut(piece, `"`); typ {
					case "text", "redacted_thinking", "tool_use":
						blocks = append(blocks, typ)
					}
				}
			}
			if got := strings.Join(blocks, " "); got != c.blocks {
				t.Errorf("stream %v: %s, want %s\n%s", stream, got, c.blocks, out)
			}
		}
	}
}
