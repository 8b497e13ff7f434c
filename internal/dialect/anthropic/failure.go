package anthropic

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: Anthropic's error object, or whatever a
// proxy put in its place (wire notes §§3, 14).
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	var said dialect.Said
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said = readError(d.Root())
	}
	if said.Code == "overloaded_error" {
		said.Status = statuses[said.Code]
	}
	return judge.Failure(status, h, said)
}

// streamFailure classifies an error that came inside a 200.
func streamFailure(root rawjson.Node) *fault.Error {
	said := readError(root)
	said.Status = statuses[said.Code]
	return judge.Inside(said)
}

// readError reads the object under "error" (https://docs.anthropic.com/en/api/errors).
func readError(root rawjson.Node) dialect.Said {
	e := root.Get("error")
	if e.Kind() == rawjson.String { // a proxy's
		return dialect.Said{Message: e.Str()}
	}
	return dialect.Said{Code: dialect.Clip(e.Get("type").Str(), 64), Message: e.Get("message").Str()}
}

// statuses are those that an error has by its type.
var statuses = map[string]int{
	"invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
	"not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
	"timeout_error": 504, "overloaded_error": 529,
}

// judge tells refusals with status 400 apart. A prompt may be too long alone, or with max_tokens.
var judge = dialect.Judge{
	Operator:  []string{"credit balance is too low", "reached your specified api usage limits", "organization has been disabled", "invalid x-api-key"},
	TooLong:   []string{"prompt is too long", "exceed context limit", "exceeds the maximum context", "context window"},
	Moderated: []string{"content filtering policy"},
	Explains:  true,
}
