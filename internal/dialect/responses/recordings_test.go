package responses

import (
	"encoding/json"
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
	Request  *struct{ Body json.RawMessage }
	Response struct {
		Status int
		SSE    string
		Body   json.RawMessage
	}
}

// eachRecording runs f over the recorded traffic in the folder that DRAGOMAN_RECORDINGS
// names.
func eachRecording(t *testing.T, f func(*testing.T, *recording)) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.responses", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
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

// kept are the members that ask for something to be kept, which is refused.
var kept = map[string]bool{"previous_response_id": true, "background": true, "conversation": true, "prompt": true, "input": true, "model": true}

// Every recorded request is taken, or refused for what it wants to be kept; and nothing
// that it says is left out of the conversation.
func TestRecordedRequests(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		if r.Request == nil || len(r.Request.Body) == 0 || r.Request.Body[0] != '{' || r.Response.Status != 200 {
			t.Skip("no request that was answered")
		}
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: r.Request.Body})
		if err != nil {
			if e := fault.As(err); !kept[e.Param] && !(strings.HasPrefix(e.Param, "input[") && strings.Contains(e.Public, "are not kept")) && e.Kind != fault.Unbuilt {
				t.Error(err)
			}
			return
		}
		c := mustConverse(t, req)
		var parts int
		for i := range c.Messages {
			parts += len(c.Messages[i].Parts)
		}
		if in := req.Doc.Root().Get("input"); parts < in.Len() && in.Kind() == rawjson.Array {
			for it := range in.Elems() { // what says nothing has no part
				if it.Get("type").Is("reasoning") && it.Get("encrypted_content").StrLen() == 0 && it.Get("summary").Len() == 0 ||
					it.Get("content").Kind() == rawjson.Array && it.Get("content").Len() == 0 {
					parts++
				}
			}
			if parts < in.Len() {
				t.Errorf("%d parts of %d items", parts, in.Len())
			}
		}
		for _, from := range []llm.Dialect{llm.OpenAIResponses, llm.OpenAIChat} {
			again := *req
			again.From = from
			if _, losses := sent(t, &again, reasoner); from == llm.OpenAIChat && len(losses) > 0 {
				t.Log(losses)
			}
		}
	})
}

// Every recorded answer, translated and written again, is a legal stream that ends as its
// body does.
func TestRecordedAnswers(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		body, stream := r.Response.SSE, true
		if body == "" {
			body, stream = string(r.Response.Body), false
		}
		if r.Response.Status != 200 {
			t.Skip("an error")
		}
		evs, err := heardFrom(&llm.Request{From: llm.OpenAIChat, Stream: stream}, body, stream)
		if err != nil {
			if fault.As(err).Kind == fault.Internal {
				t.Error(err)
			}
			return
		}
		got := frames(t, render(t, mustDecode(t, `{"model":"m","input":"x","stream":true}`), evs...))
		whole := render(t, mustDecode(t, `{"model":"m","input":"x"}`), evs...)
		if last := string(got[len(got)-1].Get("response").Raw()); last != whole {
			t.Errorf("stream %s\nbody   %s", last, whole)
		}
	})
}
