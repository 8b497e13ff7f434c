package feed

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Price is a catalog.Pricing as the price book writes it: rates by name, each a decimal
// string of dollars per unit.
type Price struct {
	Rates    map[string]money.Price `json:"rates"`
	Tiers    []PriceTier            `json:"tiers,omitempty"`
	Priority map[string]money.Price `json:"priority,omitempty"`
	Free     bool                   `json:"free,omitempty"`
}

// PriceTier is a catalog.Tier as the price book writes it.
type PriceTier struct {
	AbovePrompt int64                  `json:"above_prompt"`
	Rates       map[string]money.Price `json:"rates"`
}

func priceOf(p *catalog.Pricing) *Price {
	if p == nil {
		return nil
	}
	out := &Price{Rates: ratesOut(&p.Rates), Free: p.Free}
	for i := range p.Tiers {
		out.Tiers = append(out.Tiers, PriceTier{p.Tiers[i].AbovePrompt, ratesOut(&p.Tiers[i].Rates)})
	}
	if p.Priority != nil {
		out.Priority = ratesOut(p.Priority)
	}
	return out
}

// Pricing is the price as the catalogue has it; nil of nil.
func (p *Price) Pricing() *catalog.Pricing {
	if p == nil {
		return nil
	}
	out := &catalog.Pricing{Rates: ratesIn(p.Rates), Free: p.Free}
	for _, t := range p.Tiers {
		out.Tiers = append(out.Tiers, catalog.Tier{AbovePrompt: t.AbovePrompt, Rates: ratesIn(t.Rates)})
	}
	if p.Priority != nil {
		r := ratesIn(p.Priority)
		out.Priority = &r
	}
	return out
}

func ratesOut(r *catalog.Rates) map[string]money.Price {
	m := map[string]money.Price{"prompt": r.Prompt, "completion": r.Completion}
	for _, name := range catalog.RateNames {
		if p := *r.Optional(name); p != nil {
			m[name] = *p
		}
	}
	return m
}

func ratesIn(m map[string]money.Price) catalog.Rates {
	r := catalog.Rates{Prompt: m["prompt"], Completion: m["completion"]}
	for _, name := range catalog.RateNames {
		if p, ok := m[name]; ok {
			*r.Optional(name) = &p
		}
	}
	return r
}
