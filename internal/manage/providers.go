package manage

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// providerRow is a provider in OpenRouter's shape.
type providerRow struct {
	Slug         string   `json:"slug"`
	Name         string   `json:"name"`
	Privacy      *string  `json:"privacy_policy_url"`
	Terms        *string  `json:"terms_of_service_url"`
	Status       *string  `json:"status_page_url"`
	Headquarters *string  `json:"headquarters"`
	Datacenters  []string `json:"datacenters"`

	Needs     []string   `json:"needs,omitempty"` // ours: what makes it ready
	Data      dataPolicy `json:"data_policy"`     // ours
	Models    int        `json:"models"`          // ours: that it serves in the catalogue
	Endpoints int        `json:"endpoints"`       // ours
}

// dataPolicy is what is declared about what a provider does with what it gets: yes, no or unknown.
type dataPolicy struct {
	Trains    string  `json:"trains"`
	Retains   string  `json:"retains"`
	Publishes string  `json:"publishes"`
	Days      *int    `json:"retention_days"` // null: unknown
	Source    *string `json:"source"`
	AsOf      *string `json:"as_of"`
}

func newDataPolicy(d catalog.DataPolicy) dataPolicy {
	word := [...]string{catalog.Unknown: "unknown", catalog.Yes: "yes", catalog.No: "no"}
	p := dataPolicy{Trains: word[d.Trains], Retains: word[d.Retains], Publishes: word[d.Publishes], Source: present(d.Source.Name), AsOf: present(d.Source.AsOf)}
	if d.RetentionDays >= 0 && d.Retains != catalog.Unknown {
		p.Days = &d.RetentionDays
	}
	return p
}

// listProviders is the providers that can be called, and with all=true the others too.
func (a *API) listProviders(c *call) (any, error) {
	p := c.params()
	all := p.flag("all")
	if p.err != nil {
		return nil, p.err
	}
	snap := a.Catalog()
	byProvider := map[string][]*catalog.Endpoint{}
	ready := map[string]bool{}
	for _, e := range snap.AllEndpoints() {
		slug := e.Provider.Slug
		byProvider[slug] = append(byProvider[slug], e)
		ready[slug] = ready[slug] || e.Live
	}
	rows := []providerRow{}
	for _, p := range snap.Providers() {
		if all || ready[p.Slug] {
			rows = append(rows, newProviderRow(p, byProvider[p.Slug]))
		}
	}
	return data{rows}, nil
}

// getProvider is one provider, callable or not, with every model that it serves.
func (a *API) getProvider(c *call) (any, error) {
	v := a.viewer(c)
	p := v.snap.Provider(c.PathValue("slug"))
	if p == nil {
		return nil, fault.New(fault.NotFound, "The catalogue has no provider of this slug; list them at /providers?all=true")
	}
	of := func(e *catalog.Endpoint) bool { return e.Provider.Slug == p.Slug }
	row := struct {
		providerRow
		Serves []modelRow `json:"serves"`
	}{newProviderRow(p, slices.DeleteFunc(slices.Clone(v.snap.AllEndpoints()), func(e *catalog.Endpoint) bool { return !of(e) })), []modelRow{}}
	for _, l := range v.models(true, []modelFilter{func(l *listing) bool { return slices.ContainsFunc(l.all, of) }}) {
		row.Serves = append(row.Serves, l.row())
	}
	return data{row}, nil
}

func newProviderRow(p *catalog.Provider, endpoints []*catalog.Endpoint) providerRow {
	models := map[string]bool{}
	for _, e := range endpoints {
		models[e.Model.Slug] = true
	}
	return providerRow{
		Data: newDataPolicy(p.Data), Models: len(models), Endpoints: len(endpoints),
		Slug: p.Slug, Name: p.Name, Privacy: present(p.PrivacyURL), Terms: present(p.TermsURL), Status: present(p.StatusURL),
		Headquarters: present(p.Headquarters), Datacenters: p.Datacenters, Needs: needs(endpoints),
	}
}
