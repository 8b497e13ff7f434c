package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// mostCached is how many facets are kept in memory; others are read when they are met.
const mostCached = 1 << 16

// facets are those of the database, which never change. It is for queries; the writer has
// its own.
type facets struct {
	mu    sync.RWMutex
	known map[int64]*analytics.Facet
	last  int64 // those up to this id are known, unless there are too many
}

const readFacets = `SELECT id, ` + facetColumns + ` FROM facets WHERE `

// load makes those known that are new.
func (f *facets) load(ctx context.Context, c conn) error {
	s, err := c.prepare(readFacets + `id > ? ORDER BY id LIMIT ?`)
	if err != nil {
		return err
	}
	defer s.stmt.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	return s.eachOf(ctx, func(v []driver.Value) error {
		f.last = v[0].(int64)
		f.known[f.last] = facetFrom(v[1:])
		return nil
	}, f.last, int64(mostCached-len(f.known)))
}

func (f *facets) get(ctx context.Context, c conn, id int64) (*analytics.Facet, error) {
	f.mu.RLock()
	x := f.known[id]
	f.mu.RUnlock()
	if x != nil {
		return x, nil
	}
	s, err := c.prepare(readFacets + `id = ?`)
	if err != nil {
		return nil, err
	}
	defer s.stmt.Close()
	err = s.eachOf(ctx, func(v []driver.Value) error { x = facetFrom(v[1:]); return nil }, id)
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
