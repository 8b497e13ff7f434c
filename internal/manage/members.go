package manage

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

func (a *API) listMembers(c *call) (any, error) {
	return paged(c, a.Directory.Members(a.account(c)), newMemberRow)
}

func (a *API) getMember(c *call) (any, error) {
	m, err := a.findMember(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return data{newMemberRow(m)}, nil
}

func (a *API) findMember(c *call, id string) (*account.Member, error) {
	m, ok := a.Directory.Member(a.account(c), id)
	if !ok {
		return nil, fault.New(fault.NotFound, "No member has this id; list them at /organization/members")
	}
	return m, nil
}

// memberName is what the member with an id is called, for those who may see members; null where it is nobody's.
func (a *API) memberName(c *call, id string) *string {
	m, ok := a.Directory.Member(a.account(c), id)
	if !ok || !c.rights.Has(account.ReadMembers) {
		return nil
	}
	return present(m.Name())
}

func (a *API) createMember(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	m := &account.Member{ID: newUUID(), Account: a.account(c), Role: account.Developer, Created: c.now}
	if !b.has("email") {
		b.fail("email", "given")
	}
	b.member(m)
	if b.err != nil {
		return nil, b.err
	}
	if err := c.mayMake(m.Role); err != nil {
		return nil, err
	}
	row := newMemberRow(m)
	if err := a.change(c, a.entry(c, "member.create", m.ID, row), func(tx *directory.Tx) error { return tx.PutMember(m) }); err != nil {
		return nil, err
	}
	return created{data{row}}, nil
}

// mayMake keeps everybody from giving a role that has more rights than their own.
func (c *call) mayMake(r account.Role) error {
	if r == account.Owner && !c.rights.Has(account.WriteOwners) {
		return fault.New(fault.Denied, "Only an owner can make, change or remove owners")
	}
	return nil
}

// keepsOwner is Tx.KeepsOwner, but for who may open the data directory.
func (c *call) keepsOwner(tx *directory.Tx, now, next *account.Member) error {
	if c.trusted {
		return nil
	}
	return tx.KeepsOwner(now, next)
}

// member sets what the body has.
func (b *body) member(m *account.Member) {
	if b.has("email") {
		m.Email = b.email("email")
	}
	if b.has("first_name") {
		m.First = b.within("first_name", true, 0, maxText)
	}
	if b.has("last_name") {
		m.Last = b.within("last_name", true, 0, maxText)
	}
	if b.has("role") {
		m.Role = b.role("role")
	}
	if b.has("disabled") {
		m.Disabled = b.flag("disabled")
	}
}

func (b *body) email(name string) string {
	s := b.text(name, false)
	if b.err != nil {
		return ""
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		b.fail(name, "an e-mail address such as ann@example.com")
		return ""
	}
	return strings.ToLower(s)
}

func (b *body) role(name string) (r account.Role) {
	const must = "owner, admin, billing, developer or viewer"
	if b.read(name, false, &r, must) && !r.Valid() {
		b.fail(name, must)
	}
	return r
}

func (a *API) updateMember(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	old, err := a.findMember(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var m account.Member
	err = a.change(c, a.entry(c, "member.update", old.ID, nil), b.telling(func(tx *directory.Tx) error {
		now, ok := tx.Member(old.Account, old.ID)
		if !ok {
			return fault.New(fault.NotFound, "The member was deleted meanwhile")
		}
		m = *now
		if b.member(&m); b.err != nil {
			return b.err
		}
		m.Updated = c.now
		if err := c.keepsOwner(tx, now, &m); err != nil {
			return err
		}
		for _, r := range []account.Role{now.Role, m.Role} {
			if err := c.mayMake(r); err != nil {
				return err
			}
		}
		return tx.PutMember(&m)
	}))
	if err != nil {
		return nil, err
	}
	return data{newMemberRow(&m)}, nil
}

// deleteMember takes the member out of every workspace and disables the member's keys.
func (a *API) deleteMember(c *call) (any, error) {
	m, err := a.findMember(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if err := c.mayMake(m.Role); err != nil {
		return nil, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	if err := a.change(c, a.entry(c, "member.delete", m.ID, newMemberRow(m)), func(tx *directory.Tx) error {
		if now, there := tx.Member(m.Account, m.ID); there {
			if err := c.keepsOwner(tx, now, nil); err != nil {
				return err
			}
		}
		return tx.RemoveMember(c.Context(), m, c.now)
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// keysOf are the inference keys of a member in a workspace that can be used.
func (a *API) keysOf(c *call, member, workspace string) ([]*account.Key, error) {
	return a.keys(c, store.KeyFilter{Workspace: workspace}, func(k *account.Key) bool { return k.Creator == member && k.Usable(c.now) })
}

func (a *API) listWorkspaceMembers(c *call) (any, error) {
	w, err := a.findWorkspace(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return paged(c, a.memberships(w), func(m account.Membership) placeRow { return a.placeRow(w, m) })
}

// memberships are the workspace's; of the default workspace everybody is a member.
func (a *API) memberships(w *account.Workspace) []account.Membership {
	if !a.isHome(w) {
		return w.Members
	}
	var all []account.Membership
	for _, m := range a.Directory.Members(w.Account) {
		all = append(all, account.Membership{ID: m.ID, Member: m.ID, Joined: m.Created})
	}
	return all
}

// isHome reports whether a workspace is its account's default one.
func (a *API) isHome(w *account.Workspace) bool { return w.ID == a.Directory.Home(w.Account) }

func (a *API) addWorkspaceMembers(c *call) (any, error) {
	ids, err := c.userIDs("user_ids", 100)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, err := a.findMember(c, id); err != nil {
			return nil, fault.Bad("user_ids", fmt.Sprintf("%q is no member of the organization; list them at /organization/members", id))
		}
	}
	added := []account.Membership{}
	w, err := a.rewriteWorkspace(c, "workspace.members.add", map[string]any{"user_ids": ids}, func(_ *directory.Tx, w *account.Workspace) error {
		for _, id := range ids {
			if i := slices.IndexFunc(w.Members, func(m account.Membership) bool { return m.Member == id }); i >= 0 {
				w.Members[i].ByHand = w.Members[i].Given()
			}
			if slices.ContainsFunc(a.memberships(w), func(m account.Membership) bool { return m.Member == id }) {
				continue
			}
			added = append(added, account.Membership{ID: newUUID(), Member: id, Joined: c.now})
			w.Members = append(w.Members, added[len(added)-1])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows := []placeRow{}
	for _, m := range added {
		rows = append(rows, a.placeRow(w, m))
	}
	return struct {
		Count int        `json:"added_count"`
		Data  []placeRow `json:"data"`
	}{len(rows), rows}, nil
}

func (a *API) removeWorkspaceMembers(c *call) (any, error) {
	ids, err := c.userIDs("user_ids", 100)
	if err != nil {
		return nil, err
	}
	removed := 0
	_, err = a.rewriteWorkspace(c, "workspace.members.remove", map[string]any{"user_ids": ids}, func(_ *directory.Tx, w *account.Workspace) error {
		if a.isHome(w) {
			return fault.New(fault.Invalid, "Every member of the organization is in the default workspace; delete the member instead")
		}
		for _, id := range ids {
			if slices.ContainsFunc(w.Members, func(m account.Membership) bool { return m.Member == id && m.Given() }) {
				return fault.Bad("user_ids", fmt.Sprintf("Member %s is in the workspace through a group of the identity provider; take the member out of the group there", id))
			}
			keys, err := a.keysOf(c, id, w.ID)
			if err != nil {
				return err
			}
			if len(keys) > 0 {
				return fault.Bad("user_ids", fmt.Sprintf("Member %s has %d active keys in the workspace; delete or disable them first", id, len(keys)))
			}
		}
		before := len(w.Members)
		w.Members = slices.DeleteFunc(w.Members, func(m account.Membership) bool { return slices.Contains(ids, m.Member) })
		removed = before - len(w.Members)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"removed_count"`
	}{removed}, nil
}

// userIDs reads a body whose one member is a list of 1 to most ids.
func (c *call) userIDs(name string, most int) ([]string, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	if !b.has(name) {
		b.fail(name, "given")
	}
	ids := b.texts(name, false, most)
	return ids, b.err
}

// memberRow is a member as the API shows it.
type memberRow struct {
	ID       string       `json:"id"`
	Email    string       `json:"email"`
	First    *string      `json:"first_name"`
	Last     *string      `json:"last_name"`
	Role     string       `json:"role"`        // org:admin org:member
	Ours     account.Role `json:"member_role"` // finer
	Disabled bool         `json:"disabled"`
}

func newMemberRow(m *account.Member) memberRow {
	return memberRow{ID: m.ID, Email: m.Email, First: present(m.First), Last: present(m.Last), Role: "org:" + string(place(m.Role)), Ours: m.Role, Disabled: m.Disabled}
}

// place is a role in the two steps that OpenRouter has.
func place(r account.Role) account.PlaceRole {
	if r == account.Owner || r == account.Admin {
		return account.PlaceAdmin
	}
	return account.PlaceMember
}

// placeRow is a membership as the API shows it.
type placeRow struct {
	ID        string            `json:"id"`
	Member    string            `json:"user_id"`
	Workspace string            `json:"workspace_id"`
	Role      account.PlaceRole `json:"role"`
	Created   string            `json:"created_at"`
}

func (a *API) placeRow(w *account.Workspace, m account.Membership) placeRow {
	role := m.Groups
	if person, ok := a.Directory.Member(w.Account, m.Member); ok {
		role = account.Highest(role, place(person.Role))
	}
	return placeRow{ID: m.ID, Member: m.Member, Workspace: w.ID, Role: cmp.Or(role, account.PlaceMember), Created: timestamp(m.Joined)}
}
