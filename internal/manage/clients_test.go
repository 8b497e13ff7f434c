package manage

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// A client of Anthropic's, who sends its version, gets its list and its errors.
func TestModelsForAnthropic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	handler := h.Handler()
	ask := func(target string) (int, string) {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Anthropic-Version", "2023-06-01")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	const (
		large  = `{"type":"model","id":"acme/large","display_name":"Acme: Large","created_at":"2026-03-01T12:00:00Z","max_input_tokens":32000}`
		gpt    = `{"type":"model","id":"openai/gpt-5","display_name":"OpenAI: GPT-5","created_at":"2026-02-02T12:00:00Z","max_input_tokens":400000,"max_tokens":128000}`
		first2 = `"acme/large"`
	)
	for target, want := range map[string]string{
		"/models":                                 `{"data":[` + large + `,` + gpt + `],"has_more":false,"first_id":"acme/large","last_id":"openai/gpt-5"}`,
		"/models?limit=1":                         `{"data":[` + large + `],"has_more":true,"first_id":` + first2 + `,"last_id":` + first2 + `}`,
		"/models?limit=1&after_id=acme/large":     `{"data":[` + gpt + `],"has_more":false,"first_id":"openai/gpt-5","last_id":"openai/gpt-5"}`,
		"/models?limit=1&before_id=openai/gpt-5":  `{"data":[` + large + `],"has_more":false,"first_id":` + first2 + `,"last_id":` + first2 + `}`,
		"/models?after_id=openai/gpt-5":           `{"data":[],"has_more":false,"first_id":null,"last_id":null}`,
		"/models/openai%2Fgpt-5":                  gpt,
		"/models/acme/large":                      large,
		"/models?before_id=acme/large&limit=1000": `{"data":[],"has_more":false,"first_id":null,"last_id":null}`,
	} {
		if status, got := ask(target); status != 200 || got != want {
			t.Errorf("%s: %d %s\nwant %s", target, status, got, want)
		}
	}
	for target, status := range map[string]int{"/models?limit=0": 400, "/models/no/such": 404, "/nothing": 404} {
		if got, body := ask(target); got != status || !strings.HasPrefix(body, `{"type":"error","error":{"type":"`) {
			t.Errorf("%s: %d %s", target, got, body)
		}
	}
}

// A client of Google's gets its lists, page by page, and errors it can read.
func TestModelsForGoogle(t *testing.T) {
	t.Parallel()
	handler := newHouse(t).Google()
	ask := func(method, target string) (int, string, string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		return w.Code, w.Header().Get("Allow"), strings.TrimSpace(w.Body.String())
	}
	const (
		generates = `"supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens"]`
		large     = `{"name":"models/acme/large","version":"acme/large","displayName":"Acme: Large","inputTokenLimit":32000,` + generates + `}`
		gpt       = `{"name":"models/openai/gpt-5","version":"openai/gpt-5","displayName":"OpenAI: GPT-5","inputTokenLimit":400000,"outputTokenLimit":128000,` + generates + `,"thinking":true}`
		latest    = `{"name":"models/~openai/gpt-latest","version":"openai/gpt-5","displayName":"OpenAI: GPT-5","inputTokenLimit":400000,"outputTokenLimit":128000,` + generates + `,"thinking":true}`
	)
	_, _, all := ask("GET", "/v1beta/models")
	if !strings.HasPrefix(all, `{"models":[`+large) || !strings.Contains(all, gpt) || strings.Contains(all, "nextPageToken") || strings.Contains(all, "nokey") {
		t.Errorf("all: %s", all)
	}
	var pages []string
	for token := "0"; token != ""; {
		var page struct {
			Models        []struct{ Name string }
			NextPageToken string
		}
		status, _, body := ask("GET", "/v1beta/models?pageSize=1&pageToken="+token)
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || len(page.Models) != 1 {
			t.Fatal(status, body, err)
		}
		pages, token = append(pages, page.Models[0].Name), page.NextPageToken
	}
	if got := strings.Join(pages, " "); !strings.HasPrefix(got, "models/acme/large ") || !strings.HasSuffix(got, " models/openai/gpt-5") {
		t.Errorf("pages: %s", got)
	}
	for target, want := range map[string]string{"/v1beta/models/acme/large": large, "/v1beta/models/openai%2Fgpt-5": gpt, "/v1beta/models/~openai/gpt-latest": latest} {
		if status, _, got := ask("GET", target); status != 200 || got != want {
			t.Errorf("%s: %d %s\nwant %s", target, status, got, want)
		}
	}
	for _, c := range []struct {
		method, target string
		status         int
		allow, word    string
	}{
		{"GET", "/v1beta/models/no/such", 404, "", "NOT_FOUND"},
		{"GET", "/v1beta/tunedModels", 404, "", "NOT_FOUND"},
		{"POST", "/v1beta/models/a/b:noSuchMethod", 404, "", "NOT_FOUND"},
		{"GET", "/v1beta/models/a/b:generateContent", 405, "POST", "INVALID_ARGUMENT"},
		{"POST", "/v1beta/models", 405, "GET, HEAD", "INVALID_ARGUMENT"},
		{"GET", "/v1beta/models?pageSize=x", 400, "", "INVALID_ARGUMENT"},
		{"GET", "/v1beta/models/", 404, "", "NOT_FOUND"},
	} {
		status, allow, body := ask(c.method, c.target)
		var e struct {
			Error struct {
				Code            int
				Message, Status string
			}
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil || status != c.status || e.Error.Code != status || e.Error.Status != c.word || e.Error.Message == "" || allow != c.allow {
			t.Errorf("%s %s: %d %s %s", c.method, c.target, status, allow, body)
		}
	}
}

// What is wrong with a path of Anthropic's is said in Anthropic's words.
func TestEnvelopeOfMessages(t *testing.T) {
	t.Parallel()
	handler := newHouse(t).Handler()
	for target, want := range map[string]string{
		"/v1/messages": `{"type":"error","error":{"type":"invalid_request_error"`, "/api/v1/messages/batches": `{"type":"error","error":{"type":"not_found_error"`,
		"/api/v1/chat/completions": `{"error":{"code":405`,
	} {
		r := httptest.NewRequest("GET", target, nil)
		r.URL.Path = strings.TrimPrefix(strings.TrimPrefix(target, "/api"), "/v1")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if !strings.HasPrefix(w.Body.String(), want) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// The API's stable version has the path of OpenAI's list: the headers of Google's SDKs tell.
func TestModelsForGoogleAtV1(t *testing.T) {
	t.Parallel()
	handler := newHouse(t).Handler()
	ask := func(target, header string) (int, string) {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set(header, "x")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, header := range []string{"X-Goog-Api-Client", "X-Goog-Api-Key"} {
		for target, want := range map[string]string{
			"/models":                `{"models":[{"name":"models/acme/large",`,
			"/models/acme/large":     `{"name":"models/acme/large",`,
			"/models/openai%2Fgpt-5": `{"name":"models/openai/gpt-5",`,
			"/models/no/such":        `{"error":{"code":404,`,
		} {
			if _, body := ask(target, header); !strings.HasPrefix(body, want) {
				t.Errorf("%s with %s: %s\nwant %s", target, header, body, want)
			}
		}
	}
	if status, body := ask("/models", "Accept"); status != 200 || !strings.HasPrefix(body, `{"object":"list","data":[`) {
		t.Errorf("for others: %d %s", status, body)
	}
}
