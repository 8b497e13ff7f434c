package sse

import (
	"io"
	"strings"
	"testing"
)

// endless repeats text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

func benchmark(b *testing.B, frame string) {
	for name, src := range map[string]io.Reader{
		"many to a read": &endless{text: strings.Repeat(frame, 100)}, "one to a read": &endless{text: frame},
	} {
		b.Run(name, func(b *testing.B) {
			r := NewReader(src, 1<<20)
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				if f, err := r.Next(); err != nil || len(f.Data) == 0 {
					b.Fatal(f, err)
				}
			}
		})
	}
}

func BenchmarkSmallFrame(b *testing.B) {
	benchmark(b, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" is"},"finish_reason":null}]}`+"\n\n")
}

func BenchmarkNamedFrame(b *testing.B) {
	benchmark(b, "event: content_block_delta\ndata: "+`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" is"}}`+"\n\n")
}

func BenchmarkCRLF(b *testing.B) {
	benchmark(b, "data: "+strings.Repeat("x", 300)+"\r\n\r\n")
}

func BenchmarkLargeFrame(b *testing.B) {
	benchmark(b, "data: "+strings.Repeat("x", 64<<10)+"\n\n")
}

// BenchmarkBareCR has lines that a search for LF would run past, to the buffer's end.
func BenchmarkBareCR(b *testing.B) {
	benchmark(b, strings.Repeat(":\r", 32<<10)+"data: x\r\r")
}

// BenchmarkShortStream is a stream from its opening to its close.
func BenchmarkShortStream(b *testing.B) {
	body := strings.Repeat("event: content_block_delta\ndata: {}\n\n", 10)
	src := strings.NewReader(body)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		src.Reset(body)
		r := NewReader(src, 1<<20)
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		r.Close()
	}
}
