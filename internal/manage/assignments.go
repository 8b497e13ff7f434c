package manage

import (
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// maxAssigned bounds one change of assignments; OpenRouter says no bound.
const maxAssigned = 1000

// listKeyAssignments lists those of one guardrail where the path names one, else all.
func (a *API) listKeyAssignments(c *call) (any, error) {
	id, err := a.guardrailOf(c)
	if err != nil {
		return nil, err
	}
	keys, err := a.keysUnder(c, id)
	if err != nil {
		return nil, err
	}
	return paged(c, keys, func(k *account.Key) keyAssignmentRow {
		return keyAssignmentRow{newAssignmentRow(k.Guardrail), k.Hash, k.Label, k.Name}
	})
}

func (a *API) listMemberAssignments(c *call) (any, error) {
	id, err := a.guardrailOf(c)
	if err != nil {
		return nil, err
	}
	of := a.account(c)
	var under []*account.Member
	for _, m := range a.Directory.Members(of) {
		if g := m.Guardrail.Guardrail; g != "" && (id == "" || g == id) {
			under = append(under, m)
		}
	}
	return paged(c, under, func(m *account.Member) memberAssignmentRow {
		return memberAssignmentRow{newAssignmentRow(m.Guardrail), of, m.ID, m.Name(), m.Email}
	})
}

// guardrailOf is the guardrail that the path names, "" none.
func (a *API) guardrailOf(c *call) (string, error) {
	if c.PathValue("id") == "" {
		return "", nil
	}
	g, err := a.findGuardrail(c)
	if err != nil {
		return "", err
	}
	return g.ID, nil
}

// assignKeys puts keys under the guardrail; each was under one other at most, which it
// leaves.
func (a *API) assignKeys(c *call) (any, error)      { return c.assign(a.moveKeys) }
func (a *API) unassignKeys(c *call) (any, error)    { return c.free(a.moveKeys) }
func (a *API) assignMembers(c *call) (any, error)   { return c.assign(a.moveMembers) }
func (a *API) unassignMembers(c *call) (any, error) { return c.free(a.moveMembers) }

// change is what becomes of an assignment, and whether that is another.
type change func(guardrail string, was account.Assignment) (account.Assignment, bool)

// move makes a change to the assignments of whom the body names, and counts those that are
// others.
type move func(c *call, action string, f change) (int, error)

func (c *call) assign(m move) (any, error) {
	n, err := m(c, "guardrail.assign", func(g string, was account.Assignment) (account.Assignment, bool) {
		if was.Guardrail == g {
			return was, false
		}
		return account.Assignment{ID: newUUID(), Guardrail: g, By: c.member(), At: c.now}, true
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"assigned_count"`
	}{n}, nil
}

func (c *call) free(m move) (any, error) {
	n, err := m(c, "guardrail.unassign", func(g string, was account.Assignment) (account.Assignment, bool) {
		return account.Assignment{}, was.Guardrail == g
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"unassigned_count"`
	}{n}, nil
}

func (a *API) moveKeys(c *call, action string, f change) (int, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	return a.moveEach(c, action, "key_hashes", func(tx *directory.Tx, g, hash string) (bool, error) {
		k, ok := a.Store.Key(account.KeyHash(hash))
		if !ok || !a.owns(c, k) {
			return false, fault.Bad("key_hashes", fmt.Sprintf("No key has the hash %.64q; list the hashes at /keys", hash))
		}
		next, other := f(g, k.Guardrail)
		if other {
			moved := *k
			moved.Guardrail = next
			tx.PutKey(&moved)
		}
		return other, nil
	})
}

func (a *API) moveMembers(c *call, action string, f change) (int, error) {
	return a.moveEach(c, action, "member_user_ids", func(tx *directory.Tx, g, id string) (bool, error) {
		m, ok := tx.Member(a.account(c), id)
		if !ok {
			return false, fault.Bad("member_user_ids", fmt.Sprintf("%.64q is no member of the organization; list them at /organization/members", id))
		}
		next, other := f(g, m.Guardrail)
		if !other {
			return false, nil
		}
		moved := *m
		moved.Guardrail = next
		return true, tx.PutMember(&moved)
	})
}

// moveEach calls one for each of the names in the body, once for a name, in one change.
func (a *API) moveEach(c *call, action, member string, one func(tx *directory.Tx, guardrail, name string) (bool, error)) (n int, err error) {
	g, err := a.findGuardrail(c)
	if err != nil {
		return 0, err
	}
	names, err := c.userIDs(member, maxAssigned)
	if err != nil {
		return 0, err
	}
	slices.Sort(names)
	names = slices.Compact(names)
	err = a.change(c, a.entry(c, action, g.ID, map[string]any{member: names}), func(tx *directory.Tx) error {
		for _, name := range names {
			other, err := one(tx, g.ID, name)
			if err != nil {
				return err
			}
			if other {
				n++
			}
		}
		return materialize(tx, g)
	})
	return n, err
}

// materialize makes the default guardrail of a workspace when somebody is put under it.
func materialize(tx *directory.Tx, g *account.Guardrail) error {
	if _, there := tx.Guardrail(g.Account, g.ID); there {
		return nil
	}
	return tx.PutGuardrail(g)
}

// assignmentRow is what both kinds of assignments show.
type assignmentRow struct {
	ID        string  `json:"id"`
	Guardrail string  `json:"guardrail_id"`
	By        *string `json:"assigned_by"`
	At        string  `json:"created_at"`
}

func newAssignmentRow(a account.Assignment) assignmentRow {
	return assignmentRow{a.ID, a.Guardrail, present(a.By), timestamp(a.At)}
}

type keyAssignmentRow struct {
	assignmentRow
	Hash  account.KeyHash `json:"key_hash"`
	Label string          `json:"key_label"`
	Name  string          `json:"key_name"`
}

type memberAssignmentRow struct {
	assignmentRow
	Organization string `json:"organization_id"`
	Member       string `json:"user_id"`
	Name         string `json:"user_name"`  // ours
	Email        string `json:"user_email"` // ours
}
