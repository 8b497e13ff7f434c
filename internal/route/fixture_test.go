package route_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

const dollarPerM = money.Price(1e9) // a dollar per million tokens

// endpoint is a live endpoint of provider at so many dollars per million tokens either way.
func endpoint(m *catalog.Model, provider string, dollars float64, edit ...func(*catalog.Endpoint)) *catalog.Endpoint {
	p := money.Price(dollars * float64(dollarPerM))
	e := &catalog.Endpoint{
		ID: provider + "/" + m.Slug, Tag: provider, Model: m, Live: true,
		Provider: &catalog.Provider{Slug: provider, Name: strings.ToUpper(provider[:1]) + provider[1:]},
		Pricing:  &catalog.Pricing{Rates: catalog.Rates{Prompt: p, Completion: p}},
		Data:     catalog.DataPolicy{Trains: catalog.No, Retains: catalog.No},
	}
	for _, f := range edit {
		f(e)
	}
	return e
}

// tagged makes it one of several endpoints of its provider.
func tagged(variant string) func(*catalog.Endpoint) {
	return func(e *catalog.Endpoint) {
		e.Tag += "/" + variant
		e.ID += "#" + variant
		if variant == "flex" || variant == "priority" {
			e.Variant = variant
		} else {
			e.Region = variant
		}
	}
}

func abc() (*catalog.Model, []*catalog.Endpoint) {
	m := &catalog.Model{Slug: "x/y"}
	return m, []*catalog.Endpoint{endpoint(m, "alpha", 1), endpoint(m, "beta", 2), endpoint(m, "gamma", 3)}
}

func input(es ...*catalog.Endpoint) route.Input {
	return route.Input{
		Request: &llm.Request{}, PromptTokens: 1000, Revision: "r1", Health: health.Empty,
		Models: []route.Candidates{{Model: es[0].Model.Slug, Endpoints: es}},
	}
}

func facts(in *route.Input, f map[string]*health.Endpoint) {
	in.Health = health.NewSnapshot(9, f)
}

func plan(t *testing.T, in route.Input) route.Plan {
	t.Helper()
	p, err := route.New(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// order is the providers' tags of the plan, in order.
func order(p route.Plan) string {
	var out []string
	for _, s := range p.Steps {
		out = append(out, s.Endpoint.Tag)
	}
	return strings.Join(out, " ")
}

func has(s route.Step, r route.Reason) bool { return slices.Contains(s.Reasons, r) }
