package sqlite

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// database is a file in the test's directory.
type database struct {
	t    *testing.T
	path string
	s    *Store
}

func newDatabase(t *testing.T) *database {
	d := &database{t: t, path: filepath.Join(t.TempDir(), "a b?%.db")}
	d.s = mustOpen(t, d.path, Options{})
	t.Cleanup(func() { d.close() })
	return d
}

func mustOpen(t testing.TB, path string, o Options) *Store {
	t.Helper()
	o.Logger = quiet
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// clock is the time of a store in a test that moves it while the store's own work reads it.
type clock struct{ at atomic.Pointer[time.Time] }

func newClock(now time.Time) *clock {
	c := new(clock)
	c.set(now)
	return c
}

func (c *clock) set(now time.Time) { c.at.Store(&now) }
func (c *clock) now() time.Time    { return *c.at.Load() }

// close also audits: whatever a test did, the books must agree.
func (d *database) close() {
	d.t.Helper()
	clean(d.t, d.s)
	if err := d.s.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func clean(t testing.TB, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	findings, err := s.Audit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

func (d *database) Store() store.Store { return d.s }

func (d *database) Reopen() store.Store {
	d.close()
	d.s = mustOpen(d.t, d.path, Options{})
	return d.s
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Database { return newDatabase(t) })
}
