package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

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

// Feedback is what is on disk.
func (s *Store) Feedback(ctx context.Context, account, id string) (f generation.Feedback, err error) {
	var at int64
	f.Generation, f.Account = id, account
	err = s.read.QueryRowContext(ctx, `SELECT at, actor, category, comment FROM feedback WHERE generation = ? AND account = ?`, id, account).
		Scan(&at, &f.Actor, &f.Category, &f.Comment)
	if errors.Is(err, sql.ErrNoRows) {
		return f, errNotFound
	}
	f.At = time.UnixMicro(at).UTC()
	return f, err
}
