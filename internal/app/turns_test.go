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

var weather = []string{"get_weather"}

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
		"chat": func() talker { return &chatTalker{tools: weather} }, "chat without reasoning_details": func() talker { return &chatTalker{tools: weather, forgets: true} },
		"messages": func() talker { return &messagesTalker{tools: weather} }, "responses": func() talker { return &responsesTalker{tools: weather} }, "gemini": func() talker { return &geminiTalker{tools: weather} },
	}
	for wire, up := range upstreams {
		h, key, last := gatewayBefore(t, up.protocol, up.path, up.style)
		for name, make := range talkers {
			t.Run(name+" before "+wire, func(t *testing.T) {
				post := func(path string, body map[string]any) map[string]any { return postTo(t, h, key, path, body) }
				c := make()
				for turn := range 5 {
					c.user(fmt.Sprintf("Turn %d: use get_weather for \"Paris\".", turn))
					calls := c.ask(t, post).calls
					if len(calls) != 1 {
						t.Fatalf("turn %d calls %v", turn, calls)
					}
					c.results(map[toolCall]outcome{calls[0]: {text: "sunny"}})
					if calls := c.ask(t, post).calls; len(calls) > 0 {
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
	a, key, last := simulated(t, protocol, path, style, "")
	return a.Handler(), key, last
}

// simulated is the same with more of a configuration.
func simulated(t *testing.T, protocol, path, style, more string) (a *App, key string, last func() string) {
	t.Helper()
	s := (&play{slug: "sim", protocol: protocol, path: path, style: style, more: more}).begin(t)
	return s.app, s.key, s.last
}

// A play is one provider as the simulator gives it.
type play struct {
	slug, protocol, path string
	row                  string // further members of the provider's row
	model                string // at the provider; m
	style                string // of reasoning
	more                 string // of the configuration
	mute                 bool   // the model does not reason
}

// A theatre is a gateway in front of a play.
type theatre struct {
	app  *App
	key  string
	sim  *simup.Running
	last func() string // what the provider got last
}

func (p *play) begin(t *testing.T) *theatre {
	t.Helper()
	if p.model == "" {
		p.model = "m"
	}
	sim, err := simup.Start(simup.Config{Providers: []simup.Provider{{Slug: p.slug, Models: []simup.Model{{ID: p.model, Tools: true, Vision: true, Reasoning: !p.mute}}}}})
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
	a, key := gatewayOf(t, fmt.Sprintf("  - {slug: %s, name: Sim, protocol: %s, base_url: %q, data_policy: {trains: false, retains: false, publishes: false}%s}\nmodels:\n  - slug: m/x\n    context_length: 100000\n    endpoints: [{provider: %s, upstream_model: %s, max_output: 8000, input_modalities: [text, image], reasoning: %s, price: {prompt: \"1\", completion: \"2\"}}]\n%s",
		p.slug, p.protocol, front.URL+"/"+p.slug+p.path, p.row, p.slug, p.model, p.style, p.more))
	return &theatre{a, key, sim, func() string { mu.Lock(); defer mu.Unlock(); return string(body) }}
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
	out, _ := exchange(t, h, key, path, body)
	return out
}

func exchange(t *testing.T, h http.Handler, key, path string, body any) (map[string]any, http.Header) {
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
		t.Fatalf("%s: %d %.1000s\nfor …%s", path, w.Code, w.Body, raw[max(0, len(raw)-2000):])
	}
	return out, w.Header()
}
