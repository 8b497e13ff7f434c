package provision

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/scim"
)

// group is a group as SCIM has it.
func (v *visit) group(g *account.Group) scim.Resource {
	out := scim.Group{ID: g.ID, External: g.External, Display: g.Name, Members: make([]scim.Ref, 0, len(g.Members)),
		Meta: scim.Meta{Type: "Group", Created: g.Created, Modified: g.Updated, Location: v.Origin(v.Request) + scim.Base + "/Groups/" + g.ID}}
	for _, id := range g.Members {
		if m, ok := v.Directory.Member(g.Account, id); ok {
			out.Members = append(out.Members, scim.Ref{Value: id, Display: userName(m)})
		}
	}
	return out.Resource()
}

func (v *visit) listGroups() (reply, error) {
	return page(v, v.Directory.Groups(v.key.Account),
		func(f *scim.Filter, g *account.Group) bool {
			return f.Maybe("displayName", g.Name) && f.Maybe("externalId", g.External)
		}, v.group)
}

func (v *visit) getGroup() (reply, error) {
	g, err := v.findGroup()
	if err != nil {
		return reply{}, err
	}
	return v.shown(http.StatusOK, v.group(g))
}

// findGroup is the group that the path names.
func (v *visit) findGroup() (*account.Group, error) {
	g, ok := v.Directory.Group(v.key.Account, v.PathValue("id"))
	if !ok {
		return nil, noGroup(v.PathValue("id"))
	}
	return g, nil
}

func noGroup(id string) error { return missing("No group has the id " + clip(id)) }

func (v *visit) createGroup() (reply, error) {
	r, err := v.resource()
	if err != nil {
		return reply{}, err
	}
	g := &account.Group{ID: newID(), Account: v.key.Account, Created: v.now, Updated: v.now}
	if err := fillGroup(g, r); err != nil {
		return reply{}, err
	}
	err = v.change("scim.group.create", g.ID, map[string]any{"name": g.Name, "members": len(g.Members)}, func(tx *directory.Tx) error {
		return v.putGroup(tx, g)
	})
	if err != nil {
		return reply{}, err
	}
	return v.shown(http.StatusCreated, v.group(g))
}

// fillGroup sets what the resource says of a group.
func fillGroup(g *account.Group, r scim.Resource) error {
	said, err := scim.ReadGroup(r)
	if err != nil {
		return err
	}
	g.Name, g.External, g.Members = strings.TrimSpace(said.Display), said.External, nil
	for _, m := range said.Members {
		g.Members = append(g.Members, m.Value)
	}
	return nil
}

// putGroup writes a group whose members are there, with what follows from it for workspaces.
func (v *visit) putGroup(tx *directory.Tx, g *account.Group) error {
	for _, id := range g.Members {
		if _, ok := tx.Member(g.Account, id); !ok {
			return scim.Bad(scim.InvalidValue, fmt.Sprintf("No user has the id %.64q; members of a group are users", id))
		}
	}
	if err := tx.PutGroup(g); err != nil {
		return err
	}
	return tx.Regroup(g.Account, v.now, newID)
}

func (v *visit) replaceGroup() (reply, error) {
	r, err := v.resource()
	if err != nil {
		return reply{}, err
	}
	g, err := v.updateGroup(func(scim.Resource) (scim.Resource, error) { return r, nil })
	if err != nil {
		return reply{}, err
	}
	return v.shown(http.StatusOK, v.group(g))
}

// patchGroup answers without a body, which Entra wants: a group can have many members. Who
// asks for attributes gets them.
func (v *visit) patchGroup() (reply, error) {
	e, err := v.patch()
	if err != nil {
		return reply{}, err
	}
	g, err := v.updateGroup(e)
	if err != nil || !v.URL.Query().Has("attributes") {
		return reply{status: http.StatusNoContent}, err
	}
	return v.shown(http.StatusOK, v.group(g))
}

func (v *visit) updateGroup(e edit) (*account.Group, error) {
	return update(v, v.findGroup, v.group, e, v.rewriteGroup)
}

// rewriteGroup makes of a group what the resource says; a change that changes nothing leaves no
// trace.
func (v *visit) rewriteGroup(old *account.Group, r scim.Resource) (*account.Group, error) {
	g := *old
	if err := fillGroup(&g, r); err != nil || g.Name == old.Name && g.External == old.External && slices.Equal(g.Members, old.Members) {
		return &g, err
	}
	g.Updated = v.now
	return &g, v.change("scim.group.update", g.ID, difference(old, &g), func(tx *directory.Tx) error {
		if now, _ := tx.Group(g.Account, g.ID); now != old {
			return errMoved
		}
		return v.putGroup(tx, &g)
	})
}

// difference is what the audit log says of a changed group: of many members the first ones.
func difference(old, now *account.Group) any {
	const most = 100
	added, removed := without(now.Members, old.Members), without(old.Members, now.Members)
	return map[string]any{"name": now.Name, "members": len(now.Members), "added_count": len(added), "removed_count": len(removed),
		"added": added[:min(most, len(added))], "removed": removed[:min(most, len(removed))]}
}

// without are those of a list that another does not have.
func without(list, other []string) []string {
	known, out := map[string]bool{}, []string{}
	for _, id := range other {
		known[id] = true
	}
	for _, id := range list {
		if !known[id] {
			out = append(out, id)
		}
	}
	return out
}

// deleteGroup takes what the group gave from its members.
func (v *visit) deleteGroup() (reply, error) {
	group := v.PathValue("id")
	err := v.change("scim.group.delete", group, nil, func(tx *directory.Tx) error {
		g, ok := tx.Group(v.key.Account, group)
		if !ok {
			return noGroup(group)
		}
		if err := v.same(v.group(g)); err != nil {
			return err
		}
		tx.DeleteGroup(g.ID)
		return tx.Regroup(g.Account, v.now, newID)
	})
	return reply{status: http.StatusNoContent}, err
}
