package catalog

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// An Overlay is what configuration or a price feed says over the catalogue. It is plain
// data; overlays are laid in order, a later one over an earlier one. In every row a zero
// field leaves what is there.
type Overlay struct {
	Origin      string   // where it comes from, for errors: "dragoman.yaml", "prices.json"
	Credentials []string // slugs of the providers that we have a credential for
	Providers   []ProviderRow
	Models      []ModelRow
	Endpoints   []EndpointRow

	// Lenient is for price lists kept from earlier: endpoint rows whose provider or model
	// is gone, or whose source is older than what the catalogue has, are passed over.
	Lenient bool
}

// ProviderRow adds a provider or changes the one with that slug.
type ProviderRow struct {
	Provider
	Values map[string]string // fills {placeholders} of the base URL
	Off    bool              // its endpoints stay visible, but are not called
	Free   bool              // its endpoints without a price cost nothing
}

// ModelRow adds a model or changes the one with that slug.
type ModelRow struct {
	Model
	IfMissing bool // only adds the model, never changes it
	Off       bool // the model and its endpoints are not in the snapshot
}

// EndpointRow adds an endpoint or changes the one with that provider, tag and model.
type EndpointRow struct {
	Provider string // slug
	Model    string // slug
	Tag      string // "" the provider's plain endpoint of the model

	UpstreamModel    string // "" for a new one: the model's name without its author
	ContextLength    int64
	MaxPrompt        int64
	MaxOutput        int64
	Quantization     string
	InputModalities  []string
	OutputModalities []string
	Parameters       []string
	Variant          string
	Region           string
	Data             DataPolicy
	Reasoning        *ReasoningOptions
	Pricing          *Pricing // replaces the whole price list
	Unpriced         string   // takes the price away and says why
	Free             bool     // costs nothing, whatever the price list says
	Private          bool
	Off              bool // the endpoint is not in the snapshot
	Source           Source
}

// ID is the Endpoint.ID that the row is about.
func (r *EndpointRow) ID() string {
	if r.Tag == "" {
		return r.Provider + "/" + r.Model
	}
	return r.Tag + "/" + r.Model
}

// RowError is a row of an overlay that cannot be laid. Configuration finds file and line
// by Section and Index.
type RowError struct {
	Origin  string
	Section string // credentials, providers, models, endpoints
	Index   int    // within the section, from 0
	Row     string // slug or endpoint ID
	Err     error
}

func (e *RowError) Error() string {
	return fmt.Sprintf("%s: %s[%d] %s: %v", e.Origin, e.Section, e.Index, e.Row, e.Err)
}

func (e *RowError) Unwrap() error { return e.Err }

// set overwrites *dst unless v is the zero value.
func set[T comparable](dst *T, v T) {
	var zero T
	if v != zero {
		*dst = v
	}
}

// setList overwrites *dst unless v is nil.
func setList[T any](dst *[]T, v []T) {
	if v != nil {
		*dst = v
	}
}

// lay is the provider p with the row over it.
func (r *ProviderRow) lay(p Provider) Provider {
	p.Slug = r.Slug
	set(&p.Name, r.Name)
	set(&p.Kind, r.Kind)
	set(&p.BaseURL, r.BaseURL)
	set(&p.Protocol, r.Protocol)
	setList(&p.Also, r.Also)
	setList(&p.Only, r.Only)
	set(&p.Platform, r.Platform)
	set(&p.Region, r.Region)
	set(&p.APIVersion, r.APIVersion)
	set(&p.Auth, r.Auth)
	setList(&p.Env, r.Env)
	setList(&p.Quirks, r.Quirks)
	set(&p.Docs, r.Docs)
	set(&p.PrivacyURL, r.PrivacyURL)
	set(&p.TermsURL, r.TermsURL)
	set(&p.StatusURL, r.StatusURL)
	set(&p.Headquarters, r.Headquarters)
	setList(&p.Datacenters, r.Datacenters)
	set(&p.Source, r.Source)
	p.Data = r.Data.over(p.Data)
	p.BaseURL = fill(p.BaseURL, r.Values)
	p.defaults()
	return p
}

// defaults are what a provider that says little about itself is taken to be.
func (p *Provider) defaults() {
	if p.Name == "" {
		p.Name = p.Slug
	}
	if p.Kind == "" {
		p.Kind = "inference"
	}
	if p.Protocol == "" {
		p.Protocol = llm.OpenAIChat
	}
	if p.Auth == "" {
		p.Auth = map[string]string{"": "bearer", Bedrock: "aws", Vertex: "google", Azure: "header:api-key"}[p.Platform]
	}
}

// lay is the model m with the row over it.
func (r *ModelRow) lay(m Model) Model {
	m.Slug = r.Slug
	set(&m.CanonicalSlug, r.CanonicalSlug)
	set(&m.Name, r.Name)
	set(&m.Author, r.Author)
	set(&m.Description, r.Description)
	set(&m.Created, r.Created)
	set(&m.ContextLength, r.ContextLength)
	set(&m.MaxOutput, r.MaxOutput)
	setList(&m.InputModalities, r.InputModalities)
	setList(&m.OutputModalities, r.OutputModalities)
	set(&m.Tokenizer, r.Tokenizer)
	set(&m.InstructType, r.InstructType)
	set(&m.HuggingFaceID, r.HuggingFaceID)
	set(&m.KnowledgeCutoff, r.KnowledgeCutoff)
	setList(&m.SupportedParameters, r.SupportedParameters)
	if r.DefaultParameters != nil {
		m.DefaultParameters = r.DefaultParameters
	}
	set(&m.Reasoning, r.Reasoning)
	set(&m.Moderated, r.Moderated)
	set(&m.OpenWeights, r.OpenWeights)
	set(&m.Expires, r.Expires)
	set(&m.Source, r.Source)
	m.defaults()
	return m
}

// defaults are what a model that says little about itself is taken to be.
func (m *Model) defaults() {
	if m.CanonicalSlug == "" {
		m.CanonicalSlug = m.Slug
	}
	if m.Name == "" {
		m.Name = m.Slug
	}
	if m.Author == "" {
		m.Author, _, _ = cutSlug(m.Slug)
	}
	if m.InputModalities == nil {
		m.InputModalities = []string{"text"}
	}
	if m.OutputModalities == nil {
		m.OutputModalities = []string{"text"}
	}
}

// lay puts the row over endpoint e, whose Model and Provider are set.
func (r *EndpointRow) lay(e *Endpoint) {
	set(&e.Tag, r.Tag)
	set(&e.UpstreamModel, r.UpstreamModel)
	set(&e.ContextLength, r.ContextLength)
	set(&e.MaxPrompt, r.MaxPrompt)
	set(&e.MaxOutput, r.MaxOutput)
	set(&e.Quantization, r.Quantization)
	setList(&e.InputModalities, r.InputModalities)
	setList(&e.OutputModalities, r.OutputModalities)
	setList(&e.Parameters, r.Parameters)
	set(&e.Variant, r.Variant)
	set(&e.Region, r.Region)
	set(&e.Private, r.Private)
	set(&e.Source, r.Source)
	if r.Reasoning != nil {
		e.Reasoning = *r.Reasoning
	}
	e.Data = r.Data.over(e.Data)
	switch {
	case r.Free:
		e.Pricing, e.Unpriced = &Pricing{Free: true}, ""
	case r.Unpriced != "":
		e.Pricing, e.Unpriced = nil, r.Unpriced
	case r.Pricing != nil:
		e.Pricing, e.Unpriced = r.Pricing, ""
	}
}
