//go:build linux

package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A closed store has none of its files open: a statement that is left would keep them.
func TestCloseClosesEveryFile(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "closed.db"), Options{})
	if err := s.OpenAccount(t.Context(), "acme", true); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && strings.HasPrefix(name, dir) {
			t.Errorf("%s is open", name)
		}
	}
}
