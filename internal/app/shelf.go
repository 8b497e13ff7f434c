package app

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/feed"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/private"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

// shelf is the catalogue in force, and everything that the next one is made of. One that is
// made is put in force as a whole: no request sees half of it.
type shelf struct {
	file    *config.File
	base    *catalog.Data
	secrets map[string]string // the operator's, by provider, as configured
	mine    catalog.Overlay   // the configuration
	places  places
	demo    *demo // nil: none answer

	now atomic.Pointer[gateway.Catalogue]

	changing sync.Mutex // one change at a time; guards what follows
	made     map[string]made
}

// made is a provider, for as long as its row and its credential stay as they are: some hold
// tokens that were hard to get.
type made struct {
	row      *catalog.Provider
	secret   string
	provider *provider.Provider
}

// additions are what was added while the gateway ran, with its secrets by provider.
type additions struct {
	private.Set
	secrets map[string]string
}

// newShelf has the catalogue of the configuration. An error about that names file and line.
func newShelf(f *config.File) (*shelf, error) {
	base, err := catalog.Embedded()
	if err != nil {
		return nil, fmt.Errorf("read the embedded catalogue: %w", err)
	}
	s := &shelf{file: f, base: base}
	if s.secrets, err = credentials(base, &f.Config); err != nil {
		return nil, err
	}
	s.mine, s.places = overlay(f, s.secrets)
	first, err := s.build(nil, additions{})
	if err != nil {
		return nil, err
	}
	if err := holes(f, first.Snapshot); err != nil {
		return nil, err
	}
	s.now.Store(first)
	return s, nil
}

// add puts in force what was added before the gateway started, and the demo where nothing else
// can answer.
func (s *shelf) add(added additions) (err error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	next := s.now.Load()
	if len(added.Providers)+len(added.Endpoints) > 0 {
		if next, err = s.build(nil, added); err != nil {
			return err
		}
	}
	if s.wantsDemo(next.Snapshot) {
		if s.demo, err = startDemo(); err != nil {
			return err
		}
		if next, err = s.build(nil, added); err != nil {
			return err
		}
	}
	s.now.Store(next)
	return nil
}

// wantsDemo is what the configuration says, else whether nothing can be called.
func (s *shelf) wantsDemo(snap *catalog.Snapshot) bool {
	if d := s.file.Config.Demo; d != nil {
		return *d
	}
	return !slices.ContainsFunc(snap.AllEndpoints(), func(e *catalog.Endpoint) bool { return e.Live })
}

// build makes the catalogue: the embedded one, imported prices, the configuration, what was
// added, the demo; each over the one before. A price book of nil is the one on disk.
func (s *shelf) build(prices *feed.Book, added additions) (*gateway.Catalogue, error) {
	if prices == nil {
		var err error
		if prices, err = feed.Open(s.file.Config.Data); err != nil {
			return nil, err
		}
	}
	overlays := []catalog.Overlay{fill(s.base)}
	if len(prices.Endpoints) > 0 {
		overlays = append(overlays, *prices.Overlay(time.Now()))
	}
	overlays = append(overlays, s.mine)
	if len(added.Providers)+len(added.Endpoints) > 0 {
		o := added.Overlay()
		o.Credentials = slices.Sorted(maps.Keys(added.secrets))
		overlays = append(overlays, o)
	}
	if s.demo != nil {
		overlays = append(overlays, s.demo.overlay())
	}
	snap, err := catalog.Build(s.base, overlays...)
	if err != nil {
		return nil, s.places.locate(s.file, err)
	}
	ready, err := s.connect(snap, added.secrets)
	if err != nil {
		return nil, err
	}
	return &gateway.Catalogue{Snapshot: snap, Ready: ready}, nil
}

// connect makes every provider that has a live endpoint ready to be called.
func (s *shelf) connect(snap *catalog.Snapshot, added map[string]string) (map[string]*provider.Provider, error) {
	ready := make(map[string]*provider.Provider)
	next := make(map[string]made)
	for _, e := range snap.AllEndpoints() {
		row := e.Provider
		if !e.Live || ready[row.Slug] != nil {
			continue
		}
		m, err := s.make(row, firstOf(added[row.Slug], s.secrets[row.Slug]))
		if err != nil {
			return nil, s.file.At(configPath(s.file, row.Slug), err.Error())
		}
		ready[row.Slug], next[row.Slug] = m.provider, m
	}
	s.made = next
	return ready, nil
}

func (s *shelf) make(row *catalog.Provider, secret string) (made, error) {
	if old, ok := s.made[row.Slug]; ok && old.secret == secret && reflect.DeepEqual(old.row, row) {
		return old, nil
	}
	p, err := provider.New(row, secret)
	return made{row, secret, p}, err
}

// shipped reports whether the program's own catalogue has a provider of the slug.
func (s *shelf) shipped(slug string) bool {
	return slices.ContainsFunc(s.base.Providers, func(p catalog.Provider) bool { return p.Slug == slug })
}

// close ends the demo.
func (s *shelf) close() error {
	if s.demo == nil {
		return nil
	}
	return s.demo.close()
}
