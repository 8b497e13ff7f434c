package cohere

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

type recording struct {
	Stream   bool
	Response struct {
		Status int
		SSE    string
		Body   json.RawMessage
	}
}

// message is an answer as a whole one holds it.
type message struct {
	Message struct {
		Content   []struct{ Text, Thinking string }
		ToolPlan  string `json:"tool_plan"`
		ToolCalls []struct {
			ID       string
			Function struct{ Name, Arguments string }
		} `json:"tool_calls"`
		Citations []struct{ Sources []json.RawMessage }
	}
	FinishReason string `json:"finish_reason"`
	Usage        struct {
		Billed struct {
			In  float64 `json:"input_tokens"`
			Out float64 `json:"output_tokens"`
		} `json:"billed_units"`
	}
	Error string
}

// summary is what must come out of an answer, however it was sent.
type summary struct {
	text, thoughts, calls, finish string
	cited                         int
	in, out                       int64
	failed                        bool
}

// expected reads a recording without the adapter.
func (r *recording) expected(t *testing.T) summary {
	var s summary
	add := func(m *message) {
		s.text += m.Message.ToolPlan // which is said before calls
		for _, c := range m.Message.Content {
			s.text += c.Text
			s.thoughts += c.Thinking
		}
		for _, c := range m.Message.ToolCalls {
			s.calls += " " + c.ID + " " + c.Function.Name + " " + strings.TrimPrefix(c.Function.Arguments, "null")
		}
		for _, c := range m.Message.Citations {
			s.cited += len(c.Sources)
		}
		if m.FinishReason != "" {
			s.finish, s.in, s.out = m.FinishReason, int64(m.Usage.Billed.In), int64(m.Usage.Billed.Out)
			s.failed = m.Error != "" || m.FinishReason == "ERROR"
		}
	}
	decode := func(raw []byte, v any) {
		if err := json.Unmarshal(raw, v); err != nil {
			t.Fatal(err)
		}
	}
	if r.Response.SSE == "" {
		var m message
		decode(r.Response.Body, &m)
		add(&m)
		return s
	}
	for line := range strings.Lines(r.Response.SSE) {
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok || strings.HasPrefix(data, "[DONE]") {
			continue
		}
		raw := []byte(data)
		var plain struct{ Type string }
		decode(raw, &plain)
		if plain.Type == "message-start" {
			continue
		}
		if plain.Type == "message-end" {
			var end struct{ Delta message }
			decode(raw, &end)
			add(&end.Delta)
			continue
		}
		var part struct {
			Delta struct{ Message map[string]json.RawMessage }
		}
		decode(raw, &part)
		var m message
		for name, v := range part.Delta.Message { // where a whole answer has lists, an event has one member
			switch name {
			case "content", "tool_calls", "citations":
				v = append(append([]byte{'['}, v...), ']')
			}
			decode(fmt.Appendf(nil, `{"message":{%q:%s}}`, name, v), &m)
		}
		if plain.Type == "tool-call-delta" {
			s.calls += m.Message.ToolCalls[0].Function.Arguments
			continue
		}
		add(&m)
	}
	return s
}

// heard is what the adapter makes of an answer.
func heard(t *testing.T, r *recording, body string) (s summary, err error) {
	ended := false
	reply := dialect.Reply{Status: 200, Stream: r.Response.SSE != "", Body: strings.NewReader(body)}
	for ev, err := range (Adapter{}).Events(nil, reply) {
		if err != nil {
			return s, err
		}
		switch ev.Kind {
		case llm.TextDelta:
			s.text += ev.Text
		case llm.ReasoningDelta:
			s.thoughts += ev.Reasoning.Text
		case llm.ToolStart:
			s.calls += " " + ev.Tool.ID + " " + ev.Tool.Name + " " + ev.Text
		case llm.ToolDelta:
			s.calls += ev.Text
		case llm.AnnotationDelta:
			if s.cited++; !rawjson.Valid(ev.Raw) {
				t.Errorf("annotation %s", ev.Raw)
			}
		case llm.Stop:
			s.finish, s.failed = ev.Native, ev.Finish == llm.FinishError
		case llm.End:
			ended = true
			s.in, s.out = ev.Usage.Input, ev.Usage.Output
		}
	}
	if !ended {
		t.Error("neither an end nor an error")
	}
	return s, nil
}

// TestRecordings reads recorded traffic in the folder that DRAGOMAN_RECORDINGS names.
func TestRecordings(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	files, err := filepath.Glob(filepath.Join(folder, "cohere.chat", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			r := new(recording)
			if err == nil {
				err = json.Unmarshal(raw, r)
			}
			if err != nil {
				t.Fatal(err)
			}
			body := r.Response.SSE
			if body == "" {
				body = string(r.Response.Body)
			}
			if r.Response.Status != 200 {
				if e := (Adapter{}).Failure(r.Response.Status, nil, []byte(body)); e.Kind == fault.Broken {
					t.Errorf("an explained failure is classified as %v", e.Kind)
				}
				return
			}
			want := r.expected(t)
			got, err := heard(t, r, body)
			if want.failed {
				if err == nil && !got.failed {
					t.Errorf("an answer that ended with an error is whole: %+v", got)
				}
				return
			}
			got.calls = strings.ReplaceAll(got.calls+" ", " {} ", "  ") // of a tool that takes nothing
			want.calls = strings.ReplaceAll(want.calls+" ", " {} ", "  ")
			if err != nil || got != want {
				t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
			}
			end := strings.LastIndex(body, `"message-end"`) // what comes after the end may be cut
			if end < 0 {
				end = len(strings.TrimSpace(body)) - 1
			}
			for at := 0; at < end; at += 1 + len(body)/500 {
				if _, err := heard(t, r, body[:at]); fault.As(err).Kind != fault.Broken {
					t.Fatalf("cut at %d of %d: %v", at, len(body), err)
				}
			}
		})
	}
}
