package app

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/receipt"
)

// spies are two providers that fail at random: one keeps nothing, one keeps what it gets.
type spies struct {
	mu     sync.Mutex
	rng    *rand.Rand
	kept   int64           // bytes of prompts that the second one must not have had
	keeper atomic.Int64    // requests that it had
	judged atomic.Int64    // questions about prompts that any of them had
	served map[string]bool // operations that each had, as "forgetful rerank"
}

func (s *spies) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	how := s.rng.IntN(6)
	who, _, _ := strings.Cut(r.URL.Path[1:], "/")
	s.served[who+" "+path.Base(r.URL.Path)] = true
	if strings.HasPrefix(r.URL.Path, "/keeper/") {
		s.keeper.Add(1)
		if strings.Contains(string(body), "zero retention is on") {
			s.kept += int64(len(body))
		}
	}
	s.mu.Unlock()
	said := "hello"
	if strings.Contains(string(body), "content moderator") {
		s.judged.Add(1)
		said = "safe"
	}
	w.Header().Set("Content-Type", "application/json")
	switch how {
	case 0:
		w.WriteHeader(500)
	case 1:
		w.WriteHeader(429)
		fmt.Fprint(w, `{"error":{"message":"slow down"}}`)
	case 2:
		panic(http.ErrAbortHandler) // the connection is reset
	default:
		fmt.Fprintf(w, `{"id":"x","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10},"data":[{"embedding":[1],"index":0}],"text":"hello","results":[{"index":0,"relevance_score":0.5}]}`, said)
	}
}

