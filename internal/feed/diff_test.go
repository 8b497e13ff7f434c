package feed

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func usd(t *testing.T, perMillion string) money.Price {
	t.Helper()
	p, err := money.PerMillion(perMillion)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// small is a catalogue of one provider with two endpoints.
func small(t *testing.T, overlays ...catalog.Overlay) *catalog.Snapshot {
	t.Helper()
	read := usd(t, "0.1")
	base := catalog.Overlay{
		Origin:    "base",
		Providers: []catalog.ProviderRow{{Provider: catalog.Provider{Slug: "p", BaseURL: "https://p.example"}}},
		Models:    []catalog.ModelRow{{Model: catalog.Model{Slug: "a/one"}}, {Model: catalog.Model{Slug: "a/two"}}, {Model: catalog.Model{Slug: "a/three"}}},
		Endpoints: []catalog.EndpointRow{
			{Provider: "p", Model: "a/one", UpstreamModel: "one", Source: catalog.Source{Name: "base", AsOf: "2020-01-01"},
				Pricing: &catalog.Pricing{
					Rates:    catalog.Rates{Prompt: usd(t, "1"), Completion: usd(t, "2"), CacheRead: &read},
					Priority: &catalog.Rates{Prompt: usd(t, "2"), Completion: usd(t, "4")},
				}},
			{Provider: "p", Model: "a/two", UpstreamModel: "two", Pricing: &catalog.Pricing{Rates: catalog.Rates{Prompt: usd(t, "1"), Completion: usd(t, "2")}}},
		},
	}
	s, err := catalog.Build(&catalog.Data{}, append([]catalog.Overlay{base}, overlays...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func offer(t *testing.T, upstream, in, out string) Offer {
	t.Helper()
	return Offer{Provider: "p", UpstreamModel: upstream, Source: today,
		Pricing: &catalog.Pricing{Rates: catalog.Rates{Prompt: usd(t, in), Completion: usd(t, out)}}}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		offers []Offer
		want   []string // kind, endpoint, refused
	}{
		"the same":           {[]Offer{offer(t, "one", "1", "2"), offer(t, "two", "1", "2")}, nil},
		"a small move":       {[]Offer{offer(t, "one", "1.5", "2"), offer(t, "two", "1", "2")}, []string{"changed p/a/one false"}},
		"a jump up":          {[]Offer{offer(t, "one", "1", "20"), offer(t, "two", "1", "2")}, []string{"changed p/a/one true"}},
		"a jump down":        {[]Offer{offer(t, "one", "0.1", "2"), offer(t, "two", "1", "2")}, []string{"changed p/a/one true"}},
		"removed":            {[]Offer{offer(t, "one", "1", "2")}, []string{"removed p/a/two true"}},
		"added":              {[]Offer{offer(t, "one", "1", "2"), offer(t, "two", "1", "2"), offer(t, "three", "1", "1")}, []string{"added p/a/three false"}},
		"added, who knows":   {[]Offer{offer(t, "one", "1", "2"), offer(t, "two", "1", "2"), offer(t, "xyz", "1", "1")}, []string{"added  true"}},
		"somebody else's":    {[]Offer{{Provider: "q", UpstreamModel: "one", Pricing: &catalog.Pricing{}}}, nil},
		"listed, not priced": {[]Offer{{Provider: "p", UpstreamModel: "one", Unpriced: "dynamic"}, offer(t, "two", "1", "2")}, nil},
	} {
		var got []string
		for _, ch := range Diff(small(t), c.offers, 3) {
			got = append(got, string(ch.Kind)+" "+ch.Endpoint+" "+strconv.FormatBool(ch.Refused))
			if ch.Refused == (ch.Why == "") {
				t.Errorf("%s: refused %t because %q", name, ch.Refused, ch.Why)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestDiffMeasuresTheLargestMove(t *testing.T) {
	t.Parallel()
	tiered := offer(t, "one", "1", "2")
	tiered.Pricing.Tiers = []catalog.Tier{{AbovePrompt: 1000, Rates: catalog.Rates{Prompt: usd(t, "1"), Completion: usd(t, "50")}}}
	fee := money.Price(5)
	withFee := offer(t, "one", "1", "2")
	withFee.Pricing.Request = &fee
	for _, c := range []struct {
		o      Offer
		rate   string
		factor float64
	}{
		{offer(t, "one", "1", "5"), "completion", 2.5},
		{offer(t, "one", "4", "5"), "prompt", 4},
		{tiered, "completion", 25},
		{withFee, "request", Boundless},
	} {
		ch := Diff(small(t), []Offer{c.o, offer(t, "two", "1", "2")}, 1)[0]
		if ch.Rate != c.rate || ch.Factor != c.factor {
			t.Errorf("%s by %g, want %s by %g", ch.Rate, ch.Factor, c.rate, c.factor)
		}
	}
}

func TestDiffKeepsWhatAListDoesNotState(t *testing.T) {
	t.Parallel()
	ch := Diff(small(t), []Offer{offer(t, "one", "1.1", "2"), offer(t, "two", "1", "2")}, 3)[0]
	if ch.New.CacheRead == nil || ch.New.Priority == nil || ch.New.Prompt != usd(t, "1.1") {
		t.Errorf("new price %+v", ch.New)
	}
	if ch.Old.Prompt != usd(t, "1") {
		t.Error("the old price was changed")
	}
}

// The embedded catalogue against itself, written as a list: no change.
func TestDiffOfTheEmbeddedCatalogue(t *testing.T) {
	t.Parallel()
	base, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s, err := catalog.Build(base)
	if err != nil {
		t.Fatal(err)
	}
	var same []Offer
	for _, e := range s.AllEndpoints() {
		same = append(same, Offer{Provider: e.Provider.Slug, UpstreamModel: e.UpstreamModel, Pricing: e.Pricing})
	}
	for _, c := range Diff(s, same, 1.01) {
		t.Errorf("%s %s: %s by %g", c.Kind, c.Endpoint, c.Rate, c.Factor)
	}
}

func day(n int) time.Time { return time.Date(2099, 1, n, 0, 0, 0, 0, time.UTC) }

// What somebody added themself has the price that they gave it.
func TestDiffLeavesPrivateEndpointsAlone(t *testing.T) {
	own := small(t, catalog.Overlay{Endpoints: []catalog.EndpointRow{
		{Provider: "p", Model: "a/one", Tag: "p/mine", UpstreamModel: "one", Private: true, Pricing: &catalog.Pricing{Rates: catalog.Rates{Prompt: usd(t, "9"), Completion: usd(t, "9")}}},
		{Provider: "p", Model: "a/three", UpstreamModel: "tuned", Private: true, Pricing: &catalog.Pricing{Free: true}},
	}})
	changes := Diff(own, []Offer{offer(t, "one", "1.5", "2"), offer(t, "two", "1", "2"), offer(t, "three", "1", "1")}, 2)
	if len(changes) != 2 || changes[0].Kind != Added || !changes[0].Refused || changes[1].Endpoint != "p/a/one" {
		t.Errorf("%+v", changes)
	}
}
