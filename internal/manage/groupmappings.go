package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func (a *API) listGroups(c *call) (any, error) {
	return paged(c, a.Directory.Groups(a.account(c)), newGroupRow)
}

func (a *API) listMappings(c *call) (any, error) {
	return paged(c, a.Directory.Mappings(a.account(c)), a.mappingRow)
}

func (a *API) getMapping(c *call) (any, error) {
	m, err := a.findMapping(c)
	if err != nil {
		return nil, err
	}
	return data{a.mappingRow(m)}, nil
}

// findMapping is the mapping that the path names.
func (a *API) findMapping(c *call) (*account.GroupMapping, error) {
	m, ok := a.Directory.Mapping(a.account(c), c.PathValue("id"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No group mapping has this id; list them at /scim/group-mappings")
	}
	return m, nil
}

func (a *API) createMapping(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"scim_group_id", "workspace_id", "role"} {
		if !b.has(name) {
			b.fail(name, "given")
		}
	}
	m := &account.GroupMapping{ID: newUUID(), Account: a.account(c), Group: b.text("scim_group_id", false), Role: b.placeRole("role"), Created: c.now, Updated: c.now}
	if m.Workspace = a.workspaceIn(c, b); m.Workspace == "" {
		b.fail("workspace_id", "the id of a workspace; list them at /workspaces")
	}
	if _, ok := a.Directory.Group(m.Account, m.Group); !ok {
		b.fail("scim_group_id", "the id of a group; list them at /scim/groups")
	}
	if b.err != nil {
		return nil, b.err
	}
	if m.Workspace == a.Directory.Home(m.Account) {
		return nil, fault.Bad("workspace_id", "Every member of the organization is in the default workspace; map the group to another")
	}
	action := "group_mapping.create"
	if same := a.sameMapping(m); same != nil { // which puts its members where they belong once more
		m, action = same, "group_mapping.update"
	}
	row := a.mappingRow(m)
	if err := a.regroup(c, action, m.ID, row, func(tx *directory.Tx) error { return tx.PutMapping(m) }); err != nil {
		return nil, err
	}
	return created{data{row}}, nil
}

// sameMapping is one that is there already and says just what m does.
func (a *API) sameMapping(m *account.GroupMapping) *account.GroupMapping {
	for _, there := range a.Directory.Mappings(m.Account) {
		if there.Group == m.Group && there.Workspace == m.Workspace && there.Role == m.Role {
			return there
		}
	}
	return nil
}

// regroup makes a change of mappings and what follows from it.
func (a *API) regroup(c *call, action, target string, detail any, f func(*directory.Tx) error) error {
	return a.change(c, a.entry(c, action, target, detail), func(tx *directory.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return tx.Regroup(a.account(c), c.now, newUUID)
	})
}

func (b *body) placeRole(name string) (r account.PlaceRole) {
	const must = "admin or member"
	if b.read(name, false, &r, must) && r != account.PlaceAdmin && r != account.PlaceMember {
		b.fail(name, must)
	}
	return r
}

func (a *API) updateMapping(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	if !b.has("role") {
		b.fail("role", "given")
	}
	role := b.placeRole("role")
	if b.err != nil {
		return nil, b.err
	}
	old, err := a.findMapping(c)
	if err != nil {
		return nil, err
	}
	m := *old
	m.Role, m.Updated = role, c.now
	err = a.regroup(c, "group_mapping.update", m.ID, b.set(), func(tx *directory.Tx) error {
		if _, there := tx.Mapping(m.Account, m.ID); !there {
			return fault.New(fault.NotFound, "The group mapping was deleted meanwhile")
		}
		return tx.PutMapping(&m)
	})
	if err != nil {
		return nil, err
	}
	return data{a.mappingRow(&m)}, nil
}

// deleteMapping needs to be told what becomes of those who are in the workspace by it.
func (a *API) deleteMapping(c *call) (any, error) {
	keep := c.URL.Query().Get("keep_members")
	if keep != "true" && keep != "false" {
		return nil, fault.Bad("keep_members", "Query parameter keep_members must be true, which leaves the members in the workspace, or false, which takes out those who are in it by this mapping alone")
	}
	m, err := a.findMapping(c)
	if err != nil {
		return nil, err
	}
	err = a.regroup(c, "group_mapping.delete", m.ID, map[string]any{"keep_members": keep == "true"}, func(tx *directory.Tx) error {
		if keep == "true" {
			if err := tx.Keep(m); err != nil {
				return err
			}
		}
		tx.DeleteMapping(m.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// groupRow is a group as the API shows it.
type groupRow struct {
	ID           string  `json:"id"`
	Organization string  `json:"organization_id"`
	Name         string  `json:"display_name"`
	External     *string `json:"external_id"`
	Created      string  `json:"created_at"`
	Updated      string  `json:"updated_at"`
}

func newGroupRow(g *account.Group) groupRow {
	return groupRow{g.ID, g.Account, g.Name, present(g.External), timestamp(g.Created), timestamp(g.Updated)}
}

// mappingRow is a mapping as the API shows it.
type mappingRow struct {
	ID           string            `json:"id"`
	Organization string            `json:"organization_id"`
	Group        string            `json:"scim_group_id"`
	GroupName    *string           `json:"scim_group_name"` // ours
	Workspace    string            `json:"workspace_id"`
	Role         account.PlaceRole `json:"role"`
	Created      string            `json:"created_at"`
	Updated      string            `json:"updated_at"`
}

func (a *API) mappingRow(m *account.GroupMapping) mappingRow {
	r := mappingRow{ID: m.ID, Organization: m.Account, Group: m.Group, Workspace: m.Workspace, Role: m.Role, Created: timestamp(m.Created), Updated: timestamp(m.Updated)}
	if g, ok := a.Directory.Group(m.Account, m.Group); ok {
		r.GroupName = &g.Name
	}
	return r
}
