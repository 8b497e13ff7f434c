package sqlite

import (
	"context"
	"database/sql"
	"errors"
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
	n, err := s.find(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find generation %q: %w", id, err)
	}
	return scanRecord(s.read.QueryRowContext(ctx, `SELECT `+recordColumns+` FROM generations WHERE n = ?`, n).Scan)
}

func (s *Store) find(ctx context.Context, name string) (int64, error) {
	named := s.writer.named.Load()
	var n sql.NullInt64
	if err := s.read.QueryRowContext(ctx, findUnnamed, name, named).Scan(&n); err != nil {
		return 0, err
	}
	if n.Valid {
		return n.Int64, nil
	}
	var found int64
	err := s.read.QueryRowContext(ctx, findName, name, named>>bucketBits).Scan(&found)
	if errors.Is(err, errNoRows) {
		return 0, errNotFound
	}
	return found, err
}
