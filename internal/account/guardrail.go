package account

import (
	"time"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Guardrail is a set of named rules that keys, members or a workspace are put under. It can
// only tighten. Treat one from a directory as immutable. In lists nil is no opinion; in
// switches nil is none either.
type Guardrail struct {
	ID          string `json:"id"` // UUID
	Account     string `json:"account"`
	Workspace   string `json:"workspace,omitempty"` // whose default it is, or where it is filed
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`

	Models          []string `json:"allowed_models,omitempty"`
	IgnoreModels    []string `json:"ignored_models,omitempty"`
	Providers       []string `json:"allowed_providers,omitempty"`
	IgnoreProviders []string `json:"ignored_providers,omitempty"`
	Regions         []string `json:"allowed_data_regions,omitempty"`

	Limit  *money.Amount `json:"limit,omitempty"` // for each key and each member under it
	Window Window        `json:"window,omitempty"`
	BYOK   bool          `json:"include_byok,omitempty"` // what is paid elsewhere counts against Limit too

	ZDR          *bool `json:"zdr,omitempty"` // for every model
	ZDRAnthropic *bool `json:"zdr_anthropic,omitempty"`
	ZDRGoogle    *bool `json:"zdr_google,omitempty"`
	ZDROpenAI    *bool `json:"zdr_openai,omitempty"`
	ZDRXAI       *bool `json:"zdr_xai,omitempty"`
	ZDROther     *bool `json:"zdr_other,omitempty"`

	PaidTraining    *bool `json:"paid_training,omitempty"` // false forbids
	FreeTraining    *bool `json:"free_training,omitempty"`
	FreePublication *bool `json:"free_publication,omitempty"`

	Builtins []BuiltinFilter `json:"builtins,omitempty"`
	Patterns []PatternFilter `json:"patterns,omitempty"`
	Allowed  []string        `json:"prompt_injection_allow_list,omitempty"` // phrases that the detector of injections lets through

	Moderation *Moderation `json:"moderation,omitempty"`

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
}

// Moderation is a model that is asked about a request before it goes out.
type Moderation struct {
	Model      string             `json:"model"`      // slug
	Categories map[string]float64 `json:"categories"` // the score from which on a request is held against one
	Meaning    string             `json:"instructions,omitempty"`
	Action     string             `json:"action"`     // block flag
	Scope      string             `json:"scan_scope"` // user_only all_messages
	OnError    string             `json:"on_error"`   // block allow
	TimeoutMS  int64              `json:"timeout_ms"`
}

// BuiltinFilter is a detector of ours in a guardrail (reference §4.16).
type BuiltinFilter struct {
	Slug   string `json:"slug"`
	Action string `json:"action"` // block redact flag
	Label  string `json:"label,omitempty"`
	Scope  string `json:"scan_scope,omitempty"`  // of prompt injection: user_only all_messages
	Output bool   `json:"scan_output,omitempty"` // looks at answers too
}

// PatternFilter is a regular expression in a guardrail.
type PatternFilter struct {
	Pattern string `json:"pattern"`
	Action  string `json:"action"`
	Label   string `json:"label,omitempty"`
	Output  bool   `json:"scan_output,omitempty"` // looks at answers too
}
