package gemini

import (
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// through reads an answer and gives the message a client of OpenAI's shape sends back:
// reasoning details first, then one text, then the calls.
func through(t testing.TB, answer string) llm.Message {
	m := llm.Message{Role: llm.Assistant}
	var text string
	var found []llm.Part
	for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: strings.NewReader(answer)}) {
		if err != nil {
			t.Fatal(err)
		}
		switch ev.Kind {
		case llm.TextDelta:
			text += ev.Text
		case llm.ReasoningDelta:
			r := *ev.Reasoning
			if n := len(m.Parts); n > 0 && m.Parts[n-1].Reasoning.Index == r.Index {
				m.Parts[n-1].Reasoning.Text += r.Text
				m.Parts[n-1].Reasoning.Signature += r.Signature
				continue
			}
			m.Parts = append(m.Parts, llm.Part{Kind: llm.ReasoningPart, Reasoning: &r})
		case llm.ToolStart:
			found = append(found, call(ev.Tool.ID, ev.Tool.Name, ev.Text))
		}
	}
	if text != "" {
		m.Parts = append(m.Parts, llm.Part{Kind: llm.TextPart, Text: text})
	}
	m.Parts = append(m.Parts, found...)
	return m
}

func answerOf(id, parts string) string {
	return `{"candidates":[{"content":{"role":"model","parts":[` + parts + `]},"finishReason":"STOP"}],` + counts + `,"responseId":"` + id + `"}`
}

// turns are the model's contents of a tool loop, as the upstream sent them.
var turns = []string{
	`{"text":"plan","thought":true},{"functionCall":{"name":"search","args":{"q":"a"}},"thoughtSignature":"QQ=="}`,
	`{"functionCall":{"name":"read","args":{"n":1}},"thoughtSignature":"Qg=="},{"functionCall":{"name":"read","args":{"n":2}}}`,
	`{"text":"One more.","thoughtSignature":"Qw=="},{"functionCall":{"id":"k3x9","name":"search","args":{"q":"b"}},"thoughtSignature":"RA=="}`,
	`{"functionCall":{"name":"search","args":{"q":"c"}},"thoughtSignature":"RQ=="}`,
	`{"text":"Done."},{"text":"","thoughtSignature":"Rg=="}`,
}

// loop is the request after five turns of the model, each of which went through a client
// of OpenAI's shape.
func loop() *llm.Request {
	return request(loopConversation(nil))
}

func loopConversation(t testing.TB) *llm.Conversation {
	msgs := []llm.Message{says(llm.User, "go")}
	for i, parts := range turns {
		m := through(t, answerOf("r"+string(rune('0'+i)), parts))
		msgs = append(msgs, m)
		for _, p := range m.Parts {
			if p.Call != nil {
				msgs = append(msgs, result(p.Call.ID, `{"ok":1}`))
			}
		}
	}
	return &llm.Conversation{Messages: append(msgs, says(llm.User, "thanks"))}
}

func TestSignaturesSurviveAToolLoop(t *testing.T) {
	body, losses := encode(t, request(loopConversation(t)), dialect.Target{Model: "gemini-3-flash-preview"})
	var d rawjson.Doc
	if err := d.Parse([]byte(body)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for c := range d.Root().Get("contents").Elems() {
		if !c.Get("role").Is("model") {
			continue
		}
		parts := string(c.Get("parts").Raw())
		got = append(got, parts[1:len(parts)-1])
	}
	want := slices.Clone(turns)
	want[4] = `{"text":"Done.","thoughtSignature":"Rg=="}` // one text comes back: the signature is on its end again
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if len(losses) > 0 {
		t.Errorf("losses %q", losses)
	}
	if strings.Contains(body, inventedPrefix) {
		t.Errorf("an invented id went upstream: %s", body)
	}
	if !strings.Contains(body, `{"functionResponse":{"id":"k3x9","name":"search","response":{"ok":1}}}`) {
		t.Errorf("the upstream's own id is lost: %s", body)
	}
}

func TestSignaturesFindTheirPart(t *testing.T) {
	text := func(s string) llm.Part { return llm.Part{Kind: llm.TextPart, Text: s} }
	foreign := llm.Part{Kind: llm.ReasoningPart, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: "hm", Signature: "s", Format: llm.FormatAnthropic}}
	cases := map[string]struct {
		parts []llm.Part
		model string
		want  string
		lost  int
	}{
		"last of several texts": {[]llm.Part{signed("", "QQ=="), text("a"), text("b")}, "gemini-3-pro", `{"text":"a"},{"text":"b","thoughtSignature":"QQ=="}`, 0},
		"more than texts":       {[]llm.Part{signed("", "QQ=="), signed("", "Qg=="), text("a")}, "gemini-3-pro", `{"text":"a","thoughtSignature":"QQ=="},{"text":"","thoughtSignature":"Qg=="}`, 0},
		"the id is gone":        {[]llm.Part{signed("", "QQ=="), call("x", "f", "{}"), call("y", "f", "{}")}, "gemini-3-pro", `{"functionCall":{"id":"x","name":"f","args":{}},"thoughtSignature":"QQ=="},{"functionCall":{"id":"y","name":"f","args":{}}}`, 0},
		"call and text":         {[]llm.Part{signed("", "QQ=="), signed("x", "Qg=="), text("a"), call("x", "f", "{}")}, "gemini-3-pro", `{"text":"a","thoughtSignature":"QQ=="},{"functionCall":{"id":"x","name":"f","args":{}},"thoughtSignature":"Qg=="}`, 0},
		"another model's call":  {[]llm.Part{foreign, call("x", "f", "{}")}, "gemini-3-pro", `{"functionCall":{"id":"x","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"}`, 2},
		"older models need not": {[]llm.Part{call("x", "f", "{}")}, "gemini-2.5-pro", `{"functionCall":{"id":"x","name":"f","args":{}}}`, 0},
		"on a thought": {[]llm.Part{{Kind: llm.ReasoningPart, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: "hm", Signature: "QQ==", Format: llm.FormatGemini}}, text("a")},
			"gemini-3-pro", `{"text":"hm","thought":true,"thoughtSignature":"QQ=="},{"text":"a"}`, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			body, losses := encode(t, request(&llm.Conversation{Messages: []llm.Message{says(llm.User, "hi"), calls(c.parts...)}}), dialect.Target{Model: c.model})
			if !strings.Contains(body, `"parts":[`+c.want+`]`) {
				t.Errorf("\n got %s\nwant %s", body, c.want)
			}
			if len(losses) != c.lost {
				t.Errorf("losses %q", losses)
			}
		})
	}
}

func TestInventedIDs(t *testing.T) {
	long := answerName(strings.Repeat("x", 40), nil)
	for _, name := range []string{"6nJFaZPBLriWjMcPkf_q8Ac", long, answerName("a b", nil), answerName("", []byte("{}"))} {
		id := invent(name, 1, 2)
		if len(id) > 40 || !plainID(id) || !invented(id) {
			t.Errorf("id %q is not one that every provider takes", id)
		}
	}
	if answerName("", []byte("a")) == answerName("", []byte("b")) {
		t.Error("answers without an id share one")
	}
	if invented("call_1") {
		t.Error("another's id counts as invented")
	}
}
