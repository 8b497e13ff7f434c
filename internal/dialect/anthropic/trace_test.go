package anthropic

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// trace renders the events of an answer, one a line.
func trace(body io.Reader) []string {
	var out []string
	for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: body}) {
		if err != nil {
			e := fault.As(err)
			out = append(out, strings.TrimRight(fmt.Sprintf("error %d %s %s", e.HTTPStatus(), e.ErrorType(), cmp.Or(e.Quote, e.Public)), " "))
			continue
		}
		out = append(out, strings.TrimRight(render(ev), " "))
	}
	return out
}

func render(ev *llm.Event) string {
	switch ev.Kind {
	case llm.Start:
		return fmt.Sprintf("start %s %s %s", ev.ID, ev.Model, ev.ServiceTier)
	case llm.TextDelta:
		return fmt.Sprintf("text %q", ev.Text)
	case llm.RefusalDelta:
		return fmt.Sprintf("refusal %q", ev.Text)
	case llm.ReasoningDelta:
		r := ev.Reasoning
		return fmt.Sprintf("%s #%d text=%q data=%q sig=%q %s", r.Type, r.Index, r.Text, r.Data, r.Signature, r.Format)
	case llm.ToolStart:
		return fmt.Sprintf("tool #%d %s %s %s", ev.Tool.Index, ev.Tool.ID, ev.Tool.Name, ev.Text)
	case llm.ToolDelta:
		return fmt.Sprintf("args #%d %s", ev.Tool.Index, ev.Text)
	case llm.AnnotationDelta:
		return "annotation " + string(ev.Raw)
	case llm.Stop:
		return fmt.Sprintf("stop %s %s", ev.Finish, ev.Native)
	case llm.End:
		s := "end " + counted(ev.Usage)
		for _, l := range ev.Losses {
			s += " lost " + l.Path
		}
		return s
	}
	return fmt.Sprintf("event %d", ev.Kind)
}

// counted shows the classes that are not 0.
func counted(u *llm.Usage) string {
	s := u.State.String()
	for _, f := range []struct {
		name string
		n    int64
	}{
		{"in", u.Input}, {"read", u.CacheRead}, {"write", u.CacheWrite}, {"5m", u.CacheWrite5m}, {"1h", u.CacheWrite1h},
		{"out", u.Output}, {"think", u.Reasoning}, {"searches", u.WebSearches}, {"fetches", u.WebFetches},
	} {
		if f.n != 0 {
			s += fmt.Sprintf(" %s=%d", f.name, f.n)
		}
	}
	if u.ServiceTier != "" {
		s += " tier=" + u.ServiceTier
	}
	return s
}

// stream is an event stream of these events, each named by its type as on the wire.
func stream(events ...string) string {
	var b strings.Builder
	for _, e := range events {
		typ, _, _ := strings.Cut(strings.TrimPrefix(e, `{"type":"`), `"`)
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", typ, e)
	}
	return b.String()
}
