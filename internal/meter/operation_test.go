package meter_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func usd(t *testing.T, s string) *money.Price {
	t.Helper()
	p, err := money.ParsePrice(s)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func TestCostOfOtherOperations(t *testing.T) {
	list := &catalog.Pricing{Rates: catalog.Rates{
		Search: usd(t, "0.002"), Character: usd(t, "0.000015"), AudioSecond: usd(t, "0.0001"), OutputImage: usd(t, "0.02"),
	}}
	for _, c := range []struct {
		name  string
		usage llm.Usage
		total string
		comp  string
	}{
		{"searches", llm.Usage{Searches: 3}, "0.006", "0"},
		{"characters", llm.Usage{Characters: 1000}, "0.015", "0"},
		{"audio by the millisecond", llm.Usage{AudioMillis: 9200}, "0.00092", "0"},
		{"images", llm.Usage{Images: 2}, "0.04", "0.04"},
	} {
		b, err := meter.Cost(list, &c.usage, 0)
		if err != nil || b.Total.String() != c.total || b.Completion.String() != c.comp || len(b.Lines) != 1 {
			t.Errorf("%s: %+v, %v: want %s, of it output %s", c.name, b, err, c.total, c.comp)
		}
	}
	for _, u := range []llm.Usage{{Searches: -1}, {Characters: -1}, {AudioMillis: -1}, {Images: -1}} {
		if _, err := meter.Cost(list, &u, 0); err != meter.ErrNegative {
			t.Errorf("%+v: %v, want ErrNegative", u, err)
		}
	}
}

// A second whose thousandth has no exact price is rounded up, never down to nothing.
func TestMillisecondRoundsUp(t *testing.T) {
	tiny := money.Price(1)
	b, err := meter.Cost(&catalog.Pricing{Rates: catalog.Rates{AudioSecond: &tiny}}, &llm.Usage{AudioMillis: 1}, 0)
	if err != nil || b.Total != 1 {
		t.Errorf("%+v, %v: want one nano-dollar", b, err)
	}
}

func TestComplete(t *testing.T) {
	list := &catalog.Pricing{Rates: catalog.Rates{
		Prompt: 1, Search: usd(t, "0.002"), Character: usd(t, "0.000015"), AudioSecond: usd(t, "0.0001"), OutputImage: usd(t, "0.02"),
	}}
	flat := &catalog.Pricing{Rates: catalog.Rates{Character: usd(t, "0.000015"), OutputImage: usd(t, "0.02")}}
	req := func(d llm.Dialect, s llm.Size) *llm.Request { return &llm.Request{From: d, Size: s, Choices: 2} }
	for _, c := range []struct {
		name string
		p    *catalog.Pricing
		req  *llm.Request
		in   llm.Usage
		want llm.Usage
	}{
		{"embeddings that nobody counted", list, req(llm.OpenAIEmbeddings, llm.Size{Text: 30}), llm.Usage{}, llm.Usage{State: llm.UsageEstimated, Input: 26}},
		{"embeddings that were counted", list, req(llm.OpenAIEmbeddings, llm.Size{Text: 30}), llm.Usage{State: llm.UsageReported, Input: 7}, llm.Usage{State: llm.UsageReported, Input: 7}},
		{"search units that were not reported are not free", list, req(llm.CohereRerank, llm.Size{Searches: 2}), llm.Usage{State: llm.UsageReported, Input: 9}, llm.Usage{State: llm.UsageEstimated, Input: 9, Searches: 2}},
		{"characters are counted exactly", flat, req(llm.OpenAISpeech, llm.Size{Characters: 12}), llm.Usage{}, llm.Usage{State: llm.UsageCounted, Characters: 12}},
		{"seconds that nobody counted", list, req(llm.OpenAITranscriptions, llm.Size{AudioMillis: 5000}), llm.Usage{State: llm.UsageReported, Input: 1}, llm.Usage{State: llm.UsageEstimated, Input: 1, AudioMillis: 5000}},
		{"images as many as asked for", flat, req(llm.OpenAIImages, llm.Size{}), llm.Usage{}, llm.Usage{State: llm.UsageCounted, Images: 2}},
	} {
		if got := meter.Complete(c.p, c.req, c.in, 0); got.State != c.want.State || got.Input != c.want.Input || got.Searches != c.want.Searches ||
			got.Characters != c.want.Characters || got.AudioMillis != c.want.AudioMillis || got.Images != c.want.Images {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// What nobody counted is never billed at nothing where the endpoint has a price for the
// operation, and never above the hold.
func TestCompletedUsageIsNeitherFreeNorOverTheHold(t *testing.T) {
	dialects := []llm.Dialect{llm.OpenAIEmbeddings, llm.CohereRerank, llm.OpenAISpeech, llm.OpenAITranscriptions, llm.OpenAIImages}
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string) int64 { return rapid.Int64Range(1, 1e5).Draw(t, name) }
		p := &catalog.Pricing{Rates: anyRates(t, 1)}
		for _, slot := range []**money.Price{&p.Search, &p.Character, &p.AudioSecond, &p.OutputImage} {
			if rapid.Bool().Draw(t, "set") {
				v := money.Price(n("price"))
				*slot = &v
			}
		}
		r := &llm.Request{From: rapid.SampledFrom(dialects).Draw(t, "dialect"), Choices: rapid.Int64Range(1, 10).Draw(t, "n"),
			Size: llm.Size{Text: n("text"), Tokens: n("tokens"), Characters: n("characters"), AudioMillis: n("millis"), Searches: n("searches"), Audio: n("audio")}}
		most, err := meter.Ceiling(p, meter.LoadOf(r, 8192))
		if err != nil {
			t.Fatal(err)
		}
		delivered := rapid.Int64Range(0, r.Size.Characters).Draw(t, "delivered")
		if r.From == llm.OpenAITranscriptions {
			delivered = min(delivered, 4*8192)
		}
		u := meter.Complete(p, r, llm.Usage{}, delivered)
		b, err := meter.Cost(p, &u, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.Prices(r.From.Operation()) && b.Total == 0 {
			t.Fatalf("%+v costs nothing", u)
		}
		if b.Total > most {
			t.Fatalf("%+v costs %d over the hold of %d", u, b.Total, most)
		}
	})
}

// Any usage that the request's size bounds is within the hold.
func TestHoldCoversEveryClassOfTheOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string) int64 { return rapid.Int64Range(0, 1e5).Draw(t, name) }
		price := func() *money.Price { v := money.Price(n("price")); return &v }
		p := &catalog.Pricing{Rates: catalog.Rates{Prompt: *price(), Completion: *price(), Search: price(), Character: price(), AudioSecond: price(), OutputImage: price()}}
		l := meter.Load{Prompt: n("prompt"), Output: n("output"), Searches: n("searches"), Characters: n("characters"), AudioMillis: n("millis"), Drawn: n("drawn")}
		u := llm.Usage{Searches: l.Searches, Characters: l.Characters, AudioMillis: l.AudioMillis, Images: l.Drawn, Input: l.Prompt, Output: l.Output}
		most, err := meter.Ceiling(p, l)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := meter.Cost(p, &u, 0); err != nil || b.Total > most {
			t.Fatalf("%d over %d (%v)", b.Total, most, err)
		}
	})
}
