package feed

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ourSlugs are the providers that models.dev calls something else than we do.
var ourSlugs = map[string]string{
	"cloudflare-workers-ai": "cloudflare",
	"crof":                  "crofai",
	"fireworks-ai":          "fireworks",
	"google":                "google-ai-studio",
	"inference":             "inference-net",
	"lmstudio":              "lm-studio",
	"nova":                  "amazon-nova",
	"novita-ai":             "novita",
	"togetherai":            "together",
	"wafer.ai":              "wafer",
	"zai":                   "z-ai",
}

// providerTree reads an api.json: {provider: {models: {id: {cost, limit, modalities}}}}.
// Costs are dollars per million tokens.
func providerTree(root rawjson.Node) []Offer {
	var offers []Offer
	for id, p := range root.Members() {
		slug := id.Str()
		if ours := ourSlugs[slug]; ours != "" {
			slug = ours
		}
		for key, m := range p.Get("models").Members() {
			o := Offer{
				Provider:      slug,
				UpstreamModel: key.Str(),
				Name:          m.Get("name").Str(),
				ContextLength: m.At("limit", "context").Int64(),
				MaxOutput:     m.At("limit", "output").Int64(),
				Input:         words(m.At("modalities", "input")),
				Output:        words(m.At("modalities", "output")),
			}
			if id := m.Get("id").Str(); id != "" {
				o.UpstreamModel = id
			}
			if slug == "openrouter" {
				o.Model = o.UpstreamModel
			}
			o.price(perMillionPricing(m.Get("cost")))
			offers = append(offers, o)
		}
	}
	return offers
}

var perMillionNames = map[string]string{
	"input": "prompt", "output": "completion", "cache_read": "cache_read", "cache_write": "cache_write",
	"reasoning": "reasoning", "input_audio": "audio_input", "output_audio": "audio_output",
}

// perMillionPricing reads a cost object. Its tiers are a list of {tier: {type, size}} with
// rates, or in older lists one object for more than 200,000 tokens.
func perMillionPricing(cost rawjson.Node) (*catalog.Pricing, string) {
	rd := reader{names: perMillionNames, parse: money.PerMillion}
	p := &catalog.Pricing{Rates: rd.rates(cost, catalog.Rates{})}
	tiers := cost.Get("tiers")
	for t := range tiers.Elems() {
		if !t.At("tier", "type").Is("context") {
			rd.fail("a tier is not by context length")
			continue
		}
		p.Tiers = append(p.Tiers, catalog.Tier{
			AbovePrompt: t.At("tier", "size").Int64(),
			Rates:       rd.rates(t, p.Rates),
		})
	}
	if over := cost.Get("context_over_200k"); tiers.Len() == 0 && over.Kind() == rawjson.Object {
		p.Tiers = []catalog.Tier{{AbovePrompt: 200_000, Rates: rd.rates(over, p.Rates)}}
	}
	return rd.result(p)
}
