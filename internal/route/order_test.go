package route_test

import (
	"math"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

func speed(ttft, tps float64) *health.Endpoint {
	return &health.Endpoint{Last5m: health.Speed{Samples: 9,
		Latency:    health.Percentiles{P50: ttft, P75: ttft, P90: 2 * ttft, P99: 2 * ttft},
		Throughput: health.Percentiles{P50: tps, P75: tps, P90: tps / 2, P99: tps / 2}}}
}

// The example of the reference: A costs 1, B costs 2 and fails, C costs 3.
func TestBalancing(t *testing.T) {
	_, es := abc()
	in := input(es...)
	facts(&in, map[string]*health.Endpoint{es[1].ID: {Outage: true}})
	first := map[string]int{}
	const n = 20_000
	for seed := range uint64(n) {
		in.Seed = seed
		p := plan(t, in)
		first[order(p)]++
		if math.Abs(p.Steps[0].Share-0.9) > 1e-9 && math.Abs(p.Steps[0].Share-0.1) > 1e-9 {
			t.Fatalf("share %v", p.Steps[0].Share)
		}
		if !has(p.Steps[0], route.Balanced) || !has(p.Steps[1], route.ByPrice) || !has(p.Steps[2], route.Outage) {
			t.Fatalf("%+v", p.Steps)
		}
	}
	a, c := float64(first["alpha gamma beta"]), float64(first["gamma alpha beta"])
	if a+c != n || math.Abs(a/n-0.9) > 0.01 {
		t.Errorf("%v: want 9 to 1, beta always last", first)
	}
}

func TestFreeEndpointsShareEvenly(t *testing.T) {
	_, es := abc()
	for _, e := range es[1:] {
		e.Pricing = &catalog.Pricing{Free: true}
	}
	in := input(es...)
	first := map[string]int{}
	for seed := range uint64(2000) {
		in.Seed = seed
		first[plan(t, in).Steps[0].Endpoint.Tag]++
	}
	if first["alpha"] != 0 || first["beta"] < 900 || first["gamma"] < 900 {
		t.Errorf("%v", first)
	}
}

func TestAProbingEndpointGetsATenth(t *testing.T) {
	m := &catalog.Model{Slug: "x/y"}
	in := input(endpoint(m, "alpha", 1), endpoint(m, "beta", 1))
	facts(&in, map[string]*health.Endpoint{"alpha/x/y": {Breaker: health.Probing}})
	p := plan(t, in)
	for _, s := range p.Steps {
		want := 10.0 / 11
		if s.Endpoint.Tag == "alpha" {
			want = 1.0 / 11
		}
		if math.Abs(s.Share-want) > 1e-9 || has(s, route.Probing) != (s.Endpoint.Tag == "alpha") {
			t.Errorf("%s: %v %v", s.Endpoint.Tag, s.Share, s.Reasons)
		}
	}
}

func TestPriceIsOfTheRequest(t *testing.T) {
	m := &catalog.Model{Slug: "x/y"}
	reads := endpoint(m, "reads", 1, func(e *catalog.Endpoint) { e.Pricing.Completion = 10 * dollarPerM })
	writes := endpoint(m, "writes", 3, func(e *catalog.Endpoint) { e.Pricing.Completion = 1 * dollarPerM })
	for _, c := range []struct {
		prompt, output int64
		want           string
	}{{10, 0, "writes reads"}, {10_000, 0, "reads writes"}, {100, 1000, "writes reads"}, {100, 10, "reads writes"}} {
		in := input(reads, writes)
		in.PromptTokens, in.Request.MaxOutput, in.Request.Routing.Sort = c.prompt, c.output, route.SortPrice
		if got := order(plan(t, in)); got != c.want {
			t.Errorf("%d in, %d out: %s", c.prompt, c.output, got)
		}
	}
}

func TestOrder(t *testing.T) {
	routing := func(r llm.Routing) func(*route.Input) {
		return func(in *route.Input) { in.Request.Routing = r }
	}
	variant := func(name string) func(*route.Input) {
		v := map[string]route.Variant{
			"nitro": {Sort: "throughput", Priority: true}, "floor": {Sort: "price", Flex: true}, "exacto": {Sort: "exacto"},
		}[name]
		return func(in *route.Input) { in.Models[0].Variant = v }
	}
	known := map[string]*health.Endpoint{
		"alpha/x/y": speed(3, 10), "beta/x/y": speed(1, 30), "gamma/x/y": speed(2, 20),
	}
	ill := map[string]*health.Endpoint{"alpha/x/y": {Breaker: health.Open, Outage: true}, "beta/x/y": {Outage: true}, "gamma/x/y": {BackOff: true}}
	for _, c := range []struct {
		name   string
		in     func(*route.Input)
		health map[string]*health.Endpoint
		want   string
		reason route.Reason // of the first
	}{
		{"price", routing(llm.Routing{Sort: "price"}), known, "alpha beta gamma", route.ByPrice},
		{"throughput", routing(llm.Routing{Sort: "throughput"}), known, "beta gamma alpha", route.ByThroughput},
		{"latency", routing(llm.Routing{Sort: "latency"}), known, "beta gamma alpha", route.ByLatency},
		{"latency unknown goes last", routing(llm.Routing{Sort: "latency"}), map[string]*health.Endpoint{"gamma/x/y": speed(2, 20)}, "gamma alpha beta", route.ByLatency},
		{"throughput unknown goes last", routing(llm.Routing{Sort: "throughput"}), map[string]*health.Endpoint{"gamma/x/y": speed(2, 20)}, "gamma alpha beta", route.ByThroughput},
		{"exacto", routing(llm.Routing{Sort: "exacto"}), map[string]*health.Endpoint{
			"alpha/x/y": {ToolAnswers30m: 100, BadTools30m: 6}, "gamma/x/y": {ToolAnswers30m: 100, BadTools30m: 5}}, "gamma beta alpha", route.ByQuality},
		{"nitro", variant("nitro"), known, "beta gamma alpha", route.ByThroughput},
		{"floor", variant("floor"), known, "alpha beta gamma", route.ByPrice},
		{"a sort beats a variant", func(in *route.Input) { variant("nitro")(in); in.Request.Routing.Sort = "price" }, known, "alpha beta gamma", route.ByPrice},
		{"a variant beats the policy", func(in *route.Input) { variant("nitro")(in); in.Policy.Sort = "price" }, known, "beta gamma alpha", route.ByThroughput},
		{"the policy's sort", func(in *route.Input) { in.Policy.Sort = "price" }, known, "alpha beta gamma", route.ByPrice},
		{"order", routing(llm.Routing{Order: []string{"gamma", "beta"}}), known, "gamma beta alpha", route.Ordered},
		{"order whatever their health", routing(llm.Routing{Order: []string{"alpha", "beta"}}), ill, "alpha beta gamma", route.Ordered},
		{"order then sort", routing(llm.Routing{Order: []string{"alpha"}, Sort: "latency"}), known, "alpha beta gamma", route.Ordered},
		{"order without fallbacks", routing(llm.Routing{Order: []string{"gamma", "beta"}, NoFallbacks: true}), known, "gamma beta", route.Ordered},
		{"no fallbacks", routing(llm.Routing{Sort: "latency", NoFallbacks: true}), known, "beta", route.ByLatency},
		{"429, outage, breaker", routing(llm.Routing{Sort: "price"}), ill, "gamma beta alpha", route.ByPrice},
		{"unmet throughput", routing(llm.Routing{Sort: "price", MinThroughput: llm.Percentiles{P50: 15}}), known, "beta gamma alpha", route.ByPrice},
		{"one unmet cutoff is enough", routing(llm.Routing{Sort: "price", MinThroughput: llm.Percentiles{P50: 1, P90: 12}}), known, "beta alpha gamma", route.ByPrice},
		{"unmet latency", routing(llm.Routing{Sort: "price", MaxLatency: llm.Percentiles{P90: 4}}), known, "beta gamma alpha", route.ByPrice},
		{"a preference without figures", routing(llm.Routing{Sort: "price", MaxLatency: llm.Percentiles{P50: 0.1}}), nil, "alpha beta gamma", route.ByPrice},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, es := abc()
			in := input(es...)
			c.in(&in)
			facts(&in, c.health)
			p := plan(t, in)
			if got := order(p); got != c.want || p.Steps[0].Reasons[0] != c.reason {
				t.Errorf("%s (%v), want %s (%s)", got, p.Steps[0].Reasons, c.want, c.reason)
			}
		})
	}
}

