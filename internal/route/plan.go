// Package route decides where a request goes: which endpoints may answer it, in which
// order they are tried, and why.
//
// It is a pure function of its Input: no clock, no global random source. The same input
// gives the same plan on any machine; Record keeps an input so that Replay can show it.
// Every endpoint of the models is either a step of the plan or dropped with one reason, and
// a tighter policy never adds a step.
//
// It deliberately does not resolve names, call anything or know who pays. Start with New;
// the rules are the table in filter.go and the order in order.go.
package route

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Plan is the order of attempts, and for every other endpoint of the models the reason
// why it is not among them.
type Plan struct {
	Steps   []Step
	Dropped []Dropped

	revision string
	health   uint64
	seed     uint64
}

// Step is an endpoint to try.
type Step struct {
	Endpoint *catalog.Endpoint
	Model    string   // slug as in Candidates
	Reasons  []Reason // why it stands where it stands, at least one
	Own      string   // id of the account's own credential that pays, "" the operator's
	Share    float64  // its chance of being drawn first among its model's, 0 not in a draw
}

// Dropped is an endpoint that is not tried.
type Dropped struct {
	Endpoint *catalog.Endpoint
	Model    string
	Reason   Reason
}

// New filters, then orders, then explains. The error is a *fault.Error: Invalid for a
// request that asks of routing what it cannot mean, Unpriced or NoRoute when no endpoint
// is left; the plan then still says why each is out.
func New(in Input) (Plan, error) {
	p := Plan{revision: in.Revision, seed: in.Seed}
	if in.Health != nil {
		p.health = in.Health.Revision
	}
	layer, err := policy.FromRequest(&in.Request.Routing)
	if err != nil {
		return p, err
	}
	q := newQuery(&in, &layer)
	if !knownSort(in.Request.Routing.Sort) {
		return p, fault.Bad("provider.sort", "provider.sort must be price, throughput, latency or exacto")
	}
	kept := q.filter(&p)
	q.arrange(kept)
	p.Steps = q.explain(q.cut(&p, kept))
	if len(p.Steps) == 0 {
		return p, noRoute(&in, q, &p)
	}
	return p, nil
}

// Decision is the plan as it is recorded with its generation.
func (p *Plan) Decision() *generation.Decision {
	d := &generation.Decision{Catalog: p.revision, Health: p.health, Seed: p.seed, Steps: make([]generation.Chosen, len(p.Steps))}
	for i, s := range p.Steps {
		reasons := make([]string, len(s.Reasons))
		for j, r := range s.Reasons {
			reasons[j] = string(r)
		}
		d.Steps[i] = generation.Chosen{Endpoint: s.Endpoint.ID, Own: s.Own, Reasons: reasons}
	}
	if len(p.Dropped) > 0 {
		d.Dropped = make([]generation.Dropped, len(p.Dropped))
	}
	for i, x := range p.Dropped {
		d.Dropped[i] = generation.Dropped{Endpoint: x.Endpoint.ID, Reason: string(x.Reason)}
	}
	return d
}
