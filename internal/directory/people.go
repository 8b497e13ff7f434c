package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// Organization is an organisation by its id.
func (d *Directory) Organization(id string) (*account.Organization, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	o := d.organizations[id]
	return o, o != nil
}

// Organizations are all of them, the first one first.
func (d *Directory) Organizations() []*account.Organization {
	return list(d, d.organizations, func(*account.Organization) bool { return true }, d.olderOrganization)
}

// olderOrganization puts the one first that is there from the beginning.
func (d *Directory) olderOrganization(a, b *account.Organization) int {
	switch {
	case a.ID == b.ID:
		return 0
	case a.ID == d.Account:
		return -1
	case b.ID == d.Account:
		return 1
	}
	return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID)
}

// Home is the id of an account's default workspace, in which every member is; "" for an
// account that is none.
func (d *Directory) Home(of string) string {
	if o, ok := d.Organization(of); ok {
		return o.Workspace
	}
	return ""
}

// Person is a person by id.
func (d *Directory) Person(id string) (*account.Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.persons[id]
	return p, p != nil
}

// PersonByEmail is a person by the e-mail address, in lower case.
func (d *Directory) PersonByEmail(email string) (*account.Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.persons {
		if p.Email == email {
			return p, true
		}
	}
	return nil, false
}

// PersonBySubject is the person that a subject of an identity provider is.
func (d *Directory) PersonBySubject(issuer, subject string) (*account.Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.persons {
		if s := p.Subject; s != nil && s.ID == subject && s.Issuer == issuer {
			return p, true
		}
	}
	return nil, false
}

