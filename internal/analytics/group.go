package analytics

// group is the sums of a row that is being made. Its histograms have a place for every bin up to
// the highest that has something in it: adding to them searches nothing.
type group struct {
	Sums
	latency, time, speed counts
}

// add adds what of a tally is wanted; sums are the measures among it.
func (g *group) add(t *Tally, sums []Measure, w *Want) {
	for _, m := range sums {
		g.Sums[m] = plus(g.Sums[m], t.Sums[m])
	}
	if w.Latency {
		g.latency.add(t.Latency)
	}
	if w.Time {
		g.time.add(t.Time)
	}
	if w.Speed {
		g.speed.add(t.Speed)
	}
}

func (g *group) tally() *Tally {
	return &Tally{Sums: g.Sums, Latency: g.latency.histogram(), Time: g.time.histogram(), Speed: g.speed.histogram()}
}

// counts is how many values each bin has.
type counts []int64

func (c *counts) add(h Histogram) {
	if len(h) == 0 {
		return
	}
	if most := int(h[len(h)-1].At); most >= len(*c) {
		*c = append(*c, make(counts, most+1-len(*c))...)
	}
	list := *c
	for _, b := range h {
		list[b.At] = plus(list[b.At], b.N)
	}
}

func (c counts) histogram() Histogram {
	var h Histogram
	for at, n := range c {
		if n != 0 {
			h = append(h, Bin{uint16(at), n})
		}
	}
	return h
}
