package manage

import (
	"cmp"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// listing is a model as one caller sees it.
type listing struct {
	model  *catalog.Model
	all    []*catalog.Endpoint // that the catalogue has
	usable []*catalog.Endpoint // where routing would send a plain request of the caller, by ID
	shown  *catalog.Endpoint   // whose price and limits stand for the model: the cheapest; nil: no endpoint at all
	alias  string              // the name it was asked by, "" its own

	// Of a model that is not usable: what the operator has to bring, and which rules are
	// in the way.
	needs    []string
	excluded []route.Reason
}

// viewer is the catalogue as one caller may use it.
type viewer struct {
	snap   *catalog.Snapshot
	policy policy.Effective
}

func (a *API) viewer(c *call) viewer { return viewer{a.Catalog(), a.Policy(c.governed())} }

func (v viewer) listing(m *catalog.Model) *listing {
	all := v.snap.Endpoints(m.Slug)
	l := &listing{model: m, all: all}
	if slices.ContainsFunc(all, func(e *catalog.Endpoint) bool { return e.Live }) {
		plan := v.plan(m, "")
		l.usable = endpoints(plan)
		if len(l.usable) == 0 {
			l.excluded = reasons(plan)
		}
	}
	if l.shown = cheapest(l.usable); l.shown == nil {
		l.shown = cheapest(all)
		l.needs = needs(all)
	}
	return l
}

// plan is how routing treats a request that asks for nothing in particular, so that what
// is listed is what can be called.
func (v viewer) plan(m *catalog.Model, tier string) route.Plan {
	var plan route.Plan
	all := v.snap.Endpoints(m.Slug)
	for i, d := range works {
		serves := func(e *catalog.Endpoint) bool { return e.Serves(d.Operation()) }
		if i > 0 && !slices.ContainsFunc(all, serves) {
			continue
		}
		if plan = v.planOf(m, d, tier); len(plan.Steps) > 0 {
			break
		}
	}
	return plan
}

// planOf is the plan of a request of one dialect that asks for nothing in particular.
func (v viewer) planOf(m *catalog.Model, d llm.Dialect, tier string) route.Plan {
	plan, _ := route.New(route.Input{ // its error is that no step is left
		Request:  &llm.Request{From: d, ServiceTier: tier},
		Models:   []route.Candidates{{Model: m.Slug, Endpoints: v.snap.Endpoints(m.Slug)}},
		Revision: v.snap.Revision(),
		Policy:   v.policy,
	})
	return plan
}

// works has a dialect of each operation that a model may be there for.
var works = [...]llm.Dialect{llm.OpenAIChat, llm.OpenAIEmbeddings, llm.CohereRerank, llm.OpenAISpeech, llm.OpenAITranscriptions, llm.OpenAIImages}

// usable are the endpoints of a model that the caller can use, those of service tiers
// included, by ID.
func (v viewer) usable(m *catalog.Model) []*catalog.Endpoint {
	list := append(endpoints(v.plan(m, "priority")), endpoints(v.plan(m, "flex"))...)
	slices.SortFunc(list, byID)
	return slices.Compact(list)
}

// everyUsable is the usable endpoints of every model.
func (v viewer) everyUsable() (list []*catalog.Endpoint) {
	for _, m := range v.snap.Models() {
		if slices.ContainsFunc(v.snap.Endpoints(m.Slug), live) {
			list = append(list, v.usable(m)...)
		}
	}
	return list
}

func endpoints(p route.Plan) []*catalog.Endpoint {
	list := make([]*catalog.Endpoint, len(p.Steps))
	for i := range p.Steps {
		list[i] = p.Steps[i].Endpoint
	}
	slices.SortFunc(list, byID)
	return list
}

// reasons are why live endpoints are out, each once.
func reasons(p route.Plan) []route.Reason {
	var list []route.Reason
	for _, d := range p.Dropped {
		if d.Endpoint.Live && !slices.Contains(list, d.Reason) {
			list = append(list, d.Reason)
		}
	}
	return list
}

// needs are what would make endpoints live, each once.
func needs(all []*catalog.Endpoint) []string {
	list := []string{}
	for _, e := range all {
		if !e.Live && e.Needs != "" && !slices.Contains(list, e.Needs) {
			list = append(list, e.Needs)
		}
	}
	return list
}

// cheapest prefers an endpoint with a price, of no tier, and then the lowest price.
func cheapest(list []*catalog.Endpoint) *catalog.Endpoint {
	if len(list) == 0 {
		return nil
	}
	return slices.MinFunc(list, func(a, b *catalog.Endpoint) int {
		return cmp.Or(prefer(a.Pricing != nil, b.Pricing != nil), prefer(a.Variant == "", b.Variant == ""), comparePrice(a.Pricing, b.Pricing), byID(a, b))
	})
}
