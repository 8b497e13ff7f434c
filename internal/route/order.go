package route

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// late is the set of things that move a candidate back. The highest one decides how far.
type late uint8

const (
	lateContext late = 1 << iota
	lateDeranked
	lateThroughput
	lateLatency
	lateRateLimited
	lateOutage
	lateBreaker
)

// level is how far back: 0 not at all, 1 a preference, then 429, outage, open breaker.
func (l late) level() int {
	switch {
	case l >= lateBreaker:
		return 4
	case l >= lateOutage:
		return 3
	case l >= lateRateLimited:
		return 2
	case l > 0:
		return 1
	}
	return 0
}

// expectedOutput is how many output tokens weigh in a price when the request sets no lower
// limit.
const expectedOutput = 500

// judge looks at one endpoint of the model that was entered.
func (q *query) judge(e *catalog.Endpoint) candidate {
	r := &q.req.Routing
	c := candidate{endpoint: e, health: q.in.Health.Of(e.ID), model: q.model, named: len(r.Order), tier: 1, price: q.price(e)}
	for i, slug := range r.Order {
		if namesEndpoint(slug, e) {
			c.named = i
			break
		}
	}
	if q.priorityTier && e.Variant == tierPriority {
		c.tier = 0
	}
	c.late = q.lateness(e, c.health)
	c.by, c.key = q.sortKey(&c)
	return c
}

// price is what the request is expected to cost, in femto-dollars.
func (q *query) price(e *catalog.Endpoint) float64 {
	r := e.Pricing.For(q.promptTokens)
	output := int64(expectedOutput)
	if q.req.MaxOutput > 0 {
		output = min(output, q.req.MaxOutput)
	}
	p := float64(max(q.promptTokens, 1))*float64(r.Prompt) + float64(output)*float64(r.Completion)
	if r.Request != nil {
		p += float64(*r.Request)
	}
	if r.Image != nil {
		p += float64(q.req.Size.Images) * float64(*r.Image)
	}
	return p
}

func (q *query) lateness(e *catalog.Endpoint, h *health.Endpoint) late {
	var l late
	if room := promptRoom(e); room > 0 && q.promptTokens > room {
		l |= lateContext
	}
	if e.Deranked {
		l |= lateDeranked
	}
	if tooSlow(h.Last5m.Throughput, q.req.Routing.MinThroughput) {
		l |= lateThroughput
	}
	if tooLate(h.Last5m.Latency, q.req.Routing.MaxLatency) {
		l |= lateLatency
	}
	if h.BackOff {
		l |= lateRateLimited
	}
	if h.Outage {
		l |= lateOutage
	}
	if h.Breaker == health.Open {
		l |= lateBreaker
	}
	return l
}

// tooSlow reports that a given cutoff is not met. An endpoint without figures is not known
// to be slow.
func tooSlow(is health.Percentiles, least llm.Percentiles) bool {
	return is.Known() && (is.P50 < least.P50 || is.P75 < least.P75 || is.P90 < least.P90 || is.P99 < least.P99)
}

func tooLate(is health.Percentiles, most llm.Percentiles) bool {
	over := func(is, most float64) bool { return most > 0 && is > most }
	return is.Known() && (over(is.P50, most.P50) || over(is.P75, most.P75) || over(is.P90, most.P90) || over(is.P99, most.P99))
}

func knownSort(s string) bool {
	switch s {
	case "", SortPrice, SortThroughput, SortLatency, SortExacto:
		return true
	}
	return false
}

// sort is the order asked for: by the request, else by the model's variant, else by the
// policy; "" asks for balancing.
func (q *query) sort() string { return cmp.Or(q.req.Routing.Sort, q.variant.Sort, q.policy.Sort) }

// sortKey is what a candidate is ordered by. Without figures it comes after those that
// have them.
func (q *query) sortKey(c *candidate) (Reason, float64) {
	sort := q.sort()
	if c.tier == 0 {
		sort = SortThroughput // reference §4.14
	}
	switch sort {
	case SortThroughput:
		return ByThroughput, -c.health.Last5m.Throughput.P50
	case SortLatency:
		if l := c.health.Last5m.Latency; l.Known() {
			return ByLatency, l.P50
		}
		return ByLatency, math.Inf(1)
	case SortExacto:
		return ByQuality, quality(c.health)
	}
	return ByPrice, c.price
}

const (
	toolAnswers = 20   // fewer say nothing about quality
	toolErrors  = 0.05 // share of answers with a broken call that is still good
	qualityStep = 1e6  // more than any throughput
)

// quality orders endpoints whose tool calls are good before those not known, and those
// before the bad ones; within each by throughput.
func quality(h *health.Endpoint) float64 {
	class := 1.0
	if h.ToolAnswers30m >= toolAnswers {
		if class = 0; float64(h.BadTools30m) > toolErrors*float64(h.ToolAnswers30m) {
			class = 2
		}
	}
	return class*qualityStep - h.Last5m.Throughput.P50
}