func TestAPromptThatMayNotFitGoesLater(t *testing.T) {
	_, es := abc()
	es[0].ContextLength = 900
	es[1].Deranked = true
	p := plan(t, input(es...))
	if p.Steps[0].Endpoint != es[2] || !has(p.Steps[1], route.TightContext) || !has(p.Steps[2], route.Deranked) {
		t.Errorf("%+v", p.Steps)
	}
}

func TestPriorityTierGoesFirst(t *testing.T) {
	m, es := abc()
	in := input(append(es, endpoint(m, "beta", 9, tagged("priority")), endpoint(m, "gamma", 8, tagged("priority")))...)
	in.Request.ServiceTier = "priority"
	facts(&in, map[string]*health.Endpoint{"beta/x/y#priority": speed(1, 50), "gamma/x/y#priority": speed(1, 40)})
	p := plan(t, in)
	if p.Steps[0].Endpoint.Tag != "beta/priority" || p.Steps[1].Endpoint.Tag != "gamma/priority" || !has(p.Steps[1], route.Priority) {
		t.Errorf("%s", order(p))
	}
}

func TestFallbackModels(t *testing.T) {
	_, es := abc()
	other := &catalog.Model{Slug: "x/z"}
	cheap := endpoint(other, "delta", 0.1)
	in := input(es...)
	in.Models = append(in.Models, route.Candidates{Model: "x/z", Endpoints: []*catalog.Endpoint{cheap}}, in.Models[0])
	in.Request.Routing.Sort = "price"
	p := plan(t, in)
	if order(p) != "alpha beta gamma delta" || !has(p.Steps[3], route.FallbackModel) || p.Steps[3].Model != "x/z" {
		t.Errorf("model by model: %s", order(p))
	}
	if len(p.Dropped) != 3 || p.Dropped[0].Reason != route.Duplicate {
		t.Errorf("dropped %+v", p.Dropped)
	}
	in.Request.Routing.SortAcrossModels = true
	if p = plan(t, in); order(p) != "delta alpha beta gamma" {
		t.Errorf("across models: %s", order(p))
	}
	in.Request.Routing.NoFallbacks = true
	if p = plan(t, in); order(p) != "delta" || len(p.Dropped) != 6 {
		t.Errorf("no fallbacks: %s", order(p))
	}
}

func TestBadSort(t *testing.T) {
	_, es := abc()
	in := input(es...)
	in.Request.Routing.Sort = "beauty"
	if _, err := route.New(in); fault.Of(err) != fault.Invalid || fault.As(err).Param != "provider.sort" {
		t.Errorf("%v", err)
	}
	in.Request.Routing = llm.Routing{MaxPrice: map[string]string{"prompt": "x"}}
	if _, err := route.New(in); fault.Of(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}
