package analytics

import (
	"encoding/binary"
	"iter"
)

// A pack is the sums of one hour or day turned round: a part has one measure, or one
// histogram, of all facets in ascending order, so that a query reads the parts it asks for and
// nothing else. A part that is 0 for every facet is not there.

// Part is the number of a part, as it is stored.
type Part int64

// The parts. That of a measure is firstSum and its number.
const (
	facetPart Part = iota // what each facet's id is above the one before
	latencyPart
	timePart
	speedPart
	firstSum

	parts = firstSum + Part(measures)
)

// Packing makes a pack. The zero Packing is empty.
type Packing struct {
	Facets int // how many were added

	last   int64
	filled [parts]bool
	bodies [parts][]byte
}

// Add takes the sums of a facet in. Facets come in ascending order of their ids, each once.
func (p *Packing) Add(facet int64, t *Tally) {
	p.Facets++
	p.filled[facetPart] = true
	p.bodies[facetPart] = binary.AppendVarint(p.bodies[facetPart], facet-p.last)
	p.last = facet
	for i, h := range [...]Histogram{t.Latency, t.Time, t.Speed} {
		part := latencyPart + Part(i)
		p.filled[part] = p.filled[part] || len(h) > 0
		p.bodies[part] = h.append(p.bodies[part])
	}
	for i, v := range t.Sums {
		part := firstSum + Part(i)
		p.filled[part] = p.filled[part] || v != 0
		p.bodies[part] = binary.AppendVarint(p.bodies[part], v)
	}
}

// Parts are those to be stored.
func (p *Packing) Parts() iter.Seq2[Part, []byte] {
	return func(yield func(Part, []byte) bool) {
		for i := range parts {
			if p.filled[i] && !yield(i, p.bodies[i]) {
				return
			}
		}
	}
}

// Unpacking reads packs, one after another, for what is wanted of them.
type Unpacking struct {
	Parts []Part // to be read, in ascending order

	columns [parts]column  // histograms
	values  [parts][]int64 // the other parts; none: all are 0
	sums    []Measure
	tally   Tally
}

// NewUnpacking is ready to take the parts of a pack.
func NewUnpacking(w *Want) *Unpacking {
	u := &Unpacking{Parts: []Part{facetPart}, sums: w.measures()}
	for i, wanted := range [...]bool{w.Latency, w.Time, w.Speed} {
		if wanted {
			u.Parts = append(u.Parts, latencyPart+Part(i))
		}
	}
	for _, m := range u.sums {
		u.Parts = append(u.Parts, firstSum+Part(m))
	}
	return u
}

// Put takes a part of the next pack, of which it keeps nothing.
func (u *Unpacking) Put(part Part, body []byte) error {
	switch {
	case part < 0 || part >= parts:
		return errForm
	case part >= latencyPart && part <= speedPart:
		c := &u.columns[part]
		c.body, c.at, c.here = append(c.body[:0], body...), 0, true
		return nil
	}
	var ok bool
	u.values[part], ok = appendVarints(u.values[part][:0], body)
	if !ok {
		return errForm
	}
	return nil
}

// appendVarints reads a whole part.
func appendVarints(list []int64, body []byte) ([]int64, bool) {
	for at := 0; at < len(body); {
		v, n := uint64(body[at]), 1
		if v >= 0x80 {
			if v, n = binary.Uvarint(body[at:]); n <= 0 {
				return list, false
			}
		}
		list = append(list, int64(v>>1)^-int64(v&1))
		at += n
	}
	return list, true
}

// Each calls f with the facets of the pack and what is wanted of their sums, which is valid
// during the call, and forgets the pack.
func (u *Unpacking) Each(f func(facet int64, t *Tally) error) error {
	steps := u.values[facetPart]
	for _, m := range u.sums {
		if n := len(u.values[firstSum+Part(m)]); n > 0 && n != len(steps) {
			return errForm
		}
	}
	u.tally.Sums = Sums{}
	facet := int64(0)
	for i, step := range steps {
		if step <= 0 || !u.take(i) {
			return errForm
		}
		facet += step
		if err := f(facet, &u.tally); err != nil {
			return err
		}
	}
	for _, part := range u.Parts {
		if !u.columns[part].done() {
			return errForm
		}
		u.columns[part].here = false
		u.values[part] = u.values[part][:0]
	}
	return nil
}

// take sets the tally to the sums of the facet with an index; histograms come one after another.
func (u *Unpacking) take(i int) bool {
	for _, m := range u.sums {
		if list := u.values[firstSum+Part(m)]; len(list) > 0 {
			u.tally.Sums[m] = list[i]
		}
	}
	for i, h := range [...]*Histogram{&u.tally.Latency, &u.tally.Time, &u.tally.Speed} {
		*h = (*h)[:0]
		if c := &u.columns[latencyPart+Part(i)]; c.here && !c.histogram(h) {
			return false
		}
	}
	return true
}
