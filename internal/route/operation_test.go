package route_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// A model does what its output says and what its provider speaks, and is only priced when
// that work is.
func TestOperationDecidesWhoQualifies(t *testing.T) {
	each := money.Price(1)
	for _, c := range []struct {
		name   string
		output []string
		also   []llm.Dialect
		from   llm.Dialect
		rates  catalog.Rates
		want   route.Reason
	}{
		{"chat of a chat model", []string{"text"}, nil, llm.OpenAIChat, catalog.Rates{Prompt: 1}, ""},
		{"chat of a model that says nothing", nil, nil, llm.OpenAIChat, catalog.Rates{Prompt: 1}, ""},
		{"counting of a chat model", []string{"text"}, nil, llm.AnthropicCount, catalog.Rates{Prompt: 1}, ""},
		{"chat of an embedding model", []string{"embeddings"}, []llm.Dialect{llm.OpenAIEmbeddings}, llm.OpenAIChat, catalog.Rates{Prompt: 1}, route.Operation},
		{"embeddings of a chat model", []string{"text"}, []llm.Dialect{llm.OpenAIEmbeddings}, llm.OpenAIEmbeddings, catalog.Rates{Prompt: 1}, route.Operation},
		{"embeddings", []string{"embeddings"}, []llm.Dialect{llm.OpenAIEmbeddings}, llm.GeminiEmbed, catalog.Rates{Prompt: 1}, ""},
		{"embeddings at a provider that has none", []string{"embeddings"}, nil, llm.OpenAIEmbeddings, catalog.Rates{Prompt: 1}, route.Operation},
		{"embeddings at the price of an answer", []string{"embeddings"}, []llm.Dialect{llm.OpenAIEmbeddings}, llm.OpenAIEmbeddings, catalog.Rates{Completion: 1}, route.Unpriced},
		{"rerank by search", []string{"rerank"}, []llm.Dialect{llm.CohereRerank}, llm.CohereRerank, catalog.Rates{Search: &each}, ""},
		{"rerank without a price", []string{"rerank"}, []llm.Dialect{llm.CohereRerank}, llm.CohereRerank, catalog.Rates{Character: &each}, route.Unpriced},
		{"speech by character", []string{"speech"}, []llm.Dialect{llm.OpenAISpeech}, llm.OpenAISpeech, catalog.Rates{Character: &each}, ""},
		{"transcription by second", []string{"transcription"}, []llm.Dialect{llm.OpenAITranscriptions}, llm.OpenAITranscriptions, catalog.Rates{AudioSecond: &each}, ""},
		{"images at the price of a prompt", []string{"image"}, []llm.Dialect{llm.OpenAIImages}, llm.OpenAIImages, catalog.Rates{Prompt: 1}, route.Unpriced},
		{"images by image", []string{"image"}, []llm.Dialect{llm.OpenAIImages}, llm.OpenAIImages, catalog.Rates{OutputImage: &each}, ""},
		{"chat of a model that only draws", []string{"image"}, nil, llm.OpenAIChat, catalog.Rates{OutputImage: &each}, route.Operation},
		{"chat of a model that draws and writes", []string{"image", "text"}, nil, llm.OpenAIChat, catalog.Rates{Prompt: 1}, ""},
	} {
		m := &catalog.Model{Slug: "x/y", OutputModalities: c.output}
		e := endpoint(m, "alpha", 0, func(e *catalog.Endpoint) { e.Pricing.Rates = c.rates; e.Provider.Also = c.also })
		in := input(e)
		in.Request = &llm.Request{From: c.from}
		p, err := route.New(in)
		if c.want == "" {
			if err != nil || len(p.Steps) != 1 {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err == nil || len(p.Dropped) != 1 || p.Dropped[0].Reason != c.want {
			t.Errorf("%s: %v, %+v; want %s", c.name, err, p.Dropped, c.want)
		}
		if f := fault.As(err); c.want == route.Unpriced && f.Kind != fault.Unpriced {
			t.Errorf("%s: kind %v, want unpriced", c.name, f.Kind)
		}
	}
}
