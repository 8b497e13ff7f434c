package history

import (
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
)

var end = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// What is filled is what the gateway would have written: money, sums and records agree.
func TestFill(t *testing.T) {
	t.Parallel()
	p := Plan{Dir: t.TempDir(), Requests: 3000, Days: 3, End: end, Seed: 1, Log: io.Discard}
	if err := Fill(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), p); err == nil {
		t.Error("a directory is filled twice")
	}
	s, err := sqlite.Open(p.Dir+"/dragoman.db", sqlite.Options{Now: func() time.Time { return end }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if found, err := s.Audit(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	var sum analytics.Tally
	keys := map[string]bool{}
	span := analytics.Span{Account: accountID, From: end.AddDate(0, 0, -4), To: end.AddDate(0, 0, 1)}
	if _, err := s.Tally(t.Context(), span, analytics.All(), func(p *analytics.Piece) error {
		sum.Add(p.Tally)
		keys[p.Facet.Key] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if errors := sum.Sums[analytics.Errors]; sum.Sums[analytics.Requests] != 3000 || errors < 30 || errors > 90 || sum.Sums[analytics.Cost] == 0 || len(keys) < keyCount/2 {
		t.Errorf("%d keys, %+v", len(keys), sum.Sums)
	}
}

// The same seed makes the same requests, in the order of time.
func TestTrafficIsTheSameAgain(t *testing.T) {
	t.Parallel()
	data, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	snap, err := catalog.Build(data)
	if err != nil {
		t.Fatal(err)
	}
	one, two := newTraffic(7, snap, end.AddDate(0, 0, -3), end), newTraffic(7, snap, end.AddDate(0, 0, -3), end)
	last := end.AddDate(0, 0, -3)
	for i := range 500 {
		a, b := one.record(i, 500), two.record(i, 500)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v, then %+v", a, b)
		}
		if a.Created.Before(last) || !a.Created.Before(end) {
			t.Fatalf("request %d came at %v, the one before at %v", i, a.Created, last)
		}
		last = a.Created
	}
}
