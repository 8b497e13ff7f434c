package openaichat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

type recording struct {
	Stream   bool
	Request  struct{ Body json.RawMessage }
	Response struct {
		Status int
		SSE    string
		Body   json.RawMessage
	}
}

// eachRecording runs f over the recorded traffic of the folders that match, in the folder
// that DRAGOMAN_RECORDINGS names.
func eachRecording(t *testing.T, pattern string, f func(*testing.T, *recording)) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	files, err := filepath.Glob(filepath.Join(folder, pattern, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings of %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := new(recording)
			if err := json.Unmarshal(raw, r); err != nil {
				t.Skip(err)
			}
			f(t, r)
		})
	}
}

// TestRecordedAnswers reads answers for a client of another dialect: those that ended well
// are whole, and their usage sums to the upstream's.
func TestRecordedAnswers(t *testing.T) {
	eachRecording(t, "*.chat", func(t *testing.T, r *recording) {
		body := r.Response.SSE
		if body == "" {
			body = string(r.Response.Body)
		}
		if r.Response.Status != 200 || !strings.Contains(body, `"choices"`) || strings.Contains(body, `"error":{`) {
			t.Skip("no answer")
		}
		stream := r.Response.SSE != ""
		a := &openaichat.Adapter{Quirks: openaichat.Quirks{Done: openaichat.DoneNever}}
		for ev, err := range a.Events(&llm.Request{From: llm.Anthropic, Stream: stream}, dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: stream, ID: "gen", Model: "m"}) {
			if err != nil {
				t.Fatal(err)
			}
			if u := ev.Usage; ev.Kind == llm.End && u.State == llm.UsageReported {
				var d rawjson.Doc
				if d.Parse(u.Raw) != nil {
					t.Fatal("the kept usage is not JSON")
				}
				if total := d.Root().Get("total_tokens").Int64(); total > 0 && u.Prompt()+u.Completion() != total {
					t.Logf("usage sums to %d, the upstream says %d", u.Prompt()+u.Completion(), total)
				}
			}
		}
	})
}

var rows = map[string]openaichat.Quirks{
	"openai":     {Strict: true, MaxTokens: "max_completion_tokens"},
	"openrouter": {NativeReasoning: true, KeepsGatewayExtra: true, CacheMarks: true},
	"deepseek":   {MaxTokens: "max_tokens", ReasoningContent: true, NoDeveloperRole: true},
	"mistral":    {Strict: true, MaxTokens: "max_tokens", NoStreamOptions: true, NoDeveloperRole: true, ThinkingParts: true, Prefix: true, ShortCallIDs: true, Seed: "random_seed", Refuses: []string{"user"}},
	"vllm":       {NoDeveloperRole: true},
}

// TestRecordedRequests writes the requests of other dialects for rows of every kind: each
// result keeps the rules of the wire, whatever the client sent.
func TestRecordedRequests(t *testing.T) {
	for pattern, s := range map[string]dialect.Surface{
		"anthropic.messages": anthropic.Surface{}, "gemini.*enerateContent": gemini.Surface{Model: "a/b"}, "*.responses": responses.Surface{},
	} {
		eachRecording(t, pattern, func(t *testing.T, r *recording) {
			if len(r.Request.Body) == 0 || r.Request.Body[0] != '{' {
				t.Skip("no request")
			}
			req, err := s.DecodeRequest(dialect.Inbound{Body: r.Request.Body})
			if err != nil {
				t.Skip(err)
			}
			for name, q := range rows {
				call, losses, err := (&openaichat.Adapter{Quirks: q}).EncodeRequest(req, dialect.Target{Model: "up", Reasoning: dialect.ReasoningStyle{Effort: true}})
				if err != nil {
					t.Logf("%s: %v", name, err)
					continue
				}
				if err := lawful(bytes.Join(call.Body, nil), q); err != nil && paired(req) {
					t.Errorf("%s: %v", name, err)
				}
				for _, l := range losses {
					if l.Path == "" || l.Why == "" {
						t.Errorf("%s: a loss says %q", name, l)
					}
					t.Logf("%s lost %s: %s", name, l.Path, l.Why)
				}
			}
		})
	}
}

// paired reports whether the client's own results answer its calls.
func paired(req *llm.Request) bool {
	conv, err := req.Conversation()
	if err != nil {
		return false
	}
	calls := map[string]bool{}
	for _, m := range conv.Messages {
		for _, p := range m.Parts {
			if p.Call != nil {
				calls[p.Call.ID] = true
			}
			if p.Result != nil && !calls[p.Result.CallID] {
				return false
			}
		}
	}
	return true
}

// lawful checks what servers of this dialect insist on.
func lawful(body []byte, q openaichat.Quirks) error {
	var d rawjson.Doc
	if err := d.Parse(body); err != nil {
		return err
	}
	var open []string // calls without a result yet
	n := 0
	for m := range d.Root().Get("messages").Elems() {
		n++
		role := m.Get("role").Str()
		switch {
		case role == "tool":
			at := slices.Index(open, m.Get("tool_call_id").Str())
			if at < 0 {
				return fmt.Errorf("message %d answers no call", n)
			}
			open = slices.Delete(open, at, at+1)
			if m.Get("content").Kind() != rawjson.String && !q.CacheMarks {
				return fmt.Errorf("message %d is no text", n)
			}
		case len(open) > 0:
			return fmt.Errorf("message %d comes before the results of %v", n, open)
		case role == "assistant":
			if m.Get("content").IsNull() && m.Get("tool_calls").Len() == 0 {
				return fmt.Errorf("message %d says nothing", n)
			}
			for c := range m.Get("tool_calls").Elems() {
				open = append(open, c.Get("id").Str())
			}
		case role == "developer" && q.NoDeveloperRole:
			return fmt.Errorf("message %d has the role developer", n)
		case m.Get("content").Kind() == rawjson.Array && m.Get("content").Len() == 0:
			return fmt.Errorf("message %d is empty", n)
		}
	}
	if n == 0 {
		return fmt.Errorf("no messages")
	}
	return nil
}
