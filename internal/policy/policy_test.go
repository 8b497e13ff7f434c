package policy_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

func p(v money.Price) *money.Price { return &v }

func TestMerge(t *testing.T) {
	got := policy.Merge(
		policy.Layer{Name: "account", Providers: []string{"a", "b"}, ZDR: true, Sort: "price", MaxPrice: policy.MaxPrice{Prompt: p(5), Image: p(1)}},
		policy.Layer{Name: "guardrail", Providers: []string{}, IgnoreModels: []string{"x/y"}, ZDR: true, MaxPrice: policy.MaxPrice{Prompt: p(3), Image: p(2)}},
		policy.Layer{Name: "request", DenyDataCollection: true, Sort: "latency"},
	)
	want := policy.Effective{
		Providers:          []policy.List{{From: "account", Slugs: []string{"a", "b"}}, {From: "guardrail", Slugs: []string{}}},
		IgnoreModels:       []policy.List{{From: "guardrail", Slugs: []string{"x/y"}}},
		ZDR:                "account",
		DenyDataCollection: "request",
		MaxPrice:           policy.MaxPrice{Prompt: p(3), Image: p(1)},
		Sort:               "latency",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWithLeavesItsReceiverAlone(t *testing.T) {
	base := policy.Merge(policy.Layer{Name: "account", IgnoreProviders: []string{"a"}})
	one := base.With(&policy.Layer{Name: "one", IgnoreProviders: []string{"b"}})
	two := base.With(&policy.Layer{Name: "two", IgnoreProviders: []string{"c"}})
	if len(base.IgnoreProviders) != 1 || one.IgnoreProviders[1].From != "one" || two.IgnoreProviders[1].From != "two" {
		t.Errorf("base %v one %v two %v", base.IgnoreProviders, one.IgnoreProviders, two.IgnoreProviders)
	}
}

func TestFromRequest(t *testing.T) {
	l, err := policy.FromRequest(&llm.Routing{
		Only: []string{"a"}, Ignore: []string{}, ZDR: true,
		MaxPrice: map[string]string{"prompt": "0.30000000000000004", "completion": "2", "request": "0.01", "image": "1e-3", "audio": "7"},
	})
	want := policy.Layer{Name: "request", Providers: []string{"a"}, ZDR: true, MaxPrice: policy.MaxPrice{
		Prompt: p(300_000_000), Completion: p(2_000_000_000), Request: p(1e13), Image: p(1e12), Audio: p(7_000_000_000)}}
	if err != nil || !reflect.DeepEqual(l, want) {
		t.Errorf("got  %+v, %v\nwant %+v", l, err, want)
	}
}

func TestFromRequestRefusesPrices(t *testing.T) {
	for _, c := range []struct{ field, price, says string }{
		{"prompt", "cheap", "provider.max_price.prompt is not a price; write a decimal number of USD such as 0.5"},
		{"prompt", "-1", "provider.max_price.prompt is not a price; write a decimal number of USD such as 0.5"},
		{"image", "", "provider.max_price.image is not a price; write a decimal number of USD such as 0.5"},
		{"request", "1e9", "provider.max_price.request is too large; leave it out for no cap"},
		{"video", "1", "provider.max_price has no field video; use prompt, completion, request, image or audio"},
	} {
		_, err := policy.FromRequest(&llm.Routing{MaxPrice: map[string]string{c.field: c.price}})
		e := fault.As(err)
		if e.Kind != fault.Invalid || e.Message() != c.says || e.Param != "provider.max_price."+c.field {
			t.Errorf("%s %q: %v (param %q)", c.field, c.price, err, e.Param)
		}
	}
}

func TestAPolicyWithoutRulesCostsNothing(t *testing.T) {
	r := new(llm.Routing)
	if n := testing.AllocsPerRun(100, func() {
		l, err := policy.FromRequest(r)
		if e := policy.Merge(l); err != nil || e.Sort != "" {
			t.Error(e, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What says who may see a prompt is in Sight, and whoever adds a field decides about it here.
func TestSight(t *testing.T) {
	gone := []string{"Models", "IgnoreModels", "Quantizations", "RequireParameters", "DistillableOnly", "MaxPrice"}
	price := money.Price(1)
	all := policy.Merge(policy.Layer{
		Name: "x", Providers: []string{"a"}, IgnoreProviders: []string{"a"}, Models: []string{"a"}, IgnoreModels: []string{"a"}, Quantizations: []string{"a"}, Regions: []string{"a"},
		DenyDataCollection: true, ZDR: true, ZDRFor: policy.GroupsOf(policy.XAI), RequireParameters: true, DistillableOnly: true,
		DenyPaidTraining: true, DenyFreeTraining: true, DenyFreePublication: true, MaxPrice: policy.MaxPrice{Prompt: &price}, Sort: "price",
	})
	before, after := reflect.ValueOf(all), reflect.ValueOf(all.Sight())
	for i := range before.NumField() {
		name := before.Type().Field(i).Name
		if before.Field(i).IsZero() {
			t.Errorf("%s is not tested", name)
		}
		if want := slices.Contains(gone, name); after.Field(i).IsZero() != want {
			t.Errorf("%s: gone %t, want %t", name, !want, want)
		}
	}
}
