package anthropic

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

const benchDelta = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" is 15, and that is the answer."}}`

// BenchmarkTextDelta reads one text increment of a stream.
func BenchmarkTextDelta(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchmarkDelta(b, benchDelta) })
	b.Run("escaped", func(b *testing.B) { benchmarkDelta(b, strings.Replace(benchDelta, ", and", `\n\"and\"`, 1)) })
}

func benchmarkDelta(b *testing.B, delta string) {
	a := answer{Teller: dialect.NewTeller(func(*llm.Event, error) bool { return true }), started: true, doc: new(rawjson.Doc)}
	frame := []byte(delta)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := a.event(frame); err != nil {
			b.Fatal(err)
		}
	}
}

// long is a stream of n increments.
func long(n int) string {
	events := []string{begin, starts(0, emptyText)}
	for range n {
		events = append(events, benchDelta)
	}
	return stream(append(events, ends(0), because("end_turn"), stopped)...)
}

// write has the surface write what the adapter reads: frames for a client of its own
// dialect, events for one of another.
func write(tb testing.TB, relayed bool, body string) {
	req := &llm.Request{From: llm.OpenAIChat, Stream: true}
	read := Adapter{}.Events
	if relayed {
		req.From, read = llm.Anthropic, Adapter{}.Frames
	}
	w := Surface{}.Encode(req, &dialect.Answer{GenerationID: "gen-1", Model: "m"})
	var out []byte
	for ev, err := range read(req, dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: true}) {
		if err == nil {
			out, err = w.Event(out[:0], ev)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestAllocations: an increment allocates nothing where it passes, its text where it does not.
func TestAllocations(t *testing.T) {
	few, many := long(100), long(1100)
	for relayed, ceiling := range map[bool]float64{true: .1, false: 1.1} {
		n := testing.AllocsPerRun(20, func() { write(t, relayed, many) }) - testing.AllocsPerRun(20, func() { write(t, relayed, few) })
		if n /= 1000; n > ceiling {
			t.Errorf("relayed %t: %.2f allocations an increment, at most %.1f wanted", relayed, n, ceiling)
		}
	}
}

// BenchmarkStream passes and translates a stream of 200 increments.
func BenchmarkStream(b *testing.B) {
	body := long(200)
	for name, relayed := range map[string]bool{"relayed": true, "translated": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				write(b, relayed, body)
			}
		})
	}
}

func BenchmarkEncodeRequest(b *testing.B) {
	conv := &llm.Conversation{Tools: []llm.Tool{{Name: "f", Schema: []byte(`{"type":"object"}`)}}}
	for range 20 {
		conv.Messages = append(conv.Messages, by(llm.User, text("What is the weather in Bern?")), by(llm.Assistant, text("Let me see."), call("a", "f", `{"city":"Bern"}`)), result("a", text("Rain.")))
	}
	req := request(conv)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := (Adapter{}).EncodeRequest(req, dialect.Target{Model: "c"}); err != nil {
			b.Fatal(err)
		}
	}
}
