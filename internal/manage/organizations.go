package manage

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
)

// maxOrganizations bounds what is in memory.
const maxOrganizations = 10_000

func (a *API) getOrganization(c *call) (any, error) {
	o, err := a.organization(c)
	if err != nil {
		return nil, err
	}
	return data{newOrganizationRow(o)}, nil
}

// organization is the caller's.
func (a *API) organization(c *call) (*account.Organization, error) {
	o, there := a.Directory.Organization(a.account(c))
	if !there {
		return nil, fault.New(fault.NotFound, fmt.Sprintf("There is no organization %.64q; make it with POST /organizations", a.account(c)))
	}
	return o, nil
}

func (a *API) updateOrganization(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	old, err := a.organization(c)
	if err != nil {
		return nil, err
	}
	o := *old
	err = a.change(c, a.entry(c, "organization.update", o.ID, nil), b.telling(func(tx *directory.Tx) error {
		if now, there := tx.Organization(o.ID); there {
			o = *now
		}
		if b.has("name") {
			o.Name = b.within("name", false, 1, 100)
		}
		if b.err != nil {
			return b.err
		}
		o.Updated = c.now
		return tx.PutOrganization(&o)
	}))
	if err != nil {
		return nil, err
	}
	return data{newOrganizationRow(&o)}, nil
}

// listOrganizations are those that the caller can get into: all for the owner of the data
// directory, a person's places, a key's own.
func (a *API) listOrganizations(c *call) (any, error) {
	list := a.Directory.Organizations()
	switch {
	case c.trusted:
	case c.visit != nil:
		list = nil
		for _, p := range a.Directory.Places(c.visit.Person.ID) {
			list = append(list, p.Organization)
		}
	default:
		own, err := a.organization(c)
		if err != nil {
			return nil, err
		}
		list = []*account.Organization{own}
	}
	return paged(c, list, newOrganizationRow)
}

// createOrganization makes an organisation with its account in the ledger and its default
// workspace, and invites its first owner.
func (a *API) createOrganization(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("name")
	o := &account.Organization{ID: newUUID(), Name: b.within("name", false, 1, 100), Workspace: newUUID(), Created: c.now}
	email := ""
	if b.has("owner_email") && string(b.members["owner_email"]) != "null" {
		email = b.email("owner_email")
	}
	if b.err != nil {
		return nil, b.err
	}
	if len(a.Directory.Organizations()) >= maxOrganizations {
		return nil, fault.New(fault.Conflict, fmt.Sprintf("There are %d organizations, which is as many as one gateway has", maxOrganizations))
	}
	if err := a.Store.OpenAccount(c.Context(), ledger.AccountID(o.ID), !a.Prepaid); err != nil {
		return nil, stored("open an account", err)
	}
	row := madeOrganization{organizationRow: newOrganizationRow(o)}
	err = a.change(c, a.entry(c, "organization.create", o.ID, map[string]any{"name": o.Name, "owner_email": email}), func(tx *directory.Tx) error {
		w := &account.Workspace{ID: o.Workspace, Account: o.ID, Name: "Default workspace", Slug: "default", Created: c.now}
		if err := tx.PutWorkspace(w); err != nil {
			return err
		}
		if email != "" {
			i, token := a.newInvitation(c, o.ID, email)
			i.Role = account.Owner
			if err := tx.PutInvitation(i); err != nil {
				return err
			}
			row.Invitation = a.invitationMade(c, i, token)
		}
		return tx.PutOrganization(o)
	})
	if err != nil {
		return nil, err
	}
	return created{data{row}}, nil
}

// organizationRow is an organisation as the API shows it.
type organizationRow struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Workspace string `json:"default_workspace_id"`
	Created   string `json:"created_at"`
}

// madeOrganization is a new one, with the invitation of its first owner.
type madeOrganization struct {
	organizationRow
	Invitation *invitationMade `json:"invitation"`
}

func newOrganizationRow(o *account.Organization) organizationRow {
	r := organizationRow{o.ID, o.Name, o.Workspace, timestamp(o.Created)}
	if o.Created.IsZero() { // the first one is there from the beginning
		r.Created = epoch
	}
	return r
}
