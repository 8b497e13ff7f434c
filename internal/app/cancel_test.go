package app

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/simup"
)

// A client that leaves a stream ends its provider's, whichever dialects the two speak, and
// what was delivered is charged.
func TestLeavingEndsTheUpstream(t *testing.T) {
	t.Parallel()
	const task = `Tell me. [[sim:words=2000,pause=5ms]]`
	surfaces := map[string]struct{ path, body string }{
		"chat":        {"/v1/chat/completions", `{"model":"m/x","stream":true,"messages":[{"role":"user","content":"` + task + `"}]}`},
		"completions": {"/v1/completions", `{"model":"m/x","stream":true,"max_tokens":4000,"prompt":"` + task + `"}`},
		"responses":   {"/v1/responses", `{"model":"m/x","stream":true,"input":"` + task + `"}`},
		"messages":    {"/v1/messages", `{"model":"m/x","stream":true,"max_tokens":4000,"messages":[{"role":"user","content":"` + task + `"}]}`},
		"gemini":      {"/v1beta/models/m/x:streamGenerateContent?alt=sse", `{"contents":[{"role":"user","parts":[{"text":"` + task + `"}]}]}`},
	}
	for wire, up := range map[string]struct{ protocol, path string }{
		"openai": {"openai.chat", "/v1"}, "responses": {"openai.responses", "/v1"}, "anthropic": {"anthropic.messages", ""}, "gemini": {"gemini.generateContent", ""},
		"cohere": {"cohere.chat", ""}, "ollama": {"ollama.chat", ""},
	} {
		a, key, sim := beforeSim(t, up.protocol, up.path)
		front := httptest.NewServer(canary.Handler(t, a.Handler()))
		t.Cleanup(front.Close)
		for name, s := range surfaces {
			t.Run(name+" before "+wire, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				req, err := http.NewRequestWithContext(ctx, "POST", front.URL+s.path, strings.NewReader(s.body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+key)
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				lines := bufio.NewScanner(resp.Body)
				for n := 0; n < 12 && lines.Scan(); n++ {
					if resp.StatusCode != 200 {
						t.Fatalf("%d %s", resp.StatusCode, lines.Text())
					}
				}
				before, lines0 := spent(t, a), len(sim.Invoice())
				left := time.Now()
				cancel()
				for len(sim.Invoice()) == lines0 {
					if time.Since(left) > 5*time.Second {
						t.Fatal("the upstream goes on")
					}
					time.Sleep(time.Millisecond)
				}
				t.Logf("the upstream noticed %v after the client had left", time.Since(left))
				if line := sim.Invoice()[lines0]; line.Broke != "client left" {
					t.Errorf("the upstream's answer ended otherwise: %+v", line)
				}
				for deadline := time.Now().Add(5 * time.Second); spent(t, a) == before; time.Sleep(5 * time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatal("nothing is charged")
					}
				}
			})
		}
	}
}

func spent(t *testing.T, a *App) int64 {
	t.Helper()
	b, err := a.Store().Balance(context.Background(), DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	return int64(b.Spent)
}

// beforeSim is a gateway in front of a simulated provider.
func beforeSim(t *testing.T, protocol, path string) (*App, string, *simup.Server) {
	t.Helper()
	sim, err := simup.Start(simup.Config{Providers: []simup.Provider{{Slug: "sim", Models: []simup.Model{{ID: "m"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close() })
	a, key := gatewayOf(t, fmt.Sprintf("  - {slug: sim, name: Sim, protocol: %s, base_url: %q}\nmodels:\n  - slug: m/x\n    context_length: 100000\n    endpoints: [{provider: sim, upstream_model: m, price: {prompt: \"100\", completion: \"200\"}}]\n",
		protocol, sim.URL+"/sim"+path))
	return a, key, sim.Server
}
