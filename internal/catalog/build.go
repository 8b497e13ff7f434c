package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Build lays overlays over a catalogue. Neither is changed. An error about an overlay is
// a *RowError; the first one ends the build.
func Build(base *Data, overlays ...Overlay) (*Snapshot, error) {
	revision, err := revise(base.Revision, overlays)
	if err != nil {
		return nil, err
	}
	b := newBuilder(base)
	for i := range overlays {
		if err := b.identities(&overlays[i]); err != nil {
			return nil, err
		}
	}
	b.open(base)
	for i := range overlays {
		if err := b.endpointRows(&overlays[i]); err != nil {
			return nil, err
		}
	}
	return b.snapshot(revision, base.Aliases), nil
}

// revise is the revision of base under overlays. They are hashed as JSON, whose map keys
// are sorted, so that the same configuration has the same revision after a restart.
func revise(base string, overlays []Overlay) (string, error) {
	if len(overlays) == 0 {
		return base, nil
	}
	text, err := json.Marshal(overlays)
	if err != nil {
		return "", fmt.Errorf("hash overlays: %w", err)
	}
	h := sha256.New()
	h.Write([]byte(base))
	h.Write(text)
	return shortHash(h.Sum(nil)), nil
}

// builder holds a catalogue that is still being changed. Rows that no overlay touches are
// shared with the base.
type builder struct {
	providers map[string]*Provider
	models    map[string]*Model
	endpoints map[string]*Endpoint // by ID
	gone      map[string]bool      // models switched off
	off       map[string]bool      // providers switched off
	free      map[string]bool      // providers whose unpriced endpoints cost nothing
	keys      map[string]bool      // providers we have a credential for
}

func newBuilder(base *Data) *builder {
	return &builder{
		providers: index(base.Providers, func(p *Provider) string { return p.Slug }),
		models:    index(base.Models, func(m *Model) string { return m.Slug }),
		gone:      make(map[string]bool),
		off:       make(map[string]bool),
		free:      make(map[string]bool),
		keys:      make(map[string]bool),
	}
}

// identities lays an overlay's providers, models and credentials: what endpoints refer to.
func (b *builder) identities(o *Overlay) error {
	for i := range o.Providers {
		if err := b.provider(&o.Providers[i]); err != nil {
			return &RowError{o.Origin, "providers", i, o.Providers[i].Slug, err}
		}
	}
	for i := range o.Models {
		if err := b.model(&o.Models[i]); err != nil {
			return &RowError{o.Origin, "models", i, o.Models[i].Slug, err}
		}
	}
	for i, slug := range o.Credentials {
		if b.providers[slug] == nil {
			return &RowError{o.Origin, "credentials", i, slug, errNoProvider}
		}
		b.keys[slug] = true
	}
	return nil
}

var (
	errNoSlug     = errors.New("a slug is needed")
	errNoProvider = errors.New("no such provider; add it under providers with base_url and protocol")
)

func (b *builder) provider(r *ProviderRow) error {
	if r.Slug == "" {
		return errNoSlug
	}
	var old Provider
	if p := b.providers[r.Slug]; p != nil {
		old = *p
	}
	p := r.lay(old)
	if err := p.check(); err != nil {
		return err
	}
	b.providers[r.Slug] = &p
	b.off[r.Slug] = b.off[r.Slug] || r.Off
	b.free[r.Slug] = b.free[r.Slug] || r.Free
	return nil
}

func (b *builder) model(r *ModelRow) error {
	if _, _, ok := cutSlug(r.Slug); r.Slug == "" || !ok {
		return errNoSlug
	}
	var old Model
	if m := b.models[r.Slug]; m != nil {
		if r.IfMissing {
			return nil
		}
		old = *m
	}
	m := r.lay(old)
	b.models[r.Slug] = &m
	b.gone[r.Slug] = b.gone[r.Slug] || r.Off
	return nil
}

// open copies the base's endpoints and points them at the models and providers as they
// are now.
func (b *builder) open(base *Data) {
	copies := slices.Clone(base.Endpoints)
	b.endpoints = make(map[string]*Endpoint, len(copies)+len(copies)/4)
	for i := range copies {
		e := &copies[i]
		old := e.Provider
		e.Model, e.Provider = b.models[e.Model.Slug], b.providers[e.Provider.Slug]
		if e.Provider != old && e.Data == old.Data {
			e.Data = e.Provider.Data // it had none of its own
		}
		b.endpoints[e.ID] = e
	}
}

