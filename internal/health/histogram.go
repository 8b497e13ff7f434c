package health

import "math"

// A histogram counts values in bins whose width grows by a tenth, so that a percentile is
// within five percent of the true one at any scale: from 1 to about 9,000 units.
const (
	bins   = 96
	growth = 1.1

	latencyUnit    = 0.01 // seconds: 10 ms to 94 s
	throughputUnit = 0.5  // tokens per second: 0.5 to 4,700
)

var binsPerE = 1 / math.Log(growth)

type histogram [bins]uint16

func (h *histogram) add(units float64) {
	i := 0
	if units > 1 {
		i = min(int(math.Log(units)*binsPerE), bins-1)
	}
	if h[i] < math.MaxUint16 {
		h[i]++
	}
}

// totals is the sum of histograms.
type totals struct {
	n   int64
	bin [bins]int64
}

func (t *totals) add(h *histogram) {
	for i, c := range h {
		t.bin[i] += int64(c)
		t.n += int64(c)
	}
}

// rising is the percentiles when small is good.
func (t *totals) rising(unit float64) Percentiles {
	return t.percentiles(unit, func(i int) int { return i })
}

// falling is the percentiles when large is good.
func (t *totals) falling(unit float64) Percentiles {
	return t.percentiles(unit, func(i int) int { return bins - 1 - i })
}

func (t *totals) percentiles(unit float64, order func(int) int) Percentiles {
	if t.n == 0 {
		return Percentiles{}
	}
	at := func(percent int64) float64 {
		rank := (t.n*percent + 99) / 100
		for i := range bins {
			bin := order(i)
			if rank -= t.bin[bin]; rank <= 0 {
				return unit * math.Pow(growth, float64(bin)+0.5)
			}
		}
		return 0
	}
	return Percentiles{P50: at(50), P75: at(75), P90: at(90), P99: at(99)}
}
