package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

const pictured = `{"model":"m/x","messages":[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"https://pictures.example/a"}}]}],` + inOrder + `}`

// converse answers as Bedrock does, or with a status that is no success, and notes what it got.
func converse(status int, got *atomic.Value) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(string(body))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, `{"output":{"message":{"role":"assistant","content":[{"text":"a cat"}]}},"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":2,"totalTokens":11}}`)
	}
}

func (h *house) post(body string) (int, string) {
	h.t.Helper()
	resp := h.request(h.t.Context(), body)
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw)
}

func TestMediaIsFetchedOnceForWiresThatTakeItInline(t *testing.T) {
	t.Parallel()
	var first, second atomic.Value
	h := newHouse(t, options{}, plays{h: converse(500, &first), protocol: llm.Converse, price: "1"}, plays{h: converse(200, &second), protocol: llm.Converse, price: "1"})
	var fetches atomic.Int64
	h.Fetch = func(_ context.Context, url string) (*llm.Media, error) {
		fetches.Add(1)
		if url != "https://pictures.example/a" {
			return nil, errors.New("another URL")
		}
		return &llm.Media{Data: "aGk=", MIME: "image/webp"}, nil
	}
	status, body := h.post(pictured)
	if status != 200 || !strings.Contains(body, "a cat") {
		t.Fatalf("%d %s", status, body)
	}
	for _, got := range []*atomic.Value{&first, &second} {
		if s, _ := got.Load().(string); !strings.Contains(s, `"source":{"bytes":"aGk="}`) {
			t.Errorf("the provider got %s", s)
		}
	}
	if n := fetches.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestMediaThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	gone := func(context.Context, string) (*llm.Media, error) {
		return nil, &fault.Error{Kind: fault.Refused, Code: "media_unavailable", Public: "it is gone"}
	}
	for name, fetch := range map[string]func(context.Context, string) (*llm.Media, error){"no fetching": nil, "gone": gone} {
		var got atomic.Value
		alone := newHouse(t, options{}, plays{h: converse(200, &got), protocol: llm.Converse, price: "1"})
		alone.Fetch = fetch
		if status, body := alone.post(pictured); status != 400 || !strings.Contains(body, "media_unavailable") || got.Load() != nil {
			t.Errorf("%s: %d %s, the provider got %v", name, status, body, got.Load())
		}
		two := newHouse(t, options{}, plays{h: converse(200, &got), protocol: llm.Converse, price: "1"}, plays{h: says("a dog"), price: "1"})
		two.Fetch = fetch
		if status, body := two.post(pictured); status != 200 || !strings.Contains(body, "a dog") {
			t.Errorf("%s: the endpoint that takes URLs: %d %s", name, status, body)
		}
	}
}

func TestFetchesAreBounded(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	h := newHouse(t, options{}, plays{h: converse(200, &got), protocol: llm.Converse, price: "1"})
	h.Fetch = func(context.Context, string) (*llm.Media, error) {
		return &llm.Media{Data: strings.Repeat("A", 20<<20), MIME: "image/png"}, nil
	}
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(`{"type":"image_url","image_url":{"url":"https://pictures.example/` + strconv.Itoa(i) + `"}},`)
		}
		return `{"model":"m/x","messages":[{"role":"user","content":[` + b.String() + `{"type":"text","text":"what?"}]}]}`
	}
	for _, n := range []int{4, 33} { // 80 MiB, and one more than is fetched
		if status, body := h.post(many(n)); status != 400 || !strings.Contains(body, "media_unavailable") {
			t.Errorf("%d URLs: %d %s", n, status, body)
		}
	}
	if got.Load() != nil {
		t.Error("the provider was called")
	}
}
