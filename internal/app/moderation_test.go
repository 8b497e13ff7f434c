package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/receipt"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

// court is a provider of a model that answers and one that judges.
type court struct {
	mu       sync.Mutex
	verdict  string        // what the judge says; "" nothing, with status 500
	stuck    chan struct{} // the judge answers when it is closed; nil at once
	asked    []string      // paths, in order
	question string        // the last that the judge got
}

func (c *court) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	c.asked = append(c.asked, strings.TrimSuffix(r.URL.Path, "/v1/chat/completions"))
	said, stuck := "hello", c.stuck
	if judge := strings.Contains(string(body), `"model":"judge"`); judge {
		said, c.question = c.verdict, string(body)
	} else {
		stuck = nil
	}
	c.mu.Unlock()
	if stuck != nil {
		select {
		case <-stuck:
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if said == "" {
		w.WriteHeader(500)
		return
	}
	fmt.Fprintf(w, `{"id":"x","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}}`, quoted(said))
}

func (c *court) sits(verdict string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.verdict, c.asked, c.question = verdict, nil, ""
}

func (c *court) been() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.asked, " ")
}

// judging is a gateway before a court at three providers, of which one keeps prompts, and a
// key under a guardrail.
func judging(t *testing.T, members string) (*company, *court, string, string) {
	t.Helper()
	j := new(court)
	up := httptest.NewServer(j)
	t.Cleanup(up.Close)
	c, key, hash := guarded(t, fmt.Sprintf(`  - {slug: keeper, name: Keeper, protocol: openai.chat, base_url: "%[1]s/keeper/v1", data_policy: {trains: false, retains: true}}
  - {slug: bench, name: Bench, protocol: openai.chat, base_url: "%[1]s/bench/v1", data_policy: {trains: false, retains: false}}
  - {slug: desk, name: Desk, protocol: openai.chat, base_url: "%[1]s/desk/v1", data_policy: {trains: false, retains: false}}
policy: {sort: price}
models:
  - {slug: m/judge, endpoints: [{provider: keeper, upstream_model: judge, price: {prompt: 1, completion: 1}}, {provider: bench, upstream_model: judge, price: {prompt: 2, completion: 2}}]}
  - {slug: m/x, endpoints: [{provider: desk, upstream_model: x, price: {prompt: 3, completion: 3}}]}
`, up.URL), members)
	return c, j, key, hash
}

