package gemini

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: Google's error object, maybe inside an
// array, or whatever a proxy put in its place (wire notes §§4, 14).
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	var said wireError
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said = readError(d.Root())
	}
	e := classify(status, said)
	if e.RetryAfter == 0 {
		e.RetryAfter = dialect.RetryAfter(h)
	}
	e.Err = fmt.Errorf("upstream status %d, code %q", status, e.ProviderCode) // never the body: it may quote the prompt
	return e
}

// streamFailure classifies an object inside a 200 that is no response.
func streamFailure(root rawjson.Node) *fault.Error {
	said := readError(root)
	e := classify(said.code, said)
	e.Err = fmt.Errorf("upstream error inside an answer, code %q", e.ProviderCode)
	return e
}

// wireError is google.rpc.Status (https://cloud.google.com/apis/design/errors).
type wireError struct {
	code                    int // HTTP status, 0 unknown
	status, message, reason string
	retry                   time.Duration
}

func readError(root rawjson.Node) wireError {
	for root.Kind() == rawjson.Array {
		var first rawjson.Node
		for first = range root.Elems() {
			break
		}
		root = first
	}
	n := root.Get("error")
	if n.Kind() == rawjson.String {
		return wireError{message: n.Str()}
	}
	e := wireError{status: n.Get("status").Str(), message: n.Get("message").Str()}
	if c := n.Get("code").Int64(); c >= 400 && c < 600 {
		e.code = int(c)
	}
	for d := range n.Get("details").Elems() {
		if r := d.Get("reason").Str(); r != "" {
			e.reason = r
		}
		if r := d.Get("retryDelay").Str(); r != "" {
			e.retry = dialect.Length(strings.TrimSuffix(r, "s"), time.Second)
		}
	}
	return e
}

// classify judges by status and, first, by what the upstream says.
func classify(status int, said wireError) *fault.Error {
	e := &fault.Error{ProviderCode: said.status, RetryAfter: said.retry}
	if said.reason != "" {
		e.ProviderCode = said.reason
	}
	text := strings.ToLower(said.message)
	switch {
	case said.is("API_KEY_INVALID", "UNAUTHENTICATED", "PERMISSION_DENIED") || status == 401 || status == 402 || status == 403 ||
		strings.Contains(text, "api key not valid") || strings.Contains(text, "api key expired"):
		e.Kind = fault.Credential
	case said.is("RESOURCE_EXHAUSTED") || status == 429:
		e.Kind = fault.Overloaded
	case said.is("UNAVAILABLE") || status == 503 || status == 529:
		e.Kind, e.Status, e.Type = fault.Overloaded, 503, "provider_overloaded"
	case said.is("DEADLINE_EXCEEDED") || status == 408 || status == 504:
		e.Kind = fault.TimedOut
	case status >= 500 || status < 400 || status == 499: // 499 is CANCELLED on their side
		e.Kind = fault.Broken
	case tooLong(text):
		e.Kind = fault.TooLong
	default:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	}
	if e.Kind == fault.Refused || e.Kind == fault.TooLong {
		e.Code = said.status
		e.Quote = dialect.Quote(said.message)
	}
	return e
}

func (e wireError) is(words ...string) bool {
	for _, w := range words {
		if e.status == w || e.reason == w {
			return true
		}
	}
	return false
}

// tooLong recognises "The input token count (N) exceeds the maximum number of tokens
// allowed (M)" and Vertex AI's "… is N but model only supports up to M".
func tooLong(text string) bool {
	return strings.Contains(text, "exceeds the maximum number of tokens") ||
		strings.Contains(text, "input token count") && strings.Contains(text, "only supports up to")
}
