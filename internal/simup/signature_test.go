package simup

import (
	"encoding/json"
	"strings"
	"testing"
)

const anthropicTool = `"tools":[{"name":"ping","input_schema":{"type":"object"}}],`

func TestAnthropicSignatureIsChecked(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	head := `{"model":"thinker","max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":1024},` + anthropicTool + `"messages":[{"role":"user","content":"ping"}`
	first := r.post(t, messages, head+`]}`)
	if value(t, first.body, "content", 0, "type") != "thinking" || value(t, first.body, "content", 1, "type") != "tool_use" {
		t.Fatalf("no thought before the call: %s", first.body)
	}
	raw, err := json.Marshal(value(t, first.body, "content"))
	if err != nil {
		t.Fatal(err)
	}
	content := string(raw)
	id := value(t, first.body, "content", 1, "id").(string)
	follow := func(content string) got {
		return r.post(t, messages, head+`,{"role":"assistant","content":`+content+`},{"role":"user","content":[{"type":"tool_result","tool_use_id":"`+id+`","content":"pong"}]}]}`)
	}
	if g := follow(content); g.status != 200 {
		t.Errorf("its own turn is refused: %s", g.body)
	}
	if g := follow(strings.Replace(content, "The request", "the request", 1)); g.status != 400 || !strings.Contains(g.body, "messages.1.content.0: Invalid `signature` in `thinking` block") {
		t.Errorf("a changed thought: %d %s", g.status, g.body)
	}
	if g := follow(`[{"type":"tool_use","id":"` + id + `","name":"ping","input":{}}]`); g.status != 400 || !strings.Contains(g.body, "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`") {
		t.Errorf("no thought: %d %s", g.status, g.body)
	}
}

func TestAnthropicRefusesLooseResults(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	for name, m := range map[string]string{
		"result without call": `[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}]`,
		"call without result": `[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"ping","input":{}}]},{"role":"user","content":"y"}]`,
		"call at the end":     `[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"ping","input":{}}]}]`,
	} {
		if g := r.post(t, messages, `{"model":"chat","max_tokens":9,`+anthropicTool+`"messages":`+m+`}`); g.status != 400 {
			t.Errorf("%s: %d %s", name, g.status, g.body)
		}
	}
}

func TestGeminiSignatureIsChecked(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const path = "v1beta/models/thinker:generateContent"
	head := `{"generationConfig":{"thinkingConfig":{"includeThoughts":true}},"tools":[{"functionDeclarations":[{"name":"ping"}]}],"contents":[{"role":"user","parts":[{"text":"ping"}]}`
	first := r.post(t, path, head+`]}`)
	if value(t, first.body, "candidates", 0, "content", "parts", 0, "thought") != true {
		t.Fatalf("no thought: %s", first.body)
	}
	signature := value(t, first.body, "candidates", 0, "content", "parts", 1, "thoughtSignature").(string)
	follow := func(signature string) got {
		return r.post(t, path, head+`,{"role":"model","parts":[{"functionCall":{"name":"ping","args":{}}`+signature+`}]},{"role":"user","parts":[{"functionResponse":{"name":"ping","response":{"output":"pong"}}}]}]}`)
	}
	for name, c := range map[string]struct {
		signature string
		status    int
	}{
		"its own":        {`,"thoughtSignature":"` + signature + `"`, 200},
		"the documented": {`,"thoughtSignature":"skip_thought_signature_validator"`, 200},
		"none":           {``, 400},
		"another":        {`,"thoughtSignature":"` + strings.ToLower(signature) + `"`, 400},
	} {
		if g := follow(c.signature); g.status != c.status {
			t.Errorf("%s signature: %d %s", name, g.status, g.body)
		}
	}
}

func TestThoughtsAreCounted(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"thinker","reasoning_effort":"low","messages":[{"role":"user","content":"Why?"}]}`)
	thought, _ := value(t, g.body, "choices", 0, "message", "reasoning_content").(string)
	if want := float64(tokens(len(thought))); thought == "" || value(t, g.body, "usage", "completion_tokens_details", "reasoning_tokens") != want {
		t.Errorf("openai: %s", g.body)
	}
	for _, path := range []string{":generateContent", ":streamGenerateContent?alt=sse"} {
		g = r.post(t, "v1beta/models/thinker"+path, `{"generationConfig":{"thinkingConfig":{"thinkingBudget":100}},"contents":[{"parts":[{"text":"Why?"}]}]}`)
		last := g.body
		if d := datas(last); len(d) > 0 {
			last = d[len(d)-1]
		}
		if n := value(t, last, "usageMetadata", "thoughtsTokenCount"); n == nil || strings.Contains(g.body, `"thought"`) || !strings.Contains(last, "thoughtSignature") {
			t.Errorf("gemini%s: thoughts are counted, not shown, and signed: %s", path, g.body)
		}
	}
	if g := r.post(t, chat, `{"model":"chat","reasoning_effort":"low","messages":[{"role":"user","content":"Why?"}]}`); strings.Contains(g.body, "reasoning_content") {
		t.Errorf("a model that cannot think: %s", g.body)
	}
}
