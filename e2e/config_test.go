package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// providers is the part of a configuration that names the upstreams: six wires, the same
// price for each, and one model whose first endpoint can be made to fail.
const providers = `
providers:
  - {slug: up-openai, name: Up OpenAI, protocol: openai.chat, base_url: "UPSTREAM/openai/v1", api_key: up-openai-key}
  - {slug: up-anthropic, name: Up Anthropic, protocol: anthropic.messages, base_url: "UPSTREAM/anthropic", auth: "header:x-api-key", api_key: up-anthropic-key}
  - {slug: up-responses, name: Up Responses, protocol: openai.responses, base_url: "UPSTREAM/responses/v1", api_key: up-responses-key}
  - {slug: up-gemini, name: Up Gemini, protocol: gemini.generateContent, base_url: "UPSTREAM/gemini", auth: "header:x-goog-api-key", api_key: up-gemini-key}
  - {slug: up-cohere, name: Up Cohere, protocol: cohere.chat, base_url: "UPSTREAM/cohere", api_key: up-cohere-key}
  - {slug: up-ollama, name: Up Ollama, protocol: ollama.chat, base_url: "UPSTREAM/ollama", api_key: up-ollama-key}
models:
  - slug: e2e/cohere
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: up-cohere, upstream_model: command-a-03-2025, price: {prompt: "1", completion: "2"}}
  - slug: e2e/ollama
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: up-ollama, upstream_model: qwen3, price: {prompt: "1", completion: "2"}}
  - slug: e2e/openai
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: up-openai, upstream_model: gpt-4o-mini, price: {prompt: "1", completion: "2", cache_read: "0.1"}}
  - slug: e2e/anthropic
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: up-anthropic, upstream_model: claude-sonnet-4-5, price: {prompt: "1", completion: "2", cache_read: "0.1"}}
  - slug: e2e/gemini
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: up-gemini, upstream_model: gemini-3-flash, price: {prompt: "1", completion: "2", cache_read: "0.1"}}
  - slug: e2e/responses
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: up-responses, upstream_model: gpt-4o-mini, price: {prompt: "1", completion: "2", cache_read: "0.1"}}
  - slug: e2e/two
    context_length: 100000
    endpoints:
      - {provider: up-openai, upstream_model: gpt-4o-mini, price: {prompt: "1", completion: "2"}}
      - {provider: up-anthropic, upstream_model: claude-sonnet-4-5, price: {prompt: "1", completion: "2"}}
`

// writeConfig writes a configuration into dir: where to listen and keep data, what a test
// adds, and the providers.
func writeConfig(dir, extra, providers string) (string, error) {
	text := "listen: 127.0.0.1:0\ndata: " + filepath.Join(dir, "data") + "\n" + extra + strings.ReplaceAll(providers, "UPSTREAM", ups.URL)
	file := filepath.Join(dir, "dragoman.yaml")
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// serve starts a gateway for one test, with more configuration, and ends it with the test.
func serve(t *testing.T, extra string) *gateway {
	t.Helper()
	return launched(t, configured(t, extra))
}

// configured is how a gateway of one test is started, again too on the same data.
func configured(t *testing.T, extra string) launch {
	t.Helper()
	dir := t.TempDir()
	file, err := writeConfig(dir, extra, providers)
	if err != nil {
		t.Fatal(err)
	}
	return launch{dir: dir, args: []string{"serve", "--config", file}}
}

// launched starts a gateway that must have ended well when the test ends.
func launched(t *testing.T, l launch) *gateway {
	t.Helper()
	g, err := start(l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.stop(); err != nil {
			t.Error(err)
		}
		g.watch.CloseClientConnections()
		g.watch.Close()
	})
	return g
}
