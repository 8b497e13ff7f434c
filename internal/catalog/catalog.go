// Package catalog is what can be asked for and from whom: models, providers, and
// endpoints, which are one provider serving one model at a price. A Snapshot is immutable
// and has a revision, so that a decision made on it can be explained later.
//
// Embedded is the catalogue that ships with the program; Build lays what configuration and
// price feeds say over it. The package deliberately reads no file and no network, and
// never guesses a price: an endpoint whose price nobody stated has none, says why, and is
// not called. Start with Snapshot.
package catalog

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Model is what a client asks for.
type Model struct {
	Slug          string // author/name, with a catalogue variant such as :free
	CanonicalSlug string // permanent, dated; Slug when unknown
	Name          string
	Author        string
	Description   string
	Created       int64 // Unix seconds, 0 unknown
	ContextLength int64 // tokens, 0 unknown
	MaxOutput     int64 // tokens, 0 unknown

	InputModalities     []string // text image file audio video
	OutputModalities    []string // text image audio embeddings …
	Tokenizer           string
	InstructType        string
	HuggingFaceID       string
	KnowledgeCutoff     string
	SupportedParameters []string
	DefaultParameters   map[string]float64
	Reasoning           bool
	Moderated           bool
	OpenWeights         bool
	Expires             string // ISO date, "" none
	Source              Source
}

// Source is where a row's facts come from.
type Source struct {
	Name string `json:"name"`  // public name of the source
	AsOf string `json:"as_of"` // ISO date
}

// Provider is a company we can call.
type Provider struct {
	Slug         string
	Name         string
	Kind         string        // inference aggregator local demo
	BaseURL      string        // may hold {placeholders} that configuration fills
	Protocol     llm.Dialect   // what its models are called in
	Also         []llm.Dialect // what it speaks besides, at the same base
	Only         []string      // "dialect:pattern": models, by upstream name, that it serves in no other dialect of the operation
	Platform     string        // how calls are addressed and signed: "", Bedrock, Vertex, Azure
	Region       string        // to sign for, where the base URL does not name it
	APIVersion   string        // of platforms that have one in the query
	Auth         string        // bearer, header:<Name>, none, aws, google, entra
	Env          []string
	Quirks       []string
	Docs         string
	PrivacyURL   string
	TermsURL     string
	StatusURL    string
	Headquarters string // ISO 3166-1 alpha-2
	Datacenters  []string
	Data         DataPolicy
	Source       Source
}

// The platforms on which a dialect is spoken otherwise than by the company that made it.
const (
	Bedrock = "bedrock"
	Vertex  = "vertex"
	Azure   = "azure"
)

// What a row may say, as a list to read.
const (
	PlatformNames = "bedrock, vertex, azure"
	AuthNames     = "bearer, none, header:NAME, aws, google, entra"
)

// DataPolicy is what happens to prompts at a provider. Unknown is read as the worst case.
type DataPolicy struct {
	Trains        Tri
	Retains       Tri
	RetentionDays int // −1 unknown; 0 with Retains No is zero retention
	Publishes     Tri
	Source        Source
}

// ZDR reports whether zero data retention is known.
func (p DataPolicy) ZDR() bool { return p.Retains == No }

// Collects reports whether prompts may be trained on or kept beyond the request.
func (p DataPolicy) Collects() bool { return p.Trains != No }

// Tri is yes, no or unknown.
type Tri uint8

// The three answers.
const (
	Unknown Tri = iota
	No
	Yes
)

// TriOf is the answer that somebody gave, or did not.
func TriOf(b *bool) Tri {
	switch {
	case b == nil:
		return Unknown
	case *b:
		return Yes
	}
	return No
}

// Endpoint is one provider serving one model: the unit of routing. Treat it as immutable.
type Endpoint struct {
	ID            string // "provider/model-slug" or with a tag: stable across revisions
	Tag           string // routable slug: deepinfra/turbo, google-vertex/us-east5
	Model         *Model
	Provider      *Provider
	UpstreamModel string // exactly what goes upstream
	ContextLength int64  // tokens, 0 unknown
	MaxPrompt     int64
	MaxOutput     int64
	Quantization  string // "" unknown

	InputModalities  []string
	OutputModalities []string
	Parameters       []string // supported request parameters; nil unknown
	ImplicitCaching  bool
	Variant          string // service tier of this row: "", flex, priority
	Region           string
	Data             DataPolicy // already merged with the provider's
	Pricing          *Pricing   // nil: nobody said a price, so it is never called
	Unpriced         string     // why Pricing is nil, for the operator
	Reasoning        ReasoningOptions
	Live             bool   // the operator can call it: credential or none needed
	Needs            string // what is missing when not live: "OPENAI_API_KEY"
	Private          bool
	Deranked         bool
	Source           Source
}

