package analytics

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// What a query may have.
const (
	MaxDimensions = 2
	MaxMetrics    = 64
	DefaultLimit  = 1000
	MaxRows       = 100_000 // groups and rows
	maxTimed      = 31 * day
)

// Query is a question that can be answered. New makes one; it does not change after.
type Query struct {
	Granularity Granularity

	metrics    []*Metric
	dimensions []*Dimension
	filters    []filter
	from, to   time.Time
	now        time.Time
	grain      Grain
	want       Want
	order      order
	limit      int // 0: not asked for
	groupLimit int // 0: none
}

// order is what rows are sorted by: exactly one of metric, dimension (an index) and date.
type order struct {
	metric     *Metric
	dimension  int
	date       bool
	descending bool
}

// New is the query that is asked at the moment now. Errors are of kind Invalid; they name
// the member and say what there is.
func New(a *Ask, now time.Time) (*Query, error) {
	q := &Query{Granularity: Granularity(a.Granularity), now: now.UTC()}
	for _, step := range [...]func(*Ask) error{q.setMetrics, q.setDimensions, q.setFilters, q.setTime, q.setOrder, q.setLimits} {
		if err := step(a); err != nil {
			return nil, err
		}
	}
	return q, a.unclassified()
}

// Span is what the query has to read. A range that reaches to the present takes the whole
// of the day: what is yet to come is not there.
func (q *Query) Span(account string) Span {
	s := Span{Account: account, From: q.from, To: q.to, Grain: q.grain}
	if !s.To.Before(q.now) {
		s.To = s.To.Truncate(day).Add(day)
	}
	return s
}

// Want is what of the tallies the query needs.
func (q *Query) Want() Want { return q.want }

// Warnings say what of the answer is not what its names promise.
func (q *Query) Warnings() []string {
	var out []string
	for _, m := range q.metrics {
		if m.absent {
			out = append(out, m.Name+" is no part of a bill here and always null")
		}
	}
	return out
}

func metricName(m *Metric) string       { return m.Name }
func dimensionName(d *Dimension) string { return d.Name }

func (q *Query) setMetrics(a *Ask) error {
	switch n := len(a.Metrics); {
	case n == 0:
		return fault.Bad("metrics", "metrics must name at least one of "+names(Metrics[:], metricName))
	case n > MaxMetrics:
		return fault.Bad("metrics", fmt.Sprintf("metrics must have at most %d names, not %d", MaxMetrics, n))
	}
	for i, name := range a.Metrics {
		m := find(Metrics[:], name, metricName)
		if m == nil {
			return unknown(fmt.Sprintf("metrics[%d]", i), name, names(Metrics[:], metricName))
		}
		if !slices.Contains(q.metrics, m) {
			q.metrics = append(q.metrics, m)
			q.need(m)
		}
	}
	return nil
}

func (q *Query) need(m *Metric) {
	for _, sum := range m.sums {
		q.want.Sums[sum] = true
	}
	if m.spread != nil {
		*m.spread(&q.want) = true
	}
}

func (q *Query) setDimensions(a *Ask) error {
	if n := len(a.Dimensions); n > MaxDimensions {
		return fault.Bad("dimensions", fmt.Sprintf("dimensions must have at most %d names, not %d", MaxDimensions, n))
	}
	for i, name := range a.Dimensions {
		at := fmt.Sprintf("dimensions[%d]", i)
		d, err := a.dimension(at, name)
		if err != nil {
			return err
		}
		if find(q.dimensions, name, func(d **Dimension) string { return (*d).Name }) != nil {
			return fault.Bad(at, at+" names "+name+" a second time")
		}
		q.dimensions = append(q.dimensions, d)
	}
	return nil
}

