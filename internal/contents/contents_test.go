package contents

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *Keeper {
	t.Helper()
	k, err := New(Options{Path: filepath.Join(dir, "contents.db"), Key: filepath.Join(dir, "contents.key"), Room: 1 << 20,
		Life: func(_, workspace string) time.Duration { return map[string]time.Duration{"w": time.Hour}[workspace] },
		Now:  func() time.Time { return noon }, Log: canary.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func said() *transcript.Transcript {
	return &transcript.Transcript{Input: []byte(`{"messages":"secret ` + canary.Said(1) + `"}`), Completion: []byte("secret answer " + canary.Said(2)), Reasoning: []byte("secret thought " + canary.Said(3)), Cut: true}
}

func TestIsKeptSealedForItsWorkspace(t *testing.T) {
	t.Parallel()
	dir := canary.Dir(t)
	k := open(t, dir)
	if _, err := k.Find(t.Context(), "a", "w", "gen-1", noon); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Fatalf("%d files although nothing was kept", len(files))
	}
	k.Offer("a", "w", "gen-1", said(), noon)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	k.Offer("a", "w", "gen-2", said(), noon)
	if k.Dropped() != 1 {
		t.Errorf("%d dropped after the end", k.Dropped())
	}
	k = open(t, dir)
	got, err := k.Find(t.Context(), "a", "w", "gen-1", noon)
	if err != nil || !reflect.DeepEqual(got, said()) {
		t.Fatalf("%+v %v", got, err)
	}
	for _, other := range []struct {
		account, workspace string
		at                 time.Time
	}{{"b", "w", noon}, {"a", "v", noon}, {"a", "w", noon.Add(time.Hour)}} {
		if _, err := k.Find(t.Context(), other.account, other.workspace, "gen-1", other.at); !errors.Is(err, ErrNotFound) {
			t.Errorf("%+v: %v", other, err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || bytes.Contains(raw, []byte("secret")) {
			t.Errorf("%s has the text in it, or cannot be read: %v", f.Name(), err)
		}
	}
	if err := k.Delete(t.Context(), "a", "w", "gen-1"); err != nil {
		t.Fatal(err)
	}
	if err := k.Delete(t.Context(), "a", "w", "gen-1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

// A request does not wait for a disk that takes nothing.
func TestDropsWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	dir := canary.Dir(t)
	k := open(t, dir)
	if err := os.MkdirAll(filepath.Join(dir, "contents.key"), 0o700); err != nil { // no key can be read
		t.Fatal(err)
	}
	for range 3 {
		k.Offer("a", "w", "gen", said(), noon)
	}
	huge := &transcript.Transcript{Input: make([]byte, mostBytes+1)}
	k.Offer("a", "w", "gen", huge, noon)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if k.Dropped() != 4 || k.bytes.Load() != 0 {
		t.Errorf("%d dropped, %d bytes wait", k.Dropped(), k.bytes.Load())
	}
}
