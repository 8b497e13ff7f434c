package gemini

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

const benchChunk = `{"candidates": [{"content": {"parts": [{"text": " is 15, and that is the answer."}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 89,"candidatesTokenCount": 9,"totalTokenCount": 98,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 89}]},"modelVersion": "gemini-3-flash-preview","responseId": "6nJFaZPBLriWjMcPkf_q8Ac"}`

// BenchmarkChunk reads one text increment of a stream.
func BenchmarkChunk(b *testing.B) {
	a := answer{Teller: dialect.NewTeller(func(*llm.Event, error) bool { return true }), doc: new(rawjson.Doc)}
	chunk := []byte(benchChunk)
	b.ReportAllocs()
	b.SetBytes(int64(len(chunk)))
	for b.Loop() {
		if err := a.doc.Parse(chunk); err != nil {
			b.Fatal(err)
		}
		if err := a.chunk(a.doc.Root()); err != nil {
			b.Fatal(err)
		}
		a.candidates[0].text = a.candidates[0].text[:0]
	}
}

// BenchmarkStream reads a whole stream of 200 increments.
func BenchmarkStream(b *testing.B) {
	body := strings.Repeat("data: "+benchChunk+"\r\n\r\n", 200) + sseBody(one(`{"finishReason":"STOP"}`))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		for _, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: strings.NewReader(body)}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkEncodeRequest(b *testing.B) {
	req := loop()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := (Adapter{}).EncodeRequest(req, dialect.Target{Model: "gemini-3-flash-preview"}); err != nil {
			b.Fatal(err)
		}
	}
}

// What a relayed and a translated increment may allocate.
const (
	relayedAllocs    = 0.5
	translatedAllocs = 1.5
)

// BenchmarkFrames relays a stream of 200 increments.
func BenchmarkFrames(b *testing.B) {
	body := strings.Repeat("data: "+benchChunk+"\r\n\r\n", 200) + sseBody(one(`{"finishReason":"STOP"}`))
	req := asks(b, streamed, "")
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		relayStream(b, req, body)
	}
}

func relayStream(b testing.TB, req *llm.Request, body string) {
	enc := streamed.Encode(req, new(dialect.Answer))
	var out []byte
	for ev, err := range (Adapter{}).Events(req, dialect.Reply{Body: strings.NewReader(body)}) {
		if err != nil {
			b.Fatal(err)
		}
		if out, err = enc.Event(out[:0], ev); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWritten translates 200 increments of text.
func BenchmarkWritten(b *testing.B) {
	req := asks(b, streamed, "")
	b.ReportAllocs()
	for b.Loop() {
		translate(b, req, 200)
	}
}

func translate(b testing.TB, req *llm.Request, n int) {
	enc := streamed.Encode(req, &dialect.Answer{GenerationID: "g", Model: "m"})
	var out []byte
	var err error
	ev := llm.Event{Kind: llm.TextDelta, Text: " is 15, and that is the answer."}
	for range n {
		if out, err = enc.Event(out[:0], &ev); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAllocations(t *testing.T) {
	req := asks(t, streamed, "")
	long := strings.Repeat("data: "+benchChunk+"\r\n\r\n", 1000) + sseBody(one(`{"finishReason":"STOP"}`))
	if n := testing.AllocsPerRun(5, func() { relayStream(t, req, long) }) / 1000; n > relayedAllocs {
		t.Errorf("%.1f allocations for a relayed frame, want at most %.1f", n, relayedAllocs)
	}
	if n := testing.AllocsPerRun(5, func() { translate(t, req, 1000) }) / 1000; n > translatedAllocs {
		t.Errorf("%.1f allocations for a translated piece, want at most %.1f", n, translatedAllocs)
	}
}
