// Package provider is the table of companies we can call: a row for each, never a type.
// A row joins a base URL, a way to authenticate, the adapter of a dialect, and named,
// sourced quirks. Start with New.
package provider

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Provider is a company ready to be called with one credential.
type Provider struct {
	Slug string
	Name string
	Base *url.URL

	adapters []dialect.Adapter // the one its models are called in first

	authKey string // canonical header key, "" none
	authVal string
}

// New joins a catalogue row with the operator's credential. The error names what is wrong
// with the row.
func New(row *catalog.Provider, secret string) (*Provider, error) {
	base, err := url.Parse(strings.TrimRight(row.BaseURL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("provider %s: base URL %q must be an http or https URL", row.Slug, row.BaseURL)
	}
	if strings.ContainsAny(row.BaseURL, "{}") {
		return nil, fmt.Errorf("provider %s: base URL %q has a placeholder; set base_url in the configuration", row.Slug, row.BaseURL)
	}
	p := &Provider{Slug: row.Slug, Name: row.Name, Base: base}
	for _, d := range append([]llm.Dialect{row.Protocol}, row.Also...) {
		adapter, err := adapterFor(row, d)
		if err != nil {
			return nil, err
		}
		p.adapters = append(p.adapters, adapter)
	}
	if secret == "" {
		return p, nil
	}
	switch header, ok := strings.CutPrefix(row.Auth, "header:"); {
	case ok:
		p.authKey, p.authVal = canonical(header), secret
	case row.Auth == "none":
	case row.Auth == "" || row.Auth == "bearer":
		p.authKey, p.authVal = "Authorization", "Bearer "+secret
	default:
		return nil, fmt.Errorf("provider %s: auth %q is none of bearer, none, header:NAME", row.Slug, row.Auth)
	}
	return p, nil
}

// Authorize adds the credential to a call's headers.
func (p *Provider) Authorize(h map[string][]string) {
	if p.authKey != "" {
		h[p.authKey] = []string{p.authVal}
	}
}

// Adapter is how to call the provider for a client that speaks a dialect: in that dialect
// where the provider speaks it, else in its first one of the same operation. It is nil when
// the provider has none.
func (p *Provider) Adapter(from llm.Dialect) dialect.Adapter {
	var other dialect.Adapter
	for _, a := range p.adapters {
		switch d := a.Dialect(); {
		case d == from:
			return a
		case other == nil && d.Operation() == from.Operation():
			other = a
		}
	}
	return other
}

func adapterFor(row *catalog.Provider, d llm.Dialect) (dialect.Adapter, error) {
	switch d {
	case llm.OpenAIChat, "":
		q, err := quirks(row.Slug, row.Quirks)
		if err != nil {
			return nil, err
		}
		return &openaichat.Adapter{Quirks: q}, nil
	case llm.Anthropic:
		return &anthropic.Adapter{}, nil
	case llm.Gemini:
		return &gemini.Adapter{}, nil
	}
	return nil, fmt.Errorf("provider %s: protocol %q is none of %s", row.Slug, d, llm.Names(llm.Upstreams))
}

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