func (b *builder) endpointRows(o *Overlay) error {
	for i := range o.Endpoints {
		r := &o.Endpoints[i]
		if o.Lenient && b.outlived(r) {
			continue
		}
		if err := b.endpoint(r); err != nil {
			return &RowError{o.Origin, "endpoints", i, r.ID(), err}
		}
	}
	return nil
}

// outlived is whether the catalogue has moved on from what a kept row is about.
func (b *builder) outlived(r *EndpointRow) bool {
	if b.providers[r.Provider] == nil || b.models[r.Model] == nil {
		return true
	}
	e := b.endpoints[r.ID()]
	return e != nil && r.Source.AsOf != "" && e.Source.AsOf > r.Source.AsOf
}

func (b *builder) endpoint(r *EndpointRow) error {
	if r.Off {
		delete(b.endpoints, r.ID())
		return nil
	}
	if r.Tag != "" && r.Tag != r.Provider && !strings.HasPrefix(r.Tag, r.Provider+"/") {
		return fmt.Errorf("tag %q must begin with %q", r.Tag, r.Provider+"/")
	}
	e := b.endpoints[r.ID()]
	if e == nil {
		var err error
		if e, err = b.added(r); err != nil {
			return err
		}
	}
	r.lay(e)
	if err := e.complete(); err != nil {
		return err
	}
	if err := e.Pricing.check(); err != nil {
		return err
	}
	b.endpoints[e.ID] = e
	return nil
}

// added is a new endpoint, before the row is laid over it.
func (b *builder) added(r *EndpointRow) (*Endpoint, error) {
	e := &Endpoint{Provider: b.providers[r.Provider], Model: b.models[r.Model]}
	if e.Provider == nil {
		return nil, errNoProvider
	}
	if e.Model == nil {
		return nil, fmt.Errorf("no model %q; add it under models", r.Model)
	}
	e.UpstreamModel = e.Model.Slug
	if _, name, ok := cutSlug(e.Model.Slug); ok && e.Provider.Kind != "aggregator" {
		e.UpstreamModel = name
	}
	e.Unpriced = "no price is configured"
	return e, nil
}

// snapshot closes the builder.
func (b *builder) snapshot(revision string, aliases []Alias) *Snapshot {
	s := &Snapshot{revision: revision, providers: b.providers, endpoints: b.endpoints}
	s.all = make([]*Endpoint, 0, len(b.endpoints))
	for id, e := range b.endpoints {
		if b.gone[e.Model.Slug] {
			delete(b.endpoints, id)
			continue
		}
		if e.Pricing == nil && b.free[e.Provider.Slug] {
			e.Pricing, e.Unpriced = &Pricing{Free: true}, ""
		}
		e.Live, e.Needs = b.ready(e.Provider)
		s.all = append(s.all, e)
	}
	for slug, gone := range b.gone {
		if gone {
			delete(b.models, slug)
		}
	}
	s.models = b.models
	s.arrange(aliases)
	return s
}

// ready is whether the operator can call a provider, and otherwise what is missing.
func (b *builder) ready(p *Provider) (live bool, needs string) {
	switch hole := firstHole(p.BaseURL); {
	case b.off[p.Slug]:
		return false, "provider " + p.Slug + " switched on"
	case p.BaseURL == "":
		return false, "base_url of provider " + p.Slug
	case hole != "":
		return false, hole
	case p.Auth == "none" || b.keys[p.Slug]:
		return true, ""
	case p.Auth == "google":
		return false, "GOOGLE_APPLICATION_CREDENTIALS"
	case p.Auth == "aws":
		return false, "AWS_ACCESS_KEY_ID"
	case len(p.Env) > 0:
		return false, p.Env[0]
	}
	return false, "credential of provider " + p.Slug
}

// byID orders endpoints within a model.
func byID(a, b *Endpoint) int {
	return cmp.Or(strings.Compare(a.Model.Slug, b.Model.Slug), strings.Compare(a.ID, b.ID))
}