func (q *Query) setFilters(a *Ask) error {
	if n := len(a.Filters); n > maxFilters {
		return fault.Bad("filters", fmt.Sprintf("filters must have at most %d conditions, not %d", maxFilters, n))
	}
	total := 0
	for i := range a.Filters {
		f, err := a.filter(i)
		if err != nil {
			return err
		}
		if total += len(f.values); total > maxValues {
			return fault.Bad("filters", fmt.Sprintf("filters must have at most %d values together", maxValues))
		}
		q.filters = append(q.filters, f)
	}
	return nil
}

// setTime checks the range against all that bounds it, and finds the grain to read.
func (q *Query) setTime(a *Ask) (err error) {
	if q.from, q.to, err = a.timeRange(q.now); err != nil {
		return err
	}
	if q.Granularity != None {
		cut := find(Cuts[:], a.Granularity, func(c *Cut) string { return string(c.Name) })
		if cut == nil {
			return unknown("granularity", a.Granularity, names(Cuts[:], func(c *Cut) string { return string(c.Name) }))
		}
		if err := q.within(cut.most, "The granularity "+a.Granularity); err != nil {
			return err
		}
		q.grain = cut.grain
	}
	for _, m := range q.metrics {
		if m.Timed() {
			if err := q.within(maxTimed, "The metric "+m.Name); err != nil {
				return err
			}
		}
	}
	return q.setRecords()
}

// setRecords has the records read where something is asked of single requests.
func (q *Query) setRecords() error {
	each := slices.ContainsFunc(q.dimensions, func(d *Dimension) bool { return d.each }) ||
		slices.ContainsFunc(q.filters, func(f filter) bool { return f.field.each })
	if !each {
		return nil
	}
	q.grain = Records
	return q.within(maxTimed, "The dimension generation_id")
}

func (q *Query) within(most time.Duration, what string) error {
	if most == 0 || q.to.Sub(q.from) <= most {
		return nil
	}
	return fault.Bad("time_range", fmt.Sprintf("%s is for a time_range of at most %s; narrow it", what, spell(most)))
}

func spell(d time.Duration) string {
	if d <= 2*day {
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/day)
}

// setOrder: without an order rows are sorted by time, or else by the first metric, the
// largest first.
func (q *Query) setOrder(a *Ask) error {
	if a.OrderBy == nil {
		q.order = order{date: true}
		if q.Granularity == None {
			q.order = order{metric: q.metrics[0], descending: true}
		}
		return nil
	}
	switch a.OrderBy.Direction {
	case "asc", "desc":
		q.order.descending = a.OrderBy.Direction == "desc"
	default:
		return fault.Bad("order_by.direction", "order_by.direction must be asc or desc")
	}
	return q.setOrderField(a.OrderBy.Field)
}

func (q *Query) setOrderField(name string) error {
	if q.Granularity != None && (name == "date" || name == q.Granularity.column()) {
		q.order.date = true
		return nil
	}
	can := []string{"request_count"}
	for _, m := range q.metrics {
		can = append(can, m.Name)
		if m.Name == name {
			q.order.metric = m
			return nil
		}
	}
	for i, d := range q.dimensions {
		can = append(can, d.Name)
		if d.Name == name {
			q.order.dimension = i
			return nil
		}
	}
	if name == "request_count" {
		q.order.metric = &Metrics[0]
		q.need(q.order.metric)
		return nil
	}
	if q.Granularity != None {
		can = append(can, "date")
	}
	return unknown("order_by.field", name, strings.Join(slices.Compact(can), ", ")+" in this query")
}

func (q *Query) setLimits(a *Ask) error {
	for _, l := range [...]struct {
		name  string
		asked *int
		out   *int
	}{{"limit", a.Limit, &q.limit}, {"group_limit", a.GroupLimit, &q.groupLimit}} {
		if l.asked == nil {
			continue
		}
		if *l.asked < 1 || *l.asked > MaxRows {
			return fault.Bad(l.name, fmt.Sprintf("%s must be a whole number from 1 to %d", l.name, MaxRows))
		}
		*l.out = *l.asked
	}
	return nil
}
