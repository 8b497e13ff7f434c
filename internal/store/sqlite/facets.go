package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// mostCached is how many facets are kept in memory, at some 200 bytes each; others are read when
// they are met.
const mostCached = 1 << 18

// facets are those of the database, which never change. It is for queries; the writer has
// its own.
type facets struct {
	mu    sync.Mutex
	known []*analytics.Facet // by id
	names map[string]string  // what facets have, each once
}

const readFacets = `SELECT id, ` + facetColumns + ` FROM facets WHERE `

// load makes those known that are new, and returns all that are known, by id.
func (f *facets) load(ctx context.Context, c conn) ([]*analytics.Facet, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := c.query(ctx, readFacets+`id >= ? AND id < ? ORDER BY id`, func(v []driver.Value) error {
		for id := integer(v[0]); int64(len(f.known)) < id; {
			f.known = append(f.known, nil)
		}
		x := facetFrom(v[1:])
		for _, s := range [...]*string{&x.Workspace, &x.Member, &x.Key, &x.Model, &x.Provider, &x.Endpoint, &x.App, &x.Origin, &x.API, (*string)(&x.Outcome)} {
			*s = f.once(*s)
		}
		f.known = append(f.known, x)
		return nil
	}, int64(len(f.known)), int64(mostCached))
	return f.known, err
}

func (s *Store) loadFacets(ctx context.Context) error {
	pooled, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer pooled.Close()
	return pooled.Raw(func(d any) error {
		_, err := s.facets.load(ctx, conn{Conn: d.(driver.Conn)})
		return err
	})
}

func (f *facets) once(s string) string {
	if known, ok := f.names[s]; ok {
		return known
	}
	f.names[s] = s
	return s
}

// readFacet reads one that is not known.
func readFacet(ctx context.Context, c conn, id int64) (x *analytics.Facet, err error) {
	err = c.query(ctx, readFacets+`id = ?`, func(v []driver.Value) error { x = facetFrom(v[1:]); return nil }, id)
	if err == nil && x == nil {
		err = fmt.Errorf("facet %d is missing; an audit says what is wrong", id)
	}
	return x, err
}

// facetFrom is the reverse of facetColumns.
func facetFrom(v []driver.Value) *analytics.Facet {
	byok, _ := v[10].(int64)
	return &analytics.Facet{
		Workspace: text(v[0]), Member: text(v[1]), Key: text(v[2]), Model: text(v[3]), Provider: text(v[4]), Endpoint: text(v[5]),
		App: text(v[6]), Origin: text(v[7]), API: text(v[8]), Outcome: generation.Outcome(text(v[9])), BYOK: byok != 0,
	}
}

func text(v driver.Value) string { s, _ := v.(string); return s }
