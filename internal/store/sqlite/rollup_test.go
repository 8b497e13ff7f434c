package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

var aDay = analytics.Span{Account: "acme", From: storetest.Noon.Truncate(24 * time.Hour), To: storetest.Noon.Truncate(24*time.Hour).AddDate(0, 0, 1)}

// perApp is how many requests of the day each app made, and what the store says of older ones.
func perApp(t *testing.T, s *Store) (map[string]int64, analytics.Coverage) {
	t.Helper()
	out := map[string]int64{}
	coverage, err := s.Tally(t.Context(), aDay, analytics.All(), func(p *analytics.Piece) error {
		out[p.Facet.App] += p.Tally.Sums[analytics.Requests]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, coverage
}

func payAs(t *testing.T, s *Store, id, app string) {
	t.Helper()
	if err := s.Place(t.Context(), testHold(id)); err != nil {
		t.Fatal(err)
	}
	rec := &generation.Record{ID: id, Created: storetest.Noon, Outcome: generation.Completed, Title: app, Model: "m", LatencyMS: 5, Usage: llm.Usage{Input: 3}}
	if _, err := s.Settle(t.Context(), ledger.Settlement{Hold: ledger.HoldID(id), Cost: 1, At: storetest.Noon}, rec); err != nil {
		t.Fatal(err)
	}
}

// Clients choose the names of apps; how many the sums tell apart is bounded, also over restarts.
func TestAppsOfADayAreBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	s := mustOpen(t, path, Options{})
	storetest.Fund(t, s, "acme", 10_000)
	for i := range analytics.MaxApps + 20 {
		payAs(t, s, fmt.Sprint("gen-", i), fmt.Sprint("app ", i))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path, Options{})
	defer s.Close()
	payAs(t, s, "gen-new", "yet another")
	payAs(t, s, "gen-known", "app 7")
	payAs(t, s, "gen-none", "")
	got, _ := perApp(t, s)
	if len(got) != analytics.MaxApps+2 || got[analytics.Other] != 21 || got["app 7"] != 2 || got[""] != 1 {
		t.Errorf("%d apps, %d requests of others, %d of app 7, %d of none", len(got), got[analytics.Other], got["app 7"], got[""])
	}
	clean(t, s)
}

// What is held in memory is dropped when it becomes too much, and read again.
func TestForgottenSumsAreReadAgain(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1000)
	for i := range 9 {
		payAs(t, s, fmt.Sprint("gen-", i), fmt.Sprint("app ", i%2))
		s.whenIdle(s.writer.rollups.forget)
	}
	if got, _ := perApp(t, s); got["app 0"] != 5 || got["app 1"] != 4 {
		t.Error(got)
	}
	clean(t, s)
}

