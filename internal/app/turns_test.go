package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/simup"
)

// A talker holds one conversation in the dialect of its client: what came back goes into the
// next request as it is.
type talker interface {
	// ask sends what has been said, and takes the answer into it. It returns the id and the
	// name of the tool that the answer calls, "" for none.
	ask(t *testing.T, post func(path string, body any) map[string]any) (id, tool string)
	user(text string)
	result(id, tool, text string)
}

type chatTalker struct {
	messages []any
	forgets  bool // drops reasoning_details, as most clients do
}

func (c *chatTalker) ask(t *testing.T, post func(string, any) map[string]any) (id, tool string) {
	r := post("/v1/chat/completions", map[string]any{"model": "m/x", "messages": c.messages, "reasoning": map[string]any{"max_tokens": 1024}, "max_tokens": 4000,
		"tools": []any{map[string]any{"type": "function", "function": map[string]any{"name": "get_weather", "parameters": place}}}})
	m := r["choices"].([]any)[0].(map[string]any)["message"].(map[string]any)
	if c.forgets {
		delete(m, "reasoning_details")
		delete(m, "reasoning")
	}
	c.messages = append(c.messages, m)
	if calls, ok := m["tool_calls"].([]any); ok {
		call := calls[0].(map[string]any)
		return call["id"].(string), "get_weather"
	}
	return "", ""
}
func (c *chatTalker) user(text string) {
	c.messages = append(c.messages, map[string]any{"role": "user", "content": text})
}
func (c *chatTalker) result(id, _, text string) {
	c.messages = append(c.messages, map[string]any{"role": "tool", "tool_call_id": id, "content": text})
}

type messagesTalker struct{ messages []any }

func (c *messagesTalker) ask(t *testing.T, post func(string, any) map[string]any) (id, tool string) {
	r := post("/v1/messages", map[string]any{"model": "m/x", "messages": c.messages, "max_tokens": 4000, "thinking": map[string]any{"type": "enabled", "budget_tokens": 1024},
		"tools": []any{map[string]any{"name": "get_weather", "input_schema": place}}})
	c.messages = append(c.messages, map[string]any{"role": "assistant", "content": r["content"]})
	for _, b := range r["content"].([]any) {
		if b := b.(map[string]any); b["type"] == "tool_use" {
			return b["id"].(string), "get_weather"
		}
	}
	return "", ""
}
func (c *messagesTalker) user(text string) {
	c.messages = append(c.messages, map[string]any{"role": "user", "content": text})
}
func (c *messagesTalker) result(id, _, text string) {
	c.messages = append(c.messages, map[string]any{"role": "user", "content": []any{map[string]any{"type": "tool_result", "tool_use_id": id, "content": text}}})
}

type responsesTalker struct{ input []any }

func (c *responsesTalker) ask(t *testing.T, post func(string, any) map[string]any) (id, tool string) {
	r := post("/v1/responses", map[string]any{"model": "m/x", "input": c.input, "reasoning": map[string]any{"effort": "low"}, "max_output_tokens": 4000,
		"tools": []any{map[string]any{"type": "function", "name": "get_weather", "parameters": place}}})
	for _, item := range r["output"].([]any) {
		c.input = append(c.input, item)
		if i := item.(map[string]any); i["type"] == "function_call" {
			id, tool = i["call_id"].(string), "get_weather"
		}
	}
	return id, tool
}
func (c *responsesTalker) user(text string) {
	c.input = append(c.input, map[string]any{"role": "user", "content": text})
}
func (c *responsesTalker) result(id, _, text string) {
	c.input = append(c.input, map[string]any{"type": "function_call_output", "call_id": id, "output": text})
}

type geminiTalker struct{ contents []any }

func (c *geminiTalker) ask(t *testing.T, post func(string, any) map[string]any) (id, tool string) {
	r := post("/v1beta/models/m/x:generateContent", map[string]any{"contents": c.contents,
		"generationConfig": map[string]any{"maxOutputTokens": 4000, "thinkingConfig": map[string]any{"includeThoughts": true, "thinkingBudget": 1024}},
		"tools":            []any{map[string]any{"functionDeclarations": []any{map[string]any{"name": "get_weather", "parametersJsonSchema": place}}}}})
	content := r["candidates"].([]any)[0].(map[string]any)["content"].(map[string]any)
	c.contents = append(c.contents, content)
	for _, p := range content["parts"].([]any) {
		if call, ok := p.(map[string]any)["functionCall"].(map[string]any); ok {
			id, _ := call["id"].(string)
			return id, call["name"].(string)
		}
	}
	return "", ""
}
func (c *geminiTalker) user(text string) {
	c.contents = append(c.contents, map[string]any{"role": "user", "parts": []any{map[string]any{"text": text}}})
}
func (c *geminiTalker) result(id, tool, text string) {
	f := map[string]any{"name": tool, "response": map[string]any{"output": text}}
	if id != "" {
		f["id"] = id
	}
	c.contents = append(c.contents, map[string]any{"role": "user", "parts": []any{map[string]any{"functionResponse": f}}})
}

