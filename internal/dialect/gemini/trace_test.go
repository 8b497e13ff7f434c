package gemini

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// trace reads an answer and writes one line per event, and the error as the last line.
func trace(body io.Reader) []string {
	var out []string
	for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: body}) {
		if err != nil {
			out = append(out, fmt.Sprintf("error %d: %v", fault.Of(err), err))
			continue
		}
		out = append(out, line(ev))
	}
	return out
}

func line(ev *llm.Event) string {
	switch ev.Kind {
	case llm.Start:
		return fmt.Sprintf("start %s %s", ev.ID, ev.Model)
	case llm.TextDelta:
		return fmt.Sprintf("text[%d] %q", ev.Choice, ev.Text)
	case llm.RefusalDelta:
		return fmt.Sprintf("refusal[%d] %q", ev.Choice, ev.Text)
	case llm.ReasoningDelta:
		r := ev.Reasoning
		return fmt.Sprintf("%s[%d] #%d text=%q data=%q sig=%q id=%q %s", r.Type, ev.Choice, r.Index, r.Text, r.Data, r.Signature, r.ID, r.Format)
	case llm.ToolStart:
		return fmt.Sprintf("tool[%d] #%d %s %s %s", ev.Choice, ev.Tool.Index, ev.Tool.ID, ev.Tool.Name, ev.Text)
	case llm.ToolDelta:
		return fmt.Sprintf("args[%d] #%d %s", ev.Choice, ev.Tool.Index, ev.Text)
	case llm.MediaDelta:
		return fmt.Sprintf("media[%d] %d url=%q data=%q", ev.Choice, ev.Media.Kind, ev.Media.URL, ev.Media.Data)
	case llm.AnnotationDelta:
		return fmt.Sprintf("cite[%d] %s", ev.Choice, ev.Raw)
	case llm.LogprobsDelta:
		return fmt.Sprintf("logprobs[%d] %s", ev.Choice, ev.Raw)
	case llm.Stop:
		return fmt.Sprintf("stop[%d] %s %s", ev.Choice, ev.Finish, ev.Native)
	case llm.End:
		u := ev.Usage
		s := fmt.Sprintf("end %s in=%d cache=%d audio=%d image=%d out=%d think=%d audioOut=%d imageOut=%d", u.State,
			u.Input, u.CacheRead, u.AudioInput, u.ImageInput, u.Output, u.Reasoning, u.AudioOutput, u.ImageOutput)
		for _, l := range ev.Losses {
			s += " lost:" + l.Path
		}
		return s
	}
	return fmt.Sprintf("unexpected kind %d", ev.Kind)
}

// sseBody frames objects as the upstream does, with CRLF.
func sseBody(objects ...string) string {
	var b strings.Builder
	for _, o := range objects {
		b.WriteString("data: " + o + "\r\n\r\n")
	}
	return b.String()
}

func diff(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("event %d:\n got %s\nwant %s", i, g, w)
		}
	}
}

func slowly(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) }
