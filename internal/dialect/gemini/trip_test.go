package gemini

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// sdk keeps a history as Google's SDKs do: signatures are bytes, and go back in the
// alphabet of URLs.
type sdk struct{ history []map[string]any }

// take puts an answer's parts into the history.
func (s *sdk) take(t *testing.T, out string) (calls []map[string]any) {
	t.Helper()
	next, done, err := open(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	turn := map[string]any{"role": "model"}
	var parts []any
	for {
		raw, err := next()
		if err == io.EOF {
			break
		}
		var o map[string]any
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		for _, p := range partsOf(o) {
			if sig, ok := p["thoughtSignature"].(string); ok {
				b, err := base64.StdEncoding.DecodeString(sig)
				if err != nil {
					t.Fatal(err)
				}
				p["thoughtSignature"] = base64.URLEncoding.EncodeToString(b)
			}
			if fc, ok := p["functionCall"].(map[string]any); ok {
				calls = append(calls, fc)
			}
			parts = append(parts, p)
		}
	}
	turn["parts"] = parts
	s.history = append(s.history, turn)
	return calls
}

func (s *sdk) say(parts ...map[string]any) {
	s.history = append(s.history, map[string]any{"role": "user", "parts": parts})
}

func (s *sdk) ask(t *testing.T, on Surface) *llm.Request {
	t.Helper()
	body, err := json.Marshal(map[string]any{"contents": s.history, "generationConfig": json.RawMessage(`{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":2048},"maxOutputTokens":9000}`),
		"tools": json.RawMessage(`[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}}}]}]`)})
	if err != nil {
		t.Fatal(err)
	}
	req, err := on.DecodeRequest(dialect.Inbound{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// Every blob that an answer holds, of whatever vendor, comes back with the next request;
// also from a client that drops thoughts, or their signatures.
func TestBlobsComeHome(t *testing.T) {
	for name, on := range forms {
		for drops, left := range map[string]func([]any) []any{
			"nothing":  func(parts []any) []any { return parts },
			"thoughts": func(parts []any) []any { return slices.DeleteFunc(parts, isThought) },
			"signatures": func(parts []any) []any {
				return slices.DeleteFunc(unsigned(parts), func(p any) bool { return isThought(p) && p.(map[string]any)["text"] == "" })
			},
		} {
			t.Run(name+", client drops "+drops, func(t *testing.T) { blobsComeHome(t, on, drops == "nothing", left) })
		}
	}
}

func isThought(p any) bool { return p.(map[string]any)["thought"] == true }

func unsigned(parts []any) []any {
	for _, p := range parts {
		if isThought(p) {
			delete(p.(map[string]any), "thoughtSignature")
		}
	}
	return parts
}

func blobsComeHome(t *testing.T, on Surface, ordered bool, left func([]any) []any) {
	t.Helper()
	var client sdk
	client.say(map[string]any{"text": "hi"})
	client.take(t, written(t, on, asks(t, on, seesThoughts), answered...))
	client.history[1]["parts"] = left(client.history[1]["parts"].([]any))
	client.say(map[string]any{"functionResponse": map[string]any{"name": "f", "id": "t1", "response": map[string]any{"output": "1"}}})
	c, err := client.ask(t, on).Conversation()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range c.Messages[1].Parts {
		if p := &c.Messages[1].Parts[i]; p.Text != "" || p.Kind != llm.TextPart {
			got = append(got, strings.TrimPrefix(showPart(p), "x"))
		}
	}
	want := []string{
		`reasoning.text #0 text="hm?" data="" sig="sig" id="" anthropic-claude-v1`,
		`reasoning.encrypted #1 text="" data="d" sig="" id="rs" openai-responses-v1`,
		`reasoning.summary #2 text="so!" data="" sig="" id="rs" openai-responses-v1`,
		`text "Let me \"see\"."`,
		`call t1 f {"a":1}`,
		`reasoning.encrypted #3 text="" data="b3du" sig="" id="t2" google-gemini-v1`,
		`call t2 g {}`,
	}
	if !ordered { // they are before the call that had them, or where their texts are
		for _, list := range [][]string{got, want} {
			for i, s := range list {
				list[i] = numbered.ReplaceAllString(s, "#")
			}
			slices.Sort(list)
		}
	}
	diff(t, got, want)
}

var numbered = regexp.MustCompile(`#[0-9]`)

// Five turns of tools before another vendor: its thinking comes back signed, before the
// calls it belongs to.
func TestToolLoopBeforeAnthropic(t *testing.T) {
	for name, on := range forms {
		toolLoop(t, name, on, func(parts []any) []any { return parts })
		toolLoop(t, name+", client drops thoughts", on, func(parts []any) []any { return slices.DeleteFunc(parts, isThought) })
	}
}

func toolLoop(t *testing.T, name string, on Surface, left func([]any) []any) {
	t.Run(name, func(t *testing.T) {
		var client sdk
		client.say(map[string]any{"text": "go"})
		for turn := range 5 {
			req := client.ask(t, on)
			call, losses, err := anthropic.Adapter{}.EncodeRequest(req, dialect.Target{Model: "claude-sonnet-4-5", MaxOutput: 64000, Reasoning: dialect.ReasoningStyle{Budget: true}})
			if err != nil || len(losses) > 0 {
				t.Fatal(err, losses)
			}
			checkTurns(t, bytes.Join(call.Body, nil), turn)
			enc := on.Encode(req, &dialect.Answer{GenerationID: "g", Model: "m"})
			var out []byte
			for ev, err := range (anthropic.Adapter{}).Events(req, dialect.Reply{Body: strings.NewReader(claude(turn)), Stream: true}) {
				if err != nil {
					t.Fatal(err)
				}
				if out, err = enc.Event(out, ev); err != nil {
					t.Fatal(err)
				}
			}
			calls := client.take(t, string(out))
			if len(calls) != 2 || calls[0]["id"] != fmt.Sprintf("toolu_%d", turn) || fmt.Sprint(calls[0]["args"]) != fmt.Sprintf("map[n:%d]", turn) {
				t.Fatalf("turn %d: calls %v of %s", turn, calls, out)
			}
			last := client.history[len(client.history)-1]
			last["parts"] = left(last["parts"].([]any))
			client.say(map[string]any{"functionResponse": map[string]any{"name": "f", "response": map[string]any{"output": "a"}}},
				map[string]any{"functionResponse": map[string]any{"name": "f", "response": map[string]any{"error": "b"}}})
		}
	})
}

// claude is a turn of thinking, redacted thinking, text and two calls.
func claude(turn int) string {
	var b strings.Builder
	index := 0
	event := func(typ, rest string) { fmt.Fprintf(&b, "event: %s\ndata: {\"type\":%q%s}\n\n", typ, typ, rest) }
	block := func(start string, deltas ...string) {
		event("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":%s`, index, start))
		for _, d := range deltas {
			event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":%s`, index, d))
		}
		event("content_block_stop", fmt.Sprintf(`,"index":%d`, index))
		index++
	}
	event("message_start", `,"message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}`)
	block(`{"type":"thinking","thinking":"","signature":""}`, `{"type":"thinking_delta","thinking":"thought "}`,
		fmt.Sprintf(`{"type":"thinking_delta","thinking":"%d"}`, turn), fmt.Sprintf(`{"type":"signature_delta","signature":"signed+/%d="}`, turn))
	block(fmt.Sprintf(`{"type":"redacted_thinking","data":"hidden%d"}`, turn))
	block(`{"type":"text","text":""}`, `{"type":"text_delta","text":"look"}`)
	block(fmt.Sprintf(`{"type":"tool_use","id":"toolu_%d","name":"f","input":{}}`, turn), `{"type":"input_json_delta","partial_json":"{\"n\":"}`, fmt.Sprintf(`{"type":"input_json_delta","partial_json":"%d}"}`, turn))
	block(fmt.Sprintf(`{"type":"tool_use","id":"toolu_%db","name":"f","input":{}}`, turn), `{"type":"input_json_delta","partial_json":""}`)
	event("message_delta", `,"delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}`)
	event("message_stop", "")
	return b.String()
}

// checkTurns looks at what goes upstream after that many turns.
func checkTurns(t *testing.T, body []byte, turns int) {
	t.Helper()
	var sent struct {
		Messages []struct {
			Role    string
			Content []map[string]any
		}
	}
	if err := json.Unmarshal(body, &sent); err != nil || len(sent.Messages) != 2*turns+1 {
		t.Fatalf("%v %s", err, body)
	}
	for i := range turns {
		said, got := sent.Messages[2*i+1].Content, sent.Messages[2*i+2].Content
		var line []string
		for _, b := range said {
			line = append(line, fmt.Sprint(b["type"], b["thinking"], b["signature"], b["data"], b["text"], b["id"], b["input"]))
		}
		want := fmt.Sprintf("thinkingthought %[1]dsigned+/%[1]d=<nil><nil><nil><nil>|redacted_thinking<nil><nil>hidden%[1]d<nil><nil><nil>|text<nil><nil><nil>look<nil><nil>|tool_use<nil><nil><nil><nil>toolu_%[1]dmap[n:%[1]d]|tool_use<nil><nil><nil><nil>toolu_%[1]dbmap[]", i)
		if s := strings.ReplaceAll(strings.Join(line, "|"), " <nil>", "<nil>"); strings.ReplaceAll(s, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("turn %d went up as %s\nwant %s", i, s, want)
		}
		if len(got) != 2 || got[0]["tool_use_id"] != fmt.Sprintf("toolu_%d", i) || got[1]["tool_use_id"] != fmt.Sprintf("toolu_%db", i) || got[1]["is_error"] != true {
			t.Errorf("results of turn %d went up as %v", i, got)
		}
	}
}
