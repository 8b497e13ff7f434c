package route

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// filters says, row by row, why an endpoint is out; the first row that applies is its
// reason. A new rule is a new row. What the endpoint can do at all comes first, what it may
// be asked comes last, so that a policy is only blamed for what it took away.
var filters = [...]struct {
	reason Reason
	out    func(*query, *catalog.Endpoint) bool
}{
	{NotLive, uncallable},
	{Operation, otherWork},
	{Unpriced, func(q *query, e *catalog.Endpoint) bool { return !priced(e.Pricing, q.req.From.Operation()) }},
	{FreeVariant, costsThoughFree},
	{Modality, lacksModality},
	{ContextLength, cannotHold},
	{MaxOutput, cannotWrite},
	{ServiceTier, ofOtherTier},
	{NoTools, func(q *query, e *catalog.Endpoint) bool { return ignores(q, e, softTools) }},
	{NoFormat, func(q *query, e *catalog.Endpoint) bool { return ignores(q, e, softFormat) }},
	{NoVerbosity, func(q *query, e *catalog.Endpoint) bool { return ignores(q, e, softVerbosity) }},

	{AllowedModels, notAllowedModel},
	{IgnoredModels, ignoredModel},
	{AllowedProviders, notAllowedProvider},
	{IgnoredProviders, ignoredProvider},
	{Training, mayTrain},
	{Publication, mayPublish},
	{ZDR, mayKeep},
	{DataRegion, outsideRegion},
	{Distillable, func(q *query, _ *catalog.Endpoint) bool { return q.policy.DistillableOnly != "" }}, // no source says which models are
	{Quantization, otherQuantization},
	{MaxPrice, tooDear},
	{RequireParameters, lacksParameter},
	{OwnOnly, notOwned},
}

// exclusion is the reason an endpoint is out, "" none.
func (q *query) exclusion(e *catalog.Endpoint) Reason {
	for i := range filters {
		if filters[i].out(q, e) {
			return filters[i].reason
		}
	}
	return ""
}

// priced reports whether somebody said a price. All zeros is one only where the operator
// declared the endpoint free: otherwise it is a gap in a price list.
func priced(p *catalog.Pricing, op llm.Operation) bool {
	return p != nil && (p.Free || p.Prices(op))
}

// otherWork keeps a model to what it does, and a provider to what it speaks. Counting
// tokens is asked of whoever generates.
func otherWork(q *query, e *catalog.Endpoint) bool {
	op := q.req.From.Operation()
	if !e.Serves(op) {
		return true
	}
	return op != llm.Generate && op != llm.CountTokens && !e.Provider.Speaks(op)
}

// mayTrain takes what is not known for the worst case.
func mayTrain(q *query, e *catalog.Endpoint) bool {
	p := &q.policy
	denied := p.DenyDataCollection != "" || p.DenyPaidTraining != "" && !free(q, e) || p.DenyFreeTraining != "" && free(q, e)
	return denied && e.Data.Collects()
}

func mayPublish(q *query, e *catalog.Endpoint) bool {
	return q.policy.DenyFreePublication != "" && free(q, e) && e.Data.Publishes != catalog.No
}

// free reports whether the endpoint has a price, and it is nothing.
func free(q *query, e *catalog.Endpoint) bool {
	return e.Pricing != nil && !e.Pricing.Prices(q.req.From.Operation())
}

func costsThoughFree(q *query, e *catalog.Endpoint) bool {
	return strings.HasSuffix(e.Model.Slug, ":free") && e.Pricing.Prices(q.req.From.Operation())
}

// modalities is what each need demands to be listed.
var modalities = [...]struct {
	need   llm.Needs
	name   string
	output bool
}{
	{llm.NeedImages, "image", false},
	{llm.NeedAudioIn, "audio", false},
	{llm.NeedVideoIn, "video", false},
	{llm.NeedFiles, "file", false},
	{llm.NeedImageOut, "image", true},
	{llm.NeedAudioOut, "audio", true},
}

// lacksModality takes an endpoint that lists none to have its model's, and a model that
// lists none to have all.
func lacksModality(q *query, e *catalog.Endpoint) bool {
	for _, m := range &modalities {
		if q.req.Needs&m.need == 0 {
			continue
		}
		has, model := e.InputModalities, e.Model.InputModalities
		if m.output {
			has, model = e.OutputModalities, e.Model.OutputModalities
		}
		if len(has) == 0 {
			has = model
		}
		if len(has) > 0 && !slices.Contains(has, m.name) {
			return true
		}
	}
	return false
}

// cannotHold is sure: the estimate leans high, so only twice too long is out, and what may
// be too long comes later (see TightContext).
func cannotHold(q *query, e *catalog.Endpoint) bool {
	room := promptRoom(e)
	return room > 0 && q.promptTokens/2 > room
}

// promptRoom is the longest prompt the endpoint takes, 0 unknown.
func promptRoom(e *catalog.Endpoint) int64 {
	if e.MaxPrompt > 0 && (e.ContextLength == 0 || e.MaxPrompt < e.ContextLength) {
		return e.MaxPrompt
	}
	return e.ContextLength
}

