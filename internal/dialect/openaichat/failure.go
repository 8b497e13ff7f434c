package openaichat

import (
	"bytes"
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
	said.Status = 0 // the answer's own counts
	return said.about(judge.Failure(status, h, said.Said))
}

// streamFailure classifies an error that came inside a 200.
func streamFailure(root rawjson.Node) *fault.Error {
	said := readError(root)
	if said.Status == 0 {
		said.Status = statusOf(said)
	}
	return said.about(judge.Inside(said.Said))
}

// wireError is what the many shapes of error body agree on.
type wireError struct {
	dialect.Said
	param string
}

// about names the parameter that is at fault, of a refusal.
func (w wireError) about(e *fault.Error) *fault.Error {
	if e.Kind == fault.Refused || e.Kind == fault.TooLong || e.Kind == fault.Moderated {
		e.Param = w.param
	}
	return e
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
		w := wireError{Said: dialect.Said{Message: firstOf(e.Str(), root.Get("detail").Str(), root.Get("message").Str()), Code: word(root.Get("code")), Type: root.Get("type").Str()}}
		if list := root.Get("detail"); w.Message == "" && list.Kind() == rawjson.Array {
			for item := range list.Elems() {
				w.Message = item.Get("msg").Str()
				break
			}
		}
		return w
	}
	w := wireError{dialect.Said{Message: e.Get("message").Str(), Type: e.Get("type").Str(), Code: word(e.Get("code"))}, e.Get("param").Str()}
	if w.Code == "" {
		w.Code = e.Get("status").Str()
	}
	if n, ok := e.Get("code").Int(); ok && n >= 400 && n < 600 {
		w.Status = int(n)
	}
	if n := e.Get("status_code").Int64(); n >= 400 && n < 600 {
		w.Status = int(n)
	}
	for detail := range e.Get("details").Elems() {
		if r := detail.Get("reason").Str(); r != "" {
			w.Code = r
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
	switch key := strings.ToLower(w.Type + " " + w.Code); {
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

// judge tells failures apart that have the same status (wire notes §14).
var judge = dialect.Judge{
	Operator:  []string{"incorrect api key", "invalid api key", "api_key_invalid", "invalid_api_key", "api key not valid", "no api key"},
	TooLong:   []string{"context_length_exceeded", "prompt is too long", "too many tokens", "input tokens exceeded", "maximum context length", "too_many_prompt_tokens", "context window"},
	Moderated: []string{"content_filter", "content_policy", "moderation"},
}
