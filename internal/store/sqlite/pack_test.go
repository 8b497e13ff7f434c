package sqlite

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// payAt pays a request that an app made at a time.
func payAt(t *testing.T, s *Store, id string, at time.Time, app, account string) {
	t.Helper()
	h := testHold(id)
	h.Account = ledger.AccountID(account)
	if err := s.Place(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	rec := &generation.Record{ID: id, Created: at, Outcome: generation.Completed, Title: app, Model: "m", LatencyMS: int64(len(id)), Usage: llm.Usage{Input: 3}}
	if _, err := s.Settle(t.Context(), ledger.Settlement{Hold: ledger.HoldID(id), Cost: 1, At: at}, rec); err != nil {
		t.Fatal(err)
	}
}

// pieces are the sums of three days by time and app.
func pieces(t *testing.T, s *Store, account string, grain analytics.Grain, want analytics.Want) map[string]analytics.Tally {
	t.Helper()
	out := map[string]analytics.Tally{}
	span := analytics.Span{Account: account, From: aDay.From, To: aDay.From.AddDate(0, 0, 3), Grain: grain}
	if _, err := s.Tally(t.Context(), span, want, func(p *analytics.Piece) error {
		key := fmt.Sprint(p.At, p.Facet.App)
		if _, twice := out[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		var sum analytics.Tally
		sum.Add(p.Tally)
		out[key] = sum
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func packAll(t *testing.T, s *Store) (parts int) {
	t.Helper()
	if err := s.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = s.packNext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.read.QueryRow(`SELECT count(*) FROM packs WHERE part = 0`).Scan(&parts); err != nil {
		t.Fatal(err)
	}
	return parts
}

// What is packed is what it was packed of, also when more is counted later, and after a restart.
func TestPackedSumsAreTheSame(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	now := newClock(aDay.From.Add(-time.Hour)) // nothing is over
	options := Options{Now: now.now}
	s := mustOpen(t, path, options)
	storetest.Fund(t, s, "acme", 10_000)
	storetest.Fund(t, s, "small", 10_000)
	n := 0
	pay := func(at time.Time, apps int, account string) {
		for i := range apps {
			n++
			payAt(t, s, fmt.Sprint("gen-", n), at, fmt.Sprint("app ", i), account)
		}
	}
	for _, hour := range []int{1, 2, 5, 24, 30} { // of which some are worth it
		pay(aDay.From.Add(time.Duration(hour)*time.Hour), packFrom-4+hour, "acme")
	}
	pay(aDay.From.Add(2*time.Hour), 3, "small")
	all := analytics.All()
	var some analytics.Want
	some.Sums[analytics.Cost] = true
	compare := func(what string, packs int) {
		t.Helper()
		type answers [5]map[string]analytics.Tally
		ask := func() answers {
			return answers{pieces(t, s, "acme", analytics.Hours, all), pieces(t, s, "acme", analytics.Days, all),
				pieces(t, s, "acme", analytics.Hours, some), pieces(t, s, "acme", analytics.Days, some), pieces(t, s, "small", analytics.Hours, all)}
		}
		before := ask()
		if got := packAll(t, s); got != packs {
			t.Errorf("%s: %d packs, want %d", what, got, packs)
		}
		if after := ask(); !reflect.DeepEqual(before, after) {
			t.Errorf("%s: %v, packed %v", what, before, after)
		}
		clean(t, s)
	}
	compare("nothing is over", 0)
	now.set(aDay.From.Add(24*time.Hour + packAfter))
	compare("a day", 2) // an hour and the day
	pay(aDay.From.Add(5*time.Hour), 9, "acme")
	compare("late requests", 0)
	now.set(aDay.From.AddDate(0, 0, 3))
	compare("all", 3) // two hours and a day
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path, options)
	defer s.Close()
	pay(aDay.From.Add(30*time.Hour), 1, "acme")
	compare("late after a restart", 1)
}

// Sums that change between being read and being written are not packed.
func TestChangedSumsAreNotPacked(t *testing.T) {
	t.Parallel()
	now := newClock(aDay.From)
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{Now: now.now})
	defer s.Close()
	storetest.Fund(t, s, "acme", 10_000)
	for i := range packFrom {
		payAt(t, s, fmt.Sprint("gen-", i), aDay.From, fmt.Sprint("app ", i), "acme")
	}
	if err := s.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	now.set(aDay.From.Add(time.Hour + packAfter))
	at, list, err := s.duePacks(t.Context(), grainHour)
	if err != nil || len(list) != 1 || at != aDay.From.Unix() {
		t.Fatalf("%v %d %v", list, at, err)
	}
	payAt(t, s, "gen-late", aDay.From, "app 0", "acme")
	if err := s.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.whenIdle(func() { err = s.writer.putPacks(0, at, list) })
	if err != nil {
		t.Fatal(err)
	}
	if got := packAll(t, s); got != 0 {
		t.Errorf("%d packs", got)
	}
	clean(t, s)
}

// The audit notices packs that say something else.
func TestAuditFindsWrongPacks(t *testing.T) {
	t.Parallel()
	now := newClock(aDay.From)
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{Now: now.now})
	defer s.Close()
	storetest.Fund(t, s, "acme", 10_000)
	for i := range packFrom {
		payAt(t, s, fmt.Sprint("gen-", i), aDay.From, fmt.Sprint("app ", i), "acme")
	}
	now.set(aDay.From.Add(time.Hour + packAfter))
	if got := packAll(t, s); got != 1 {
		t.Fatalf("%d packs: nothing is tested", got)
	}
	var err error
	s.whenIdle(func() {
		err = s.writer.run(fmt.Sprintf(`UPDATE packs SET body = (SELECT body FROM packs WHERE part = %d) WHERE part = %d`, 4+analytics.Prompt, 4+analytics.Cost))
	})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := s.Audit(t.Context()); err != nil || len(found) != 1 || found[0].Rule != "rollup" {
		t.Errorf("%v %v", found, err)
	}
}
