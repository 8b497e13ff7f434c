package app

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

// What must leave no trace but with those it is for.
const (
	promptCanary = "CANARY-PROMPT-e3a7"
	answerCanary = "CANARY-ANSWER-6f02"
	secretCanary = "sk-CANARY-OPERATOR-9d44"
	ownCanary    = "sk-CANARY-ACCOUNT-07be" // a provider key of the account's own
)

// parrot is a provider that repeats what it is asked, well or in the ways that providers fail.
func parrot(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	said := answerCanary + " " + string(body)
	how := "ok"
	if m := mode.FindSubmatch(body); m != nil {
		how = string(m[1])
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Request-Id", "req-1")
	var status int
	if n, _ := fmt.Sscanf(how, "status%d", &status); n == 1 {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"message":%q,"type":"invalid_request_error"}}`, said)
		return
	}
	chunk := func(text string) {
		fmt.Fprintf(w, "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", text)
		w.(http.Flusher).Flush()
	}
	switch how {
	case "html":
		h.Set("Content-Type", "text/html")
		w.WriteHeader(502)
		fmt.Fprintf(w, "<html>%s</html>", said)
	case "garbage":
		fmt.Fprint(w, said)
	case "inside":
		fmt.Fprintf(w, `{"error":{"message":%q}}`, said)
	case "reset":
		panic(http.ErrAbortHandler)
	case "hang":
		<-r.Context().Done()
	case "cut", "broken", "notjson":
		h.Set("Content-Type", "text/event-stream")
		chunk(said)
		switch how {
		case "broken":
			fmt.Fprintf(w, "data: {\"error\":{\"message\":%q}}\n\n", said)
		case "notjson":
			fmt.Fprintf(w, "data: {%s\n\n", said)
		default:
			panic(http.ErrAbortHandler)
		}
	default:
		repeat(w, r, body, said, chunk)
	}
}

var mode = regexp.MustCompile(`mode=([a-z0-9]+)`)

// repeat answers well, in the form of whatever is asked for.
func repeat(w http.ResponseWriter, r *http.Request, body []byte, said string, chunk func(string)) {
	const usage = `"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}`
	switch {
	case strings.HasSuffix(r.URL.Path, "/embeddings"):
		fmt.Fprint(w, `{"object":"list","model":"x","data":[{"object":"embedding","index":0,"embedding":[0.5]}],`+usage+`}`)
	case strings.HasSuffix(r.URL.Path, "/rerank"):
		fmt.Fprint(w, `{"id":"x","results":[{"index":0,"relevance_score":0.5}],"meta":{"billed_units":{"search_units":1}}}`)
	case strings.HasSuffix(r.URL.Path, "/speech"):
		w.Header().Set("Content-Type", "audio/mpeg")
		fmt.Fprint(w, said)
	case strings.HasSuffix(r.URL.Path, "/transcriptions"):
		fmt.Fprintf(w, `{"text":%q,%s}`, said, usage)
	case strings.Contains(r.URL.Path, "/images/"):
		fmt.Fprintf(w, `{"created":1,"data":[{"b64_json":%q}],%s}`, base64.StdEncoding.EncodeToString([]byte(said)), usage)
	case bytes.Contains(body, []byte(`"stream":true`)):
		w.Header().Set("Content-Type", "text/event-stream")
		chunk(said)
		fmt.Fprint(w, "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"+usage+"}\n\ndata: [DONE]\n\n")
	default:
		fmt.Fprintf(w, `{"id":"x","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":%q,"reasoning_content":%q},"finish_reason":"stop"}],%s}`, said, said, usage)
	}
}

// modes are all the ways of parrot.
var modes = []string{"ok", "status400", "status401", "status404", "status413", "status429", "status500", "status503", "html", "garbage", "inside", "reset", "hang", "cut", "broken", "notjson"}

