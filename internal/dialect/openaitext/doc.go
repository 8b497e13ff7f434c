// Package openaitext speaks OpenAI's legacy completions: one prompt, no roles. The Surface
// for clients turns a prompt into the one message of a conversation, which any provider can
// answer; the Adapter is for providers whose row says that they have POST /completions
// themselves, and passes bytes and frames on with declared edits. Start with
// Surface.DecodeRequest and Adapter.
package openaitext

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Surface is the client's side. The zero Surface is ready and has no state.
type Surface struct{}

// Dialect is llm.OpenAIText.
func (Surface) Dialect() llm.Dialect { return llm.OpenAIText }

// EncodeError is the envelope of chat completions.
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}