// ReasoningOptions is how an endpoint takes reasoning requests.
type ReasoningOptions struct {
	Effort    bool
	Budget    bool
	Efforts   []string
	Adaptive  bool
	Mandatory bool
}

// Supports reports whether the endpoint takes a request parameter. An endpoint that lists
// none is taken to support what its dialect carries.
func (e *Endpoint) Supports(param string) bool {
	return e.Parameters == nil || slices.Contains(e.Parameters, param)
}

// Pricing is the price list of an endpoint. The tier with the highest threshold that the
// prompt exceeds replaces the base rates for the whole request.
type Pricing struct {
	Rates
	Tiers    []Tier // ascending by AbovePrompt
	Free     bool   // the operator declared it free: all rates may be zero
	Priority *Rates // when the priority tier is asked for and granted
}

// Tier is the rates beyond a prompt length.
type Tier struct {
	AbovePrompt int64 // tokens; applies when prompt tokens are strictly more
	Rates
}

// Rates are prices per unit. An unset optional rate falls back as said in its comment.
type Rates struct {
	Prompt       money.Price
	Completion   money.Price
	CacheRead    *money.Price // per token; unset: Prompt
	CacheWrite   *money.Price // per token, also 5-minute TTL; unset: Prompt
	CacheWrite1h *money.Price // per token; unset: CacheWrite
	Reasoning    *money.Price // per token; unset: Completion
	AudioInput   *money.Price // per token; unset: Prompt
	ImageInput   *money.Price // per token; unset: Prompt
	AudioOutput  *money.Price // per token; unset: Completion
	ImageOutput  *money.Price // per token; unset: Completion
	Image        *money.Price // per input image; unset: 0
	Request      *money.Price // per request; unset: 0
	WebSearch    *money.Price // per search; unset: 0
	Search       *money.Price // per search unit of a rerank; unset: 0
	Character    *money.Price // per character spoken; unset: 0
	AudioSecond  *money.Price // per second of audio transcribed; unset: 0
	OutputImage  *money.Price // per generated image; unset: 0
}

// Prices reports whether the rates charge for what the operation uses: a list of zeros for
// it is a gap in a price list, unless the operator declared the endpoint free.
func (r *Rates) Prices(op llm.Operation) bool {
	some := func(rates ...*money.Price) bool {
		return slices.ContainsFunc(rates, func(p *money.Price) bool { return p != nil && *p != 0 })
	}
	switch op {
	case llm.Embed:
		return some(&r.Prompt, r.Request)
	case llm.Rerank:
		return some(&r.Prompt, r.Search, r.Request)
	case llm.Speak:
		return some(&r.Prompt, &r.Completion, r.AudioOutput, r.Character, r.Request)
	case llm.Transcribe:
		return some(&r.Prompt, &r.Completion, r.AudioInput, r.AudioSecond, r.Request)
	case llm.Draw:
		return some(&r.Completion, r.ImageOutput, r.OutputImage, r.Request)
	}
	return some(&r.Prompt, &r.Completion, r.Request, r.Image, r.ImageOutput, r.AudioInput, r.AudioOutput, r.ImageInput)
}

// Serves reports whether the endpoint's model does what the operation asks, by its output
// modalities: those of the API (reference §3.11) and nothing else decide. One that lists
// none generates text.
func (e *Endpoint) Serves(op llm.Operation) bool {
	out := e.OutputModalities
	if len(out) == 0 {
		out = e.Model.OutputModalities
	}
	switch op {
	case llm.Embed:
		return slices.Contains(out, "embeddings")
	case llm.Rerank:
		return slices.Contains(out, "rerank")
	case llm.Speak:
		return slices.Contains(out, "speech")
	case llm.Transcribe:
		return slices.Contains(out, "transcription")
	case llm.Draw:
		return slices.Contains(out, "image")
	}
	return len(out) == 0 || slices.Contains(out, "text") || slices.Contains(out, "audio")
}

// Speaks reports whether the provider has a dialect of the operation.
func (p *Provider) Speaks(op llm.Operation) bool {
	return p.Protocol.Operation() == op || slices.ContainsFunc(p.Also, func(d llm.Dialect) bool { return d.Operation() == op })
}

// For is the rates that hold for a prompt of that many tokens.
func (p *Pricing) For(promptTokens int64) *Rates {
	r := &p.Rates
	for i := range p.Tiers {
		if promptTokens > p.Tiers[i].AbovePrompt {
			r = &p.Tiers[i].Rates
		}
	}
	return r
}