// inquiries are requests of every API; %s is the text.
var inquiries = []struct{ path, body string }{
	{"/v1/chat/completions", `{"model":"m/x","messages":[{"role":"system","content":"%[1]s"},{"role":"user","content":[{"type":"text","text":"%[1]s"}]}],"user":"u","tools":[{"type":"function","function":{"name":"f","description":"%[1]s"}}]}`},
	{"/v1/chat/completions", `{"model":"m/x","stream":true,"messages":[{"role":"user","content":"%[1]s"}]}`},
	{"/v1/chat/completions", `{"model":"m/x","messages":[{"role":"user","content":"%[1]s"}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","title":"%[1]s"}}}}`},
	{"/v1/completions", `{"model":"m/x","prompt":"%[1]s"}`},
	{"/v1/completions", `{"model":"m/x","stream":true,"prompt":"%[1]s"}`},
	{"/v1/responses", `{"model":"m/x","input":"%[1]s","instructions":"%[1]s"}`},
	{"/v1/responses", `{"model":"m/x","stream":true,"input":[{"role":"user","content":"%[1]s"}]}`},
	{"/v1/messages", `{"model":"m/x","max_tokens":9,"system":"%[1]s","messages":[{"role":"user","content":"%[1]s"}]}`},
	{"/v1/messages", `{"model":"m/x","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"%[1]s"}]}`},
	{"/v1/messages/count_tokens", `{"model":"m/x","messages":[{"role":"user","content":"%[1]s"}]}`},
	{"/v1beta/models/m/x:generateContent", `{"contents":[{"role":"user","parts":[{"text":"%[1]s"}]}]}`},
	{"/v1beta/models/m/x:streamGenerateContent?alt=sse", `{"contents":[{"role":"user","parts":[{"text":"%[1]s"}]}]}`},
	{"/v1beta/models/m/x:countTokens", `{"contents":[{"role":"user","parts":[{"text":"%[1]s"}]}]}`},
	{"/v1/embeddings", `{"model":"m/embed","input":["%[1]s"]}`},
	{"/v1beta/models/m/embed:embedContent", `{"content":{"parts":[{"text":"%[1]s"}]}}`},
	{"/v1/rerank", `{"model":"m/rank","query":"%[1]s","documents":["%[1]s"]}`},
	{"/v1/audio/speech", `{"model":"m/speak","input":"%[1]s","voice":"v"}`},
	{"/v1/images/generations", `{"model":"m/draw","prompt":"%[1]s"}`},
	{"/v1/images", `{"model":"m/draw","prompt":"%[1]s"}`},
	// What is refused before a provider hears of it.
	{"/v1/chat/completions", `{"model":"%[1]s","messages":[{"role":"user","content":"%[1]s"}]}`},
	{"/v1/chat/completions", `{"model":"m/x","messages":[{"role":"%[1]s","content":"x"}]}`},
	{"/v1/chat/completions", `{"model":"m/x","messages":"%[1]s"}`},
	{"/v1/messages", `{"model":"m/x","max_tokens":"%[1]s","messages":[]}`},
	{"/v1/responses", `{"model":"m/x","input":[{"type":"%[1]s"}]}`},
	{"/v1/responses", `{"model":"m/x","previous_response_id":"%[1]s","input":"x"}`},
	{"/v1/embeddings", `{"model":"m/embed","input":{"%[1]s":1}}`},
	{"/v1/chat/completions", `{"model":"m/x","messages":[{"role":"user","content":"%[1]s"`},
	{"/v1/nothing/%[1]s", ``},
}

// aviary is a gateway before the parrot, with everything switched on that sees requests and
// must not tell what they say.
type aviary struct {
	*company
	data  string
	log   *bytes.Buffer
	logMu sync.Mutex
	told  *collector
	key   string // of whoever asks
}

