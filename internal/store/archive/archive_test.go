package archive

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func hourly(string) time.Duration { return time.Hour }

var secret = "what the user said, word for word, " + canary.Said(1)

func open(t *testing.T, dir string, key byte, o Options) *Archive {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	o.Log = canary.Log(t)
	a, err := Open(filepath.Join(dir, "responses.db"), bytes.Repeat([]byte{key}, KeySize), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.db.Close() })
	return a
}

func put(t *testing.T, a *Archive, owner, id, text string, now time.Time) {
	t.Helper()
	if err := a.Put(context.Background(), owner, id, Entry{[]byte(text), []byte(`{"id":"` + id + `"}`)}, now); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, a *Archive, owner, id, text string, now time.Time) bool {
	t.Helper()
	e, err := a.Get(context.Background(), owner, id, now)
	if errors.Is(err, ErrNotFound) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	if string(e.Input) != text || string(e.Response) != `{"id":"`+id+`"}` {
		t.Fatalf("%s of %s: %q, %q", id, owner, e.Input, e.Response)
	}
	return true
}

func TestEntriesBelongToTheirOwner(t *testing.T) {
	dir := canary.Dir(t)
	a := open(t, dir, 1, Options{Life: hourly, Room: 1 << 20})
	put(t, a, "us", "resp_1", "ours", noon)
	put(t, a, "them", "resp_1", "theirs", noon)
	if !has(t, a, "us", "resp_1", "ours", noon) || !has(t, a, "them", "resp_1", "theirs", noon) {
		t.Error("one of two entries with the same id is gone")
	}
	if has(t, a, "us", "resp_2", "", noon) || has(t, a, "nobody", "resp_1", "", noon) {
		t.Error("found what nobody put")
	}
	if err := a.Delete(context.Background(), "us", "resp_1"); err != nil {
		t.Fatal(err)
	}
	if err := a.Delete(context.Background(), "us", "resp_1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if has(t, a, "us", "resp_1", "", noon) || !has(t, a, "them", "resp_1", "theirs", noon) {
		t.Error("a deletion took the wrong entry")
	}
	if _, err := a.db.Exec(`UPDATE responses SET owner = 'us'`); err != nil {
		t.Fatal(err)
	}
	if has(t, a, "us", "resp_1", "theirs", noon) {
		t.Error("an entry opens in another owner's place")
	}
}

func TestEntriesSurviveAndStaySealed(t *testing.T) {
	dir := canary.Dir(t)
	a := open(t, dir, 1, Options{Life: hourly, Room: 1 << 20})
	put(t, a, "us", "resp_1", secret, noon)
	put(t, a, "us", "resp_1", secret+" again", noon)
	a.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("user said")) {
			t.Errorf("%s has the text in it", name)
		}
		if info, _ := os.Stat(name); info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %s", name, info.Mode())
		}
	}
	if !has(t, open(t, dir, 1, Options{Life: hourly, Room: 1 << 20}), "us", "resp_1", secret+" again", noon) {
		t.Error("gone after the end of the process")
	}
	if has(t, open(t, dir, 2, Options{Life: hourly, Room: 1 << 20}), "us", "resp_1", "", noon) {
		t.Error("another key opens it")
	}
}

func TestEntriesEnd(t *testing.T) {
	a := open(t, canary.Dir(t), 1, Options{Life: hourly, Room: 3200})
	put(t, a, "us", "old", "x", noon)
	if has(t, a, "us", "old", "x", noon.Add(time.Hour)) {
		t.Error("found after its time")
	}
	if err := a.Expire(context.Background(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := a.db.QueryRow(`SELECT count(*) FROM responses`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d entries are left, %v", n, err)
	}
	text := strings.Repeat("y", 900)
	for i := range 5 {
		put(t, a, "us", strconv.Itoa(i), text, noon.Add(time.Duration(i)*time.Second))
	}
	for i := range 5 {
		if got := has(t, a, "us", strconv.Itoa(i), text, noon.Add(5*time.Second)); got != (i > 1) {
			t.Errorf("entry %d of five, with room for three: %t", i, got)
		}
	}
	if err := a.Put(context.Background(), "us", "big", Entry{Input: make([]byte, 4000)}, noon); err == nil {
		t.Error("an entry of more than there is room for was taken")
	}
}

func TestOwnersHaveTheirOwnTime(t *testing.T) {
	life := map[string]time.Duration{"short": time.Hour, "long": 2 * time.Hour}
	a := open(t, canary.Dir(t), 1, Options{Life: func(owner string) time.Duration { return life[owner] }, Room: 3000})
	for _, owner := range []string{"short", "long", "gone"} {
		put(t, a, owner, "1", "x", noon)
	}
	if err := a.Expire(context.Background(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	life = map[string]time.Duration{"short": 9 * time.Hour, "long": 9 * time.Hour, "gone": 9 * time.Hour}
	for owner, want := range map[string]bool{"short": false, "long": true, "gone": false} {
		if has(t, a, owner, "1", "x", noon.Add(time.Hour)) != want {
			t.Errorf("the entry of %s: not %t", owner, want)
		}
	}
	life["long"] = time.Hour
	if has(t, a, "long", "1", "x", noon.Add(time.Hour)) {
		t.Error("found after its time became shorter")
	}
}

func TestKeyIsMadeOnce(t *testing.T) {
	path := filepath.Join(canary.Dir(t), "key")
	one, err := Key(path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Key(path)
	if err != nil || !bytes.Equal(one, two) || len(one) != KeySize {
		t.Errorf("%x, then %x, %v", one, two, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %s", info.Mode())
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Key(path); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a short key: %v", err)
	}
	if _, err := Open(filepath.Join(canary.Dir(t), "x"), []byte("short"), Options{}); err == nil {
		t.Error("a short key opens an archive")
	}
}
