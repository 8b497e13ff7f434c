// Package provider is the table of companies we can call: a row for each, never a type.
// A row joins a base URL, a way to authenticate, the adapter of a dialect, the platform that
// it is spoken on, and named, sourced quirks. Start with New.
package provider

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/bedrock"
	"github.com/dragoman-gateway/dragoman/internal/dialect/cohere"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/ollama"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaitext"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Provider is a company ready to be called with one credential.
type Provider struct {
	Slug string
	Name string
	Base *url.URL

	adapters []spoken          // the one its models are called in first
	signer   signer            // nil none
	hidden   *strings.Replacer // takes the credential out of texts; nil none
}

// New joins a catalogue row with the operator's credential. The error names what is wrong
// with the row.
func New(row *catalog.Provider, secret string) (*Provider, error) {
	base, err := url.Parse(strings.TrimRight(row.BaseURL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("provider %s: base URL %q must be an http or https URL", row.Slug, row.BaseURL)
	}
	if strings.ContainsAny(row.BaseURL, "{}") {
		return nil, fmt.Errorf("provider %s: base URL %q has a placeholder; give it by values in the configuration, by its environment variable, or set base_url", row.Slug, row.BaseURL)
	}
	if row.Platform == catalog.Vertex { // the location "global" is at the host without one
		base.Host = strings.TrimPrefix(base.Host, "global-")
	}
	p := &Provider{Slug: row.Slug, Name: row.Name, Base: base, hidden: hiding(secret)}
	for _, d := range spokenBy(row) {
		adapter, err := adapterFor(row, d)
		if err != nil {
			return nil, err
		}
		on, err := onPlatform(row, base, d, adapter)
		if err != nil {
			return nil, err
		}
		p.adapters = append(p.adapters, on)
	}
	p.signer, err = signerFor(row, base, secret)
	return p, err
}

// Adapter is how to call one of the provider's models, by its name there, for a client that
// speaks a dialect: in that dialect where the provider speaks it with the model, else in
// its first one of the same operation. A model of no name is any. It is nil when the
// provider has none.
func (p *Provider) Adapter(from llm.Dialect, model string) dialect.Adapter {
	var other dialect.Adapter
	for i := range p.adapters {
		a := &p.adapters[i]
		if !a.does(model) {
			continue
		}
		switch d := a.Dialect(); {
		case d == from:
			return a.Adapter
		case other == nil && d.Operation() == from.Operation():
			other = a.Adapter
		}
	}
	return other
}

// spokenBy is the dialects of a row, with the counts that come with generating.
func spokenBy(row *catalog.Provider) []llm.Dialect {
	list := append([]llm.Dialect{row.Protocol}, row.Also...)
	if slices.Contains(list, llm.Anthropic) {
		list = append(list, llm.AnthropicCount)
	}
	if slices.Contains(list, llm.Gemini) {
		list = append(list, llm.GeminiCount)
	}
	return list
}

func adapterFor(row *catalog.Provider, d llm.Dialect) (dialect.Adapter, error) {
	switch d {
	case llm.OpenAIChat, "":
		q, err := quirks(row.Slug, row.Quirks)
		if err != nil {
			return nil, err
		}
		return &openaichat.Adapter{Quirks: q}, nil
	case llm.OpenAIResponses:
		return &responses.Adapter{Format: reasoningFormats[row.Slug]}, nil
	case llm.OpenAIText:
		q, err := quirks(row.Slug, row.Quirks)
		return &openaitext.Adapter{Strict: q.Strict}, err
	case llm.Anthropic:
		return &anthropic.Adapter{}, nil
	case llm.AnthropicCount:
		return &anthropic.CountAdapter{}, nil
	case llm.Gemini:
		return &gemini.Adapter{}, nil
	case llm.GeminiCount:
		return &gemini.CountAdapter{}, nil
	case llm.Cohere:
		return cohere.Adapter{}, nil
	case llm.Ollama:
		return ollama.Adapter{}, nil
	case llm.Converse:
		return bedrock.Converse{}, nil
	}
	if a := operation(row.Slug, d); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("provider %s: protocol %q is none of %s", row.Slug, d, llm.Names(llm.Upstreams))
}

// reasoningFormats are those of encrypted reasoning that is not OpenAI's (reference §4.7).
var reasoningFormats = map[string]string{"xai": llm.FormatXAI}

// canonical is the header key as net/http spells it, without importing it for that.
func canonical(h string) string {
	parts := strings.Split(strings.ToLower(h), "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}
