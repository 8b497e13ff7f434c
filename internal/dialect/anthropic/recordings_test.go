package anthropic

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
	Response struct {
		Status int
		SSE    string
		Body   json.RawMessage
	}
}

// wire is the answer's body as it was sent, up to its end: one recording has two answers
// in one stream.
func (r *recording) wire() string {
	if r.Response.SSE != "" {
		rest := r.Response.SSE
		at := strings.Index(rest, `{"type":"message_stop"`)
		if at < 0 {
			return rest
		}
		line, _, _ := strings.Cut(rest[at:], "\n")
		return rest[:at+len(line)] + "\n\n"
	}
	return string(r.Response.Body)
}

// eachRecording runs f over the recorded traffic in the folder that DRAGOMAN_RECORDINGS
// names.
func eachRecording(t *testing.T, f func(*testing.T, *recording)) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for _, api := range []string{"anthropic.messages", "vertex.anthropic.rawPredict", "vertex.anthropic.streamRawPredict"} {
		files, err := filepath.Glob(filepath.Join(folder, api, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no recordings of %s: %v", api, err)
		}
		for _, file := range files {
			t.Run(api+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				r := new(recording)
				if err := json.Unmarshal(raw, r); err != nil {
					t.Fatal(err)
				}
				f(t, r)
			})
		}
	}
}

// heard is what a client has got when an answer ends.
type heard struct {
	text, thoughts, opaque strings.Builder
	calls                  []llm.ToolCall
	cited                  int
	stops                  []string
	usage                  *llm.Usage
	err                    error
}

func hear(body string) *heard {
	h := &heard{usage: new(llm.Usage)}
	for ev, err := range (Adapter{}).Events(nil, dialect.Reply{Status: 200, Body: strings.NewReader(body)}) {
		if err != nil {
			h.err = err
			return h
		}
		switch ev.Kind {
		case llm.TextDelta:
			h.text.WriteString(ev.Text)
		case llm.ReasoningDelta:
			h.thoughts.WriteString(ev.Reasoning.Text)
			h.opaque.WriteString(ev.Reasoning.Data + ev.Reasoning.Signature)
		case llm.ToolStart:
			h.calls = append(h.calls, llm.ToolCall{ID: ev.Tool.ID, Name: ev.Tool.Name, Args: ev.Text})
		case llm.ToolDelta:
			h.calls[ev.Tool.Index].Args += ev.Text
		case llm.AnnotationDelta:
			if !rawjson.Valid(ev.Raw) {
				h.err = fmt.Errorf("annotation %s", ev.Raw)
			}
			h.cited++
		case llm.Stop:
			h.stops = append(h.stops, ev.Native)
		case llm.End:
			u := *ev.Usage
			h.usage = &u
		}
	}
	return h
}

func TestRecordings(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		body := r.wire()
		if r.Response.Status != 200 {
			if e := (Adapter{}).Failure(r.Response.Status, nil, []byte(body)); e.Kind != fault.Refused && e.Kind != fault.TooLong {
				t.Errorf("an explained failure is classified as %v", e)
			}
			return
		}
		h := hear(body)
		if h.err != nil {
			t.Fatal(h.err)
		}
		want := read(t, r)
		if h.text.String() != want.text || h.thoughts.String() != want.thoughts || h.opaque.String() != want.opaque {
			t.Errorf("text differs:\n got %q\nwant %q", h.text.String(), want.text)
		}
		if fmt.Sprint(h.stops) != fmt.Sprint([]string{want.stop}) {
			t.Errorf("stops %q, want %q", h.stops, want.stop)
		}
		if h.cited != want.cited {
			t.Errorf("%d citations of %d", h.cited, want.cited)
		}
		checkCalls(t, h, want.calls)
		checkUsage(t, h.usage, want.usage)
		cutEverywhere(t, r, body, h)
	})
}

