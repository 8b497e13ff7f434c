package route_test

import (
	"reflect"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

func TestNoRoute(t *testing.T) {
	routing := func(r llm.Routing) func(*route.Input) {
		return func(in *route.Input) { in.Request.Routing = r }
	}
	each := func(f func(*catalog.Endpoint)) func(*route.Input) {
		return func(in *route.Input) {
			for _, e := range in.Models[0].Endpoints {
				f(e)
			}
		}
	}
	for _, c := range []struct {
		name       string
		in         func(*route.Input)
		kind       fault.Kind
		status     int
		code       string
		excludedBy []string
		field      string
		says       string
	}{
		{"no endpoints", func(in *route.Input) { in.Models[0].Endpoints = nil }, fault.NoRoute, 404, "no_endpoints", nil, "",
			"No provider serves x/y; choose another model (GET /models lists them)"},
		{"no free endpoints", func(in *route.Input) { in.Models[0] = route.Candidates{Model: "x/y:free"} }, fault.NoRoute, 404, "free_variant_ended", nil, "",
			"x/y:free has no free endpoint; ask for the model without :free"},
		{"none live", each(func(e *catalog.Endpoint) {
			e.Live, e.Needs = false, "KEY_OF_"+e.Provider.Name
			if e.Tag == "gamma" {
				e.Needs = ""
			}
		}), fault.NoRoute, 404, "no_endpoints", nil, "",
			"No provider of x/y is set up here; set KEY_OF_Alpha for Alpha, or set KEY_OF_Beta for Beta, or set up Gamma"},
		{"none priced", each(func(e *catalog.Endpoint) { e.Pricing = nil }), fault.Unpriced, 404, "no_endpoints", nil, "",
			"No endpoint of x/y has a price, so none is called; set its price in the catalogue or declare it free"},
		{"one filter", routing(llm.Routing{MaxPrice: map[string]string{"prompt": "0.5"}}), fault.NoRoute, 404, "constraint_filtered", []string{"max_price"}, "provider.max_price",
			"No endpoint of x/y is left: 3 cost more than the price cap. To go on, raise provider.max_price"},
		{"two filters", routing(llm.Routing{Only: []string{"alpha"}, ZDR: true}), fault.NoRoute, 404, "constraint_filtered", []string{"allowed_providers", "data_policy:zdr"}, "",
			"No endpoint of x/y is left: 2 are not of an allowed provider, 1 are not known to keep nothing. To go on, widen provider.only or the allow list of the account, or lift zero data retention or choose a provider that offers it"},
		{"privacy", routing(llm.Routing{ZDR: true}), fault.NoRoute, 404, "privacy_restricted", []string{"data_policy:zdr"}, "provider.zdr",
			"No endpoint of x/y is left: 3 are not known to keep nothing. To go on, lift zero data retention or choose a provider that offers it"},
		{"a layer to blame, and one that is not set up", func(in *route.Input) {
			in.Models[0].Endpoints[0].Live = false
			in.Policy = policy.Merge(policy.Layer{Name: "guardrail eu", Regions: []string{"eu"}})
		}, fault.NoRoute, 403, "region_restricted", []string{"data_region"}, "",
			"No endpoint of x/y is left: 2 are outside the allowed regions (by guardrail eu). To go on, ask the administrator to allow more regions (1 more are not set up here or have no price)"},
		{"listed ones out, no fallbacks", routing(llm.Routing{Order: []string{"delta"}, NoFallbacks: true}), fault.NoRoute, 404, "constraint_filtered", nil, "provider.allow_fallbacks",
			"No endpoint of x/y is left: 3 would be fallbacks. To go on, allow fallbacks or name another provider in provider.order"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, es := abc()
			for _, e := range es {
				e.Data.Retains = catalog.Unknown
			}
			in := input(es...)
			c.in(&in)
			p, err := route.New(in)
			e := fault.As(err)
			if e.Kind != c.kind || e.HTTPStatus() != c.status || e.Availability == nil {
				t.Fatalf("%v (kind %d, status %d)", err, e.Kind, e.HTTPStatus())
			}
			if e.Public != c.says {
				t.Errorf("says %q\nwant %q", e.Public, c.says)
			}
			a := e.Availability
			if a.Code != c.code || !reflect.DeepEqual(a.ExcludedBy, c.excludedBy) || len(a.RequestedModels) != 1 || a.Retryable {
				t.Errorf("%+v", a)
			}
			if (a.Constraint == nil) != (c.field == "") || a.Constraint != nil && a.Constraint.Field != c.field {
				t.Errorf("constraint %+v", a.Constraint)
			}
			if len(p.Dropped) != len(in.Models[0].Endpoints) {
				t.Errorf("%d dropped", len(p.Dropped))
			}
		})
	}
}
