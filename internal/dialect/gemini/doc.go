// Package gemini speaks to upstreams that serve Google's generateContent, as Google AI
// Studio defines it (https://ai.google.dev/api/generate-content): an Adapter between the
// canonical conversation and that wire, streamed or not.
//
// It promises that what the wire cannot carry is reported as a loss, that a thought
// signature comes back upstream on the very part it left (see signature.go), that an
// answer ends only when every candidate has said why it finished, and that usage classes
// are disjoint. It reads what Vertex AI answers, streamed arguments included, but does
// not build Vertex's paths. It has no Surface: clients do not speak this dialect here.
//
// Start with Adapter.EncodeRequest and Adapter.Events.
package gemini

import "github.com/dragoman-gateway/dragoman/internal/llm"

// Adapter is the upstream's side. The zero Adapter is ready, has no state and is safe for
// concurrent use.
type Adapter struct{}

// Dialect is llm.Gemini.
func (Adapter) Dialect() llm.Dialect { return llm.Gemini }