func checkCalls(t *testing.T, h *heard, want int) {
	ids := map[string]bool{}
	for _, c := range h.calls {
		if c.ID == "" || c.Name == "" || !rawjson.Valid([]byte(c.Args)) && h.stops[0] != "max_tokens" || ids[c.ID] {
			t.Errorf("call %+v is not whole or its id is not unique", c)
		}
		ids[c.ID] = true
	}
	if len(h.calls) != want {
		t.Errorf("%d calls of %d", len(h.calls), want)
	}
}

func checkUsage(t *testing.T, u *llm.Usage, want map[string]any) {
	n := func(key string) int64 { f, _ := want[key].(float64); return int64(f) }
	for what, pair := range map[string][2]int64{
		"input":       {u.Input, n("input_tokens")},
		"cache reads": {u.CacheRead, n("cache_read_input_tokens")},
		"cache write": {u.CacheWrites(), n("cache_creation_input_tokens")},
		"prompt":      {u.Prompt(), n("input_tokens") + n("cache_read_input_tokens") + n("cache_creation_input_tokens")},
		"completion":  {u.Completion(), n("output_tokens")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s %d, want %d", what, pair[0], pair[1])
		}
	}
	if u.State != llm.UsageReported || len(u.Raw) == 0 {
		t.Errorf("usage is %s: %s", u.State, u.Raw)
	}
}

// reading is the same answer read without this package's help.
type reading struct {
	text, thoughts, opaque, stop string
	calls, cited                 int
	usage                        map[string]any
}

func read(t *testing.T, r *recording) *reading {
	out := &reading{usage: map[string]any{}}
	object := func(s string) (o map[string]any) {
		if err := json.Unmarshal([]byte(s), &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	if r.Response.SSE == "" {
		m := object(string(r.Response.Body))
		out.learn(m)
		for _, b := range m["content"].([]any) {
			out.piece(b.(map[string]any))
		}
		return out
	}
	for _, l := range strings.Split(r.wire(), "\n") {
		data, ok := strings.CutPrefix(strings.TrimSpace(l), "data:")
		if !ok {
			continue
		}
		o := object(data)
		out.learn(o)
		for _, key := range []string{"message", "delta", "content_block"} {
			if inner, ok := o[key].(map[string]any); ok {
				out.learn(inner)
				out.piece(inner)
			}
		}
	}
	return out
}

func (out *reading) learn(m map[string]any) {
	usage, _ := m["usage"].(map[string]any)
	for k, v := range usage {
		if v != nil {
			out.usage[k] = v
		}
	}
	if s, ok := m["stop_reason"].(string); ok {
		out.stop = s
	}
}

// piece reads a block or a delta.
func (out *reading) piece(m map[string]any) {
	str := func(key string) string { s, _ := m[key].(string); return s }
	cite := func(v any) {
		if c, ok := v.(map[string]any); ok && (c["url"] != nil || strings.HasPrefix(fmt.Sprint(c["source"]), "http")) {
			out.cited++
		}
	}
	switch str("type") {
	case "text", "text_delta":
		out.text += str("text")
		list, _ := m["citations"].([]any)
		for _, c := range list {
			cite(c)
		}
	case "thinking", "thinking_delta", "signature_delta", "redacted_thinking":
		out.thoughts += str("thinking")
		out.opaque += str("signature") + str("data")
	case "citations_delta":
		cite(m["citation"])
	case "tool_use":
		out.calls++
	}
}

// cutEverywhere cuts at every byte of an answer, and of a long one at some: the result is
// an error, or the whole answer.
func cutEverywhere(t *testing.T, r *recording, body string, whole *heard) {
	step := 1
	if len(body) > 32<<10 {
		step = len(body) / 997
	}
	body = strings.TrimRight(body, " \r\n")
	for cut := 0; cut < len(body); cut += step {
		h := hear(body[:cut])
		if h.err == nil {
			t.Fatalf("cut at byte %d of %d is taken for whole", cut, len(body))
		}
		if fault.Of(h.err) != fault.Broken {
			t.Fatalf("cut at byte %d: %v", cut, h.err)
		}
	}
	if h := hear(body); r.Response.SSE != "" && h.err == nil && h.text.String() != whole.text.String() {
		t.Fatal("the last line's end changes the answer")
	}
}
