package signin

import (
	"context"
	"crypto/subtle"
	"net/http"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// NewToken is the token of a link that works once, and the hash that is kept of it.
func NewToken() (token, hash string) { return newToken() }

// ErrSetUp is the answer to who would be the first owner when somebody is.
var ErrSetUp = &fault.Error{Kind: fault.NotFound, Status: http.StatusGone, Public: "This gateway has its first owner; sign in, or ask an admin for an invitation"}

// First is who sets up an installation.
type First struct {
	Token, Organization, Email, Name, Password string
}

// SetUp makes the first person, the owner of the first organisation, for whoever has the
// token that the program printed. It works while there is nobody.
func (d *Door) SetUp(ctx context.Context, r *http.Request, now time.Time, f First) (v directory.Visit, token string, err error) {
	if err := d.mayStart(f.Token); err != nil {
		return v, "", err
	}
	hash, err := d.NewPassword(ctx, "password", f.Password, f.Email)
	if err != nil {
		return v, "", err
	}
	o, _ := d.Directory.Organization(d.Directory.Account)
	first := *o
	if f.Organization != "" {
		first.Name, first.Updated = f.Organization, now
	}
	p := &account.Person{ID: NewID(), Email: f.Email, Name: f.Name, Password: hash, Created: now}
	m := d.memberFor(first.ID, p, account.Owner, now)
	err = d.Directory.Update(ctx, d.Entry(r, now, m, "setup", map[string]any{"email": f.Email}), func(tx *directory.Tx) error {
		if err := d.mayStart(f.Token); err != nil { // of two at once, one is first
			return err
		}
		if err := tx.PutSetup(""); err != nil {
			return err
		}
		if err := tx.PutOrganization(&first); err != nil {
			return err
		}
		if err := tx.PutMember(m); err != nil {
			return err
		}
		v, token, err = d.Start(tx, r, now, p, directory.Place{Organization: &first, Member: m}, "setup")
		return err
	})
	return v, token, err
}

// NewSetup is a new token for the first owner, while there is nobody; the one before works no
// more.
func (d *Door) NewSetup(ctx context.Context, entry audit.Entry) (token string, err error) {
	token, hash := newToken()
	err = d.Directory.Update(ctx, entry, func(tx *directory.Tx) error {
		if len(tx.Persons()) > 0 {
			return ErrSetUp
		}
		return tx.PutSetup(hash)
	})
	return token, err
}

func (d *Door) mayStart(token string) error {
	if len(d.Directory.Persons()) > 0 {
		return ErrSetUp
	}
	want := d.Directory.Setup()
	if want == "" || subtle.ConstantTimeCompare([]byte(hashToken(token)), []byte(want)) != 1 {
		return fault.New(fault.Denied, "The setup token is wrong or an old one; the program printed it when it started, and dragoman setup-token makes a new one")
	}
	return nil
}

// memberFor is a person's place in an account: the member with the address, if there is one.
func (d *Door) memberFor(of string, p *account.Person, role account.Role, now time.Time) *account.Member {
	m := account.Member{ID: NewID(), Account: of, Email: p.Email, First: p.Name, Created: now}
	if old, there := d.Directory.MemberByEmail(of, p.Email); there {
		m = *old
		m.Updated = now
	}
	m.Person, m.Role = p.ID, role
	return &m
}

// Welcome is who opens an invitation.
type Welcome struct {
	Name, Password string           // of one who is new
	Code           string           // of the second factor of one who is not
	Visit          *directory.Visit // who is signed in; nil nobody
}

// Accept makes a member of whoever holds the token of an invitation, or sets the password that
// the token lets a person set, and signs them in. Somebody who is a person already proves it:
// by being signed in, or with the password.
func (d *Door) Accept(ctx context.Context, r *http.Request, now time.Time, link string, w Welcome) (v directory.Visit, token string, err error) {
	i, there := d.Directory.Invitation(hashToken(link))
	if !there || !now.Before(i.Ends) {
		return v, "", fault.New(fault.Denied, "This link was used, replaced or withdrawn, or has ended; ask for a new one")
	}
	if i.Person != "" {
		return d.reset(ctx, r, now, i, w)
	}
	p, spend, err := d.guest(ctx, r, now, i.Email, w)
	if err != nil {
		return v, "", err
	}
	o, there := d.Directory.Organization(i.Account)
	if !there {
		return v, "", errLink
	}
	if old, there := d.Directory.MemberByEmail(i.Account, i.Email); there && old.Person != "" && old.Person != p.ID {
		return v, "", fault.New(fault.Denied, "The place that this link is for is somebody else's by now; ask for a new one")
	}
	m := d.memberFor(i.Account, p, i.Role, now)
	if m.Disabled {
		return v, "", fault.New(fault.Denied, "You were deactivated in this organization; ask an admin")
	}
	err = d.Directory.Update(ctx, d.Entry(r, now, m, "invitation.accept", map[string]any{"invitation": i.ID}), func(tx *directory.Tx) error {
		if err := once(tx, i); err != nil {
			return err
		}
		if present, there := tx.Person(p.ID); there {
			same := *present
			p = &same
		}
		if err := spend(p); err != nil {
			return err
		}
		if err := tx.PutMember(m); err != nil {
			return err
		}
		if err := join(tx, i, m, now); err != nil {
			return err
		}
		p.Organization = i.Account
		v, token, err = d.Start(tx, r, now, p, directory.Place{Organization: o, Member: m}, "invitation")
		return err
	})
	return v, token, err
}

var errLink = fault.New(fault.Denied, "What this link is for is gone; ask for a new one")

// once uses an invitation up.
func once(tx *directory.Tx, i *account.Invitation) error {
	if tx.DropInvitations(func(o *account.Invitation) bool { return o.ID == i.ID }) == 0 {
		return fault.New(fault.Denied, "This link was used a moment ago; ask for a new one")
	}
	return nil
}

// guest is the person that an invitation is for: who is signed in, who knows the password of
// the person that is there, or somebody new.
func (d *Door) guest(ctx context.Context, r *http.Request, now time.Time, email string, w Welcome) (*account.Person, func(*account.Person) error, error) {
	nothing := func(*account.Person) error { return nil }
	if w.Visit != nil && w.Visit.Person.Email == email {
		return w.Visit.Person, nothing, nil
	}
	if _, there := d.Directory.PersonByEmail(email); there {
		if w.Password == "" {
			return nil, nil, &fault.Error{Kind: fault.NoKey, Public: "You have signed in at this gateway before; sign in, or enter your password", Metadata: map[string]any{"next": "password"}}
		}
		p, spend, _, err := d.check(ctx, r, now, email, w.Password, w.Code)
		return p, spend, err
	}
	hash, err := d.NewPassword(ctx, "password", w.Password, email)
	if err != nil {
		return nil, nil, err
	}
	return &account.Person{ID: NewID(), Email: email, Name: w.Name, Password: hash, Created: now}, nothing, nil
}

// join puts a new member into the workspaces of the invitation that are still there.
func join(tx *directory.Tx, i *account.Invitation, m *account.Member, now time.Time) error {
	for _, id := range i.Workspaces {
		old, there := tx.Workspace(i.Account, id)
		if !there || slices.ContainsFunc(old.Members, func(o account.Membership) bool { return o.Member == m.ID }) {
			continue
		}
		w := *old
		w.Members = append(slices.Clone(old.Members), account.Membership{ID: NewID(), Member: m.ID, Joined: now})
		if err := tx.PutWorkspace(&w); err != nil {
			return err
		}
	}
	return nil
}

// reset sets a new password and ends every session of the person. Who has a second factor
// shows it all the same.
func (d *Door) reset(ctx context.Context, r *http.Request, now time.Time, i *account.Invitation, w Welcome) (v directory.Visit, token string, err error) {
	p, there := d.Directory.Person(i.Person)
	if !there {
		return v, "", errLink
	}
	if p.Factor.On() && w.Code == "" {
		return v, "", codeNext("Enter the code of your authenticator app, or a recovery code")
	}
	right, err := d.guess(r, now, p.Email)
	if err != nil {
		return v, "", err
	}
	hash, err := d.NewPassword(ctx, "password", w.Password, p.Email)
	if err != nil {
		return v, "", err
	}
	spend, err := d.spend(ctx, p, w.Code, now)
	if err != nil {
		return v, "", err
	}
	v, token, err = d.begin(ctx, r, now, p.ID, "invitation", func(tx *directory.Tx, p *account.Person) error {
		if err := once(tx, i); err != nil {
			return err
		}
		if err := spend(p); err != nil {
			return err
		}
		p.Password, p.Updated = hash, now
		tx.EndSessions(func(s *account.Session) bool { return s.Person == p.ID })
		return nil
	})
	if err == nil {
		right()
	}
	return v, token, err
}
