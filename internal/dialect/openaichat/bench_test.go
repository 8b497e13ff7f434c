package openaichat

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func benchStream(deltas int) string {
	chunks := make([]string, 0, deltas+3)
	for range deltas {
		chunks = append(chunks, `"content":" and that is the answer."`)
	}
	return framed(append(chunks, stopped, spent, "[DONE]")...)
}

func readAll(tb testing.TB, from llm.Dialect, body string) {
	for _, err := range (&Adapter{}).Events(&llm.Request{From: from, Stream: true}, dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: true}) {
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkEvents reads a stream of 200 increments for a client of another dialect.
func BenchmarkEvents(b *testing.B) {
	body := benchStream(200)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		readAll(b, llm.Anthropic, body)
	}
}

// TestAllocations bounds what an increment allocates: its text, for a client of another
// dialect, and nothing for one of the same.
func TestAllocations(t *testing.T) {
	for from, ceiling := range map[llm.Dialect]float64{llm.OpenAIChat: .1, llm.Anthropic: 1.1} {
		few, many := benchStream(100), benchStream(1100)
		n := testing.AllocsPerRun(20, func() { readAll(t, from, many) }) - testing.AllocsPerRun(20, func() { readAll(t, from, few) })
		if n /= 1000; n > ceiling {
			t.Errorf("%s: %.2f allocations an increment, at most %.1f wanted", from, n, ceiling)
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	conv := &llm.Conversation{Tools: []llm.Tool{{Name: "f", Schema: []byte(`{"type":"object"}`)}}}
	for range 20 {
		conv.Messages = append(conv.Messages, by(llm.User, textPart("What is the weather in Bern?")), by(llm.Assistant, textPart("Let me see."), invoke("a", "f", `{"city":"Bern"}`)), outcome("a", textPart("Rain.")))
	}
	req := foreign(conv)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := (&Adapter{}).EncodeRequest(req, dialect.Target{Model: "c"}); err != nil {
			b.Fatal(err)
		}
	}
}
