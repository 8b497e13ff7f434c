package anthropic

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Recorded requests are read, pass with the model alone edited, and have a canonical form.
func TestRecordedRequests(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	files, err := filepath.Glob(filepath.Join(folder, "anthropic.messages", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Request  struct{ Body json.RawMessage }
			Response struct{ Status int }
		}
		if json.Unmarshal(raw, &r) != nil || r.Response.Status != 200 || len(r.Request.Body) == 0 { // some have no request
			continue
		}
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: r.Request.Body})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		call, _, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: req.Model})
		if err != nil || !bytes.Equal(bytes.Join(call.Body, nil), r.Request.Body) {
			t.Errorf("%s: the request did not pass unchanged: %v", filepath.Base(file), err)
		}
		if _, err := req.Conversation(); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"image","source":{"type":"url","url":"u"}}]}]}],"thinking":{"type":"enabled","budget_tokens":1024},"tools":[{"type":"web_search_20250305","name":"w"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			if k := fault.Of(err); k != fault.Invalid && k != fault.Unbuilt {
				t.Fatalf("refused as %v: %v", k, err)
			}
			return
		}
		if _, err := req.Conversation(); err != nil && fault.Of(err) != fault.Invalid {
			t.Fatal(err)
		}
		call, _, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "c"})
		if err == nil && !rawjson.Valid(bytes.Join(call.Body, nil)) {
			t.Fatalf("sent %s", bytes.Join(call.Body, nil))
		}
	})
}
