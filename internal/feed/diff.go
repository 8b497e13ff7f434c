package feed

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Kind is what a price list would do to an endpoint.
type Kind string

// The kinds of change.
const (
	Added   Kind = "added"   // an endpoint the catalogue does not have
	Changed Kind = "changed" // another price, or a first one
	Removed Kind = "removed" // the list has the provider, but not this endpoint
)

// Boundless is the factor of a change to or from nothing.
const Boundless = 1e9

// Change is one row of a Diff.
type Change struct {
	Kind     Kind
	Endpoint string // ID; "" for an added endpoint of an unknown model
	Provider string // slug
	Model    string // slug; "" unknown
	Offer    Offer  // only its Source when removed
	Old, New *catalog.Pricing
	OldFrom  catalog.Source // of the old price
	Rate     string         // the rate that moved most
	Factor   float64        // how far it moved, at least 1; 0 when there was no price before
	Refused  bool           // not applied unless Accepted
	Why      string         // of the refusal
	Accepted bool           // set by the operator
}

// Diff is what offers would change in the catalogue. A price that moves by more than
// factor, up or down, is refused until a person accepts it, and so is every removal, since
// a list may be cut short. What a list does not state stays as it was.
func Diff(current *catalog.Snapshot, offers []Offer, factor float64) []Change {
	d := differ{
		current: current,
		factor:  factor,
		known:   make(map[string][]*catalog.Endpoint),
		listed:  make(map[string]bool),
		seen:    make(map[string]bool),
	}
	for _, e := range current.AllEndpoints() {
		if e.Private {
			continue // its price is its owner's to say
		}
		key := offerKey(e.Provider.Slug, e.UpstreamModel)
		d.known[key] = append(d.known[key], e)
	}
	for i := range offers {
		d.source = offers[i].Source
		d.offer(&offers[i])
	}
	d.removals()
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Offer.UpstreamModel, b.Offer.UpstreamModel))
	})
	return d.changes
}

type differ struct {
	current *catalog.Snapshot
	factor  float64
	known   map[string][]*catalog.Endpoint // by provider and upstream name
	listed  map[string]bool                // providers the list has
	seen    map[string]bool                // keys the list has
	source  catalog.Source                 // of the list
	changes []Change
}

func offerKey(provider, upstream string) string { return provider + "\x00" + upstream }

func (d *differ) offer(o *Offer) {
	if d.current.Provider(o.Provider) == nil {
		return // nobody we could call
	}
	key := offerKey(o.Provider, o.UpstreamModel)
	d.listed[o.Provider], d.seen[key] = true, true
	if o.Pricing == nil {
		return
	}
	for _, e := range d.known[key] {
		d.change(e, o)
	}
	if len(d.known[key]) == 0 {
		d.add(o)
	}
}

func (d *differ) change(e *catalog.Endpoint, o *Offer) {
	next := merge(e.Pricing, o.Pricing)
	if samePricing(e.Pricing, next) {
		return
	}
	c := Change{Kind: Changed, Endpoint: e.ID, Provider: e.Provider.Slug, Model: e.Model.Slug, Offer: *o, Old: e.Pricing, New: next, OldFrom: e.Source}
	if e.Pricing != nil {
		c.Rate, c.Factor = jump(e.Pricing, next)
	}
	if c.Factor > d.factor {
		c.refuse(fmt.Sprintf("%s moves by a factor of %.3g, more than %.3g", c.Rate, c.Factor, d.factor))
	}
	d.changes = append(d.changes, c)
}

func (d *differ) add(o *Offer) {
	c := Change{Kind: Added, Provider: o.Provider, Model: o.Model, Offer: *o, New: o.Pricing}
	switch r, err := d.current.Resolve(cmp.Or(o.Model, o.UpstreamModel)); {
	case err == nil:
		c.Model = r.Model.Slug
	case o.Model == "":
		c.refuse("which model it is cannot be told from the name; configure the endpoint by hand")
		d.changes = append(d.changes, c)
		return
	}
	c.Endpoint = o.Provider + "/" + c.Model
	if d.current.Endpoint(c.Endpoint) != nil {
		c.refuse("the provider serves the model under another name already; configure the endpoint by hand")
		c.Endpoint = ""
	}
	d.changes = append(d.changes, c)
}

