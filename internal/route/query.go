package route

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

const (
	tierPriority = "priority"
	tierFlex     = "flex"
)

// query is an Input made ready for the rules. The fields after the blank line are of the
// model being looked at.
type query struct {
	in           *Input
	req          *llm.Request
	policy       policy.Effective
	promptTokens int64
	priorityTier bool
	flexTier     bool
	wanted       soft
	anyFlexOnly  bool

	model    int
	variant  Variant
	offered  soft // of wanted, what an endpoint of the model knows
	flexOnly bool // flex asked for, and the model has flex endpoints
}

func newQuery(in *Input, layer *policy.Layer) *query {
	q := &query{in: in, req: in.Request, policy: in.Policy.With(layer), promptTokens: in.PromptTokens}
	switch q.req.Tier() {
	case tierPriority, "fast":
		q.priorityTier = true
	case tierFlex:
		q.flexTier = true
	}
	if q.req.Needs&llm.NeedTools != 0 {
		q.wanted |= softTools
	}
	if q.req.Needs&(llm.NeedJSONSchema|llm.NeedJSONObject) != 0 {
		q.wanted |= softFormat
	}
	if slices.Contains(q.req.Params, "verbosity") {
		q.wanted |= softVerbosity
	}
	return q
}

// candidate is an endpoint that passed the filters.
type candidate struct {
	endpoint *catalog.Endpoint
	health   *health.Endpoint
	model    int
	named    int     // place in provider.order, its length when not named
	tier     uint8   // 0 goes before 1
	late     late    // what moves it back
	by       Reason  // what key is
	price    float64 // of this request, in femto-dollars
	key      float64 // ascending
	share    float64
}

// filter drops what is out into p and returns the rest, model by model.
func (q *query) filter(p *Plan) []candidate {
	total := 0
	for i := range q.in.Models {
		total += len(q.in.Models[i].Endpoints)
	}
	kept := make([]candidate, 0, total)
	for i := range q.in.Models {
		m := &q.in.Models[i]
		q.enter(i, m)
		for _, e := range m.Endpoints {
			reason := q.exclusion(e)
			if reason == "" && i > 0 && planned(kept, e) {
				reason = Duplicate
			}
			if reason != "" {
				p.drop(e, m.Model, reason, total)
				continue
			}
			kept = append(kept, q.judge(e))
		}
	}
	return kept
}

// enter makes m the model being looked at. What its endpoints offer is asked of all that
// could be called, whatever any policy says of them.
func (q *query) enter(i int, m *Candidates) {
	q.model, q.variant, q.offered, q.flexOnly = i, m.Variant, 0, false
	for _, e := range m.Endpoints {
		if uncallable(q, e) || !priced(e.Pricing, q.req.From.Operation()) {
			continue
		}
		if q.flexTier && e.Variant == tierFlex {
			q.flexOnly, q.anyFlexOnly = true, true
		}
		if q.wanted != 0 && e.Variant == "" {
			q.offered |= knows(e, q.wanted)
		}
	}
}

func planned(kept []candidate, e *catalog.Endpoint) bool {
	return slices.ContainsFunc(kept, func(c candidate) bool { return c.endpoint.ID == e.ID })
}

func (p *Plan) drop(e *catalog.Endpoint, model string, r Reason, total int) {
	if p.Dropped == nil {
		p.Dropped = make([]Dropped, 0, total)
	}
	p.Dropped = append(p.Dropped, Dropped{e, model, r})
}
