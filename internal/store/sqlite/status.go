package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/dragoman-gateway/dragoman/internal/store"
)

// Status is how the database is now.
func (s *Store) Status(context.Context) (store.Status, error) {
	out := store.Status{Kind: "sqlite", Schema: schemaVersion}
	for _, f := range []struct {
		suffix string
		into   *int64
	}{{"", &out.Bytes}, {"-wal", &out.Bytes}, {journalName, &out.Journal}} {
		info, err := os.Stat(s.path + f.suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, fmt.Errorf("size of the database: %w", err)
		}
		*f.into += info.Size()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Holds, out.Failing = len(s.book.holds), s.failing
	out.Queued = s.queue.size()
	if s.flying != nil {
		out.Queued += s.flying.size()
	}
	return out, nil
}
