// Package simup plays upstream providers over real HTTP, each in the wire format of the
// path it is asked on: chat completions of OpenAI, Azure and Mistral, Responses, Messages of
// Anthropic and Vertex, generateContent of both Gemini's, Converse, Cohere or Ollama,
// streamed or not.
//
// It promises that the same seed and the same request give the same answer, that shapes,
// headers and errors are those of the real services, and that its invoice says what was
// really generated, also for an answer that was cut, so that a gateway's books can be
// checked against it. Faults are scripted, sent in a header, or written into the last
// user message as [[sim:cut=120,rst]].
//
// It deliberately has no language model, no embeddings, images or audio, and no TLS.
// One token is four bytes, rounded up, everywhere. It shares no code with the gateway's
// dialects, so that a mistake there cannot hide behind the same one here.
//
// Start with Server.ServeHTTP in server.go and visit.serve, the life of one request.
// ask.go is what a request wants, answer.go what it gets, wire.go what a dialect must do.
package simup
