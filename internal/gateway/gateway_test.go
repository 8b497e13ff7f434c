package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

func TestAnswers(t *testing.T) {
	h := newHouse(t, options{prepaid: "1"}, plays{h: says("hi there"), price: "2"})
	status, body := h.ask("")
	var got struct {
		Choices []struct{ Message struct{ Content string } }
		Usage   struct {
			Cost   json.Number
			Prompt int `json:"prompt_tokens"`
		}
		Provider string
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	if got.Choices[0].Message.Content != "hi there" || got.Usage.Cost != "0.00003" || got.Provider != "A" || got.Usage.Prompt != 10 {
		t.Errorf("%s", body)
	}
	r := h.last()
	if r.Outcome != generation.Completed || r.Cost != 30_000 || r.Upstream != "up-1" || len(r.Attempts) != 1 || r.Attempts[0].Status != 200 {
		t.Errorf("%+v", r)
	}
	if b := h.balance(); b.Posted != money.Dollar-30_000 || b.Held != 0 {
		t.Errorf("%+v", b)
	}
	if rec, err := h.Store.Generation(t.Context(), r.ID); err != nil || rec.Cost != 30_000 {
		t.Errorf("stored record: %+v %v", rec, err)
	}
	if rec, err := h.Store.Generation(t.Context(), "up-1"); err != nil || rec.ID != r.ID {
		t.Errorf("by the upstream's id: %v", err)
	}
}

func TestStreams(t *testing.T) {
	h := newHouse(t, options{}, plays{h: says("one two three"), price: "2"})
	status, body := h.ask(`,"stream":true`)
	if status != 200 || !strings.HasSuffix(body, "data: [DONE]\n\n") || !strings.Contains(body, `"cost":0.00003`) || strings.Count(body, `"usage":{`) != 1 {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(body, `"openrouter_metadata":{"requested":"m/x"`) {
		t.Errorf("no metadata: %s", body)
	}
	if r := h.last(); r.Cost != 30_000 || !r.Streamed {
		t.Errorf("%+v", r)
	}
}

func TestFallsBackUntilContent(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the server notices that a client left only then
		<-r.Context().Done()
	}
	for name, bad := range map[string]http.HandlerFunc{
		"400": fails(400), "401": fails(401), "404": fails(404), "429": fails(429), "500": fails(500), "529": fails(529),
		"cut before content": breaks(""), "silence": hang,
		"html": func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html>sorry</html>")) },
		"error in a 200": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			send(w, `{"error":{"message":"overloaded","code":529}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if name == "silence" {
				patience = 3 * time.Second
			}
			h := newHouse(t, options{timeouts: upstream.Timeouts{First: patience, Whole: patience}},
				plays{h: bad, price: "2"}, plays{h: says("fine"), price: "4"})
			for _, stream := range []string{"", `,"stream":true`} {
				status, body := h.ask(stream)
				if status != 200 || !strings.Contains(body, "fine") || strings.Contains(body, `"error"`) && !strings.Contains(body, `"openrouter_metadata"`) {
					t.Errorf("%d %s", status, body)
				}
				if r := h.last(); r.Cost != 60_000 || r.Provider != "B" || len(r.Attempts) != 2 || r.Attempts[0].Kind == "" {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

func TestNeverFallsBackAfterContent(t *testing.T) {
	h := newHouse(t, options{prepaid: "1"}, plays{h: breaks("half"), price: "2"}, plays{h: says("other"), price: "4"})
	status, body := h.ask(`,"stream":true`)
	if status != 200 || strings.Contains(body, "other") || strings.Contains(body, "[DONE]") ||
		!strings.Contains(body, `"finish_reason":"error"`) || !strings.Contains(body, `"error":{"code":502`) {
		t.Errorf("%d %s", status, body)
	}
	if r := h.last(); r.Outcome != generation.Broken || r.Cost != 0 || len(r.Attempts) != 1 {
		t.Errorf("%+v", r)
	}
	if b := h.balance(); b.Posted != money.Dollar || b.Held != 0 {
		t.Errorf("a broken answer was charged: %+v", b)
	}
}

func TestEveryEndpointFails(t *testing.T) {
	h := newHouse(t, options{prepaid: "1"}, plays{h: fails(500), price: "2"}, plays{h: fails(429), price: "4"})
	status, body := h.ask("")
	if status != 429 || !strings.Contains(body, `"previous_errors":[{"provider":"A","code":"provider_unavailable","status":500}]`) ||
		!strings.Contains(body, `"availability":{"code":"capacity_exhausted","retryable":true,`) || !strings.Contains(body, `"affected_providers":["A","B"]`) {
		t.Errorf("%d %s", status, body)
	}
	if r := h.last(); r.Outcome != generation.Failed || r.Cost != 0 || len(r.Attempts) != 2 {
		t.Errorf("%+v", r)
	}
	if b := h.balance(); b.Posted != money.Dollar || b.Held != 0 {
		t.Errorf("%+v", b)
	}
}

func TestMissingUsageIsEstimatedNeverZero(t *testing.T) {
	h := newHouse(t, options{}, plays{price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"twelve bytes"},"finish_reason":"stop"}]}`))
	}})
	if status, body := h.ask(""); status != 200 || !strings.Contains(body, `"usage_state":"estimated"`) {
		t.Errorf("%d %s", status, body)
	}
	if r := h.last(); r.Cost <= 0 || r.UsageState != "estimated" {
		t.Errorf("%+v", r)
	}
}

