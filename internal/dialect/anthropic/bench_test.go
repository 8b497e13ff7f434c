package anthropic

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

const benchDelta = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" is 15, and that is the answer."}}`

// BenchmarkTextDelta reads one text increment of a stream.
func BenchmarkTextDelta(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchmarkDelta(b, benchDelta) })
	b.Run("escaped", func(b *testing.B) { benchmarkDelta(b, strings.Replace(benchDelta, ", and", `\n\"and\"`, 1)) })
}

func benchmarkDelta(b *testing.B, delta string) {
	a := answer{yield: func(*llm.Event, error) bool { return true }, started: true}
	frame := []byte(delta)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := a.event(frame); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStream reads a whole stream of 200 increments.
func BenchmarkStream(b *testing.B) {
	events := []string{begin, starts(0, emptyText)}
	for range 200 {
		events = append(events, benchDelta)
	}
	body := stream(append(events, ends(0), because("end_turn"), stopped)...)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		for _, err := range (Adapter{}).Events(nil, dialect.Reply{Status: 200, Body: strings.NewReader(body)}) {
			if err != nil {
				b.Fatal(err)
			}
		}
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
