package cohere

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: {"id","message"}, sometimes with error_type.
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	var said dialect.Said
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said = saidIn(d.Root(), "message")
	}
	return judge.Failure(status, h, said)
}

// saidIn reads an error whose text is the member of that name.
func saidIn(n rawjson.Node, text string) dialect.Said {
	return dialect.Said{Code: n.Get("error_type").Str(), Message: n.Get(text).Str()}
}

var judge = dialect.Judge{
	Operator: []string{"invalid api token", "incorrect api key"},
	TooLong:  []string{"too_many_tokens", "too many tokens"},
}
