package gemini

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
		first  = `{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"{\"a\""}],"role":"model"},"index":0}]}`
		last   = `{"candidates":[{"content":{"parts":[{"text":":1}"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}`
		stream = "data: " + first + "\n\ndata: " + last + "\n\n"
	)
	for _, c := range []struct {
		body   string
		stream bool
		needs  llm.Needs
		want   string
	}{{last, false, llm.NeedJSONSchema, `:1}`}, {stream, true, llm.NeedJSONSchema, `{"a":1}`}, {last, false, 0, ""}, {stream, true, 0, ""}} {
		req := &llm.Request{From: llm.Gemini, Stream: c.stream, Needs: c.needs}
		said := ""
		for ev, err := range (Adapter{}).Frames(req, dialect.Reply{Status: 200, Body: strings.NewReader(c.body), Stream: c.stream}) {
			if err != nil {
				t.Fatal(err)
			}
			said += ev.Said
		}
		if said != c.want {
			t.Errorf("stream %v, needs %v: said %q, want %q", c.stream, c.needs, said, c.want)
		}
	}
}
