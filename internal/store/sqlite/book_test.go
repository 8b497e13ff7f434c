package sqlite

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// A settlement that fails half-way leaves the book as it was.
func TestErrorInSettlementIsUndone(t *testing.T) {
	t.Parallel()
	b := newBook()
	b.account("acme").Posted, b.account("acme").Granted = 1000, 1000
	b.account(ledger.Revenue).Posted = math.MaxInt64 - 10 // takes the charge, not the loss
	if err := ledger.Place(&tx{book: b}, testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	before, use := *b.account("acme"), *b.usage(ledger.Subject{Name: "k"})
	x := &tx{book: b}
	_, err := ledger.Settle(x, ledger.Settlement{Hold: "gen-1", Cost: 5, Loss: 50, BYOK: 3})
	if !errors.Is(err, money.ErrOverflow) {
		t.Fatal(err)
	}
	x.undo()
	if got := *b.account("acme"); got != before {
		t.Errorf("account %+v, was %+v", got, before)
	}
	if got := *b.usage(ledger.Subject{Name: "k"}); !reflect.DeepEqual(got, use) {
		t.Errorf("usage %+v, was %+v", got, use)
	}
	if b.account(ledger.Revenue).Posted != math.MaxInt64-10 || b.holds["gen-1"] == nil {
		t.Errorf("revenue %+v, holds %v", *b.account(ledger.Revenue), b.holds)
	}
}

func TestUndoOfAPlacedHoldAndOfACount(t *testing.T) {
	t.Parallel()
	b := newBook()
	x := &tx{book: b}
	if err := x.AddHold(testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	x.undo()
	if len(b.holds) != 0 || b.account("acme").Held != 0 || b.usage(ledger.Subject{Name: "k"}).total != (ledger.Use{}) {
		t.Fatalf("%v %+v", b.holds, b.usage(ledger.Subject{Name: "k"}))
	}
	if err := (&tx{book: b}).AddHold(testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	x = &tx{book: b}
	h, _, _ := x.TakeHold("gen-1")
	if err := x.Count(h, 7, 8); err != nil {
		t.Fatal(err)
	}
	x.undo()
	if got, want := b.usage(ledger.Subject{Name: "k"}).total, (ledger.Use{Held: 100}); got != want {
		t.Fatalf("%+v", got)
	}
}

// A clock that was set back neither begins windows again nor frees what is used.
func TestUsageWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	var c calendar
	var u usage
	today := c.at(storetest.Noon)
	yesterday := c.at(storetest.Noon.AddDate(0, 0, -1))
	longAgo := c.at(storetest.Noon.AddDate(0, -2, 0))
	u.spend(yesterday, 10, 0)
	u.spend(today, 20, 0)
	u.hold(longAgo, 5, 0)
	daily := ledger.Limit{Window: account.Daily}
	for at, want := range map[starts]money.Amount{today: 20, yesterday: 10, longAgo: 10} {
		if got := u.within(daily, at).Spent; got != want {
			t.Errorf("%v: %d, want %d", at, got, want)
		}
	}
	if u.total.Held != 5 || u.in(0, today[0]).Held != 0 {
		t.Errorf("%+v", u)
	}
	u.hold(longAgo, -5, 0)
	if u.total.Held != 0 {
		t.Errorf("%+v", u)
	}
}

func TestCalendarBefore1970(t *testing.T) {
	t.Parallel()
	var c calendar
	if got := c.at(time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)); got != (starts{-1, -3, -31}) {
		t.Fatal(got) // a Wednesday
	}
}

// What nobody waits for and is resolved in time costs the disk nothing, however often other
// batches are written meanwhile.
func TestHoldNobodyWaitsForIsNotWritten(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{Linger: time.Hour})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1000)
	for _, id := range []string{"gen-1", "gen-2", "gen-3"} {
		if err := s.Place(t.Context(), testHold(id)); err != nil {
			t.Fatal(err)
		}
	}
	written := func(want ...string) {
		t.Helper()
		if err := s.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		var ids []string
		err := s.scan(t.Context(), `SELECT id FROM holds ORDER BY id`, func(scan func(...any) error) error {
			ids = append(ids, "")
			return scan(&ids[len(ids)-1])
		})
		if err != nil || !reflect.DeepEqual(ids, want) {
			t.Fatalf("on disk are %v, want %v (%v)", ids, want, err)
		}
	}
	if _, err := settleTest(s, "gen-1", 5); err != nil {
		t.Fatal(err)
	}
	written()
	if err := s.AwaitHold(t.Context(), "gen-3"); err != nil {
		t.Fatal(err)
	}
	written("gen-3")
	for _, id := range []string{"gen-2", "gen-3"} {
		if _, err := settleTest(s, id, 5); err != nil {
			t.Fatal(err)
		}
	}
	written()
}

// Nobody waits for the hold, and still it is on disk soon.
func TestLoneHoldIsWritten(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{Linger: time.Millisecond})
	defer s.Close()
	storetest.Fund(t, s, "acme", 1000)
	if err := s.Place(t.Context(), testHold("gen-1")); err != nil {
		t.Fatal(err)
	}
	for {
		var n int
		if err := s.read.QueryRowContext(t.Context(), `SELECT count(*) FROM holds`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			return
		}
		time.Sleep(time.Millisecond) // the test's deadline bounds it
	}
}

func TestNamesOfOneBucketAreDistinct(t *testing.T) {
	t.Parallel()
	p := names{pending: []name{{5, 1}, {5, 2}, {3, 3}, {6, 4}, {1, 2000}}}
	want := []name{{3, 3}, {5, 1}, {6, 2}, {7, 4}}
	if got := p.full(1023); !reflect.DeepEqual(got, want) {
		t.Fatalf("%v", got)
	}
}

// Nothing in memory grows with the number of requests served.
func TestMemoryDoesNotGrowWithRecords(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	storetest.Fund(t, s, "acme", money.Dollar)
	for i := range 2500 {
		id := fmt.Sprint("gen-", i)
		if err := s.Place(t.Context(), testHold(id)); err != nil {
			t.Fatal(err)
		}
		rec := &generation.Record{ID: id, Created: storetest.Noon, Upstream: "up-" + id}
		if _, err := s.Settle(t.Context(), ledger.Settlement{Hold: ledger.HoldID(id), Cost: 1, At: storetest.Noon}, rec); err != nil {
			t.Fatal(err)
		}
	}
	s.whenIdle(func() {
		if b := s.book; len(b.holds) != 0 || len(b.accounts) > 4 || len(b.usages) != 1 {
			t.Errorf("%d holds, %d accounts, %d usages", len(b.holds), len(b.accounts), len(b.usages))
		}
		if n := len(s.writer.names.pending); n > 2<<bucketBits {
			t.Errorf("%d names wait", n)
		}
	})
}
