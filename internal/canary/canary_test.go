package canary

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// Every way to write a canary is found, wherever it is cut.
func TestLook(t *testing.T) {
	for kind, text := range map[Kind]string{Prompt: "Say " + Said(7) + " twice", Secret: Hidden("sk-1234567890")} {
		wide := utf16.Encode([]rune(text))
		var little bytes.Buffer
		for _, u := range wide {
			little.Write([]byte{byte(u), byte(u >> 8)})
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		fmt.Fprint(z, text)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		percent, escaped := "", ""
		for _, c := range []byte(text) {
			percent += fmt.Sprintf("%%%02x", c)
			escaped += fmt.Sprintf(`\u%04x`, c)
		}
		for form, written := range map[string]string{
			"as it is": text, "JSON": fmt.Sprintf("%q", "<\n"+text), "a URL": url.QueryEscape(text), "upper case": strings.ToUpper(text),
			"hexadecimal": hex.EncodeToString([]byte(text)), "UTF-16": little.String(), "percents": percent, "escapes": escaped,
			"base64": base64.StdEncoding.EncodeToString([]byte(text)), "base64, one later": base64.RawURLEncoding.EncodeToString([]byte("a" + text)),
			"base64, two later": base64.StdEncoding.EncodeToString([]byte("ab" + text)), "gzip": packed.String(), "gzip in a file": "header" + packed.String(),
			"gzip that was cut": packed.String()[:packed.Len()-9],
		} {
			if finds := Look([]byte("before " + written + " after")); len(finds) == 0 || finds[0].Kind != kind {
				t.Errorf("%s as %s: %v", kind, form, finds)
			}
		}
		at := strings.Index(text, "w7z")
		canary := text[at : at+2*len(promptStem)+1]
		for cut := range canary {
			if len(Look([]byte(canary[:cut]+"\x00page\x00"+canary[cut:]))) == 0 {
				t.Errorf("%s cut at %d is not found", kind, cut)
			}
		}
		if got := Bare(text); strings.Contains(got, "w7z") || len(Look([]byte(got))) > 0 {
			t.Errorf("without its canary: %q", got)
		}
	}
	for _, innocent := range []string{"", "a prompt", "sk-or-v1-abc...def", "sk-or-v1-inference"} {
		if finds := Look([]byte(innocent)); len(finds) > 0 {
			t.Errorf("%q: %v", innocent, finds)
		}
	}
	if finds := Look([]byte("key=sk-or-v1-" + strings.Repeat("0a", 32))); len(finds) != 1 || finds[0].Kind != Key {
		t.Errorf("%v", finds)
	}
}

// witness is a test that notes its errors instead of failing. What it registers runs at end.
type witness struct {
	testing.TB
	errors []string
	last   []func()
}

func (w *witness) Errorf(format string, args ...any) {
	w.errors = append(w.errors, fmt.Sprintf(format, args...))
}
func (w *witness) Helper()             {}
func (w *witness) Attr(string, string) {}
func (w *witness) ArtifactDir() string { return w.TempDir() }
func (w *witness) Cleanup(f func())    { w.last = append(w.last, f) }
func (w *witness) end() {
	for i := len(w.last) - 1; i >= 0; i-- {
		w.last[i]()
	}
}

// A cage is what surrounds a gateway under test.
type cage struct {
	dir  string
	log  *slog.Logger
	look func(where, text string)
}

// A gateway that lets a canary out by any way is caught, and one that does not is not.
func TestCage(t *testing.T) {
	const prompt = `{"messages":[{"role":"user","content":"hello"}]}`
	leaks := map[string]struct {
		leak func(c *cage, w http.ResponseWriter, body string)
		want string
	}{
		"nowhere":   {func(*cage, http.ResponseWriter, string) {}, ""},
		"the asker": {func(_ *cage, w http.ResponseWriter, body string) { fmt.Fprint(w, body) }, ""},
		"another asker": {func(_ *cage, w http.ResponseWriter, body string) {
			fmt.Fprint(w, strings.ReplaceAll(body, promptStem, promptStem+"0"))
		}, "answer"},
		"the log": {func(c *cage, _ http.ResponseWriter, body string) { c.log.Debug(body) }, "log has a prompt"},
		"an error": {func(c *cage, _ http.ResponseWriter, body string) {
			c.log.Error("x", "err", fmt.Errorf("bad %s", body))
		}, "log has a prompt"},
		"a file":      {func(c *cage, _ http.ResponseWriter, body string) { file(t, c, "dragoman.db-wal", body) }, "wal has a prompt"},
		"a subfolder": {func(c *cage, _ http.ResponseWriter, body string) { file(t, c, "a/b/core.17", body) }, "core.17 has a prompt"},
		"a metric":    {func(c *cage, _ http.ResponseWriter, body string) { c.look("/metrics", body) }, "/metrics has a prompt"},
		"a header":    {func(_ *cage, w http.ResponseWriter, body string) { w.Header().Set("X-Secret", Hidden("password")) }, "has a secret"},
	}
	for name, l := range leaks {
		w := &witness{TB: t}
		c := &cage{Dir(w), Log(w), func(where, text string) { Text(w, where, text) }}
		h := Handler(w, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			if _, err := body.ReadFrom(r.Body); err != nil || int64(body.Len()) != r.ContentLength || len(Look(body.Bytes())) == 0 {
				t.Errorf("%s: the gateway got %q, %v", name, &body, err)
			}
			l.leak(c, w, body.String())
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(prompt)))
		w.end()
		if got := strings.Join(w.errors, "\n"); l.want == "" && got != "" || !strings.Contains(got, l.want) {
			t.Errorf("%s: %q, want %q", name, got, l.want)
		}
	}
}

