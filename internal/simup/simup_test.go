package simup

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// at is the clock of every test.
var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// standard is a provider with a plain, a reasoning, a slow and a failing model.
func standard() Config {
	return Config{Seed: 7, Now: func() time.Time { return at }, Providers: []Provider{
		{Slug: "amber", Name: "Amber", Models: []Model{
			{ID: "chat", Tools: true, Vision: true, Context: 100_000},
			{ID: "thinker", Reasoning: true, Tools: true},
			{ID: "slow", TokensPerSecond: 100},
			{ID: "flaky", FailureRate: 0.5},
		}},
		{Slug: "locked", Name: "Locked", Key: "right", Models: []Model{{ID: "chat"}}},
	}}
}

func start(t *testing.T, c Config) *Running {
	t.Helper()
	r, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

// got is an answer as it was read; err is how the reading ended, nil for a clean end.
type got struct {
	status int
	header http.Header
	body   string
	err    error
}

// post sends a body below /amber, with the headers that the dialects want.
func (r *Running) post(t *testing.T, path, body string, headers ...string) got {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if !strings.HasPrefix(path, "/") {
		path = "/amber/" + path
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Anthropic-Version", "2023-06-01")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return got{err: err}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return got{resp.StatusCode, resp.Header, string(b), err}
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// client opens a connection for each request, so that a cut hits no other one, and leaves
// compressed bodies as they are.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

const (
	chat      = "v1/chat/completions"
	messages  = "v1/messages"
	generate  = "v1beta/models/chat:generateContent"
	streamSSE = "v1beta/models/chat:streamGenerateContent?alt=sse"
)

// value reads JSON by path: names, and numbers for elements.
func value(t *testing.T, body string, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("no object at %v of %v in %s", p, path, body)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				t.Fatalf("no element %v of %v in %s", p, path, body)
			}
			v = l[p]
		}
	}
	return v
}

// datas are the payloads of a stream's events, whatever its line ends.
func datas(body string) (out []string) {
	for _, line := range strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		if d, ok := strings.CutPrefix(line, "data: "); ok {
			out = append(out, d)
		}
	}
	return out
}

func compact(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return b.String()
}

func benchmarkOne(b *testing.B, s *Server, path, body string) {
	req := httptest.NewRequest(http.MethodPost, "/amber/"+path, strings.NewReader(body))
	req.Header.Set("Anthropic-Version", "2023-06-01")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	if w.Code != 200 {
		b.Fatal(w.Body)
	}
}
