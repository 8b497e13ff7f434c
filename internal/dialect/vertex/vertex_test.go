package vertex

import (
	"bytes"
	"iter"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// fake is an inner adapter that makes the call that a test wants.
type fake struct {
	dialect llm.Dialect
	path    string
	body    string
}

func (f fake) Dialect() llm.Dialect { return f.dialect }

func (f fake) EncodeRequest(*llm.Request, dialect.Target) (dialect.Call, []llm.Loss, error) {
	return dialect.Call{Method: "POST", Path: f.path, Body: [][]byte{[]byte(f.body)},
		Header: dialect.Header{"Content-Type": {"application/json"}, "Anthropic-Version": {"2023-06-01"}, "Anthropic-Beta": {"b"}}}, nil, nil
}

func (fake) Events(*llm.Request, dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(func(*llm.Event, error) bool) {}
}

func (fake) Failure(int, dialect.Header, []byte) *fault.Error { return nil }

func TestCalls(t *testing.T) {
	const google, anthro = "/publishers/google/models/", "/publishers/anthropic/models/"
	for _, c := range []struct {
		name       string
		inner      fake
		req        llm.Request
		model      string
		path, body string
		lost       int
	}{
		{"Gemini", fake{llm.Gemini, "/v1beta/models/x:generateContent", `{"contents":[]}`}, llm.Request{}, "gemini-2.5-pro", google + "gemini-2.5-pro:generateContent", `{"contents":[]}`, 0},
		{"Gemini streams", fake{llm.Gemini, "/v1beta/models/x:streamGenerateContent?alt=sse", `{}`}, llm.Request{Stream: true}, "google/gemini-2.5-pro", google + "gemini-2.5-pro:streamGenerateContent?alt=sse", `{}`, 0},
		{"a tuned model", fake{llm.Gemini, "/v1beta/models/x:generateContent", `{}`}, llm.Request{}, "endpoints/12/3", "/endpoints/12%2F3:generateContent", `{}`, 0},
		{"a tier", fake{llm.Gemini, "/v1beta/models/x:generateContent", `{"contents":[],"serviceTier":"flex"}`}, llm.Request{ServiceTier: "flex"}, "g", google + "g:generateContent", `{"contents":[]}`, 0},
		{"a count", fake{llm.GeminiCount, "/v1beta/models/x:countTokens", `{"generateContentRequest":{"model":"models/x","contents":[1],"tools":[]}}`}, llm.Request{}, "g", google + "g:countTokens", `{"contents":[1],"tools":[]}`, 0},
		{"a plain count", fake{llm.GeminiCount, "/v1beta/models/x:countTokens", `{"contents":[1]}`}, llm.Request{}, "g", google + "g:countTokens", `{"contents":[1]}`, 0},
		{"embeddings", fake{llm.GeminiEmbed, "/v1beta/models/x:embedContent", `{"content":1}`}, llm.Request{}, "g", google + "g:embedContent", `{"content":1}`, 0},
		{"Claude", fake{llm.Anthropic, "/v1/messages", `{"model":"x","messages":[],"stream":true}`}, llm.Request{Stream: true}, "claude-3-7-sonnet@20250219", anthro + "claude-3-7-sonnet@20250219:streamRawPredict", `{"messages":[],"stream":true,"anthropic_version":"vertex-2023-10-16"}`, 0},
		{"Claude whole, with a tier", fake{llm.Anthropic, "/v1/messages", `{"model":"x","messages":[],"service_tier":"auto"}`}, llm.Request{}, "anthropic/claude", anthro + "claude:rawPredict", `{"messages":[],"anthropic_version":"vertex-2023-10-16"}`, 1},
		{"Claude's count", fake{llm.AnthropicCount, "/v1/messages/count_tokens", `{"model":"x","messages":[]}`}, llm.Request{}, "claude@1", anthro + "count-tokens:rawPredict", `{"messages":[],"model":"claude@1"}`, 0},
		{"open models", fake{llm.OpenAIChat, "/chat/completions", `{}`}, llm.Request{}, "meta/llama", "/endpoints/openapi/chat/completions", `{}`, 0},
		{"no way out of the path", fake{llm.Gemini, "/v1beta/models/x:generateContent", `{}`}, llm.Request{}, "a/../..?b", google + "..%3Fb:generateContent", `{}`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, ok := New(c.inner)
			if !ok || a.Dialect() != c.inner.dialect {
				t.Fatal("not spoken here")
			}
			call, losses, err := a.EncodeRequest(&c.req, dialect.Target{Model: c.model})
			if body := string(bytes.Join(call.Body, nil)); err != nil || call.Path != c.path || body != c.body || len(losses) != c.lost {
				t.Errorf("%s %s %v %v", call.Path, body, losses, err)
			}
			tier := dialect.Get(call.Header, "X-Vertex-Ai-Llm-Shared-Request-Type")
			if tier != c.req.ServiceTier {
				t.Errorf("tier %q", tier)
			}
			if strings.HasPrefix(string(c.inner.dialect), "anthropic") && (call.Header["Anthropic-Version"] != nil || call.Header["Anthropic-Beta"] == nil) {
				t.Errorf("headers %v", call.Header)
			}
		})
	}
	if _, ok := New(fake{dialect: llm.Cohere}); ok {
		t.Error("Vertex speaks Cohere's dialect")
	}
}

