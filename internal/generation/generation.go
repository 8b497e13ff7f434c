// Package generation is the record of one request: what was asked, which endpoints were
// tried and why, what was used, what it cost. It holds no prompt and no answer.
package generation

import (
	"time"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Record is written once, in the transaction that settles the request's hold.
type Record struct {
	ID        string    `json:"id"`
	Created   time.Time `json:"created"`
	Account   string    `json:"account"`
	Workspace string    `json:"workspace,omitempty"`
	Member    string    `json:"member,omitempty"` // whose key it is
	Key       string    `json:"key"`              // account.KeyHash

	API      string      `json:"api"` // completions, embeddings …
	Surface  llm.Dialect `json:"surface"`
	Asked    string      `json:"asked"` // model as requested
	Preset   *Preset     `json:"preset,omitempty"`
	Model    string      `json:"model"` // slug served, "" when none
	Endpoint string      `json:"endpoint,omitempty"`
	Provider string      `json:"provider,omitempty"` // display name
	Upstream string      `json:"upstream_id,omitempty"`
	Streamed bool        `json:"streamed"`
	BYOK     bool        `json:"byok,omitempty"`

	Finish    llm.Finish `json:"finish,omitempty"`
	Native    string     `json:"native_finish,omitempty"`
	Cancelled bool       `json:"cancelled,omitempty"` // the client went away
	Outcome   Outcome    `json:"outcome"`
	Error     *Failure   `json:"error,omitempty"`
	Tier      string     `json:"service_tier,omitempty"`

	Structured string `json:"structured,omitempty"` // how the answer fits the schema demanded: valid invalid unchecked

	Usage      llm.Usage    `json:"usage"`
	UsageState string       `json:"usage_state"`
	Lines      []ChargeLine `json:"lines,omitempty"`
	Cost       money.Amount `json:"cost"`          // what the account paid
	List       money.Amount `json:"upstream_cost"` // usage × the endpoint's prices
	Loss       money.Amount `json:"loss"`          // what the operator bears: List beyond Cost, failed attempts included
	Reported   string       `json:"reported_cost,omitempty"`

	LatencyMS    int64 `json:"latency_ms"`    // to the first content
	GenerationMS int64 `json:"generation_ms"` // to the end
	PromptBytes  int64 `json:"prompt_bytes"`
	AnswerBytes  int64 `json:"answer_bytes"`

	Attempts []Attempt  `json:"attempts,omitempty"`
	Decision *Decision  `json:"decision,omitempty"`
	Lost     []llm.Loss `json:"losses,omitempty"`
	Filtered []Filtered `json:"filtered,omitempty"`

	Moderated []Moderated `json:"moderated,omitempty"`
	Purpose   string      `json:"purpose,omitempty"` // of a question of the gateway's own: moderation
	For       string      `json:"for,omitempty"`     // the generation it was asked for
	Receipt   string      `json:"receipt,omitempty"` // signed, see package receipt; "" none was asked for

	Referer   string `json:"referer,omitempty"`
	Title     string `json:"title,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	User      string `json:"user,omitempty"`
	Session   string `json:"session,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// Outcome is how a request ended.
type Outcome string

// The outcomes.
const (
	Completed Outcome = "completed"
	Empty     Outcome = "empty"     // nothing was generated
	Failed    Outcome = "failed"    // no endpoint answered
	Broken    Outcome = "broken"    // failed after content
	Cancelled Outcome = "cancelled" // the client went away
	Blocked   Outcome = "blocked"   // a content filter ended the answer
	Lost      Outcome = "lost"      // the gateway stopped before the end; found at the next start
)

// Preset is the preset whose settings a request had.
type Preset struct {
	ID      string `json:"id"`
	Slug    string `json:"slug"`
	Version int64  `json:"version"`
}

// Filtered is what a guardrail's content filter did to a request or its answer, and how often. It holds
// nothing of the text.
type Filtered struct {
	Guardrail string `json:"guardrail"` // id
	Filter    string `json:"filter"`    // slug
	Action    string `json:"action"`    // redact flag block
	Count     int64  `json:"count"`
	Answer    bool   `json:"answer,omitempty"` // found in the answer
}

// Moderated is what a model said of a request. It holds nothing of the text.
type Moderated struct {
	Guardrail  string       `json:"guardrail"` // id
	Model      string       `json:"model"`
	Generation string       `json:"generation,omitempty"` // of the question
	Action     string       `json:"action"`               // pass flag block
	Categories []string     `json:"categories,omitempty"` // held against the request
	Failed     string       `json:"failed,omitempty"`     // why there is no verdict
	Cost       money.Amount `json:"cost"`
}

// Attempt is one call of one endpoint.
type Attempt struct {
	Endpoint   string       `json:"endpoint"`
	Provider   string       `json:"provider"`
	Model      string       `json:"model"`
	Status     int          `json:"status"` // HTTP status, 0 none
	Kind       string       `json:"kind,omitempty"`
	Message    string       `json:"message,omitempty"` // safe for the client
	StartMS    int64        `json:"start_ms"`          // since the request came
	HeadersMS  int64        `json:"headers_ms,omitempty"`
	FirstMS    int64        `json:"first_ms,omitempty"` // first content
	EndMS      int64        `json:"end_ms"`
	UpstreamID string       `json:"upstream_id,omitempty"`
	Loss       money.Amount `json:"loss,omitempty"` // what a failed attempt cost the operator
	BYOK       bool         `json:"byok,omitempty"`
	Lost       []llm.Loss   `json:"losses,omitempty"`
}

// ChargeLine is one class of usage at its price.
type ChargeLine struct {
	Class string      `json:"class"`
	Units int64       `json:"units"`
	Price money.Price `json:"price"`
}

// Decision is a routing plan as recorded: enough to replay it.
type Decision struct {
	Catalog string    `json:"catalog"` // revision
	Health  uint64    `json:"health"`  // revision
	Seed    uint64    `json:"seed"`
	Steps   []Chosen  `json:"steps"`
	Dropped []Dropped `json:"dropped,omitempty"`
}

// Chosen is an endpoint in the plan and why it stands there.
type Chosen struct {
	Endpoint string   `json:"endpoint"`
	Own      string   `json:"byok_id,omitempty"` // the account's own credential that pays
	Reasons  []string `json:"reasons"`
}

// Dropped is an endpoint not in the plan and why.
type Dropped struct {
	Endpoint string `json:"endpoint"`
	Reason   string `json:"reason"`
}

// Feedback is what somebody says of an answer. The comment is theirs; nothing of the answer
// is taken into it.
type Feedback struct {
	Generation string // id
	Account    string
	At         time.Time
	Actor      string // hash of the key that gave it
	Category   string // latency incoherence incorrect_response formatting billing api_error other
	Comment    string
}

// Failure is what the client was told.
type Failure struct {
	Status  int    `json:"status"`
	Type    string `json:"type"`
	Message string `json:"message"`
}
