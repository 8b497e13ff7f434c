// Package analytics answers questions about what requests used, cost and took: how they are
// counted, what can be asked, and how the sums become rows.
//
// It promises that sums are the ledger's to the last digit: counts and amounts are integers
// from the record to the answer, and only rates are rounded. What can be asked is two closed
// tables, metrics and dimensions; everything else is refused with what there is.
//
// It deliberately has no storage and no clock: a store brings Pieces, a caller the time. It
// keeps no sum per end user or session of a client, whose number nothing bounds. Start with
// New, then Table.
package analytics

import "time"

// Grain is how long the pieces of a Span are.
type Grain uint8

// The grains. Hours and Days are sums kept as requests end; Records are the records
// themselves, which cost a read each.
const (
	Days Grain = iota
	Hours
	Records
)

// Span is whose requests are wanted and when they began: From included, To not. Times are
// UTC. Where a span does not begin or end with an hour, the store cuts the hour by reading
// its records.
type Span struct {
	Account  string
	From, To time.Time
	Grain    Grain
}

// Want is what of the tallies a query needs; the rest may be left at zero.
type Want struct {
	Sums                 [measures]bool
	Latency, Time, Speed bool // the histograms
}

// All is everything.
func All() Want {
	w := Want{Latency: true, Time: true, Speed: true}
	for i := range w.Sums {
		w.Sums[i] = true
	}
	return w
}

// Beyond reports whether something without a column is wanted.
func (w *Want) Beyond() bool {
	for _, v := range w.Sums[Columns:] {
		if v {
			return true
		}
	}
	return w.Latency || w.Time || w.Speed
}

// measures are those that are wanted.
func (w *Want) measures() []Measure {
	var list []Measure
	for m, wanted := range w.Sums {
		if wanted {
			list = append(list, Measure(m))
		}
	}
	return list
}

// Piece is a part of a Span: the sums of requests that began in one hour or day under one
// facet, or one request. It is valid until the function that gets it returns.
type Piece struct {
	At      int64  // seconds since 1970, UTC: begin of the hour or day, or of the request
	ID      string // of the generation when it is one request, else ""
	FacetID int64  // equal for equal facets; 0: not known
	Facet   *Facet
	Tally   *Tally
}

// Coverage is what a Span's pieces lack of being exact.
type Coverage struct {
	Behind  int64 // older records that are not counted yet
	Widened bool  // an hour at an end of the span had too many records to be cut, and is there as a whole
}