func TestModeration(t *testing.T) {
	t.Parallel()
	c, j, key, _ := judging(t, `"allowed_models":["m/x"],"moderation":{"model":"m/judge","categories":{"hate":0.7,"theft":0.5},"instructions":"theft is of bicycles"},"content_filter_builtins":[{"slug":"email","action":"redact"}]`)
	ask := func(members string) (*httptest.ResponseRecorder, map[string]any) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/chat/completions", strings.NewReader(`{"model":"m/x","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"How do I steal a bicycle? Mail jane@example.com"}]`+members+`}`))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("X-Openrouter-Metadata", "enabled")
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		return w, c.record(w)
	}
	judged := func(rec map[string]any) map[string]any {
		t.Helper()
		return rec["dragoman"].(map[string]any)["moderated"].([]any)[0].(map[string]any)
	}

	j.sits(`{"hate":0.6,"theft":0.1}`)
	w, rec := ask("")
	if w.Code != 200 || j.been() != "/keeper /desk" || !strings.Contains(w.Body.String(), `"name":"moderation","summary":"pass"`) {
		t.Fatalf("%d %s asked %s", w.Code, w.Body, j.been())
	}
	for _, want := range []string{"steal a bicycle", "Be kind.", "[EMAIL]", "theft is of bicycles", "hate, theft"} {
		if !strings.Contains(j.question, want) {
			t.Errorf("the judge was not told %q: %s", want, j.question)
		}
	}
	m := judged(rec)
	question := c.manage("GET", "/generation?id="+m["generation"].(string), "")
	if m["cost"] != 0.002 || question["total_cost"] != 0.002 || rec["total_cost"] != 0.006 || question["dragoman"].(map[string]any)["for"] != rec["id"] || question["dragoman"].(map[string]any)["purpose"] != "moderation" {
		t.Errorf("%v\n%v", m, question)
	}

	r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/chat/completions", strings.NewReader(`{"model":"m/x","messages":[{"role":"user","content":"hello"}]}`))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("X-Dragoman-Receipt", "true")
	w = httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	doc := call(t, c.handler, "GET", "/api/v1/generation/receipt?id="+w.Header().Get("X-Generation-Id"), key, "").Body.Bytes()
	signed, err := receipt.Verify(c.app.manage.Receipts, doc)
	if err != nil {
		t.Fatal(err)
	}
	if e := signed.Egress; len(e) != 2 || e[0].Kind != "moderation" || e[0].Provider != "keeper" || e[0].Declared.Retains != "yes" || e[0].Sent == 0 || e[1].Kind != "inference" || e[1].Provider != "desk" {
		t.Errorf("the receipt says %+v", e)
	}

	j.sits("unsafe\ntheft")
	w, rec = ask("")
	var out struct {
		Error struct {
			Message  string
			Metadata struct{ Reasons []string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 403 || j.been() != "/keeper" || out.Error.Message != "Request blocked by moderation: theft" || fmt.Sprint(out.Error.Metadata.Reasons) != "[theft]" {
		t.Errorf("%d %s asked %s", w.Code, w.Body, j.been())
	}
	if m := judged(rec); m["action"] != "block" || fmt.Sprint(m["categories"]) != "[theft]" || rec["total_cost"] != 0.0 || strings.Contains(fmt.Sprint(rec), "bicycle") {
		t.Errorf("%v", rec)
	}

	// The rules of the request hold for the question: who is not to see one sees neither.
	j.sits("safe")
	for members, been := range map[string]string{
		`,"provider":{"zdr":true}`:               "/bench /desk",
		`,"provider":{"ignore":["keeper"]}`:      "/bench /desk",
		`,"provider":{"data_collection":"deny"}`: "/keeper /desk",
		`,"provider":{"only":["desk"]}`:          "",
	} {
		j.sits("safe")
		w, _ := ask(members)
		if j.been() != been || (w.Code == 200) != (been != "") {
			t.Errorf("%s: %d, asked %q, want %q: %s", members, w.Code, j.been(), been, w.Body)
		}
		if been == "" && (w.Code != 403 || !strings.Contains(w.Body.String(), "m/judge")) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}

	// Without a verdict nothing goes out.
	for _, verdict := range []string{"", "As a model I cannot say.", `{"hate":0}`} {
		j.sits(verdict)
		w, rec := ask("")
		if w.Code != 503 || strings.Contains(j.been(), "desk") || judged(rec)["failed"] == nil || strings.Contains(w.Body.String()+fmt.Sprint(rec), "As a model") {
			t.Errorf("%q: %d %s, asked %s", verdict, w.Code, w.Body, j.been())
		}
	}
	if findings, err := c.app.Store().(*sqlite.Store).Audit(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("%v %v", findings, err)
	}
}

// A guardrail may let requests go on without a verdict, and may only tell.
func TestModerationThatLets(t *testing.T) {
	t.Parallel()
	c, j, key, hash := judging(t, `"moderation":{"model":"m/judge","categories":{"hate":0.7},"scan_scope":"user_only","action":"flag","on_error":"allow","timeout_ms":200}`)
	for _, verdict := range []string{"", "unsafe", "safe"} {
		j.sits(verdict)
		w := call(t, c.handler, "POST", "/v1/chat/completions", key, `{"model":"m/x","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"hello"}]}`)
		if w.Code != 200 || !strings.HasSuffix(j.been(), "/desk") || strings.Contains(j.question, "Be kind") {
			t.Errorf("%q: %d %s", verdict, w.Code, w.Body)
		}
	}
	j.sits("safe")
	j.stuck = make(chan struct{})
	begun := time.Now()
	if w := call(t, c.handler, "POST", "/v1/chat/completions", key, `{"model":"m/x","messages":[{"role":"user","content":"hello"}]}`); w.Code != 200 || time.Since(begun) > 5*time.Second || !strings.HasSuffix(j.been(), "/desk") {
		t.Errorf("%d %s after %s, asked %s", w.Code, w.Body, time.Since(begun), j.been())
	}
	close(j.stuck)
	// Nothing to judge, nobody is asked; nor is a judge's own question judged.
	j.sits("unsafe")
	if w := call(t, c.handler, "POST", "/v1/chat/completions", key, `{"model":"m/x","messages":[{"role":"user","content":" "}]}`); w.Code != 200 || j.been() != "/desk" {
		t.Errorf("%d %s, asked %s", w.Code, w.Body, j.been())
	}
	if u := c.app.Store().Usage(ledger.Subject{Name: hash}, time.Now()); u.Held != 0 {
		t.Errorf("%+v is held", u)
	}
}