var place = map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []any{"city"}}

// Signatures of thoughts and encrypted reasoning of five turns with tools, from every
// surface to every wire that has any, come home as they were: the simulator checks each as
// its original does, and all of them are in the last request.
func TestFiveTurnsKeepWhatIsOpaque(t *testing.T) {
	t.Parallel()
	upstreams := map[string]struct{ protocol, path, style, blob string }{
		"anthropic": {"anthropic.messages", "", "{budget: true}", `"signature":"`},
		"gemini":    {"gemini.generateContent", "", "{budget: true}", `"thoughtSignature":"`},
		"responses": {"openai.responses", "/v1", "{effort: true}", `"encrypted_content":"`},
		// Wires without anything opaque hold the five calls.
		"cohere": {"cohere.chat", "", "{budget: true}", `"tool_calls":[`},
		"ollama": {"ollama.chat", "", "{effort: true}", `"tool_calls":[`},
	}
	talkers := map[string]func() talker{
		"chat": func() talker { return &chatTalker{} }, "chat without reasoning_details": func() talker { return &chatTalker{forgets: true} },
		"messages": func() talker { return &messagesTalker{} }, "responses": func() talker { return &responsesTalker{} }, "gemini": func() talker { return &geminiTalker{} },
	}
	for wire, up := range upstreams {
		h, key, last := gatewayBefore(t, up.protocol, up.path, up.style)
		for name, make := range talkers {
			t.Run(name+" before "+wire, func(t *testing.T) {
				post := func(path string, body any) map[string]any { return postTo(t, h, key, path, body) }
				c := make()
				for turn := range 5 {
					c.user(fmt.Sprintf("Turn %d: use get_weather for \"Paris\".", turn))
					id, tool := c.ask(t, post)
					if tool == "" {
						t.Fatalf("turn %d calls no tool", turn)
					}
					c.result(id, tool, "sunny")
					if _, tool := c.ask(t, post); tool != "" {
						t.Fatalf("turn %d goes on calling", turn)
					}
				}
				if n := strings.Count(strings.ReplaceAll(last(), `": "`, `":"`), up.blob); n < 5 {
					t.Errorf("the last request holds %d of 5 blobs:\n%.3000s", n, last())
				}
			})
		}
	}
}

// gatewayBefore is a gateway in front of one simulated provider, and what that got last.
func gatewayBefore(t *testing.T, protocol, path, style string) (h http.Handler, key string, last func() string) {
	t.Helper()
	sim, err := simup.Start(simup.Config{Providers: []simup.Provider{{Slug: "sim", Models: []simup.Model{{ID: "m", Tools: true, Reasoning: true}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close() })
	target, err := url.Parse(sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var body []byte
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		mu.Lock()
		body = raw
		mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(raw))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	a, key := gatewayOf(t, fmt.Sprintf("  - {slug: sim, name: Sim, protocol: %s, base_url: %q}\nmodels:\n  - slug: m/x\n    context_length: 100000\n    endpoints: [{provider: sim, upstream_model: m, max_output: 8000, reasoning: %s, price: {prompt: \"1\", completion: \"2\"}}]\n",
		protocol, front.URL+"/sim"+path, style))
	return a.Handler(), key, func() string { mu.Lock(); defer mu.Unlock(); return string(body) }
}

// gatewayOf is a gateway with the providers and models of a configuration.
func gatewayOf(t *testing.T, providers string) (*App, string) {
	t.Helper()
	f, err := config.Load(writeConfig(t, fmt.Sprintf("data: %q\ndemo: false\nproviders:\n%s", t.TempDir(), providers)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	keys, err := a.FirstRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a, keys.Inference
}

func postTo(t *testing.T, h http.Handler, key, path string, body any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Anthropic-Version", "2023-06-01")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
		t.Fatalf("%s: %d %s\nfor %s", path, w.Code, w.Body, raw)
	}
	return out
}
