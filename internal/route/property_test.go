package route_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

var (
	providers = []string{"alpha", "beta", "gamma", "delta", "epsilon"}
	tags      = append([]string{"alpha/eu", "beta/priority", "gamma/flex"}, providers...)
)

func some(t *rapid.T, name string, from []string) []string {
	return rapid.SliceOfN(rapid.SampledFrom(from), 0, 3).Draw(t, name)
}

func odds(t *rapid.T, name string, oneIn int) bool {
	return rapid.IntRange(1, oneIn).Draw(t, name) == oneIn
}

func anyEndpoints(t *rapid.T, m *catalog.Model) []*catalog.Endpoint {
	var es []*catalog.Endpoint
	for _, tag := range rapid.SliceOfNDistinct(rapid.SampledFrom(tags), 1, 8, rapid.ID).Draw(t, "tags") {
		e := endpoint(m, providers[slices.IndexFunc(providers, func(p string) bool { return len(tag) >= len(p) && tag[:len(p)] == p })], float64(rapid.IntRange(0, 5).Draw(t, "dollars")))
		if variant := tag[len(e.Provider.Slug):]; variant != "" {
			tagged(variant[1:])(e)
		}
		e.Live = !odds(t, "dead", 8)
		e.Quantization = rapid.SampledFrom([]string{"", "fp4", "nvfp4", "fp8"}).Draw(t, "quantization")
		e.Data = catalog.DataPolicy{Trains: catalog.Tri(rapid.IntRange(0, 2).Draw(t, "trains")), Retains: catalog.Tri(rapid.IntRange(0, 2).Draw(t, "retains"))}
		e.Parameters = rapid.SampledFrom([][]string{nil, {"tools"}, {"seed"}, {"tools", "seed", "response_format"}}).Draw(t, "parameters")
		e.ContextLength = rapid.SampledFrom([]int64{0, 400, 800, 10_000}).Draw(t, "context")
		es = append(es, e)
	}
	return es
}

func anyLayer(t *rapid.T) policy.Layer {
	l := policy.Layer{Name: "layer"}
	if odds(t, "providers", 3) {
		l.Providers = some(t, "providers", tags)
	}
	if odds(t, "ignore", 3) {
		l.IgnoreProviders = some(t, "ignore", tags)
	}
	if odds(t, "models", 5) {
		l.Models = some(t, "models", []string{"x/*", "x/y", "x/z"})
	}
	if odds(t, "quantizations", 4) {
		l.Quantizations = some(t, "quantizations", []string{"fp4", "fp8", "unknown"})
	}
	if odds(t, "cap", 3) {
		p := money.Price(rapid.IntRange(0, 5).Draw(t, "cap")) * dollarPerM
		l.MaxPrice.Prompt = &p
	}
	l.ZDR, l.DenyDataCollection, l.RequireParameters = odds(t, "zdr", 5), odds(t, "deny", 5), odds(t, "require", 5)
	l.ZDRFor = policy.Groups(rapid.Uint8Range(0, 31).Draw(t, "zdr for") & rapid.Uint8Range(0, 31).Draw(t, "zdr for too"))
	l.DenyPaidTraining, l.DenyFreeTraining, l.DenyFreePublication = odds(t, "paid", 5), odds(t, "free", 5), odds(t, "publish", 5)
	l.Sort = rapid.SampledFrom([]string{"", "price", "latency"}).Draw(t, "policy sort")
	return l
}

var anyInput = rapid.Custom(func(t *rapid.T) route.Input {
	in := route.Input{Revision: "r", Seed: rapid.Uint64().Draw(t, "seed"), PromptTokens: rapid.Int64Range(0, 1500).Draw(t, "prompt")}
	known := map[string]*health.Endpoint{}
	for i := range rapid.IntRange(1, 2).Draw(t, "models") {
		m := &catalog.Model{Slug: fmt.Sprintf("x/%c", 'y'+i)}
		es := anyEndpoints(t, m)
		in.Models = append(in.Models, route.Candidates{Model: m.Slug, Endpoints: es})
		for _, e := range es {
			h := speed(rapid.Float64Range(0.1, 5).Draw(t, "ttft"), rapid.Float64Range(1, 99).Draw(t, "tps"))
			h.Outage, h.BackOff = odds(t, "outage", 4), odds(t, "back-off", 4)
			h.Breaker = health.Breaker(rapid.IntRange(0, 2).Draw(t, "breaker"))
			if odds(t, "known", 2) {
				known[e.ID] = h
			}
		}
	}
	in.Health = health.NewSnapshot(3, known)
	in.Policy = policy.Merge(anyLayer(t))
	r := llm.Routing{NoFallbacks: odds(t, "no fallbacks", 5), SortAcrossModels: odds(t, "across", 3)}
	r.Sort = rapid.SampledFrom([]string{"", "", "price", "throughput", "latency", "exacto"}).Draw(t, "sort")
	if odds(t, "order", 3) {
		r.Order = some(t, "order", tags)
	}
	if odds(t, "only", 5) {
		r.Only = some(t, "only", tags)
	}
	in.Request = &llm.Request{Routing: r, Params: some(t, "params", []string{"seed", "tools", "verbosity"}),
		Needs:       llm.Needs(rapid.SampledFrom([]llm.Needs{0, llm.NeedTools, llm.NeedJSONObject}).Draw(t, "needs")),
		ServiceTier: rapid.SampledFrom([]string{"", "", "priority", "flex"}).Draw(t, "tier")}
	return in
})

func all(in route.Input) map[*catalog.Endpoint]bool {
	m := map[*catalog.Endpoint]bool{}
	for _, c := range in.Models {
		for _, e := range c.Endpoints {
			m[e] = true
		}
	}
	return m
}

