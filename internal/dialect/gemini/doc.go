// Package gemini speaks Google's generateContent, as Google AI Studio defines it
// (https://ai.google.dev/api/generate-content): an Adapter between the canonical
// conversation and that wire, streamed or not, and a Surface for its clients.
//
// It promises that what the wire cannot carry is reported as a loss, that a thought
// signature comes back upstream on the very part it left (see signature.go), that an
// answer ends only when every candidate has said why it finished, and that usage classes
// are disjoint. It reads what Vertex AI answers, streamed arguments included, but does
// not build Vertex's paths. Clients of this dialect send either spelling of a member; their
// bytes go upstream as they are where the upstream speaks it too, and Adapter.Frames hands
// its answers on.
//
// Start with Surface.DecodeRequest, Adapter.EncodeRequest and Adapter.Events.
package gemini

import "github.com/dragoman-gateway/dragoman/internal/llm"

// Adapter is the upstream's side. The zero Adapter is ready, has no state and is safe for
// concurrent use.
type Adapter struct{}

// Dialect is llm.Gemini.
func (Adapter) Dialect() llm.Dialect { return llm.Gemini }
