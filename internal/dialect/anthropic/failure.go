package anthropic

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: Anthropic's error object, or whatever a
// proxy put in its place (wire notes §§3, 14).
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	var said wireError
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said = readError(d.Root())
	}
	e := classify(status, said)
	e.RetryAfter = dialect.RetryAfter(h)
	e.Err = fmt.Errorf("upstream status %d, type %q", status, said.typ) // never the body: it may quote the prompt
	return e
}

// streamFailure classifies an error that came inside a 200.
func streamFailure(root rawjson.Node) *fault.Error {
	said := readError(root)
	e := classify(statuses[said.typ], said)
	e.Err = fmt.Errorf("upstream error inside an answer, type %q", said.typ)
	return e
}

// wireError is the object under "error" (https://docs.anthropic.com/en/api/errors).
type wireError struct{ typ, message string }

func readError(root rawjson.Node) wireError {
	e := root.Get("error")
	if e.Kind() == rawjson.String { // a proxy's
		return wireError{message: e.Str()}
	}
	return wireError{typ: dialect.Clip(e.Get("type").Str(), 64), message: e.Get("message").Str()}
}

// statuses are those that an error has by its type.
var statuses = map[string]int{
	"invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
	"not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
	"timeout_error": 504, "overloaded_error": 529,
}

// classify judges by status and by what the upstream says; status 0 is unknown.
func classify(status int, said wireError) *fault.Error {
	e := &fault.Error{ProviderCode: said.typ}
	text := strings.ToLower(said.message)
	switch {
	case status == 401 || status == 402 || status == 403 || dialect.Says(text, operators):
		e.Kind = fault.Credential
	case status == 429:
		e.Kind = fault.Overloaded
	case status == 503 || status == 529 || said.typ == "overloaded_error":
		e.Kind, e.Status, e.Type = fault.Overloaded, 503, "provider_overloaded"
	case status == 408 || status == 504:
		e.Kind = fault.TimedOut
	case status == 413:
		e.Kind, e.Status = fault.Refused, 413
	case status < 400 || status >= 500 || said == wireError{}:
		e.Kind = fault.Broken
	case dialect.Says(text, tooLong):
		e.Kind = fault.TooLong
	case strings.Contains(text, "content filtering policy"):
		e.Kind = fault.Moderated
	default:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	}
	if e.Kind == fault.Refused || e.Kind == fault.TooLong || e.Kind == fault.Moderated {
		e.Code = said.typ
		e.Quote = dialect.Quote(said.message)
	}
	return e
}

// tooLong are the signs of a prompt over the context, alone or with max_tokens.
var tooLong = []string{"prompt is too long", "exceed context limit", "exceeds the maximum context", "context window"}

// operators are refusals with status 400 that concern the operator's account.
var operators = []string{"credit balance is too low", "reached your specified api usage limits", "organization has been disabled", "invalid x-api-key"}
