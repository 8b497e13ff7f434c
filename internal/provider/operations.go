package provider

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/audio"
	"github.com/dragoman-gateway/dragoman/internal/dialect/embeddings"
	"github.com/dragoman-gateway/dragoman/internal/dialect/images"
	"github.com/dragoman-gateway/dragoman/internal/dialect/rerank"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// operation is the adapter of a dialect that does not generate text, with what is known of
// the company; nil for any other dialect.
func operation(slug string, d llm.Dialect) dialect.Adapter {
	switch d {
	case llm.OpenAIEmbeddings:
		return &embeddings.OpenAI{Quirks: embedding[slug]}
	case llm.GeminiEmbed:
		return &embeddings.Gemini{}
	case llm.CohereEmbed:
		return &embeddings.Cohere{}
	case llm.OllamaEmbed:
		return &embeddings.Ollama{}
	case llm.CohereRerank:
		return &rerank.Adapter{Quirks: ranking[slug]}
	case llm.OpenAISpeech:
		return &audio.SpeechAdapter{Quirks: speaking[slug]}
	case llm.OpenAITranscriptions:
		return &audio.TranscriptionsAdapter{Quirks: hearing[slug]}
	case llm.OpenAIImages:
		return &images.Adapter{Quirks: drawing[slug]}
	}
	return nil
}

// The deviations of companies, from their API references and recorded answers.
var (
	embedding = map[string]embeddings.Quirks{
		"openai":     {Strict: true},
		"mistral":    {Dimensions: "output_dimension", NoUser: true},
		"voyageai":   {Dimensions: "output_dimension", NoUser: true, NoFloat: true, ShortTypes: true},
		"perplexity": {Bytes: true, NoUser: true},
	}
	ranking = map[string]rerank.Quirks{
		"voyageai":   {Path: "/rerank", TopK: true},
		"openrouter": {Path: "/rerank", Objects: true},
	}
	speaking = map[string]audio.SpeechQuirks{
		"openai":     {Only: []string{"speed", "instructions"}},
		"groq":       {Only: []string{"speed"}},
		"mistral":    {Only: []string{}},
		"openrouter": {Cloning: true},
	}
	hearing = map[string]audio.TranscriptionQuirks{
		"groq":    {Verbose: true},
		"mistral": {NoFormat: true},
	}
	drawing = map[string]images.Quirks{
		"openrouter": {OpenRouter: true},
		"xai":        {AsksBytes: true, Ratios: true},
	}
)
