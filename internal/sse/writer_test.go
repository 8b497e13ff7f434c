package sse

import (
	"bytes"
	"strings"
	"testing"
)

func TestAppend(t *testing.T) {
	for payload, want := range map[string]string{
		``:                 "data: \n\n",
		`{"a":1}`:          "data: {\"a\":1}\n\n",
		"1\n2\r3\r\n4\n\n": "data: 1\ndata: 2\ndata: 3\ndata: 4\ndata: \ndata: \n\n",
		"\r":               "data: \ndata: \n\n",
	} {
		if got := string(AppendData(nil, []byte(payload))); got != want {
			t.Errorf("%q becomes %q", payload, got)
		}
		named := AppendEvent([]byte(": before\n\n"), "e", []byte(payload))
		if got := string(named); got != ": before\n\nevent: e\n"+want {
			t.Errorf("%q becomes %q", payload, got)
		}
		r := NewReader(bytes.NewReader(named[len(": before\n\n"):]), 1<<10)
		f, err := r.Next()
		if joined := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(payload); err != nil || string(f.Event) != "e" || string(f.Data) != joined {
			t.Errorf("%q comes back as %q, %v", payload, f.Data, err)
		}
	}
}

func BenchmarkAppendData(b *testing.B) {
	payload := []byte(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" is"}}`)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendData(dst[:0], payload)
	}
}