// No byte of a prompt that is under zero data retention reaches a provider that keeps
// prompts, by no path: retries, fallbacks, other surfaces, streams, embeddings, reranking,
// speech, images, forms, presets, an account's own keys, private providers and endpoints, questions to a model that
// moderates; while the rule is put on and off in four places.
func TestZeroRetentionHoldsOnEveryPath(t *testing.T) {
	t.Parallel()
	s := &spies{rng: rand.New(rand.NewPCG(7, 7)), served: map[string]bool{}}
	up := httptest.NewServer(http.HandlerFunc(s.serve))
	defer up.Close()
	f, err := config.Load(writeConfig(t, fmt.Sprintf(`demo: false
listen: 127.0.0.1:0
data: %q
providers:
- {slug: keeper, name: Keeper, protocol: openai.chat, also: [%[3]s], base_url: "%[2]s/keeper/v1", api_key: k1, data_policy: {trains: false, retains: true}}
- {slug: unknown, name: Unknown, protocol: openai.chat, also: [%[3]s], base_url: "%[2]s/keeper/v1", api_key: k2}
- {slug: forgetful, name: Forgetful, protocol: openai.chat, also: [%[3]s], base_url: "%[2]s/forgetful/v1", api_key: k3, data_policy: {trains: false, retains: false}}
models:
- {slug: m/x, endpoints: [{provider: keeper, upstream_model: x, price: {prompt: 1, completion: 1}}, {provider: unknown, upstream_model: x, price: {prompt: 1, completion: 1}}, {provider: forgetful, upstream_model: x, price: {prompt: 2, completion: 2}}]}
- {slug: m/other, endpoints: [{provider: keeper, upstream_model: y, price: {prompt: 1, completion: 1}}]}
- {slug: m/judge, endpoints: [{provider: keeper, upstream_model: j, price: {prompt: 1, completion: 1}}, {provider: unknown, upstream_model: j, price: {prompt: 1, completion: 1}}, {provider: forgetful, upstream_model: j, price: {prompt: 2, completion: 2}}]}
- {slug: m/ear, output_modalities: [transcription], endpoints: [%[4]s]}
- {slug: m/embed, output_modalities: [embeddings], endpoints: [%[4]s]}
- {slug: m/rank, output_modalities: [rerank], endpoints: [%[4]s]}
- {slug: m/voice, output_modalities: [speech], endpoints: [%[4]s]}
- {slug: m/draw, output_modalities: [image], endpoints: [%[4]s]}
`, canary.Dir(t), up.URL, "openai.embeddings, openai.audio-transcriptions, openai.audio-speech, openai.images, cohere.rerank",
		"{provider: keeper, upstream_model: z, price: {prompt: 1, completion: 1}}, {provider: forgetful, upstream_model: z, price: {prompt: 1, completion: 1}}")))
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
	c := &company{t: t, app: a, handler: canary.Handler(t, a.Handler()), management: first.Management}
	member := c.manage("POST", "/organization/members", `{"email":"a@example.com"}`)["id"].(string)
	key, hash := c.key(`,"creator_user_id":"` + member + `"`)
	c.manage("POST", "/byok", `{"provider":"keeper","key":"own-keeper-123"}`)
	c.manage("POST", "/private-providers", `{"slug":"house","name":"House","base_url":"`+up.URL+`/keeper/v1","api_key":"own-house-1234567890","data_policy":{"trains":false,"retains":true}}`)
	for _, provider := range []string{"house", "keeper"} {
		c.manage("POST", "/private-endpoints", `{"model_permaslug":"m/x","provider_slug":"`+provider+`","tag":"`+provider+`/mine","upstream_model_id":"mine","free":true,"status":"active"}`)
	}
	c.manage("POST", "/presets/brief/chat/completions", `{"model":"m/x","messages":[{"role":"system","content":"be brief"}]}`)
	byDefault := c.manage("GET", "/workspaces/default", "")["default_guardrail_id"].(string)
	ofMember := c.manage("POST", "/guardrails", `{"name":"member"}`)["id"].(string)
	ofKey := c.manage("POST", "/guardrails", `{"name":"key","moderation":{"model":"m/judge","categories":{"bad":0.5},"on_error":"allow"}}`)["id"].(string)
	c.manage("POST", "/guardrails/"+ofMember+"/assignments/members", `{"member_user_ids":["`+member+`"]}`)
	c.manage("POST", "/guardrails/"+ofKey+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)

	var rule sync.RWMutex // held by requests while they run: the rule changes between them
	on, demanded := false, ""
	requests := []struct{ path, body string }{
		{"/api/v1/chat/completions", `{"model":"m/x","models":["m/other"],"messages":[{"role":"user","content":"%s"}]%s}`},
		{"/v1/messages", `{"model":"m/x","max_tokens":9,"messages":[{"role":"user","content":"%s"}]%s}`},
		{"/v1/responses", `{"model":"m/x","input":"%s"%s}`},
		{"/v1/completions", `{"model":"m/x","prompt":"%s"%s}`},
		{"/v1/chat/completions", `{"model":"m/x","stream":true,"messages":[{"role":"user","content":"%s"}]%s}`},
		{"/v1/chat/completions", `{"model":"@preset/brief","messages":[{"role":"user","content":"%s"}]%s}`},
		{"/v1/embeddings", `{"model":"m/embed","input":"%s"%s}`},
		{"/v1/rerank", `{"model":"m/rank","query":"%s","documents":["a"]%s}`},
		{"/v1/audio/speech", `{"model":"m/voice","voice":"v","input":"%s"%s}`},
		{"/v1/images/generations", `{"model":"m/draw","prompt":"%s"%s}`},
		{"/v1/audio/transcriptions", `{"model":"m/ear","prompt":"%s","input_audio":{"data":"UklGRg==","format":"wav"}%s}`},
		{"/v1/audio/transcriptions", "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm/ear\r\n--x\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n%s\r\n" +
			"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--x%s--\r\n"},
	}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	var under atomic.Int64
	for i := range 8 {
		clients.Go(func() {
			for n := i; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				rule.RLock()
				text, extra := "zero retention is off", ""
				if on {
					text = "zero retention is on"
					under.Add(1)
					if demanded == "request" {
						extra = `,"provider":{"zdr":true}`
					}
				}
				r := requests[n%len(requests)]
				if strings.HasPrefix(r.body, "--x") && extra != "" {
					extra = "\r\nContent-Disposition: form-data; name=\"provider\"\r\n\r\n{\"zdr\":true}\r\n--x"
				}
				post(t, c.handler, r.path, key, fmt.Sprintf(r.body, text, extra))
				rule.RUnlock()
			}
		})
	}
	places := map[string]string{"default": byDefault, "member": ofMember, "key": ofKey}
	names := []string{"default", "member", "key", "request"}
	for i := range 60 {
		rule.Lock()
		demanded = names[i/2%len(names)]
		on = i%2 == 0
		if id, ok := places[demanded]; ok {
			c.manage("PATCH", "/guardrails/"+id, fmt.Sprintf(`{%q:%t}`, []string{"enforce_zdr", "enforce_zdr_other"}[i/8%2], on))
		}
		rule.Unlock()
		for before := under.Load(); on && under.Load() < before+20; { // each state sees requests
			rule.RLock()
			rule.RUnlock()
		}
	}
	close(stop)
	clients.Wait()
	s.mu.Lock() // a provider may still read what a client that went on has left
	defer s.mu.Unlock()
	if s.kept > 0 {
		t.Errorf("%d bytes of prompts under zero retention reached a provider that keeps them", s.kept)
	}
	if under.Load() < 100 || s.keeper.Load() == 0 || s.judged.Load() < 100 {
		t.Errorf("%d requests under the rule, %d at the keeper, %d judged: nothing is tested", under.Load(), s.keeper.Load(), s.judged.Load())
	}
	for _, who := range []string{"keeper", "forgetful"} {
		for _, operation := range []string{"completions", "embeddings", "rerank", "speech", "transcriptions", "generations"} {
			if !s.served[who+" "+operation] {
				t.Errorf("no %s reached %s: nothing is tested", operation, who)
			}
		}
	}
}

