// Package meter
package meter

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Bill is what a usage costs.
type Bill struct {
	Total      money.Amount // rounded up once, to a nano-dollar
	Prompt     money.Amount // the input classes alone; parts are rounded on their own and may sum to more
	Completion money.Amount // the output classes alone
	Lines      []generation.ChargeLine
}

// Estimate is a ceiling-leaning estimate of the prompt's tokens.
func Estimate(size llm.Size) int64 { return 0 }

// Cost is the bill. inputImages is how many images the prompt held.
func Cost(p *catalog.Pricing, u *llm.Usage, inputImages int64) (Bill, error) { panic("skeleton") }

// Ceiling is the most that a request can cost.
func Ceiling(p *catalog.Pricing, prompt, maxOutput int64, inputImages int64) (money.Amount, error) {
	panic("skeleton")
}

// AffordableOutput is how many output tokens available pays for after the prompt, at most
// math.MaxInt32; 0 when not even the prompt is paid for.
func AffordableOutput(p *catalog.Pricing, prompt int64, inputImages int64, available money.Amount) int64 {
	panic("skeleton")
}

// EstimateUsage is the usage of an answer whose upstream sent none.
func EstimateUsage(prompt int64, answerBytes int64) llm.Usage { panic("skeleton") }
