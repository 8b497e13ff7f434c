package bedrock

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/eventstream"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

type recording struct {
	Model    string
	Fidelity string
	Response struct {
		Status      int
		Headers     map[string]string
		Body        json.RawMessage
		Base64      string `json:"body_base64"`
		Eventstream []struct {
			Headers map[string]string
			Payload json.RawMessage
		}
	}
}

// wire is the answer's body as it was sent; of streams of which only payloads were kept,
// with frames made anew.
func (r *recording) wire(t *testing.T) string {
	if r.Response.Base64 != "" {
		raw, err := base64.StdEncoding.DecodeString(r.Response.Base64)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	var b []byte
	for _, e := range r.Response.Eventstream {
		b = eventstream.AppendEvent(b, e.Headers[":event-type"], e.Payload)
	}
	if b != nil {
		return string(b)
	}
	return string(r.Response.Body)
}

// eachRecording runs f over the recorded traffic in the folder that DRAGOMAN_RECORDINGS
// names.
func eachRecording(t *testing.T, f func(*testing.T, *recording), apis ...string) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for _, api := range apis {
		files, err := filepath.Glob(filepath.Join(folder, api, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no recordings of %s: %v", api, err)
		}
		for _, file := range files {
			t.Run(api+"/"+filepath.Base(file), func(t *testing.T) {
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				r := new(recording)
				if err := json.Unmarshal(raw, r); err != nil {
					t.Fatal(err)
				}
				if r.Response.Status >= 400 {
					h := dialect.Header{"X-Amzn-Errortype": {r.Response.Headers["x-amzn-errortype"]}}
					e := Converse{}.Failure(r.Response.Status, h, []byte(r.wire(t)))
					if e.Kind != fault.Refused && e.Kind != fault.TooLong && e.Kind != fault.Credential {
						t.Errorf("an explained failure is classified as %v", e)
					}
					return
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
	stop                   string
	usage                  llm.Usage
	err                    error
}

func hear(a dialect.Adapter, body, model string) *heard {
	h := new(heard)
	for ev, err := range a.Events(&llm.Request{}, dialect.Reply{Status: 200, Body: strings.NewReader(body), Model: model}) {
		if err != nil {
			h.err = err
			return h
		}
		switch ev.Kind {
		case llm.TextDelta:
			h.text.WriteString(ev.Text)
		case llm.ReasoningDelta:
			h.thoughts.WriteString(ev.Reasoning.Text)
			h.opaque.WriteString(ev.Reasoning.Signature + ev.Reasoning.Data)
		case llm.ToolStart:
			h.calls = append(h.calls, llm.ToolCall{ID: ev.Tool.ID, Name: ev.Tool.Name, Args: ev.Text})
		case llm.ToolDelta:
			h.calls[ev.Tool.Index].Args += ev.Text
		case llm.Stop:
			h.stop = ev.Native
		case llm.End:
			h.usage = *ev.Usage
		}
	}
	return h
}

// said is the same answer read without this package's help.
type saying struct {
	text, thoughts, opaque, stop string
	calls                        int
	usage                        map[string]any
}

func (s *saying) piece(m map[string]any) {
	str := func(m map[string]any, key string) string { v, _ := m[key].(string); return v }
	s.text += str(m, "text")
	if c, ok := m["toolUse"].(map[string]any); ok && c["name"] != nil && c["type"] != "server_tool_use" {
		s.calls++
	}
	if c, ok := m["citationsContent"].(map[string]any); ok {
		list, _ := c["content"].([]any)
		for _, t := range list {
			s.text += str(t.(map[string]any), "text")
		}
	}
	r, _ := m["reasoningContent"].(map[string]any)
	redacted, _ := base64.StdEncoding.DecodeString(str(r, "redactedContent"))
	s.opaque += str(r, "signature") + string(redacted)
	s.thoughts += str(r, "text")
	t, _ := r["reasoningText"].(map[string]any)
	s.thoughts += str(t, "text")
	s.opaque += str(t, "signature")
}

func (r *recording) read(t *testing.T) (s saying, whole bool) {
	object := func(raw []byte) (o map[string]any) {
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	learn := func(o map[string]any) {
		if u, ok := o["usage"].(map[string]any); ok {
			s.usage = u
		}
		if v, ok := o["stopReason"].(string); ok {
			s.stop = v
		}
	}
	if len(r.Response.Eventstream) == 0 {
		o := object(r.Response.Body)
		learn(o)
		for _, b := range o["output"].(map[string]any)["message"].(map[string]any)["content"].([]any) {
			s.piece(b.(map[string]any))
		}
		return s, true
	}
	for _, e := range r.Response.Eventstream {
		o := object(e.Payload)
		learn(o)
		for _, key := range []string{"start", "delta"} {
			if inner, ok := o[key].(map[string]any); ok {
				s.piece(inner)
			}
		}
	}
	return s, s.usage != nil && s.stop != ""
}

func TestConverseRecordings(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		body := r.wire(t)
		want, whole := r.read(t)
		got := hear(Converse{}, body, r.Model)
		if !whole { // hand-made, without its end
			if r.Fidelity == "payload-only" && fault.Of(got.err) == fault.Broken {
				return
			}
			t.Fatalf("an answer without its end gives %v", got.err)
		}
		if got.err != nil {
			t.Fatal(got.err)
		}
		if got.text.String() != want.text || got.thoughts.String() != want.thoughts || got.opaque.String() != want.opaque || got.stop != want.stop || len(got.calls) != want.calls {
			t.Errorf("got %q %q %q %s, %d calls\nwant %+v", got.text.String(), got.thoughts.String(), got.opaque.String(), got.stop, len(got.calls), want)
		}
		for _, c := range got.calls {
			if c.ID == "" || c.Name == "" || !json.Valid([]byte(c.Args)) {
				t.Errorf("call %+v", c)
			}
		}
		n := func(key string) int64 { f, _ := want.usage[key].(float64); return int64(f) }
		u := &got.usage
		if u.Prompt()+u.Completion() != n("totalTokens") || u.Completion() != n("outputTokens") || u.CacheRead != n("cacheReadInputTokens") || u.CacheWrites() != n("cacheWriteInputTokens") || u.State != llm.UsageReported {
			t.Errorf("usage %+v of %v", u, want.usage)
		}
		cutRecording(t, Converse{}, body, r.Model)
	}, "bedrock.converse", "bedrock.converse-stream")
}

// cutRecording cuts at every byte of an answer, and of a long one at some.
func cutRecording(t *testing.T, a dialect.Adapter, body, model string) {
	body = strings.TrimRight(body, " \r\n")
	for cut := 0; cut < len(body); cut += 1 + len(body)/2000 {
		if h := hear(a, body[:cut], model); fault.Of(h.err) != fault.Broken || h.err == nil {
			t.Fatalf("cut at byte %d of %d: %v", cut, len(body), h.err)
		}
	}
}

// TestInvokeRecordings reads those of Claude's Messages API; the older models' bodies are
// dialects of their own, which nothing here calls.
func TestInvokeRecordings(t *testing.T) {
	read, skipped := 0, map[string]int{}
	eachRecording(t, func(t *testing.T, r *recording) {
		body := r.wire(t)
		stream := len(r.Response.Eventstream) > 0
		var first string
		for _, e := range r.Response.Eventstream {
			var p struct{ Bytes []byte }
			if json.Unmarshal(e.Payload, &p) == nil {
				first += string(p.Bytes)
			}
		}
		if !stream {
			first = body
		}
		if !strings.Contains(first, `"message_start"`) && !strings.Contains(strings.ReplaceAll(first, " ", ""), `"type":"message"`) {
			skipped[r.Model]++
			return
		}
		read++
		a := NewInvoke(anthropic.Adapter{})
		got := hear(a, body, r.Model)
		if got.err != nil {
			t.Fatal(got.err)
		}
		if got.stop == "" || got.usage.State != llm.UsageReported || got.text.Len() == 0 && len(got.calls) == 0 {
			t.Errorf("%q %d calls, %s, %+v", got.text.String(), len(got.calls), got.stop, got.usage)
		}
		for _, k := range []string{r.Response.Headers["x-amzn-bedrock-output-token-count"]} {
			if k != "" && k != fmt.Sprint(got.usage.Completion()) {
				t.Errorf("%d tokens, the header says %s", got.usage.Completion(), k)
			}
		}
		cutRecording(t, a, body, r.Model)
	}, "bedrock.invoke", "bedrock.invoke-with-response-stream")
	if os.Getenv("DRAGOMAN_RECORDINGS") != "" {
		t.Logf("%d read, of other vendors' dialects: %v", read, skipped)
	}
}
