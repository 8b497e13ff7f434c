package ollama

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: {"error":"text"}.
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	said := ""
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said = d.Root().Get("error").Str()
	}
	e := classify(status, said)
	e.RetryAfter = dialect.RetryAfter(h)
	return e
}

func classify(status int, said string) *fault.Error {
	text := strings.ToLower(said)
	e := &fault.Error{Err: fmt.Errorf("upstream status %d", status)} // never the body: it may quote the prompt
	switch {
	case status == 401 || status == 403:
		e.Kind = fault.Credential
		return e
	case status == 429:
		e.Kind = fault.Overloaded
		return e
	case status == 503 || status == 529:
		e.Kind, e.Status, e.Type = fault.Overloaded, 503, "provider_overloaded"
		return e
	case strings.Contains(text, "context length") || strings.Contains(text, "context window") || strings.Contains(text, "too long"):
		e.Kind = fault.TooLong
	case status >= 400 && status < 500:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	default:
		e.Kind = fault.Broken
		return e
	}
	e.Quote = dialect.Quote(said)
	return e
}
