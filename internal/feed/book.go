package feed

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

// FileName is the price book's name in the data directory.
const FileName = "prices.json"

// bookVersion is the format written; a newer one is refused.
const bookVersion = 1

// Book is the price book: what was accepted from price lists, each price with the moment
// from which it holds. Prices are only ever appended. It is not safe for concurrent use.
type Book struct {
	Version   int             `json:"version"`
	Models    []BookModel     `json:"models,omitempty"` // that the embedded catalogue lacks
	Endpoints []*BookEndpoint `json:"endpoints"`
}

// BookModel is a model that came from a price list.
type BookModel struct {
	Slug          string         `json:"slug"`
	Name          string         `json:"name,omitempty"`
	ContextLength int64          `json:"context_length,omitempty"`
	MaxOutput     int64          `json:"max_output,omitempty"`
	Input         []string       `json:"input,omitempty"`
	Output        []string       `json:"output,omitempty"`
	Source        catalog.Source `json:"source"`
}

// BookEndpoint is an endpoint whose price changed, or that came from a price list.
type BookEndpoint struct {
	Provider      string       `json:"provider"`
	Model         string       `json:"model"`
	Tag           string       `json:"tag,omitempty"`
	UpstreamModel string       `json:"upstream_model,omitempty"`
	ContextLength int64        `json:"context_length,omitempty"`
	MaxOutput     int64        `json:"max_output,omitempty"`
	Prices        []PricePoint `json:"prices"` // ascending by From
}

// PricePoint is a price list from a moment on.
type PricePoint struct {
	From     time.Time      `json:"from,omitzero"` // the zero time: since ever
	Price    *Price         `json:"price,omitempty"`
	Unpriced string         `json:"unpriced,omitempty"` // why there is no price
	Source   catalog.Source `json:"source"`
}

// Open reads the price book of a data directory. One that is not there is empty.
func Open(dir string) (*Book, error) {
	path := filepath.Join(dir, FileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Book{Version: bookVersion}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read price book: %w", err)
	}
	b := new(Book)
	if err := json.Unmarshal(text, b); err != nil {
		return nil, fmt.Errorf("price book %s: %w", path, err)
	}
	if b.Version != bookVersion {
		return nil, fmt.Errorf("price book %s has version %d, this program reads version %d", path, b.Version, bookVersion)
	}
	for _, e := range b.Endpoints {
		if len(e.Prices) == 0 || !slices.IsSortedFunc(e.Prices, byFrom) {
			return nil, fmt.Errorf("price book %s: the prices of %s are missing or not in order of time", path, e.id())
		}
	}
	return b, nil
}

// Load is the overlay of a data directory's price book for a moment, nil when there is
// no book.
func Load(dir string, at time.Time) (*catalog.Overlay, error) {
	b, err := Open(dir)
	if err != nil || len(b.Endpoints) == 0 {
		return nil, err
	}
	return b.Overlay(at), nil
}

// Apply enters the changes that are not refused, or accepted all the same, into the price
// book of a data directory, from a moment on, and returns how many they were.
func Apply(dir string, changes []Change, from time.Time) (int, error) {
	b, n, err := Prepare(dir, changes, from)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, b.Save(dir)
}

// Prepare is the price book of a data directory with those changes, and how many they are. It
// is not written yet.
func Prepare(dir string, changes []Change, from time.Time) (b *Book, n int, err error) {
	if b, err = Open(dir); err != nil {
		return nil, 0, err
	}
	for i := range changes {
		c := &changes[i]
		if !c.Applies() {
			continue
		}
		if err := b.enter(c, from.UTC()); err != nil {
			return nil, 0, err
		}
		n++
	}
	return b, n, nil
}

