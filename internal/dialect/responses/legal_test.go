package responses

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// legal checks the order of a stream's events: items and their parts begin before anything is
// said of them, end once, and are all ended when the response is.
func legal(t *testing.T, evs []rawjson.Node) {
	t.Helper()
	type state struct {
		part string // that is open
		done bool
		text strings.Builder
	}
	var items []*state
	for n, e := range evs {
		typ := strings.TrimPrefix(e.Get("type").Str(), "response.")
		switch {
		case n == 0 && typ == "created", n == 1 && typ == "in_progress":
			continue
		case n < 2:
			t.Fatalf("event %d is %s", n, typ)
		case typ == "completed" || typ == "incomplete":
			for i, it := range items {
				if !it.done {
					t.Fatalf("item %d has not ended", i)
				}
			}
			if got := e.At("response", "output").Len(); n != len(evs)-1 || got != len(items) {
				t.Fatalf("event %d of %d: %d items of %d", n, len(evs), got, len(items))
			}
			return
		case typ == "failed":
			if n != len(evs)-1 {
				t.Fatalf("%d events after %s", len(evs)-1-n, typ)
			}
			return
		}
		i := int(e.Get("output_index").Int64())
		if typ == "output_item.added" {
			if i != len(items) {
				t.Fatalf("item %d comes as number %d", i, len(items))
			}
			items = append(items, new(state))
			continue
		}
		if i >= len(items) || items[i].done {
			t.Fatalf("event %d, %s, is about item %d, which is not open", n, typ, i)
		}
		it := items[i]
		switch {
		case typ == "output_item.done":
			if it.done = true; it.part != "" {
				t.Fatalf("item %d ended with an open part", i)
			}
		case strings.HasSuffix(typ, "part.added"):
			if it.part != "" && it.part != typ {
				break // a summary and a text may stand side by side
			}
			it.part = typ
			it.text.Reset()
		case strings.HasSuffix(typ, "part.done"):
			it.part = ""
		case typ == "output_text.delta":
			it.text.WriteString(e.Get("delta").Str())
		case typ == "output_text.done":
			if e.Get("text").Str() != it.text.String() {
				t.Fatalf("%q was said and %q told", it.text.String(), e.Get("text").Str())
			}
		}
	}
	t.Fatal("the response has no end")
}

// eventsOf makes events of bytes, two for each.
func eventsOf(script []byte) []llm.Event {
	var out []llm.Event
	calls := 0
	for i := 0; i+1 < len(script) && i < 80; i += 2 {
		arg := string(rune('a' + script[i+1]%26))
		switch script[i] % 12 {
		case 0, 1:
			out = append(out, text(arg))
		case 2:
			out = append(out, llm.Event{Kind: llm.RefusalDelta, Text: arg})
		case 3:
			out = append(out, think(llm.ReasoningDetail{Type: llm.ReasoningText, Text: arg, Format: llm.FormatAnthropic, Index: int64(script[i+1] % 3)}))
		case 4:
			out = append(out, think(llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: arg, ID: "rs", Format: llm.FormatOpenAI, Index: int64(script[i+1] % 3)}))
		case 5:
			out = append(out, think(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: arg, Format: llm.FormatGemini, Index: int64(script[i+1] % 3)}))
		case 6:
			out = append(out, begins(calls, "c"+arg, []string{"f", "p"}[script[i+1]%2], []string{"", "{}", `{"input":"`}[script[i+1]%3]))
			calls++
		case 7, 8:
			out = append(out, argues(int(script[i+1]%4), []string{`{"a":1}`, " ", `x"}`, "1"}[script[i+1]%4]))
		case 9:
			out = append(out, llm.Event{Kind: llm.AnnotationDelta, Raw: []byte("{\"type\":\"url_citation\",\n\"url_citation\":{\"url\":\"" + arg + "\"}}")})
		case 10:
			out = append(out, llm.Event{Kind: llm.LogprobsDelta, Raw: []byte(`{"content":[{"token":"` + arg + "\",\n\"logprob\":-1}]}")})
		case 11:
			out = append(out, llm.Event{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, Image: arg, Partial: int(script[i+1] % 2)}})
		}
	}
	return out
}

// Whatever an answer holds, its stream is legal and ends as its body does; one that breaks off
// has an end that says so.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("\x00a\x02b\x03c\x04d\x05e\x06f\x07g\x09h\x0ai\x0bj\x00k"), uint8(0))
	f.Add([]byte("\x06\x00\x06\x01\x07\x00\x08\x02\x0b\x01\x0b\x02\x03\x00\x04\x00\x04\x01"), uint8(1))
	f.Add([]byte("\x09a\x0aa\x06b\x09c\x00d"), uint8(2))
	f.Fuzz(func(t *testing.T, script []byte, how uint8) {
		finish := []llm.Finish{llm.FinishStop, llm.FinishLength, llm.FinishTools, llm.FinishFilter}[how%4]
		events := append(eventsOf(script), stops(finish), ends())
		const head = `{"model":"m","input":"x","tools":[{"type":"function","name":"f"},{"type":"custom","name":"p"}]`
		var out, whole []byte
		var err, errWhole error
		w := Surface{}.Encode(mustDecode(t, head+`,"stream":true}`), &dialect.Answer{GenerationID: "gen-1"})
		b := Surface{}.Encode(mustDecode(t, head+`}`), &dialect.Answer{GenerationID: "gen-1"})
		for i := range events {
			if out, err = w.Event(out, &events[i]); err != nil {
				break
			}
		}
		for i := range events {
			if whole, errWhole = b.Event(whole, &events[i]); errWhole != nil {
				break
			}
		}
		if (err == nil) != (errWhole == nil) {
			t.Fatalf("the stream: %v, the body: %v", err, errWhole)
		}
		if err != nil {
			legal(t, frames(t, string(w.Fail(out, fault.As(err)))))
			return
		}
		evs := frames(t, string(out))
		legal(t, evs)
		if got := string(evs[len(evs)-1].Get("response").Raw()); got != string(whole) {
			t.Fatalf("stream %s\nbody   %s", got, whole)
		}
	})
}
