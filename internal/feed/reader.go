package feed

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// reader turns the prices of one offer into rates. The first thing it cannot read spoils
// the whole price list of the offer: half a price is worse than none.
type reader struct {
	names  map[string]string // the list's names of rates, to ours
	parse  func(string) (money.Price, error)
	stated bool // prompt and completion are both there
	why    string
}

func (rd *reader) fail(why string) {
	if rd.why == "" {
		rd.why = why
	}
}

// rates reads the rates that n states over those of base.
func (rd *reader) rates(n rawjson.Node, base catalog.Rates) catalog.Rates {
	prompt, completion := false, false
	for k, v := range n.Members() {
		name, text := rd.names[k.Str()], decimal(v)
		if name == "" || text == "" {
			continue
		}
		if strings.HasPrefix(text, "-") {
			rd.fail("the price is dynamic") // OpenRouter writes "-1" for its routers
			continue
		}
		price, err := rd.parse(text)
		if err != nil {
			rd.fail(err.Error())
			continue
		}
		switch name {
		case "prompt":
			base.Prompt, prompt = price, true
		case "completion":
			base.Completion, completion = price, true
		default:
			*base.Optional(name) = &price
		}
	}
	rd.stated = rd.stated || prompt && completion
	return base
}

// result is the price list, or why there is none.
func (rd *reader) result(p *catalog.Pricing) (*catalog.Pricing, string) {
	if rd.why == "" && !rd.stated {
		rd.why = "no price is stated"
	}
	if rd.why != "" {
		return nil, rd.why
	}
	slices.SortFunc(p.Tiers, func(a, b catalog.Tier) int { return int(a.AbovePrompt - b.AbovePrompt) })
	return p, ""
}

func (o *Offer) price(p *catalog.Pricing, why string) { o.Pricing, o.Unpriced = p, why }
