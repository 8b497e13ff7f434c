// Package fault classifies what went wrong, whose fault it is, and what may be done
// about it. One table decides status, fallback and health for every kind; surfaces only
// render it.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is the class of a failure.
type Kind uint8

// The kinds. Internal is the zero value: an error nobody classified tells the client
// nothing.
const (
	Internal    Kind = iota // ours
	Invalid                 // the request is wrong; every endpoint would refuse it
	TooLarge                // the body or one of its parts is over a limit of ours
	NoKey                   // missing, unknown, disabled or expired key
	NoCredit                // the balance or the key's limit is used up
	Denied                  // key kind, policy or guardrail says no
	NotFound                // no such thing
	Conflict                // the thing is in another state than the request assumes
	NoModel                 // the model is not in the catalogue
	NoRoute                 // the model exists, no endpoint survives the filters
	Unpriced                // an endpoint would serve, but nobody said at what price
	Limited                 // our own rate limit
	Unavailable             // we cannot serve now: shutting down, storage away
	Unbuilt                 // documented by the API we are compatible with, not built here
	Overloaded              // upstream 429, 503 or 529
	Broken                  // upstream 5xx, reset, unreadable or incomplete answer
	TimedOut                // upstream silent past a deadline
	Refused                 // upstream 4xx about this request
	TooLong                 // upstream says the prompt is over its context
	Moderated               // upstream refuses the content of the prompt
	Credential              // upstream rejects the credential we used
	Gone                    // the client went away
	kinds
)

// Rule is what the gateway does with a Kind.
type Rule struct {
	Status    int    // HTTP status before the answer has begun
	Type      string // error_type of the API (reference: ApiErrorType)
	TryNext   bool   // another endpoint may answer
	HurtsPeer bool   // counts against the endpoint's health
	Says      string // the public sentence when the error brings none
}

// Rules has a row for every Kind; a test counts them.
var Rules = [...]Rule{
	Internal:    {500, "server", false, false, "Internal error; the operator's log has the details under this generation id"},
	Invalid:     {400, "invalid_request", false, false, "The request is not valid"},
	TooLarge:    {413, "payload_too_large", false, false, "The request body is too large"},
	NoKey:       {401, "authentication", false, false, "Missing or unknown API key"},
	NoCredit:    {402, "payment_required", false, false, "Insufficient credits"},
	Denied:      {403, "permission_denied", false, false, "Not allowed"},
	NotFound:    {404, "not_found", false, false, "Not found"},
	Conflict:    {409, "invalid_request", false, false, "Conflict with the current state"},
	NoModel:     {400, "invalid_request", false, false, "No such model"},
	NoRoute:     {404, "not_found", false, false, "No endpoint of the model satisfies the request"},
	Unpriced:    {404, "not_found", false, false, "No endpoint of the model has a price"},
	Limited:     {429, "rate_limit_exceeded", false, false, "Rate limit exceeded"},
	Unavailable: {503, "server", false, false, "Temporarily unavailable"},
	Unbuilt:     {501, "unmapped", false, false, "Not built in this version"},
	Overloaded:  {429, "rate_limit_exceeded", true, true, "The provider is rate limiting or overloaded"},
	Broken:      {502, "provider_unavailable", true, true, "The provider failed"},
	TimedOut:    {504, "timeout", true, true, "The provider did not answer in time"},
	Refused:     {400, "invalid_request", true, false, "The provider refused the request"},
	TooLong:     {400, "context_length_exceeded", true, false, "The prompt is longer than the model's context"},
	Moderated:   {400, "content_policy_violation", true, false, "The provider's content policy refused the prompt"},
	Credential:  {502, "provider_unavailable", true, true, "The provider rejected the operator's credential"},
	Gone:        {499, "unmapped", false, false, "The client went away"},
}

// Kinds is how many kinds there are.
const Kinds = int(kinds)

// Error is a classified failure. Everything but Err may be shown to the client.
type Error struct {
	Kind   Kind
	Public string // what happened, to what, what to do next; empty means the Kind's sentence
	Quote  string // for whoever asked and nobody else, instead of Public: an upstream's own words, which may repeat the prompt
	Param  string // the JSON path of the request that is at fault
	Code   string // machine-readable, finer than Kind: "model_not_found", an upstream's own code
	Type   string // error_type when finer than the Kind's: "string_too_long"
	Status int    // HTTP status when finer than the Kind's, e.g. upstream 404, 422, 529

	Provider       string         // name of the provider that failed
	ProviderCode   string         // the upstream's own error code
	UpstreamStatus int            // the HTTP status that the upstream answered, 0 none
	RetryAfter     time.Duration  // earliest sensible retry; 0 unknown
	Metadata       map[string]any // further public facts, rendered into error.metadata
	Availability   *Availability  // for failures to route
	Generation     string         // the request's id, once an endpoint has been tried; "" before

	Err error // for the operator's log only; never rendered
}

// Availability explains a failure to route (reference §1.5).
type Availability struct {
	Code              string      `json:"code"`
	Retryable         bool        `json:"retryable"`
	RetryAfter        float64     `json:"retry_after,omitempty"` // seconds
	RequestedModels   []string    `json:"requested_models"`
	AffectedProviders []string    `json:"affected_providers,omitempty"`
	ExcludedBy        []string    `json:"excluded_by,omitempty"`
	FallbackModels    []string    `json:"fallback_models,omitempty"`
	Constraint        *Constraint `json:"constraint,omitempty"`
	DocsURL           string      `json:"docs_url"`
}

// Constraint is the one request field that left nothing.
type Constraint struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// New is an Error of a kind with a public sentence.
func New(k Kind, public string) *Error { return &Error{Kind: k, Public: public} }

// Bad is an Invalid error about one parameter of the request.
func Bad(param, public string) *Error { return &Error{Kind: Invalid, Param: param, Public: public} }

// Wrap classifies err, which only the operator sees.
func Wrap(k Kind, err error) *Error { return &Error{Kind: k, Err: err} }

func (e *Error) Error() string {
	s := e.Told()
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Message is the sentence for the client.
func (e *Error) Message() string {
	if e.Quote != "" {
		return e.Quote
	}
	return e.Told()
}

// Told is the sentence for others than whoever asked: for records and logs.
func (e *Error) Told() string {
	if e.Public != "" {
		return e.Public
	}
	return Rules[e.Kind].Says
}

// HTTPStatus is the status before the answer has begun.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return Rules[e.Kind].Status
}

// ErrorType is the API's error_type.
func (e *Error) ErrorType() string {
	if e.Type != "" {
		return e.Type
	}
	return Rules[e.Kind].Type
}

// Encoded refuses a body in a coding of Content-Encoding: it would be taken for bad JSON.
// "" and identity are none.
func Encoded(coding string) error {
	if coding == "" || strings.EqualFold(coding, "identity") {
		return nil
	}
	return &Error{Kind: Invalid, Status: 415, Public: fmt.Sprintf("A request body with Content-Encoding %.32q is not read here; send it as it is", coding)}
}

// OwnCredential is err, where that is a refused credential as one of the account's own: who may mend it is told.
func OwnCredential(err error) error {
	e := As(err)
	if err == nil || e.Kind != Credential || e.Public != "" {
		return err
	}
	own := *e
	own.Public = "The provider rejected the account's own credential; whoever looks after it can replace its key (PATCH /byok/{id})"
	return &own
}

// Of returns the Kind of err, Internal when nobody classified it.
func Of(err error) Kind { return As(err).Kind }

// As is err as an *Error; one that nobody classified is wrapped as Internal.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Err: err}
}
