// Package openaichat speaks OpenAI chat completions, as OpenAI defines it and as
// OpenRouter extends it: the Surface for clients, the Adapter for every compatible
// upstream.
//
// When both sides speak it, nothing is decoded and encoded again: the client's body and
// the upstream's frames pass with a short list of declared edits (see Adapter). For
// another upstream the Surface builds the canonical conversation and writes the canonical
// events. Start with Surface.DecodeRequest and Surface.Encode.
package openaichat

import "github.com/dragoman-gateway/dragoman/internal/llm"

// Surface is the client's side. The zero Surface is ready and has no state.
type Surface struct{}

// Dialect is llm.OpenAIChat.
func (Surface) Dialect() llm.Dialect { return llm.OpenAIChat }
