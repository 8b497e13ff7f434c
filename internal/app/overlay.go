package app

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

// credentials are the secrets by provider slug: from the configuration, else from the
// provider's customary environment variables.
func credentials(base *catalog.Data, cfg *config.Config) (map[string]string, error) {
	secrets := make(map[string]string)
	for i := range base.Providers {
		for _, name := range base.Providers[i].Env {
			if v := config.Env(name); v != "" {
				secrets[base.Providers[i].Slug] = v
				break
			}
		}
		row := &base.Providers[i]
		if secrets[row.Slug] != "" || configured(cfg, row.Slug) {
			continue
		}
		if v, err := config.Credential(row.Auth); err == nil && v != "" && usable(row, v) { // else nobody has asked for it
			secrets[row.Slug] = v
		}
	}
	for i := range cfg.Providers {
		p := &cfg.Providers[i]
		if p.Disabled {
			delete(secrets, p.Slug)
			continue
		}
		v, err := p.Secret()
		if err != nil {
			return nil, err
		}
		if v == "" && secrets[p.Slug] == "" {
			if v, err = config.Credential(authOf(base, p)); err != nil {
				return nil, fmt.Errorf("provider %s: %w", p.Slug, err)
			}
		}
		if v != "" {
			secrets[p.Slug] = v
		}
	}
	return secrets, nil
}

// usable reports whether a provider of the catalogue can be called with what the environment
// holds, which may be there for another program.
func usable(row *catalog.Provider, secret string) bool {
	p := *row
	p.BaseURL = p.Filled(fromEnvironment(row.BaseURL))
	_, err := provider.New(&p, secret)
	return err == nil
}

func configured(cfg *config.Config, slug string) bool {
	return slices.ContainsFunc(cfg.Providers, func(p config.Provider) bool { return p.Slug == slug })
}

