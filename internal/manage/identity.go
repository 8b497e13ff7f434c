package manage

import (
	"cmp"
	"net/url"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/scim"
	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// identityRow is how people and programs of an organisation are known elsewhere, and at which
// addresses that comes in.
type identityRow struct {
	Providers []vouchingRow `json:"providers"`
	SCIM      scimRow       `json:"scim"`
	Token     string        `json:"token_url"` // where workloads exchange tokens
}

// vouchingRow is a sign-in provider as the configuration has it, without its secret.
type vouchingRow struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Issuer   string         `json:"issuer"`
	ClientID string         `json:"client_id"`
	Callback string         `json:"callback_url"`
	Domains  []string       `json:"domains"` // "*": every one
	Trusted  bool           `json:"trust_email"`
	Create   bool           `json:"create"`
	Role     account.Role   `json:"role"` // of who is in no group with one
	Claim    *string        `json:"groups_claim"`
	Groups   []groupRuleRow `json:"groups"`
	People   int            `json:"people"` // members that are bound to the provider
}

// groupRuleRow is what a group of a provider gives.
type groupRuleRow struct {
	Group      string   `json:"group"`
	Role       *string  `json:"role"`
	Workspaces []string `json:"workspaces"`
}

// scimRow is what SCIM keeps.
type scimRow struct {
	URL     string  `json:"base_url"`
	Users   int     `json:"users"`
	Groups  int     `json:"groups"`
	Changed *string `json:"changed_at"` // the last change of one that is there; null: there is none
}

// getIdentity shows an organisation where its people may come from.
func (a *API) getIdentity(c *call) (any, error) {
	origin := a.Origin(c.Request)
	row := identityRow{Providers: []vouchingRow{}, SCIM: a.scimRow(c), Token: origin + "/api/v1/oauth/token"}
	row.SCIM.URL = origin + scim.Base
	for i := range a.Door.Providers {
		if p := &a.Door.Providers[i]; p.Organization == a.account(c) {
			row.Providers = append(row.Providers, a.vouchingRow(c, p, origin))
		}
	}
	return data{row}, nil
}

func (a *API) vouchingRow(c *call, p *signin.Provider, origin string) vouchingRow {
	row := vouchingRow{ID: p.ID, Name: p.Name, Issuer: p.Client.Issuer, ClientID: p.Client.ID, Callback: callbackURL(origin, p.ID),
		Domains: append([]string{}, p.Domains...), Trusted: p.Trusted, Create: p.Create, Role: cmp.Or(p.Role, account.Developer), Claim: present(p.GroupsClaim), Groups: []groupRuleRow{}}
	for _, g := range p.Groups {
		row.Groups = append(row.Groups, groupRuleRow{g.Group, present(string(g.Role)), append([]string{}, g.Workspaces...)})
	}
	for _, m := range a.Directory.Members(a.account(c)) {
		if person, there := a.Directory.Person(m.Person); there && person.Subject != nil && person.Subject.Issuer == row.Issuer {
			row.People++
		}
	}
	return row
}

// callbackURL is where a provider sends browsers back to.
func callbackURL(origin, provider string) string {
	return origin + "/api/v1/session/oidc/" + url.PathEscape(provider) + "/callback"
}

func (a *API) scimRow(c *call) (row scimRow) {
	var last time.Time
	changed := func(at, created time.Time) {
		for _, t := range []time.Time{at, created} {
			if t.After(last) {
				last = t
			}
		}
	}
	for _, m := range a.Directory.Members(a.account(c)) {
		if m.SCIM != nil {
			row.Users++
			changed(m.Updated, m.Created)
		}
	}
	for _, g := range a.Directory.Groups(a.account(c)) {
		row.Groups++
		changed(g.Updated, g.Created)
	}
	row.Changed = since(last)
	return row
}
