package app

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// What Google's clients send and insist on, before a provider of their own dialect and
// before another vendor's.
func TestGeminiClients(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	ask := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("X-Goog-Api-Key", key)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, provider := range []string{"demo-cobalt", "demo-basalt"} {
		hello := `{"contents":[{"role":"user","parts":[{"text":"hello [[sim:words=12]]"}]}],"provider":{"only":["` + provider + `"]}}`
		for _, path := range []string{"models/demo/chat", "models/demo%2Fchat", "demo/chat"} {
			whole := ask("/v1beta/"+path+":generateContent", hello)
			if body := strings.ReplaceAll(whole.Body.String(), `": `, `":`); whole.Code != 200 || !strings.Contains(body, `"finishReason":"STOP"`) || !strings.Contains(body, `"totalTokenCount":`) {
				t.Errorf("%s %s: %d %s", provider, path, whole.Code, body)
			}
			stream := ask("/v1beta/"+path+":streamGenerateContent?alt=sse", hello)
			if body := stream.Body.String(); stream.Code != 200 || !strings.HasPrefix(body, "data: {") || !strings.HasSuffix(body, "}\r\n\r\n") || !strings.HasPrefix(stream.Header().Get("Content-Type"), "text/event-stream") {
				t.Errorf("%s %s: %d %q", provider, path, stream.Code, body)
			}
			array := ask("/v1beta/"+path+":streamGenerateContent", hello)
			if body := array.Body.String(); array.Code != 200 || !json.Valid([]byte(body)) || !strings.HasPrefix(body, "[{") || !strings.HasSuffix(body, "}]\r\n") || !strings.HasPrefix(array.Header().Get("Content-Type"), "application/json") {
				t.Errorf("%s %s: %d %q", provider, path, array.Code, body)
			}
		}
		if stable := ask("/v1/models/demo/chat:generateContent", hello); stable.Code != 200 || !strings.Contains(stable.Body.String(), "modelVersion") {
			t.Errorf("%s: %d %s", provider, stable.Code, stable.Body)
		}
		cut := ask("/v1beta/models/demo/chat:generateContent", strings.Replace(hello, "words=12", "truncated", 1))
		if cut.Code != 502 || !strings.HasPrefix(cut.Body.String(), `{"error":{"code":502,"message":"`) {
			t.Errorf("%s: %d %s", provider, cut.Code, cut.Body)
		}
		count := ask("/v1beta/models/demo/chat:countTokens", hello)
		by := map[string]string{"demo-cobalt": "demo-cobalt", "demo-basalt": "estimate"}[provider]
		if body := count.Body.String(); count.Code != 200 || !strings.Contains(body, `"totalTokens":`) || count.Header().Get("X-Dragoman-Count") != by {
			t.Errorf("%s: %d %s %v", provider, count.Code, body, count.Header())
		}
	}
}

// Each API is told what is wrong in its own words, before and after a key was looked at.
func TestErrorsInTheClientsWords(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	const google, anthropic = `{"error":{"code":`, `{"type":"error","error":{"type":"`
	for _, c := range []struct {
		method, path, key string
		status            int
		begins            string
	}{
		{"POST", "/v1beta/models/demo/chat:generateContent", "wrong", 401, google + `401,"message":"`},
		{"POST", "/v1beta/models/demo/chat:generateContent", key, 400, google + `400,"message":"contents`},
		{"POST", "/v1beta/models/no/such:generateContent", key, 400, google},
		{"GET", "/v1beta/models/demo/chat:generateContent", key, 405, google + `405,"message":"`},
		{"POST", "/v1beta/models/demo/chat:noSuchMethod", key, 404, google + `404,"message":"`},
		{"POST", "/upload/v1beta/files", key, 404, google + `404,"message":"`},
		{"GET", "/v1beta/models/no/such", "", 404, google + `404,"message":"`},
		{"GET", "/v1beta/models/demo/chat", "", 200, `{"name":"models/demo/chat"`},
		{"GET", "/v1beta/models", "", 200, `{"models":[`},
		{"POST", "/v1/messages", "wrong", 401, anthropic + "authentication_error"},
		{"GET", "/v1/messages", key, 405, anthropic + "invalid_request_error"},
		{"POST", "/v1/messages/batches", key, 404, anthropic + "not_found_error"},
		{"POST", "/v1/models/demo/chat", key, 405, google + `405,"message":"`},
		{"HEAD", "/", "", 200, ""},
	} {
		w := call(t, h, c.method, c.path, c.key, `{}`)
		if w.Code != c.status || !strings.HasPrefix(w.Body.String(), c.begins) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}
