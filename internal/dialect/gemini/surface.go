package gemini

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Surface is the client's side of generateContent and streamGenerateContent
// (https://ai.google.dev/api/generate-content). The URL says what it holds.
type Surface struct {
	Model  string // of the path, "models/" before it or not
	Stream bool
	Array  bool // a stream without alt=sse: one JSON array that arrives over time
}

// Dialect is llm.Gemini.
func (Surface) Dialect() llm.Dialect { return llm.Gemini }

// ModelInURL is the model of the path.
func (s Surface) ModelInURL() string { return s.Model }

// WithModel is the surface for another model.
func (s Surface) WithModel(model string) dialect.Surface {
	s.Model = model
	return s
}

// DecodeRequest reads and checks a request.
func (s Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	return decode(in, llm.Gemini, s.Model, s.Stream)
}

// EncodeError is Google's error envelope.
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return appendError(dst, e, meta)
}

const jsonType = "application/json; charset=UTF-8"

// Encode starts an answer. It sets a.ContentType.
func (s Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = jsonType
	w := &writer{req: req, a: a, array: s.Array && req.Stream, thoughts: showsThoughts(req)}
	if req.Stream && !s.Array {
		a.ContentType = "text/event-stream"
	}
	return w
}

// showsThoughts reports whether the client sees thoughts: only when it asks for them, as
// Google's models do not show theirs otherwise.
func showsThoughts(req *llm.Request) bool { return req.Reasoning != nil && !req.Reasoning.Exclude }
