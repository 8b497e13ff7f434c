package route

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Exhausted explains a failure of everybody who was tried, by its status: nobody had room, or
// nobody was there for the moment (reference §1.5); nil for another failure.
func Exhausted(status int, models, providers []string, retry time.Duration) *fault.Availability {
	code := map[int]string{429: "capacity_exhausted", 503: "temporarily_unavailable"}[status]
	if code == "" || len(providers) == 0 {
		return nil
	}
	return &fault.Availability{Code: code, Retryable: true, RetryAfter: retry.Seconds(), RequestedModels: models, AffectedProviders: providers, DocsURL: docsURL}
}

// docsURL explains the reasons.
const docsURL = "https://github.com/dragoman-gateway/dragoman/blob/main/docs/routing.md"

// remedies says, for each reason an endpoint can be out, which field of the request asks
// for it, what it did and what to do about it. listed marks the API's own vocabulary of
// excluded_by (reference §1.5); code is the availability code when nothing else is to blame.
var remedies = map[Reason]struct {
	field, did, next string
	listed           bool
	code             string
}{
	NotLive:           {"", "are not set up here", "", false, "no_endpoints"},
	Unpriced:          {"", "have no price", "", false, "no_endpoints"},
	FreeVariant:       {"model", "are no longer free", "ask for the model without :free", false, "free_variant_ended"},
	Operation:         {"model", "do another kind of work than this request asks for", "choose a model made for it", false, "constraint_filtered"},
	Modality:          {"messages", "cannot read or write the media of the request", "choose a model that can", false, "constraint_filtered"},
	ContextLength:     {"messages", "cannot hold a prompt of this length", "shorten the prompt or choose a model with a larger context", true, "constraint_filtered"},
	MaxOutput:         {"max_tokens", "cannot write as many tokens as max_tokens asks for", "lower max_tokens", false, "constraint_filtered"},
	ServiceTier:       {"service_tier", "are of another service tier", "change service_tier or name the endpoint in provider.order", false, "constraint_filtered"},
	NoTools:           {"tools", "do not support tools, while others of the model do", "allow those or leave tools out", false, "constraint_filtered"},
	NoFormat:          {"response_format", "do not support response_format, while others of the model do", "allow those or leave response_format out", false, "constraint_filtered"},
	NoVerbosity:       {"verbosity", "do not support verbosity, while others of the model do", "allow those or leave verbosity out", false, "constraint_filtered"},
	Duplicate:         {"models", "are listed twice", "list each model once", false, "constraint_filtered"},
	NoFallbacks:       {"provider.allow_fallbacks", "would be fallbacks", "allow fallbacks or name another provider in provider.order", false, "constraint_filtered"},
	AllowedModels:     {"", "are of a model that is not allowed", "ask the administrator to allow the model", false, "constraint_filtered"},
	IgnoredModels:     {"", "are of an ignored model", "ask the administrator to take the model off the ignore list", false, "constraint_filtered"},
	AllowedProviders:  {"provider.only", "are not of an allowed provider", "widen provider.only or the allow list of the account", true, "constraint_filtered"},
	IgnoredProviders:  {"provider.ignore", "are of an ignored provider", "shorten provider.ignore or the ignore list of the account", false, "constraint_filtered"},
	Training:          {"provider.data_collection", "may train on prompts", "allow data collection or choose a provider that is known not to train", true, "privacy_restricted"},
	Publication:       {"", "may publish prompts", "ask the administrator to allow free models that publish", false, "privacy_restricted"},
	ZDR:               {"provider.zdr", "are not known to keep nothing", "lift zero data retention or choose a provider that offers it", true, "privacy_restricted"},
	DataRegion:        {"", "are outside the allowed regions", "ask the administrator to allow more regions", true, "region_restricted"},
	Distillable:       {"provider.enforce_distillable_text", "are not known to allow distillation", "leave provider.enforce_distillable_text out", false, "constraint_filtered"},
	Quantization:      {"provider.quantizations", "have another quantization", "allow more quantizations, unknown included", true, "constraint_filtered"},
	MaxPrice:          {"provider.max_price", "cost more than the price cap", "raise provider.max_price", true, "constraint_filtered"},
	OwnOnly:           {"provider.byok", "need a credential of your own", "add one (POST /byok) that may be used for the model, or allow the operator's", false, "constraint_filtered"},
	RequireParameters: {"provider.require_parameters", "do not support every parameter sent", "leave out a parameter or provider.require_parameters", true, "constraint_filtered"},
}

// removal is how many endpoints one reason took.
type removal struct {
	reason Reason
	count  int
}

// removals counts the dropped by reason, the most first, ties in order of the filters.
func removals(dropped []Dropped) []removal {
	var out []removal
	for _, d := range dropped {
		i := slices.IndexFunc(out, func(r removal) bool { return r.reason == d.Reason })
		if i < 0 {
			i, out = len(out), append(out, removal{reason: d.Reason})
		}
		out[i].count++
	}
	slices.SortStableFunc(out, func(a, b removal) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(rank(a.reason), rank(b.reason)))
	})
	return out
}

