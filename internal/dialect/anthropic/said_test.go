package anthropic

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// A relayed answer says its text where a schema is demanded, and nowhere else.
func TestFramesSayTheText(t *testing.T) {
	t.Parallel()
	const (
		usage  = `"usage":{"input_tokens":1,"output_tokens":2}`
		whole  = `{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"{\"a\""},{"type":"text","text":":1}"}],"stop_reason":"end_turn",` + usage + `}`
		stream = `data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],` + usage + "}}\n\n" +
			`data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"{"}}` + "\n\n" +
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\"a\":"}}` + "\n\n" +
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"1}"}}` + "\n\n" +
			`data: {"type":"content_block_stop","index":0}` + "\n\n" +
			`data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},` + usage + "}\n\n" + `data: {"type":"message_stop"}` + "\n\n"
	)
	for _, c := range []struct {
		body   string
		stream bool
		needs  llm.Needs
		want   string
	}{{whole, false, llm.NeedJSONSchema, `{"a":1}`}, {stream, true, llm.NeedJSONSchema, `{"a":1}`}, {whole, false, 0, ""}, {stream, true, 0, ""}} {
		req := &llm.Request{From: llm.Anthropic, Stream: c.stream, Needs: c.needs}
		said, thought := "", ""
		for ev, err := range (Adapter{}).Frames(req, dialect.Reply{Status: 200, Body: strings.NewReader(c.body), Stream: c.stream}) {
			if err != nil {
				t.Fatal(err)
			}
			said, thought = said+ev.Said, thought+ev.Thought
		}
		if want := map[bool]string{true: "hm"}[c.needs != 0 && !c.stream]; thought != want {
			t.Errorf("stream %v, needs %v: thought %q, want %q", c.stream, c.needs, thought, want)
		}
		if said != c.want {
			t.Errorf("stream %v, needs %v: said %q, want %q", c.stream, c.needs, said, c.want)
		}
	}
}
