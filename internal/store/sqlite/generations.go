package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

var (
	errNotFound = store.ErrNotFound
	errNoRows   = sql.ErrNoRows
)

// Generation finds a record by its id or by the upstream's; the newest where an upstream
// used one twice.
func (s *Store) Generation(ctx context.Context, id string) (*generation.Record, error) {
	if id == "" {
		return nil, errNotFound
	}
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	n, err := s.find(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find generation %q: %w", id, err)
	}
	return scanRecord(s.read.QueryRowContext(ctx, `SELECT `+recordColumns+` FROM generations WHERE n = ?`, n).Scan)
}
