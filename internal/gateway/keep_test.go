package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/keepsake"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// thinks plays Anthropic: a tool call with a signed thought, until the tool's result is there.
func thinks(saw chan<- string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		saw <- string(body)
		w.Header().Set("Content-Type", "application/json")
		content := `[{"type":"thinking","thinking":"Let me look.","signature":"c2lnbmVk"},{"type":"redacted_thinking","data":"c2VhbGVk"},{"type":"tool_use","id":"toolu_1","name":"look","input":{}}]`
		reason := "tool_use"
		if strings.Contains(string(body), "tool_result") {
			content, reason = `[{"type":"text","text":"seen"}]`, "end_turn"
		}
		io.WriteString(w, `{"id":"msg_1","type":"message","role":"assistant","model":"up","content":`+content+`,"stop_reason":"`+reason+`","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}}`)
	}
}

const withTool = `,"max_tokens":4000,"reasoning":{"max_tokens":2000},"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]`

// secondTurn is what a client sends that knows no reasoning_details.
const secondTurn = `{"model":"m/x","messages":[{"role":"user","content":"hello there"},{"role":"assistant","content":null,"tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","tool_call_id":"toolu_1","content":"a cat"}]` + withTool

func TestSignaturesComeBackForClientsThatDropThem(t *testing.T) {
	saw := make(chan string, 4)
	h := newHouse(t, options{}, plays{protocol: llm.Anthropic, h: thinks(saw), price: "1"})
	box, err := keepsake.New(1<<20, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	h.Keep = box
	if status, body := h.ask(withTool); status != 200 || !strings.Contains(body, "toolu_1") {
		t.Fatal(status, body)
	}
	<-saw
	resp := h.request(t.Context(), secondTurn+`}`)
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 {
		t.Fatal(resp.StatusCode, string(body))
	}
	sent := <-saw
	if !strings.Contains(sent, `"signature":"c2lnbmVk"`) || !strings.Contains(sent, `"data":"c2VhbGVk"`) {
		t.Errorf("the provider got no signature back: %s", sent)
	}
	if strings.Index(sent, "c2lnbmVk") > strings.Index(sent, "tool_use\"") {
		t.Errorf("the thought comes after its call: %s", sent)
	}
}

func TestNothingIsKeptUnderZDR(t *testing.T) {
	saw := make(chan string, 4)
	h := newHouse(t, options{}, plays{protocol: llm.Anthropic, h: thinks(saw), price: "1"})
	box, err := keepsake.New(1<<20, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	h.Keep = box
	resp := h.request(t.Context(), `{"model":"m/x","messages":[{"role":"user","content":"hi"}],"provider":{"zdr":true}`+withTool+`}`)
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 {
		t.Fatal(resp.StatusCode, string(body))
	}
	if lost := h.last().Lost; len(lost) == 0 || !strings.Contains(lost[len(lost)-1].Why, "zero data retention") {
		t.Errorf("not reported: %v", lost)
	}
	if box.Used() != 0 {
		t.Errorf("%d bytes are kept", box.Used())
	}
}

func TestStrictModeRefusesLosses(t *testing.T) {
	saw := make(chan string, 4)
	h := newHouse(t, options{}, plays{protocol: llm.Anthropic, h: thinks(saw), price: "1"})
	send := func(strict string) (int, string) {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", h.url, strings.NewReader(`{"model":"m/x","messages":[{"role":"user","content":"hi"}],"logit_bias":{"5":1}}`))
		req.Header.Set("Authorization", "Bearer "+h.key)
		req.Header.Set("X-Dragoman-Strict", strict)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	if status, body := send("true"); status != 400 || !strings.Contains(body, "logit_bias") || len(saw) != 0 {
		t.Errorf("%d %s, %d calls", status, body, len(saw))
	}
	if b := h.balance(); b.Posted != 0 {
		t.Errorf("a refused request cost %v", b.Posted)
	}
	if status, body := send("false"); status != 200 || len(saw) != 1 {
		t.Errorf("%d %s", status, body)
	}
}