func TestServes(t *testing.T) {
	for model, want := range map[string]llm.Dialect{
		"gemini-2.5-pro": llm.Gemini, "google/gemini-2.5-pro": llm.Gemini, "endpoints/123": llm.Gemini,
		"claude-sonnet-4@20250514": llm.Anthropic, "anthropic/claude-x": llm.Anthropic,
		"meta/llama-4": llm.OpenAIChat, "deepseek-ai/deepseek-r1": llm.OpenAIChat,
	} {
		for _, d := range []llm.Dialect{llm.Gemini, llm.Anthropic, llm.OpenAIChat} {
			if Serves(d, model) != (d == want) {
				t.Errorf("%s in %s: %t", model, d, Serves(d, model))
			}
		}
	}
}

// TestRealAdapters: a whole request and answer through the adapters that there are.
func TestRealAdapters(t *testing.T) {
	conv := &llm.Conversation{Messages: []llm.Message{{Role: llm.User, Parts: []llm.Part{{Text: "Hi"}}}}}
	req := &llm.Request{Choices: 1, Conversation: func() (*llm.Conversation, error) { return conv, nil }}
	for _, c := range []struct {
		inner  dialect.Adapter
		path   string
		answer string
	}{
		{gemini.Adapter{}, "/publishers/google/models/m:generateContent", `{"candidates":[{"content":{"parts":[{"text":"Yo"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"trafficType":"ON_DEMAND"}}`},
		{anthropic.Adapter{}, "/publishers/anthropic/models/m:rawPredict", `{"type":"message","content":[{"type":"text","text":"Yo"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}`},
	} {
		a, _ := New(c.inner)
		call, _, err := a.EncodeRequest(req, dialect.Target{Model: "m"})
		if err != nil || call.Path != c.path || !rawjson.Valid(bytes.Join(call.Body, nil)) {
			t.Errorf("%s %s %v", call.Path, call.Body, err)
		}
		said := ""
		for ev, err := range a.Events(req, dialect.Reply{Status: 200, Body: strings.NewReader(c.answer)}) {
			if err != nil {
				t.Fatal(err)
			}
			said += ev.Text
			if ev.Kind == llm.End && ev.Usage.Prompt()+ev.Usage.Completion() != 3 {
				t.Errorf("usage %+v", ev.Usage)
			}
		}
		if said != "Yo" {
			t.Errorf("%s says %q", a.Dialect(), said)
		}
		for cut := range c.answer {
			var last error
			for _, last = range a.Events(req, dialect.Reply{Status: 200, Body: strings.NewReader(c.answer[:cut])}) {
			}
			if last == nil || fault.Of(last) != fault.Broken {
				t.Fatalf("%s cut at %d: %v", a.Dialect(), cut, last)
			}
		}
	}
}

func TestFailure(t *testing.T) {
	for _, c := range []struct {
		inner  dialect.Adapter
		status int
		body   string
		kind   fault.Kind
		public string
	}{
		{gemini.Adapter{}, 404, `{"error":{"code":404,"message":"Publisher Model ` + "`projects/acme-prod/locations/us-central1/publishers/google/models/x`" + ` not found.","status":"NOT_FOUND"}}`, fault.Refused, "The provider refused the request: Publisher Model `projects/…/locations/us-central1/publishers/google/models/x` not found."},
		{anthropic.Adapter{}, 404, `[{"error":{"code":404,"message":"No projects/acme-prod here","status":"NOT_FOUND"}}]`, fault.Refused, "The provider refused the request: No projects/… here"},
		{anthropic.Adapter{}, 429, `{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}`, fault.Overloaded, ""},
		{anthropic.Adapter{}, 403, `{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}`, fault.Credential, ""},
		{anthropic.Adapter{}, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}`, fault.TooLong, "The provider refused the request: prompt is too long"},
		{anthropic.Adapter{}, 502, `<html>`, fault.Broken, ""},
	} {
		a, _ := New(c.inner)
		if e := a.Failure(c.status, nil, []byte(c.body)); e.Kind != c.kind || e.Quote != c.public {
			t.Errorf("%s is %v, says %q", c.body, e, e.Quote)
		}
	}
}

func FuzzFailure(f *testing.F) {
	f.Add(404, []byte(`[{"error":{"code":404,"message":"No projects/acme-prod here","status":"NOT_FOUND"}}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, inner := range []dialect.Adapter{gemini.Adapter{}, anthropic.Adapter{}} {
			a, _ := New(inner)
			if e := a.Failure(status, nil, body); e == nil || e.Kind == fault.Internal || e.HTTPStatus() < 400 {
				t.Fatalf("status %d gives %+v", status, e)
			}
		}
	})
}