func newAviary(t *testing.T) *aviary {
	t.Helper()
	up := httptest.NewServer(http.HandlerFunc(parrot))
	t.Cleanup(up.Close)
	v := &aviary{data: canary.Dir(t), log: &bytes.Buffer{}, told: newCollector(t)}
	f, err := config.Load(writeConfig(t, fmt.Sprintf(`demo: false
listen: 127.0.0.1:0
data: %q
observability: {private: true}
timeouts: {keep_alive: 20ms}
providers:
- {slug: parrot, name: Parrot, protocol: openai.chat, also: [openai.embeddings, cohere.rerank, openai.audio-speech, openai.audio-transcriptions, openai.images], base_url: "%[2]s/v1", api_key: %[3]s}
- {slug: second, name: Second, protocol: openai.chat, also: [openai.embeddings], base_url: "%[2]s/second/v1", api_key: %[3]s}
models:
- {slug: m/x, endpoints: [{provider: parrot, upstream_model: x, price: {prompt: 1, completion: 1}}, {provider: second, upstream_model: x, price: {prompt: 2, completion: 2}}]}
- {slug: m/embed, output_modalities: [embeddings], endpoints: [{provider: parrot, upstream_model: e, price: {prompt: 1, completion: 0}}, {provider: second, upstream_model: e, price: {prompt: 2, completion: 0}}]}
- {slug: m/rank, output_modalities: [rerank], endpoints: [{provider: parrot, upstream_model: r, price: {prompt: 1, completion: 0}}]}
- {slug: m/speak, output_modalities: [speech], endpoints: [{provider: parrot, upstream_model: s, price: {prompt: 1, completion: 1}}]}
- {slug: m/hear, output_modalities: [transcription], endpoints: [{provider: parrot, upstream_model: h, price: {prompt: 1, completion: 1}}]}
- {slug: m/draw, output_modalities: [image], endpoints: [{provider: parrot, upstream_model: d, price: {prompt: 1, completion: 1}}]}
`, v.data, up.URL, secretCanary)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(f, slog.New(slog.NewJSONHandler(locked{&v.logMu, v.log}, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	keys, err := a.FirstRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.company = &company{t: t, app: a, handler: canary.Handler(t, a.Handler()), management: keys.Management}
	v.key, _ = v.company.key("")
	v.manage("PATCH", "/workspaces/default", `{"is_observability_broadcast_enabled":true}`)
	v.manage("POST", "/observability/destinations", `{"type":"otel-collector","name":"c","broadcast_generation_cost":true,"broadcast_generation_identity":true,
		"broadcast_generation_request_context":true,"config":{"endpoint":"`+v.told.URL+`","headers":{"Api-Key":"CANARY-DESTINATION"}}}`)
	return v
}

// ask makes a request as a client that does not wait long.
func (v *aviary) ask(path, contentType, body string) string {
	ctx, cancel := context.WithTimeout(v.t.Context(), 30*time.Second)
	if strings.Contains(body, "mode=hang") {
		cancel()
		ctx, cancel = context.WithTimeout(v.t.Context(), 30*time.Millisecond)
	}
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+v.key)
	r.Header.Set("Content-Type", contentType)
	if strings.Contains(body, `"stream":true`) {
		r.ContentLength = -1 // as of a client that sends in chunks
	}
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				v.t.Errorf("%s: a panic comes out: %v", path, p)
			}
		}()
		v.handler.ServeHTTP(w, r)
	}()
	return w.Body.String()
}

func transcriptionForm(t *testing.T, text string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "a.wav")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, "RIFF", text)
	for name, value := range map[string]string{"model": "m/hear", "prompt": text} {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return form.FormDataContentType(), b.String()
}

var (
	generationID = regexp.MustCompile(`"id":"(gen-[a-z0-9]+)"`)
	olderPage    = regexp.MustCompile(`"before":"([^"]+)"`)
)

