package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// listPeople is everybody who can sign in, for the owner of the data directory.
func (a *API) listPeople(c *call) (any, error) {
	return paged(c, a.Directory.Persons(), func(p *account.Person) personEntry {
		row := personEntry{personRow: newPersonRow(p), Organizations: []placeIn{}, Sessions: len(a.Door.Sessions(p.ID, c.now)), Created: timestamp(p.Created)}
		for _, at := range a.Directory.Places(p.ID) {
			row.Organizations = append(row.Organizations, newPlaceIn(at))
		}
		return row
	})
}

// personEntry is a person as the owner of the data directory sees one.
type personEntry struct {
	personRow
	Organizations []placeIn `json:"organizations"`
	Sessions      int       `json:"sessions"`
	Created       string    `json:"created_at"`
}

// resetPassword makes a link with which a person sets a new password. It takes the second
// factor and the passkeys away where that is asked for.
func (a *API) resetPassword(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("email")
	email, all := b.email("email"), b.flag("second_factor")
	if b.err != nil {
		return nil, b.err
	}
	old, there := a.Directory.PersonByEmail(email)
	if !there {
		return nil, fault.New(fault.NotFound, "Nobody signs in with this address; dragoman people list has everybody")
	}
	i, token := a.newInvitation(c, a.account(c), email)
	i.Person = old.ID
	err = a.change(c, a.entry(c, "person.reset", old.ID, map[string]any{"second_factor": all}), func(tx *directory.Tx) error {
		tx.DropInvitations(func(o *account.Invitation) bool { return o.Person == old.ID })
		p, there := tx.Person(old.ID)
		if there && all {
			bare := *p
			bare.Factor, bare.Passkeys, bare.Updated = account.SecondFactor{}, nil, c.now
			if err := tx.PutPerson(&bare); err != nil {
				return err
			}
		}
		return tx.PutInvitation(i)
	})
	if err != nil {
		return nil, err
	}
	return created{data{link{a.inviteURL(c, token), timestamp(i.Ends)}}}, nil
}

// unlinkPerson forgets which subject of an identity provider a person is: the next one that the
// provider vouches for with the person's address is.
func (a *API) unlinkPerson(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("email")
	email := b.email("email")
	if b.err != nil {
		return nil, b.err
	}
	old, there := a.Directory.PersonByEmail(email)
	if !there || old.Subject == nil {
		return nil, fault.New(fault.NotFound, "Nobody with this address signs in with an identity provider; dragoman people list has everybody")
	}
	free := *old
	free.Subject, free.Updated = nil, c.now
	was := map[string]any{"issuer": old.Subject.Issuer, "subject": old.Subject.ID}
	if err := a.change(c, a.entry(c, "person.unlink", old.ID, was), func(tx *directory.Tx) error {
		if now, _ := tx.Person(old.ID); now != old {
			return fault.New(fault.Conflict, "The person was changed meanwhile; try again")
		}
		return tx.PutPerson(&free)
	}); err != nil {
		return nil, err
	}
	return data{newPersonRow(&free)}, nil
}

// deletePerson deletes a person, whose keys end; their places stay and are nobody's.
func (a *API) deletePerson(c *call) (any, error) {
	id := c.PathValue("id")
	err := a.change(c, a.entry(c, "person.delete", id, nil), func(tx *directory.Tx) error {
		if _, there := tx.Person(id); !there {
			return fault.New(fault.NotFound, "No person has this id; dragoman people list --json has the ids")
		}
		return tx.DeletePerson(c.Context(), id, c.now)
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// link is a link that works once.
type link struct {
	URL     string `json:"url"`
	Expires string `json:"expires_at"`
}

// createSetupToken makes the token of the first owner anew, while there is nobody.
func (a *API) createSetupToken(c *call) (any, error) {
	token, err := a.Door.NewSetup(c.Context(), a.entry(c, "setup.token", "setup", nil))
	if err != nil {
		return nil, stored("make a setup token", err)
	}
	return created{data{struct {
		URL string `json:"url"`
	}{a.ownAddress(c) + "/setup#token=" + token}}}, nil
}
