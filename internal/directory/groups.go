package directory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

func groupsOf(p *present) map[string]*account.Group          { return p.groups }
func mappingsOf(p *present) map[string]*account.GroupMapping { return p.mappings }
func syncJobsOf(p *present) map[string]*account.SyncJob      { return p.syncJobs }

// Group is a group of the account.
func (d *Directory) Group(of, id string) (*account.Group, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g := d.groups[id]
	return g, g != nil && g.Account == of
}

// Groups are the account's, in order of creation.
func (d *Directory) Groups(of string) []*account.Group {
	return list(d, d.groups, func(g *account.Group) bool { return g.Account == of },
		func(a, b *account.Group) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// Mapping is a mapping of a group of the account.
func (d *Directory) Mapping(of, id string) (*account.GroupMapping, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	m := d.mappings[id]
	return m, m != nil && m.Account == of
}

// Mappings are the account's, in order of creation.
func (d *Directory) Mappings(of string) []*account.GroupMapping {
	return list(d, d.mappings, func(m *account.GroupMapping) bool { return m.Account == of },
		func(a, b *account.GroupMapping) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// SyncJob is a job of the account, one of the newest.
func (d *Directory) SyncJob(of, id string) (*account.SyncJob, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	j := d.syncJobs[id]
	return j, j != nil && j.Account == of
}

// PutGroup creates or replaces a group. Its name must be free in its account. Regroup makes
// it count.
func (tx *Tx) PutGroup(g *account.Group) error {
	for _, other := range tx.groups {
		if other.Account == g.Account && other.ID != g.ID && strings.EqualFold(other.Name, g.Name) {
			return &fault.Error{Kind: fault.Conflict, Param: "displayName", Public: "A group with this name is there already"}
		}
	}
	return put(tx, groups, g.ID, g, groupsOf)
}

// DeleteGroup deletes a group with its mappings. Regroup makes it count.
func (tx *Tx) DeleteGroup(id string) {
	for _, m := range tx.mappings {
		if m.Group == id {
			tx.DeleteMapping(m.ID)
		}
	}
	remove(tx, groups, id, groupsOf)
}

// PutMapping creates or replaces a mapping; a group has one for a workspace. Regroup makes
// it count.
func (tx *Tx) PutMapping(m *account.GroupMapping) error {
	for _, other := range tx.mappings {
		if other.Group == m.Group && other.Workspace == m.Workspace && other.ID != m.ID {
			return &fault.Error{Kind: fault.Conflict, Public: "The group is mapped to this workspace already; change mapping " + other.ID}
		}
	}
	return put(tx, mappings, m.ID, m, mappingsOf)
}

// DeleteMapping deletes a mapping. Regroup makes it count.
func (tx *Tx) DeleteMapping(id string) { remove(tx, mappings, id, mappingsOf) }

// Keep makes the places that members of a group have in a workspace theirs by hand, so that
// they outlive the mapping.
func (tx *Tx) Keep(m *account.GroupMapping) error {
	g, w := tx.groups[m.Group], tx.workspaces[m.Workspace]
	if g == nil || w == nil {
		return nil
	}
	kept := *w
	kept.Members = slices.Clone(w.Members)
	for i := range kept.Members {
		if place := &kept.Members[i]; place.Groups != "" && slices.Contains(g.Members, place.Member) {
			place.ByHand = true
		}
	}
	return tx.PutWorkspace(&kept)
}

// RemoveMember deletes a member, takes it out of workspaces and groups, and disables its keys.
func (tx *Tx) RemoveMember(ctx context.Context, m *account.Member, now time.Time) error {
	if err := tx.EndKeys(ctx, m, now); err != nil {
		return err
	}
	for _, w := range tx.Workspaces(m.Account) {
		left := *w
		left.Members = slices.DeleteFunc(slices.Clone(w.Members), func(p account.Membership) bool { return p.Member == m.ID })
		if len(left.Members) < len(w.Members) {
			if err := tx.PutWorkspace(&left); err != nil {
				return err
			}
		}
	}
	for _, g := range tx.groups {
		if slices.Contains(g.Members, m.ID) {
			left := *g
			left.Members = slices.DeleteFunc(slices.Clone(g.Members), func(id string) bool { return id == m.ID })
			left.Updated = now
			if err := tx.PutGroup(&left); err != nil {
				return err
			}
		}
	}
	tx.DeleteMember(m.ID)
	return nil
}

// EndKeys disables the keys of a member, inference and management keys, each with an entry of
// its own in the audit log.
func (tx *Tx) EndKeys(ctx context.Context, m *account.Member, now time.Time) error {
	for _, management := range []bool{false, true} {
		keys, err := tx.store.ListKeys(ctx, store.KeyFilter{Management: management})
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.Creator != m.ID || cmp.Or(k.Account, tx.Account) != m.Account {
				continue
			}
			off := *k
			off.Disabled, off.Updated = true, now
			tx.PutKey(&off)
			if err := tx.Note(m.Account, "key.update", string(k.Hash), map[string]any{"disabled": true, "member_gone": m.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Regroup gives the members of the account's groups their places in workspaces, as groups and
// mappings are after the change, and takes away those that no group gives any more. Of
// several roles a member has the highest. newID makes the ids of places.
func (tx *Tx) Regroup(of string, now time.Time, newID func() string) error {
	after := tx.after()
	given := map[string]map[string]account.PlaceRole{} // by workspace and member
	for _, m := range after.mappings {
		g := after.groups[m.Group]
		if m.Account != of || g == nil {
			continue
		}
		if given[m.Workspace] == nil {
			given[m.Workspace] = map[string]account.PlaceRole{}
		}
		for _, id := range g.Members {
			given[m.Workspace][id] = account.Highest(given[m.Workspace][id], m.Role)
		}
	}
	for id, w := range after.workspaces {
		if w.Account != of {
			continue
		}
		places := regrouped(w.Members, given[id], now, newID)
		if slices.Equal(places, w.Members) {
			continue
		}
		changed := *w
		changed.Members, changed.Updated = places, now
		if err := tx.PutWorkspace(&changed); err != nil {
			return err
		}
	}
	return nil
}

// maxSyncJobs is how many of an account are kept.
const maxSyncJobs = 20

// Sync works the places that groups give out anew, and keeps the job.
func (tx *Tx) Sync(job *account.SyncJob, newID func() string) error {
	var kept []*account.SyncJob
	for _, j := range tx.syncJobs {
		if j.Account == job.Account {
			kept = append(kept, j)
		}
	}
	slices.SortFunc(kept, func(a, b *account.SyncJob) int { return cmpOr(a.At.Compare(b.At), a.ID, b.ID) })
	for len(kept) >= maxSyncJobs {
		remove(tx, syncJobs, kept[0].ID, syncJobsOf)
		kept = kept[1:]
	}
	for _, g := range tx.groups {
		if g.Account == job.Account {
			job.Groups++
		}
	}
	if err := put(tx, syncJobs, job.ID, job, syncJobsOf); err != nil {
		return err
	}
	return tx.Regroup(job.Account, job.At, newID)
}

// after is what decides on places, as it is with the change.
func (tx *Tx) after() *present {
	p := &present{workspaces: maps.Clone(tx.workspaces), groups: maps.Clone(tx.groups), mappings: maps.Clone(tx.mappings)}
	for _, e := range tx.effect {
		if e.kind == workspaces || e.kind == groups || e.kind == mappings {
			e.apply(p)
		}
	}
	return p
}

// regrouped are the places of a workspace with those that groups give.
func regrouped(places []account.Membership, given map[string]account.PlaceRole, now time.Time, newID func() string) []account.Membership {
	return replaced(places, func(p *account.Membership) { p.Groups = given[p.Member] }, slices.Sorted(maps.Keys(given)), now, newID)
}

// replaced are the places of a workspace after what identity providers give was set, also to
// those who have none yet. A place that was only given, and is no more, is gone.
func replaced(places []account.Membership, set func(*account.Membership), to []string, now time.Time, newID func() string) (out []account.Membership) {
	there := map[string]bool{}
	for _, p := range places {
		byHand := p.ByHand || !p.Given()
		set(&p)
		if p.ByHand = byHand && p.Given(); byHand || p.Given() {
			there[p.Member] = true
			out = append(out, p)
		}
	}
	for _, id := range to {
		p := account.Membership{Member: id, Joined: now}
		if set(&p); !there[id] && p.Given() {
			p.ID = newID()
			out = append(out, p)
		}
	}
	return out
}

// SignedIn gives a member the places in workspaces that a provider's groups name, by the
// workspaces' ids, and takes away those that the provider gave before.
func (tx *Tx) SignedIn(m *account.Member, provider string, workspaces []string, now time.Time, newID func() string) error {
	for _, w := range tx.Workspaces(m.Account) {
		set := func(p *account.Membership) {
			switch {
			case p.Member != m.ID:
			case slices.Contains(workspaces, w.ID):
				p.SignIn = provider
			case p.SignIn == provider:
				p.SignIn = ""
			}
		}
		places := replaced(w.Members, set, []string{m.ID}, now, newID)
		if slices.Equal(places, w.Members) {
			continue
		}
		changed := *w
		changed.Members, changed.Updated = places, now
		if err := tx.PutWorkspace(&changed); err != nil {
			return err
		}
	}
	return nil
}