// What management tells nobody may know: prompts, secrets, and keys but where they are made.
func TestCageOfManagement(t *testing.T) {
	key := "sk-or-v1-" + strings.Repeat("7", 64)
	for _, v := range []struct {
		method, body, answer string
		caught               bool
	}{
		{"POST", `{"name":"k"}`, key, false},
		{"GET", "", key, true},
		{"GET", "", "nothing", false},
		{"GET", "", "said " + Said(1), true},
		{"POST", `{"key":"sk-123456789"}`, "{}", false},
	} {
		w := &witness{TB: t}
		h := Handler(w, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, v.answer) }))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(v.method, "/api/v1/keys", strings.NewReader(v.body)))
		if len(w.errors) > 0 != v.caught {
			t.Errorf("%+v: %q", v, w.errors)
		}
		w.end()
	}
	w := &witness{TB: t}
	h := Handler(w, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		fmt.Fprint(w, body.String()) // a secret comes back out
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/api/v1/byok", strings.NewReader(`{"key":"sk-123456789"}`)))
	if len(w.errors) != 1 || !strings.Contains(w.errors[0], "a secret (plain)") {
		t.Errorf("%q", w.errors)
	}
	w.end()
}

func file(t *testing.T, c *cage, name, body string) {
	t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Where canaries go: into texts, not into what the protocol means.
func TestSpeak(t *testing.T) {
	const c = "CANARY"
	for in, want := range map[string]string{
		`{"messages":[{"role":"user","content":"a \"quoted\" b"}]}`:          `{"messages":[{"role":"user","content":"a \"quoted\" b CANARY"}]}`,
		`{"content":[{"type":"text","text":"a"}],"stream":true}`:             `{"content":[{"type":"text","text":"a CANARY"}],"stream":true}`,
		`[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]`: `[{"role":"user","content":"a CANARY"},{"role":"assistant","content":"b"}]`,
		`{"input": ["a","b"],"prompt":""}`:                                   `{"input": ["a CANARY","b"],"prompt":""}`,
		`{"model":"m","text":{"format":{"type":"text"}}}`:                    `{"model":"m","text":{"format":{"type":"text"}}}`,
		"name=\"prompt\"\r\n\r\nabc\r\n--x":                                  "name=\"prompt\"\r\n\r\nabc CANARY\r\n--x",
		`{"arguments":"{\"text\":\"a\"}","instructions":"b","query": "c"}`:   `{"arguments":"{\"text\":\"a\"}","instructions":"b CANARY","query": "c CANARY"}`,
	} {
		if got := string(speak([]byte(in), c)); got != want {
			t.Errorf("%s\n%s", in, got)
		}
	}
}
