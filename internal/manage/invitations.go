package manage

import (
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// Bounds of invitations.
const (
	invitationLife = 7 * 24 * time.Hour
	maxInvitations = 1000 // of one organisation
)

func (a *API) listInvitations(c *call) (any, error) {
	list := slices.DeleteFunc(a.Directory.Invitations(a.account(c)), func(i *account.Invitation) bool { return !c.now.Before(i.Ends) })
	return paged(c, list, newInvitationRow)
}

// createInvitation makes a link that lets whoever opens it be a member. The address is the
// only one that the link works for, but nobody sends it there: who makes it hands it over.
func (a *API) createInvitation(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("email")
	i, token := a.newInvitation(c, a.account(c), b.email("email"))
	if i.Role = account.Developer; b.has("role") {
		i.Role = b.role("role")
	}
	for _, ref := range b.texts("workspace_ids", true, 100) {
		w, err := a.findWorkspace(c, ref)
		if err != nil {
			b.fail("workspace_ids", "ids of workspaces; list them at /workspaces")
			break
		}
		if !a.isHome(w) { // where everybody is
			i.Workspaces = append(i.Workspaces, w.ID)
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	if err := c.mayMake(i.Role); err != nil {
		return nil, err
	}
	if m, there := a.Directory.MemberByEmail(i.Account, i.Email); there {
		if err := c.mayInviteAgain(m); err != nil {
			return nil, err
		}
	}
	err = a.change(c, a.entry(c, "invitation.create", i.ID, newInvitationRow(i)), func(tx *directory.Tx) error {
		tx.DropInvitations(func(o *account.Invitation) bool {
			return !c.now.Before(o.Ends) || o.Account == i.Account && o.Email == i.Email && o.Person == ""
		})
		if len(tx.Invitations(i.Account)) >= maxInvitations {
			return fault.New(fault.Conflict, fmt.Sprintf("An organization has at most %d invitations open; delete some (DELETE /organization/invitations/{id})", maxInvitations))
		}
		return tx.PutInvitation(i)
	})
	if err != nil {
		return nil, err
	}
	return created{data{a.invitationMade(c, i, token)}}, nil
}

// mayInviteAgain is for an address whose member is there: one that nobody has signed in as can
// be given to a person.
func (c *call) mayInviteAgain(m *account.Member) error {
	switch {
	case m.Person != "":
		return &fault.Error{Kind: fault.Conflict, Param: "email", Public: "Whoever has this address is a member already, and signs in at /signin"}
	case m.Disabled:
		return &fault.Error{Kind: fault.Conflict, Param: "email", Public: "The member with this address is deactivated; activate the member first (PATCH /organization/members/" + m.ID + ")"}
	}
	return c.mayMake(m.Role)
}

// newInvitation is an invitation and the token that its link has.
func (a *API) newInvitation(c *call, of, email string) (*account.Invitation, string) {
	token, hash := signin.NewToken()
	return &account.Invitation{ID: newUUID(), Hash: hash, Account: of, Email: email, By: c.actor(), Created: c.now, Ends: c.now.Add(invitationLife)}, token
}

func (a *API) deleteInvitation(c *call) (any, error) {
	id, of := c.PathValue("id"), a.account(c)
	err := a.change(c, a.entry(c, "invitation.delete", id, nil), func(tx *directory.Tx) error {
		if tx.DropInvitations(func(i *account.Invitation) bool { return i.ID == id && i.Account == of && i.Person == "" }) == 0 {
			return fault.New(fault.NotFound, "No invitation has this id; list them at /organization/invitations")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// acceptInvitation makes a member of whoever holds the link, or gives a person the password
// that the link lets them set, and signs them in.
func (a *API) acceptInvitation(c *call) (any, error) {
	if err := signin.SameOrigin(c.Request); err != nil {
		return nil, err
	}
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("token")
	token := b.within("token", false, 1, maxText)
	w := signin.Welcome{Name: b.within("name", true, 0, maxText), Password: b.within("password", true, 0, maxSecret), Code: b.within("code", true, 0, maxText), Visit: c.visit}
	if b.err != nil {
		return nil, b.err
	}
	v, session, err := a.Door.Accept(c.Context(), c.Request, c.now, token, w)
	return a.begun(c, &v, session, err)
}

// setUp makes the first owner, for whoever has the token that the program printed.
func (a *API) setUp(c *call) (any, error) {
	if err := signin.SameOrigin(c.Request); err != nil {
		return nil, err
	}
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("token", "email", "password")
	first := signin.First{Token: b.within("token", false, 1, maxText), Organization: b.within("organization", true, 0, 100),
		Email: b.email("email"), Name: b.within("name", true, 0, maxText), Password: b.within("password", false, 0, maxSecret)}
	if b.err != nil {
		return nil, b.err
	}
	v, session, err := a.Door.SetUp(c.Context(), c.Request, c.now, first)
	return a.begun(c, &v, session, err)
}

// invitationRow is an invitation as the API shows it.
type invitationRow struct {
	ID         string       `json:"id"`
	Email      string       `json:"email"`
	Role       account.Role `json:"role"`
	Workspaces []string     `json:"workspace_ids"`
	By         string       `json:"invited_by"`
	Created    string       `json:"created_at"`
	Expires    string       `json:"expires_at"`
}

// invitationMade is a new one, the only time that its link is shown.
type invitationMade struct {
	invitationRow
	URL string `json:"url"`
}

func newInvitationRow(i *account.Invitation) invitationRow {
	return invitationRow{i.ID, i.Email, i.Role, notNil(i.Workspaces), i.By, timestamp(i.Created), timestamp(i.Ends)}
}

func (a *API) invitationMade(c *call, i *account.Invitation, token string) *invitationMade {
	return &invitationMade{newInvitationRow(i), a.inviteURL(c, token)}
}

// inviteURL is a link whose token no server's log sees: it is behind the #.
func (a *API) inviteURL(c *call, token string) string {
	return a.ownAddress(c) + "/invite#token=" + token
}
