package gemini

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestCounts(t *testing.T) {
	s := CountSurface{Model: "models/g/m"}
	for name, body := range map[string]string{
		"contents":  `{"contents":[{"parts":[{"text":"hello"}]}]}`,
		"a request": `{"generateContentRequest":{"model":"models/g/m","contents":[{"parts":[{"text":"hello"}]}]}}`,
		"in snakes": `{"generate_content_request":{"model":"models/g/m","contents":[{"parts":[{"text":"hello"}]}]}}`,
	} {
		req, err := s.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		if req.Model != "g/m" || req.Size.Text != 5 {
			t.Errorf("%s: %+v", name, req)
		}
		call, _, err := CountAdapter{}.EncodeRequest(req, dialect.Target{Model: "up"})
		if got := string(bytes.Join(call.Body, nil)); err != nil || call.Path != "/v1beta/models/up:countTokens" || got != strings.Replace(body, "g/m", "up", 1) {
			t.Errorf("%s: %s %s", name, call.Path, got)
		}
	}
	req, _ := s.DecodeRequest(dialect.Inbound{Body: []byte(`{"contents":[{"parts":[{"text":"hello"}]}]}`)})
	const answer = `{"totalTokens": 31,"cachedContentTokenCount":1,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]}`
	for ev, err := range (CountAdapter{}).Events(req, dialect.Reply{Body: strings.NewReader(answer)}) {
		if err != nil || ev.Usage.Prompt() != 31 {
			t.Fatal(err, ev)
		}
		if out, _ := s.Encode(req, &dialect.Answer{}).Event(nil, ev); string(out) != answer {
			t.Errorf("%s", out)
		}
	}
	if out, _ := s.Encode(req, &dialect.Answer{}).Event(nil, &llm.Event{Kind: llm.End, Usage: &llm.Usage{State: llm.UsageEstimated, Input: 4}}); string(out) != `{"totalTokens":4}` {
		t.Errorf("%s", out)
	}
	for _, body := range []string{"", "[]", "{}", `{"totalTokens":-1}`, `{"totalTokens":"x"}`} {
		for _, err := range (CountAdapter{}).Events(req, dialect.Reply{Body: strings.NewReader(body)}) {
			if fault.Of(err) != fault.Broken {
				t.Errorf("%q: %v", body, err)
			}
		}
	}
	if _, err := s.DecodeRequest(dialect.Inbound{Body: []byte(`{"generateContentRequest":{"contents":1}}`)}); fault.As(err).Param != "generateContentRequest.contents" {
		t.Error(err)
	}
	if _, _, err := (CountAdapter{}).EncodeRequest(&llm.Request{From: llm.AnthropicCount}, dialect.Target{}); fault.Of(err) != fault.Refused {
		t.Error(err)
	}
}
