package app

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// keeping is a gateway before a simulated provider that keeps responses.
func keeping(t *testing.T, protocol, path, store string) (a *App, key string, last func() string) {
	t.Helper()
	return simulated(t, protocol, path, "{effort: true}", "responses: {store: "+store+"}\n")
}

// response reads a response object, from a body or from the last event of a stream.
func response(t *testing.T, body string) map[string]any {
	t.Helper()
	text := body
	if strings.HasPrefix(body, "event:") {
		for line := range strings.Lines(body) {
			if data, ok := strings.CutPrefix(line, "data: {"); ok && strings.Contains(data, `"type":"response.completed"`) {
				text = "{" + data
			}
		}
	}
	var r map[string]any
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if inner, ok := r["response"].(map[string]any); ok {
		return inner
	}
	return r
}

// TestKeptResponses: a response that is stored can be continued from, fetched and deleted,
// whether the provider speaks Responses or not, streamed or not.
func TestKeptResponses(t *testing.T) {
	for _, c := range []struct{ protocol, path string }{{"openai.responses", "/v1"}, {"anthropic.messages", ""}, {"openai.chat", "/v1"}} {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", c.protocol, stream), func(t *testing.T) {
				a, key, last := keeping(t, c.protocol, c.path, "asked")
				h := canary.Handler(t, a.Handler())
				ask := func(body string) (int, string) {
					w := call(t, h, "POST", "/v1/responses", key, fmt.Sprintf(`{"model":"m/x","stream":%t,%s}`, stream, body))
					return w.Code, w.Body.String()
				}
				code, body := ask(`"store":true,"input":"the first question"`)
				one := response(t, body)
				id, _ := one["id"].(string)
				if code != 200 || id == "" || one["store"] != true || one["previous_response_id"] != nil {
					t.Fatalf("%d %s", code, body)
				}
				if stream && strings.Contains(body, `"store":false`) {
					t.Errorf("an event says that the response is not stored: %s", body)
				}
				if strings.Contains(last(), `"store":true`) {
					t.Errorf("the provider is to store it too: %s", last())
				}
				code, body = ask(`"store":true,"previous_response_id":"` + id + `","input":[{"role":"user","content":"the second question"}]`)
				two := response(t, body)
				if code != 200 || two["previous_response_id"] != id || two["store"] != true {
					t.Fatalf("%d %s", code, body)
				}
				if sent := last(); !strings.Contains(sent, "the first question") || !strings.Contains(sent, "the second question") || strings.Contains(sent, "previous_response_id\":\"") ||
					strings.Index(sent, "the first question") > strings.Index(sent, "the second question") {
					t.Errorf("the provider got %s", sent)
				}
				code, body = ask(`"previous_response_id":"` + two["id"].(string) + `","input":"the third question"`)
				three := response(t, body)
				if code != 200 || three["store"] != false || strings.Count(last(), "question") < 3 {
					t.Errorf("%d %s after %s", code, body, last())
				}
				if w := call(t, h, "GET", "/v1/responses/"+three["id"].(string), key, ""); w.Code != 404 {
					t.Errorf("a response that was not stored: %d %s", w.Code, w.Body)
				}
				got := call(t, h, "GET", "/api/v1/responses/"+id, key, "")
				if again := response(t, got.Body.String()); got.Code != 200 || fmt.Sprint(again) != fmt.Sprint(one) {
					t.Errorf("%d %s, was %v", got.Code, got.Body, one)
				}
				if w := call(t, h, "DELETE", "/v1/responses/"+id, key, ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"deleted":true`) {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				for _, m := range []string{"GET", "DELETE"} {
					if w := call(t, h, m, "/v1/responses/"+id, key, ""); w.Code != 404 || !strings.Contains(w.Body.String(), `"error"`) {
						t.Errorf("%s after the deletion: %d %s", m, w.Code, w.Body)
					}
				}
				if code, body = ask(`"previous_response_id":"` + id + `","input":"x"`); code != 400 || !strings.Contains(body, "previous_response_not_found") {
					t.Errorf("%d %s", code, body)
				}
			})
		}
	}
}

func TestKeptResponsesOfOthers(t *testing.T) {
	a, key, _ := keeping(t, "openai.chat", "/v1", "all")
	h := canary.Handler(t, a.Handler())
	one := response(t, call(t, h, "POST", "/v1/responses", key, `{"model":"m/x","input":"hello"}`).Body.String())
	if one["store"] != true {
		t.Errorf("what does not say store is not stored: %v", one)
	}
	if no := response(t, call(t, h, "POST", "/v1/responses", key, `{"model":"m/x","input":"hello","store":false}`).Body.String()); no["store"] != false {
		t.Errorf("what says false is stored: %v", no)
	}
	plain := "sk-or-v1-" + strings.Repeat("7", 64)
	err := a.Store().PutKey(t.Context(), &account.Key{Hash: account.HashKey(plain), Account: DefaultAccount, Workspace: "another", Name: "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{plain, "sk-or-v1-nobody"} {
		for _, m := range []string{"GET", "DELETE"} {
			if w := call(t, h, m, "/v1/responses/"+one["id"].(string), k, ""); w.Code != 404 && w.Code != 401 {
				t.Errorf("%s with another's key: %d %s", m, w.Code, w.Body)
			}
		}
		w := call(t, h, "POST", "/v1/responses", k, `{"model":"m/x","input":"hello","previous_response_id":"`+one["id"].(string)+`"}`)
		if w.Code != 400 && w.Code != 401 {
			t.Errorf("continued with another's key: %d %s", w.Code, w.Body)
		}
	}
	if w := call(t, h, "GET", "/v1/responses/"+one["id"].(string), key, ""); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for body, want := range map[string]int{`{`: 400, `[]`: 400, `{"input":7,"model":"m/x"}`: 400, `{"input":"x","store":"yes","model":"m/x"}`: 400,
		`{"input":"x","model":"m/x","previous_response_id":7}`: 400, `{"store":true}`: 400} {
		if w := call(t, h, "POST", "/v1/responses", key, body); w.Code != want || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

// TestNothingIsKeptUnderZDR: neither the operator's policy nor the request's own wish lets a
// response go to the disk, and the client hears of it.
func TestNothingIsKeptUnderZDR(t *testing.T) {
	a, key, _ := keeping(t, "openai.chat", "/v1", "all")
	w := call(t, canary.Handler(t, a.Handler()), "POST", "/v1/responses", key, `{"model":"m/x","input":"hello","store":true,"provider":{"zdr":true}}`)
	r := response(t, w.Body.String())
	if w.Code != 200 || r["store"] != false || !strings.Contains(w.Header().Get("X-Dragoman-Dropped"), "store") {
		t.Errorf("%d %v %v", w.Code, r, w.Header())
	}
	if got := call(t, canary.Handler(t, a.Handler()), "GET", "/v1/responses/"+r["id"].(string), key, ""); got.Code != 404 {
		t.Errorf("kept: %d %s", got.Code, got.Body)
	}
}

// TestNoResponsesAreKeptUnlessSaid: the default.
func TestNoResponsesAreKeptUnlessSaid(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	w := call(t, h, "POST", "/v1/responses", key, `{"model":"demo/chat","input":"hello","store":true,"provider":{"only":["demo-cobalt"]}}`)
	r := response(t, w.Body.String())
	if w.Code != 200 || r["store"] != false || !strings.Contains(w.Header().Get("X-Dragoman-Dropped"), "store") {
		t.Errorf("%d %v %v", w.Code, r, w.Header())
	}
	for _, m := range []string{"GET", "DELETE"} {
		if w := call(t, h, m, "/v1/responses/"+r["id"].(string), key, ""); w.Code != 404 || !strings.Contains(w.Body.String(), "responses.store") {
			t.Errorf("%s: %d %s", m, w.Code, w.Body)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(a.file.Config.Data, "responses*")); len(files) > 0 {
		t.Errorf("files of kept responses: %q", files)
	}
}
