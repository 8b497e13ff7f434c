// Package private is the providers and endpoints that whoever runs the gateway adds while it
// runs: what is kept of them, and how they come into the catalogue. It promises that an
// endpoint without a price is not called unless it is said to be free. It deliberately opens
// no secret and calls nobody. Start with Set.Overlay.
package private

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Bounds of what is kept, all of which is in memory.
const (
	MaxProviders = 1000
	MaxEndpoints = 10_000
)

// Provider is a company, or a server of one's own. Treat one from a directory as immutable.
type Provider struct {
	ID       string      `json:"id"` // UUID
	Slug     string      `json:"slug"`
	Name     string      `json:"name,omitempty"`
	BaseURL  string      `json:"base_url"`
	Protocol llm.Dialect `json:"protocol"`
	Auth     string      `json:"auth"` // none, bearer, header:NAME

	Sealed  []byte `json:"sealed,omitempty"` // the credential, opens for Place alone; nil none
	Label   string `json:"label,omitempty"`  // enough to tell the credential from another
	Version int64  `json:"version"`          // grows with each new credential

	Trains    *bool `json:"trains,omitempty"` // what happens to prompts; nil unknown
	Retains   *bool `json:"retains,omitempty"`
	Publishes *bool `json:"publishes,omitempty"`

	Disabled bool      `json:"disabled,omitempty"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated,omitzero"`
}

// Place is where the credential belongs: sealed for it, it opens nowhere else.
func (p *Provider) Place() string { return "private-provider/" + p.ID }

// Status says whether an endpoint is in the catalogue.
type Status string

// The statuses. Only an active endpoint is in the catalogue.
const (
	Draft    Status = "draft" // not yet
	Active   Status = "active"
	Disabled Status = "disabled" // not any more
)

// Valid reports whether s is one.
func (s Status) Valid() bool { return s == Draft || s == Active || s == Disabled }

// Endpoint is a model at a provider, whose own or one of the catalogue (reference §7). Treat one
// from a directory as immutable.
type Endpoint struct {
	ID       string                 `json:"id"`    // UUID
	Model    string                 `json:"model"` // slug
	Provider string                 `json:"provider"`
	Tag      string                 `json:"tag,omitempty"`   // tells it from another of the provider and model
	Upstream string                 `json:"upstream"`        // the model's name there
	Rates    map[string]money.Price `json:"rates,omitempty"` // dollars per unit, by the names of the price book
	Free     bool                   `json:"free,omitempty"`
	Region   string                 `json:"region,omitempty"`
	ZDR      *bool                  `json:"zdr,omitempty"` // nothing is kept there; nil as the provider says
	Status   Status                 `json:"status"`

	// What the catalogue does not say of the model, or says of others.
	Name       string   `json:"name,omitempty"`
	Context    int64    `json:"context,omitempty"` // tokens
	MaxOutput  int64    `json:"max_output,omitempty"`
	Inputs     []string `json:"inputs,omitempty"` // modalities
	Outputs    []string `json:"outputs,omitempty"`
	Parameters []string `json:"parameters,omitempty"` // nil: what the wire carries

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
}

// Row is the endpoint's id in the catalogue.
func (e *Endpoint) Row() string {
	r := e.row()
	return r.ID()
}

// Pricing is what the endpoint costs; nil: nobody said.
func (e *Endpoint) Pricing() *catalog.Pricing {
	switch {
	case e.Free:
		return &catalog.Pricing{Free: true}
	case len(e.Rates) > 0:
		return &catalog.Pricing{Rates: rates(e.Rates)}
	}
	return nil
}

// Set is what was added. It is not changed by anybody.
type Set struct {
	Providers []*Provider
	Endpoints []*Endpoint
}

// Overlay is the set as the catalogue takes it. It is lenient: what refers to a provider that
// the catalogue has lost is passed over.
func (s Set) Overlay() catalog.Overlay {
	o := catalog.Overlay{Origin: "private endpoints", Lenient: true}
	for _, p := range s.Providers {
		o.Providers = append(o.Providers, p.row())
	}
	for _, e := range s.Endpoints {
		if e.Status != Active {
			continue
		}
		o.Models = append(o.Models, e.model())
		o.Endpoints = append(o.Endpoints, e.row())
	}
	return o
}

// PutProvider is the set with p, in the place of the one of its id.
func (s Set) PutProvider(p *Provider) Set {
	s.Providers = put(s.Providers, p, func(o *Provider) bool { return o.ID == p.ID })
	return s
}

// DropProvider is the set without the provider of an id.
func (s Set) DropProvider(id string) Set {
	s.Providers = drop(s.Providers, func(o *Provider) bool { return o.ID == id })
	return s
}

// PutEndpoint is the set with e, in the place of the one of its id.
func (s Set) PutEndpoint(e *Endpoint) Set {
	s.Endpoints = put(s.Endpoints, e, func(o *Endpoint) bool { return o.ID == e.ID })
	return s
}