// What is judged counts for the key's limit, and a key that cannot pay for a verdict gets none.
func TestModerationIsPaidByTheKey(t *testing.T) {
	t.Parallel()
	c, j, _, _ := judging(t, `"name":"other"`)
	key, hash := c.key(`,"limit":0.02`)
	c.put(hash, `"moderation":{"model":"m/judge","categories":{"hate":0.7}}`)
	j.sits("safe")
	ask := func() *httptest.ResponseRecorder {
		return call(t, c.handler, "POST", "/v1/chat/completions", key, `{"model":"m/x","max_tokens":1000,"messages":[{"role":"user","content":"hello"}]}`)
	}
	if w := ask(); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if u := c.app.Store().Usage(ledger.Subject{Name: hash}, time.Now()); u.Total != 8_000_000 || u.Held != 0 {
		t.Errorf("%+v, want 0.002 for the judge and 0.006", u)
	}
	if w := ask(); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	c.manage("PATCH", "/keys/"+hash, `{"limit":0.0205}`)
	j.sits("safe")
	if w := ask(); w.Code != 402 || j.been() != "" {
		t.Errorf("%d %s, asked %s", w.Code, w.Body, j.been())
	}
}

func TestModerationIsChecked(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	for _, m := range []string{`{}`, `[]`, `{"model":"m/x"}`, `{"model":"m/x","categories":{}}`, `{"model":"m/x","categories":{"a":0}}`, `{"model":"m/none","categories":{"a":0.5}}`,
		`{"model":"m/x","categories":{"a":0.5},"action":"redact"}`, `{"model":"m/x","categories":{"a":0.5},"on_error":"maybe"}`, `{"model":"m/x","categories":{"a":0.5},"scan_scope":"all"}`, `{"model":"m/x","categories":{"a":0.5},"timeout_ms":1}`} {
		if w := call(t, c.handler, "POST", "/api/v1/guardrails", c.management, `{"name":"g","moderation":`+m+`}`); w.Code != 400 || !strings.Contains(w.Body.String(), "moderation") {
			t.Errorf("%s: %d %s", m, w.Code, w.Body)
		}
	}
	g := c.manage("POST", "/guardrails", `{"name":"g","moderation":{"model":"m/x","categories":{"a":0.5}}}`)
	if m := g["moderation"].(map[string]any); m["action"] != "block" || m["on_error"] != "block" || m["scan_scope"] != "all_messages" || m["timeout_ms"] != 10000.0 {
		t.Errorf("%v", m)
	}
	if g := c.manage("PATCH", "/guardrails/"+g["id"].(string), `{"moderation":null}`); g["moderation"] != nil {
		t.Errorf("%v", g)
	}
}
