// Package meter turns usage into money: what a request can cost at most, so that it can be
// held; what it did cost, line by line; and a declared estimate where nobody counted.
//
// Every total is rounded once, up, to a nano-dollar. Costs are never negative, and more
// usage of a class never costs less as long as a price list's tiers do not get cheaper.
// An overflow or a negative count is an error, never a discount.
//
// It deliberately does not decide who pays: a failed or empty answer has a bill too, and
// the ledger's caller says whose it is. Start with Cost.
package meter

import (
	"errors"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// The errors. Neither is the client's fault: the counts come from an upstream.
var (
	ErrNegative = errors.New("meter: a usage count is negative")
	ErrUnpriced = errors.New("meter: the endpoint has no price")
)

// Bill is what a usage costs.
type Bill struct {
	Total      money.Amount            // rounded up once
	Prompt     money.Amount            // the input classes alone, rounded on their own
	Completion money.Amount            // the output classes alone, rounded on their own
	Lines      []generation.ChargeLine // a line for each class with units, free ones too
}

// Cost is the bill for a usage at a price list. inputImages is how many images the prompt
// held, for endpoints that charge by image. The rates are those of the tier that the total
// of prompt tokens falls in, or the priority rates when the upstream served that tier. The
// error is ErrNegative, ErrUnpriced or money.ErrOverflow.
func Cost(p *catalog.Pricing, u *llm.Usage, inputImages int64) (Bill, error) {
	if p == nil {
		return Bill{}, ErrUnpriced
	}
	if inputImages < 0 || anyNegative(u) {
		return Bill{}, ErrNegative
	}
	lines := charges(tierRates(p, u.ServiceTier).For(u.Prompt()), u, inputImages)
	var in, out, all money.Sum
	for _, l := range lines {
		all.AddUnits(l.Units, l.Price)
		switch sideOf(l.Class) {
		case inputSide:
			in.AddUnits(l.Units, l.Price)
		case outputSide:
			out.AddUnits(l.Units, l.Price)
		}
	}
	b := Bill{Lines: lines}
	var err error
	if b.Total, err = all.Amount(); err != nil {
		return Bill{}, err
	}
	// Parts of a sum that fits do fit.
	b.Prompt, _ = in.Amount()
	b.Completion, _ = out.Amount()
	return b, nil
}

// anyNegative also catches a prompt total that wraps around.
func anyNegative(u *llm.Usage) bool {
	prompt := int64(0)
	for _, n := range [...]int64{u.Input, u.CacheRead, u.CacheWrite, u.CacheWrite5m, u.CacheWrite1h, u.AudioInput, u.ImageInput, u.VideoInput} {
		if prompt += n; n < 0 || prompt < 0 {
			return true
		}
	}
	return u.Output < 0 || u.Reasoning < 0 || u.AudioOutput < 0 || u.ImageOutput < 0 || u.WebSearches < 0 ||
		u.Searches < 0 || u.Characters < 0 || u.AudioMillis < 0 || u.Images < 0
}
