package responses

import (
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func mustDecode(t testing.TB, body string) *llm.Request {
	t.Helper()
	r, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

func mustConverse(t testing.TB, r *llm.Request) *llm.Conversation {
	t.Helper()
	c, err := r.Conversation()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// render sends events to a client of a request.
func render(t testing.TB, req *llm.Request, events ...llm.Event) string {
	t.Helper()
	a := &dialect.Answer{GenerationID: "gen-01", Created: time.Unix(1700000000, 0), Model: "m/x", Provider: "P"}
	w := Surface{}.Encode(req, a)
	var out []byte
	for i := range events {
		var err error
		if out, err = w.Event(out, &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

// frames are the data of a stream's events. It checks that the names and the numbers of the
// events are right.
func frames(t testing.TB, stream string) []rawjson.Node {
	t.Helper()
	var out []rawjson.Node
	list := strings.Split(strings.TrimSuffix(stream, "\n\n"), "\n\n")
	for i, f := range list {
		if strings.HasPrefix(f, ":") {
			continue
		}
		if f == "data: [DONE]" {
			if last := out[len(out)-1].Get("type"); i != len(list)-1 || !last.Is("response.completed") && !last.Is("response.incomplete") {
				t.Fatalf("[DONE] after %s", last.Raw())
			}
			return out
		}
		name, data, ok := strings.Cut(strings.TrimPrefix(f, "event: "), "\ndata: ")
		n := parsed(t, data)
		if !ok || !n.Get("type").Is(name) || n.Get("sequence_number").Int64() != int64(len(out)) || !n.Get("sequence_number").Exists() {
			t.Fatalf("event %d is %q", len(out), f)
		}
		out = append(out, n)
	}
	return out
}

func parsed(t testing.TB, s string) rawjson.Node {
	t.Helper()
	d := new(rawjson.Doc)
	if err := d.Parse([]byte(s)); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return d.Root()
}

func text(s string) llm.Event { return llm.Event{Kind: llm.TextDelta, Text: s} }

func think(d llm.ReasoningDetail) llm.Event {
	return llm.Event{Kind: llm.ReasoningDelta, Reasoning: &d}
}

func begins(i int, id, name, args string) llm.Event {
	return llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: i, ID: id, Name: name}, Text: args}
}

func argues(i int, args string) llm.Event {
	return llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: i}, Text: args}
}

func stops(f llm.Finish) llm.Event { return llm.Event{Kind: llm.Stop, Finish: f} }

func ends() llm.Event {
	return llm.Event{Kind: llm.End, Usage: &llm.Usage{State: llm.UsageReported, Input: 7, CacheRead: 3, Output: 4, Reasoning: 2}}
}

// heardFrom reads an upstream's answer for a client of another dialect.
func heardFrom(req *llm.Request, body string, stream bool) (out []llm.Event, err error) {
	r := dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: stream}
	for ev, e := range new(Adapter).Events(req, r) {
		if e != nil {
			return out, e
		}
		c := *ev
		if ev.Reasoning != nil {
			d := *ev.Reasoning
			c.Reasoning = &d
		}
		if ev.Usage != nil {
			u := *ev.Usage
			c.Usage = &u
		}
		c.Frame = append([]byte(nil), ev.Frame...)
		out = append(out, c)
	}
	return out, nil
}
