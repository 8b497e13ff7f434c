package provision

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/scim"
)

// newID is a fresh UUID.
func newID() string {
	var rnd [16]byte
	rand.Read(rnd[:]) // never fails: the runtime ends the process instead
	return id.UUID(rnd)
}

// userName is how a member is called: as the identity provider does, else by e-mail address.
func userName(m *account.Member) string {
	if m.SCIM != nil {
		return m.SCIM.UserName
	}
	return m.Email
}

func external(m *account.Member) string {
	if m.SCIM != nil {
		return m.SCIM.External
	}
	return ""
}

// user is a member as SCIM has it.
func (v *visit) user(m *account.Member, groups []scim.Ref) scim.Resource {
	u := scim.User{ID: m.ID, External: external(m), Name: userName(m), Given: m.First, Family: m.Last, Email: m.Email,
		Active: !m.Disabled, Role: string(m.Role), Groups: groups,
		Meta: scim.Meta{Type: "User", Created: m.Created, Modified: m.Updated, Location: v.Origin(v.Request) + scim.Base + "/Users/" + m.ID}}
	if m.SCIM != nil {
		u.Display = m.SCIM.Display
	}
	if m.Updated.IsZero() {
		u.Meta.Modified = m.Created
	}
	return u.Resource()
}

// groupsOf are the groups of each member.
func (v *visit) groupsOf() map[string][]scim.Ref {
	of := map[string][]scim.Ref{}
	for _, g := range v.Directory.Groups(v.key.Account) {
		for _, id := range g.Members {
			of[id] = append(of[id], scim.Ref{Value: g.ID, Display: g.Name})
		}
	}
	return of
}

func (v *visit) listUsers() (reply, error) {
	groups := v.groupsOf()
	return page(v, v.Directory.Members(v.key.Account),
		func(f *scim.Filter, m *account.Member) bool {
			return f.Maybe("userName", userName(m)) && f.Maybe("externalId", external(m))
		},
		func(m *account.Member) scim.Resource { return v.user(m, groups[m.ID]) })
}

func (v *visit) getUser() (reply, error) {
	m, err := v.findUser()
	if err != nil {
		return reply{}, err
	}
	return v.shown(http.StatusOK, v.oneUser(m))
}

// findUser is the member that the path names.
func (v *visit) findUser() (*account.Member, error) {
	m, ok := v.Directory.Member(v.key.Account, v.PathValue("id"))
	if !ok {
		return nil, noUser(v.PathValue("id"))
	}
	return m, nil
}

func noUser(id string) error { return missing("No user has the id " + clip(id)) }

// oneUser is a member with its groups.
func (v *visit) oneUser(m *account.Member) scim.Resource { return v.user(m, v.groupsOf()[m.ID]) }

func (v *visit) createUser() (reply, error) {
	r, err := v.resource()
	if err != nil {
		return reply{}, err
	}
	m := &account.Member{ID: newID(), Account: v.key.Account, Role: account.Developer, Created: v.now}
	if err := v.fill(m, r); err != nil {
		return reply{}, err
	}
	err = v.change("scim.user.create", m.ID, summary(m), func(tx *directory.Tx) error { return v.put(tx, m) })
	if err != nil {
		return reply{}, err
	}
	return v.shown(http.StatusCreated, v.oneUser(m))
}

// summary is what the audit log says of a member.
func summary(m *account.Member) any {
	return map[string]any{"email": m.Email, "role": m.Role, "active": !m.Disabled, "user_name": userName(m)}
}

// fill sets what the resource says of a member. What is not said of role and activity stays.
func (v *visit) fill(m *account.Member, r scim.Resource) error {
	old := *m
	u, err := scim.ReadUser(r)
	if err != nil {
		return err
	}
	m.Email = strings.ToLower(u.Email)
	if name := strings.ToLower(u.Name); m.Email == "" || m.Email == old.Email && old.Email == strings.ToLower(userName(&old)) && strings.Contains(name, "@") {
		m.Email = name // the address is the name, and goes with it
	}
	if a, err := mail.ParseAddress(m.Email); err != nil || a.Address != m.Email {
		return scim.Bad(scim.InvalidValue, "emails, or userName where there are none, must have an e-mail address such as ann@example.com")
	}
	if m.Email != old.Email && !v.samePerson(&old, u.External) {
		m.Person, m.WebKey = "", "" // the place is that of whoever has the new address
	}
	if u.Role != "" {
		if m.Role = account.Role(u.Role); !m.Role.Valid() {
			return scim.Bad(scim.InvalidValue, fmt.Sprintf("The role %.40q is none of owner, admin, billing, developer and viewer", u.Role))
		}
	}
	m.First, m.Last, m.Disabled = u.Given, u.Family, !u.Active
	m.SCIM = &account.Provisioned{UserName: u.Name, External: u.External, Display: u.Display}
	created := old.Email == ""
	owners := m.Role == account.Owner || old.Role == account.Owner
	if owners && (created || m.Role != old.Role || m.Disabled != old.Disabled || m.Email != old.Email) && !v.rights.Has(account.WriteOwners) {
		return fault.New(fault.Denied, "Only an owner's key can make, change or deactivate owners")
	}
	return nil
}