// enter appends one change.
func (b *Book) enter(c *Change, from time.Time) error {
	e := b.find(c)
	next := PricePoint{From: from, Price: priceOf(c.New), Source: c.Offer.Source}
	if c.Kind == Removed {
		next.Unpriced = "no longer listed by its source"
	}
	if len(e.Prices) == 0 && c.Kind != Added {
		old := PricePoint{Price: priceOf(c.Old), Source: c.OldFrom}
		if c.Old == nil {
			old.Unpriced = "no price was known"
		}
		e.Prices = append(e.Prices, old)
	}
	if n := len(e.Prices); n > 0 && !from.After(e.Prices[n-1].From) {
		return fmt.Errorf("price of %s: it has one from %s on already, which a new one from %s cannot rewrite", e.id(), e.Prices[n-1].From.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	e.Prices = append(e.Prices, next)
	return nil
}

// find is the book's row for a change, made if there is none.
func (b *Book) find(c *Change) *BookEndpoint {
	for _, e := range b.Endpoints {
		if e.id() == c.Endpoint {
			return e
		}
	}
	e := &BookEndpoint{Provider: c.Provider, Model: c.Model}
	if tag := strings.TrimSuffix(c.Endpoint, "/"+c.Model); tag != c.Provider {
		e.Tag = tag
	}
	if o := &c.Offer; c.Kind == Added {
		e.UpstreamModel, e.ContextLength, e.MaxOutput = o.UpstreamModel, o.ContextLength, o.MaxOutput
		b.model(c.Model, o)
	}
	b.Endpoints = append(b.Endpoints, e)
	slices.SortFunc(b.Endpoints, func(x, y *BookEndpoint) int { return strings.Compare(x.id(), y.id()) })
	return e
}

// model notes what is known of the model of an added endpoint, for the case that the
// catalogue has no such model.
func (b *Book) model(slug string, o *Offer) {
	if slices.ContainsFunc(b.Models, func(m BookModel) bool { return m.Slug == slug }) {
		return
	}
	b.Models = append(b.Models, BookModel{
		Slug: slug, Name: o.Name, ContextLength: o.ContextLength, MaxOutput: o.MaxOutput,
		Input: o.Input, Output: o.Output, Source: o.Source,
	})
}

func (e *BookEndpoint) id() string {
	if e.Tag != "" {
		return e.Tag + "/" + e.Model
	}
	return e.Provider + "/" + e.Model
}

func byFrom(a, b PricePoint) int { return a.From.Compare(b.From) }

// A Step is a price of the book that took another one's place.
type Step struct {
	Endpoint, Provider, Model string
	Before                    *PricePoint // nil: an endpoint that was added
	PricePoint
}

// History is every price since the first, the newest first.
func (b *Book) History() (steps []Step) {
	for _, e := range b.Endpoints {
		for i := range e.Prices {
			if e.Prices[i].From.IsZero() {
				continue // what was before the book
			}
			s := Step{Endpoint: e.id(), Provider: e.Provider, Model: e.Model, PricePoint: e.Prices[i]}
			if i > 0 {
				s.Before = &e.Prices[i-1]
			}
			steps = append(steps, s)
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Or(b.From.Compare(a.From), strings.Compare(a.Endpoint, b.Endpoint)) })
	return steps
}

// At is the price point of an endpoint that held at a moment; nil when the book does not
// know, and the embedded catalogue's price held.
func (b *Book) At(endpoint string, at time.Time) *PricePoint {
	for _, e := range b.Endpoints {
		if e.id() == endpoint {
			return e.at(at)
		}
	}
	return nil
}

func (e *BookEndpoint) at(at time.Time) *PricePoint {
	var p *PricePoint
	for i := range e.Prices {
		if !e.Prices[i].From.After(at) {
			p = &e.Prices[i]
		}
	}
	return p
}

// Overlay is the book as of a moment. It is lenient: rows that the catalogue has lost, or
// that it has newer facts about, are passed over.
func (b *Book) Overlay(at time.Time) *catalog.Overlay {
	o := &catalog.Overlay{Origin: FileName, Lenient: true}
	for _, m := range b.Models {
		o.Models = append(o.Models, catalog.ModelRow{IfMissing: true, Model: catalog.Model{
			Slug: m.Slug, Name: m.Name, ContextLength: m.ContextLength, MaxOutput: m.MaxOutput,
			InputModalities: m.Input, OutputModalities: m.Output, Source: m.Source,
		}})
	}
	for _, e := range b.Endpoints {
		p := e.at(at)
		if p == nil {
			continue
		}
		o.Endpoints = append(o.Endpoints, catalog.EndpointRow{
			Provider: e.Provider, Model: e.Model, Tag: e.Tag, UpstreamModel: e.UpstreamModel,
			ContextLength: e.ContextLength, MaxOutput: e.MaxOutput,
			Pricing: p.Price.Pricing(), Unpriced: p.Unpriced, Source: p.Source,
		})
	}
	return o
}

// Save replaces the file as a whole, so that a crash leaves the old book or the new one.
func (b *Book) Save(dir string) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("write price book: %w", err)
	}
	f, err := os.CreateTemp(dir, FileName+".*")
	if err != nil {
		return fmt.Errorf("write price book: %w", err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write price book: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, FileName)); err != nil {
		return fmt.Errorf("write price book: %w", err)
	}
	return nil
}
