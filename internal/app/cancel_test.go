package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

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
	} {
		ended := make(chan time.Time, 8)
		a, key := pacedGateway(t, up.protocol, up.path, ended)
		front := httptest.NewServer(a.Handler())
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
				before := spent(t, a)
				left := time.Now()
				cancel()
				select {
				case at := <-ended:
					t.Logf("the upstream's request ended %v after the client had left", at.Sub(left))
				case <-time.After(5 * time.Second):
					t.Fatal("the upstream goes on")
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

// pacedGateway is a gateway in front of a simulated provider that tells when a request to it
// has ended.
func pacedGateway(t *testing.T, protocol, path string, ended chan<- time.Time) (*App, string) {
	t.Helper()
	sim, err := simup.Start(simup.Config{Providers: []simup.Provider{{Slug: "sim", Models: []simup.Model{{ID: "m"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close() })
	target, err := url.Parse(sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	proxy.Transport = &http.Transport{DisableKeepAlives: true}
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- time.Now() }()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return gatewayOf(t, fmt.Sprintf("  - {slug: sim, name: Sim, protocol: %s, base_url: %q}\nmodels:\n  - slug: m/x\n    context_length: 100000\n    endpoints: [{provider: sim, upstream_model: m, price: {prompt: \"100\", completion: \"200\"}}]\n",
		protocol, front.URL+"/sim"+path))
}
