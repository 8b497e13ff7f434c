package gemini

import (
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func TestFailure(t *testing.T) {
	cases := map[string]struct {
		status int
		body   string
		kind   fault.Kind
		http   int
		code   string
		retry  time.Duration
	}{
		"bad key":        {400, `{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}`, fault.Credential, 502, "API_KEY_INVALID", 0},
		"no key":         {403, `{"error":{"code":403,"message":"Method doesn't allow unregistered callers","status":"PERMISSION_DENIED"}}`, fault.Credential, 502, "PERMISSION_DENIED", 0},
		"quota":          {429, `{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"48.5s"}]}}`, fault.Overloaded, 429, "RESOURCE_EXHAUSTED", 48500 * time.Millisecond},
		"header":         {429, `[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}]`, fault.Overloaded, 429, "RESOURCE_EXHAUSTED", 7 * time.Second},
		"overloaded":     {503, `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`, fault.Overloaded, 503, "UNAVAILABLE", 7 * time.Second},
		"too long":       {400, `{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}`, fault.TooLong, 400, "INVALID_ARGUMENT", 7 * time.Second},
		"too long there": {400, `{"error":{"code":400,"message":"The input token count is 1200000 but model only supports up to 1048576.","status":"INVALID_ARGUMENT"}}`, fault.TooLong, 400, "INVALID_ARGUMENT", 0},
		"cancelled":      {499, `{"error":{"code":499,"message":"The operation was cancelled.","status":"CANCELLED"}}`, fault.Broken, 502, "CANCELLED", 0},
		"wrong":          {400, `{"error":{"code":400,"message":"Please use a valid role: user, model.","status":"INVALID_ARGUMENT"}}`, fault.Refused, 400, "INVALID_ARGUMENT", 7 * time.Second},
		"unknown":        {404, `[{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}]`, fault.Refused, 404, "NOT_FOUND", 7 * time.Second},
		"internal":       {500, `{"error":{"code":500,"message":"secret","status":"INTERNAL"}}`, fault.Broken, 502, "INTERNAL", 7 * time.Second},
		"late":           {504, `{"error":{"code":504,"message":"late","status":"DEADLINE_EXCEEDED"}}`, fault.TimedOut, 504, "DEADLINE_EXCEEDED", 7 * time.Second},
		"html":           {502, `<html>Bad Gateway</html>`, fault.Broken, 502, "", 7 * time.Second},
		"empty":          {500, ``, fault.Broken, 502, "", 7 * time.Second},
		"plain 400":      {400, `nope`, fault.Refused, 400, "", 7 * time.Second},
		"empty array":    {500, `[]`, fault.Broken, 502, "", 7 * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := dialect.Header{"Retry-After": {"7"}}
			if c.retry == 0 {
				h = nil
			}
			e := (Adapter{}).Failure(c.status, h, []byte(c.body))
			if e.Kind != c.kind || e.HTTPStatus() != c.http || e.ProviderCode != c.code || e.RetryAfter != c.retry {
				t.Errorf("got kind %d, status %d, code %q, retry %s: %v", e.Kind, e.HTTPStatus(), e.ProviderCode, e.RetryAfter, e)
			}
			if strings.Contains(e.Error(), "secret") {
				t.Errorf("quotes an upstream's internal error: %v", e)
			}
		})
	}
}

func TestRefusalQuotesTheProvider(t *testing.T) {
	e := (Adapter{}).Failure(400, nil, []byte(`{"error":{"code":400,"message":"`+strings.Repeat("é", 1500)+`","status":"INVALID_ARGUMENT"}}`))
	if m := e.Message(); !strings.HasPrefix(m, "The provider refused the request: é") || len(m) > 2100 || !strings.HasSuffix(m, "é…") {
		t.Errorf("message of %d bytes ends %q", len(m), m[len(m)-10:])
	}
}