func rank(r Reason) int {
	for i := range filters {
		if filters[i].reason == r {
			return i
		}
	}
	return len(filters)
}

// noRoute is the error of a plan without steps: which filter removed what, and what to do.
func noRoute(in *Input, q *query, p *Plan) *fault.Error {
	models := make([]string, len(in.Models))
	for i := range in.Models {
		models[i] = in.Models[i].Model
	}
	e := &fault.Error{Kind: fault.NoRoute, Availability: &fault.Availability{RequestedModels: models, DocsURL: docsURL}}
	name := "the model"
	if len(models) > 0 {
		name = strings.Join(models, ", ")
	}
	could := slices.DeleteFunc(removals(p.Dropped), func(r removal) bool { return r.reason == NotLive || r.reason == Unpriced })
	switch {
	case len(p.Dropped) == 0:
		noEndpoint(e, name)
	case len(could) == 0:
		notCallable(e, name, p.Dropped)
	default:
		constrained(e, name, q, p.Dropped, could)
	}
	return e
}

func noEndpoint(e *fault.Error, name string) {
	e.Availability.Code = "no_endpoints"
	e.Public = "No provider serves " + name + "; choose another model (GET /models lists them)"
	if strings.HasSuffix(name, ":free") {
		e.Availability.Code = "free_variant_ended"
		e.Public = name + " has no free endpoint; ask for the model without :free"
	}
}

// notCallable is about models whose every endpoint lacks a credential or a price.
func notCallable(e *fault.Error, name string, dropped []Dropped) {
	e.Availability.Code = "no_endpoints"
	e.Availability.AffectedProviders = providers(dropped)
	if !slices.ContainsFunc(dropped, func(d Dropped) bool { return d.Reason == NotLive }) {
		e.Kind = fault.Unpriced
		e.Public = fmt.Sprintf("No endpoint of %s has a price, so none is called; set its price in the catalogue or declare it free", name)
		return
	}
	e.Public = fmt.Sprintf("No provider of %s is set up here; %s", name, needs(dropped))
	if i := slices.IndexFunc(dropped, func(d Dropped) bool { return d.Reason == Unpriced }); i >= 0 {
		e.Public += fmt.Sprintf(", or set a price for %s", dropped[i].Endpoint.ID)
	}
}

const mostNamed = 5 // more make a sentence nobody reads

// needs says what would make the endpoints live.
func needs(dropped []Dropped) string {
	var out []string
	for _, d := range dropped {
		if d.Reason != NotLive {
			continue
		}
		s := "set up " + d.Endpoint.Provider.Name
		if d.Endpoint.Needs != "" {
			s = "set " + d.Endpoint.Needs + " for " + d.Endpoint.Provider.Name
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if more := len(out) - mostNamed; more > 0 {
		out = append(out[:mostNamed], fmt.Sprintf("set up one of %d more", more))
	}
	return strings.Join(out, ", or ")
}

func providers(dropped []Dropped) []string {
	var out []string
	for _, d := range dropped {
		if !slices.Contains(out, d.Endpoint.Provider.Name) {
			out = append(out, d.Endpoint.Provider.Name)
		}
	}
	return out
}

// constrained is about models that could be called but for what the request or a policy
// asks.
func constrained(e *fault.Error, name string, q *query, dropped []Dropped, could []removal) {
	a := e.Availability
	a.Code = remedies[could[0].reason].code
	a.AffectedProviders = providers(slices.DeleteFunc(slices.Clone(dropped), func(d Dropped) bool { return d.Reason == NotLive || d.Reason == Unpriced }))
	var did, next []string
	for _, r := range could {
		m := remedies[r.reason]
		if m.code != a.Code {
			a.Code = "constraint_filtered"
		}
		if m.listed {
			a.ExcludedBy = append(a.ExcludedBy, string(r.reason))
		}
		did = append(did, fmt.Sprintf("%d %s%s", r.count, m.did, q.demandedBy(r.reason)))
		next = append(next, m.next)
	}
	e.Public = fmt.Sprintf("No endpoint of %s is left: %s. To go on, %s", name, strings.Join(did, ", "), strings.Join(next, ", or "))
	if n := countNotCallable(dropped); n > 0 {
		e.Public += fmt.Sprintf(" (%d more are not set up here or have no price)", n)
	}
	if m := remedies[could[0].reason]; len(could) == 1 && m.field != "" {
		a.Constraint = &fault.Constraint{Field: m.field, Detail: did[0]}
	}
	if a.Code == "region_restricted" {
		e.Status, e.Type = 403, "permission_denied"
	}
}

func countNotCallable(dropped []Dropped) int {
	n := 0
	for _, d := range dropped {
		if d.Reason == NotLive || d.Reason == Unpriced {
			n++
		}
	}
	return n
}
