package catalog

import (
	"errors"
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func TestBuildSetsWhatIsLive(t *testing.T) {
	t.Parallel()
	s := snapshot(t, Overlay{
		Origin:      "test",
		Credentials: []string{"openai", "cloudflare", "groq"},
		Providers: []ProviderRow{
			{Provider: Provider{Slug: "groq"}, Off: true},
			{Provider: Provider{Slug: "ollama"}, Free: true},
		},
		Models: []ModelRow{{Model: Model{Slug: "house/tiny"}}},
		Endpoints: []EndpointRow{
			{Provider: "ollama", Model: "house/tiny", UpstreamModel: "tiny:1b"},
		},
	})
	for id, needs := range map[string]string{
		"openai/openai/gpt-4o-mini":           "",
		"ollama/house/tiny":                   "",
		"openrouter/openai/gpt-4o-mini":       "OPENROUTER_API_KEY",
		"cloudflare/openai/gpt-oss-120b":      "CLOUDFLARE_ACCOUNT_ID",
		"groq/openai/gpt-oss-120b":            "provider groq switched on",
		"anthropic/anthropic/claude-opus-4.5": "ANTHROPIC_API_KEY",
	} {
		e := s.Endpoint(id)
		if e == nil {
			t.Errorf("%s: not there", id)
			continue
		}
		if e.Live != (needs == "") || e.Needs != needs {
			t.Errorf("%s: live %t, needs %q, want %q", id, e.Live, e.Needs, needs)
		}
	}
	if e := s.Endpoint("ollama/house/tiny"); e.Pricing == nil || !e.Pricing.Free || e.UpstreamModel != "tiny:1b" {
		t.Errorf("local endpoint %+v", e)
	}
}

func TestBuildFillsPlaceholders(t *testing.T) {
	t.Parallel()
	s := snapshot(t, Overlay{
		Origin:      "test",
		Credentials: []string{"cloudflare"},
		Providers:   []ProviderRow{{Provider: Provider{Slug: "cloudflare"}, Values: map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc"}}},
	})
	if p := s.Provider("cloudflare"); p.BaseURL != "https://api.cloudflare.com/client/v4/accounts/acc/ai/v1" {
		t.Error(p.BaseURL)
	}
	if e := s.Endpoint("cloudflare/openai/gpt-oss-120b"); !e.Live {
		t.Errorf("needs %q", e.Needs)
	}
}

func TestBuildLaysRowsOver(t *testing.T) {
	t.Parallel()
	price := func(s string) money.Price {
		p, err := money.ParsePrice(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	s := snapshot(t,
		Overlay{
			Origin: "first",
			Providers: []ProviderRow{
				{Provider: Provider{Slug: "own", BaseURL: "https://own.example/v1"}},
				{Provider: Provider{Slug: "openai", BaseURL: "https://proxy.example/v1", Data: DataPolicy{Retains: No}}},
			},
			Models: []ModelRow{
				{Model: Model{Slug: "openai/gpt-4o-mini", Name: "Mini"}},
				{Model: Model{Slug: "openai/gpt-4o"}, Off: true},
			},
			Endpoints: []EndpointRow{
				{Provider: "own", Model: "openai/gpt-4o-mini", Tag: "own/eu", Region: "eu", Private: true,
					Pricing: &Pricing{Rates: Rates{Prompt: price("0.001")}}},
				{Provider: "openrouter", Model: "openai/gpt-4o-mini", Off: true},
				{Provider: "openai", Model: "openai/gpt-4o-mini", Free: true},
			},
		},
		Overlay{
			Origin:    "second",
			Endpoints: []EndpointRow{{Provider: "own", Model: "openai/gpt-4o-mini", Tag: "own/eu", ContextLength: 99}},
		})
	e := s.Endpoint("own/eu/openai/gpt-4o-mini")
	if e == nil || e.ContextLength != 99 || e.UpstreamModel != "gpt-4o-mini" || e.Pricing.Prompt != price("0.001") || e.Unpriced != "" || !e.Private || e.Region != "eu" {
		t.Fatalf("added endpoint %+v", e)
	}
	if e.Model.Name != "Mini" || e.Model != s.Model("openai/gpt-4o-mini") {
		t.Errorf("model %+v", e.Model)
	}
	if own := s.Endpoint("openai/openai/gpt-4o-mini"); !own.Pricing.Free || own.Data.Retains != No || own.Provider.BaseURL != "https://proxy.example/v1" {
		t.Errorf("changed endpoint %+v of %+v", own, own.Provider)
	}
	if e.Provider.Protocol != llm.OpenAIChat || e.Provider.Auth != "bearer" || e.Provider.Kind != "inference" {
		t.Errorf("provider %+v", e.Provider)
	}
	if s.Endpoint("openrouter/openai/gpt-4o-mini") != nil || s.Model("openai/gpt-4o") != nil || s.Endpoints("openai/gpt-4o") != nil {
		t.Error("what is off is still there")
	}
	if base := snapshot(t); base.Model("openai/gpt-4o-mini").Name == "Mini" || base.Endpoint("openai/openai/gpt-4o-mini").Pricing.Free {
		t.Error("the base was changed")
	}
}

func TestBuildNamesTheRowAtFault(t *testing.T) {
	t.Parallel()
	zero := &Pricing{}
	falling := &Pricing{Rates: Rates{Prompt: 1}, Tiers: []Tier{{AbovePrompt: 2}, {AbovePrompt: 1}}}
	for name, c := range map[string]struct {
		o       Overlay
		section string
		index   int
	}{
		"credential":  {Overlay{Credentials: []string{"openai", "nobody"}}, "credentials", 1},
		"no slug":     {Overlay{Providers: []ProviderRow{{}}}, "providers", 0},
		"protocol":    {Overlay{Providers: []ProviderRow{{Provider: Provider{Slug: "x", Protocol: "smoke"}}}}, "providers", 0},
		"auth":        {Overlay{Providers: []ProviderRow{{Provider: Provider{Slug: "openai", Auth: "header:"}}}}, "providers", 0},
		"model":       {Overlay{Models: []ModelRow{{Model: Model{Slug: "a/"}}}}, "models", 0},
		"no provider": {Overlay{Endpoints: []EndpointRow{{Provider: "x", Model: "openai/gpt-4o"}}}, "endpoints", 0},
		"no model":    {Overlay{Endpoints: []EndpointRow{{Provider: "openai", Model: "x/y"}}}, "endpoints", 0},
		"tag":         {Overlay{Endpoints: []EndpointRow{{Provider: "openai", Model: "openai/gpt-4o", Tag: "azure/eu"}}}, "endpoints", 0},
		"zero price":  {Overlay{Endpoints: []EndpointRow{{Provider: "openai", Model: "openai/gpt-4o", Pricing: zero}}}, "endpoints", 0},
		"tiers":       {Overlay{Endpoints: []EndpointRow{{Provider: "openai", Model: "openai/gpt-4o", Pricing: falling}}}, "endpoints", 0},
	} {
		d, err := Embedded()
		if err != nil {
			t.Fatal(err)
		}
		c.o.Origin = "here.yaml"
		_, err = Build(d, c.o)
		var row *RowError
		if !errors.As(err, &row) || row.Section != c.section || row.Index != c.index || row.Origin != "here.yaml" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLenientOverlayPassesOverWhatIsGone(t *testing.T) {
	t.Parallel()
	s := snapshot(t, Overlay{Origin: "test", Lenient: true, Endpoints: []EndpointRow{
		{Provider: "nobody", Model: "openai/gpt-4o"},
		{Provider: "openai", Model: "openai/gpt-gone"},
		{Provider: "openai", Model: "openai/gpt-4o", ContextLength: 7, Source: Source{AsOf: "2099-01-01"}},
		{Provider: "openai", Model: "openai/gpt-4o", ContextLength: 8, Source: Source{AsOf: "2020-01-01"}},
	}})
	if got := s.Endpoint("openai/openai/gpt-4o").ContextLength; got != 7 {
		t.Errorf("context length %d", got)
	}
}

func TestRevisionFollowsContent(t *testing.T) {
	t.Parallel()
	a := Overlay{Origin: "x", Credentials: []string{"openai"}}
	b := Overlay{Origin: "x", Credentials: []string{"groq"}}
	plain, first, again, other := snapshot(t), snapshot(t, a), snapshot(t, a), snapshot(t, b)
	if first.Revision() != again.Revision() || len(first.Revision()) != 12 {
		t.Errorf("%s and %s", first.Revision(), again.Revision())
	}
	if plain.Revision() == first.Revision() || first.Revision() == other.Revision() {
		t.Error("different content, same revision")
	}
}

func TestSnapshotOrder(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	if !slices.IsSortedFunc(s.AllEndpoints(), byID) {
		t.Error("endpoints are not sorted")
	}
	total := 0
	for _, m := range s.Models() {
		for _, e := range s.Endpoints(m.Slug) {
			total++
			if e.Model != m || s.Endpoint(e.ID) != e {
				t.Errorf("%s: in the wrong place", e.ID)
			}
		}
	}
	if total != len(s.AllEndpoints()) {
		t.Errorf("%d endpoints by model, %d in all", total, len(s.AllEndpoints()))
	}
}
