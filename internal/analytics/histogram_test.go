package analytics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBinsCoverEveryValue(t *testing.T) {
	t.Parallel()
	values := []int64{1, 2, 7, 8, 15, 16, 17, 1000, math.MaxInt64}
	for range 10_000 {
		values = append(values, 1+rand.Int64N(1<<(1+rand.IntN(62))))
	}
	for _, v := range values {
		at := binOf(v)
		low, high := bounds(at)
		if float64(v) < low || float64(v) > high || at > bins {
			t.Fatalf("%d is in bin %d from %g to %g", v, at, low, high)
		}
		if off := math.Abs(middle(at)-float64(v)) / float64(v); off > 0.0625 || v < 16 && off > 0 {
			t.Fatalf("%d is taken for %g", v, middle(at))
		}
	}
}

// Percentiles are those of the sorted values, as near as bins are wide, however the values
// came together.
func TestPercentiles(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var values []int64
		var parts [3]Histogram
		for range 1 + rnd.IntN(400) {
			v := 1 + rnd.Int64N(1<<(1+rnd.IntN(20)))
			values = append(values, v)
			parts[rnd.IntN(3)].Count(v)
		}
		slices.Sort(values)
		var h Histogram
		for _, p := range parts {
			h.add(p)
		}
		for _, share := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
			want := float64(values[int(math.Ceil(share*float64(len(values))))-1])
			if got, ok := h.Percentile(share); !ok || math.Abs(got-want)/want > 0.0626 {
				t.Fatalf("seed %d: the %g of %d values is %g, want %g", seed, share, len(values), got, want)
			}
		}
	}
}

func TestNothingHasNoPercentile(t *testing.T) {
	t.Parallel()
	var h Histogram
	h.Count(0)
	h.Count(-5)
	if v, ok := h.Percentile(0.5); ok || len(h) != 0 {
		t.Errorf("%g of %v", v, h)
	}
}
