package ollama

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: {"error":"text"}.
func (Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	var said dialect.Said
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said.Message = d.Root().Get("error").Str()
	}
	return judge.Failure(status, h, said)
}

var judge = dialect.Judge{TooLong: []string{"context length", "context window", "too long"}}
