package anthropic

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestCount(t *testing.T) {
	body := "{\"x\":1e999,\"x\":2,\r\n \"model\":\"a/b\",\"provider\":{},\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9\"}]}"
	req, err := CountSurface{}.DecodeRequest(dialect.Inbound{Body: []byte(body), Header: dialect.Header{"Anthropic-Beta": {"b"}}})
	if err != nil {
		t.Fatal(err)
	}
	call, _, err := CountAdapter{}.EncodeRequest(req, dialect.Target{Model: "c"})
	want := strings.Replace(strings.Replace(body, `,"provider":{}`, "", 1), "a/b", "c", 1)
	if got := string(bytes.Join(call.Body, nil)); err != nil || got != want {
		t.Errorf("sent %s, want %s: %v", got, want, err)
	}
	if dialect.Get(call.Header, "Anthropic-Beta") != "b" || dialect.Get(call.Header, "Anthropic-Version") != version[0] {
		t.Errorf("headers %v", call.Header)
	}
	answer := `{"input_tokens":14}`
	for cut := range len(answer) + 1 {
		for ev, err := range (CountAdapter{}).Events(req, dialect.Reply{Body: strings.NewReader(answer[:cut])}) {
			if cut < len(answer) {
				if fault.Of(err) != fault.Broken {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				continue
			}
			out, _ := CountSurface{}.Encode(req, new(dialect.Answer)).Event(nil, ev)
			if string(out) != answer || ev.Usage.State != llm.UsageReported {
				t.Errorf("answered %s", out)
			}
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for body, param := range map[string]string{
		`{"model":"m"}`:                                           "messages",
		`{"model":"m","messages":[]}`:                             "messages",
		`{"messages":[{"role":"user","content":"x"}]}`:            "model",
		`{"model":"m","messages":[{"role":"bot","content":"x"}]}`: "messages[0].role",
		`{"model":"m","messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled"}}`: "thinking.budget_tokens",
		`{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}`:                 "messages[0].content[0].text",
		`{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"input_schema":{}}]}`: "tools[0].name",
	} {
		_, err := CountSurface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != param {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestConversation(t *testing.T) {
	packed := dialect.Pack(&llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "d", Format: llm.FormatOpenAI})
	body := `{"model":"m","system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[
	{"role":"user","content":"q"},
	{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},{"type":"redacted_thinking","data":"` + packed + `"},{"type":"tool_use","id":"t","name":"f","input":{"a":1.0}}]},
	{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r","is_error":true},{"type":"text","text":"go on"}]},
	{"role":"assistant","content":[{"type":"server_tool_use","id":"x"}]}]}`
	req, err := CountSurface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := req.Conversation()
	if err != nil || len(c.Messages) != 6 {
		t.Fatalf("%d messages: %v", len(c.Messages), err)
	}
	said := c.Messages[2].Parts
	if c.Messages[0].Parts[0].Cache.TTL != "1h" || said[0].Reasoning.Signature != "sig" || said[1].Reasoning.Data != "d" || said[1].Reasoning.Format != llm.FormatOpenAI || said[2].Call.Args != `{"a":1.0}` {
		t.Errorf("%+v", c.Messages[2])
	}
	if r := c.Messages[3].Parts[0].Result; r == nil || r.Name != "f" || !r.Error || c.Messages[4].Parts[0].Text != "go on" || c.Messages[5].Parts[0].Kind != llm.NativePart {
		t.Errorf("%+v", c.Messages[3:])
	}
}
