package gemini

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// saidOf is what the relay says of a stream, without its bytes.
func saidOf(stream []byte) (said []string) {
	req := &llm.Request{Stream: true}
	for ev, err := range (Adapter{}).Frames(req, dialect.Reply{Status: 200, Body: bytes.NewReader(stream), Stream: true}) {
		if err != nil {
			return append(said, "error")
		}
		e := *ev
		e.Frame = nil
		var u llm.Usage
		if e.Usage != nil {
			u = *e.Usage
			u.Raw = nil
		}
		e.Usage = nil
		said = append(said, fmt.Sprintf("%+v %+v", e, u))
	}
	return said
}

// unlike is the stream with another number of spaces in each frame, so that no two are alike.
func unlike(stream []byte) []byte {
	var out []byte
	n := 0
	for line := range bytes.Lines(stream) {
		if data, ok := bytes.CutPrefix(line, []byte("data: {")); ok {
			n++
			out = append(append(out, "data: {"...), bytes.Repeat([]byte(" "), n)...)
			line = data
		}
		out = append(out, line...)
	}
	return out
}

const alikeFrame = `data: {"candidates": [{"content": {"parts": [{"text": "%s"%s}],"role": "model"},%s"index": %d}],"usageMetadata": {"promptTokenCount": 212,"candidatesTokenCount": %s,"totalTokenCount": %s}%s,"modelVersion": "gemini-3-flash","responseId": "kT9"}` + "\r\n\r\n"

// TestFramesThatAreAlike: what is said of a frame does not depend on its being like the one
// before.
func TestFramesThatAreAlike(t *testing.T) {
	frame := func(text, part, candidate string, index int, out, total, more string) string {
		return fmt.Sprintf(alikeFrame, text, part, candidate, index, out, total, more)
	}
	plain := func(text, out string) string { return frame(text, "", "", 0, out, "1"+out, "") }
	stop := frame("", "", `"finishReason": "STOP",`, 0, "140", "352", "")
	for name, frames := range map[string][]string{
		"texts":                {plain("a", "1"), plain("b", "2"), plain(`\"c\\`, "13"), plain("", "14"), plain("über", "215"), stop},
		"counts that fall":     {plain("a", "100"), plain("b", "7"), stop},
		"a bad count":          {plain("a", "1"), plain("b", "012"), stop},
		"no count":             {plain("a", "1"), plain("b", ""), stop},
		"a bad text":           {plain("a", "1"), plain(`\x`, "2"), stop},
		"another candidate":    {plain("a", "1"), frame("b", "", "", 1, "2", "214", ""), frame("c", "", "", 1, "3", "215", ""), stop},
		"both candidates":      {plain("a", "1"), frame("b", "", "", 1, "2", "3", ""), plain("c", "4"), frame("d", "", `"finishReason": "STOP",`, 1, "5", "6", ""), stop},
		"thoughts":             {frame("a", `,"thought": true`, "", 0, "1", "2", ""), frame("b", `,"thought": true`, "", 0, "2", "3", ""), plain("c", "4"), stop},
		"signatures":           {frame("a", `,"thoughtSignature": "x"`, "", 0, "1", "2", ""), frame("b", `,"thoughtSignature": "x"`, "", 0, "2", "3", ""), stop},
		"text after the end":   {plain("a", "1"), stop, plain("b", "2"), plain("c", "3")},
		"never ended":          {plain("a", "1"), plain("b", "2")},
		"grounded":             {frame("a", "", `"groundingMetadata": {"webSearchQueries": ["x"]},`, 0, "1", "2", ""), frame("b", "", `"groundingMetadata": {"webSearchQueries": ["x"]},`, 0, "1", "2", ""), stop},
		"a tier":               {frame("a", "", "", 0, "1", "2", `,"x": 1`), frame("b", "", "", 0, "1", "2", `,"x": 2`), stop},
		"counts said twice":    {frame("a", "", "", 0, "1", "2", `,"usageMetadata": {"promptTokenCount": 9}`), frame("b", "", "", 0, "1", "2", `,"usageMetadata": {"promptTokenCount": 9}`), stop},
		"counts before":        {`data: {"usageMetadata": {"promptTokenCount": 1},"candidates": [{"content": {"parts": [{"text": "a"}]}}]}` + "\n\n", `data: {"usageMetadata": {"promptTokenCount": 2},"candidates": [{"content": {"parts": [{"text": "b"}]}}]}` + "\n\n", stop},
		"no counts":            {`data: {"candidates": [{"content": {"parts": [{"text": "a"}]}}]}` + "\n\n", `data: {"candidates": [{"content": {"parts": [{"text": "b"}]}}]}` + "\n\n", stop},
		"calls":                {`data: {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}}]}` + "\n\n", `data: {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}}]}` + "\n\n", stop},
		"more after the frame": {plain("a", "1"), strings.Replace(plain("b", "2"), "}\r\n", "} x\r\n", 1), stop},
	} {
		t.Run(name, func(t *testing.T) {
			stream := []byte(strings.Join(frames, ""))
			got, want := saidOf(stream), saidOf(unlike(stream))
			if len(got) < 2 || strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestAlikeIsUsed: the pattern fits what it is made for.
func TestAlikeIsUsed(t *testing.T) {
	frame := func(text, out string) []byte {
		return []byte(strings.TrimPrefix(fmt.Sprintf(alikeFrame, text, "", "", 0, out, out, ""), "data: "))
	}
	x := relay{answer: answer{Teller: dialect.NewTeller(func(*llm.Event, error) bool { return true }), doc: new(rawjson.Doc)}}
	if err := x.pass(nil, bytes.TrimSpace(frame("a", "1"))); err != nil {
		t.Fatal(err)
	}
	if !x.match(nil, bytes.TrimSpace(frame("bcd", "25"))) || x.Event.Size != 3 || x.usage.Output != 25 {
		t.Errorf("size %d, usage %+v", x.Event.Size, x.usage)
	}
}

// FuzzAlike: the same of any stream.
func FuzzAlike(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(alikeFrame+alikeFrame+alikeFrame, "a", "", "", 0, "1", "2", "", "b", "", "", 0, "2", "3", "", "", "", `"finishReason": "STOP",`, 0, "3", "4", "")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		got, want := saidOf(stream), saidOf(unlike(stream))
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%q: got\n%s\nwant\n%s", stream, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
