package responses

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Surface is the client's side of POST /responses.
type Surface struct {
	Kept *Kept // what the response has to do with others; nil: nothing
}

// Dialect is llm.OpenAIResponses.
func (Surface) Dialect() llm.Dialect { return llm.OpenAIResponses }

// DecodeRequest reads and checks a request.
func (Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) { return decode(in) }

// EncodeError is OpenAI's error envelope.
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}

// Encode starts an answer. It sets a.ContentType.
func (s Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json"
	if req.Stream {
		a.ContentType = "text/event-stream"
	}
	w := &writer{req: req, a: a, names: toolNames(req.Doc.Root().Get("tools")), open: -1}
	if s.Kept != nil {
		w.kept = *s.Kept
	}
	return w
}
