package route_test

import (
	"fmt"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// eight is a model with eight endpoints, two of them not live, one failing.
func eight() route.Input {
	m := &catalog.Model{Slug: "x/y"}
	var es []*catalog.Endpoint
	for i := range 8 {
		es = append(es, endpoint(m, fmt.Sprint("provider", i), float64(1+i%4), func(e *catalog.Endpoint) { e.Live = i > 1 }))
	}
	in := input(es...)
	in.Request.Needs, in.Request.Params = llm.NeedTools, []string{"tools", "max_tokens"}
	in.Policy = policy.Merge(policy.Layer{Name: "account", IgnoreProviders: []string{"provider7"}, DenyDataCollection: true})
	facts(&in, map[string]*health.Endpoint{es[3].ID: {Outage: true}, es[4].ID: speed(1, 40)})
	return in
}

func TestAPlanAllocatesLittle(t *testing.T) {
	in := eight()
	if n := testing.AllocsPerRun(100, func() {
		if _, err := route.New(in); err != nil {
			t.Error(err)
		}
	}); n > 7 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPlan(b *testing.B) {
	in := eight()
	b.ReportAllocs()
	for b.Loop() {
		in.Seed++
		if _, err := route.New(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecision(b *testing.B) {
	p, err := route.New(eight())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Decision()
	}
}
