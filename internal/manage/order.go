package manage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
)

// A figure is what models are sorted by; ok is false for a model without one, which comes
// last whatever the direction.
type figure func(*listing, *health.Snapshot) (value float64, ok bool)

// orders are the sorts of GET /models. Those without a figure rank by what nobody measures
// here: every model is without, and the order stays as it is.
var orders = map[string]struct {
	figure     figure
	descending bool
}{
	"newest":                       {age, true},
	"pricing-low-to-high":          {price, false},
	"pricing-high-to-low":          {price, true},
	"context-high-to-low":          {contextLength, true},
	"throughput-high-to-low":       {throughput, true},
	"latency-low-to-high":          {latency, false},
	"most-popular":                 {},
	"top-weekly":                   {},
	"intelligence-high-to-low":     {},
	"coding-high-to-low":           {},
	"agentic-high-to-low":          {},
	"design-arena-elo-high-to-low": {},
}

func age(l *listing, _ *health.Snapshot) (float64, bool) {
	return float64(l.model.Created), l.model.Created > 0
}

func price(l *listing, _ *health.Snapshot) (float64, bool) {
	if l.shown == nil || l.shown.Pricing == nil {
		return 0, false
	}
	return float64(l.shown.Pricing.Prompt) + float64(l.shown.Pricing.Completion), true
}

func contextLength(l *listing, _ *health.Snapshot) (float64, bool) {
	n := l.contextLength()
	return float64(n), n > 0
}

func throughput(l *listing, h *health.Snapshot) (best float64, ok bool) {
	for _, e := range l.usable {
		best = max(best, h.Of(e.ID).Last30m.Throughput.P50)
	}
	return best, best > 0
}

func latency(l *listing, h *health.Snapshot) (best float64, ok bool) {
	for _, e := range l.usable {
		if p := h.Of(e.ID).Last30m.Latency; p.Known() && (!ok || p.P50 < best) {
			best, ok = p.P50, true
		}
	}
	return best, ok
}

// order sorts in place and is stable.
func order(list []*listing, by string, h *health.Snapshot) {
	o := orders[by]
	if o.figure == nil {
		return
	}
	slices.SortStableFunc(list, func(a, b *listing) int {
		x, xok := o.figure(a, h)
		y, yok := o.figure(b, h)
		c := cmp.Compare(x, y)
		if o.descending {
			c = -c
		}
		return cmp.Or(prefer(xok, yok), c)
	})
}

// prefer puts what has a quality before what has not.
func prefer(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func comparePrice(a, b *catalog.Pricing) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Compare(float64(a.Prompt)+float64(a.Completion), float64(b.Prompt)+float64(b.Completion))
}

func byID(a, b *catalog.Endpoint) int { return strings.Compare(a.ID, b.ID) }
