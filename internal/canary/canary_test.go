package canary

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/coder/websocket"
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

// leaks are ways for a gateway to let out what was said to it, by what is told of each.
var leaks = map[string]struct {
	leak func(t *testing.T, c *cage, answer io.Writer, said string)
	want string
}{
	"nowhere":   {func(*testing.T, *cage, io.Writer, string) {}, ""},
	"the asker": {func(_ *testing.T, _ *cage, answer io.Writer, said string) { fmt.Fprint(answer, said) }, ""},
	"another asker": {func(_ *testing.T, _ *cage, answer io.Writer, said string) {
		fmt.Fprint(answer, strings.ReplaceAll(said, promptStem, promptStem+"0"))
	}, "answer"},
	"the log": {func(_ *testing.T, c *cage, _ io.Writer, said string) { c.log.Debug(said) }, "log has a prompt"},
	"an error": {func(_ *testing.T, c *cage, _ io.Writer, said string) {
		c.log.Error("x", "err", fmt.Errorf("bad %s", said))
	}, "log has a prompt"},
	"a file":      {func(t *testing.T, c *cage, _ io.Writer, said string) { file(t, c, "dragoman.db-wal", said) }, "wal has a prompt"},
	"a subfolder": {func(t *testing.T, c *cage, _ io.Writer, said string) { file(t, c, "a/b/core.17", said) }, "core.17 has a prompt"},
	"a metric":    {func(_ *testing.T, c *cage, _ io.Writer, said string) { c.look("/metrics", said) }, "/metrics has a prompt"},
	"a secret":    {func(_ *testing.T, _ *cage, answer io.Writer, _ string) { fmt.Fprint(answer, Hidden("password")) }, "has a secret"},
}

// caged is a gateway within all that looks for canaries, and what is told at the end.
func caged(t *testing.T, gateway func(c *cage) http.Handler, use func(front http.Handler)) string {
	t.Helper()
	w := &witness{TB: t}
	c := &cage{Dir(w), Log(w), func(where, text string) { Text(w, where, text) }}
	use(Handler(w, gateway(c)))
	w.end()
	return strings.Join(w.errors, "\n")
}

// post asks a gateway that leaks, with a body whose length is told or not.
func post(t *testing.T, front http.Handler, prompt string, length int64) {
	t.Helper()
	r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(prompt))
	r.ContentLength = length
	front.ServeHTTP(httptest.NewRecorder(), r)
}

// A gateway that lets a canary out by any way is caught, and one that does not is not.
func TestCage(t *testing.T) {
	const prompt = `{"messages":[{"role":"user","content":"hello"}]}`
	for name, l := range leaks {
		for _, length := range []int64{int64(len(prompt)), -1} {
			got := caged(t, func(c *cage) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, err := io.ReadAll(r.Body)
					if err != nil || length >= 0 && int64(len(body)) != r.ContentLength || length < 0 && r.ContentLength != -1 || len(Look(body)) == 0 {
						t.Errorf("%s: the gateway got %q, %v", name, body, err)
					}
					l.leak(t, c, w, string(body))
				})
			}, func(front http.Handler) { post(t, front, prompt, length) })
			if l.want == "" && got != "" || !strings.Contains(got, l.want) {
				t.Errorf("%s, length %d: %q, want %q", name, length, got, l.want)
			}
		}
	}
}

// So is one that hears a prompt over a WebSocket, in any message.
func TestCageOfSockets(t *testing.T) {
	const prompt = `{"type":"response.create","input":"hello"}`
	for name, l := range leaks {
		got := caged(t, func(c *cage) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := websocket.Accept(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				_, first, _ := s.Read(r.Context())
				_, second, err := s.Read(r.Context())
				if err != nil || len(Look(first)) == 0 || len(Look(second)) == 0 || bytes.Equal(first, second) {
					t.Errorf("%s: the gateway got %q and %q, %v", name, first, second, err)
				}
				var answer bytes.Buffer
				l.leak(t, c, &answer, string(first))
				if err := s.Write(r.Context(), websocket.MessageText, answer.Bytes()); err != nil {
					t.Error(err)
				}
				s.Close(websocket.StatusGoingAway, "that is all")
			})
		}, func(front http.Handler) {
			server := httptest.NewServer(front)
			defer server.Close()
			c, _, err := websocket.Dial(t.Context(), server.URL+"/v1/responses", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			for range 2 {
				if err := c.Write(t.Context(), websocket.MessageText, []byte(prompt)); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := c.Read(t.Context()); err != nil {
				t.Error(err)
			}
			if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Errorf("%s: it ends with %v", name, err)
			}
		})
		if l.want == "" && got != "" || !strings.Contains(got, l.want) {
			t.Errorf("%s: %q, want %q", name, got, l.want)
		}
	}
}

