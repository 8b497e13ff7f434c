package scim

import "strings"

// maxMembers bounds a group.
const maxMembers = 20_000

// Group is what we know and take of a group.
type Group struct {
	ID       string
	External string
	Display  string
	Members  []Ref
	Meta     Meta
}

// Resource is the group as SCIM shows it.
func (g *Group) Resource() Resource {
	r := Resource{"schemas": []any{GroupSchema}, "id": g.ID, "displayName": g.Display, "members": refs(g.Members), "meta": g.Meta.resource()}
	if g.External != "" {
		r["externalId"] = g.External
	}
	return r
}

// ReadGroup takes a group from a resource that a client sent or patched. ID and meta are not
// read, of members their ids, each once.
func ReadGroup(r Resource) (Group, error) {
	rd := reader{r: r}
	g := Group{External: rd.text("externalId"), Display: rd.text("displayName")}
	if strings.TrimSpace(g.Display) == "" {
		rd.fail("displayName must be given")
	}
	_, v := r.get("members")
	seen := map[string]bool{}
	for _, v := range list(v) {
		id, ok := identity(v).(string)
		if !ok {
			rd.fail("members must be a list of objects with the id of a user as value")
			break
		}
		if !seen[id] {
			seen[id] = true
			g.Members = append(g.Members, Ref{Value: id})
		}
	}
	if len(g.Members) > maxMembers {
		rd.fail("A group has at most 20000 members")
	}
	return g, rd.err
}