// DropEndpoint is the set without the endpoint of an id.
func (s Set) DropEndpoint(id string) Set {
	s.Endpoints = drop(s.Endpoints, func(o *Endpoint) bool { return o.ID == id })
	return s
}

// Without is the set without providers whose slug is taken by others, and without their
// endpoints, which would be others' then; and the slugs.
func (s Set) Without(taken func(slug string) bool) (left Set, lost []string) {
	for _, p := range s.Providers {
		if taken(p.Slug) {
			lost = append(lost, p.Slug)
		}
	}
	if len(lost) == 0 {
		return s, nil
	}
	s.Providers = drop(s.Providers, func(p *Provider) bool { return slices.Contains(lost, p.Slug) })
	s.Endpoints = drop(s.Endpoints, func(e *Endpoint) bool { return slices.Contains(lost, e.Provider) })
	return s, lost
}

func put[T any](list []*T, v *T, same func(*T) bool) []*T {
	list = slices.Clone(list)
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = v
		return list
	}
	return append(list, v)
}

func drop[T any](list []*T, which func(*T) bool) []*T {
	return slices.DeleteFunc(slices.Clone(list), which)
}

var source = catalog.Source{Name: "private"}

func (p *Provider) row() catalog.ProviderRow {
	return catalog.ProviderRow{Off: p.Disabled, Provider: catalog.Provider{
		Slug: p.Slug, Name: p.Name, BaseURL: p.BaseURL, Protocol: p.Protocol, Auth: p.Auth, Source: source,
		Data: policyOf(p.Trains, p.Retains, p.Publishes),
	}}
}

func policyOf(trains, retains, publishes *bool) catalog.DataPolicy {
	if trains == nil && retains == nil && publishes == nil {
		return catalog.DataPolicy{}
	}
	d := catalog.DataPolicy{Trains: catalog.TriOf(trains), Retains: catalog.TriOf(retains), Publishes: catalog.TriOf(publishes), RetentionDays: -1, Source: source}
	if d.Retains == catalog.No {
		d.RetentionDays = 0
	}
	return d
}

// model adds the endpoint's model where the catalogue has none of the slug.
func (e *Endpoint) model() catalog.ModelRow {
	return catalog.ModelRow{IfMissing: true, Model: catalog.Model{
		Slug: e.Model, Name: e.Name, ContextLength: e.Context, MaxOutput: e.MaxOutput,
		InputModalities: e.Inputs, OutputModalities: e.Outputs, SupportedParameters: e.Parameters, Source: source,
	}}
}

func (e *Endpoint) row() catalog.EndpointRow {
	r := catalog.EndpointRow{
		Provider: e.Provider, Model: e.Model, Tag: e.Tag, UpstreamModel: e.Upstream, ContextLength: e.Context, MaxOutput: e.MaxOutput,
		InputModalities: e.Inputs, OutputModalities: e.Outputs, Parameters: e.Parameters, Region: e.Region,
		Private: true, Source: source,
	}
	if e.ZDR != nil {
		keeps := !*e.ZDR
		var trains *bool
		if *e.ZDR { // what is not kept cannot be trained on, nor published
			trains = &keeps
		}
		r.Data = policyOf(trains, &keeps, trains)
	}
	if r.Pricing = e.Pricing(); r.Pricing == nil {
		r.Unpriced = "no price was given"
	}
	return r
}

func rates(by map[string]money.Price) catalog.Rates {
	r := catalog.Rates{Prompt: by["prompt"], Completion: by["completion"]}
	for _, name := range catalog.RateNames {
		if p, ok := by[name]; ok {
			*r.Optional(name) = &p
		}
	}
	return r
}

// word is what may stand for a provider, or for one part of a tag.
var word = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$`)

// Slug reports whether s can be a provider's.
func Slug(s string) bool { return word.MatchString(s) }

// Tag reports whether t can be a tag of the provider's endpoints.
func Tag(provider, t string) bool {
	rest, ok := strings.CutPrefix(t, provider+"/")
	return ok && word.MatchString(rest)
}

// Trial is how a small call of an endpoint went.
type Trial struct {
	Status int    // the provider's; 0: it gave none
	TookMS int64  // to the end of the answer
	Answer []byte // as a chat completion; nil: there was none
	Losses []llm.Loss
	Err    *fault.Error // nil: it went well
}

// CheckBase says what a base URL must be, and this one is not. Any host will do: it is the
// operator who says so.
func CheckBase(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Hostname() == "":
		return errors.New("an http or https URL with a host")
	case u.User != nil:
		return errors.New("without a user name and a password, which are given as api_key")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return errors.New("without a query and a fragment")
	case strings.ContainsAny(s, "{}"):
		return errors.New("without a {placeholder}")
	}
	return nil
}
