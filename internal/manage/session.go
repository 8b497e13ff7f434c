package manage

import (
	"encoding/json"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// Bounds of what people send to sign in.
const (
	maxSecret     = 1024 // characters of a password
	maxCredential = 64 << 10
)

// signInOptions are the ways in.
type signInOptions struct {
	SetupRequired bool       `json:"setup_required"`
	Demo          bool       `json:"demo"`
	Password      bool       `json:"password"`
	Passkeys      bool       `json:"passkeys"`
	OIDC          []identity `json:"oidc"`
	Version       string     `json:"version"`
}

// identity is a provider that vouches for people.
type identity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (a *API) getSignInOptions(*call) (any, error) {
	vouching := []identity{}
	for _, p := range a.Door.Providers {
		vouching = append(vouching, identity{p.ID, p.Name})
	}
	return data{signInOptions{SetupRequired: len(a.Directory.Persons()) == 0, Demo: a.Demo(), Password: true, Passkeys: true,
		OIDC: vouching, Version: a.Version}}, nil
}

// signIn begins a session for whoever knows a password.
func (a *API) signIn(c *call) (any, error) {
	if err := signin.SameOrigin(c.Request); err != nil {
		return nil, err
	}
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("email", "password")
	email, password := b.within("email", false, 1, maxText), b.within("password", false, 0, maxSecret)
	code := b.within("code", true, 0, maxText)
	if b.err != nil {
		return nil, b.err
	}
	v, token, err := a.Door.Password(c.Context(), c.Request, c.now, email, password, code)
	return a.begun(c, &v, token, err)
}

// demand fails for the first member that is absent.
func (b *body) demand(names ...string) {
	for _, name := range names {
		if !b.has(name) {
			b.fail(name, "given")
		}
	}
}

// begun answers with a new session, and gives the browser its token.
func (a *API) begun(c *call, v *directory.Visit, token string, err error) (any, error) {
	if err != nil {
		return nil, stored("sign in", err)
	}
	a.Door.SetCookie(c.w, c.Request, token, v.Session.Ends)
	return created{data{a.sessionRow(v)}}, nil
}

func (a *API) askPasskey(c *call) (any, error) {
	if err := signin.SameOrigin(c.Request); err != nil {
		return nil, err
	}
	id, options, err := a.Door.AskPasskey(c.Request, c.now)
	if err != nil {
		return nil, err
	}
	return data{passkeyOffer{id, options}}, nil
}

// passkeyOffer is what a browser asks an authenticator for.
type passkeyOffer struct {
	ID        string `json:"id"`
	PublicKey any    `json:"publicKey"`
}

// signInWithPasskey begins a session for whoever holds a passkey.
func (a *API) signInWithPasskey(c *call) (any, error) {
	if err := signin.SameOrigin(c.Request); err != nil {
		return nil, err
	}
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	id, credential := b.proof()
	if b.err != nil {
		return nil, b.err
	}
	v, token, err := a.Door.Passkey(c.Context(), c.Request, c.now, id, credential)
	return a.begun(c, &v, token, err)
}

// proof is what a browser sends of a passkey: the id of the offer, and the credential.
func (b *body) proof() (id string, credential json.RawMessage) {
	b.demand("id", "credential")
	if credential = b.members["credential"]; len(credential) > maxCredential {
		b.fail("credential", "at most 64 KiB")
	}
	return b.text("id", false), credential
}

func (a *API) getSession(c *call) (any, error) { return data{a.sessionRow(c.visit)}, nil }

// signOut ends the session.
func (a *API) signOut(c *call) (any, error) {
	if err := a.Door.End(c.Context(), c.Request, c.now, c.visit, c.visit.Session.ID); err != nil {
		return nil, stored("sign out", err)
	}
	a.Door.ClearCookie(c.w, c.Request)
	return gone{true}, nil
}

// switchOrganization takes the session to another organisation of the person, with a new token.
func (a *API) switchOrganization(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("organization")
	to := b.text("organization", false)
	if b.err != nil {
		return nil, b.err
	}
	for _, place := range a.Directory.Places(c.visit.Person.ID) {
		if place.Organization.ID == to {
			return a.renewed(c, place, "session.switch", func(_ *directory.Tx, p *account.Person) error {
				p.Organization = to
				return nil
			})
		}
	}
	return nil, fault.Bad("organization", "You are in no organization with this id; list yours at /organizations")
}

// renewed changes the person who is signed in and gives the session a new token, for what it
// stands for is another thing now.
func (a *API) renewed(c *call, at directory.Place, action string, change func(*directory.Tx, *account.Person) error) (any, error) {
	v := *c.visit
	var token string
	err := a.change(c, a.Door.Entry(c.Request, c.now, at.Member, action, nil), func(tx *directory.Tx) error {
		p, err := c.self(tx)
		if err != nil {
			return err
		}
		if err := change(tx, p); err != nil {
			return err
		}
		if err := tx.PutPerson(p); err != nil {
			return err
		}
		v.Person, v.Place = p, at
		v.Session, token, err = a.Door.Renew(tx, c.visit.Session, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.visit = &v
	a.Door.SetCookie(c.w, c.Request, token, v.Session.Ends)
	return data{a.sessionRow(&v)}, nil
}

// self is the person who is signed in, to be changed.
func (c *call) self(tx *directory.Tx) (*account.Person, error) {
	old, there := tx.Person(c.visit.Person.ID)
	if !there {
		return nil, fault.New(fault.NoKey, "This person was deleted meanwhile")
	}
	p := *old
	p.Updated = c.now
	return &p, nil
}

// sessionRow is a session as the API shows it.
type sessionRow struct {
	Person        personRow `json:"person"`
	Organization  placeIn   `json:"organization"`
	Organizations []placeIn `json:"organizations"`
	Member        string    `json:"member_id"`
	Permissions   []string  `json:"permissions"`
	Created       string    `json:"created_at"`
	Expires       string    `json:"expires_at"`
	Demo          bool      `json:"demo"`
	Operator      bool      `json:"operator"` // the organisation runs the gateway
	Home          string    `json:"default_workspace_id"`
	// Workspaces are the first of the organisation's, for those who may see them.
	Workspaces []workspaceRow `json:"workspaces,omitempty"`
}

// maxSessionWorkspaces is how many workspaces a session names; more are at /workspaces.
const maxSessionWorkspaces = 100

// personRow is a person as they see themself.
type personRow struct {
	ID       string  `json:"id"`
	Email    string  `json:"email"`
	Name     string  `json:"name"`
	TOTP     bool    `json:"totp"`
	Passkeys int     `json:"passkeys"`
	Password bool    `json:"has_password"`
	Provider *string `json:"identity_provider"` // issuer; null: none has said who the person is
}

// placeIn is an organisation and what the person is there.
type placeIn struct {
	ID   string       `json:"id"`
	Name string       `json:"name"`
	Role account.Role `json:"role"`
}

func newPersonRow(p *account.Person) personRow {
	row := personRow{ID: p.ID, Email: p.Email, Name: p.Name, TOTP: p.Factor.On(), Passkeys: len(p.Passkeys), Password: p.Password != ""}
	if p.Subject != nil {
		row.Provider = &p.Subject.Issuer
	}
	return row
}

func newPlaceIn(p directory.Place) placeIn {
	return placeIn{p.Organization.ID, p.Organization.Name, p.Member.Role}
}

func (a *API) sessionRow(v *directory.Visit) sessionRow {
	row := sessionRow{
		Person: newPersonRow(v.Person), Organization: newPlaceIn(v.Place), Organizations: []placeIn{}, Member: v.Member.ID,
		Permissions: v.Member.Role.Permissions(), Created: timestamp(v.Session.Created), Expires: timestamp(v.Session.Ends), Demo: a.Demo(), Operator: v.Organization.ID == a.Account,
		Home: v.Organization.Workspace,
	}
	for _, p := range a.Directory.Places(v.Person.ID) {
		row.Organizations = append(row.Organizations, newPlaceIn(p))
	}
	if v.Member.Role.May(account.ReadRules) {
		if list := a.Directory.Workspaces(v.Organization.ID); len(list) <= maxSessionWorkspaces {
			for _, w := range list {
				row.Workspaces = append(row.Workspaces, newWorkspaceRow(w))
			}
		}
	}
	return row
}
