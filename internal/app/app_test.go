package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

// newDemo is a gateway that serves the demo providers.
func newDemo(t testing.TB, extra string) (*App, string) {
	t.Helper()
	f, err := config.Load(writeConfig(t, fmt.Sprintf("demo: true\nlisten: 127.0.0.1:0\ndata: %q\n%s", canary.Dir(t), extra)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(f, canary.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	keys, err := a.FirstRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a, keys.Inference
}

// call sends a request to the handler in this process.
func call(t *testing.T, h http.Handler, method, path, key, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// steady asks the demo provider that never fails.
const steady = `"model":"demo/chat","messages":[{"role":"user","content":"hello [[sim:words=12]]"}],"provider":{"only":["demo-cobalt"]}`

func TestDemoAnswers(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	for _, base := range bases {
		whole := call(t, h, "POST", base+"/chat/completions", key, "{"+steady+"}")
		if body := whole.Body.String(); whole.Code != 200 || !strings.Contains(body, "This is Demo Cobalt") || !strings.Contains(body, `"cost":0.`) {
			t.Errorf("%s: %d %s", base, whole.Code, body)
		}
		stream := call(t, h, "POST", base+"/chat/completions", key, `{"stream":true,`+steady+"}")
		if body := stream.Body.String(); stream.Code != 200 || !strings.HasSuffix(body, "data: [DONE]\n\n") || strings.Count(body, "data: ") < 5 {
			t.Errorf("%s: %d %s", base, stream.Code, body)
		}
		if stream.Header().Get("X-Dragoman-Demo") == "" {
			t.Error("nothing says that the answer is simulated")
		}
	}
	metrics := call(t, h, "GET", "/metrics", "", "").Body.String()
	for _, want := range []string{
		`dragoman_requests_total{model="demo/chat",outcome="completed",provider="Demo Cobalt"} 4`,
		`dragoman_attempts_total{provider="Demo Cobalt",result="ok"} 4`,
		"dragoman_operator_loss_usd_total 0",
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
	for _, secret := range []string{key, "hello"} {
		if strings.Contains(metrics, secret) {
			t.Errorf("metrics tell %q", secret)
		}
	}
}

func TestPaths(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	for _, c := range []struct {
		method, path, key string
		status            int
		says              string
	}{
		{"GET", "/healthz", "", 200, `"status":"ok"`},
		{"GET", "/", "", 200, "DEMO"},
		{"GET", "/openapi.json", "", 200, `"openapi"`},
		{"GET", "/api/v1/models", key, 200, `"demo/chat"`},
		{"GET", "/v1/models", key, 200, `"demo/chat"`},
		{"GET", "/api/v1/chat/completions", key, 405, `"error"`},
		{"DELETE", "/v1/models", key, 405, `"error"`},
		{"GET", "/api/v1/nothing", key, 404, `"error"`},
		{"GET", "/nothing", "", 404, `"error"`},
		{"POST", "/api/v1/chat/completions", "sk-or-v1-unknown", 401, `"error"`},
	} {
		w := call(t, h, c.method, c.path, c.key, "{}")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %.300s; want %d with %s", c.method, c.path, w.Code, w.Body, c.status, c.says)
		}
		if c.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: 405 without Allow", c.method, c.path)
		}
	}
}

// TestBrowsers: a browser gets the web app, below the API's bases the API, and everything
// else of the app's by name.
func TestBrowsers(t *testing.T) {
	a, _ := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/keys": "text/html; charset=utf-8", "/models/openai/gpt-4o": "text/html; charset=utf-8",
		"/theme.js": "text/javascript; charset=utf-8", "/api/v1/nothing": "application/json", "/v1beta/nothing": "application/json",
		"/openapi.json": "application/json", "/healthz": "application/json",
	} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); got != want {
			t.Errorf("%s: %d %s, want %s", path, w.Code, got, want)
		}
		if app := strings.HasPrefix(want, "text/"); app != (w.Header().Get("Content-Security-Policy") != "") {
			t.Errorf("%s: a policy where there is no app, or none where there is", path)
		}
	}
}

// TestDataDirectoryTooLongForItsSocket is said before anything is announced.
func TestDataDirectoryTooLongForItsSocket(t *testing.T) {
	a, _ := newDemo(t, "")
	a.file.Config.Data = "/" + strings.Repeat("x", maxSocketPath)
	if _, err := a.Listen(); err == nil || !strings.Contains(err.Error(), "12 bytes too long") {
		t.Errorf("%v", err)
	}
	if err := reachable("/" + strings.Repeat("x", maxSocketPath-len("//"+adminSocket))); err != nil {
		t.Error(err)
	}
}

// TestShutdownFinishesStreams: a stream that is open when the gateway is told to stop
// comes to its end, and Serve returns nil after it.
func TestShutdownFinishesStreams(t *testing.T) {
	a, key := newDemo(t, "timeouts: {shutdown: 20s}\n")
	ln, err := a.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- a.Serve(ctx, ln) }()
	url := "http://" + ln.Addr().String()
	req, err := http.NewRequestWithContext(t.Context(), "POST", url+"/api/v1/chat/completions",
		strings.NewReader(`{"stream":true,`+strings.Replace(steady, "words=12", "words=100", 1)+"}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	if _, err := body.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stop()
	rest, err := io.ReadAll(body)
	if err != nil || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") || strings.Contains(string(rest), `"error"`) {
		t.Errorf("the stream was not finished: %v\n%s", err, rest)
	}
	if err := receive(t, served, 10*time.Second); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it still listens")
	}
}

func TestConfigurationErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an unknown provider", `models:
  - slug: a/b
    endpoints:
      - provider: openai
        upstream_model: m
        free: true
      - provider: no-such-company
        upstream_model: m
        free: true
`, ":7: "},
		{"an unknown quirk", `providers:
  - slug: mine
    base_url: http://127.0.0.1:1/v1
    quirks: [no-such-quirk]
models:
  - slug: a/b
    endpoints: [{provider: mine, upstream_model: m, free: true}]
`, ":2: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := writeConfig(t, c.text)
			f, err := config.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = Check(f); err == nil || !strings.Contains(err.Error(), name+c.want) {
				t.Errorf("%v; want %s%s", err, name, c.want)
			}
		})
	}
}