// everything that others can see, or find, by where it is.
func (v *aviary) everything() map[string]string {
	v.t.Helper()
	out := map[string]string{}
	other, _ := v.company.key("")
	for _, key := range []string{v.management, other, ""} {
		for _, path := range []string{"/generations?limit=500", "/generations/facets", "/activity", "/audit?limit=1000", "/keys", "/workspaces", "/observability/destinations", "/providers?all=true",
			"/models?all=true", "/credits", "/key", "/byok", "/guardrails", "/presets"} {
			out["GET "+path+" of "+key[:min(len(key), 12)]] = call(v.t, v.handler, "GET", "/api/v1"+path, key, "").Body.String()
		}
	}
	requests := 0
	for path := "/generations?limit=500"; path != ""; {
		page := call(v.t, v.handler, "GET", "/api/v1"+path, v.management, "").Body.String()
		out["GET "+path] = page
		for _, m := range generationID.FindAllStringSubmatch(page, -1) {
			requests++
			out["GET /generation of "+m[1]] = call(v.t, v.handler, "GET", "/api/v1/generation?id="+m[1], v.management, "").Body.String()
		}
		path = ""
		if m := olderPage.FindStringSubmatch(page); m != nil {
			path = "/generations?limit=500&before=" + m[1]
		}
	}
	if requests < 100 {
		v.t.Errorf("%d requests were recorded: nothing is tested", requests)
	}
	out["/metrics"] = call(v.t, v.handler, "GET", "/metrics", "", "").Body.String()
	out["the collector"] = v.told.told(v.t, requests)
	if err := v.app.Close(); err != nil {
		v.t.Error(err)
	}
	v.logMu.Lock()
	out["the log"] = v.log.String()
	v.logMu.Unlock()
	files(v.t, v.data, out)
	return out
}

// files are those in a directory.
func files(t *testing.T, dir string, out map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out["file "+e.Name()] = string(raw)
	}
}

// disguises are a text as it is, and as it is in base64, wherever it stands there, and in
// hexadecimal.
func disguises(s string) (list []string) {
	list = append(list, s, hex.EncodeToString([]byte(s)))
	for shift := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s))
		list = append(list, coded[4:len(coded)-4])
	}
	return list
}

// Prompts, answers and secrets go through every API and every way to fail, and nothing of them
// is with anybody else: in no answer of management, no record, no metric, no trace, no log at
// its finest, no file.
func TestCanariesEverywhere(t *testing.T) {
	t.Parallel()
	v := newAviary(t)
	own := 0
	var asking sync.WaitGroup
	turns := make(chan struct{}, 8)
	var mu sync.Mutex
	for _, m := range modes {
		text := "mode=" + m + " " + promptCanary
		ask := func(path, contentType, body string) {
			turns <- struct{}{}
			asking.Go(func() {
				defer func() { <-turns }()
				got := v.ask(path, contentType, body)
				mu.Lock()
				defer mu.Unlock()
				if strings.Contains(got, answerCanary) {
					own++
				}
			})
		}
		for _, q := range inquiries {
			path, body := q.path, q.body
			if strings.Contains(path, "%") {
				path = fmt.Sprintf(path, promptCanary)
			} else {
				body = fmt.Sprintf(body, text)
			}
			ask(path, "application/json", body)
		}
		contentType, body := transcriptionForm(t, text)
		ask("/v1/audio/transcriptions", contentType, body)
	}
	asking.Wait()
	if own < 20 {
		t.Errorf("%d answers came to whoever asked: nothing is tested", own)
	}
	if n := v.converse(); n < 10 {
		t.Errorf("%d answers came over a WebSocket: nothing is tested", n)
	}
	v.panics()
	v.refusesWrites()
	for where, text := range v.everything() {
		canary.Text(t, where, text)
		for _, s := range []string{promptCanary, answerCanary, secretCanary, ownCanary, "CANARY-DESTINATION", v.key, v.management} {
			for _, d := range disguises(s) {
				if i := strings.Index(text, d); i >= 0 {
					t.Errorf("%s is in %s: %.300s", s, where, text[max(0, i-150):])
				}
			}
		}
	}
}

