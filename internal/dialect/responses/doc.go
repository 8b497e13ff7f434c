// Package responses speaks OpenAI's Responses API, to clients and to upstreams
// (platform.openai.com, API reference, "Responses"; reference §3.2; wire notes §2).
//
// The gateway keeps no responses: a client sends the whole input with each request, and an
// upstream is told not to store it. A freeform tool of a client becomes, for an upstream of
// another dialect, a function with one text argument, and its calls are turned back; a
// namespace of tools becomes functions whose names begin with it. Start with Surface and
// Adapter.
package responses
