package openaichat

import (
	"bytes"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// FuzzCanonical checks the order of events, that the pieces of a call come in a row, and that
// nothing follows an end or an error.
func FuzzCanonical(f *testing.F) {
	for _, c := range eventCases {
		f.Add([]byte(c.body), !c.whole)
	}
	f.Fuzz(func(t *testing.T, body []byte, streams bool) {
		ended, started := false, false
		open := map[int]int{}
		for ev, err := range (&Adapter{}).Events(&llm.Request{From: llm.Anthropic}, dialect.Reply{Status: 200, Body: bytes.NewReader(body), Stream: streams}) {
			if ended {
				t.Fatal("an event after the end")
			}
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatalf("not classified: %v", err)
				}
				ended = true
				continue
			}
			if (ev.Kind == llm.Start) == started {
				t.Fatalf("event %d while started is %t", ev.Kind, started)
			}
			started = true
			switch ev.Kind {
			case llm.ToolStart:
				if ev.Tool.Index != open[ev.Choice] || ev.Tool.Name == "" || ev.Tool.ID == "" {
					t.Fatalf("call %+v after %d calls", ev.Tool, open[ev.Choice])
				}
				open[ev.Choice]++
			case llm.ToolDelta:
				if ev.Tool.Index != open[ev.Choice]-1 {
					t.Fatalf("arguments of call %d after %d calls", ev.Tool.Index, open[ev.Choice])
				}
			case llm.End:
				ended = true
				u := ev.Usage
				for _, n := range []int64{u.Input, u.CacheRead, u.CacheWrite, u.AudioInput, u.ImageInput, u.VideoInput, u.Output, u.Reasoning, u.AudioOutput, u.ImageOutput} {
					if n < 0 {
						t.Fatalf("a negative count in %+v", u)
					}
				}
			}
		}
		if !ended {
			t.Fatal("no end")
		}
	})
}

// FuzzCompose decodes any body and encodes what is accepted for both kinds of provider: the
// result is JSON, and the client's bytes stay as they were.
func FuzzCompose(f *testing.F) {
	f.Add([]byte(`{` + minimal + `,"tools":[{"type":"function","function":{"name":"f"}}],"stop":"x","reasoning":{"effort":"high"},"user":"u"}`))
	f.Add([]byte(`{"model":"a/b","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}],"reasoning_details":[{"type":"reasoning.text","text":"t"}]},{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,QQ=="}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			if fault.Of(err) == fault.Internal {
				t.Fatalf("not classified: %v", err)
			}
			return
		}
		for _, from := range []llm.Dialect{llm.OpenAIChat, llm.Anthropic} {
			for _, q := range []Quirks{{}, {Strict: true, ThinkingParts: true, ShortCallIDs: true}, {NativeReasoning: true, CacheMarks: true}} {
				req.From = from
				call, _, err := (&Adapter{Quirks: q}).EncodeRequest(req, dialect.Target{Model: "up"})
				if err == nil && !rawjson.Valid(bytes.Join(call.Body, nil)) {
					t.Fatalf("not JSON: %s", bytes.Join(call.Body, nil))
				}
			}
		}
		if !bytes.Equal(body, kept) {
			t.Fatal("the client's bytes changed")
		}
	})
}
