package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
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

	Needs []string `json:"needs,omitempty"` // ours: what makes it ready
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

func newProviderRow(p *catalog.Provider, endpoints []*catalog.Endpoint) providerRow {
	return providerRow{
		Slug: p.Slug, Name: p.Name, Privacy: present(p.PrivacyURL), Terms: present(p.TermsURL), Status: present(p.StatusURL),
		Headquarters: present(p.Headquarters), Datacenters: p.Datacenters, Needs: needs(endpoints),
	}
}
