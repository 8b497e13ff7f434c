package route

import (
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Preview is what would become of a request, as far as that shows before its first call.
type Preview struct {
	Asked        string // the model as the client wrote it
	PromptTokens int64  // estimate
	Plan         Plan
	Steps        []PreviewStep         // of Plan.Steps, in their order
	Hold         money.Amount          // what would be reserved, were there credit without end
	Policy       policy.Effective      // every layer's, the request's own included
	Preset       *generation.Preset    // whose settings the request has; nil none
	Filtered     []generation.Filtered // what content filters did
	Losses       []llm.Loss            // wishes that no endpoint could fulfil
	Refusal      *fault.Error          // why no step is left; nil when one is
}

// PreviewStep is what an attempt would send and cost.
type PreviewStep struct {
	Most      money.Amount // that the account pays the gateway
	Elsewhere money.Amount // that it pays the provider itself, at list price
	Losses    []llm.Loss   // what the endpoint's wire cannot carry
	Fetches   []string     // URLs whose media its wire wants inline; its Losses are not known then
	Refusal   *fault.Error // why nothing would be sent; nil when something would
}
