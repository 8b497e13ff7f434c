package meter_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func anyRates(t *rapid.T, floor int64) catalog.Rates {
	must := func(name string) money.Price {
		return money.Price(floor + rapid.Int64Range(0, 1e10).Draw(t, name))
	}
	may := func(name string) *money.Price {
		if !rapid.Bool().Draw(t, name+" set") {
			return nil
		}
		p := must(name)
		return &p
	}
	return catalog.Rates{
		Prompt: must("prompt"), Completion: must("completion"),
		CacheRead: may("cache read"), CacheWrite: may("cache write"), CacheWrite1h: may("cache write 1h"),
		Reasoning: may("reasoning"), AudioInput: may("audio"), ImageInput: may("image token"),
		AudioOutput: may("audio out"), ImageOutput: may("image out"), Image: may("image"), Request: may("request"),
	}
}

// Tiers never get cheaper, as the package promises only then.
var anyPricing = rapid.Custom(func(t *rapid.T) *catalog.Pricing {
	p := &catalog.Pricing{Rates: anyRates(t, 0)}
	above, floor := int64(0), int64(1e10)
	for range rapid.IntRange(0, 3).Draw(t, "tiers") {
		above += rapid.Int64Range(1, 2000).Draw(t, "above")
		p.Tiers = append(p.Tiers, catalog.Tier{AbovePrompt: above, Rates: anyRates(t, floor)})
		floor += 1e10
	}
	if rapid.Bool().Draw(t, "priority") {
		r := anyRates(t, 0)
		p.Priority = &r
	}
	return p
})

// classes are the fields of a usage that cost tokens.
func classes(u *llm.Usage) []*int64 {
	return []*int64{&u.Input, &u.CacheRead, &u.CacheWrite, &u.CacheWrite5m, &u.CacheWrite1h, &u.AudioInput,
		&u.ImageInput, &u.VideoInput, &u.Output, &u.Reasoning, &u.AudioOutput, &u.ImageOutput}
}

var anyUsage = rapid.Custom(func(t *rapid.T) llm.Usage {
	var u llm.Usage
	for _, n := range classes(&u) {
		*n = rapid.Int64Range(0, 1000).Draw(t, "tokens")
	}
	u.ServiceTier = rapid.SampledFrom([]string{"", "default", "priority"}).Draw(t, "tier")
	return u
})

func TestCostIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, u := anyPricing.Draw(t, "pricing"), anyUsage.Draw(t, "usage")
		less, err := meter.Cost(p, &u, 1)
		if err != nil {
			t.Fatal(err)
		}
		if less.Total < 0 || less.Total > less.Prompt+less.Completion+callOf(p) {
			t.Fatalf("total %d of prompt %d and completion %d", less.Total, less.Prompt, less.Completion)
		}
		all := classes(&u)
		*all[rapid.IntRange(0, len(all)-1).Draw(t, "class")] += rapid.Int64Range(1, 1e6).Draw(t, "more")
		more, err := meter.Cost(p, &u, 1)
		if err != nil {
			t.Fatal(err)
		}
		if more.Total < less.Total {
			t.Fatalf("more usage costs %d, less %d", more.Total, less.Total)
		}
	})
}

// callOf is an upper bound of what a bill holds beside its two sides.
func callOf(p *catalog.Pricing) money.Amount {
	highest := money.Price(0)
	all := []*catalog.Rates{&p.Rates, p.Priority}
	for i := range p.Tiers {
		all = append(all, &p.Tiers[i].Rates)
	}
	for _, r := range all {
		if r != nil && r.Request != nil {
			highest = max(highest, *r.Request)
		}
	}
	return money.Amount(highest/1e6) + 1
}

func TestNoUsageWithinALoadCostsMoreThanItsCeiling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, u := anyPricing.Draw(t, "pricing"), anyUsage.Draw(t, "usage")
		l := meter.Load{
			Prompt: u.Prompt() + rapid.Int64Range(0, 500).Draw(t, "spare prompt"),
			Output: u.Completion() + rapid.Int64Range(0, 500).Draw(t, "spare output"),
			Images: 2, Tier: u.ServiceTier, CacheWrites: true, MediaIn: true, MediaOut: true,
		}
		most, err := meter.Ceiling(p, l)
		if err != nil {
			t.Fatal(err)
		}
		b, err := meter.Cost(p, &u, 2)
		if err != nil {
			t.Fatal(err)
		}
		if b.Total > most {
			t.Fatalf("cost %d over the ceiling %d", b.Total, most)
		}
	})
}

func TestAffordableOutputIsTheMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPricing.Draw(t, "pricing")
		available := money.Amount(rapid.Int64Range(0, 1e9).Draw(t, "available"))
		l := meter.Load{Prompt: rapid.Int64Range(0, 5000).Draw(t, "prompt"), Output: rapid.Int64Range(0, 1e6).Draw(t, "most")}
		got := meter.AffordableOutput(p, l, available)
		if got < 0 || got > l.Output {
			t.Fatalf("%d is not within %d", got, l.Output)
		}
		cost := func(output int64) money.Amount {
			l.Output = output
			c, err := meter.Ceiling(p, l)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		most := l.Output
		if got > 0 && cost(got) > available {
			t.Fatalf("%d tokens cost %d of %d", got, cost(got), available)
		}
		if got < most && cost(got+1) <= available {
			t.Fatalf("%d tokens, one more costs %d of %d", got, cost(got+1), available)
		}
	})
}

func TestEstimateIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string) int64 { return rapid.Int64Min(0).Draw(t, name) }
		s := llm.Size{Text: n("text"), Messages: n("messages"), Images: n("images"), Files: n("files"), FileData: n("data"), Audio: n("audio"), Video: n("video")}
		more := s
		more.Text += min(n("more"), 1<<62-s.Text/2)
		if more.Text < s.Text {
			t.Skip("the size itself wraps")
		}
		if meter.Estimate(more) < meter.Estimate(s) {
			t.Fatalf("%+v is estimated lower than %+v", more, s)
		}
	})
}
