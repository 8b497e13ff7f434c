package gemini

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

const benchChunk = `{"candidates": [{"content": {"parts": [{"text": " is 15, and that is the answer."}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 89,"candidatesTokenCount": 9,"totalTokenCount": 98,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 89}]},"modelVersion": "gemini-3-flash-preview","responseId": "6nJFaZPBLriWjMcPkf_q8Ac"}`

// BenchmarkChunk reads one text increment of a stream.
func BenchmarkChunk(b *testing.B) {
	a := answer{yield: func(*llm.Event, error) bool { return true }}
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
