package analytics

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Table sums pieces into the rows of a query. It is for one goroutine.
type Table struct {
	q       *Query
	sums    []Measure // that are wanted
	periods map[int64]*period
	groups  int // in all periods
	values  []combination
	index   map[combination]int // in values
	known   []verdict           // by FacetID

	at  int64 // of the piece before
	now *period
}

// combination is a value for each dimension.
type combination [MaxDimensions]string

// period is the rows of a part of time, by their dimensions' place in values.
type period struct {
	at     int64
	groups map[int]*group
}

// verdict is what the query says of a facet.
type verdict int32

// The verdicts. What is kept has its place in values beyond kept.
const (
	unknownFacet verdict = iota
	leftOut
	kept
)

// NewTable is an empty table.
func NewTable(q *Query) *Table {
	return &Table{q: q, sums: q.want.measures(), periods: map[int64]*period{}, index: map[combination]int{}}
}

// Add counts a piece, of which it keeps nothing. The error, of kind Invalid, says that
// there would be more groups than MaxRows.
func (t *Table) Add(p *Piece) error {
	v := t.verdict(p)
	if v == leftOut {
		return nil
	}
	g, err := t.group(p.At, int(v-kept))
	if err != nil {
		return err
	}
	g.add(p.Tally, t.sums, &t.q.want)
	return nil
}

// group is the row of a moment and a place in values.
func (t *Table) group(at int64, dims int) (*group, error) {
	if t.now == nil || at != t.at {
		t.at, t.now = at, t.period(t.q.Granularity.start(at))
	}
	g := t.now.groups[dims]
	if g == nil {
		if t.groups >= MaxRows {
			return nil, fault.New(fault.Invalid, fmt.Sprintf("The query has more than %d groups; narrow time_range, add filters or take a coarser granularity", MaxRows))
		}
		g = &group{}
		t.now.groups[dims] = g
		t.groups++
	}
	return g, nil
}

func (t *Table) period(at int64) *period {
	x := t.periods[at]
	if x == nil {
		x = &period{at, map[int]*group{}}
		t.periods[at] = x
	}
	return x
}

// verdict judges each facet once.
func (t *Table) verdict(p *Piece) verdict {
	if p.FacetID <= 0 {
		return t.judge(p)
	}
	if p.FacetID >= int64(len(t.known)) {
		t.known = append(t.known, make([]verdict, p.FacetID+1-int64(len(t.known)))...)
	}
	if t.known[p.FacetID] == unknownFacet {
		t.known[p.FacetID] = t.judge(p)
	}
	return t.known[p.FacetID]
}

func (t *Table) judge(p *Piece) verdict {
	for i := range t.q.filters {
		if !t.q.filters[i].keeps(p) {
			return leftOut
		}
	}
	var c combination
	for i, d := range t.q.dimensions {
		c[i] = d.of(p)
	}
	i, known := t.index[c]
	if !known {
		i = len(t.values)
		t.index[c] = i
		t.values = append(t.values, c)
	}
	return kept + verdict(i)
}

// Result is the answer: a value per column and row. A value is nil, a string, an int64, a
// float64 or a money.Amount.
type Result struct {
	Columns   []string
	Rows      [][]any
	Truncated bool // there are more rows than the query lets through
}

// line is a row before it is cut to what was asked for.
type line struct {
	at   int64
	dims combination
	*Tally
	by any // what it is sorted by, if it is a metric
}

// Result sorts and cuts the rows. beside gives the value of a dimension's Beside column.
func (t *Table) Result(beside func(column, value string) any) Result {
	if t.groups == 0 && len(t.q.dimensions) == 0 && t.q.Granularity == None {
		t.values = append(t.values, combination{})
		t.period(0).groups[0] = &group{} // the sum over nothing is a row too
	}
	lines := t.sorted()
	limit := t.limit()
	lines, cut := t.perGroup(lines)
	out := Result{Columns: t.columns(), Rows: [][]any{}, Truncated: cut || len(lines) > limit}
	for _, l := range lines[:min(limit, len(lines))] {
		out.Rows = append(out.Rows, t.row(l, beside))
	}
	return out
}

func (t *Table) sorted() []line {
	lines := make([]line, 0, t.groups)
	o := &t.q.order
	for _, x := range t.periods {
		for dims, g := range x.groups {
			l := line{at: x.at, dims: t.values[dims], Tally: g.tally()}
			if o.metric != nil {
				l.by = o.metric.of(l.Tally)
			}
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(o.compare(&a, &b), cmp.Compare(a.at, b.at), strings.Compare(a.dims[0], b.dims[0]), strings.Compare(a.dims[1], b.dims[1]))
	})
	return lines
}

// compare puts null last in both directions.
func (o *order) compare(a, b *line) int {
	c := 0
	switch {
	case o.date:
		c = cmp.Compare(a.at, b.at)
	case o.metric == nil:
		c = strings.Compare(a.dims[o.dimension], b.dims[o.dimension])
		if a.dims[o.dimension] == "" || b.dims[o.dimension] == "" {
			return -c
		}
	case a.by == nil || b.by == nil:
		return cmp.Compare(null(a.by), null(b.by))
	default:
		c = compareValues(a.by, b.by)
	}
	if o.descending {
		return -c
	}
	return c
}

func null(v any) int {
	if v == nil {
		return 1
	}
	return 0
}

// compareValues compares two values of one metric.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case money.Amount:
		return cmp.Compare(a, b.(money.Amount))
	}
	return cmp.Compare(a.(float64), b.(float64))
}

// perGroup keeps the first rows of each combination of dimensions.
func (t *Table) perGroup(lines []line) (kept []line, cut bool) {
	if t.q.groupLimit == 0 || len(t.q.dimensions) == 0 {
		return lines, false
	}
	seen := map[combination]int{}
	for _, l := range lines {
		if seen[l.dims]++; seen[l.dims] <= t.q.groupLimit {
			kept = append(kept, l)
		}
	}
	return kept, len(kept) < len(lines)
}

// limit is how many rows the answer may have. A series in time of several groups is not
// cut unless the query says where (reference §3.18).
func (t *Table) limit() int {
	switch {
	case t.q.limit > 0:
		return t.q.limit
	case t.q.Granularity != None && len(t.q.dimensions) > 0 && t.q.groupLimit == 0:
		return MaxRows
	}
	return DefaultLimit
}

func (t *Table) columns() []string {
	var out []string
	if t.q.Granularity != None {
		out = append(out, t.q.Granularity.column())
	}
	for _, d := range t.q.dimensions {
		out = append(out, d.Name)
		if d.Beside != "" {
			out = append(out, d.Beside)
		}
	}
	for _, m := range t.q.metrics {
		out = append(out, m.Name)
	}
	return out
}

func (t *Table) row(l line, beside func(column, value string) any) []any {
	var out []any
	if t.q.Granularity != None {
		out = append(out, time.Unix(l.at, 0).UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	for i, d := range t.q.dimensions {
		out = append(out, orNull(l.dims[i]))
		if d.Beside != "" {
			out = append(out, beside(d.Beside, l.dims[i]))
		}
	}
	for _, m := range t.q.metrics {
		out = append(out, m.of(l.Tally))
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
