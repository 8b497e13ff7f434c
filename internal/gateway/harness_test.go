package gateway_test

import (
	"cmp"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/provider"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// house is a gateway over a real store, in front of handlers that play providers.
type house struct {
	*gateway.Gateway
	t     *testing.T
	url   string
	key   string
	mu    sync.Mutex
	done  []generation.Record
	ended chan struct{} // one per finished request
}

// plays is a provider of the model m/x: its handler and its price per million tokens. They
// are tried in the order given.
type plays struct {
	protocol llm.Dialect
	h        http.HandlerFunc
	price    string
	most     int64 // tokens of an answer, 0 4096
}

type options struct {
	prepaid  string // credit, "" an account without a floor
	timeouts upstream.Timeouts
	keep     time.Duration
	limit    *money.Amount
}

func newHouse(t *testing.T, o options, providers ...plays) *house {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(canary.Dir(t), "d.db"), sqlite.Options{Logger: canary.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := s.OpenAccount(ctx, "default", o.prepaid == ""); err != nil {
		t.Fatal(err)
	}
	if o.prepaid != "" {
		amount, err := money.ParseAmount(o.prepaid)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Transfer(ctx, ledger.Transfer{Ref: "g", Debit: ledger.Issued, Credit: "default", Amount: amount, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{t: t, key: account.NewKey([32]byte{1}), ended: make(chan struct{}, 1000)}
	if err := s.PutKey(ctx, &account.Key{Hash: account.HashKey(h.key), Name: "k", Account: "default", Created: time.Now(), Limit: o.limit}); err != nil {
		t.Fatal(err)
	}
	overlay := catalog.Overlay{Origin: "test", Models: []catalog.ModelRow{{Model: catalog.Model{Slug: "m/x", InputModalities: []string{"text", "image"}}}}}
	ready := map[string]*provider.Provider{}
	for i, p := range providers {
		up := httptest.NewServer(p.h)
		t.Cleanup(up.Close)
		slug := string(rune('a'+i)) + "-provider"
		row := catalog.Provider{Slug: slug, Name: strings.ToUpper(slug[:1]), BaseURL: up.URL, Protocol: p.protocol, Auth: "none", Data: catalog.DataPolicy{Retains: catalog.No}}
		if row.Protocol == "" {
			row.Protocol = llm.OpenAIChat
		}
		rate, err := money.PerMillion(p.price)
		if err != nil {
			t.Fatal(err)
		}
		overlay.Providers = append(overlay.Providers, catalog.ProviderRow{Provider: row})
		overlay.Endpoints = append(overlay.Endpoints, catalog.EndpointRow{Provider: slug, Model: "m/x", UpstreamModel: "up", MaxOutput: cmp.Or(p.most, 4096), Pricing: &catalog.Pricing{Rates: catalog.Rates{Prompt: rate, Completion: rate}}})
		if ready[slug], err = provider.New(&row, ""); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := catalog.Build(new(catalog.Data), overlay)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var rmu sync.Mutex
	h.Gateway = &gateway.Gateway{
		Store: s, Catalog: func() *gateway.Catalogue { return &gateway.Catalogue{Snapshot: snap, Ready: ready} }, Upstream: upstream.New(o.timeouts), Health: health.NewTracker(),
		Governs: func(*account.Key) *directory.Rules { return &directory.Rules{} },
		Now:     time.Now, Log: canary.Log(t), MaxBody: 1 << 20, KeepAlive: o.keep,
		Random: func() uint64 { rmu.Lock(); defer rmu.Unlock(); return rng.Uint64() },
		Observer: func(r *generation.Record, _ *transcript.Transcript, _ time.Duration) {
			h.mu.Lock()
			h.done = append(h.done, *r)
			h.mu.Unlock()
			h.ended <- struct{}{}
		},
	}
	front := httptest.NewServer(canary.Handler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Serve(w, r, openaichat.Surface{}) })))
	h.url = front.URL + "/v1/chat/completions"
	t.Cleanup(func() {
		front.Close()
		h.Drain(5 * time.Second)
		h.Upstream.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// inOrder makes the plan try the providers as they were given.
const inOrder = `"provider":{"order":["a-provider","b-provider","c-provider"]}`

func (h *house) request(ctx context.Context, body string) *http.Response {
	h.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "POST", h.url, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.key)
	req.Header.Set("X-Openrouter-Metadata", "enabled")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp
}

// ask sends a chat request and returns status and body of the answer.
func (h *house) ask(extra string) (int, string) {
	h.t.Helper()
	resp := h.request(h.t.Context(), `{"model":"m/x","messages":[{"role":"user","content":"hello there"}],`+inOrder+extra+`}`)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Logf("the answer broke off: %v", err)
	}
	return resp.StatusCode, string(raw)
}

// last waits for a request to finish and returns its record.
func (h *house) last() generation.Record {
	h.t.Helper()
	select {
	case <-h.ended:
	case <-time.After(10 * time.Second):
		h.t.Fatal("no request finished")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.done[len(h.done)-1]
}

func (h *house) balance() ledger.Balance {
	h.t.Helper()
	b, err := h.Store.Balance(context.Background(), "default")
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// says answers with text, streamed or not, and usage of 10 + 5 tokens.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		const usage = `{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}`
		if !strings.Contains(string(body), `"stream":true`) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{"id":"up-1","object":"chat.completion","created":1,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"`+text+`"},"finish_reason":"stop"}],"usage":`+usage+`}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		send(w, `{"id":"up-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`)
		for _, word := range strings.SplitAfter(text, " ") {
			send(w, `{"id":"up-1","choices":[{"index":0,"delta":{"content":"`+word+`"}}]}`)
		}
		send(w, `{"id":"up-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`)
		send(w, `{"id":"up-1","choices":[],"usage":`+usage+`}`)
		send(w, "[DONE]")
	}
}

func send(w http.ResponseWriter, data string) {
	io.WriteString(w, "data: "+data+"\n\n")
	w.(http.Flusher).Flush()
}

// fails answers with a status.
func fails(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(status)
		io.WriteString(w, `{"error":{"message":"no"}}`)
	}
}

// breaks streams some content and then cuts the connection.
func breaks(after string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		send(w, `{"id":"up-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`)
		if after != "" {
			send(w, `{"id":"up-1","choices":[{"index":0,"delta":{"content":"`+after+`"}}]}`)
		}
		panic(http.ErrAbortHandler)
	}
}
