package cohere

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: {"id","message"}, sometimes with error_type.
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	message, typ := "", ""
	if d.Parse(bytes.TrimSpace(body)) == nil {
		message, typ = d.Root().Get("message").Str(), d.Root().Get("error_type").Str()
	}
	e := classify(status, message, typ)
	e.RetryAfter = dialect.RetryAfter(h)
	return e
}

func classify(status int, message, typ string) *fault.Error {
	text := strings.ToLower(message)
	e := &fault.Error{ProviderCode: typ, Err: fmt.Errorf("upstream status %d, type %q", status, typ)} // never the body: it may quote the prompt
	switch {
	case status == 401 || status == 402 || status == 403 || strings.Contains(text, "invalid api token") || strings.Contains(text, "incorrect api key"):
		e.Kind = fault.Credential
		return e
	case status == 429:
		e.Kind = fault.Overloaded
		return e
	case status == 503 || status == 529:
		e.Kind, e.Status, e.Type = fault.Overloaded, 503, "provider_overloaded"
		return e
	case status == 408 || status == 504:
		e.Kind = fault.TimedOut
		return e
	case typ == "TOO_MANY_TOKENS" || strings.Contains(text, "too many tokens"):
		e.Kind = fault.TooLong
	case status >= 400 && status < 500 && status != 499:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	default:
		e.Kind = fault.Broken
		return e
	}
	e.Code = typ
	e.Quote = dialect.Quote(message)
	return e
}
