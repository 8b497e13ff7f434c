package app

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// awaited is what a look-up says once the writer has had its turn.
func awaited(t *testing.T, want int, look func() *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	t.Helper()
	w := look()
	for end := time.Now().Add(10 * time.Second); w.Code != want && time.Now().Before(end); w = look() {
		time.Sleep(5 * time.Millisecond)
	}
	if w.Code != want {
		t.Fatalf("%d, want %d: %s", w.Code, want, w.Body)
	}
	return w
}

func TestPromptsAndAnswersAreKeptWhereSwitchedOn(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	key, hash := c.key("")
	other, _ := c.key("")
	ask := func(key, text, extra string) string {
		w := call(t, c.handler, "POST", "/api/v1/chat/completions", key, fmt.Sprintf(`{"model":"m/x","messages":[{"role":"user","content":%q}]%s}`, text, extra))
		return w.Header().Get("X-Generation-Id")
	}
	look := func(key, id string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder {
			return call(t, c.handler, "GET", "/api/v1/generation/content?id="+id, key, "")
		}
	}
	before := ask(key, "before it was on", "")
	c.manage("PATCH", "/workspaces/default", `{"is_observability_io_logging_enabled":true,"io_logging_api_key_hashes":["`+hash+`"]}`)
	kept := ask(key, "to be kept", "")
	zdr := ask(key, "zero retention", `,"provider":{"zdr":true}`)
	notMine := ask(other, "of another key", "")
	got := canary.Bare(awaited(t, 200, look(c.management, kept)).Body.String())
	for _, want := range []string{`"messages":[{"role":"user","content":"to be kept"}]`, `"error":null`, `"truncated":false`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	whole := ask(key, "again", "")
	if got := awaited(t, 200, look(c.management, whole)).Body.String(); !strings.Contains(got, `"completion":"hello"`) {
		t.Error(got)
	}
	for _, id := range []string{before, zdr, notMine} {
		if w := look(c.management, id)(); w.Code != 404 {
			t.Errorf("kept: %d %s", w.Code, w.Body)
		}
	}
	if w := look(key, kept)(); w.Code != 403 {
		t.Errorf("an inference key sees it: %d %s", w.Code, w.Body)
	}
	if log := call(t, c.handler, "GET", "/api/v1/audit", c.management, "").Body.String(); strings.Count(log, `"content.view"`) != 2 || strings.Contains(log, "to be kept") {
		t.Errorf("the audit log: %s", log)
	}
	if w := call(t, c.handler, "DELETE", "/api/v1/generation/content?id="+kept, c.management, ""); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	awaited(t, 404, look(c.management, kept))
	if w := call(t, c.handler, "GET", "/api/v1/generation?id="+kept, c.management, ""); w.Code != 200 {
		t.Errorf("the record is gone with what it said: %d", w.Code)
	}
}

// Nothing is made before somebody switches it on, and nothing is readable then.
func TestKeptContentIsSealed(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	key, _ := c.key("")
	data := c.app.file.Config.Data
	body := `{"model":"m/x","messages":[{"role":"user","content":"CANARY-CONTENT"}]}`
	call(t, c.handler, "POST", "/api/v1/chat/completions", key, body)
	if _, err := os.Stat(filepath.Join(data, "contents.db")); err == nil {
		t.Fatal("there is a file for content that nobody wants")
	}
	c.manage("PATCH", "/workspaces/default", `{"is_observability_io_logging_enabled":true}`)
	id := call(t, c.handler, "POST", "/api/v1/chat/completions", key, body).Header().Get("X-Generation-Id")
	awaited(t, 200, func() *httptest.ResponseRecorder {
		return call(t, c.handler, "GET", "/api/v1/generation/content?id="+id, c.management, "")
	})
	files, err := filepath.Glob(filepath.Join(data, "*"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if raw, _ := os.ReadFile(name); strings.Contains(string(raw), "CANARY-CONTENT") {
			t.Errorf("%s has it as it was said", name)
		}
	}
}

func TestContentsForbidden(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "contents: {forbid: true}\n")
	w := call(t, c.handler, "PATCH", "/api/v1/workspaces/default", c.management, `{"is_observability_io_logging_enabled":true}`)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "contents.forbid") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
