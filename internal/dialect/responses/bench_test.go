package responses

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

const deltas = 200

// long is a stream of many pieces of text.
func long() string {
	at := strings.Index(aStream, "event: response.output_text.delta")
	end := strings.Index(aStream, "event: response.output_text.annotation")
	return aStream[:at] + strings.Repeat(aStream[at:end], deltas) + aStream[end:]
}

func run(tb testing.TB, req *llm.Request, body string) {
	w := Surface{}.Encode(mustDecode(tb, `{"model":"m","input":"x","stream":true}`), &dialect.Answer{GenerationID: "gen-1"})
	var out []byte
	r := dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: true}
	for ev, err := range new(Adapter).Events(req, r) {
		if err == nil {
			out, err = w.Event(out[:0], ev)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// A piece of text costs no allocation where it is passed on, and few where it is translated.
func TestAllocations(t *testing.T) {
	body := long()
	for from, most := range map[llm.Dialect]float64{llm.OpenAIResponses: 0.5, llm.OpenAIChat: 2.5} {
		got := testing.AllocsPerRun(20, func() { run(t, &llm.Request{From: from, Stream: true}, body) }) / deltas
		if got > most {
			t.Errorf("%s: %.2f allocations a piece, want at most %.1f", from, got, most)
		}
	}
}

func BenchmarkRelay(b *testing.B)     { benchmark(b, llm.OpenAIResponses) }
func BenchmarkTranslate(b *testing.B) { benchmark(b, llm.OpenAIChat) }

func benchmark(b *testing.B, from llm.Dialect) {
	body := long()
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		run(b, &llm.Request{From: from, Stream: true}, body)
	}
}
