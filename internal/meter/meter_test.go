package meter_test

import (
	"errors"
	"math"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func price(t *testing.T, perMillion string) money.Price {
	t.Helper()
	p, err := money.PerMillion(perMillion)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func priceList(t *testing.T) *catalog.Pricing {
	read, write, hour := price(t, "0.3"), price(t, "3.75"), price(t, "6")
	search, err := money.ParsePrice("0.01")
	if err != nil {
		t.Fatal(err)
	}
	return &catalog.Pricing{
		Rates: catalog.Rates{Prompt: price(t, "3"), Completion: price(t, "15"),
			CacheRead: &read, CacheWrite: &write, CacheWrite1h: &hour, WebSearch: &search},
		Tiers:    []catalog.Tier{{AbovePrompt: 200_000, Rates: catalog.Rates{Prompt: price(t, "6"), Completion: price(t, "22.5")}}},
		Priority: &catalog.Rates{Prompt: price(t, "30"), Completion: price(t, "150")},
	}
}

func TestCost(t *testing.T) {
	for _, c := range []struct {
		name                string
		usage               llm.Usage
		total, prompt, comp string
		lines               int
	}{
		{"plain", llm.Usage{Input: 1000, Output: 100}, "0.0045", "0.003", "0.0015", 2},
		{"reasoning is output", llm.Usage{Input: 1000, Output: 50, Reasoning: 50}, "0.0045", "0.003", "0.0015", 3},
		{"cache classes", llm.Usage{CacheRead: 1000, CacheWrite: 1000, CacheWrite5m: 1000, CacheWrite1h: 1000}, "0.0138", "0.0138", "0", 4},
		{"unset media rates are the token's", llm.Usage{AudioInput: 10, ImageInput: 10, VideoInput: 10, AudioOutput: 10, ImageOutput: 10}, "0.00039", "0.00009", "0.0003", 5},
		{"at the threshold", llm.Usage{Input: 200_000}, "0.6", "0.6", "0", 1},
		{"above it the whole prompt changes rate", llm.Usage{Input: 200_000, CacheRead: 1, Output: 2}, "1.200051", "1.200006", "0.000045", 3},
		{"priority served", llm.Usage{Input: 1000, Output: 100, ServiceTier: "priority"}, "0.045", "0.03", "0.015", 2},
		{"default served", llm.Usage{Input: 1000, Output: 100, ServiceTier: "default"}, "0.0045", "0.003", "0.0015", 2},
		{"searches are neither side", llm.Usage{WebSearches: 3}, "0.03", "0", "0", 1},
		{"nothing", llm.Usage{}, "0", "0", "0", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := meter.Cost(priceList(t), &c.usage, 0)
			if err != nil {
				t.Fatal(err)
			}
			if b.Total.String() != c.total || b.Prompt.String() != c.prompt || b.Completion.String() != c.comp {
				t.Errorf("total %s prompt %s completion %s, want %s %s %s", b.Total, b.Prompt, b.Completion, c.total, c.prompt, c.comp)
			}
			if len(b.Lines) != c.lines {
				t.Errorf("lines %v, want %d", b.Lines, c.lines)
			}
		})
	}
}

func TestCostRoundsOnce(t *testing.T) {
	// Each class alone is a third of a nano-dollar.
	p := &catalog.Pricing{Rates: catalog.Rates{Prompt: 333_333, Completion: 333_333}}
	b, err := meter.Cost(p, &llm.Usage{Input: 1, VideoInput: 1, Output: 1}, 0)
	if err != nil || b.Total != 1 || b.Prompt != 1 || b.Completion != 1 {
		t.Errorf("%+v, %v: want one nano-dollar in all", b, err)
	}
}

func TestCostByRequestAndImage(t *testing.T) {
	image, call := money.Price(2e12), money.Price(5e12)
	p := &catalog.Pricing{Rates: catalog.Rates{Image: &image, Request: &call}}
	b, err := meter.Cost(p, &llm.Usage{}, 3)
	if err != nil || b.Total.String() != "0.011" || b.Prompt.String() != "0.006" {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestCostRefuses(t *testing.T) {
	p := priceList(t)
	for name, u := range map[string]llm.Usage{
		"negative input":      {Input: -1, Output: 10},
		"negative reasoning":  {Reasoning: -1},
		"negative searches":   {WebSearches: -1},
		"hidden by its total": {Input: 10, CacheRead: -5},
		"prompt wraps around": {Input: math.MaxInt64, CacheRead: math.MaxInt64},
	} {
		if b, err := meter.Cost(p, &u, 0); !errors.Is(err, meter.ErrNegative) {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
	if _, err := meter.Cost(p, &llm.Usage{}, -1); !errors.Is(err, meter.ErrNegative) {
		t.Errorf("negative images: %v", err)
	}
	if _, err := meter.Cost(p, &llm.Usage{Output: math.MaxInt64}, 0); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("overflow: %v", err)
	}
	if _, err := meter.Cost(nil, &llm.Usage{}, 0); !errors.Is(err, meter.ErrUnpriced) {
		t.Errorf("no price: %v", err)
	}
}

func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		name string
		size llm.Size
		want int64
	}{
		{"nothing", llm.Size{}, 16},
		{"text rounds up", llm.Size{Text: 4, Messages: 1}, 16 + 2 + 8},
		{"image", llm.Size{Images: 2}, 16 + 9600},
		{"file", llm.Size{Files: 1, FileData: 7}, 16 + 3000 + 2},
		{"audio and video", llm.Size{Audio: 65, Video: 101}, 16 + 2 + 2},
		{"negative is nothing", llm.Size{Text: -5, Images: -5}, 16},
		{"does not overflow", llm.Size{Text: math.MaxInt64, Images: math.MaxInt64}, math.MaxInt64},
	} {
		if got := meter.Estimate(c.size); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestEstimateUsage(t *testing.T) {
	for _, c := range []struct{ bytes, frames, want int64 }{
		{0, 0, 0}, {0, 5, 0}, {1, 0, 1}, {8, 1, 2}, {9, 1, 3}, {8, 6, 6}, {3, 100, 3}, {-1, 3, 0},
	} {
		u := meter.EstimateUsage(100, c.bytes, c.frames)
		if u.Output != c.want || u.Input != 100 || u.State != llm.UsageEstimated {
			t.Errorf("%d bytes, %d frames: %+v, want output %d", c.bytes, c.frames, u, c.want)
		}
	}
}

func TestLoadOf(t *testing.T) {
	r := &llm.Request{Choices: 3, Size: llm.Size{Images: 1}, Needs: llm.NeedAudioOut, ServiceTier: "priority"}
	l := meter.LoadOf(r, 100)
	if l.Output != 300 || l.Images != 1 || !l.MediaIn || !l.MediaOut || l.Tier != "priority" || l.Prompt != 4816 {
		t.Errorf("%+v", l)
	}
	r.Drafts = 7
	if l := meter.LoadOf(r, 100); l.Output != 700 {
		t.Errorf("7 drafts of 100 tokens are %d", l.Output)
	}
}

func TestAffordableOutput(t *testing.T) {
	p := priceList(t)
	l := meter.Load{Prompt: 1000, Output: 1_000_000}
	for _, c := range []struct {
		available string
		want      int64
	}{{"0", 0}, {"0.002", 0}, {"0.003", 0}, {"0.003015", 1}, {"0.0045", 100}, {"0.00451", 100}, {"1000", 1_000_000}} {
		a, err := money.ParseAmount(c.available)
		if err != nil {
			t.Fatal(err)
		}
		if got := meter.AffordableOutput(p, l, a); got != c.want {
			t.Errorf("%s buys %d, want %d", c.available, got, c.want)
		}
	}
	if got := meter.AffordableOutput(nil, l, money.Dollar); got != 0 {
		t.Errorf("unpriced buys %d", got)
	}
}

func BenchmarkCost(b *testing.B) {
	read := money.Price(3e8)
	p := &catalog.Pricing{Rates: catalog.Rates{Prompt: 3e9, Completion: 15e9, CacheRead: &read}}
	u := &llm.Usage{Input: 1200, CacheRead: 800, Output: 400, Reasoning: 100}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := meter.Cost(p, u, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAffordableOutput(b *testing.B) {
	p := &catalog.Pricing{Rates: catalog.Rates{Prompt: 3e9, Completion: 15e9}}
	l := meter.Load{Prompt: 1000, Output: 100_000}
	b.ReportAllocs()
	for b.Loop() {
		meter.AffordableOutput(p, l, 1e7)
	}
}
