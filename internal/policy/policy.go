// Package policy merges what an account, its workspace, a guardrail, a key and the request
// itself allow into one Effective policy. Layers only ever tighten: every allow-list must
// be met, every ignore-list and every switch holds, the lowest price cap wins.
//
// It deliberately does not know endpoints: package route applies the policy. Start with
// Layer and Merge.
package policy

import "github.com/dragoman-gateway/dragoman/internal/money"

// The layers that are not an account's.
const (
	OperatorLayer = "configuration" // binds accounts, whatever they say of their own
	RequestLayer  = "request"       // comes with the request
)

// Layer is what one holder of rules says. The zero Layer allows everything.
type Layer struct {
	Name string // who says so, for explanations: "account", "guardrail eu-only", "request"

	Providers       []string // allowed provider or endpoint slugs; nil: all
	IgnoreProviders []string
	Models          []string // allowed model slugs; nil: all
	IgnoreModels    []string
	Quantizations   []string // allowed; nil: all
	Regions         []string // allowed endpoint regions; nil: all

	DenyDataCollection bool
	ZDR                bool   // for every model
	ZDRFor             Groups // for models of these groups
	RequireParameters  bool
	DistillableOnly    bool

	DenyPaidTraining    bool // no endpoint with a price that may train on prompts
	DenyFreeTraining    bool // no free one that may
	DenyFreePublication bool // no free one that may publish them

	MaxPrice MaxPrice
	Sort     string // price throughput latency exacto; "" no opinion
}

// List is a list of slugs and the layer it comes from.
type List struct {
	From  string   `json:"from"`
	Slugs []string `json:"slugs"`
}

// Effective is everything merged for one request. The zero value allows everything. Lists
// are shared with the layers: treat it as immutable.
type Effective struct {
	Providers       []List `json:"providers,omitempty"` // each must match
	IgnoreProviders []List `json:"ignore_providers,omitempty"`
	Models          []List `json:"models,omitempty"` // each must match
	IgnoreModels    []List `json:"ignore_models,omitempty"`
	Quantizations   []List `json:"quantizations,omitempty"` // each must match
	Regions         []List `json:"regions,omitempty"`       // each must match

	// The name of the first layer that demands it, "" nobody.
	DenyDataCollection string `json:"deny_data_collection,omitempty"`
	ZDR                string `json:"zdr,omitempty"`
	RequireParameters  string `json:"require_parameters,omitempty"`
	DistillableOnly    string `json:"distillable_only,omitempty"`

	DenyPaidTraining    string `json:"deny_paid_training,omitempty"`
	DenyFreeTraining    string `json:"deny_free_training,omitempty"`
	DenyFreePublication string `json:"deny_free_publication,omitempty"`

	ZDRFor [groups]string `json:"zdr_for,omitzero"` // by Group

	MaxPrice MaxPrice `json:"max_price,omitzero"`
	Sort     string   `json:"sort,omitempty"` // the last layer's opinion
}

// MaxPrice caps an endpoint's prices; nil is no cap. A pointed-to price is not changed.
type MaxPrice struct {
	Prompt     *money.Price `json:"prompt,omitempty"`     // per token
	Completion *money.Price `json:"completion,omitempty"` // per token
	Request    *money.Price `json:"request,omitempty"`
	Image      *money.Price `json:"image,omitempty"`
	Audio      *money.Price `json:"audio,omitempty"` // per token
}
