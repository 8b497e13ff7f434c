package canary

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// A Cage surrounds one gateway under test. When the test ends, its log and its directory are
// looked through; tests report what is found where it must not be.
type Cage struct {
	t    testing.TB
	dir  string
	log  *slog.Logger
	seen atomic.Int64 // answers and files looked through
}

// New makes a cage whose last look is when the test ends, after the cleanups that are
// registered later: close the gateway in one. The directory outlives the test where go test
// keeps artifacts.
func New(t testing.TB) *Cage {
	t.Helper()
	dir, err := os.MkdirTemp(t.ArtifactDir(), "cage")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cage{t: t, dir: dir}
	if err := os.Mkdir(c.Dir(), 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c.log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		c.Files()
		t.Attr("canaries", fmt.Sprint(c.seen.Load()))
	})
	return c
}

// Dir is an empty directory for what the gateway keeps.
func (c *Cage) Dir() string { return filepath.Join(c.dir, "data") }

// Log writes everything, at its finest, where Files looks.
func (c *Cage) Log() *slog.Logger { return c.log }

// Files looks through the log and the directory as they are now, with what a database has not
// moved into its file yet.
func (c *Cage) Files() {
	c.t.Helper()
	n, _, err := Tree(c.dir, func(path string, f Find) { c.t.Errorf("%s has %s", filepath.Base(path), f) })
	if err != nil {
		c.t.Error(err)
	}
	c.seen.Add(int64(n))
}

// Look looks through what is told to somebody who has no part in any request.
func (c *Cage) Look(where string, data []byte) {
	c.t.Helper()
	c.seen.Add(1)
	for _, f := range Look(data) {
		c.t.Errorf("%s has %s", where, f)
	}
}
