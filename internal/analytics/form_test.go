package analytics

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func randomTally(rnd *rand.Rand) *Tally {
	t := &Tally{}
	for range rnd.IntN(20) {
		s := NewSample(&generation.Record{
			Usage:     llm.Usage{Input: rnd.Int64N(1e6), Output: rnd.Int64N(1e4), CacheRead: rnd.Int64N(10), AudioMillis: rnd.Int64N(2)},
			LatencyMS: rnd.Int64N(1e5), GenerationMS: rnd.Int64N(1e6),
		})
		t.Count(&s)
	}
	t.Sums[Images] = rnd.Int64() - rnd.Int64()
	return t
}

func TestStoredFormKeepsEverything(t *testing.T) {
	t.Parallel()
	all := All()
	var got Tally
	for seed := range uint64(500) {
		want := randomTally(rand.New(rand.NewPCG(seed, 2)))
		stored := want.AppendRest(nil)
		got.Sums = Sums{}
		copy(got.Sums[:Columns], want.Sums[:Columns]) // the columns
		if err := got.ReadRest(stored, &all); err != nil {
			t.Fatal(err)
		}
		if got.Sums != want.Sums || !equal(got.Latency, want.Latency) || !equal(got.Time, want.Time) || !equal(got.Speed, want.Speed) {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
		for n := range stored {
			if got.ReadRest(stored[:n], &all) == nil {
				t.Fatalf("cut at %d of %d is taken for whole", n, len(stored))
			}
		}
	}
}

func equal(a, b Histogram) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

// What is not wanted is not read, and nothing of a tally before stays.
func TestOnlyWhatIsWantedIsRead(t *testing.T) {
	t.Parallel()
	stored := randomTally(rand.New(rand.NewPCG(1, 3))).AppendRest(nil)
	var got Tally
	all := All()
	if err := got.ReadRest(stored, &all); err != nil || len(got.Time) == 0 || len(got.Latency) == 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if err := got.ReadRest(stored, &Want{Latency: true}); err != nil || len(got.Latency) == 0 || len(got.Time)+len(got.Speed) != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

// A form that an older program wrote has fewer measures.
func TestFewerMeasuresAreRead(t *testing.T) {
	t.Parallel()
	got := Tally{Sums: Sums{Requests: 4, SpeedMS: 9}}
	all := All()
	if err := got.ReadRest([]byte{form, 1, 6, 0, 0, 0}, &all); err != nil || got.Sums != (Sums{Requests: 4, Errors: 3}) {
		t.Errorf("%+v %v", got.Sums, err)
	}
	for _, wrong := range [][]byte{nil, {2, 0, 0, 0, 0}, {form, 200, 0, 0, 0}, {form, 0, 0, 0, 0, 0}} {
		if got.ReadRest(wrong, &all) == nil {
			t.Errorf("%v is taken for a tally", wrong)
		}
	}
}

func FuzzReadRest(f *testing.F) {
	f.Add(randomTally(rand.New(rand.NewPCG(1, 4))).AppendRest(nil))
	f.Add([]byte{form, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got, again Tally
		all := All()
		if got.ReadRest(raw, &all) != nil {
			return
		}
		stored := got.AppendRest(nil)
		if err := again.ReadRest(stored, &all); err != nil || !bytes.Equal(stored, again.AppendRest(nil)) {
			t.Fatalf("%v: %+v, then %+v (%v)", raw, got, again, err)
		}
	})
}

func TestSumsDoNotWrap(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int64{
		{1, 2, 3}, {math.MaxInt64, 1, math.MaxInt64}, {math.MinInt64, -1, math.MinInt64}, {math.MinInt64, math.MinInt64, math.MinInt64},
		{math.MaxInt64, math.MinInt64, -1}, {-5, 3, -2},
	} {
		if got := plus(c[0], c[1]); got != c[2] {
			t.Errorf("%d + %d is %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