func cannotWrite(q *query, e *catalog.Endpoint) bool {
	return e.MaxOutput > 0 && q.req.MaxOutput > e.MaxOutput ||
		e.ContextLength > 0 && q.req.MaxOutput > e.ContextLength
}

// ofOtherTier keeps tier endpoints out unless the request, a variant or a full slug asks
// for the tier, and keeps the others out for flex where the model has flex endpoints
// (reference §4.14).
func ofOtherTier(q *query, e *catalog.Endpoint) bool {
	switch e.Variant {
	case "":
		return q.flexOnly
	case tierPriority:
		if q.priorityTier || q.variant.Priority {
			return false
		}
	case tierFlex:
		if q.flexTier || q.variant.Flex {
			return false
		}
	}
	r := &q.req.Routing
	return !slices.ContainsFunc(r.Order, func(s string) bool { return same(s, e.Tag) }) &&
		!slices.ContainsFunc(r.Only, func(s string) bool { return same(s, e.Tag) })
}

// The parameters that restrict a model to the endpoints that know them, if any does, even
// without require_parameters (reference §4.1 E). Whether any does is asked before any
// policy, so that a tighter policy never lets a worse endpoint in.
type soft uint8

const (
	softTools soft = 1 << iota
	softFormat
	softVerbosity
)

func ignores(q *query, e *catalog.Endpoint, s soft) bool {
	return q.offered&s != 0 && knows(e, q.wanted&s) == 0
}

// knows is which of the wanted parameters the endpoint supports.
func knows(e *catalog.Endpoint, wanted soft) soft {
	var s soft
	if wanted&softTools != 0 && e.Supports("tools") {
		s |= softTools
	}
	if wanted&softFormat != 0 && (e.Supports("response_format") || e.Supports("structured_outputs")) {
		s |= softFormat
	}
	if wanted&softVerbosity != 0 && e.Supports("verbosity") {
		s |= softVerbosity
	}
	return s
}

func notAllowedModel(q *query, e *catalog.Endpoint) bool {
	for _, l := range q.policy.Models {
		if !modelIn(l, e.Model) {
			return true
		}
	}
	return false
}

func ignoredModel(q *query, e *catalog.Endpoint) bool {
	for _, l := range q.policy.IgnoreModels {
		if modelIn(l, e.Model) {
			return true
		}
	}
	return false
}

func notAllowedProvider(q *query, e *catalog.Endpoint) bool {
	for _, l := range q.policy.Providers {
		if !endpointIn(l, e, l.From != policy.RequestLayer) {
			return true
		}
	}
	return false
}

func ignoredProvider(q *query, e *catalog.Endpoint) bool {
	for _, l := range q.policy.IgnoreProviders {
		if endpointIn(l, e, true) {
			return true
		}
	}
	return false
}

func outsideRegion(q *query, e *catalog.Endpoint) bool {
	for _, l := range q.policy.Regions {
		if !regionIn(l, e) {
			return true
		}
	}
	return false
}

func otherQuantization(q *query, e *catalog.Endpoint) bool {
	for _, l := range q.policy.Quantizations {
		if !quantizationIn(l, e.Quantization) {
			return true
		}
	}
	return false
}

// tooDear compares the rates that hold for a prompt of this length.
func tooDear(q *query, e *catalog.Endpoint) bool {
	limit, r := &q.policy.MaxPrice, e.Pricing.For(q.promptTokens)
	over := func(price money.Price, limit *money.Price) bool { return limit != nil && price > *limit }
	orZero := func(p *money.Price) money.Price {
		if p == nil {
			return 0
		}
		return *p
	}
	return over(r.Prompt, limit.Prompt) || over(r.Completion, limit.Completion) ||
		over(orZero(r.Request), limit.Request) || over(orZero(r.Image), limit.Image) || over(orZero(r.AudioInput), limit.Audio)
}

func lacksParameter(q *query, e *catalog.Endpoint) bool {
	if q.policy.RequireParameters == "" || e.Parameters == nil {
		return false
	}
	for _, p := range q.req.Params {
		if listed(p) && !supportsAlias(e, p) {
			return true
		}
	}
	return q.req.Needs&llm.NeedJSONSchema != 0 && !e.Supports("structured_outputs")
}

// listed reports whether price lists speak of the parameter at all (reference: schema
// Parameter); nothing can be concluded from the absence of another.
func listed(param string) bool {
	switch param {
	case "temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty", "repetition_penalty",
		"max_tokens", "max_completion_tokens", "logit_bias", "logprobs", "top_logprobs", "prediction", "seed",
		"response_format", "structured_outputs", "stop", "tools", "tool_choice", "parallel_tool_calls",
		"include_reasoning", "reasoning", "reasoning_effort", "web_search_options", "verbosity":
		return true
	}
	return false
}

// supportsAlias knows the parameters with two names.
func supportsAlias(e *catalog.Endpoint, p string) bool {
	if e.Supports(p) {
		return true
	}
	switch p {
	case "max_tokens":
		return e.Supports("max_completion_tokens")
	case "max_completion_tokens":
		return e.Supports("max_tokens")
	case "reasoning_effort", "include_reasoning":
		return e.Supports("reasoning")
	case "response_format":
		return e.Supports("structured_outputs")
	case "parallel_tool_calls":
		return e.Supports("tools")
	}
	return false
}