// panics has code panic with a prompt, in the middle of a request and before one.
func (v *aviary) panics() {
	v.manage("POST", "/byok", `{"provider":"parrot","key":"`+ownCanary+`"}`)
	pay := v.app.gateway.Pay
	v.app.gateway.Pay = func(context.Context, *account.Key, string) (*provider.Provider, error) {
		panic("cannot handle " + promptCanary)
	}
	for _, q := range inquiries[:4] {
		v.ask(q.path, "application/json", fmt.Sprintf(q.body, promptCanary))
	}
	v.app.gateway.Pay = pay
	random := v.app.gateway.Random
	v.app.gateway.Random = func() uint64 { panic(fmt.Errorf("no number for %s", promptCanary)) }
	v.ask("/v1/chat/completions", "application/json", fmt.Sprintf(inquiries[0].body, promptCanary))
	v.app.gateway.Random = random
	v.logMu.Lock()
	defer v.logMu.Unlock()
	if n := strings.Count(v.log.String(), "panicked"); n != 5 {
		v.t.Errorf("%d panics are in the log", n)
	}
}

// converse asks over a WebSocket, as somebody who is signed in, and is how many answers came.
// There is a connection for each kind of failure, which is used again where it outlives that.
func (v *aviary) converse() (answers int) {
	v.t.Helper()
	owner := v.found("boss@socket.test")
	organization := at(owner.must(v.t, v.handler, "GET", "/organization", ""), "data", "id")
	v.manage("POST", "/credits/grant", `{"amount":5,"organization":"`+organization+`"}`)
	front := httptest.NewServer(v.handler)
	defer front.Close()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	defer cancel()
	for _, m := range modes {
		if m == "hang" {
			continue
		}
		c, _, err := websocket.Dial(ctx, front.URL+"/v1/responses", &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {"dragoman_session=" + owner.cookie}}})
		if err != nil {
			v.t.Fatal(err)
		}
		for _, how := range []string{m, "ok"} {
			body := fmt.Sprintf(`{"type":"response.create","model":"m/x","input":"mode=%s %s","instructions":"%[2]s"}`, how, promptCanary)
			if c.Write(ctx, websocket.MessageText, []byte(body)) != nil {
				break // the connection ended with an answer that broke off
			}
			if strings.Contains(wholeResponse(ctx, c), answerCanary) {
				answers++
			}
		}
		c.CloseNow()
	}
	return answers
}

// wholeResponse is the messages of one response, as far as they come.
func wholeResponse(ctx context.Context, c *websocket.Conn) string {
	var all strings.Builder
	for {
		_, m, err := c.Read(ctx)
		all.Write(m)
		if err != nil || endOfResponse.Match(m) {
			return all.String()
		}
	}
}

var endOfResponse = regexp.MustCompile(`^{"type":"(response\.(completed|incomplete|failed)|error)"`)

// refusesWrites has the database refuse all writes for a while.
func (v *aviary) refusesWrites() {
	v.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(v.data, "dragoman.db"))
	if err != nil {
		v.t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(v.t.Context(), "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE"); err != nil {
		v.t.Fatal(err)
	}
	refused := func() bool {
		v.ask("/v1/chat/completions", "application/json", fmt.Sprintf(inquiries[1].body, promptCanary))
		v.logMu.Lock()
		defer v.logMu.Unlock()
		return strings.Contains(v.log.String(), "storage does not accept writes")
	}
	for end := time.Now().Add(time.Minute); !refused(); {
		if time.Now().After(end) {
			v.t.Error("the database takes writes all the time")
			break
		}
	}
	if _, err := conn.ExecContext(v.t.Context(), "ROLLBACK"); err != nil {
		v.t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); call(v.t, v.handler, "POST", "/api/v1/keys", v.management, `{"name":"after"}`).Code != 201; {
		if time.Now().After(end) {
			v.t.Fatal("the database takes no writes any more")
		}
	}
}
