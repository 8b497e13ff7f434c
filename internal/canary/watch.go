package canary

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// What go test tells of a test that used this package, with a number, for who counts.
const (
	Planted   = "canaries-planted"    // requests that a canary was put into
	LookedFor = "canaries-looked-for" // answers, logs and files that were looked through
)

// Dir is an empty directory for what a gateway keeps. It is looked through when the test ends,
// after the cleanups that are registered later: close the gateway in one. It outlives the test
// where go test keeps artifacts.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(t.ArtifactDir(), "kept")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Files(t, dir) })
	return dir
}

// Log is a log at its finest, in a file that is looked through when the test ends.
func Log(t testing.TB) *slog.Logger {
	t.Helper()
	dir := Dir(t)
	file, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Files looks through a directory as it is now.
func Files(t testing.TB, dir string) {
	t.Helper()
	files, _, err := Tree(dir, func(path string, f Find) { t.Errorf("%s has %s", filepath.Base(path), f) })
	if err != nil {
		t.Error(err)
	}
	t.Attr(LookedFor, fmt.Sprint(files))
}

// Text looks through what is told to somebody who has no part in any request.
func Text(t testing.TB, where, text string) {
	t.Helper()
	for _, f := range Look([]byte(text)) {
		t.Errorf("%s has %s", where, f)
	}
}
