package anthropic

import (
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func said(typ, message string) string {
	return `{"type":"error","error":{"type":"` + typ + `","message":"` + message + `"},"request_id":"req_1"}`
}

func TestFailure(t *testing.T) {
	const quotes = "The provider refused the request: "
	cases := map[string]struct {
		status int
		body   string
		kind   fault.Kind
		http   int
		typ    string // the provider's code
		public string
	}{
		"bad key":           {401, said("authentication_error", "secret"), fault.Credential, 502, "authentication_error", ""},
		"no permission":     {403, said("permission_error", "secret"), fault.Credential, 502, "permission_error", ""},
		"403 page":          {403, `<html>secret</html>`, fault.Credential, 502, "", ""},
		"billing":           {402, said("billing_error", "secret"), fault.Credential, 502, "billing_error", ""},
		"no credit":         {400, said("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), fault.Credential, 502, "invalid_request_error", ""},
		"rate limit":        {429, said("rate_limit_error", "secret"), fault.Overloaded, 429, "rate_limit_error", ""},
		"overloaded":        {529, said("overloaded_error", "Overloaded"), fault.Overloaded, 503, "overloaded_error", ""},
		"529 without body":  {529, ``, fault.Overloaded, 503, "", ""},
		"unavailable":       {503, `<html>`, fault.Overloaded, 503, "", ""},
		"too long":          {400, said("invalid_request_error", "prompt is too long: 3333404 tokens > 200000 maximum"), fault.TooLong, 400, "invalid_request_error", quotes + "prompt is too long: 3333404 tokens > 200000 maximum"},
		"too long with max": {400, said("invalid_request_error", "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"), fault.TooLong, 400, "invalid_request_error", quotes + "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"},
		"too large":         {413, said("request_too_large", "Request exceeds the maximum size"), fault.Refused, 413, "request_too_large", quotes + "Request exceeds the maximum size"},
		"too large, a page": {413, `<html>`, fault.Refused, 413, "", ""},
		"filtered":          {400, said("invalid_request_error", "Output blocked by content filtering policy"), fault.Moderated, 400, "invalid_request_error", quotes + "Output blocked by content filtering policy"},
		"wrong":             {400, said("invalid_request_error", "messages.0: x"), fault.Refused, 400, "invalid_request_error", quotes + "messages.0: x"},
		"unprocessable":     {422, said("invalid_request_error", "x"), fault.Refused, 422, "invalid_request_error", quotes + "x"},
		"no such model":     {404, said("not_found_error", "model: x"), fault.Refused, 404, "not_found_error", quotes + "model: x"},
		"a proxy's string":  {400, `{"error":"bad header"}`, fault.Refused, 400, "", quotes + "bad header"},
		"internal":          {500, said("api_error", "secret"), fault.Broken, 502, "api_error", ""},
		"late":              {504, said("timeout_error", "secret"), fault.TimedOut, 504, "timeout_error", ""},
		"request timeout":   {408, ``, fault.TimedOut, 504, "", ""},
		"page":              {502, `<html>secret</html>`, fault.Broken, 502, "", ""},
		"400 page":          {400, `<html>secret</html>`, fault.Broken, 502, "", ""},
		"cut":               {404, `{"type":"error","err`, fault.Broken, 502, "", ""},
		"redirect":          {302, ``, fault.Broken, 502, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := (Adapter{}).Failure(c.status, dialect.Header{"Retry-After": {"7.5"}}, []byte(c.body))
			if e.Kind != c.kind || e.HTTPStatus() != c.http || e.ProviderCode != c.typ || e.Quote != c.public {
				t.Errorf("got kind %d, status %d, type %q, %q", e.Kind, e.HTTPStatus(), e.ProviderCode, e.Quote)
			}
			if e.RetryAfter != 7500*time.Millisecond {
				t.Errorf("retry after %s", e.RetryAfter)
			}
			if strings.Contains(e.Error(), "secret") {
				t.Errorf("quotes what is not for the client: %v", e)
			}
		})
	}
}

func TestErrorTypes(t *testing.T) {
	if e := (Adapter{}).Failure(529, nil, nil); e.ErrorType() != "provider_overloaded" || e.RetryAfter != 0 {
		t.Errorf("529: %+v", e)
	}
	if e := (Adapter{}).Failure(404, nil, []byte(said("not_found_error", "x"))); e.ErrorType() != "not_found" {
		t.Errorf("404: %+v", e)
	}
	for _, after := range []string{"-1", "NaN", "soon", "1e99"} {
		if e := (Adapter{}).Failure(429, dialect.Header{"Retry-After": {after}}, nil); e.RetryAfter != 0 {
			t.Errorf("Retry-After %s: %s", after, e.RetryAfter)
		}
	}
}

func TestLongMessagesAreClipped(t *testing.T) {
	e := (Adapter{}).Failure(400, nil, []byte(said("invalid_request_error", strings.Repeat("é", 1500))))
	if m := e.Message(); !strings.HasPrefix(m, "The provider refused the request: é") || len(m) > 2100 || !strings.HasSuffix(m, "é…") {
		t.Errorf("message of %d bytes ends %q", len(m), m[len(m)-10:])
	}
}

func TestFailureDoesNotTellTheOperator(t *testing.T) {
	const message = "workspace wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ may not use this tool"
	e := (Adapter{}).Failure(400, nil, []byte(said("invalid_request_error", message)))
	if strings.Contains(e.Message(), "wrkspc") || !strings.Contains(e.Message(), "may not use this tool") {
		t.Error(e.Message())
	}
}
