package manage

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// updateMe changes what the person says of themself.
func (a *API) updateMe(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	return a.changeMe(c, "person.update", func(_ *directory.Tx, p *account.Person) error {
		if b.has("name") {
			p.Name = b.within("name", true, 0, maxText)
		}
		return b.err
	})
}

// changeMe changes the person who is signed in, whose session stays as it is.
func (a *API) changeMe(c *call, action string, change func(*directory.Tx, *account.Person) error) (any, error) {
	var p *account.Person
	err := a.change(c, a.entry(c, action, c.visit.Person.ID, nil), func(tx *directory.Tx) (err error) {
		if p, err = c.self(tx); err != nil {
			return err
		}
		if err := change(tx, p); err != nil {
			return err
		}
		return tx.PutPerson(p)
	})
	if err != nil {
		return nil, err
	}
	return data{newPersonRow(p)}, nil
}

// setPassword sets a new password and ends all other sessions of the person.
func (a *API) setPassword(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("new")
	current, next := b.within("current", true, 0, maxSecret), b.within("new", false, 0, maxSecret)
	if b.err != nil {
		return nil, b.err
	}
	me := c.visit.Person
	if err := a.Door.Proves(c.Context(), c.Request, c.now, me, current); err != nil {
		return nil, err
	}
	hash, err := a.Door.NewPassword(c.Context(), "new", next, me.Email)
	if err != nil {
		return nil, err
	}
	return a.renewed(c, c.visit.Place, "person.password", func(tx *directory.Tx, p *account.Person) error {
		if p.Password != me.Password {
			return fault.New(fault.Conflict, "The password was changed meanwhile; try again with the new one")
		}
		p.Password = hash
		a.endOthers(c, tx)
		return nil
	})
}

// endOthers ends the person's sessions but the one that asks.
func (a *API) endOthers(c *call, tx *directory.Tx) {
	tx.EndSessions(func(s *account.Session) bool {
		return s.Person == c.visit.Person.ID && s.Hash != c.visit.Session.Hash
	})
}

// offerFactor begins a second factor: its secret, which the first code confirms.
func (a *API) offerFactor(c *call) (any, error) {
	secret, url := a.Door.OfferFactor(c.visit.Session, c.visit.Person, c.now)
	return data{struct {
		Secret string `json:"secret"`
		URL    string `json:"url"`
	}{secret, url}}, nil
}

// confirmFactor switches the second factor on.
func (a *API) confirmFactor(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("code")
	code := b.text("code", false)
	if b.err != nil {
		return nil, b.err
	}
	factor, codes, err := a.Door.TakeFactor(c.Context(), c.visit.Session, c.visit.Person, code, c.now)
	if err != nil {
		return nil, err
	}
	_, err = a.renewed(c, c.visit.Place, "person.factor.on", func(tx *directory.Tx, p *account.Person) error {
		p.Factor = factor
		a.endOthers(c, tx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return data{struct {
		Codes []string `json:"recovery_codes"`
	}{codes}}, nil
}

// dropFactor switches the second factor off.
func (a *API) dropFactor(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	password := b.within("password", true, 0, maxSecret)
	if b.err != nil {
		return nil, b.err
	}
	if err := a.Door.Proves(c.Context(), c.Request, c.now, c.visit.Person, password); err != nil {
		return nil, err
	}
	_, err = a.renewed(c, c.visit.Place, "person.factor.off", func(_ *directory.Tx, p *account.Person) error {
		p.Factor = account.SecondFactor{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

func (a *API) listPasskeys(c *call) (any, error) {
	return paged(c, c.visit.Person.Passkeys, newPasskeyRow)
}

func (a *API) offerPasskey(c *call) (any, error) {
	id, options, err := a.Door.OfferPasskey(c.Request, c.now, c.visit.Person)
	if err != nil {
		return nil, err
	}
	return data{passkeyOffer{id, options}}, nil
}

// addPasskey keeps a passkey that the browser has made.
func (a *API) addPasskey(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	id, credential := b.proof()
	name := b.within("name", true, 0, 100)
	if b.err != nil {
		return nil, b.err
	}
	if name == "" {
		name = "Passkey"
	}
	k, err := a.Door.TakePasskey(c.Request, c.now, c.visit.Person, id, name, credential)
	if err != nil {
		return nil, err
	}
	_, err = a.renewed(c, c.visit.Place, "person.passkey.add", func(_ *directory.Tx, p *account.Person) error {
		p.Passkeys = append(slices.Clone(p.Passkeys), *k)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return created{data{newPasskeyRow(*k)}}, nil
}

func (a *API) deletePasskey(c *call) (any, error) {
	id := c.PathValue("id")
	_, err := a.changeMe(c, "person.passkey.delete", func(_ *directory.Tx, p *account.Person) error {
		left := slices.DeleteFunc(slices.Clone(p.Passkeys), func(k account.Passkey) bool { return k.ID == id })
		if len(left) == len(p.Passkeys) {
			return fault.New(fault.NotFound, "You have no passkey with this id; list them at /me/passkeys")
		}
		p.Passkeys = left
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// passkeyRow is a passkey as the API shows it.
type passkeyRow struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Created string  `json:"created_at"`
	Used    *string `json:"last_used_at"`
}

func newPasskeyRow(k account.Passkey) passkeyRow {
	return passkeyRow{k.ID, k.Name, timestamp(k.Created), since(k.Used)}
}

// listSessions is where the person is signed in.
func (a *API) listSessions(c *call) (any, error) {
	return paged(c, a.Door.Sessions(c.visit.Person.ID, c.now), c.signedInRow)
}

func (c *call) signedInRow(s *account.Session) signedInRow {
	return signedInRow{ID: s.ID, Organization: s.Account, Method: s.Method, Address: present(s.Address), Agent: present(s.Agent),
		Created: timestamp(s.Created), Used: timestamp(s.Used), Expires: timestamp(s.Ends), Current: c.visit != nil && s.ID == c.visit.Session.ID}
}

func (a *API) endSession(c *call) (any, error) {
	if err := a.Door.End(c.Context(), c.Request, c.now, c.visit, c.PathValue("id")); err != nil {
		return nil, stored("end a session", err)
	}
	return gone{true}, nil
}

// signedInRow is one of a person's sessions as the API shows it.
type signedInRow struct {
	ID           string  `json:"id"`
	Organization string  `json:"organization_id"`
	Method       string  `json:"method"`
	Address      *string `json:"address"`
	Agent        *string `json:"user_agent"`
	Created      string  `json:"created_at"`
	Used         string  `json:"last_used_at"`
	Expires      string  `json:"expires_at"`
	Current      bool    `json:"current"`
}
