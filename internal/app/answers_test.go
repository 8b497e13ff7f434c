package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

// A listener is a client API: how it asks a model for a stream or a whole answer.
type listener struct {
	name string
	path func(model string, stream bool) string
	body string
	ends string // what the end of an answer that was filtered says
}

var listeners = []listener{
	{"chat", func(string, bool) string { return "/v1/chat/completions" }, `"messages":[{"role":"user","content":"hi"}]`, `"finish_reason":"content_filter"`},
	{"completions", func(string, bool) string { return "/v1/completions" }, `"prompt":"hi"`, `"finish_reason":"content_filter"`},
	{"messages", func(string, bool) string { return "/v1/messages" }, `"max_tokens":500,"messages":[{"role":"user","content":"hi"}]`, `"stop_reason":"refusal"`},
	{"responses", func(string, bool) string { return "/v1/responses" }, `"input":"hi"`, `"incomplete_details":{"reason":"content_filter"}`},
	{"gemini", func(model string, stream bool) string {
		if stream {
			return "/v1beta/models/" + model + ":streamGenerateContent?alt=sse"
		}
		return "/v1beta/models/" + model + ":generateContent"
	}, `"generationConfig":{"thinkingConfig":{"includeThoughts":true}},"contents":[{"role":"user","parts":[{"text":"hi"}]}]`, `"finishReason":"SAFETY"`},
}