// Requests that a crash leaves in the journal alone are counted when it is read.
func TestJournalIsCounted(t *testing.T) {
	t.Parallel()
	s, path := lagged(t)
	defer s.Close()
	payAs(t, s, "gen-0", "an app")
	var n int
	if err := s.read.QueryRow(`SELECT count(*) FROM rollups`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d sums in the database (%v): nothing is tested", n, err)
	}
	journal, err := os.ReadFile(path + journalName)
	if err != nil {
		t.Fatal(err)
	}
	again := crashed(t, path, journal)
	defer again.Close()
	clean(t, again)
	var sum analytics.Tally
	if _, err := again.Tally(t.Context(), aDay, analytics.All(), func(p *analytics.Piece) error {
		sum.Add(p.Tally)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if sum.Sums[analytics.Prompt] != 3 || sum.Sums[analytics.Cost] != 1 || sum.Sums[analytics.LatencyMS] != 5 || len(sum.Latency) != 1 {
		t.Errorf("%+v", sum)
	}
}

// A record is counted alike when it settles and when it is read back from its detail.
func TestSampleIsTheSameReadBack(t *testing.T) {
	t.Parallel()
	rec := typical(1)
	rec.Title, rec.Referer, rec.BYOK, rec.List = "an app", "https://app.test/x", true, 77
	rec.Attempts = append(rec.Attempts, rec.Attempts[0])
	fill(reflect.ValueOf(&rec.Usage).Elem(), new(int64))
	r := newRow(rec)
	r.account, r.Spender, r.cost, r.loss, r.byok = "acme", ledger.Spender{Key: "k", Member: "m", Workspace: "w"}, 5, 6, 7
	r.charge()
	want := r.sample
	r.sample = analytics.Sample{}
	if err := r.resample(); err != nil || r.sample != want {
		t.Errorf("got %+v (%v), want %+v", r.sample, err, want)
	}
}

// older is a database of a schema without rollups, with many records.
func older(t *testing.T, many int) string {
	t.Helper()
	detail := appendDetail(nil, &generation.Record{Title: "old app", LatencyMS: 9, Usage: llm.Usage{Input: 2, Output: 1}})
	statements := []string{
		fmt.Sprintf(`INSERT INTO accounts VALUES ('acme', %d, 1000, %d, 0), ('system:revenue', %d, 0, %d, 0), ('system:issued', -1000, 0, 1000, 0)`, 1000-many, many, many, -many),
		`INSERT INTO transfers VALUES ('g', 'system:issued', 'acme', 1000, 1, '')`,
		fmt.Sprintf(`INSERT INTO uses VALUES (0, 'k', %d, %d, 0, %d)`, dayOf(storetest.Noon), many, many),
	}
	for n := 1; n <= many; n++ {
		statements = append(statements, fmt.Sprintf(`INSERT INTO generations VALUES (%d, 'gen-old-%d', '', %d, 6, 'acme', 'k', 'm', 'p', 'e', 'completed', 2, 1, 1, 0, 0, '%s', '', '')`,
			n, n, storetest.Noon.Add(time.Duration(n)*time.Minute).UnixMicro(), detail))
	}
	return atSchema(t, 3, statements...)
}

// Records that are older than the sums are counted in the background, while requests go on.
func TestOlderRecordsAreCounted(t *testing.T) {
	t.Parallel()
	const many = 2*recountChunk + 9
	s := mustOpen(t, older(t, many), Options{})
	defer s.Close()
	payAs(t, s, "gen-new", "old app")
	for {
		clean(t, s) // at every moment
		got, coverage := perApp(t, s)
		if got["old app"]+coverage.Behind != many+1 {
			t.Fatalf("%v with %d behind, want %d together", got, coverage.Behind, many+1)
		}
		if coverage.Behind == 0 {
			break
		}
		runtime.Gosched() // the test's deadline bounds it
	}
}

// Counting goes on where it stopped.
func TestCountingIsResumed(t *testing.T) {
	t.Parallel()
	path := older(t, 2*recountChunk+9)
	s := mustOpen(t, path, Options{})
	if _, err := s.recountSome(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path, Options{})
	defer s.Close()
	for done := false; !done; {
		var err error
		if done, err = s.recountSome(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, coverage := perApp(t, s); got["old app"] != 2*recountChunk+9 || coverage.Behind != 0 {
		t.Errorf("%v %+v", got, coverage)
	}
	clean(t, s)
}

// A detail that was damaged keeps nothing else from being counted.
func TestDamagedDetailIsCountedByItsColumns(t *testing.T) {
	t.Parallel()
	path := older(t, 5)
	c, err := connect(path, Normal)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.run(`UPDATE generations SET detail = '{"title"' WHERE n = 3`); err != nil {
		t.Fatal(err)
	}
	c.Close()
	s := mustOpen(t, path, Options{})
	defer s.Close()
	for done := false; !done; {
		if done, err = s.recountSome(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := perApp(t, s); got["old app"] != 4 || got[""] != 1 {
		t.Error(got)
	}
	clean(t, s)
}

// Queries wait for one another before they take every connection.
func TestFewQueriesRunAtOnce(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	for range mostTallies {
		s.tallies <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Tally(ctx, aDay, analytics.All(), func(*analytics.Piece) error { return nil }); err != context.Canceled {
		t.Error(err)
	}
	<-s.tallies
	if _, err := s.Tally(t.Context(), aDay, analytics.All(), func(*analytics.Piece) error { return nil }); err != nil {
		t.Error(err)
	}
}