func TestEmptyAnswerCostsNothing(t *testing.T) {
	h := newHouse(t, options{prepaid: "1"}, plays{price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":0,"total_tokens":10}}`))
	}})
	h.ask("")
	if r := h.last(); r.Cost != 0 || r.Loss != 20_000 || r.Outcome != generation.Empty {
		t.Errorf("cost %d loss %d %s", r.Cost, r.Loss, r.Outcome)
	}
	if b := h.balance(); b.Posted != money.Dollar {
		t.Errorf("%+v", b)
	}
}

func TestClientGone(t *testing.T) {
	stopped := make(chan struct{})
	h := newHouse(t, options{prepaid: "1"}, plays{price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		send(w, `{"id":"up-1","choices":[{"index":0,"delta":{"content":"some words"}}]}`)
		<-r.Context().Done()
		close(stopped)
	}})
	ctx, cancel := context.WithCancel(t.Context())
	resp := h.request(ctx, `{"model":"m/x","stream":true,"messages":[{"role":"user","content":"hello there"}]}`)
	if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Fatal("the provider goes on for a client that left")
	}
	r := h.last()
	if r.Outcome != generation.Cancelled || !r.Cancelled || r.Cost <= 0 || r.UsageState != "estimated" {
		t.Errorf("%+v", r)
	}
	if b := h.balance(); b.Held != 0 || b.Posted != money.Dollar-r.Cost {
		t.Errorf("%+v", b)
	}
}

func TestNoCredit(t *testing.T) {
	h := newHouse(t, options{prepaid: "0.0001"}, plays{h: says("hi"), price: "2"})
	status, body := h.ask(`,"max_tokens":4000`)
	if status != 402 || !strings.Contains(body, "payment_required") || !strings.Contains(body, "4000") {
		t.Errorf("%d %s", status, body)
	}
	if b := h.balance(); b.Held != 0 || b.Posted != 100_000 {
		t.Errorf("%+v", b)
	}
}

// TestThinkingIsHeldFor: where the wire counts thinking as output, a limit is raised above the
// budget, and credit must reach for that.
func TestThinkingIsHeldFor(t *testing.T) {
	h := newHouse(t, options{prepaid: "0.004"}, plays{protocol: llm.Anthropic, price: "2", h: says("hi")})
	if status, body := h.ask(`,"max_tokens":100,"reasoning":{"max_tokens":3000}`); status != 402 {
		t.Errorf("%d %s", status, body)
	}
}