// authOf is how a configured provider authenticates, as far as the environment's own
// credentials are concerned.
func authOf(base *catalog.Data, p *config.Provider) string {
	auth, platform := p.Auth, p.Platform
	for i := range base.Providers {
		if row := &base.Providers[i]; row.Slug == p.Slug {
			auth, platform = firstOf(auth, row.Auth), firstOf(platform, row.Platform)
		}
	}
	return firstOf(auth, map[string]string{catalog.Bedrock: "aws", catalog.Vertex: "google"}[platform])
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// fromEnvironment is what the environment says for the placeholders of a base URL.
func fromEnvironment(baseURL string) map[string]string {
	out := map[string]string{}
	for _, name := range (&catalog.Provider{BaseURL: baseURL}).Holes() {
		if v := config.Value(name); config.Plain(v) {
			out[name] = v
		}
	}
	return out
}

// values are what fills the placeholders of a configured provider's base URL: what the file
// says, else the environment.
func values(p *config.Provider) map[string]string {
	out := fromEnvironment(p.BaseURL)
	maps.Copy(out, p.Values)
	return out
}

// fill is the rows of the catalogue whose placeholders the environment fills.
func fill(base *catalog.Data) (o catalog.Overlay) {
	o.Origin = "environment"
	for i := range base.Providers {
		row := &base.Providers[i]
		if v := fromEnvironment(row.BaseURL); len(v) > 0 {
			o.Providers = append(o.Providers, catalog.ProviderRow{Provider: catalog.Provider{Slug: row.Slug}, Values: v})
		}
	}
	return o
}

// overlay is the configuration as the catalogue takes it. place gives each of its rows'
// path in the file, for errors.
func overlay(f *config.File, secrets map[string]string) (catalog.Overlay, places) {
	cfg := &f.Config
	o := catalog.Overlay{Origin: f.Name}
	at := places{}
	for slug := range secrets {
		o.Credentials = append(o.Credentials, slug)
	}
	slices.Sort(o.Credentials)
	for i := range cfg.Providers {
		o.Providers = append(o.Providers, providerRow(&cfg.Providers[i]))
		at.providers = append(at.providers, fmt.Sprintf("$.providers[%d].slug", i))
	}
	for i := range cfg.Models {
		m := &cfg.Models[i]
		o.Models = append(o.Models, catalog.ModelRow{Model: catalog.Model{
			Slug: m.Slug, Name: m.Name, Description: m.Description, ContextLength: m.ContextLength, MaxOutput: m.MaxOutput,
			InputModalities: m.InputModalities, OutputModalities: m.OutputModalities, SupportedParameters: m.Parameters,
			Source: catalog.Source{Name: "configuration"},
		}})
		at.models = append(at.models, fmt.Sprintf("$.models[%d].slug", i))
		for j := range m.Endpoints {
			o.Endpoints = append(o.Endpoints, endpointRow(m, &m.Endpoints[j]))
			at.endpoints = append(at.endpoints, fmt.Sprintf("$.models[%d].endpoints[%d].provider", i, j))
		}
	}
	return o, at
}

// places are the paths of an overlay's rows in the configuration file.
type places struct{ providers, models, endpoints []string }

// locate turns an error about a row into one about a line.
func (p places) locate(f *config.File, err error) error {
	row, ok := errors.AsType[*catalog.RowError](err)
	if !ok {
		return err
	}
	paths := map[string][]string{"providers": p.providers, "models": p.models, "endpoints": p.endpoints}[row.Section]
	if row.Index >= len(paths) {
		return err
	}
	return f.At(paths[row.Index], fmt.Sprintf("%s: %v", row.Row, row.Err))
}

func providerRow(p *config.Provider) catalog.ProviderRow {
	row := catalog.ProviderRow{Off: p.Disabled, Values: values(p), Provider: catalog.Provider{
		Slug: p.Slug, Name: p.Name, BaseURL: p.BaseURL, Protocol: llm.Dialect(p.Protocol), Auth: p.Auth,
		Only: p.Only, Platform: p.Platform, Region: p.Region, APIVersion: p.APIVersion,
		Quirks: p.Quirks, Headquarters: p.Headquarters, Data: dataPolicy(p.Data),
	}}
	for _, d := range p.Also {
		row.Also = append(row.Also, llm.Dialect(d))
	}
	if p.APIKey == "" && p.APIKeyEnv == "" && p.APIKeyFile == "" && p.Auth == "" && p.Platform == "" && p.BaseURL != "" {
		row.Auth = "none" // a server of one's own
	}
	return row
}

func dataPolicy(d *config.Data) catalog.DataPolicy {
	if d == nil {
		return catalog.DataPolicy{}
	}
	p := catalog.DataPolicy{Trains: catalog.TriOf(d.Trains), Retains: catalog.TriOf(d.Retains), Publishes: catalog.TriOf(d.Publishes), RetentionDays: -1,
		Source: catalog.Source{Name: "configuration"}}
	if d.RetentionDays != nil {
		p.RetentionDays = *d.RetentionDays
		if p.RetentionDays == 0 && d.Retains == nil {
			p.Retains = catalog.No
		}
	}
	if p.Retains == catalog.No {
		p.RetentionDays = 0
	}
	return p
}

// endpointRow is an endpoint under the limits that its model's entry states, where it states none.
func endpointRow(m *config.Model, e *config.Endpoint) catalog.EndpointRow {
	row := catalog.EndpointRow{
		Provider: e.Provider, Model: m.Slug, Tag: e.Tag, UpstreamModel: e.UpstreamModel,
		ContextLength: cmp.Or(e.ContextLength, m.ContextLength), MaxOutput: cmp.Or(e.MaxOutput, m.MaxOutput), Quantization: e.Quantization,
		Parameters: e.Parameters, InputModalities: e.InputModalities, OutputModalities: e.OutputModalities, Region: e.Region, Data: dataPolicy(e.Data), Free: e.Free,
		Source: catalog.Source{Name: "configuration"},
	}
	if e.Price != nil {
		row.Pricing = pricing(e.Price)
	}
	if r := e.Reasoning; r != nil {
		row.Reasoning = &catalog.ReasoningOptions{Effort: r.Effort, Budget: r.Budget, Efforts: r.Efforts, Adaptive: r.Adaptive, Mandatory: r.Mandatory}
	}
	return row
}

func pricing(p *config.Price) *catalog.Pricing {
	out := &catalog.Pricing{Rates: catalog.Rates{
		Prompt: money.Price(p.Prompt), Completion: money.Price(p.Completion),
		CacheRead: perToken(p.CacheRead), CacheWrite: perToken(p.CacheWrite), CacheWrite1h: perToken(p.CacheWrite1h),
		Reasoning: perToken(p.Reasoning), AudioInput: perToken(p.AudioInput), ImageInput: perToken(p.ImageInput),
		AudioOutput: perToken(p.AudioOutput), ImageOutput: perToken(p.ImageOutput),
		Image: perItem(p.Image), Request: perItem(p.Request), WebSearch: perItem(p.WebSearch),
	}}
	for _, t := range p.Tiers {
		out.Tiers = append(out.Tiers, catalog.Tier{AbovePrompt: t.AbovePrompt, Rates: catalog.Rates{
			Prompt: money.Price(t.Prompt), Completion: money.Price(t.Completion), CacheRead: perToken(t.CacheRead), CacheWrite: perToken(t.CacheWrite),
		}})
	}
	return out
}

func perToken(p *config.PerMillion) *money.Price { return (*money.Price)(p) }
func perItem(p *config.PerItem) *money.Price     { return (*money.Price)(p) }

// holes refuses a configured provider whose base URL still has a placeholder: the region or
// project that nobody has said.
func holes(f *config.File, snap *catalog.Snapshot) error {
	for i := range f.Config.Providers {
		p := &f.Config.Providers[i]
		row := snap.Provider(p.Slug)
		if p.Disabled || row == nil {
			continue
		}
		for _, name := range row.Holes() {
			return f.At(fmt.Sprintf("$.providers[%d].slug", i), fmt.Sprintf("provider %s: base URL %s needs %s; write values: {%s: …} or set the environment variable %s", p.Slug, row.BaseURL, name, name, name))
		}
	}
	return nil
}

func configPath(f *config.File, slug string) string {
	for i := range f.Config.Providers {
		if f.Config.Providers[i].Slug == slug {
			return fmt.Sprintf("$.providers[%d].slug", i)
		}
	}
	return "$"
}