// post sends JSON, or a form whose boundary is x.
func post(t *testing.T, h http.Handler, path, key, body string) {
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	if strings.HasPrefix(body, "--x") {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
}

// Secrets and prompts leave no trace on disk, in the log or in what the API shows.
func TestCanaries(t *testing.T) {
	t.Parallel()
	v := newVendors(t)
	data := canary.Dir(t)
	var log strings.Builder
	var mu sync.Mutex
	handler := slog.NewJSONHandler(locked{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug})
	a, err := New(companyConfig(t, v, data, ""), slog.New(handler))
	if err != nil {
		t.Fatal(err)
	}
	first, err := a.FirstRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &company{t, a, canary.Handler(t, a.Handler()), first.Management, v}
	const prompt, secret = "CANARY-PROMPT-51c2", "own-CANARY-SECRET-9f1b"
	key, hash := c.key("")
	shown := []string{}
	show := func(method, path, key, body string) {
		w := call(t, c.handler, method, path, key, body)
		shown = append(shown, path+": "+w.Body.String()+fmt.Sprint(w.Header()))
	}
	id := c.manage("POST", "/byok", `{"provider":"gamma","key":"`+secret+`"}`)["id"].(string)
	g := c.manage("POST", "/guardrails", `{"name":"g","content_filters":[{"pattern":"CANARY-PROMPT-51c2 block","action":"block"},{"pattern":"PROMPT-51c2","action":"flag","scan_output":true}],"moderation":{"model":"m/x","categories":{"a":0.5},"on_error":"allow"}}`)["id"].(string)
	c.manage("POST", "/guardrails/"+g+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
	for _, path := range []string{"/api/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/completions", "/v1/embeddings"} {
		for _, text := range []string{prompt, prompt + " block"} {
			for _, extra := range []string{"", `,"stream":true`, `,"provider":{"byok":"require"}`, `,"provider":{"only":["nobody"]}`, `,"nonsense":{"`} {
				show("POST", path, key, fmt.Sprintf(`{"model":"m/x","max_tokens":9,"input":%q,"prompt":%q,"messages":[{"role":"user","content":%q}]%s}`, text, text, text, extra))
			}
		}
	}
	v.mu.Lock()
	v.refuse[secret] = true
	v.mu.Unlock()
	show("POST", "/api/v1/chat/completions", key, `{"model":"m/x","messages":[{"role":"user","content":"`+prompt+`"}]}`)
	if !strings.Contains(v.body, prompt) || !strings.Contains(v.last(), secret) {
		t.Fatal("no prompt was sent with the secret: nothing is tested")
	}
	show("POST", "/api/v1/byok/"+id+"/test", c.management, "")
	show("PATCH", "/api/v1/byok/"+id, c.management, `{"key":"`+secret+`-2"}`)
	show("PATCH", "/api/v1/byok/"+id, c.management, `{"key":"`+secret+` with a space"}`)
	show("PATCH", "/api/v1/byok/"+id, c.management, `{"key":["`+secret+`"]}`)
	for _, path := range []string{"/byok", "/byok/" + id, "/audit", "/keys", "/guardrails/" + g, "/activity", "/providers?all=true", "/analytics/meta"} {
		show("GET", "/api/v1"+path, c.management, "")
	}
	show("GET", "/metrics", "", "")
	show("GET", "/openapi.json", "", "")
	w := httptest.NewRecorder()
	a.manage.Trusted().ServeHTTP(w, httptest.NewRequest("POST", "/vault/rotate", nil))
	shown = append(shown, w.Body.String())
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	shown = append(shown, "log: "+log.String())
	mu.Unlock()
	err = filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Type()&os.ModeSocket != 0 {
			return err
		}
		raw, err := os.ReadFile(path)
		shown = append(shown, filepath.Base(path)+": "+string(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shown {
		where, _, _ := strings.Cut(s, ":")
		for _, f := range canary.Look([]byte(s)) {
			if f.Kind == canary.Secret {
				t.Errorf("%s has %s", where, f)
			}
		}
		if strings.Contains(s, "CANARY-SECRET") || strings.Contains(s, key) || strings.Contains(s, first.Management) {
			t.Errorf("a secret is in %s", where)
		}
		if i := strings.Index(s, "PROMPT-51c2"); i >= 0 && !strings.Contains(where, "/guardrails") && !ownPattern(s, where) {
			t.Errorf("a prompt is in %s: %.200s", where, s[max(0, i-100):])
		}
	}
}

// ownPattern reports whether what looks like the prompt is the pattern that was to find it,
// which is a setting: in the database, its log, and the audit log.
func ownPattern(s, where string) bool {
	rest := strings.ReplaceAll(s, "CANARY-PROMPT-51c2 block", "")
	for _, form := range []string{`"pattern":"PROMPT-51c2"`, `"pattern":"CANARY-PROMPT-51c2 block"`} {
		rest = strings.ReplaceAll(rest, form, "")
	}
	return (strings.HasPrefix(where, "dragoman.db") || strings.HasSuffix(where, "/audit")) && !strings.Contains(rest, "PROMPT-51c2")
}

type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	key, hash := c.key("")
	g := c.manage("POST", "/guardrails", `{"name":"nothing kept","enforce_zdr":true,"content_filter_builtins":[{"slug":"email","action":"redact"}]}`)["id"].(string)
	c.manage("POST", "/guardrails/"+g+"/assignments/keys", `{"key_hashes":["`+hash+`"]}`)
	c.manage("POST", "/byok", `{"provider":"alpha","key":"own-refused-123"}`)
	c.refuse["own-refused-123"] = true
	ask := func(header string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/api/v1/chat/completions", strings.NewReader(`{"model":"m/x","provider":{"data_collection":"deny"},"messages":[{"role":"user","content":"I am ann@example.com"}]}`))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("X-Dragoman-Receipt", header)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatal(w.Body)
		}
		return w
	}
	w := ask("true")
	doc := call(t, c.handler, "GET", "/api/v1/generation/receipt?id="+w.Header().Get("X-Generation-Id"), key, "")
	public := c.manage("GET", "/receipts/key", "")
	raw, err := base64.StdEncoding.DecodeString(public["public_key"].(string))
	if err != nil {
		t.Fatal(err)
	}
	r, err := receipt.Verify(raw, doc.Body.Bytes())
	if err != nil {
		t.Fatalf("%v: %s", err, doc.Body)
	}
	if len(r.Egress) != 2 || !r.Egress[0].BYOK || r.Egress[0].Status != 401 || r.Egress[1].BYOK || r.Egress[1].Status != 200 || r.Egress[1].Provider != "alpha" ||
		r.Egress[1].Declared.Retains != "no" || r.Egress[1].Sent != int64(len(c.body)) || r.Egress[1].Received == 0 || !strings.Contains(c.URL, r.Egress[1].Host) {
		t.Errorf("egress %+v, sent %d", r.Egress, len(c.body))
	}
	if p := string(r.Policy); !strings.Contains(p, `"zdr":"guardrail nothing kept"`) || !strings.Contains(p, `"deny_data_collection":"request"`) {
		t.Error(p)
	}
	if !strings.Contains(string(r.Filtered), `"redact"`) || r.Stored != (receipt.Stored{Metadata: true}) || r.Catalog == "" || strings.Contains(fmt.Sprint(r), "ann@") {
		t.Errorf("%+v", r)
	}
	without := ask("").Header().Get("X-Generation-Id")
	if got := call(t, c.handler, "GET", "/api/v1/generation/receipt?id="+without, key, ""); got.Code != 404 || !strings.Contains(got.Body.String(), "X-Dragoman-Receipt") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}