func (d *differ) removals() {
	for _, e := range d.current.AllEndpoints() {
		if !d.listed[e.Provider.Slug] || d.seen[offerKey(e.Provider.Slug, e.UpstreamModel)] || e.Pricing == nil || e.Private {
			continue
		}
		c := Change{Kind: Removed, Endpoint: e.ID, Provider: e.Provider.Slug, Model: e.Model.Slug, Old: e.Pricing, OldFrom: e.Source, Offer: Offer{Source: d.source}}
		c.refuse("the list no longer has it; accept the removal if that is right")
		d.changes = append(d.changes, c)
	}
}

// Applies reports whether the change is made when a list is applied.
func (c *Change) Applies() bool { return c.Endpoint != "" && (!c.Refused || c.Accepted) }

func (c *Change) refuse(why string) { c.Refused, c.Why = true, why }

// merge is next, with what it does not state taken from old.
func merge(old, next *catalog.Pricing) *catalog.Pricing {
	if old == nil || next.Free {
		return next
	}
	out := *next
	out.Rates = mergeRates(old.Rates, next.Rates)
	if out.Tiers == nil {
		out.Tiers = old.Tiers
	}
	if out.Priority == nil {
		out.Priority = old.Priority
	}
	return &out
}

func mergeRates(old, next catalog.Rates) catalog.Rates {
	for _, name := range catalog.RateNames {
		if slot := next.Optional(name); *slot == nil {
			*slot = *old.Optional(name)
		}
	}
	return next
}

func samePricing(a, b *catalog.Pricing) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Free != b.Free || (a.Priority == nil) != (b.Priority == nil) || a.Priority != nil && !sameRates(a.Priority, b.Priority) {
		return false
	}
	return sameRates(&a.Rates, &b.Rates) && slices.EqualFunc(a.Tiers, b.Tiers, func(x, y catalog.Tier) bool {
		return x.AbovePrompt == y.AbovePrompt && sameRates(&x.Rates, &y.Rates)
	})
}

// sameRates compares what rates come to, so that stating a default is no change.
func sameRates(a, b *catalog.Rates) bool {
	if a.Prompt != b.Prompt || a.Completion != b.Completion {
		return false
	}
	for _, name := range catalog.RateNames {
		if effective(a, name) != effective(b, name) {
			return false
		}
	}
	return true
}

// effective is a rate with the fallbacks that catalog.Rates documents.
func effective(r *catalog.Rates, name string) money.Price {
	if p := *r.Optional(name); p != nil {
		return *p
	}
	switch name {
	case "cache_read", "cache_write", "audio_input", "image_input":
		return r.Prompt
	case "cache_write_1h":
		return effective(r, "cache_write")
	case "reasoning", "audio_output", "image_output":
		return r.Completion
	}
	return 0
}

// jump is the rate that moves most between two price lists, and by how much. A tier is
// compared with what held for the same prompt before.
func jump(a, b *catalog.Pricing) (rate string, factor float64) {
	factor = 1
	consider := func(name string, x, y money.Price) {
		if f := ratio(x, y); f > factor {
			rate, factor = name, f
		}
	}
	points := []int64{0}
	for _, t := range slices.Concat(a.Tiers, b.Tiers) {
		points = append(points, t.AbovePrompt+1)
	}
	for _, prompt := range points {
		ra, rb := a.For(prompt), b.For(prompt)
		consider("prompt", ra.Prompt, rb.Prompt)
		consider("completion", ra.Completion, rb.Completion)
		for _, name := range catalog.RateNames {
			consider(name, effective(ra, name), effective(rb, name))
		}
	}
	return rate, factor
}

// ratio is how far apart two prices are, for people and for the limit; no amount is
// computed from it.
func ratio(a, b money.Price) float64 {
	lo, hi := min(a, b), max(a, b)
	switch {
	case lo == hi:
		return 1
	case lo == 0:
		return Boundless
	}
	return float64(hi) / float64(lo)
}
