package analytics

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
)

// packed makes a pack of tallies by facet and reads of it what is wanted.
func packed(t *testing.T, tallies map[int64]*Tally, order []int64, w *Want) map[int64]*Tally {
	t.Helper()
	var p Packing
	for _, facet := range order {
		p.Add(facet, tallies[facet])
	}
	if p.Facets != len(order) {
		t.Errorf("%d facets, want %d", p.Facets, len(order))
	}
	u := NewUnpacking(w)
	out := map[int64]*Tally{}
	for range 2 { // nothing is left of the first
		clear(out)
		for part, body := range p.Parts() {
			for _, wanted := range u.Parts {
				if wanted == part {
					if err := u.Put(part, body); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if err := u.Each(func(facet int64, sum *Tally) error {
			out[facet] = &Tally{}
			out[facet].Add(sum)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestPacksAreWhatWasPacked(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 5))
	tallies, order := map[int64]*Tally{}, []int64{}
	for facet := int64(1); facet < 3000; facet += 1 + rnd.Int64N(300) {
		sum := &Tally{}
		sum.Add(randomTally(rnd)) // without the empty histograms that it may have
		sum.Sums[Images] = 0
		tallies[facet], order = sum, append(order, facet)
	}
	all := All()
	if got := packed(t, tallies, order, &all); !reflect.DeepEqual(got, tallies) {
		t.Errorf("got %v, want %v", got, tallies)
	}
	some := Want{Time: true}
	some.Sums[Cost], some.Sums[Images] = true, true
	for facet, got := range packed(t, tallies, order, &some) {
		want := &Tally{Sums: Sums{Cost: tallies[facet].Sums[Cost]}, Time: tallies[facet].Time}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("facet %d: got %+v, want %+v", facet, got, want)
		}
	}
	if got := packed(t, nil, nil, &all); len(got) != 0 {
		t.Errorf("nothing was packed, %v was read", got)
	}
}

func TestDamagedPacksAreErrors(t *testing.T) {
	t.Parallel()
	want := Want{Latency: true}
	want.Sums[Requests] = true
	for _, c := range []struct{ facets, latency, requests []byte }{
		{[]byte{0}, []byte{0}, []byte{2}},          // a facet twice
		{[]byte{1}, []byte{0}, []byte{2}},          // a facet below 0
		{[]byte{2, 2}, []byte{0, 0}, []byte{2}},    // too few sums
		{[]byte{2}, []byte{0}, []byte{2, 2}},       // too many
		{[]byte{2}, []byte{1, 1}, []byte{2}},       // half a bin
		{[]byte{2}, []byte{1, 1, 0}, []byte{2}},    // an empty bin
		{[]byte{2}, []byte{1, 0, 1}, []byte{2}},    // a bin twice
		{[]byte{2}, []byte{0, 0}, []byte{2}},       // a histogram too many
		{[]byte{2, 0x80}, []byte{0, 0}, []byte{2}}, // half a number
	} {
		u := NewUnpacking(&want)
		err := errors.Join(u.Put(facetPart, c.facets), u.Put(latencyPart, c.latency), u.Put(firstSum+Part(Requests), c.requests),
			u.Each(func(int64, *Tally) error { return nil }))
		if !errors.Is(err, errForm) {
			t.Errorf("%v: %v", c, err)
		}
	}
	u := NewUnpacking(&want)
	if u.Put(-1, nil) == nil || u.Put(parts, nil) == nil {
		t.Error("a part that is not known is taken")
	}
}
