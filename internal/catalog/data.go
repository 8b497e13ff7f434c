package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// Data is a catalogue before configuration: the rows that Build starts from. Its
// endpoints point into its own models and providers. Treat it as immutable.
type Data struct {
	Providers []Provider
	Models    []Model
	Endpoints []Endpoint
	Aliases   []Alias
	Revision  string // hash of the files it was read from
}

// Alias is one more name for a model: a dated upstream name, or "~author/family-latest".
type Alias struct {
	Name  string
	Model string // slug
}

// Files are the texts of a catalogue: each holds one JSON object per line, in the format
// of docs/catalog.md.
type Files struct {
	Providers, Models, Endpoints, Aliases string
}

// Read parses a catalogue. It keeps the texts alive, since the rows share their strings.
// The error names file, line and field.
func Read(f Files) (*Data, error) {
	d := &Data{Revision: f.revision()}
	r := newRow()
	var err error
	if d.Providers, err = readRows(r, "providers", f.Providers, (*row).provider); err != nil {
		return nil, err
	}
	if d.Models, err = readRows(r, "models", f.Models, (*row).model); err != nil {
		return nil, err
	}
	r.providers = index(d.Providers, func(p *Provider) string { return p.Slug })
	r.models = index(d.Models, func(m *Model) string { return m.Slug })
	if len(r.providers) != len(d.Providers) || len(r.models) != len(d.Models) {
		return nil, errors.New("providers, models: two rows have the same slug")
	}
	if d.Endpoints, err = readRows(r, "endpoints", f.Endpoints, (*row).endpoint); err != nil {
		return nil, err
	}
	for i := range d.Endpoints {
		if err := d.Endpoints[i].complete(); err != nil {
			return nil, fmt.Errorf("endpoints line %d: %w", i+1, err)
		}
	}
	d.Aliases, err = readRows(r, "aliases", f.Aliases, (*row).alias)
	return d, err
}

// revision is a hash of the texts, taken through a small buffer instead of a copy.
func (f Files) revision() string {
	h := sha256.New()
	var buf [8 << 10]byte
	for _, text := range []string{f.Providers, f.Models, f.Endpoints, f.Aliases} {
		for len(text) > 0 {
			n := copy(buf[:], text)
			h.Write(buf[:n])
			text = text[n:]
		}
	}
	return shortHash(h.Sum(nil))
}

// shortHash is what people can read out to each other: 48 bits in hexadecimal.
func shortHash(sum []byte) string { return hex.EncodeToString(sum[:6]) }

// index is the rows of a slice by slug, each pointing into the slice.
func index[T any](rows []T, slug func(*T) string) map[string]*T {
	m := make(map[string]*T, len(rows))
	for i := range rows {
		m[slug(&rows[i])] = &rows[i]
	}
	return m
}

// complete fills in what follows from an endpoint's model and provider.
func (e *Endpoint) complete() error {
	if e.Provider == nil || e.Model == nil {
		return errors.New("an endpoint needs a provider and a model")
	}
	if e.Tag == "" {
		e.Tag = e.Provider.Slug
	}
	e.ID = e.Tag + "/" + e.Model.Slug
	e.Data = e.Data.over(e.Provider.Data)
	if e.InputModalities == nil {
		e.InputModalities = e.Model.InputModalities
	}
	if e.OutputModalities == nil {
		e.OutputModalities = e.Model.OutputModalities
	}
	return nil
}

// over is p where it knows something, and base where it does not.
func (p DataPolicy) over(base DataPolicy) DataPolicy {
	if p == (DataPolicy{}) {
		return base
	}
	if p.Trains == Unknown {
		p.Trains = base.Trains
	}
	if p.Retains == Unknown {
		p.Retains, p.RetentionDays = base.Retains, base.RetentionDays
	}
	if p.Publishes == Unknown {
		p.Publishes = base.Publishes
	}
	if p.Source == (Source{}) {
		p.Source = base.Source
	}
	return p
}