// samePerson reports whether a member with another address is still the person that it was: one
// whom an identity provider knows by a subject, who gets the new address at the next sign-in,
// and whom SCIM goes on calling the same.
func (v *visit) samePerson(old *account.Member, external string) bool {
	p, there := v.Directory.Person(old.Person)
	return there && p.Subject != nil && old.SCIM != nil && old.SCIM.External == external
}

// put writes a member whose name nobody else has. Where the place is not the person's any more
// who had it, neither are the keys.
func (v *visit) put(tx *directory.Tx, m *account.Member) error {
	for _, other := range tx.Members(m.Account) {
		if other.ID != m.ID && strings.EqualFold(userName(other), userName(m)) {
			return &scim.Error{Status: http.StatusConflict, Type: scim.Uniqueness, Detail: "A user with this userName is there already: " + other.ID}
		}
	}
	if old, there := tx.Member(m.Account, m.ID); there && old.Person != m.Person {
		if err := tx.EndKeys(v.Context(), old, v.now); err != nil {
			return err
		}
	}
	return tx.PutMember(m)
}

func (v *visit) replaceUser() (reply, error) {
	r, err := v.resource()
	if err != nil {
		return reply{}, err
	}
	return v.updateUser(func(now scim.Resource) (scim.Resource, error) {
		if _, said := r["active"]; !said {
			r["active"] = now["active"]
		}
		return r, nil
	})
}

func (v *visit) patchUser() (reply, error) {
	e, err := v.patch()
	if err != nil {
		return reply{}, err
	}
	return v.updateUser(e)
}

func (v *visit) updateUser(e edit) (reply, error) {
	m, err := update(v, v.findUser, v.oneUser, e, v.rewriteUser)
	if err != nil {
		return reply{}, err
	}
	return v.shown(http.StatusOK, v.oneUser(m))
}

// rewriteUser makes of a member what the resource says. A change that changes nothing leaves no
// trace: identity providers send those often.
func (v *visit) rewriteUser(old *account.Member, r scim.Resource) (*account.Member, error) {
	m := *old
	if err := v.fill(&m, r); err != nil || alike(&m, old) {
		return &m, err
	}
	m.Updated = v.now
	return &m, v.change("scim.user.update", m.ID, summary(&m), func(tx *directory.Tx) error {
		if now, _ := tx.Member(m.Account, m.ID); now != old {
			return errMoved
		}
		if err := keepsOwner(tx, old, &m); err != nil {
			return err
		}
		return v.put(tx, &m)
	})
}

// keepsOwner is Tx.KeepsOwner in SCIM's words: 409 alone would be a name that is taken.
func keepsOwner(tx *directory.Tx, now, next *account.Member) error {
	if err := tx.KeepsOwner(now, next); err != nil {
		return &scim.Error{Status: http.StatusConflict, Detail: fault.As(err).Message()}
	}
	return nil
}

// alike reports whether two members are the same to an identity provider.
func alike(a, b *account.Member) bool {
	return a.SCIM != nil && b.SCIM != nil && *a.SCIM == *b.SCIM && a.Email == b.Email &&
		a.First == b.First && a.Last == b.Last && a.Role == b.Role && a.Disabled == b.Disabled
}

// deleteUser also takes the member out of every workspace and group and disables its keys.
func (v *visit) deleteUser() (reply, error) {
	m, err := v.findUser()
	if err != nil {
		return reply{}, err
	}
	if m.Role == account.Owner && !v.rights.Has(account.WriteOwners) {
		return reply{}, fault.New(fault.Denied, "Only an owner's key can delete owners")
	}
	err = v.change("scim.user.delete", m.ID, summary(m), func(tx *directory.Tx) error {
		now, ok := tx.Member(m.Account, m.ID)
		if !ok {
			return noUser(m.ID)
		}
		if err := v.same(v.oneUser(now)); err != nil {
			return err
		}
		if err := keepsOwner(tx, now, nil); err != nil {
			return err
		}
		return tx.RemoveMember(v.Context(), now, v.now)
	})
	return reply{status: http.StatusNoContent}, err
}
