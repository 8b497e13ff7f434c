package feed

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// prudent applies the rules that the embedded catalogue was made with (docs/catalog.md):
// where a list is silent or says zero, the reading that cannot undercharge is taken.
func (o *Offer) prudent() {
	if o.Pricing == nil {
		return
	}
	p := o.Pricing
	anthropic := o.Provider == "anthropic" || strings.HasPrefix(o.Model, "anthropic/")
	all := []*catalog.Rates{&p.Rates}
	for i := range p.Tiers {
		all = append(all, &p.Tiers[i].Rates)
	}
	for _, r := range all {
		prudentRates(r)
		if anthropic {
			anthropicCache(r)
		}
	}
	switch {
	case p.Prompt == 0 && p.Completion == 0 && strings.HasSuffix(o.Model, ":free"):
		p.Free = true
	case p.Prompt == 0:
		o.price(nil, "the list states 0, which may mean a trial or a plan")
	case slices.Contains(o.Output, "image") && p.ImageOutput == nil:
		o.price(nil, "the list states no price for image output")
	case slices.Contains(o.Output, "audio") && p.AudioOutput == nil:
		o.price(nil, "the list states no price for audio output")
	}
}

// prudentRates drops rates that would make tokens cheaper than anybody sells them: free
// where the prompt is not, or written to a cache for less than the prompt costs (what
// lists then mean is the storage, on top of it).
func prudentRates(r *catalog.Rates) {
	for _, name := range []string{"cache_read", "audio_input", "image_input", "reasoning", "audio_output", "image_output"} {
		if slot := r.Optional(name); *slot != nil && **slot == 0 {
			*slot = nil
		}
	}
	if r.CacheWrite != nil && *r.CacheWrite <= r.Prompt {
		r.CacheWrite = nil
	}
	if r.CacheWrite1h != nil && *r.CacheWrite1h <= r.Prompt {
		r.CacheWrite1h = nil
	}
	for _, name := range []string{"image", "request", "web_search"} {
		if slot := r.Optional(name); *slot != nil && **slot == 0 {
			*slot = nil
		}
	}
}

// anthropicCache fills in the multiples of Anthropic's price list: reading the cache costs
// a tenth of the prompt, writing it 1.25 times, or twice to keep it an hour.
func anthropicCache(r *catalog.Rates) {
	set := func(slot **money.Price, p money.Price) {
		if *slot == nil && r.Prompt > 0 {
			*slot = &p
		}
	}
	set(&r.CacheRead, (r.Prompt+9)/10)
	set(&r.CacheWrite, r.Prompt+(r.Prompt+3)/4)
	set(&r.CacheWrite1h, 2*r.Prompt)
}
