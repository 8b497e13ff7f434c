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
	Slug    string
	Name    string
	Base    *url.URL
	Adapter dialect.Adapter

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
	adapter, err := adapterFor(row)
	if err != nil {
		return nil, err
	}
	p := &Provider{Slug: row.Slug, Name: row.Name, Base: base, Adapter: adapter}
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

func adapterFor(row *catalog.Provider) (dialect.Adapter, error) {
	switch row.Protocol {
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
	return nil, fmt.Errorf("provider %s: protocol %q is none of %s, %s, %s", row.Slug, row.Protocol, llm.OpenAIChat, llm.Anthropic, llm.Gemini)
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
