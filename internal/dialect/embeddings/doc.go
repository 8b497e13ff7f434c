// Package embeddings speaks the operations that turn inputs into vectors: OpenAI's
// /embeddings as OpenRouter extends it, Gemini's embedContent and batchEmbedContents,
// Cohere's v2 embed and Ollama's native one.
//
// A number of a vector is never read and written again as long as both sides use numbers:
// its text passes. Between numbers and base64 it is a float32, exactly. Start with
// Surface.DecodeRequest and OpenAI.EncodeRequest.
package embeddings

import "github.com/dragoman-gateway/dragoman/internal/llm"

// Surface is OpenAI's side for clients. The zero Surface is ready and has no state.
type Surface struct{}

// Dialect is llm.OpenAIEmbeddings.
func (Surface) Dialect() llm.Dialect { return llm.OpenAIEmbeddings }

// maxItems bounds the inputs of one request.
const maxItems = 100_000

// inputOf is the canonical input, which a surface of this package has set.
func inputOf(req *llm.Request) *llm.EmbedInput {
	in, _ := req.Input.(*llm.EmbedInput)
	if in == nil {
		in = new(llm.EmbedInput)
	}
	return in
}