func TestAnswerIsLimitedToWhatCreditPays(t *testing.T) {
	got := make(chan string, 1)
	h := newHouse(t, options{prepaid: "0.001"}, plays{price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Max int `json:"max_tokens"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Max == 0 || in.Max > 500 {
			got <- "max_tokens is " + json.Number(string(rune(in.Max))).String()
		}
		close(got)
		w.Write([]byte(`{"id":"x","choices":[{"index":0,"message":{"content":"ok"},"finish_reason":"length"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}`))
	}})
	if status, body := h.ask(""); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if bad := <-got; bad != "" {
		t.Error(bad)
	}
}

// TestAnswerEndsWithCredit: more is asked of an endpoint than is held, up to what the account could
// pay.
func TestAnswerEndsWithCredit(t *testing.T) {
	for prepaid, want := range map[string]string{"0.04": `"max_tokens":199`, "1": ""} {
		sent := make(chan string, 1)
		h := newHouse(t, options{prepaid: prepaid}, plays{price: "2", most: 32000, h: func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			sent <- string(body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			says("hi")(w, r)
		}})
		status, body := h.ask("")
		if got := <-sent; status != 200 || !strings.Contains(got, want) || strings.Contains(got, "max_tokens") != (want != "") {
			t.Errorf("with %s: %d %s, sent %s", prepaid, status, body, got)
		}
	}
}

func TestKeyLimit(t *testing.T) {
	cap := money.Amount(110_000)
	h := newHouse(t, options{limit: &cap}, plays{h: says("hi"), price: "2"})
	if status, body := h.ask(`,"max_tokens":8`); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	h.last()
	if status, body := h.ask(`,"max_tokens":8`); status != 402 || !strings.Contains(strings.ToLower(body), "key") {
		t.Errorf("%d %s", status, body)
	}
}

func TestKeepAlive(t *testing.T) {
	h := newHouse(t, options{keep: 20 * time.Millisecond}, plays{price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(120 * time.Millisecond)
		says("late")(w, r)
	}})
	status, body := h.ask(`,"stream":true`)
	if status != 200 || !strings.HasPrefix(body, ": OPENROUTER PROCESSING\n\n") || !strings.Contains(body, "late") {
		t.Errorf("%d %s", status, body)
	}
}

func TestTranslates(t *testing.T) {
	h := newHouse(t, options{}, plays{protocol: llm.Anthropic, price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, ev := range []string{
			`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"up","content":[],"stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Bonjour"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}`,
			`{"type":"message_stop"}`,
		} {
			send(w, ev)
		}
	}})
	status, body := h.ask(`,"stream":true,"seed":7`)
	if status != 200 || !strings.Contains(body, `"content":"Bonjour"`) || !strings.Contains(body, `"native_finish_reason":"end_turn"`) || !strings.Contains(body, `"cost":0.00003`) {
		t.Errorf("%d %s", status, body)
	}
	if r := h.last(); len(r.Lost) != 1 || r.Lost[0].Path != "seed" {
		t.Errorf("losses %+v", r.Lost)
	}
}

// TestNothingIsIgnoredSilently: a wish that is understood and not built is in the header,
// the metadata and the record, whatever the endpoint.
func TestNothingIsIgnoredSilently(t *testing.T) {
	const wishes = `,"trace":{"trace_id":"t"},"metadata":{"k":"v"},"debug":{"echo_upstream_body":true},"max_tool_calls":3,"stop_server_tools_when":[],"plugins":[{"id":"web"}],` +
		`"provider":{"allow_fallback":false,"options":{"a":{}}},"models":["no/such"]`
	h := newHouse(t, options{}, plays{h: says("hi"), price: "2"})
	resp := h.request(t.Context(), `{"model":"m/x:online","messages":[{"role":"user","content":"x"}]`+wishes+`}`)
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d %s %v", resp.StatusCode, body, err)
	}
	var recorded []string
	for _, l := range h.last().Lost {
		recorded = append(recorded, l.Path)
	}
	for _, path := range []string{"trace", "metadata", "debug.echo_upstream_body", "max_tool_calls", "stop_server_tools_when", "plugins", "model", "models", "provider.allow_fallback", "provider.options"} {
		if n := strings.Count(" "+strings.Join(recorded, " ")+" ", " "+path+" "); n != 1 {
			t.Errorf("%s is recorded %d times: %q", path, n, recorded)
		}
		if !strings.Contains(resp.Header.Get("X-Dragoman-Dropped"), path) || !strings.Contains(string(body), `"path":"`+path+`"`) {
			t.Errorf("%s is not told: %q", path, resp.Header.Get("X-Dragoman-Dropped"))
		}
	}
}

// TestNoTierWithoutAPrice: a provider charges more for its priority tier, and would be paid for the
// standard one; its flex tier would be paid for as if it were not slow.
func TestNoTierWithoutAPrice(t *testing.T) {
	for _, tier := range []string{"priority", "flex"} {
		noTier(t, tier)
	}
}

func noTier(t *testing.T, tier string) {
	t.Helper()
	sent := make(chan string, 1)
	h := newHouse(t, options{}, plays{price: "2", h: func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent <- string(body)
		says("hi")(w, r)
	}})
	resp := h.request(t.Context(), `{"model":"m/x","messages":[{"role":"user","content":"x"}],"service_tier":"`+tier+`"}`)
	resp.Body.Close()
	if got := <-sent; resp.StatusCode != 200 || strings.Contains(got, "service_tier") || resp.Header.Get("X-Dragoman-Dropped") != "service_tier" {
		t.Errorf("%d %s, lost %q", resp.StatusCode, got, resp.Header.Get("X-Dragoman-Dropped"))
	}
}

// TestUnsetOptionsAreNoLoss: many SDKs send null for each.
func TestUnsetOptionsAreNoLoss(t *testing.T) {
	h := newHouse(t, options{}, plays{h: says("hi"), price: "2"})
	resp := h.request(t.Context(), `{"model":"m/x","messages":[{"role":"user","content":"x"}],"plugins":null,"transforms":null,"cache_control":null,`+
		`"image_config":null,"x_search_filter":null,"metadata":null,"trace":null,"provider":{"options":null,"zdr":null},"models":null}`)
	resp.Body.Close()
	if lost := resp.Header.Get("X-Dragoman-Dropped"); resp.StatusCode != 200 || lost != "" {
		t.Errorf("%d, lost %q", resp.StatusCode, lost)
	}
}

func TestRefusesBadInput(t *testing.T) {
	h := newHouse(t, options{prepaid: "1"}, plays{h: says("hi"), price: "2"})
	for name, tc := range map[string]struct {
		body   string
		status int
	}{
		"not json":      {`{"model":`, 400},
		"wrong type":    {`{"model":"m/x","messages":"hi"}`, 400},
		"unknown model": {`{"model":"no/such","messages":[{"role":"user","content":"x"}]}`, 400},
		"too large":     {`{"model":"m/x","messages":[{"role":"user","content":"` + strings.Repeat("x", 1<<20) + `"}]}`, 413},
		"bad utf-8":     {"{\"model\":\"m/x\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}", 400},
		"empty":         {"", 400},
	} {
		resp := h.request(t.Context(), tc.body)
		var e struct {
			Error struct {
				Code    int
				Message string
			}
		}
		err := json.NewDecoder(resp.Body).Decode(&e)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tc.status || e.Error.Code != tc.status || e.Error.Message == "" {
			t.Errorf("%s: %d %+v %v", name, resp.StatusCode, e, err)
		}
		if resp.Header.Get("X-Generation-Id") == "" {
			t.Errorf("%s: no X-Generation-Id", name)
		}
	}
	h.key = "sk-or-v1-wrong"
	if status, body := h.ask(""); status != 401 || !strings.Contains(body, "authentication") {
		t.Errorf("%d %s", status, body)
	}
	if b := h.balance(); b.Posted != money.Dollar || b.Held != 0 {
		t.Errorf("%+v", b)
	}
}

func TestManagementKeyCannotInfer(t *testing.T) {
	h := newHouse(t, options{}, plays{h: says("hi"), price: "2"})
	h.key = account.NewKey([32]byte{2})
	if err := h.Store.PutKey(t.Context(), &account.Key{Hash: account.HashKey(h.key), Name: "m", Account: "default", Management: true, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if status, body := h.ask(""); status != 403 {
		t.Errorf("%d %s", status, body)
	}
}

func TestARightKeyIsNotHeldUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{}, plays{h: says("fine"), price: "2"})
	right := h.key
	h.key = "sk-or-v1-guess"
	status := 0
	for range 61 {
		status, _ = h.ask("")
	}
	if status != 429 {
		t.Errorf("the last guess gets %d", status)
	}
	h.key = right
	if status, body := h.ask(""); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}
