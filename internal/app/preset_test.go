package app

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// A preset made on one surface is used on every other, by each way to name it.
func TestPresetsOnEverySurface(t *testing.T) {
	a, key := newDemo(t, "responses: {store: all}\n")
	h := canary.Handler(t, a.Handler())
	post := func(path, body string) *httptest.ResponseRecorder { return call(t, h, "POST", path, key, body) }
	for path, body := range map[string]string{
		"chat/completions": `{"model":"demo/chat","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"x"}],"max_tokens":50,"seed":4}`,
		"messages":         `{"model":"demo/chat","system":"Be brief.","messages":[],"max_tokens":50,"thinking":{"type":"disabled"}}`,
		"responses":        `{"model":"demo/chat","instructions":"Be brief.","input":"x","max_output_tokens":50}`,
	} {
		slug := strings.ReplaceAll(path, "/", "-")
		if w := post("/api/v1/presets/"+slug+"/"+path, body); w.Code != 200 || !strings.Contains(w.Body.String(), `"version":1`) {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		for _, c := range []struct{ path, body string }{
			{"/api/v1/chat/completions", `{"model":"@preset/SLUG","messages":[{"role":"user","content":"hi [[sim:words=2]]"}]}`},
			{"/api/v1/chat/completions", `{"model":"demo/chat@preset/SLUG","stream":true,"messages":[{"role":"user","content":"hi [[sim:words=2]]"}]}`},
			{"/v1/chat/completions", `{"model":"demo/chat","preset":"SLUG","messages":[{"role":"user","content":"hi [[sim:words=2]]"}]}`},
			{"/api/v1/completions", `{"preset":"SLUG","prompt":"hi [[sim:words=2]]"}`},
			{"/api/v1/messages", `{"model":"@preset/SLUG","messages":[{"role":"user","content":"hi [[sim:words=2]]"}]}`},
			{"/api/v1/messages/count_tokens", `{"model":"@preset/SLUG","messages":[{"role":"user","content":"hi [[sim:words=2]]"}]}`},
			{"/api/v1/responses", `{"model":"@preset/SLUG","input":"hi [[sim:words=2]]"}`},
			{"/v1beta/models/@preset/SLUG:generateContent", `{"contents":[{"parts":[{"text":"hi [[sim:words=2]]"}]}]}`},
			{"/v1beta/models/demo/chat@preset/SLUG:streamGenerateContent?alt=sse", `{"contents":[{"parts":[{"text":"hi [[sim:words=2]]"}]}]}`},
			{"/v1beta/models/demo/chat:countTokens", `{"preset":"SLUG","contents":[{"parts":[{"text":"hi [[sim:words=2]]"}]}]}`},
		} {
			if w := post(strings.ReplaceAll(c.path, "SLUG", slug), strings.ReplaceAll(c.body, "SLUG", slug)); w.Code != 200 {
				t.Errorf("%s of %s: %d %.400s", c.path, path, w.Code, w.Body)
			}
		}
	}
	w := post("/api/v1/chat/completions", `{"model":"@preset/messages","messages":[{"role":"user","content":"hi [[sim:words=2]]"}]}`)
	got := call(t, h, "GET", "/api/v1/generation?id="+w.Header().Get("X-Generation-Id"), key, "").Body.String()
	if !strings.Contains(got, `"slug":"messages","version":1`) || strings.Contains(got, `"preset_id":null`) {
		t.Errorf("the record does not tell: %s", got)
	}
}

func TestAPresetIsMissedInTheClientsWords(t *testing.T) {
	a, key := newDemo(t, "")
	h := canary.Handler(t, a.Handler())
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/api/v1/chat/completions", `{"model":"@preset/x","messages":[{"role":"user","content":"x"}]}`, 404, `{"error":{"code":404,"message":"No preset`},
		{"/v1/messages", `{"model":"@preset/x","messages":[{"role":"user","content":"x"}]}`, 404, `{"type":"error","error":{"type":"not_found_error","message":"No preset`},
		{"/v1beta/models/@preset/x:generateContent", `{"contents":[]}`, 404, `"status":"NOT_FOUND"`},
		{"/api/v1/embeddings", `{"model":"demo/embed","preset":"x","input":"x"}`, 400, "Presets are for"},
	} {
		if w := call(t, h, "POST", c.path, key, c.body); w.Code != c.status || !strings.Contains(strings.ReplaceAll(w.Body.String(), `": `, `":`), c.says) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
}

// A response is not kept when the preset of its request demands that nothing is.
func TestAPresetForbidsKeeping(t *testing.T) {
	a, key := newDemo(t, "responses: {store: all}\n")
	h := canary.Handler(t, a.Handler())
	post := func(path, body string) *httptest.ResponseRecorder { return call(t, h, "POST", path, key, body) }
	for slug, zdr := range map[string]string{"open": "false", "closed": "true"} {
		if w := post("/v1/presets/"+slug+"/responses", `{"model":"demo/chat","provider":{"zdr":`+zdr+`}}`); w.Code != 200 {
			t.Fatal(w.Body)
		}
		w := post("/v1/responses", `{"preset":"`+slug+`","input":"hi [[sim:words=2]]"}`)
		var made struct{ ID string }
		if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || made.ID == "" {
			t.Fatalf("%s: %d %s", slug, w.Code, w.Body)
		}
		want := map[string]int{"open": 200, "closed": 404}[slug]
		if got := call(t, h, "GET", "/v1/responses/"+made.ID, key, ""); got.Code != want {
			t.Errorf("%s: %d %s", slug, got.Code, got.Body)
		}
	}
}
