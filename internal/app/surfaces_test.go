package app

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// What Anthropic's clients send and insist on, before a provider of their own dialect.
func TestAnthropicClients(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	ask := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("X-Api-Key", key)
		r.Header.Set("Anthropic-Version", "2023-06-01")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const hello = `"model":"demo/chat","max_tokens":64,"messages":[{"role":"user","content":"hello"}]`
	for _, base := range bases {
		whole := ask(base+"/messages?beta=true", "{"+hello+"}")
		if body := whole.Body.String(); whole.Code != 200 || !strings.Contains(body, `"type":"message"`) || !strings.Contains(body, `"stop_reason"`) {
			t.Errorf("%s: %d %s", base, whole.Code, body)
		}
		stream := ask(base+"/messages", `{"stream":true,`+hello+"}")
		if body := stream.Body.String(); stream.Code != 200 || !strings.HasPrefix(body, "event: message_start\n") || !strings.Contains(body, "event: message_stop\n") {
			t.Errorf("%s: %d %s", base, stream.Code, body)
		}
		count := ask(base+"/messages/count_tokens", `{"model":"demo/chat","messages":[{"role":"user","content":"hello"}]}`)
		if body := count.Body.String(); count.Code != 200 || !strings.Contains(body, `"input_tokens":`) || count.Header().Get("X-Dragoman-Count") == "" {
			t.Errorf("%s: %d %s", base, count.Code, body)
		}
	}
	refused := ask("/v1/messages", `{"model":"demo/chat","messages":"no"}`)
	if body := refused.Body.String(); refused.Code != 400 || !strings.HasPrefix(body, `{"type":"error","error":{"type":"invalid_request_error"`) {
		t.Errorf("%d %s", refused.Code, body)
	}
}

// A key in the URL, as Google's clients may send it, is moved before anything reads it.
func TestKeyLeavesTheURL(t *testing.T) {
	r := httptest.NewRequest("POST", "/v1beta/models/x:embedContent?key=sk-or-v1-secret&alt=sse", nil)
	keyToHeader(r)
	if got := r.Header.Get("X-Goog-Api-Key"); got != "sk-or-v1-secret" {
		t.Errorf("the header has %q", got)
	}
	if strings.Contains(r.URL.String()+r.RequestURI, "secret") || r.URL.Query().Get("alt") != "sse" {
		t.Errorf("%s %s", r.URL, r.RequestURI)
	}
	a, key := newDemo(t, "")
	if w := call(t, canary.Handler(t, a.Handler()), "POST", "/v1beta/models/demo/chat:embedContent?key="+key, "", `{"content":{"parts":[{"text":"x"}]}}`); w.Code != 404 {
		t.Errorf("a chat model embeds: %d %s", w.Code, w.Body)
	}
	if w := call(t, canary.Handler(t, a.Handler()), "POST", "/v1beta/models/demo/chat:noSuchMethod", key, `{}`); w.Code != 404 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
