package responses

import (
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// The search tool of messages becomes this API's, also where it is the tool to call.
func TestSearchesOfMessagesClients(t *testing.T) {
	t.Parallel()
	const head = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],`
	const tool = `{"type":"web_search_20250305","name":"web_search","max_uses":3,"allowed_domains":["a.org"],"user_location":{"type":"approximate","city":"Bern"}}`
	for _, c := range []struct {
		rest, want string
		lost       []string
	}{
		{`"tools":[` + tool + `]}`, `"tools":[{"type":"web_search","user_location":{"type":"approximate","city":"Bern"},"filters":{"allowed_domains":["a.org"]}}]`, []string{"tools[0].max_uses"}},
		{`"tools":[` + tool + `],"tool_choice":{"type":"tool","name":"web_search"}}`, `"tool_choice":{"type":"web_search"}`, []string{"tools[0].max_uses"}},
		{`"tools":[{"name":"web_search","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"web_search"}}`, `"tool_choice":{"type":"function","name":"web_search"}`, nil},
	} {
		req, err := anthropic.Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(head + c.rest)})
		if err != nil {
			t.Fatal(err)
		}
		got, lost := sent(t, req, dialect.Target{Model: "up"})
		if !strings.Contains(got, c.want) || !slices.Equal(lost, c.lost) {
			t.Errorf("got  %s, lost %v\nwant %s, lost %v", got, lost, c.want, c.lost)
		}
	}
}

// What an item's events leave out is said by its end, or by the answer's.
func TestWhatOnlyTheEndSays(t *testing.T) {
	t.Parallel()
	const note = `{"type":"url_citation","url":"u"}`
	const said = `{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"hello","annotations":[` + note + `]}]}`
	const call = `{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"}`
	const begun = `data: {"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","content":[]}}` + "\n\n" +
		`data: {"type":"response.output_text.delta","output_index":0,"item_id":"msg_1","delta":"hello"}` + "\n\n"
	const noted = `data: {"type":"response.output_text.annotation.added","output_index":0,"annotation":` + note + `}` + "\n\n"
	end := func(output string) string {
		return `data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[` + output + `]}}` + "\n\n"
	}
	done := func(at, item string) string {
		return `data: {"type":"response.output_item.done","output_index":` + at + `,"item":` + item + `}` + "\n\n"
	}
	for name, body := range map[string]string{
		"everything":                   end(said + "," + call),
		"what came after the deltas":   begun + end(said+","+call),
		"notes at the item's end":      begun + done("0", said) + done("1", call) + end(said+","+call),
		"notes of their own":           begun + noted + done("0", said) + done("1", call) + end(said+","+call),
		"ids that change at the end":   begun + done("0", said) + done("1", call) + end(strings.NewReplacer("msg_1", "x", "fc_1", "y").Replace(said+","+call)),
		"an end without some":          begun + done("0", said) + done("1", call) + end(call),
		"an end without any":           begun + done("0", said) + done("1", call) + end(""),
		"the call alone, in its place": begun + done("0", said) + end(said+","+call),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			evs, err := heardFrom(&llm.Request{From: llm.OpenAIChat, Stream: true}, body, true)
			if err != nil {
				t.Fatal(err)
			}
			var text, args string
			var notes, calls int
			for _, ev := range evs {
				switch ev.Kind {
				case llm.TextDelta:
					text += ev.Text
				case llm.ToolStart:
					calls++
				case llm.ToolDelta:
					args += ev.Text
				case llm.AnnotationDelta:
					notes++
				}
			}
			if text != "hello" || args != `{"a":1}` || calls != 1 || notes != 1 {
				t.Errorf("text %q, %d calls, arguments %s, %d annotations", text, calls, args, notes)
			}
		})
	}
}
