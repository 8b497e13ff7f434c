package azure

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// fake is an inner adapter that calls the path that a test wants.
type fake struct{ path string }

func (fake) Dialect() llm.Dialect { return llm.OpenAIChat }

func (f fake) EncodeRequest(*llm.Request, dialect.Target) (dialect.Call, []llm.Loss, error) {
	return dialect.Call{Method: "POST", Path: f.path}, nil, nil
}

func (fake) Events(*llm.Request, dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(func(*llm.Event, error) bool) {}
}

func (fake) Failure(int, dialect.Header, []byte) *fault.Error { return nil }

func TestPaths(t *testing.T) {
	for _, c := range []struct{ base, version, inner, want string }{
		{"/openai/v1", "", "/chat/completions", "/chat/completions"},
		{"/openai/v1/", "preview", "/responses", "/responses?api-version=preview"},
		{"/openai", "", "/chat/completions", "/deployments/gpt%204%2F..%3F/chat/completions?api-version=2024-10-21"},
		{"/openai", "2025-04-01-preview", "/responses", "/responses?api-version=2025-04-01-preview"},
		{"/openai", "2025-04-01-preview", "/embeddings?x=1", "/deployments/gpt%204%2F..%3F/embeddings?x=1&api-version=2025-04-01-preview"},
		{"/models", "2024-05-01-preview", "/chat/completions", "/chat/completions?api-version=2024-05-01-preview"},
		{"", "a&b", "/chat/completions", "/chat/completions?api-version=a%26b"},
	} {
		a := New(fake{c.inner}, ShapeOf(c.base), c.version)
		call, _, err := a.EncodeRequest(nil, dialect.Target{Model: "gpt 4/..?"})
		if err != nil || call.Path != c.want {
			t.Errorf("%s %s: %s %v", c.base, c.inner, call.Path, err)
		}
	}
}

func TestFailure(t *testing.T) {
	h := dialect.Header{"Retry-After": {"1"}, "Retry-After-Ms": {"0"}}
	for _, c := range []struct {
		status  int
		body    string
		kind    fault.Kind
		reasons string
	}{
		{400, `{"error":{"code":"content_filter","message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","param":"prompt","innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"},"violence":{"filtered":false},"jailbreak":{"filtered":true,"detected":true}}}}}`, fault.Moderated, "[hate jailbreak]"},
		{400, `{"error":{"code":"content_filter","message":"m"}}`, fault.Moderated, "<nil>"},
		{404, `{"error":{"type":"invalid_request_error","code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, fault.Broken, "<nil>"},
		{429, `{"error":{"code":"RateLimitReached","message":"m"}}`, fault.Overloaded, "<nil>"},
		{401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}`, fault.Credential, "<nil>"},
		{400, `{"error":{"code":"context_length_exceeded","message":"This model's maximum context length is 8192 tokens"}}`, fault.TooLong, "<nil>"},
		{502, `<html>`, fault.Broken, "<nil>"},
	} {
		e := New(&openaichat.Adapter{}, V1, "").Failure(c.status, h, []byte(c.body))
		if e.Kind != c.kind || fmt.Sprint(e.Metadata["reasons"]) != c.reasons {
			t.Errorf("%s is %v %v", c.body, e, e.Metadata)
		}
		if c.kind == fault.Overloaded && e.RetryAfter != time.Second {
			t.Errorf("after %v", e.RetryAfter)
		}
		if c.kind == fault.Broken && strings.Contains(e.Message(), "deployment") {
			t.Errorf("the client hears of the operator's deployments: %s", e.Message())
		}
	}
}

func FuzzFailure(f *testing.F) {
	f.Add(400, []byte(`{"error":{"code":"content_filter","innererror":{"content_filter_result":{"hate":{"filtered":true}}}}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := New(&openaichat.Adapter{}, V1, "").Failure(status, nil, body)
		if e == nil || e.Kind == fault.Internal || e.HTTPStatus() < 400 {
			t.Fatalf("status %d gives %+v", status, e)
		}
	})
}
