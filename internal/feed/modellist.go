package feed

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// modelList reads the data of GET /models as OpenRouter documents it (reference §3.11):
// prices are decimal strings per token or per item.
func modelList(data rawjson.Node) []Offer {
	var offers []Offer
	for m := range data.Elems() {
		id := m.Get("id").Str()
		if id == "" {
			continue
		}
		o := Offer{
			Provider:      "openrouter",
			UpstreamModel: id,
			Model:         id,
			Name:          m.Get("name").Str(),
			ContextLength: m.Get("context_length").Int64(),
			MaxOutput:     m.At("top_provider", "max_completion_tokens").Int64(),
			Input:         words(m.At("architecture", "input_modalities")),
			Output:        words(m.At("architecture", "output_modalities")),
		}
		o.price(perUnitPricing(m.Get("pricing")))
		offers = append(offers, o)
	}
	return offers
}

var perUnitNames = map[string]string{
	"prompt": "prompt", "completion": "completion",
	"input_cache_read": "cache_read", "input_cache_write": "cache_write", "input_cache_write_1h": "cache_write_1h",
	"internal_reasoning": "reasoning", "audio": "audio_input", "audio_output": "audio_output",
	"image": "image", "image_token": "image_input", "image_output": "image_output",
	"request": "request", "web_search": "web_search",
}

// perUnitPricing reads a pricing object. Its overrides become tiers; one that depends on
// the time of day cannot be kept, so such a price is not taken. A discount is not
// applied: it may end any day, and the list price is never too low.
func perUnitPricing(n rawjson.Node) (*catalog.Pricing, string) {
	rd := reader{names: perUnitNames, parse: money.ParsePrice}
	p := &catalog.Pricing{Rates: rd.rates(n, catalog.Rates{})}
	for o := range n.Get("overrides").Elems() {
		if o.Get("utc_start").Exists() || o.Get("utc_end").Exists() {
			rd.fail("the price depends on the time of day")
			continue
		}
		// Later overrides win per rate and inherit the rest, so each builds on the one before.
		base := p.Rates
		if last := len(p.Tiers) - 1; last >= 0 {
			base = p.Tiers[last].Rates
		}
		p.Tiers = append(p.Tiers, catalog.Tier{AbovePrompt: o.Get("min_prompt_tokens").Int64(), Rates: rd.rates(o, base)})
	}
	return rd.result(p)
}