// arrange puts the candidates in order.
func (q *query) arrange(kept []candidate) {
	r := &q.req.Routing
	across := r.SortAcrossModels && r.Sort != ""
	if len(r.Order) == 0 && !q.anyFlexOnly {
		q.draw(kept)
	}
	slices.SortFunc(kept, func(a, b candidate) int {
		if c := cmp.Compare(a.model, b.model); c != 0 && !across {
			return c
		}
		return cmp.Or(
			cmp.Compare(a.named, b.named),
			cmp.Compare(a.late.level(), b.late.level()),
			cmp.Compare(a.tier, b.tier),
			cmp.Compare(a.key, b.key),
			cmp.Compare(a.price, b.price),
			cmp.Compare(a.model, b.model),
			cmp.Compare(a.endpoint.ID, b.endpoint.ID))
	})
}

// draw picks the first of each model that is not sorted (reference §4.1 A): among those
// that nothing moves back, with a chance of 1/price². The rest stay ordered by price.
func (q *query) draw(kept []candidate) {
	var rnd rand.PCG
	rnd.Seed(q.in.Seed, 0)
	for len(kept) > 0 {
		n := 1
		for n < len(kept) && kept[n].model == kept[0].model {
			n++
		}
		point := float64(rnd.Uint64()>>11) / (1 << 53)
		q.variant = q.in.Models[kept[0].model].Variant
		if q.sort() == "" {
			drawOne(kept[:n], point)
		}
		kept = kept[n:]
	}
}

// drawOne marks the candidate that point, in [0, 1), falls on.
func drawOne(of []candidate, point float64) {
	cheapest := math.Inf(1)
	for i := range of {
		if of[i].inDraw() {
			cheapest = min(cheapest, of[i].price)
		}
	}
	sum := 0.0
	for i := range of {
		if of[i].inDraw() {
			of[i].share = weight(&of[i], cheapest)
			sum += of[i].share
		}
	}
	drawn := -1
	for i := range of {
		if !of[i].inDraw() || of[i].share == 0 {
			continue
		}
		of[i].share /= sum
		if drawn < 0 || point >= 0 {
			drawn = i
		}
		point -= of[i].share
	}
	if drawn >= 0 {
		of[drawn].by, of[drawn].key = Balanced, -1
	}
}

// inDraw also keeps tier endpoints, which have their own order, out.
func (c *candidate) inDraw() bool { return c.late == 0 && c.tier == 1 }

const probingShare = 0.1 // of what a probing endpoint would get

// weight is 1/price² in units of the cheapest; among free endpoints only they have any.
func weight(c *candidate, cheapest float64) float64 {
	w := 1.0
	if c.price > 0 {
		w = cheapest / c.price
		w *= w
	}
	if c.health.Breaker == health.Probing {
		w *= probingShare
	}
	return w
}

// cut drops what may not be tried when fallbacks are not allowed: all but the listed
// endpoints, or all but the first. The flex tier has no fallback either.
func (q *query) cut(p *Plan, kept []candidate) []candidate {
	r := &q.req.Routing
	if !r.NoFallbacks && !q.anyFlexOnly || len(kept) == 0 {
		return kept
	}
	n := 1
	if q.req.Routing.BYOK != allowOwn && len(r.Order) == 0 { // what the account pays for itself goes first
		if i := slices.IndexFunc(kept, func(c candidate) bool { return q.owned(c.endpoint) }); i > 0 {
			kept[0], kept[i] = kept[i], kept[0]
		}
	}
	if listed := len(r.Order); listed > 0 {
		n = 0
		for n < len(kept) && kept[n].named < listed && kept[n].model == kept[0].model {
			n++
		}
	}
	for i := n; i < len(kept); i++ {
		p.drop(kept[i].endpoint, q.in.Models[kept[i].model].Model, NoFallbacks, len(kept)-n)
	}
	return kept[:n]
}

// lateReasons are in the order of the bits of late.
var lateReasons = [...]Reason{TightContext, Deranked, TooSlow, TooLate, RateLimited, Outage, BreakerOpen}

// explain turns the ordered candidates into steps.
func (q *query) explain(kept []candidate) []Step {
	if len(kept) == 0 {
		return nil
	}
	calls := q.payers(kept)
	steps := make([]Step, max(len(calls), len(kept)))
	slab := make([]Reason, 0, 3*len(steps))
	for i := range steps {
		from := len(slab)
		call := paid{}
		if calls == nil {
			call.candidate = &kept[i]
		} else {
			call = calls[i]
		}
		c := call.candidate
		slab = q.reasons(slab, c)
		own := ""
		if call.by != nil {
			own = call.by.ID
			slab = append(slab, ownReason(call.by))
		}
		steps[i] = Step{c.endpoint, q.in.Models[c.model].Model, slab[from:len(slab):len(slab)], own, c.share}
	}
	return steps
}

func ownReason(c *Credential) Reason {
	if c.Fallback {
		return OwnFallback
	}
	return Own
}

func (q *query) reasons(dst []Reason, c *candidate) []Reason {
	if c.named < len(q.req.Routing.Order) {
		dst = append(dst, Ordered)
	} else {
		dst = append(dst, c.by)
	}
	if c.tier == 0 {
		dst = append(dst, Priority)
	}
	if c.model > 0 {
		dst = append(dst, FallbackModel)
	}
	if c.health.Breaker == health.Probing {
		dst = append(dst, Probing)
	}
	for i, r := range lateReasons {
		if c.late&(1<<i) != 0 {
			dst = append(dst, r)
		}
	}
	return dst
}
