// Package anthropic speaks Anthropic's Messages API
// (https://docs.anthropic.com/en/api/messages): an Adapter between the canonical
// conversation and that wire, streamed or not.
//
// It promises that what the wire cannot carry is reported as a loss, that signed and
// redacted thinking comes back upstream byte for byte before the turn it belongs to, that
// a stream is whole only with its message_stop, and that usage classes are disjoint. For a
// client of another dialect the traffic of tools that the provider runs itself is a loss,
// the text and citations made from it are not. Clients of this dialect get it all: the
// Surface reads them, and Adapter.Frames hands answers on as they are.
//
// Start with Surface.DecodeRequest, Adapter.EncodeRequest and Adapter.Events.
package anthropic

import "github.com/dragoman-gateway/dragoman/internal/llm"

// Adapter is the upstream's side. The zero Adapter is ready, has no state and is safe for
// concurrent use.
type Adapter struct{}

// Dialect is llm.Anthropic.
func (Adapter) Dialect() llm.Dialect { return llm.Anthropic }
