// Package directory is who and what an installation has besides keys: organisations, people
// and their sessions, workspaces, members, guardrails, presets, and what was added to the catalogue. All of it is in memory; the store has it on disk. It promises that a
// change is durable before anybody sees it, that it is in the audit log in the same
// transaction, and that what a key is governed by is one look-up. It deliberately has no
// rights and no HTTP: who may change what is package manage's. Start with Open, Update and
// Governs.
package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/private"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// The kinds of things, as the store knows them.
const (
	workspaces  = "workspace"
	members     = "member"
	guardrails  = "guardrail"
	credentials = "credential"

	destinations = "destination"

	presets        = "preset"
	presetVersions = "preset_version"

	organizations = "organization"
	persons       = "person"
	sessions      = "session"
	invitations   = "invitation"
	setups        = "setup"

	groups   = "group"
	mappings = "group_mapping"
	syncJobs = "sync_job"

	policies = "federation_policy"

	privateProviders = "private_provider"
	privateEndpoints = "private_endpoint"
)

// Options name what an installation has from its beginning.
type Options struct {
	Account   string           // the account of what has none
	Workspace string           // id of its default workspace
	Policy    policy.Effective // what holds for everybody
}

// Directory is the present. Its methods are safe for concurrent use; what they return is not
// changed by anybody.
type Directory struct {
	store store.Store
	Options

	changing sync.Mutex // one Update at a time
	mu       sync.RWMutex
	present
	ruled    map[subject]*Rules     // what was asked for since the last change
	compiled map[string]*filter.Set // by the ids of guardrails, the same
}

// present is everything by id.
type present struct {
	workspaces   map[string]*account.Workspace
	members      map[string]*account.Member
	guardrails   map[string]*account.Guardrail
	credentials  map[string]*account.Credential
	owned        map[string][]*account.Credential // by account, in the order they are tried
	destinations map[string]*account.Destination
	told         map[string][]*account.Destination // by workspace, in order of creation

	presets  map[string]*account.Preset
	versions map[string]*account.PresetVersion
	named    map[presetName]*account.Preset
	history  map[string][]*account.PresetVersion // by preset, in order

	organizations map[string]*account.Organization
	persons       map[string]*account.Person
	sessions      map[string]*account.Session // by hash
	invitations   map[string]*account.Invitation
	setup         map[string]*setup

	groups   map[string]*account.Group
	mappings map[string]*account.GroupMapping
	syncJobs map[string]*account.SyncJob
	policies map[string]*account.FederationPolicy

	privateProviders map[string]*private.Provider
	privateEndpoints map[string]*private.Endpoint
}

// Open reads the directory from the store.
func Open(ctx context.Context, s store.Store, o Options) (*Directory, error) {
	d := &Directory{store: s, Options: o, ruled: map[subject]*Rules{}, compiled: map[string]*filter.Set{}, present: present{
		workspaces:   map[string]*account.Workspace{o.Workspace: {ID: o.Workspace, Account: o.Account, Name: "Default workspace", Slug: "default"}},
		members:      map[string]*account.Member{},
		guardrails:   map[string]*account.Guardrail{},
		credentials:  map[string]*account.Credential{},
		destinations: map[string]*account.Destination{},
		presets:      map[string]*account.Preset{},
		versions:     map[string]*account.PresetVersion{},

		organizations: map[string]*account.Organization{o.Account: {ID: o.Account, Name: "Default organization", Workspace: o.Workspace}},
		persons:       map[string]*account.Person{},
		sessions:      map[string]*account.Session{},
		invitations:   map[string]*account.Invitation{},
		setup:         map[string]*setup{},

		groups:   map[string]*account.Group{},
		mappings: map[string]*account.GroupMapping{},
		syncJobs: map[string]*account.SyncJob{},
		policies: map[string]*account.FederationPolicy{},

		privateProviders: map[string]*private.Provider{},
		privateEndpoints: map[string]*private.Endpoint{},
	}}
	if err := s.Things(ctx, d.read); err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	d.present.sort()
	d.present.file()
	d.present.tell()
	return d, nil
}

// read takes one thing. A kind that is not known is another room's.
func (d *Directory) read(t store.Thing) error {
	switch t.Kind {
	case workspaces:
		return decode(d.workspaces, t)
	case members:
		return decode(d.members, t)
	case guardrails:
		return decode(d.guardrails, t)
	case credentials:
		return decode(d.credentials, t)
	case destinations:
		return decode(d.destinations, t)
	case presets:
		return decode(d.presets, t)
	case presetVersions:
		return decode(d.versions, t)
	case organizations:
		return decode(d.organizations, t)
	case persons:
		return decode(d.persons, t)
	case sessions:
		return decode(d.sessions, t)
	case invitations:
		return decode(d.invitations, t)
	case setups:
		return decode(d.setup, t)
	case groups:
		return decode(d.groups, t)
	case mappings:
		return decode(d.mappings, t)
	case syncJobs:
		return decode(d.syncJobs, t)
	case policies:
		return decode(d.policies, t)
	case privateProviders:
		return decode(d.privateProviders, t)
	case privateEndpoints:
		return decode(d.privateEndpoints, t)
	}
	return nil
}

