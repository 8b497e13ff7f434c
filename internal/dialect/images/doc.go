// Package images speaks the operations that make images: OpenAI's /images/generations and
// /images/edits, the latter as JSON and as a form, and OpenRouter's /images.
//
// Between two of OpenAI's the client's bytes and the upstream's pass with declared edits;
// OpenRouter's request is written anew for an upstream that is not it. Start with
// Surface.DecodeRequest and Adapter.EncodeRequest.
package images

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// API is which of the clients' APIs a Surface is.
type API string

// The APIs.
const (
	Generations API = ""           // OpenAI's POST /images/generations
	Edits       API = "edits"      // OpenAI's POST /images/edits
	OpenRouter  API = "openrouter" // POST /images (reference §3.8)
)

// Surface is the client's side. The zero Surface is OpenAI's generations.
type Surface struct{ API API }

// Dialect is llm.OpenAIImages.
func (Surface) Dialect() llm.Dialect { return llm.OpenAIImages }

// EncodeError is the envelope of all OpenAI routes (reference §1.5).
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}

func inputOf(req *llm.Request) *llm.DrawInput {
	in, _ := req.Input.(*llm.DrawInput)
	if in == nil {
		in = new(llm.DrawInput)
	}
	return in
}

// isType compares a Content-Type without its parameters.
func isType(h dialect.Header, mime string) bool {
	got, _, _ := strings.Cut(dialect.Get(h, "Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(got), mime)
}
