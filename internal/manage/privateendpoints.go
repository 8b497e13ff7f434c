package manage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/private"
)

func (a *API) listPrivateEndpoints(c *call) (any, error) {
	p := c.params()
	provider, _ := p.get("provider_slug")
	status := p.choice("status", string(private.Draft), string(private.Active), string(private.Disabled))
	if p.err != nil {
		return nil, p.err
	}
	list := slices.DeleteFunc(a.Directory.Private().Endpoints, func(e *private.Endpoint) bool {
		return provider != "" && e.Provider != provider || status != "" && string(e.Status) != status
	})
	return paged(c, list, a.privateEndpointRow)
}

func (a *API) getPrivateEndpoint(c *call) (any, error) {
	e, err := a.findPrivateEndpoint(c)
	if err != nil {
		return nil, err
	}
	return data{a.privateEndpointRow(e)}, nil
}

func (a *API) findPrivateEndpoint(c *call) (*private.Endpoint, error) {
	e, ok := a.Directory.PrivateEndpoint(c.PathValue("id"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No private endpoint has this id; list them at /private-endpoints")
	}
	return e, nil
}

func (a *API) createPrivateEndpoint(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("model_permaslug", "provider_slug", "upstream_model_id")
	e := &private.Endpoint{ID: newUUID(), Provider: b.text("provider_slug", false), Status: private.Draft, Created: c.now}
	e.Model = a.slugOf(b.text("model_permaslug", false))
	if author, name, ok := strings.Cut(e.Model, "/"); b.err == nil && (!ok || author == "" || name == "" || e.Model != strings.ToLower(e.Model) || strings.ContainsAny(e.Model, " ~@")) {
		b.fail("model_permaslug", "author/name in small letters, of the catalogue or a new one")
	}
	if e.Tag = b.text("tag", true); e.Tag != "" && !private.Tag(e.Provider, e.Tag) {
		b.fail("tag", "provider_slug, a slash and a word")
	}
	if b.privateEndpoint(e); b.err != nil {
		return nil, b.err
	}
	err = a.recatalog(c, "private_endpoint.create", e.ID, b.set(), func(tx *directory.Tx, set private.Set) (private.Set, error) {
		if err := a.mayAdd(e, set, b); err != nil {
			return set, err
		}
		return set.PutEndpoint(e), tx.PutPrivateEndpoint(e)
	})
	if err != nil {
		return nil, err
	}
	return created{data{a.privateEndpointRow(e)}}, nil
}

// slugOf is the slug of the model with a permanent slug, or the name as it is.
func (a *API) slugOf(name string) string {
	snap := a.Catalog()
	if snap.Model(name) != nil {
		return name
	}
	if r, err := snap.Resolve(name); err == nil && r.Model.CanonicalSlug == name {
		return r.Model.Slug
	}
	return name
}

// mayAdd refuses an endpoint that has no provider, or the place of another one.
func (a *API) mayAdd(e *private.Endpoint, set private.Set, b *body) error {
	if len(set.Endpoints) >= private.MaxEndpoints {
		return tooMany("private endpoints", private.MaxEndpoints)
	}
	p := a.Catalog().Provider(e.Provider)
	if p == nil {
		return fault.Bad("provider_slug", fmt.Sprintf("There is no provider %.64q; add it with POST /private-providers, or list those of the catalogue at /providers?all=true", e.Provider))
	}
	if base := b.optional("base_url"); base != "" && base != p.BaseURL {
		return fault.Bad("base_url", "base_url is the provider's; add a provider of this address with POST /private-providers and name that")
	}
	taken := a.Catalog().Endpoint(e.Row()) != nil || slices.ContainsFunc(set.Endpoints, func(o *private.Endpoint) bool { return o.Row() == e.Row() })
	if taken {
		return &fault.Error{Kind: fault.Conflict, Param: "tag", Public: fmt.Sprintf("Provider %s has an endpoint %s already; give this one a tag such as %s/mine", e.Provider, e.Row(), e.Provider)}
	}
	return nil
}

// privateEndpoint sets what the body has, but for what an endpoint is known by.
func (b *body) privateEndpoint(e *private.Endpoint) {
	if b.has("upstream_model_id") {
		e.Upstream = b.text("upstream_model_id", false)
	}
	if b.has("status") {
		if b.read("status", false, &e.Status, "draft, active or disabled") && !e.Status.Valid() {
			b.fail("status", "draft, active or disabled")
		}
	}
	if b.has("declared_region") {
		e.Region = b.text("declared_region", true)
	}
	if b.has("declared_zdr") {
		e.ZDR = b.flagOrNull("declared_zdr")
	}
	b.privatePrice(e)
	b.privateModel(e)
	if b.err == nil && e.Status == private.Active && e.Pricing() == nil {
		b.fail("pricing", "given before the endpoint is active; or say free: true")
	}
}

// privateModel sets what is said of the model.
func (b *body) privateModel(e *private.Endpoint) {
	if b.has("model_name") {
		e.Name = b.within("model_name", true, 0, 200)
	}
	for name, to := range map[string]*int64{"context_length": &e.Context, "max_completion_tokens": &e.MaxOutput} {
		if b.has(name) {
			if *to = 0; b.read(name, true, to, "a whole number of tokens, or null") && *to < 1 {
				b.fail(name, "1 or more, or null")
			}
		}
	}
	for name, to := range map[string]*[]string{"input_modalities": &e.Inputs, "output_modalities": &e.Outputs, "supported_parameters": &e.Parameters} {
		if b.has(name) {
			*to = b.texts(name, true, 100)
		}
	}
}

// priceNames are the rates of a private endpoint as the API names them, and as the price book
// does (reference §8, PublicPricing).
var priceNames = map[string]string{
	"prompt": "prompt", "completion": "completion", "request": "request", "image": "image", "image_token": "image_input", "image_output": "image_output",
	"audio": "audio_input", "audio_output": "audio_output", "web_search": "web_search", "internal_reasoning": "reasoning",
	"input_cache_read": "cache_read", "input_cache_write": "cache_write", "input_cache_write_1h": "cache_write_1h",
}

// privatePrice sets the price, or that there is none to pay.
func (b *body) privatePrice(e *private.Endpoint) {
	if b.has("free") {
		e.Free = b.flag("free")
	}
	if !b.has("pricing") {
		if e.Free {
			e.Rates = nil
		}
		return
	}
	var given map[string]json.RawMessage
	if e.Rates = nil; !b.read("pricing", true, &given, "an object with prompt and completion, or null") {
		return
	}
	if e.Free {
		b.fail("free", "false where pricing is given")
	}
	e.Rates = map[string]money.Price{}
	for name, raw := range given {
		rate, ok := priceNames[name]
		price, err := money.ParsePrice(strings.Trim(string(raw), `"`))
		if !ok || err != nil {
			b.fail("pricing."+name, "a price that is known, in dollars per token or item as a decimal string")
			continue
		}
		e.Rates[rate] = price
	}
	if _, ok := given["prompt"]; !ok || given["completion"] == nil {
		b.fail("pricing", "an object with prompt and completion, which may be \"0\" where the model has none of one")
	}
}

func (a *API) updatePrivateEndpoint(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	return a.changePrivateEndpoint(c, "private_endpoint.update", b.privateEndpoint, b)
}

// activatePrivateEndpoint puts an endpoint into the catalogue.
func (a *API) activatePrivateEndpoint(c *call) (any, error) {
	b := &body{members: map[string]json.RawMessage{"status": json.RawMessage(`"active"`)}}
	return a.changePrivateEndpoint(c, "private_endpoint.activate", b.privateEndpoint, b)
}

func (a *API) changePrivateEndpoint(c *call, action string, set func(*private.Endpoint), b *body) (any, error) {
	old, err := a.findPrivateEndpoint(c)
	if err != nil {
		return nil, err
	}
	var e private.Endpoint
	err = a.recatalog(c, action, old.ID, nil, func(tx *directory.Tx, all private.Set) (private.Set, error) {
		now, ok := tx.PrivateEndpoint(old.ID)
		if !ok {
			return all, fault.New(fault.NotFound, "The endpoint was deleted meanwhile")
		}
		e = *now
		if set(&e); b.err != nil {
			return all, b.err
		}
		e.Updated = c.now
		return all.PutEndpoint(&e), errors.Join(tx.PutPrivateEndpoint(&e), tx.Tell(b.set()))
	})
	if err != nil {
		return nil, err
	}
	return data{a.privateEndpointRow(&e)}, nil
}

func (a *API) deletePrivateEndpoint(c *call) (any, error) {
	e, err := a.findPrivateEndpoint(c)
	if err != nil {
		return nil, err
	}
	err = a.recatalog(c, "private_endpoint.delete", e.ID, map[string]any{"endpoint": e.Row()}, func(tx *directory.Tx, set private.Set) (private.Set, error) {
		tx.DeletePrivateEndpoint(e.ID)
		return set.DropEndpoint(e.ID), nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// validatePrivateEndpoint calls the endpoint, whatever its status, with a small request.
func (a *API) validatePrivateEndpoint(c *call) (any, error) {
	e, err := a.findPrivateEndpoint(c)
	if err != nil {
		return nil, err
	}
	tried := *e
	tried.Status = private.Active
	t, err := a.Trial(c.Context(), a.Directory.Private().PutEndpoint(&tried), tried.Row())
	if err != nil {
		return nil, err
	}
	return data{newTrialRow(&t)}, nil
}

// trialRow is how a call went.
type trialRow struct {
	OK     bool            `json:"ok"`
	Status *int            `json:"status"`
	TookMS int64           `json:"took_ms"`
	Answer json.RawMessage `json:"answer"`
	Losses []llm.Loss      `json:"losses"`
	Error  *refusal        `json:"error"`
}

func newTrialRow(t *private.Trial) trialRow {
	row := trialRow{OK: t.Err == nil, TookMS: t.TookMS, Answer: t.Answer, Losses: notNil(t.Losses), Error: newRefusal(t.Err)}
	if t.Status != 0 {
		row.Status = &t.Status
	}
	return row
}

// privateEndpointRow is a private endpoint as the API shows it (reference §7).
type privateEndpointRow struct {
	ID         string   `json:"id"`
	Endpoint   string   `json:"endpoint_id"`
	Model      string   `json:"model_permaslug"`
	Provider   string   `json:"provider_slug"`
	Tag        *string  `json:"tag"`
	Upstream   string   `json:"upstream_model_id"`
	BaseURL    *string  `json:"base_url"`
	Pricing    *pricing `json:"pricing"`
	Free       bool     `json:"free"`
	Region     *string  `json:"declared_region"`
	ZDR        *bool    `json:"declared_zdr"`
	Status     string   `json:"status"`
	Name       *string  `json:"model_name"`
	Context    *int64   `json:"context_length"`
	MaxOutput  *int64   `json:"max_completion_tokens"`
	Inputs     []string `json:"input_modalities"`
	Outputs    []string `json:"output_modalities"`
	Parameters []string `json:"supported_parameters"`
	Usable     bool     `json:"usable"`
	Needs      *string  `json:"needs"`
	Created    string   `json:"created_at"`
	Updated    *string  `json:"updated_at"`
}

func (a *API) privateEndpointRow(e *private.Endpoint) privateEndpointRow {
	row := privateEndpointRow{
		ID: e.ID, Endpoint: e.Row(), Model: e.Model, Provider: e.Provider, Tag: present(e.Tag), Upstream: e.Upstream,
		Pricing: priceOrNot(e.Pricing()), Free: e.Free, Region: present(e.Region), ZDR: e.ZDR, Status: string(e.Status),
		Name: present(e.Name), Context: known(e.Context), MaxOutput: known(e.MaxOutput), Inputs: e.Inputs, Outputs: e.Outputs, Parameters: e.Parameters,
		Created: timestamp(e.Created), Updated: since(e.Updated),
	}
	if p := a.Catalog().Provider(e.Provider); p != nil {
		row.BaseURL = present(p.BaseURL)
	}
	if at := a.Catalog().Endpoint(e.Row()); at != nil && e.Status == private.Active {
		row.Usable, row.Needs = at.Live && at.Pricing != nil, present(at.Needs)
	}
	return row
}
