package gemini

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
	Request  struct{ Body json.RawMessage }
	Response struct {
		Status int
		SSE    string
		Raw    string
		Body   json.RawMessage
	}
}

// wire is the answer's body as it was sent.
func (r *recording) wire() string {
	switch {
	case r.Response.SSE != "":
		return r.Response.SSE
	case r.Response.Raw != "":
		return r.Response.Raw
	}
	return string(r.Response.Body)
}

// objects are the response objects of the answer, read without this package's help.
func (r *recording) objects(t *testing.T) []map[string]any {
	var out []map[string]any
	add := func(s string) {
		var o map[string]any
		if err := json.Unmarshal([]byte(s), &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	switch {
	case r.Response.SSE != "":
		for _, l := range strings.Split(r.Response.SSE, "\n") {
			if data, ok := strings.CutPrefix(strings.TrimSpace(l), "data:"); ok {
				add(data)
			}
		}
	case strings.HasPrefix(string(r.Response.Body), "["):
		if err := json.Unmarshal(r.Response.Body, &out); err != nil {
			t.Fatal(err)
		}
	default:
		add(string(r.Response.Body))
	}
	return out
}

// eachRecording runs f over the recorded traffic in the folder that DRAGOMAN_RECORDINGS
// names.
func eachRecording(t *testing.T, f func(*testing.T, *recording)) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for _, api := range []string{"gemini.generateContent", "gemini.streamGenerateContent", "vertex.generateContent", "vertex.streamGenerateContent"} {
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
	text, thoughts strings.Builder
	calls          []llm.ToolCall
	signatures     []string
	stops          map[int]int
	usage          *llm.Usage
	losses         []llm.Loss
	err            error
}

func hear(body string) *heard {
	h := &heard{stops: map[int]int{}}
	for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Status: 200, Body: strings.NewReader(body)}) {
		if err != nil {
			h.err = err
			return h
		}
		switch ev.Kind {
		case llm.TextDelta:
			h.text.WriteString(ev.Text)
		case llm.ReasoningDelta:
			h.thoughts.WriteString(ev.Reasoning.Text)
			if s := ev.Reasoning.Data + ev.Reasoning.Signature; s != "" {
				h.signatures = append(h.signatures, s)
			}
		case llm.ToolStart:
			h.calls = append(h.calls, llm.ToolCall{ID: ev.Tool.ID, Name: ev.Tool.Name, Args: ev.Text})
		case llm.ToolDelta:
			h.calls[len(h.calls)-1].Args += ev.Text
		case llm.Stop:
			h.stops[ev.Choice]++
		case llm.End:
			u := *ev.Usage
			h.usage, h.losses = &u, ev.Losses
		}
	}
	return h
}

func TestRecordings(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		body := r.wire()
		if r.Response.Status != 200 {
			if e := (Adapter{}).Failure(r.Response.Status, nil, []byte(body)); e.Kind == fault.Broken || e.Kind == fault.Internal {
				t.Errorf("an explained failure is classified as %v", e)
			}
			return
		}
		h := hear(body)
		if h.err != nil {
			t.Fatal(h.err)
		}
		checkCalls(t, h)
		checkAgainst(t, h, r.objects(t))
		cutEverywhere(t, r, body, h)
	})
}

func checkCalls(t *testing.T, h *heard) {
	ids := map[string]bool{}
	for _, c := range h.calls {
		if c.ID == "" || c.Name == "" || !rawjson.Valid([]byte(c.Args)) || ids[c.ID] {
			t.Errorf("call %+v is not whole or its id is not unique", c)
		}
		ids[c.ID] = true
	}
	for choice, n := range h.stops {
		if n != 1 {
			t.Errorf("choice %d stops %d times", choice, n)
		}
	}
	if len(h.stops) == 0 {
		t.Error("no choice stops")
	}
}

// checkAgainst compares with a plain reading of the same objects.
func checkAgainst(t *testing.T, h *heard, objects []map[string]any) {
	var text, thoughts string
	var signatures []string
	code := false
	usage := map[string]any{}
	for _, o := range objects {
		if u, ok := o["usageMetadata"].(map[string]any); ok && u["promptTokenCount"] != nil {
			usage = u
		}
		for _, p := range partsOf(o) {
			if s, ok := p["thoughtSignature"].(string); ok {
				signatures = append(signatures, s)
			}
			s, _ := p["text"].(string)
			if p["thought"] == true {
				thoughts += s
			} else {
				text += s
			}
			code = code || p["executableCode"] != nil || p["codeExecutionResult"] != nil
		}
	}
	if !code && h.text.String() != text || h.thoughts.String() != thoughts {
		t.Errorf("text differs:\n got %q\nwant %q", h.text.String(), text)
	}
	if fmt.Sprint(h.signatures) != fmt.Sprint(signatures) {
		t.Errorf("%d signatures of %d", len(h.signatures), len(signatures))
	}
	n := func(key string) int64 { f, _ := usage[key].(float64); return int64(f) }
	if got, want := h.usage.Prompt(), n("promptTokenCount")+n("toolUsePromptTokenCount"); got != want {
		t.Errorf("prompt %d, want %d", got, want)
	}
	if got, want := h.usage.Completion(), n("candidatesTokenCount")+n("thoughtsTokenCount"); got != want {
		t.Errorf("completion %d, want %d", got, want)
	}
	if got, want := h.usage.Prompt()+h.usage.Completion(), n("totalTokenCount"); got != want {
		t.Errorf("total %d, want %d", got, want)
	}
	if h.usage.CacheRead != n("cachedContentTokenCount") {
		t.Errorf("cached %d", h.usage.CacheRead)
	}
	if (h.usage.State == llm.UsageMissing) != (len(usage) == 0) {
		t.Errorf("usage is %s", h.usage.State)
	}
}

func partsOf(o map[string]any) []map[string]any {
	var out []map[string]any
	candidates, _ := o["candidates"].([]any)
	for _, c := range candidates {
		content, _ := c.(map[string]any)["content"].(map[string]any)
		parts, _ := content["parts"].([]any)
		for _, p := range parts {
			out = append(out, p.(map[string]any))
		}
	}
	return out
}

// cutEverywhere cuts at every byte of a stream, and of a long answer at some: the result
// is an error, or the whole answer.
func cutEverywhere(t *testing.T, r *recording, body string, whole *heard) {
	step := 1
	if len(body) > 32<<10 {
		step = len(body) / 997
	}
	if r.Response.SSE == "" {
		body = strings.TrimRight(body, " \r\n")
	}
	for cut := 0; cut < len(body); cut += step {
		h := hear(body[:cut])
		if h.err == nil && (h.text.String() != whole.text.String() || h.usage.Completion() != whole.usage.Completion() || len(h.calls) != len(whole.calls)) {
			t.Fatalf("cut at byte %d of %d is taken for whole", cut, len(body))
		}
		if h.err != nil && fault.Of(h.err) != fault.Broken {
			t.Fatalf("cut at byte %d: %v", cut, h.err)
		}
	}
}
