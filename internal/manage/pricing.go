package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// pricing is dollars per unit as decimal strings (reference §8, PublicPricing).
type pricing struct {
	Prompt       string     `json:"prompt"`
	Completion   string     `json:"completion"`
	Request      *string    `json:"request,omitempty"`
	Image        *string    `json:"image,omitempty"`
	ImageToken   *string    `json:"image_token,omitempty"`
	ImageOutput  *string    `json:"image_output,omitempty"`
	Audio        *string    `json:"audio,omitempty"`
	AudioOutput  *string    `json:"audio_output,omitempty"`
	WebSearch    *string    `json:"web_search,omitempty"`
	Reasoning    *string    `json:"internal_reasoning,omitempty"`
	CacheRead    *string    `json:"input_cache_read,omitempty"`
	CacheWrite   *string    `json:"input_cache_write,omitempty"`
	CacheWrite1h *string    `json:"input_cache_write_1h,omitempty"`
	Overrides    []override `json:"overrides,omitempty"`
}

// override is the prices beyond a prompt length.
type override struct {
	Above        int64   `json:"min_prompt_tokens"`
	Prompt       string  `json:"prompt"`
	Completion   string  `json:"completion"`
	Audio        *string `json:"audio,omitempty"`
	CacheRead    *string `json:"input_cache_read,omitempty"`
	CacheWrite   *string `json:"input_cache_write,omitempty"`
	CacheWrite1h *string `json:"input_cache_write_1h,omitempty"`
}

// unpriced is OpenRouter's word for a price that is not known before the request.
const unpriced = "-1"

func newPricing(p *catalog.Pricing) pricing {
	if p == nil {
		return pricing{Prompt: unpriced, Completion: unpriced}
	}
	out := pricing{
		Prompt: p.Prompt.String(), Completion: p.Completion.String(),
		Request: decimal(p.Request), Image: decimal(p.Image), ImageToken: decimal(p.ImageInput), ImageOutput: decimal(p.ImageOutput),
		Audio: decimal(p.AudioInput), AudioOutput: decimal(p.AudioOutput), WebSearch: decimal(p.WebSearch), Reasoning: decimal(p.Reasoning),
		CacheRead: decimal(p.CacheRead), CacheWrite: decimal(p.CacheWrite), CacheWrite1h: decimal(p.CacheWrite1h),
	}
	for i := range p.Tiers {
		out.Overrides = append(out.Overrides, newOverride(&p.Rates, &p.Tiers[i]))
	}
	return out
}

// newOverride spells out what a tier leaves to its fallbacks wherever the base has a price:
// a reader lets what is missing in an override stand, a tier replaces all.
func newOverride(base *catalog.Rates, t *catalog.Tier) override {
	rate := func(own, base *money.Price, fallback money.Price) *string {
		if own == nil && base == nil {
			return nil
		}
		if own == nil {
			own = &fallback
		}
		return decimal(own)
	}
	write := t.Prompt
	if t.CacheWrite != nil {
		write = *t.CacheWrite
	}
	return override{
		Above: t.AbovePrompt, Prompt: t.Prompt.String(), Completion: t.Completion.String(),
		Audio:        rate(t.AudioInput, base.AudioInput, t.Prompt),
		CacheRead:    rate(t.CacheRead, base.CacheRead, t.Prompt),
		CacheWrite:   rate(t.CacheWrite, base.CacheWrite, t.Prompt),
		CacheWrite1h: rate(t.CacheWrite1h, base.CacheWrite1h, write),
	}
}

func decimal(p *money.Price) *string {
	if p == nil {
		return nil
	}
	s := p.String()
	return &s
}
