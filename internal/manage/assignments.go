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
		return memberAssignmentRow{newAssignmentRow(m.Guardrail), of, m.ID}
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
func (a *API) assignKeys(c *call) (any, error) {
	n, err := a.moveKeys(c, "guardrail.assign", func(g string, k *account.Key) bool {
		if k.Guardrail.Guardrail == g {
			return false
		}
		k.Guardrail = account.Assignment{ID: newUUID(), Guardrail: g, By: c.member(), At: c.now}
		return true
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"assigned_count"`
	}{n}, nil
}

func (a *API) unassignKeys(c *call) (any, error) {
	n, err := a.moveKeys(c, "guardrail.unassign", func(g string, k *account.Key) bool {
		was := k.Guardrail.Guardrail == g
		if was {
			k.Guardrail = account.Assignment{}
		}
		return was
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"unassigned_count"`
	}{n}, nil
}

// moveKeys changes the keys that the body names and counts those that f says it changed.
func (a *API) moveKeys(c *call, action string, f func(guardrail string, k *account.Key) bool) (int, error) {
	g, err := a.findGuardrail(c)
	if err != nil {
		return 0, err
	}
	hashes, err := c.userIDs("key_hashes", maxAssigned)
	if err != nil {
		return 0, err
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes) // none counts twice
	a.writing.Lock()
	defer a.writing.Unlock()
	n := 0
	return n, a.change(c, a.entry(c, action, g.ID, map[string]any{"key_hashes": hashes}), func(tx *directory.Tx) error {
		for _, hash := range hashes {
			k, ok := a.Store.Key(account.KeyHash(hash))
			if !ok || !a.owns(c, k) {
				return fault.Bad("key_hashes", fmt.Sprintf("No key has the hash %.64q; list the hashes at /keys", hash))
			}
			if changed := *k; f(g.ID, &changed) {
				tx.PutKey(&changed)
				n++
			}
		}
		return materialize(tx, g)
	})
}

// materialize makes the default guardrail of a workspace when somebody is put under it.
func materialize(tx *directory.Tx, g *account.Guardrail) error {
	if _, there := tx.Guardrail(g.Account, g.ID); there {
		return nil
	}
	return tx.PutGuardrail(g)
}

func (a *API) assignMembers(c *call) (any, error) {
	n, err := a.moveMembers(c, "guardrail.assign", func(g string, m *account.Member) bool {
		if m.Guardrail.Guardrail == g {
			return false
		}
		m.Guardrail = account.Assignment{ID: newUUID(), Guardrail: g, By: c.member(), At: c.now}
		return true
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"assigned_count"`
	}{n}, nil
}

func (a *API) unassignMembers(c *call) (any, error) {
	n, err := a.moveMembers(c, "guardrail.unassign", func(g string, m *account.Member) bool {
		was := m.Guardrail.Guardrail == g
		if was {
			m.Guardrail = account.Assignment{}
		}
		return was
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"unassigned_count"`
	}{n}, nil
}

func (a *API) moveMembers(c *call, action string, f func(guardrail string, m *account.Member) bool) (int, error) {
	g, err := a.findGuardrail(c)
	if err != nil {
		return 0, err
	}
	ids, err := c.userIDs("member_user_ids", maxAssigned)
	if err != nil {
		return 0, err
	}
	n := 0
	err = a.change(c, a.entry(c, action, g.ID, map[string]any{"member_user_ids": ids}), func(tx *directory.Tx) error {
		for _, id := range ids {
			m, ok := tx.Member(a.account(c), id)
			if !ok {
				return fault.Bad("member_user_ids", fmt.Sprintf("%.64q is no member of the organization; list them at /organization/members", id))
			}
			if changed := *m; f(g.ID, &changed) {
				if err := tx.PutMember(&changed); err != nil {
					return err
				}
				n++
			}
		}
		return materialize(tx, g)
	})
	return n, err
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
}
