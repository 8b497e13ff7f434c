package bedrock

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// long is a stream of n increments.
func long(n int) string {
	return frames(begins) + strings.Repeat(frames(said), n) + frames(stop0, endTurn, usage)
}

func readAll(tb testing.TB, body string) {
	for _, err := range (Converse{}).Events(&llm.Request{Stream: true}, dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: true}) {
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestAllocations: an increment allocates its text and nothing else.
func TestAllocations(t *testing.T) {
	few, many := long(100), long(1100)
	n := testing.AllocsPerRun(20, func() { readAll(t, many) }) - testing.AllocsPerRun(20, func() { readAll(t, few) })
	if n /= 1000; n > 1.1 {
		t.Errorf("%.2f allocations an increment, at most 1.1 wanted", n)
	}
}

// BenchmarkEvents reads a stream of 200 increments.
func BenchmarkEvents(b *testing.B) {
	body := long(200)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		readAll(b, body)
	}
}