// Persons are all of them, in order of creation.
func (d *Directory) Persons() []*account.Person {
	return list(d, d.persons, func(*account.Person) bool { return true },
		func(a, b *account.Person) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// Place is a person's place in an organisation.
type Place struct {
	Organization *account.Organization
	Member       *account.Member
}

// Places are where a person can go: the organisations of which the person is a member that
// is not disabled, the first one first.
func (d *Directory) Places(person string) (places []Place) {
	d.mu.RLock()
	for _, m := range d.members {
		if o := d.organizations[m.Account]; m.Person == person && person != "" && !m.Disabled && o != nil {
			places = append(places, Place{o, m})
		}
	}
	d.mu.RUnlock()
	slices.SortFunc(places, func(a, b Place) int { return d.olderOrganization(a.Organization, b.Organization) })
	return places
}

// MemberByEmail is a member of the account by the e-mail address, in lower case.
func (d *Directory) MemberByEmail(of, email string) (*account.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, m := range d.members {
		if m.Account == of && m.Email == email {
			return m, true
		}
	}
	return nil, false
}

// MemberOf is a person's place in an account, also one that is disabled.
func (d *Directory) MemberOf(of, person string) (*account.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, m := range d.members {
		if m.Account == of && m.Person == person && person != "" {
			return m, true
		}
	}
	return nil, false
}

// Visit is a session with what it stands for now.
type Visit struct {
	Session *account.Session
	Person  *account.Person
	Place
}

// Visit is what the session of a token's hash stands for. It reports false when there is no
// such session, or the person has lost the place. Whether it has ended is the caller's to see.
func (d *Directory) Visit(hash string) (Visit, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s := d.sessions[hash]
	if s == nil {
		return Visit{}, false
	}
	v := Visit{s, d.persons[s.Person], Place{d.organizations[s.Account], d.members[s.Member]}}
	ok := v.Person != nil && v.Organization != nil && v.Member != nil &&
		v.Member.Person == s.Person && v.Member.Account == s.Account && !v.Member.Disabled
	return v, ok
}

// Sessions are a person's, the newest first.
func (d *Directory) Sessions(person string) []*account.Session {
	return list(d, d.sessions, func(s *account.Session) bool { return s.Person == person },
		func(a, b *account.Session) int { return cmpOr(b.Created.Compare(a.Created), a.ID, b.ID) })
}

// Used notes on disk when a session was used last: no change of a setting, so nothing of it
// is in the audit log.
func (d *Directory) Used(ctx context.Context, hash string, now time.Time) error {
	d.changing.Lock()
	defer d.changing.Unlock()
	d.mu.RLock()
	old := d.sessions[hash]
	d.mu.RUnlock()
	if old == nil {
		return nil
	}
	s := *old
	s.Used = now
	doc, err := json.Marshal(&s)
	if err != nil {
		return fmt.Errorf("encode session %s: %w", s.ID, err)
	}
	if err := d.store.Apply(ctx, store.Change{Things: []store.Thing{{Kind: sessions, ID: hash, Doc: doc}}}); err != nil {
		return err
	}
	d.mu.Lock()
	d.sessions[hash] = &s
	d.mu.Unlock()
	return nil
}

// Invitation is an invitation by its token's hash.
func (d *Directory) Invitation(hash string) (*account.Invitation, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, i := range d.invitations {
		if i.Hash == hash {
			return i, true
		}
	}
	return nil, false
}

// Invitations are the account's, in order of creation; resets of passwords are not among them.
func (d *Directory) Invitations(of string) []*account.Invitation {
	return list(d, d.invitations, func(i *account.Invitation) bool { return i.Account == of && i.Person == "" },
		func(a, b *account.Invitation) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// setup is what proves that the first owner may make themself one.
type setup struct {
	Hash string `json:"hash"`
}

// theSetup is the one id of its kind.
const theSetup = "setup"

// Setup is the hash of the token for the first owner, "" when none was made.
func (d *Directory) Setup() string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if s := d.setup[theSetup]; s != nil {
		return s.Hash
	}
	return ""
}

// PutSetup sets the hash of the token for the first owner; "" takes it away.
func (tx *Tx) PutSetup(hash string) error {
	in := func(p *present) map[string]*setup { return p.setup }
	if hash == "" {
		remove(tx, setups, theSetup, in)
		return nil
	}
	return put(tx, setups, theSetup, &setup{hash}, in)
}

// PutOrganization creates or replaces an organisation. Its account in the ledger is the
// caller's to open first.
func (tx *Tx) PutOrganization(o *account.Organization) error {
	return put(tx, organizations, o.ID, o, func(p *present) map[string]*account.Organization { return p.organizations })
}

// PutPerson creates or replaces a person. The e-mail address and the subject must be free.
func (tx *Tx) PutPerson(p *account.Person) error {
	if other, taken := tx.PersonByEmail(p.Email); taken && other.ID != p.ID {
		return &fault.Error{Kind: fault.Conflict, Param: "email", Public: "A person with this e-mail address is there already; sign in"}
	}
	if s := p.Subject; s != nil {
		if other, taken := tx.PersonBySubject(s.Issuer, s.ID); taken && other.ID != p.ID {
			return fault.New(fault.Conflict, "The identity provider's account is another person's already; unlink that one first (dragoman people unlink)")
		}
	}
	return put(tx, persons, p.ID, p, func(p *present) map[string]*account.Person { return p.persons })
}

// DeletePerson deletes a person with their sessions, and disables their keys. Their places
// stay, and are nobody's.
func (tx *Tx) DeletePerson(ctx context.Context, id string, now time.Time) error {
	tx.EndSessions(func(s *account.Session) bool { return s.Person == id })
	for _, m := range tx.members {
		if m.Person == id {
			if err := tx.EndKeys(ctx, m, now); err != nil {
				return err
			}
			free := *m
			free.Person = ""
			_ = put(tx, members, m.ID, &free, func(p *present) map[string]*account.Member { return p.members }) // it was encoded before
		}
	}
	remove(tx, persons, id, func(p *present) map[string]*account.Person { return p.persons })
	return nil
}

// PutSession creates or replaces a session.
func (tx *Tx) PutSession(s *account.Session) error {
	return put(tx, sessions, s.Hash, s, func(p *present) map[string]*account.Session { return p.sessions })
}

// EndSessions ends those that which says, and reports how many there were.
func (tx *Tx) EndSessions(which func(*account.Session) bool) (n int) {
	for hash, s := range tx.sessions {
		if which(s) {
			remove(tx, sessions, hash, func(p *present) map[string]*account.Session { return p.sessions })
			n++
		}
	}
	return n
}

// PutInvitation creates or replaces an invitation.
func (tx *Tx) PutInvitation(i *account.Invitation) error {
	return put(tx, invitations, i.ID, i, func(p *present) map[string]*account.Invitation { return p.invitations })
}

// DropInvitations deletes those that which says, and reports how many there were.
func (tx *Tx) DropInvitations(which func(*account.Invitation) bool) (n int) {
	for id, i := range tx.invitations {
		if which(i) {
			remove(tx, invitations, id, func(p *present) map[string]*account.Invitation { return p.invitations })
			n++
		}
	}
	return n
}

// KeepsOwner refuses to take an organisation's last owner who signs in, of whom next is to
// become; nil: a member who is gone. Nobody in it could make another.
func (tx *Tx) KeepsOwner(now, next *account.Member) error {
	if !signsInAsOwner(now) || next != nil && signsInAsOwner(next) {
		return nil
	}
	if slices.ContainsFunc(tx.Members(now.Account), func(m *account.Member) bool { return m.ID != now.ID && signsInAsOwner(m) }) {
		return nil
	}
	return fault.New(fault.Conflict, "The organization would have no owner who signs in; make another member an owner first")
}

func signsInAsOwner(m *account.Member) bool {
	return m.Role == account.Owner && !m.Disabled && m.Person != ""
}
