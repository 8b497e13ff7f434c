package route_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

type edit = func(*catalog.Endpoint)

func params(names ...string) edit { return func(e *catalog.Endpoint) { e.Parameters = names } }

// Each row has an endpoint beside one at which nothing can be wrong, and says why the
// first is out, or "" that it stays.
func TestFilters(t *testing.T) {
	request := func(f func(*llm.Request)) func(*route.Input) { return func(in *route.Input) { f(in.Request) } }
	layer := func(l policy.Layer) func(*route.Input) {
		l.Name = "account"
		return func(in *route.Input) { in.Policy = policy.Merge(l) }
	}
	routing := func(r llm.Routing) func(*route.Input) {
		return func(in *route.Input) { in.Request.Routing = r }
	}
	none := func(*route.Input) {}
	image := money.Price(1e13)
	for _, c := range []struct {
		name     string
		endpoint edit
		in       func(*route.Input)
		want     route.Reason
	}{
		{"no credential", func(e *catalog.Endpoint) { e.Live = false }, none, route.NotLive},
		{"no price", func(e *catalog.Endpoint) { e.Pricing = nil }, none, route.Unpriced},
		{"zeros are not a price", func(e *catalog.Endpoint) { e.Pricing = &catalog.Pricing{} }, none, route.Unpriced},
		{"unless declared free", func(e *catalog.Endpoint) { e.Pricing = &catalog.Pricing{Free: true} }, none, ""},
		{"free model that costs", func(e *catalog.Endpoint) { e.Model = &catalog.Model{Slug: "x/y:free"} }, none, route.FreeVariant},
		{"cannot see", func(e *catalog.Endpoint) { e.InputModalities = []string{"text"} }, request(func(r *llm.Request) { r.Needs = llm.NeedImages }), route.Modality},
		{"cannot speak", func(e *catalog.Endpoint) { e.OutputModalities = []string{"text"} }, request(func(r *llm.Request) { r.Needs = llm.NeedAudioOut }), route.Modality},
		{"the model cannot hear", func(e *catalog.Endpoint) {
			e.Model = &catalog.Model{Slug: "x/z", InputModalities: []string{"text"}}
		}, request(func(r *llm.Request) { r.Needs = llm.NeedAudioIn }), route.Modality},
		{"surely too long", func(e *catalog.Endpoint) { e.ContextLength = 499 }, none, route.ContextLength},
		{"perhaps too long", func(e *catalog.Endpoint) { e.ContextLength = 500 }, none, ""},
		{"its own prompt limit", func(e *catalog.Endpoint) { e.ContextLength, e.MaxPrompt = 9000, 400 }, none, route.ContextLength},
		{"writes too little", func(e *catalog.Endpoint) { e.MaxOutput = 99 }, request(func(r *llm.Request) { r.MaxOutput = 100 }), route.MaxOutput},
		{"writes enough", func(e *catalog.Endpoint) { e.MaxOutput = 100 }, request(func(r *llm.Request) { r.MaxOutput = 100 }), ""},
		{"priority not asked for", tagged("priority"), none, route.ServiceTier},
		{"priority asked for", tagged("priority"), request(func(r *llm.Request) { r.ServiceTier = "fast" }), ""},
		{"priority by full slug", tagged("priority"), routing(llm.Routing{Order: []string{"odd/priority"}}), ""},
		{"priority not by base slug", tagged("priority"), routing(llm.Routing{Order: []string{"odd"}}), route.ServiceTier},
		{"priority by variant", tagged("priority"), func(in *route.Input) { in.Models[0].Variant.Priority = true }, ""},
		{"flex by variant", tagged("flex"), func(in *route.Input) { in.Models[0].Variant.Flex = true }, ""},
		{"ignores tools", params("seed"), request(func(r *llm.Request) { r.Needs = llm.NeedTools }), route.NoTools},
		{"ignores the format", params("seed"), request(func(r *llm.Request) { r.Needs = llm.NeedJSONSchema }), route.NoFormat},
		{"structured outputs are a format", params("structured_outputs"), request(func(r *llm.Request) { r.Needs = llm.NeedJSONSchema }), ""},
		{"ignores verbosity", params("seed"), request(func(r *llm.Request) { r.Params = []string{"verbosity"} }), route.NoVerbosity},
		{"ignores another parameter", params("seed"), request(func(r *llm.Request) { r.Params = []string{"top_k"} }), ""},

		{"model not allowed", func(e *catalog.Endpoint) { e.Model = &catalog.Model{Slug: "z/z"} }, layer(policy.Layer{Models: []string{"x/*"}}), route.AllowedModels},
		{"model allowed by canonical slug", func(e *catalog.Endpoint) { e.Model = &catalog.Model{Slug: "z/z", CanonicalSlug: "z/z-1"} },
			layer(policy.Layer{Models: []string{"x/y", "z/z-1"}}), ""},
		{"model ignored", func(e *catalog.Endpoint) { e.Model = &catalog.Model{Slug: "z/z"} }, layer(policy.Layer{IgnoreModels: []string{"z/z"}}), route.IgnoredModels},
		{"provider not in only", nil, routing(llm.Routing{Only: []string{"fine"}}), route.AllowedProviders},
		{"provider in only by name", nil, routing(llm.Routing{Only: []string{"Odd", "fine"}}), ""},
		{"region by base slug", tagged("eu"), routing(llm.Routing{Only: []string{"odd", "fine"}}), ""},
		{"region by full slug", tagged("eu"), routing(llm.Routing{Only: []string{"odd/eu", "fine"}}), ""},
		{"another region", tagged("eu"), routing(llm.Routing{Only: []string{"odd/us", "fine"}}), route.AllowedProviders},
		{"an account's base slug has its tiers", tagged("priority"), func(in *route.Input) {
			in.Request.ServiceTier = "priority"
			in.Policy = policy.Merge(policy.Layer{Name: "account", Providers: []string{"odd", "fine"}})
		}, ""},
		{"provider ignored", nil, routing(llm.Routing{Ignore: []string{"odd"}}), route.IgnoredProviders},
		{"may train", func(e *catalog.Endpoint) { e.Data.Trains = catalog.Unknown }, routing(llm.Routing{DenyDataCollection: true}), route.Training},
		{"does not train", nil, routing(llm.Routing{DenyDataCollection: true}), ""},
		{"may retain", func(e *catalog.Endpoint) { e.Data.Retains = catalog.Unknown }, routing(llm.Routing{ZDR: true}), route.ZDR},
		{"zdr of an account", func(e *catalog.Endpoint) { e.Data.Retains = catalog.Yes }, layer(policy.Layer{ZDR: true}), route.ZDR},
		{"zdr of another group of models", func(e *catalog.Endpoint) { e.Data.Retains = catalog.Yes }, layer(policy.Layer{ZDRFor: policy.GroupsOf(policy.OpenAI, policy.Anthropic)}), ""},
		{"zdr of its group of models", func(e *catalog.Endpoint) { e.Data.Retains = catalog.Yes }, layer(policy.Layer{ZDRFor: policy.GroupsOf(policy.Other)}), route.ZDR},
		{"paid training denied", func(e *catalog.Endpoint) { e.Data.Trains = catalog.Unknown }, layer(policy.Layer{DenyPaidTraining: true}), route.Training},
		{"free training denied, and it is paid", func(e *catalog.Endpoint) { e.Data.Trains = catalog.Yes }, layer(policy.Layer{DenyFreeTraining: true}), ""},
		{"free training denied", func(e *catalog.Endpoint) {
			e.Data.Trains = catalog.Yes
			e.Pricing = &catalog.Pricing{Free: true}
		}, layer(policy.Layer{DenyFreeTraining: true}), route.Training},
		{"free publication denied", func(e *catalog.Endpoint) { e.Pricing = &catalog.Pricing{Free: true} }, layer(policy.Layer{DenyFreePublication: true}), route.Publication},
		{"free publication denied, and it is paid", nil, layer(policy.Layer{DenyFreePublication: true}), ""},
		{"region", func(e *catalog.Endpoint) { e.Region = "eu-west-1" }, layer(policy.Layer{Regions: []string{"us"}}), route.DataRegion},
		{"region unknown", func(e *catalog.Endpoint) { e.Region = "" }, layer(policy.Layer{Regions: []string{"us"}}), route.DataRegion},
		{"region by prefix", func(e *catalog.Endpoint) { e.Region = "us-east5" }, layer(policy.Layer{Regions: []string{"us"}}), ""},
		{"region is not any prefix", func(e *catalog.Endpoint) { e.Region = "usa" }, layer(policy.Layer{Regions: []string{"us"}}), route.DataRegion},
		{"all data centres", func(e *catalog.Endpoint) { e.Provider.Datacenters = []string{"US"} }, layer(policy.Layer{Regions: []string{"us"}}), ""},
		{"one data centre elsewhere", func(e *catalog.Endpoint) { e.Provider.Datacenters = []string{"US", "SG"} }, layer(policy.Layer{Regions: []string{"us"}}), route.DataRegion},
		{"quantization", func(e *catalog.Endpoint) { e.Quantization = "int4" }, routing(llm.Routing{Quantizations: []string{"fp4", "unknown"}}), route.Quantization},
		{"fp4 names nvfp4", func(e *catalog.Endpoint) { e.Quantization = "nvfp4" }, routing(llm.Routing{Quantizations: []string{"fp4", "unknown"}}), ""},
		{"fp8 names mxfp8", func(e *catalog.Endpoint) { e.Quantization = "mxfp8" }, routing(llm.Routing{Quantizations: []string{"fp8", "unknown"}}), ""},
		{"mxfp4 does not name nvfp4", func(e *catalog.Endpoint) { e.Quantization = "nvfp4" }, routing(llm.Routing{Quantizations: []string{"mxfp4", "unknown"}}), route.Quantization},
		{"too dear", nil, routing(llm.Routing{MaxPrice: map[string]string{"prompt": "1.99"}}), route.MaxPrice},
		{"just cheap enough", nil, routing(llm.Routing{MaxPrice: map[string]string{"prompt": "2", "completion": "2", "image": "0"}}), ""},
		{"images too dear", func(e *catalog.Endpoint) { e.Pricing.Image = &image }, routing(llm.Routing{MaxPrice: map[string]string{"image": "0.001"}}), route.MaxPrice},
		{"too dear at this length", func(e *catalog.Endpoint) {
			e.Pricing.Tiers = []catalog.Tier{{AbovePrompt: 999, Rates: catalog.Rates{Prompt: 5 * dollarPerM}}}
		}, routing(llm.Routing{MaxPrice: map[string]string{"prompt": "2"}}), route.MaxPrice},
		{"lacks a parameter", params("seed"), func(in *route.Input) {
			in.Request.Routing.RequireParameters, in.Request.Params = true, []string{"seed", "top_k"}
		}, route.RequireParameters},
		{"a parameter with two names", params("max_tokens", "reasoning"), func(in *route.Input) {
			in.Request.Routing.RequireParameters, in.Request.Params = true, []string{"max_completion_tokens", "reasoning_effort"}
		}, ""},
		{"a parameter nobody lists", params("seed"), func(in *route.Input) {
			in.Request.Routing.RequireParameters, in.Request.Params = true, []string{"user"}
		}, ""},
		{"a schema needs structured outputs", params("response_format"), func(in *route.Input) {
			in.Request.Routing.RequireParameters, in.Request.Needs = true, llm.NeedJSONSchema
		}, route.RequireParameters},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &catalog.Model{Slug: "x/y"}
			odd := endpoint(m, "odd", 2)
			if c.endpoint != nil {
				c.endpoint(odd)
			}
			fine := endpoint(m, "fine", 1, func(e *catalog.Endpoint) { e.Region = "us" })
			in := input(fine, odd)
			c.in(&in)
			p := plan(t, in)
			if c.want == "" {
				if len(p.Steps) != 2 {
					t.Errorf("dropped: %+v", p.Dropped[0].Reason)
				}
				return
			}
			if len(p.Steps) != 1 || len(p.Dropped) != 1 || p.Dropped[0].Endpoint != odd || p.Dropped[0].Reason != c.want {
				t.Errorf("steps %s, dropped %+v, want %s", order(p), p.Dropped, c.want)
			}
		})
	}
}

func TestAParameterNobodySupportsIsIgnored(t *testing.T) {
	m := &catalog.Model{Slug: "x/y"}
	in := input(endpoint(m, "alpha", 1, params()), endpoint(m, "beta", 2, params()))
	in.Request.Needs = llm.NeedTools
	in.Models[0].Endpoints[0].Parameters = []string{"seed"}
	in.Models[0].Endpoints[1].Parameters = []string{"seed"}
	if p := plan(t, in); len(p.Steps) != 2 {
		t.Errorf("%s", order(p))
	}
}

func TestFlexHasNoFallback(t *testing.T) {
	_, es := abc()
	in := input(es...)
	in.Request.ServiceTier = "flex"
	if p := plan(t, in); len(p.Steps) != 3 {
		t.Errorf("without flex endpoints: %s", order(p))
	}
	in = input(append(es, endpoint(es[0].Model, "alpha", 0.5, tagged("flex")), endpoint(es[0].Model, "beta", 0.4, tagged("flex")))...)
	in.Request.ServiceTier = "flex"
	if p := plan(t, in); order(p) != "beta/flex" || len(p.Dropped) != 4 {
		t.Errorf("%s, %d dropped", order(p), len(p.Dropped))
	}
}