func decode[T any](m map[string]*T, t store.Thing) error {
	v := new(T)
	if err := json.Unmarshal(t.Doc, v); err != nil {
		return fmt.Errorf("%s %s: %w", t.Kind, t.ID, err)
	}
	m[t.ID] = v
	return nil
}

// Workspace is a workspace of the account by its id, or by its slug.
func (d *Directory) Workspace(of, ref string) (*account.Workspace, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.present.workspace(of, ref)
}

func (p *present) workspace(of, ref string) (*account.Workspace, bool) {
	if w := p.workspaces[ref]; w != nil && w.Account == of {
		return w, true
	}
	for _, w := range p.workspaces {
		if w.Slug == ref && w.Account == of {
			return w, true
		}
	}
	return nil, false
}

// Workspaces are the account's, in order of creation.
func (d *Directory) Workspaces(of string) []*account.Workspace {
	return list(d, d.workspaces, func(w *account.Workspace) bool { return w.Account == of },
		func(a, b *account.Workspace) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// Member is a member of the account.
func (d *Directory) Member(of, id string) (*account.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	m := d.members[id]
	return m, m != nil && m.Account == of
}

// Members are the account's, in order of creation.
func (d *Directory) Members(of string) []*account.Member {
	return list(d, d.members, func(m *account.Member) bool { return m.Account == of },
		func(a, b *account.Member) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// Guardrail is a guardrail of the account.
func (d *Directory) Guardrail(of, id string) (*account.Guardrail, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g := d.guardrails[id]
	return g, g != nil && g.Account == of
}

// Guardrails are the account's, in order of creation; of one workspace unless that is "".
func (d *Directory) Guardrails(of, workspace string) []*account.Guardrail {
	return list(d, d.guardrails,
		func(g *account.Guardrail) bool {
			return g.Account == of && (workspace == "" || g.Workspace == workspace)
		},
		func(a, b *account.Guardrail) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

func list[T any](d *Directory, m map[string]*T, keep func(*T) bool, order func(a, b *T) int) []*T {
	d.mu.RLock()
	out := slices.DeleteFunc(slices.Collect(maps.Values(m)), func(v *T) bool { return !keep(v) })
	d.mu.RUnlock()
	slices.SortFunc(out, order)
	return out
}

func cmpOr(first int, a, b string) int {
	if first != 0 {
		return first
	}
	return strings.Compare(a, b)
}

// Tx is one change of the directory while it is being made. What it reads is the present
// without the change.
type Tx struct {
	*Directory
	entry   audit.Entry
	change  store.Change
	effect  []effect
	touched map[string]bool // kinds
}

// effect is what a change of one kind does to the present.
type effect struct {
	kind  string
	apply func(*present)
}

// Update makes a change: f says what, and all of it is written with its entry of the audit
// log, or nothing. An error of f is returned and nothing changes. The end of ctx does not stop
// it.
func (d *Directory) Update(ctx context.Context, entry audit.Entry, f func(*Tx) error) error {
	d.changing.Lock()
	defer d.changing.Unlock()
	tx := &Tx{Directory: d, entry: entry, touched: map[string]bool{}}
	tx.change.Audit = []audit.Entry{entry}
	if err := f(tx); err != nil {
		return err
	}
	// What is queued is written, whoever has stopped waiting for it.
	if err := d.store.Apply(context.WithoutCancel(ctx), tx.change); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range tx.effect {
		e.apply(&d.present)
	}
	d.workedOut(tx.touched)
	return nil
}

// workedOut brings up to date what follows from the kinds that were touched. The caller has
// the lock.
func (d *Directory) workedOut(touched map[string]bool) {
	if touched[credentials] {
		d.present.sort()
	}
	if touched[destinations] {
		d.present.tell()
	}
	if touched[presets] || touched[presetVersions] {
		d.present.file()
	}
	if touched[workspaces] || touched[members] || touched[guardrails] {
		d.ruled, d.compiled = map[subject]*Rules{}, map[string]*filter.Set{}
	}
}

// Tell says in the entry of the whole change what it was, in place of what the entry said. detail is encoded as JSON and
// holds no secret.
func (tx *Tx) Tell(detail any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode what %s of %s was: %w", tx.entry.Action, tx.entry.Target, err)
	}
	tx.change.Audit[0].Detail = string(raw)
	return nil
}

// Note adds an entry to the audit log, after that of the whole change: of something else that
// follows from it, in the account of. detail is encoded as JSON and holds no secret.
func (tx *Tx) Note(of, action, target string, detail map[string]any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode what %s of %s was: %w", action, target, err)
	}
	e := tx.entry
	e.Account, e.Action, e.Target, e.Detail = of, action, target, string(raw)
	tx.change.Audit = append(tx.change.Audit, e)
	return nil
}

// PutKey creates or replaces a key.
func (tx *Tx) PutKey(k *account.Key) { tx.change.Keys = append(tx.change.Keys, k) }

// DeleteKey deletes a key, which must be there.
func (tx *Tx) DeleteKey(hash account.KeyHash) { tx.change.Gone = append(tx.change.Gone, hash) }

// PutWorkspace creates or replaces a workspace. Its slug must be free in its account.
func (tx *Tx) PutWorkspace(w *account.Workspace) error {
	if other, taken := tx.Workspace(w.Account, w.Slug); taken && other.ID != w.ID {
		return fault.Bad("slug", fmt.Sprintf("Workspace %q has the slug %s; choose another", other.Name, w.Slug))
	}
	return put(tx, workspaces, w.ID, w, func(p *present) map[string]*account.Workspace { return p.workspaces })
}

// DeleteWorkspace deletes a workspace, with the guardrails that are filed in it, its
// credentials, its observability destinations and the mappings of groups to it. Presets that were made in it stay: they are the account's.
func (tx *Tx) DeleteWorkspace(id string) {
	for _, g := range tx.guardrails {
		if g.Workspace == id {
			tx.DeleteGuardrail(g.ID)
		}
	}
	for _, c := range tx.credentials {
		if c.Workspace == id {
			tx.DeleteCredential(c.ID)
		}
	}
	for _, x := range tx.destinations {
		if x.Workspace == id {
			tx.DeleteDestination(x.ID)
		}
	}
	for _, m := range tx.mappings {
		if m.Workspace == id {
			remove(tx, mappings, m.ID, mappingsOf)
		}
	}
	for _, s := range tx.presets {
		if s.Workspace == id {
			free := *s
			free.Workspace = ""
			_ = put(tx, presets, s.ID, &free, func(p *present) map[string]*account.Preset { return p.presets }) // it was encoded before
		}
	}
	remove(tx, workspaces, id, func(p *present) map[string]*account.Workspace { return p.workspaces })
}

// PutMember creates or replaces a member. The e-mail address must be free in its account. Who
// has another role than before, or none any more, is signed out of the account.
func (tx *Tx) PutMember(m *account.Member) error {
	if old := tx.members[m.ID]; old != nil && (m.Disabled || m.Role != old.Role || m.Person != old.Person) {
		tx.EndSessions(func(s *account.Session) bool { return s.Member == m.ID })
	}
	for _, other := range tx.members {
		if other.Account == m.Account && other.Email == m.Email && other.ID != m.ID {
			return &fault.Error{Kind: fault.Conflict, Param: "email", Public: "A member with this e-mail address is there already"}
		}
	}
	return put(tx, members, m.ID, m, func(p *present) map[string]*account.Member { return p.members })
}

// DeleteMember deletes a member and signs the person out of the account.
func (tx *Tx) DeleteMember(id string) {
	tx.EndSessions(func(s *account.Session) bool { return s.Member == id })
	remove(tx, members, id, func(p *present) map[string]*account.Member { return p.members })
}

// PutGuardrail creates or replaces a guardrail.
func (tx *Tx) PutGuardrail(g *account.Guardrail) error {
	return put(tx, guardrails, g.ID, g, func(p *present) map[string]*account.Guardrail { return p.guardrails })
}

// DeleteGuardrail deletes a guardrail. Members under it are free of it; whoever deletes one
// frees its keys.
func (tx *Tx) DeleteGuardrail(id string) {
	for _, m := range tx.members {
		if m.Guardrail.Guardrail == id {
			free := *m
			free.Guardrail = account.Assignment{}
			_ = put(tx, members, m.ID, &free, func(p *present) map[string]*account.Member { return p.members }) // it was encoded before
		}
	}
	remove(tx, guardrails, id, func(p *present) map[string]*account.Guardrail { return p.guardrails })
}

func put[T any](tx *Tx, kind, id string, v *T, in func(*present) map[string]*T) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", kind, id, err)
	}
	tx.touched[kind] = true
	tx.change.Things = append(tx.change.Things, store.Thing{Kind: kind, ID: id, Doc: doc})
	tx.effect = append(tx.effect, effect{kind, func(p *present) { in(p)[id] = v }})
	return nil
}

func remove[T any](tx *Tx, kind, id string, from func(*present) map[string]*T) {
	tx.touched[kind] = true
	tx.change.Things = append(tx.change.Things, store.Thing{Kind: kind, ID: id})
	tx.effect = append(tx.effect, effect{kind, func(p *present) { delete(from(p), id) }})
}
