package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// whenIdle runs f on the writer's goroutine, between two writes.
func (s *Store) whenIdle(f func()) {
	done := make(chan struct{})
	s.between <- func() { f(); close(done) }
	<-done
}

func testHold(id string) ledger.Hold {
	return ledger.Hold{ID: ledger.HoldID(id), Account: "acme", Spender: ledger.Spender{Key: "k"}, Amount: 100, At: storetest.Noon, Expires: storetest.Noon.Add(time.Hour)}
}

func settleTest(s *Store, id string, cost money.Amount) (ledger.Outcome, error) {
	rec := &generation.Record{ID: id, Created: storetest.Noon, Outcome: generation.Completed, Asked: strings.Repeat("long ", 5000)}
	return s.Settle(context.Background(), ledger.Settlement{Hold: ledger.HoldID(id), Cost: cost, At: storetest.Noon}, rec)
}

// The disk is full: everybody gets 503, nothing is lost, and when there is room again
// everything that was decided is written.
func TestFullDiskIsUnavailableAndLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "full.db")
	s := mustOpen(t, path, Options{})
	storetest.Fund(t, s, "acme", 1000)
	for i := range 3 {
		if err := s.Place(t.Context(), testHold(fmt.Sprint("gen-", i))); err != nil {
			t.Fatal(err)
		}
	}
	limit(t, s, func(now int64) int64 { return now })
	if _, err := settleTest(s, "gen-0", 60); fault.Of(err) != fault.Unavailable || fault.As(err).HTTPStatus() != 503 {
		t.Fatalf("settle on a full disk: %v", err)
	}
	if err := s.Place(t.Context(), testHold("gen-9")); fault.Of(err) != fault.Unavailable {
		t.Fatalf("place on a full disk: %v", err)
	}
	if err := s.PutKey(t.Context(), &account.Key{Hash: "k"}); fault.Of(err) != fault.Unavailable {
		t.Fatalf("key on a full disk: %v", err)
	}
	if out, err := settleTest(s, "gen-1", 70); fault.Of(err) != fault.Unavailable || out.Charged != 70 {
		t.Fatalf("second settlement on a full disk: %+v %v", out, err)
	}
	clean(t, s) // memory is ahead of the disk by what waits, and by nothing else
	limit(t, s, func(now int64) int64 { return now + 10000 })
	for fault.Of(s.Place(t.Context(), testHold("gen-9"))) == fault.Unavailable {
		runtime.Gosched() // the test's deadline bounds it
	}
	if out, err := settleTest(s, "gen-0", 60); err != nil || !out.Seen {
		t.Fatalf("settled again: %+v %v", out, err)
	}
	if _, err := settleTest(s, "gen-2", 80); err != nil {
		t.Fatal(err)
	}
	clean(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path, Options{})
	defer s.Close()
	clean(t, s)
	if bal, err := s.Balance(t.Context(), "acme"); err != nil || bal.Spent != 210 || bal.Held != 0 {
		t.Fatalf("%+v %v", bal, err)
	}
}

// limit bounds how far the database may grow, and takes the journal away: SQLite answers
// with SQLITE_FULL beyond it.
func limit(t *testing.T, s *Store, pages func(now int64) int64) {
	t.Helper()
	s.whenIdle(func() {
		s.journal.max = 0
		now, err := s.writer.number("PRAGMA page_count")
		if err == nil {
			_, err = s.writer.number(fmt.Sprintf("PRAGMA max_page_count = %d", pages(now)))
		}
		if err != nil {
			t.Error(err)
		}
	})
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "one.db")
	s := mustOpen(t, path, Options{})
	if _, err := Open(path, Options{Logger: quiet}); err == nil || !strings.Contains(err.Error(), "in use by another") {
		t.Fatalf("second owner: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, path, Options{}).Close()
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(dir, "newer.db")
	s := mustOpen(t, newer, Options{})
	s.whenIdle(func() {
		if err := s.writer.run("PRAGMA user_version = 99"); err != nil {
			t.Error(err)
		}
	})
	s.Close()
	for path, says := range map[string]string{
		filepath.Join(dir, "missing", "x.db"): "no such file",
		text:                                  "not a database",
		newer:                                 "run the newer program",
	} {
		if _, err := Open(path, Options{Logger: quiet}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "x.db"), Options{Sync: "sometimes"}); err == nil {
		t.Error("unknown durability accepted")
	}
}

func TestDatabaseIsPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "x.db"), Options{Sync: Full})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
}

// A hold that cannot be written at shutdown is not lost silently: Close says so.
func TestCloseOnFullDiskSaysSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	s := mustOpen(t, path, Options{})
	storetest.Fund(t, s, "acme", 1000)
	if err := s.Place(t.Context(), testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	limit(t, s, func(now int64) int64 { return now })
	if _, err := settleTest(s, "gen-1", 60); fault.Of(err) != fault.Unavailable {
		t.Fatal(err)
	}
	if err := s.Close(); err == nil {
		t.Fatal("closed without a word")
	}
	s = mustOpen(t, path, Options{})
	defer s.Close()
	clean(t, s)
}

func TestExpiredHoldIsReleasedAndRecorded(t *testing.T) {
	t.Parallel()
	now := newClock(storetest.Noon.Add(30 * time.Minute))
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{Now: now.now})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1000)
	if err := s.Place(t.Context(), testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	s.expire()
	if bal, _ := s.Balance(t.Context(), "acme"); bal.Held != 100 {
		t.Fatalf("expired early: %+v", bal)
	}
	now.set(storetest.Noon.Add(time.Hour))
	s.expire()
	if bal, _ := s.Balance(t.Context(), "acme"); bal.Held != 0 || bal.Spent != 0 {
		t.Fatalf("%+v", bal)
	}
	if out, err := settleTest(s, "gen-1", 5); err != nil || !out.Seen {
		t.Fatalf("settled after expiry: %+v %v", out, err)
	}
	if rec, err := s.Generation(t.Context(), "gen-1"); err != nil || rec.Outcome != generation.Lost {
		t.Fatalf("%+v %v", rec, err)
	}
	clean(t, s)
}

func TestCancelledWaitLeavesTheDecision(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1000)
	if err := s.Place(t.Context(), testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	hold, release := make(chan struct{}), make(chan struct{})
	go s.whenIdle(func() { close(hold); <-release })
	<-hold // the writer is busy
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rec := &generation.Record{ID: "gen-1", Created: storetest.Noon}
	out, err := s.Settle(ctx, ledger.Settlement{Hold: "gen-1", Cost: 5}, rec)
	close(release)
	if !errors.Is(err, context.Canceled) || fault.Of(err) != fault.Unavailable || out.Charged != 5 {
		t.Fatalf("%+v %v", out, err)
	}
	if out, err := settleTest(s, "gen-1", 9); err != nil || !out.Seen {
		t.Fatalf("%+v %v", out, err)
	}
	if rec, err := s.Generation(t.Context(), "gen-1"); err != nil || rec.Cost != 5 {
		t.Fatalf("%+v %v", rec, err)
	}
}