func (l *listener) ask(t *testing.T, h http.Handler, key, wire string, stream bool) *httptest.ResponseRecorder {
	t.Helper()
	model := "m/" + wire
	if wire == "text" && l.name != "completions" {
		t.Fatal("only completions reach that wire")
	}
	body := fmt.Sprintf(`{"model":%q,%s`, model, l.body)
	if l.name == "gemini" {
		body = "{" + l.body
	} else if stream {
		body += `,"stream":true`
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", l.path(model, stream), strings.NewReader(body+"}"))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("X-Openrouter-Metadata", "enabled")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// gathered is what a client puts together of an answer, by the names of members. It fails for an
// answer that is not whole.
func gathered(t *testing.T, l *listener, body string, stream bool) map[string]string {
	t.Helper()
	all := map[string]string{}
	frames := []string{body}
	if stream {
		frames = nil
		for _, line := range strings.Split(body, "\n") {
			if data, ok := strings.CutPrefix(line, "data: "); ok && data != "[DONE]" {
				frames = append(frames, data)
			}
		}
		last := map[string]string{"chat": "[DONE]", "completions": "[DONE]", "messages": `"type":"message_stop"`, "responses": `"type":"response.`, "gemini": `"finishReason":`}[l.name]
		if tail := body[max(0, len(body)-6000):]; !strings.Contains(tail, last) {
			t.Fatalf("no end in %s", tail)
		}
	}
	for _, f := range frames {
		var v any
		if err := json.Unmarshal([]byte(f), &v); err != nil {
			t.Fatalf("%v in %s", err, f)
		}
		collect(all, "", v)
	}
	return all
}

func collect(all map[string]string, name string, v any) {
	switch v := v.(type) {
	case string:
		all[name] += v
	case []any:
		for _, e := range v {
			collect(all, name, e)
		}
	case map[string]any:
		if m, ok := v["openrouter_metadata"]; ok && m != nil {
			delete(v, "openrouter_metadata")
		}
		for k, e := range v {
			collect(all, k, e)
		}
	}
}

// speaking is a gateway before a mouth, and a key under a guardrail whose filters look at
// answers.
func speaking(t *testing.T, filters string) (*company, *mouth, string) {
	t.Helper()
	m := new(mouth)
	up := httptest.NewServer(m)
	t.Cleanup(up.Close)
	providers, models := "", ""
	for wire, protocol := range map[string]string{"chat": "openai.chat", "text": "openai.completions", "anthropic": "anthropic.messages", "gemini": "gemini.generateContent", "responses": "openai.responses"} {
		providers += fmt.Sprintf("  - {slug: %s, name: %s, protocol: %s, base_url: %q, data_policy: {trains: false, retains: false}}\n", wire, wire, protocol, up.URL+"/"+wire)
		models += fmt.Sprintf("  - {slug: m/%s, endpoints: [{provider: %[1]s, upstream_model: x, max_output: 4000, price: {prompt: 1, completion: 2}}]}\n", wire)
	}
	c, key, _ := guarded(t, providers+"models:\n"+models, filters)
	return c, m, key
}

// guarded is a gateway with the providers and models of a configuration, and a key, with its
// hash, under a guardrail with these members.
func guarded(t *testing.T, providers, members string) (c *company, key, hash string) {
	t.Helper()
	f, err := config.Load(writeConfig(t, fmt.Sprintf("data: %q\ndemo: false\nproviders:\n%s", canary.Dir(t), providers)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(f, canary.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	first, err := a.FirstRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c = &company{t: t, app: a, handler: canary.Handler(t, a.Handler()), management: first.Management}
	key, hash = c.key("")
	c.put(hash, members)
	return c, key, hash
}

// put puts a key under a guardrail with these members.
func (c *company) put(hash, members string) {
	c.t.Helper()
	g := c.manage("POST", "/guardrails", `{"name":"answers",`+members+`}`)["id"].(string)
	c.manage("POST", "/guardrails/"+g+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
}

// matrix calls f for every client API before every wire that can answer it.
func matrix(kinds []string, f func(l *listener, wire, kind string, stream bool)) {
	for i := range listeners {
		l := &listeners[i]
		for _, wire := range []string{"chat", "anthropic", "gemini", "responses", "text"} {
			for _, kind := range kinds {
				if wire == "text" && (l.name != "completions" || kind != "text") || kind == "tool" && l.name == "completions" {
					continue
				}
				f(l, wire, kind, false)
				f(l, wire, kind, true)
			}
		}
	}
}

// Whatever a model says, in every API, before every wire, streamed in two pieces that meet at
// any byte: what is to be redacted never reaches the client, and all the rest does.
func TestAnswersAreRedacted(t *testing.T) {
	t.Parallel()
	c, m, key := speaking(t, `"content_filter_builtins":[{"slug":"email","action":"redact","scan_output":true}]`)
	says := map[string]string{"text": "Mail jane@example.com today.", "reasoning": "Mail jane@example.com today.", "tool": `{"to":"jane@example.com","n":1}`}
	matrix([]string{"text", "reasoning", "tool"}, func(l *listener, wire, kind string, stream bool) {
		said := says[kind]
		for at := range len(said) + 1 {
			if !stream && at > 0 {
				break
			}
			m.say(kind, said[:at], said[at:])
			w := l.ask(t, c.handler, key, wire, stream)
			where := fmt.Sprintf("%s before %s, %s, stream %t, split at %d", l.name, wire, kind, stream, at)
			if w.Code != 200 {
				t.Fatalf("%s: %d %s", where, w.Code, w.Body)
			}
			all := gathered(t, l, w.Body.String(), stream)
			whole := false
			for name, text := range all {
				if strings.Contains(text, "jane@") || strings.Contains(text, "example.com") {
					t.Fatalf("%s: %s has %q", where, name, text)
				}
				whole = whole || strings.Contains(text, "Mail [EMAIL] today.") || kind == "tool" && strings.Contains(text, "[EMAIL]")
			}
			if !whole {
				t.Fatalf("%s: %v\n%s", where, all, w.Body)
			}
			if !strings.Contains(w.Body.String(), "1 × email: redact (answer)") {
				t.Fatalf("%s: nothing is told: %s", where, w.Body)
			}
		}
	})
}

// An answer in which something blocks is 403 before the client has any of it, and after ends as
// its API says that an answer was filtered. What the provider did is paid.
func TestAnswersAreBlocked(t *testing.T) {
	t.Parallel()
	c, m, key := speaking(t, `"content_filter_builtins":[{"slug":"email","action":"block","scan_output":true}]`)
	matrix([]string{"text"}, func(l *listener, wire, kind string, stream bool) {
		where := fmt.Sprintf("%s before %s, stream %t", l.name, wire, stream)
		m.say(kind, "Mail jane@", "example.com today.")
		w := l.ask(t, c.handler, key, wire, stream)
		if wire != "gemini" && w.Code != 403 || !stream && w.Code != 403 {
			t.Fatalf("%s: %d %s", where, w.Code, w.Body)
		}
		rec := c.record(w)
		if cost, _ := rec["total_cost"].(float64); cost <= 0 || rec["dragoman"].(map[string]any)["outcome"] != "blocked" {
			t.Fatalf("%s: %v", where, rec)
		}
		if !stream {
			if !strings.Contains(w.Body.String(), "Answer blocked by content filter: Email address") {
				t.Fatalf("%s: %s", where, w.Body)
			}
			return
		}
		m.say(kind, "This is the first of several sentences. ", "Then the mail of jane@", "example.com follows, and more.")
		w = l.ask(t, c.handler, key, wire, true)
		body := w.Body.String()
		if w.Code != 200 || !strings.Contains(body, "This is the first") || strings.Contains(body, "jane") || !strings.Contains(body, l.ends) {
			t.Fatalf("%s: %d %s", where, w.Code, body)
		}
		gathered(t, l, body, true)
		if rec := c.record(w); rec["finish_reason"] != "content_filter" || rec["dragoman"].(map[string]any)["outcome"] != "blocked" || rec["total_cost"].(float64) <= 0 {
			t.Fatalf("%s: %v", where, rec)
		}
	})
	if findings, err := c.app.Store().(*sqlite.Store).Audit(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("%v %v", findings, err)
	}
}

func (c *company) record(w *httptest.ResponseRecorder) map[string]any {
	c.t.Helper()
	return c.manage("GET", "/generation?id="+w.Header().Get("X-Generation-Id"), "")
}

// Filters that do not look at answers leave them alone, to the byte; a flag changes nothing
// either, and tells.
func TestAnswersPass(t *testing.T) {
	t.Parallel()
	c, m, key := speaking(t, `"content_filter_builtins":[{"slug":"email","action":"redact"},{"slug":"phone","action":"flag","scan_output":true}]`)
	matrix([]string{"text", "reasoning", "tool"}, func(l *listener, wire, kind string, stream bool) {
		m.say(kind, `{"a":"jane@exam`, `ple.com, +1 415 555 2671"}`)
		w := l.ask(t, c.handler, key, wire, stream)
		found := false
		for _, text := range gathered(t, l, w.Body.String(), stream) {
			found = found || strings.Contains(text, "jane@example.com, +1 415 555 2671")
		}
		if !found || !strings.Contains(w.Body.String(), "1 × phone: flag (answer)") {
			t.Errorf("%s before %s, %s, stream %t: %s", l.name, wire, kind, stream, w.Body)
		}
	})
}

// An answer that is to be JSON stays JSON, whatever is redacted in it.
func TestJSONAnswersStayJSON(t *testing.T) {
	t.Parallel()
	c, m, key := speaking(t, `"content_filter_builtins":[{"slug":"credit-card","action":"redact","scan_output":true}],"content_filters":[{"pattern":"PROJ-[0-9]+","label":"a \"b\"","action":"redact","scan_output":true}]`)
	const said = `{"card":4111111111111111,"note":"see PROJ-12\n"}`
	for at := range len(said) + 1 {
		m.say("text", said[:at], said[at:])
		w := call(t, c.handler, "POST", "/v1/chat/completions", key, `{"model":"m/anthropic","stream":true,"response_format":{"type":"json_object"},"messages":[{"role":"user","content":"as JSON"}]}`)
		if got := gathered(t, &listeners[0], w.Body.String(), true)["content"]; got != `{"card":"[CREDIT_CARD]","note":"see a \"b\"\n"}` {
			t.Fatalf("split at %d: %s", at, got)
		}
	}
}

// A signature of reasoning that was edited is taken away, and the loss told; one of reasoning
// that was not stays.
func TestSignaturesOfEditedReasoning(t *testing.T) {
	t.Parallel()
	c, m, key := speaking(t, `"content_filter_builtins":[{"slug":"email","action":"redact","scan_output":true}]`)
	for _, wire := range []string{"chat", "anthropic"} {
		for _, name := range []string{"chat", "messages"} {
			for _, stream := range []bool{false, true} {
				for said, kept := range map[string]bool{"Mail jane@example.com today.": false, "Mail nobody today.": true} {
					l := &listeners[slices.IndexFunc(listeners, func(l listener) bool { return l.name == name })]
					m.say("signed", said[:9], said[9:])
					w := l.ask(t, c.handler, key, wire, stream)
					body := w.Body.String()
					if strings.Contains(body, "U0lHTkVE") != kept || strings.Contains(body, "example.com") {
						t.Errorf("%s before %s, stream %t: %s", name, wire, stream, body)
					}
					if lost := fmt.Sprint(c.record(w)["dragoman"].(map[string]any)["losses"]); strings.Contains(lost, "signature no longer fits") == kept {
						t.Errorf("%s before %s, stream %t: losses %s", name, wire, stream, lost)
					}
				}
			}
		}
	}
}