// A WebSocket that is refused is answered as the gateway answers, which is looked at too.
func TestRefusedSocket(t *testing.T) {
	got := caged(t, func(*cage) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Why", "because")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, Hidden("password"))
		})
	}, func(front http.Handler) {
		server := httptest.NewServer(front)
		defer server.Close()
		_, resp, err := websocket.Dial(t.Context(), server.URL+"/v1/responses", nil)
		if err == nil || resp.StatusCode != http.StatusForbidden || resp.Header.Get("X-Why") != "because" {
			t.Errorf("%v, %v", resp, err)
		}
	})
	if !strings.Contains(got, "/v1/responses has a secret") {
		t.Errorf("%q", got)
	}
}

// The value of a cookie is a secret, whoever made it up, and so is all that a browser sends
// beside it.
func TestCageOfCookies(t *testing.T) {
	token := rand.Text() + rand.Text()
	if finds := Look([]byte(token)); len(finds) > 0 {
		t.Fatalf("%v, before it went by", finds)
	}
	for name, l := range map[string]struct {
		leak func(t *testing.T, c *cage, w http.ResponseWriter, r *http.Request)
		want string
	}{
		"nowhere":         {func(*testing.T, *cage, http.ResponseWriter, *http.Request) {}, ""},
		"where it is set": {func(_ *testing.T, _ *cage, w http.ResponseWriter, _ *http.Request) { set(w, token) }, ""},
		"beside it": {func(_ *testing.T, _ *cage, w http.ResponseWriter, _ *http.Request) {
			set(w, token)
			w.Header().Set("X-Session", token)
		}, "answer to GET /api/v1/me/sessions has a cookie (plain)"},
		"an answer": {func(_ *testing.T, _ *cage, w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Cookies()[0].Value)
		}, "has a cookie (plain)"},
		"the log": {func(_ *testing.T, c *cage, _ http.ResponseWriter, r *http.Request) {
			c.log.Debug(r.Cookies()[0].Value)
		}, "log has a cookie (plain)"},
		"all headers": {func(_ *testing.T, c *cage, _ http.ResponseWriter, r *http.Request) {
			c.log.Debug("asked", "headers", r.Header)
		}, "log has a secret"},
		"a file": {func(t *testing.T, c *cage, _ http.ResponseWriter, _ *http.Request) {
			file(t, c, "d.db", "\x00"+token+"\x00")
		}, "d.db has a cookie (plain)"},
		"its beginning": {func(t *testing.T, c *cage, _ http.ResponseWriter, _ *http.Request) {
			file(t, c, "d.db", "x"+token[:17]+"\x00")
		}, "has a cookie"},
		"its end": {func(t *testing.T, c *cage, _ http.ResponseWriter, _ *http.Request) { file(t, c, "d.db", token[20:]) }, "has a cookie"},
		"hexadecimal": {func(t *testing.T, c *cage, _ http.ResponseWriter, _ *http.Request) {
			file(t, c, "d.db", hex.EncodeToString([]byte(token)))
		}, "has a cookie (hexadecimal)"},
		"base64": {func(t *testing.T, c *cage, _ http.ResponseWriter, _ *http.Request) {
			file(t, c, "d.db", base64.StdEncoding.EncodeToString([]byte("session="+token)))
		}, "has a cookie (base64)"},
	} {
		got := caged(t, func(c *cage) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.leak(t, c, w, r) })
		}, func(front http.Handler) {
			r := httptest.NewRequest("GET", "/api/v1/me/sessions", nil)
			r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: token})
			front.ServeHTTP(httptest.NewRecorder(), r)
		})
		if l.want == "" && got != "" || !strings.Contains(got, l.want) {
			t.Errorf("%s: %q, want %q", name, got, l.want)
		}
	}
}

func set(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{Name: "dragoman_session", Value: token})
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
