package gemini

import (
	"bytes"
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
	e := judge.Failure(status, h, said.said())
	if said.retry > 0 {
		e.RetryAfter = said.retry
	}
	return e
}

// streamFailure classifies an object inside a 200 that is no response.
func streamFailure(root rawjson.Node) *fault.Error {
	e := readError(root)
	said := e.said()
	if said.Status == 0 {
		said.Status = e.code
	}
	failed := judge.Inside(said)
	failed.RetryAfter = e.retry
	return failed
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

// said is the error in every dialect's terms: the reason, where there is one, is the finer
// word.
func (e wireError) said() dialect.Said {
	status := statuses[e.reason]
	if status == 0 {
		status = statuses[e.status]
	}
	return dialect.Said{Status: status, Code: e.reason, Type: e.status, Message: e.message}
}

// statuses are those that words of Google's stand for, whatever status they come with.
var statuses = map[string]int{
	"API_KEY_INVALID": 401, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
}

// judge tells refusals with status 400 apart: "The input token count (N) exceeds the maximum
// number of tokens allowed (M)" and Vertex AI's "… is N but model only supports up to M".
var judge = dialect.Judge{
	Operator: []string{"api key not valid", "api key expired"},
	TooLong:  []string{"input token count", "exceeds the maximum number of tokens"},
}