func TestEveryEndpointIsPlannedOrExplained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		p, err := route.New(in)
		if (err == nil) != (len(p.Steps) > 0) {
			t.Fatalf("%d steps and %v", len(p.Steps), err)
		}
		left := all(in)
		n := len(left)
		for _, s := range p.Steps {
			delete(left, s.Endpoint)
			if len(s.Reasons) == 0 {
				t.Fatalf("%s has no reason", s.Endpoint.ID)
			}
		}
		for _, d := range p.Dropped {
			delete(left, d.Endpoint)
			if d.Reason == "" {
				t.Fatalf("%s has no reason", d.Endpoint.ID)
			}
		}
		if len(left) != 0 || len(p.Steps)+len(p.Dropped) != n {
			t.Fatalf("%d endpoints, %d steps, %d dropped", n, len(p.Steps), len(p.Dropped))
		}
	})
}

// A plan, its record written down, read back and replayed, and the plan again.
func TestRecordsReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		want, wantErr := route.New(in)
		written, err := json.Marshal(route.NewRecord(&in))
		if err != nil {
			t.Fatal(err)
		}
		var rec route.Record
		if err := json.Unmarshal(written, &rec); err != nil {
			t.Fatal(err)
		}
		got, gotErr := rec.Replay(func(slug string) []*catalog.Endpoint {
			i := slices.IndexFunc(in.Models, func(c route.Candidates) bool { return c.Model == slug })
			return in.Models[i].Endpoints
		})
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotErr, wantErr) {
			t.Fatalf("replayed %+v, %v\nplanned %+v, %v", got, gotErr, want, wantErr)
		}
		if !reflect.DeepEqual(got.Decision(), want.Decision()) || got.Decision().Health != 3 || got.Decision().Catalog != "r" {
			t.Fatalf("%+v", got.Decision())
		}
	})
}

func TestRecordOfOtherRules(t *testing.T) {
	r := route.Record{Version: route.Version + 1}
	if _, err := r.Replay(nil); !errors.Is(err, route.ErrVersion) {
		t.Error(err)
	}
}

// Fallbacks are allowed here: without them there is one step, and a policy that takes it
// away puts another in its place.
func TestATighterPolicyNeverAddsAStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		in.Request.Routing.NoFallbacks = false
		if in.Request.ServiceTier == "flex" {
			in.Request.ServiceTier = ""
		}
		loose, _ := route.New(in)
		may := map[*catalog.Endpoint]bool{}
		for _, s := range loose.Steps {
			may[s.Endpoint] = true
		}
		l := anyLayer(t)
		in.Policy = in.Policy.With(&l)
		tight, _ := route.New(in)
		for _, s := range tight.Steps {
			if !may[s.Endpoint] {
				t.Fatalf("%s is new", s.Endpoint.ID)
			}
		}
	})
}

func TestSickEndpointsComeLastAndOrderIsRespected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		p, err := route.New(in)
		if err != nil {
			t.Skip("no route")
		}
		named := func(s route.Step) int {
			for i, slug := range in.Request.Routing.Order {
				if slug == s.Endpoint.Tag || slug == s.Endpoint.Provider.Slug && s.Endpoint.Variant == "" {
					return i
				}
			}
			return len(in.Request.Routing.Order)
		}
		sick := func(s route.Step) int {
			switch h := in.Health.Of(s.Endpoint.ID); {
			case h.Breaker == health.Open:
				return 2
			case h.Outage:
				return 1
			}
			return 0
		}
		for i := 1; i < len(p.Steps); i++ {
			a, b := p.Steps[i-1], p.Steps[i]
			if a.Model != b.Model {
				continue
			}
			if named(a) > named(b) {
				t.Fatalf("%s before %s, order is %v", a.Endpoint.Tag, b.Endpoint.Tag, in.Request.Routing.Order)
			}
			if named(a) == named(b) && sick(a) > sick(b) {
				t.Fatalf("%s before %s: %v", a.Endpoint.Tag, b.Endpoint.Tag, p.Steps)
			}
		}
	})
}

// For what a policy keeps out somebody is to blame, for the rest nobody; and what a layer is
// blamed for it keeps out alone.
func TestObjectorsKeepOutAlone(t *testing.T) {
	ofPolicies := []route.Reason{route.AllowedModels, route.IgnoredModels, route.AllowedProviders, route.IgnoredProviders, route.Training, route.Publication, route.ZDR, route.DataRegion, route.Quantization}
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		in.Request.Routing = llm.Routing{}
		one, two := anyLayer(t), anyLayer(t)
		one.Name, two.Name = "one", "two"
		in.Policy = policy.Merge(one, two)
		p, _ := route.New(in) // its error is that no step is left
		for _, d := range p.Dropped {
			names := route.Objectors(in, d.Endpoint, d.Reason)
			if !slices.Contains(ofPolicies, d.Reason) {
				if len(names) > 0 && d.Reason != route.RequireParameters {
					t.Fatalf("%v are blamed for %s", names, d.Reason)
				}
				continue
			}
			if len(names) == 0 {
				t.Fatalf("nobody is blamed for %s of %s", d.Reason, d.Endpoint.ID)
			}
			for _, name := range names {
				alone := in
				alone.Policy = policy.Merge(map[string]policy.Layer{"one": one, "two": two}[name])
				q, _ := route.New(alone)
				if slices.ContainsFunc(q.Steps, func(s route.Step) bool { return s.Endpoint == d.Endpoint && s.Model == d.Model }) {
					t.Fatalf("%s is blamed for %s and lets %s in", name, d.Reason, d.Endpoint.ID)
				}
			}
		}
	})
}
