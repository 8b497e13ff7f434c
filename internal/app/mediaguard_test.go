package app

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The texts around media are filtered too: those of forms, of transcripts and their parts, of
// descriptions of images. Sound and images pass as they are.
func TestTextsBesideMediaAreFiltered(t *testing.T) {
	t.Parallel()
	answer, kind, sent := "", "application/json", ""
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, answer)
	}))
	t.Cleanup(up.Close)
	c, key, _ := guarded(t, fmt.Sprintf("  - {slug: up, name: Up, protocol: openai.chat, also: [openai.audio-transcriptions, openai.images, openai.embeddings], base_url: %q, data_policy: {trains: false, retains: false}}\nmodels:\n"+
		"  - {slug: m/ear, output_modalities: [transcription], endpoints: [{provider: up, upstream_model: x, price: {prompt: 1, completion: 2}}]}\n"+
		"  - {slug: m/sense, output_modalities: [embeddings], endpoints: [{provider: up, upstream_model: x, price: {prompt: 1, completion: 0}}]}\n"+
		"  - {slug: m/hand, output_modalities: [image], endpoints: [{provider: up, upstream_model: x, price: {prompt: 1, image_output: 2}}]}\n", up.URL),
		`"content_filter_builtins":[{"slug":"email","action":"redact","scan_output":true},{"slug":"ssn","action":"block","scan_output":true}]`)
	form := func(fields ...string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(fields); i += 2 {
			if err := w.WriteField(fields[i], fields[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		f, err := w.CreateFormFile("file", "a.wav")
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, "sound of jane@example.com")
		w.Close()
		return w.FormDataContentType(), b.String()
	}
	ask := func(path, mime, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", mime)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		return w
	}

	answer = `{"text":"Hello.","words":[{"word":"Hello."}]}`
	mime, body := form("model", "m/ear", "prompt", "Names: jane@example.com", "language", "en")
	if w := ask("/v1/audio/transcriptions", mime, body); w.Code != 200 || !strings.Contains(w.Body.String(), `"words"`) ||
		!strings.Contains(sent, "Names: [EMAIL]") || strings.Contains(sent, "Names: jane") || !strings.Contains(sent, "sound of jane@example.com") {
		t.Errorf("%d %s, sent %s", w.Code, w.Body, sent)
	}
	sent = ""
	mime, body = form("model", "m/ear", "prompt", "ssn 123-45-6789")
	if w := ask("/v1/audio/transcriptions", "\t"+strings.ToUpper(mime[:9])+mime[9:], body); w.Code != 403 || sent != "" {
		t.Errorf("%d %s, sent %s", w.Code, w.Body, sent)
	}

	answer = `{"text":"Mail jane@example.com now.","segments":[{"text":"Mail jane@"},{"text":"example.com now."}],"words":[{"word":"jane"}],"usage":{"input_tokens":9,"output_tokens":9}}`
	mime, body = form("model", "m/ear", "response_format", "verbose_json")
	if w := ask("/v1/audio/transcriptions", mime, body); w.Code != 200 || !strings.Contains(w.Body.String(), `"text":"Mail [EMAIL] now."`) || strings.Contains(w.Body.String(), "jane") || strings.Contains(w.Body.String(), "segments") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	answer = `{"text":"My ssn is 123-45-6789.","usage":{"input_tokens":9,"output_tokens":9}}`
	if w := ask("/v1/audio/transcriptions", mime, body); w.Code != 403 || strings.Contains(w.Body.String(), "6789") {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	mime, body = form("model", "m/ear", "stream", "true")
	kind = "text/event-stream"
	const said = "Mail jane@example.com now."
	for at := range len(said) + 1 {
		answer = ""
		for _, p := range []string{said[:at], said[at:]} {
			answer += `data: {"type":"transcript.text.delta","delta":` + quoted(p) + "}\n\n"
		}
		answer += `data: {"type":"transcript.text.done","text":` + quoted(said) + `,"usage":{"input_tokens":9,"output_tokens":9}}` + "\n\n"
		w := ask("/v1/audio/transcriptions", mime, body)
		text := gathered(t, &listeners[0], w.Body.String(), true)
		if text["delta"] != "Mail [EMAIL] now." || text["text"] != "Mail [EMAIL] now." {
			t.Fatalf("split at %d: %v", at, text)
		}
		if rec := fmt.Sprint(c.record(w)["dragoman"].(map[string]any)["filtered"]); !strings.Contains(rec, "count:1") {
			t.Fatalf("split at %d: %s", at, rec)
		}
	}
	answer = `data: {"type":"transcript.text.delta","delta":"A long sentence that has come before it. And my ssn is 123-45-"}` + "\n\n" + `data: {"type":"transcript.text.delta","delta":"6789, thanks a lot."}` + "\n\n"
	if w := ask("/v1/audio/transcriptions", mime, body); w.Code != 200 || !strings.Contains(w.Body.String(), `"type":"error"`) || strings.Contains(w.Body.String(), "123") || !strings.Contains(w.Body.String(), "A long sentence") {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	kind = "application/json"
	answer = `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[4111111111111111]}],"usage":{"prompt_tokens":3,"total_tokens":3}}`
	if w := ask("/v1/embeddings", "application/json", `{"model":"m/sense","input":"ann@example.com"}`); w.Code != 200 || !strings.Contains(w.Body.String(), "4111111111111111") || !strings.Contains(sent, "[EMAIL]") {
		t.Errorf("%d %s, sent %s", w.Code, w.Body, sent)
	}
	answer = `{"created":1,"data":[{"b64_json":"amFuZUBleGFtcGxlLmNvbQ==","revised_prompt":"A letter to jane@example.com"}]}`
	if w := ask("/v1/images/generations", "application/json", `{"model":"m/hand","prompt":"a letter to bob@example.com"}`); w.Code != 200 || !strings.Contains(w.Body.String(), "A letter to [EMAIL]") || !strings.Contains(sent, "a letter to [EMAIL]") {
		t.Errorf("%d %s, sent %s", w.Code, w.Body, sent)
	}

	// A form has no JSON to keep, and is answered all the same where contents are kept.
	c.manage("PATCH", "/workspaces/default", `{"is_observability_io_logging_enabled":true}`)
	answer = `{"text":"Hello."}`
	w := ask("/v1/audio/transcriptions", mime, body)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "Hello.") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	awaited(t, 200, func() *httptest.ResponseRecorder {
		return call(t, c.handler, "GET", "/api/v1/generation/content?id="+w.Header().Get("X-Generation-Id"), c.management, "")
	})
}
