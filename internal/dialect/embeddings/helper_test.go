package embeddings

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func decode(t *testing.T, s dialect.Surface, body string) *llm.Request {
	t.Helper()
	req, err := s.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatalf("decode %.200s: %v", body, err)
	}
	return req
}

func encode(t *testing.T, a dialect.Adapter, req *llm.Request, model string) (dialect.Call, string, []llm.Loss) {
	t.Helper()
	before := string(req.Raw)
	call, losses, err := a.EncodeRequest(req, dialect.Target{Model: model})
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	if string(req.Raw) != before {
		t.Fatal("the request was changed")
	}
	return call, string(bytes.Join(call.Body, nil)), losses
}

// answer runs an upstream's body through an adapter and back out of a surface.
func answer(s dialect.Surface, a dialect.Adapter, req *llm.Request, body string) (string, *llm.Usage, error) {
	an := &dialect.Answer{GenerationID: "gen-1", Model: "x/y", Provider: "Alpha"}
	enc := s.Encode(req, an)
	var out []byte
	var usage *llm.Usage
	for ev, err := range a.Events(req, dialect.Reply{Status: 200, Body: strings.NewReader(body)}) {
		if err != nil {
			return string(enc.Fail(nil, fault.As(err))), nil, err
		}
		if ev.Kind == llm.End {
			usage = ev.Usage
			an.Charged = &dialect.Charge{Cost: 140}
		}
		if out, err = enc.Event(out, ev); err != nil {
			return "", nil, err
		}
		if ev.Kind != llm.End && len(out) > 0 {
			return "", nil, errStopped
		}
	}
	return string(out), usage, nil
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("not JSON: %v: %.300s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got  %.1500s\nwant %.1500s", got, want)
	}
}
