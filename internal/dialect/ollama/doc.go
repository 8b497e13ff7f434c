// Package ollama calls Ollama's own chat API (https://docs.ollama.com/api/chat). It takes
// images inline only, arguments of tools as objects, and has no ids for calls in some
// versions; a stream is lines of JSON of which the last says done. Start with Adapter.
package ollama
