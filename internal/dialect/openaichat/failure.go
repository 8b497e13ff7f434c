package openaichat

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx (wire notes §§6–11, 14).
func (*Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	var said wireError
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said = readError(d.Root())
	}
	e := classify(status, said)
	e.RetryAfter = dialect.RetryAfter(h)
	e.Err = fmt.Errorf("upstream status %d, code %q", status, said.code) // never the body: it may quote the prompt
	return e
}

// streamFailure classifies an error that came inside a 200.
func streamFailure(root rawjson.Node) *fault.Error {
	said := readError(root)
	status := said.status
	if status == 0 {
		status = statusOf(said)
	}
	e := classify(status, said)
	e.Err = fmt.Errorf("upstream error inside an answer, code %q", said.code)
	return e
}

// wireError is what the many shapes of error body agree on.
type wireError struct {
	message, typ, code, param string
	status                    int
}

// readError reads {"error":{…}}, {"error":"…"}, {"detail":…}, {"message":…} and an array
// around any of them.
func readError(root rawjson.Node) wireError {
	if root.Kind() == rawjson.Array {
		for first := range root.Elems() {
			return readError(first)
		}
	}
	e := root.Get("error")
	if e.Kind() != rawjson.Object {
		w := wireError{message: firstOf(e.Str(), root.Get("detail").Str(), root.Get("message").Str()), code: word(root.Get("code")), typ: root.Get("type").Str()}
		if list := root.Get("detail"); w.message == "" && list.Kind() == rawjson.Array {
			for item := range list.Elems() {
				w.message = item.Get("msg").Str()
				break
			}
		}
		return w
	}
	w := wireError{message: e.Get("message").Str(), typ: e.Get("type").Str(), code: word(e.Get("code")), param: e.Get("param").Str()}
	if w.code == "" {
		w.code = e.Get("status").Str()
	}
	if n, ok := e.Get("code").Int(); ok && n >= 400 && n < 600 {
		w.status = int(n)
	}
	if n := e.Get("status_code").Int64(); n >= 400 && n < 600 {
		w.status = int(n)
	}
	for detail := range e.Get("details").Elems() {
		if r := detail.Get("reason").Str(); r != "" {
			w.code = r
		}
	}
	return w
}

func word(v rawjson.Node) string {
	if v.Kind() == rawjson.Number {
		return string(v.Raw())
	}
	return v.Str()
}

// statusOf guesses the status an error inside a 200 would have had.
func statusOf(w wireError) int {
	switch key := strings.ToLower(w.typ + " " + w.code); {
	case strings.Contains(key, "rate_limit"), strings.Contains(key, "quota"), strings.Contains(key, "resource_exhausted"):
		return 429
	case strings.Contains(key, "overloaded"):
		return 529
	case strings.Contains(key, "invalid_request"), strings.Contains(key, "context_length"), strings.Contains(key, "tool_use_failed"):
		return 400
	case strings.Contains(key, "auth"), strings.Contains(key, "permission"):
		return 401
	}
	return 502
}

// tooLong are the signs of a prompt over the context (wire notes §14).
var tooLong = []string{"context_length_exceeded", "prompt is too long", "too many tokens", "input tokens exceeded", "maximum context length", "too_many_prompt_tokens", "context window"}

var badKey = []string{"incorrect api key", "invalid api key", "api_key_invalid", "invalid_api_key", "api key not valid", "no api key"}

func classify(status int, w wireError) *fault.Error {
	text := strings.ToLower(w.message + " " + w.code + " " + w.typ)
	e := &fault.Error{ProviderCode: firstOf(w.code, w.typ)}
	switch {
	case status == 401 || status == 403 && !strings.Contains(text, "moderation") || status == 402 || dialect.Says(text, badKey):
		e.Kind = fault.Credential
		return e
	case status == 429 || status == 529 || status == 503:
		e.Kind = fault.Overloaded
		if status != 429 {
			e.Status, e.Type = 503, "provider_overloaded"
		}
		return e
	case status == 408 || status == 504 || status == 524:
		e.Kind = fault.TimedOut
		return e
	case status >= 500 || status < 400:
		e.Kind = fault.Broken
		return e
	case dialect.Says(text, tooLong):
		e.Kind = fault.TooLong
	case strings.Contains(text, "content_filter") || strings.Contains(text, "content_policy") || strings.Contains(text, "moderation"):
		e.Kind = fault.Moderated
		if status == 403 {
			e.Status = 403
		}
	default:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	}
	e.Param, e.Code = w.param, w.code
	e.Quote = dialect.Quote(w.message)
	return e
}
