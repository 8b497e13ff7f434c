package ollama

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

type recording struct {
	Response struct {
		Status int
		NDJSON string
		Body   json.RawMessage
	}
}

// summary is what must come out of an answer, however it was sent.
type summary struct {
	text, thoughts, calls, finish string
	in, out                       int64
}

// expected reads a recording without the adapter.
func expected(t *testing.T, body string) (s summary) {
	for line := range strings.Lines(body) {
		var m struct {
			Message struct {
				Content, Thinking string
				ToolCalls         []struct {
					Function struct {
						Name      string
						Arguments json.RawMessage
					}
				} `json:"tool_calls"`
			}
			Done   bool
			Reason string `json:"done_reason"`
			In     int64  `json:"prompt_eval_count"`
			Out    int64  `json:"eval_count"`
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		s.text += m.Message.Content
		s.thoughts += m.Message.Thinking
		for _, c := range m.Message.ToolCalls {
			s.calls += " " + c.Function.Name + " " + string(c.Function.Arguments)
		}
		if m.Done {
			s.finish, s.in, s.out = m.Reason, m.In, m.Out
		}
	}
	return s
}

// heard is what the adapter makes of an answer.
func heard(t *testing.T, stream bool, body string) (s summary, err error) {
	ended := false
	ids := map[string]bool{}
	for ev, err := range (Adapter{}).Events(nil, dialect.Reply{Status: 200, Stream: stream, ID: "gen-1", Body: strings.NewReader(body)}) {
		if err != nil {
			return s, err
		}
		switch ev.Kind {
		case llm.TextDelta:
			s.text += ev.Text
		case llm.ReasoningDelta:
			s.thoughts += ev.Reasoning.Text
		case llm.ToolStart:
			s.calls += " " + ev.Tool.Name + " " + ev.Text
			if ev.Tool.ID == "" || ids[ev.Tool.ID] {
				t.Errorf("the id %q is missing or comes twice", ev.Tool.ID)
			}
			ids[ev.Tool.ID] = true
		case llm.Stop:
			s.finish = ev.Native
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
	files, err := filepath.Glob(filepath.Join(folder, "ollama.native-chat", "*.json"))
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
			stream, body := r.Response.NDJSON != "", r.Response.NDJSON
			if !stream {
				var flat bytes.Buffer
				if err := json.Compact(&flat, r.Response.Body); err != nil {
					t.Fatal(err)
				}
				body = flat.String()
			}
			if r.Response.Status != 200 {
				if e := (Adapter{}).Failure(r.Response.Status, nil, []byte(body)); e.Kind == fault.Broken {
					t.Errorf("an explained failure is classified as %v", e.Kind)
				}
				return
			}
			want := expected(t, body)
			got, err := heard(t, stream, body)
			if err != nil || got != want {
				t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
			}
			end := len(strings.TrimRight(body, "\r\n"))
			for at := 0; at < end; at += 1 + len(body)/500 {
				if _, err := heard(t, stream, body[:at]); fault.As(err).Kind != fault.Broken {
					t.Fatalf("cut at %d of %d: %v", at, len(body), err)
				}
			}
		})
	}
}
