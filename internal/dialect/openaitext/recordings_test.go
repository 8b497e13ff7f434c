package openaitext

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

type recording struct {
	Request  struct{ Body json.RawMessage }
	Response struct {
		Status int
		SSE    string
		Body   json.RawMessage
	}
}

// TestRecordings passes the recorded requests and answers of legacy completions, in the
// folder that DRAGOMAN_RECORDINGS names.
func TestRecordings(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.completions", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := new(recording)
			if err := json.Unmarshal(raw, r); err != nil {
				t.Fatal(err)
			}
			replayed(t, r)
		})
	}
}

func replayed(t *testing.T, r *recording) {
	body := r.Response.SSE
	if body == "" {
		body = string(r.Response.Body)
	}
	if r.Response.Status != 200 {
		if e := new(Adapter).Failure(r.Response.Status, nil, []byte(body)); e.HTTPStatus() < 400 {
			t.Errorf("a failure is told as %v", e)
		}
		return
	}
	if strings.HasPrefix(body, `data: {"value":`) || !strings.Contains(body, `"text"`) {
		t.Skip("a wire of its own")
	}
	request := string(r.Request.Body)
	if !strings.HasPrefix(request, "{") {
		request = `{` + minimal + `}`
	}
	var d rawjson.Doc
	var p rawjson.Patch
	if err := d.Parse([]byte(request)); err != nil {
		t.Fatal(err)
	}
	p.Put(d.Root(), "stream", []byte(map[bool]string{true: "true", false: "false"}[r.Response.SSE != ""]))
	request = string(p.Apply(nil, []byte(request)))
	for _, a := range []dialect.Adapter{new(Adapter), new(openaichat.Adapter)} {
		call, _, err := a.EncodeRequest(decode(t, request), dialect.Target{Model: "up"})
		if fault.Of(err) == fault.Refused {
			continue // several prompts
		}
		if err != nil || !rawjson.Valid(bytes.Join(call.Body, nil)) {
			t.Errorf("%s: %v", call.Body, err)
		}
	}
	got, err := answer(t, new(Adapter), request, body)
	if err != nil {
		t.Fatal(err)
	}
	if want, have := texts(t, body), texts(t, got); want != have {
		t.Errorf("the text was %q, the client has %q", want, have)
	}
}

// texts are the texts of an answer in the order they came.
func texts(t *testing.T, body string) string {
	var b strings.Builder
	lines := strings.SplitAfter(body, "\n")
	if strings.HasPrefix(body, "{") {
		lines = []string{body}
	}
	for _, line := range lines {
		line = strings.TrimPrefix(strings.TrimSpace(line), "data: ")
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var chunk struct{ Choices []struct{ Text string } }
		if err := json.Unmarshal([]byte(line), &chunk); err != nil {
			t.Fatal(err)
		}
		for _, c := range chunk.Choices {
			b.WriteString(c.Text)
		}
	}
	return b.String()
}
