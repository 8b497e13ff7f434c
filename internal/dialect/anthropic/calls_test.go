package anthropic

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func begins(n int, text string) llm.Event {
	return llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: n, ID: string(rune('a' + n)), Name: "f"}, Text: text}
}

func argues(n int, text string) llm.Event {
	return llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: n}, Text: text}
}

// retold is what a client gets of events, with the blocks of a stream put together.
func retold(t *testing.T, stream bool, events ...llm.Event) (string, error) {
	t.Helper()
	w := Surface{}.Encode(&llm.Request{From: llm.Anthropic, Stream: stream}, &dialect.Answer{})
	var out []byte
	for _, ev := range append(events, llm.Event{Kind: llm.Stop, Finish: llm.FinishTools}, llm.Event{Kind: llm.End, Usage: &llm.Usage{}}) {
		var err error
		if out, err = w.Event(out, &ev); err != nil {
			return "", err
		}
	}
	a := ""
	for ev, err := range (Adapter{}).Events(&llm.Request{From: llm.OpenAIChat, Stream: stream}, dialect.Reply{Body: strings.NewReader(string(out)), Stream: stream}) {
		if err != nil {
			t.Fatal(err, string(out))
		}
		switch ev.Kind {
		case llm.ToolStart:
			a += " " + ev.Tool.ID + ":" + ev.Text
		case llm.ToolDelta, llm.TextDelta:
			a += ev.Text
		}
	}
	return a, nil
}

// Calls whose arguments come in turns are written one after the other, and those that come
// one after the other are not kept back.
func TestCallsInTurns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events []llm.Event
		want   string
	}{
		"in turns":            {[]llm.Event{begins(0, ""), begins(1, ""), argues(0, `{"x":"}`), argues(1, `{"y":`), argues(0, `\""}`), argues(1, `2}`)}, ` a:{"x":"}\""} b:{"y":2}`},
		"three":               {[]llm.Event{begins(0, `{`), begins(1, `{}`), begins(2, `{`), argues(2, `}`), argues(0, `}`)}, ` a:{} b:{} c:{}`},
		"the first never":     {[]llm.Event{begins(0, `{"x"`), begins(1, `{}`)}, ` a:{"x" b:{}`},
		"a text ends it":      {[]llm.Event{begins(0, `{"x"`), begins(1, `{}`), {Kind: llm.TextDelta, Text: "said"}}, ` a:{"x" b:{}said`},
		"one after the other": {[]llm.Event{begins(0, ""), argues(0, `{}`), begins(1, ""), argues(1, `{}`)}, ` a:{} b:{}`},
	} {
		got, err := retold(t, true, c.events...)
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if strings.Contains(name, "the first") || strings.Contains(name, "text") {
			continue // half an object has no place in a whole message
		}
		if got, err = retold(t, false, c.events...); err != nil || got != c.want {
			t.Errorf("%s, whole: %s, %v", name, got, err)
		}
	}
}

// What waits is bounded, and a call that is over takes nothing more.
func TestCallsInTurnsAreBounded(t *testing.T) {
	t.Parallel()
	many := []llm.Event{begins(0, `{`)}
	for n := range maxOpenBlocks + 1 {
		many = append(many, begins(n+1, ""))
	}
	for name, events := range map[string][]llm.Event{
		"large":   {begins(0, `{`), begins(1, ""), argues(1, strings.Repeat(" ", dialect.MaxFrame+1))},
		"many":    many,
		"over":    {begins(0, `{}`), begins(1, `{}`), argues(0, `{}`)},
		"unknown": {argues(0, `{}`)},
	} {
		if _, err := retold(t, true, events...); fault.Of(err) != fault.Broken {
			t.Errorf("%s: %v", name, err)
		}
	}
}
