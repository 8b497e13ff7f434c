// Package bedrock speaks to Amazon Bedrock's runtime
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html).
// Converse is an Adapter between the canonical conversation and Converse and
// ConverseStream, for every model. Invoke carries Anthropic's own bodies through
// InvokeModel and InvokeModelWithResponseStream, for Claude.
//
// It promises that what the wire cannot carry is reported as a loss, that signed and
// redacted reasoning comes back upstream byte for byte, that a stream is whole only with
// what the protocol ends it with, and that usage classes are disjoint. Both checksums of
// every frame are checked. It signs nothing: that is package provider's.
//
// Start with Converse.EncodeRequest, Converse.Events and NewInvoke.
package bedrock

import "github.com/dragoman-gateway/dragoman/internal/llm"

// Converse is the upstream's side of the Converse API. The zero Converse is ready, has no
// state and is safe for concurrent use.
type Converse struct{}

// Dialect is llm.Converse.
func (Converse) Dialect() llm.Dialect { return llm.Converse }
