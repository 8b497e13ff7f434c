package directory

import (
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/moderation"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Rules are what governs the requests of a key, besides what the key says itself. They are
// not changed by anybody.
type Rules struct {
	Policy     policy.Effective
	Limits     []ledger.Limit       // the broadest first; without the key's own
	Guardrails []*account.Guardrail // in force: the workspace's, the member's, the key's
	Filters    *filter.Set          // of their contents; nil: none
	Moderators []moderation.Rule    // models that are asked about a request
	Disabled   string               // why none of the keys works; "" they do
	Lacks      account.Permission   // what the member whose keys they are may not do, and so neither may they
}

// Refuses is why one of the keys that the rules are of does not work; "" it does. A member who
// may not spend has no inference key that does.
func (r *Rules) Refuses(k *account.Key) string {
	if r.Disabled == "" && !k.Management && r.Lacks&account.WriteKeys != 0 {
		return "the role of the member whose key it is does not allow spending"
	}
	return r.Disabled
}

// Rights are what a management key may do now: what it gives, as far as whoever's it is may do
// that.
func (d *Directory) Rights(k *account.Key) account.Permission {
	return k.Rights() &^ d.Governs(k).Lacks
}

// For is the policy for one of the keys that the rules are of: with what it says itself.
func (r *Rules) For(k *account.Key) policy.Effective {
	if k == nil || k.Models == nil && k.Providers == nil {
		return r.Policy
	}
	return r.Policy.With(&policy.Layer{Name: "key", Models: k.Models, Providers: k.Providers})
}

// All are the limits of one of the keys that the rules are of, its own last.
func (r *Rules) All(k *account.Key) []ledger.Limit {
	if k.Limit == nil {
		return r.Limits
	}
	own := ledger.Limit{Cap: *k.Limit, Window: k.LimitReset, IncludeBYOK: k.IncludeBYOK}
	return append(r.Limits[:len(r.Limits):len(r.Limits)], own)
}

// subject is what decides which rules a key has.
type subject struct{ workspace, member, guardrail string }

// Governs is the rules of a key.
func (d *Directory) Governs(k *account.Key) *Rules {
	who := subject{k.Workspace, k.Creator, k.Guardrail.Guardrail}
	d.mu.RLock()
	r := d.ruled[who]
	d.mu.RUnlock()
	if r != nil {
		return r
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r = d.ruled[who]; r == nil {
		r = d.rules(who)
		if len(d.ruled) >= maxRuled { // whoever asks again is worked out again
			clear(d.ruled)
		}
		d.ruled[who] = r
	}
	return r
}

// Preview is the rules of a key as they would be with a guardrail more, or in the place of the
// one that has its id; nil: as they are. Nothing changes.
func (d *Directory) Preview(k *account.Key, draft *account.Guardrail) *Rules {
	d.mu.RLock()
	defer d.mu.RUnlock()
	then := Directory{Options: d.Options, present: d.present, compiled: map[string]*filter.Set{}}
	if draft != nil {
		then.guardrails = maps.Clone(d.guardrails)
		then.guardrails[draft.ID] = draft
	}
	r := then.rules(subject{k.Workspace, k.Creator, k.Guardrail.Guardrail})
	if draft != nil && !slices.Contains(r.Guardrails, draft) {
		r.guard(draft)
		r.Filters = then.filters(r)
	}
	return r
}

// maxRuled bounds the memory of what was worked out.
const maxRuled = 1 << 16

func (d *Directory) rules(who subject) *Rules {
	p, r := &d.present, &Rules{Policy: d.Policy}
	w, m := p.workspaces[who.workspace], p.members[who.member]
	if w != nil {
		r.budgets(w)
		if w.Sort != "" {
			r.Policy = r.Policy.With(&policy.Layer{Name: "workspace " + w.Slug, Sort: w.Sort})
		}
		if g := p.guardrails[DefaultGuardrail(w.ID)]; g != nil {
			r.guard(g)
			r.budget(g, ledger.OfMember, m != nil)
			r.budget(g, ledger.OfKey, true)
		}
	}
	if w == nil && who.workspace != "" {
		r.Disabled = "the workspace that it is in was deleted"
	}
	if m == nil && who.member != "" {
		r.Disabled = "the member whose key it is is no member any more"
	}
	if m != nil {
		r.Lacks = account.AllRights &^ m.Role.Rights()
		if m.Disabled {
			r.Disabled = "the member whose key it is was deactivated"
		} else if w != nil && !p.inside(w, m) {
			r.Disabled = "the member whose key it is is no longer in its workspace"
		}
		if g := p.guardrails[m.Guardrail.Guardrail]; g != nil {
			r.guard(g)
			r.budget(g, ledger.OfMember, true)
		}
	}
	if g := p.guardrails[who.guardrail]; g != nil {
		r.guard(g)
		r.budget(g, ledger.OfKey, true)
	}
	r.Filters = d.filters(r)
	return r
}

// inside reports whether a member is in a workspace: of the default one everybody is.
func (p *present) inside(w *account.Workspace, m *account.Member) bool {
	if o := p.organizations[m.Account]; o != nil && o.Workspace == w.ID {
		return true
	}
	return slices.ContainsFunc(w.Members, func(place account.Membership) bool { return place.Member == m.ID })
}

// filters is the union of the guardrails' content filters, compiled once for each set of
// guardrails. Filters that do not compile together switch the key off: a request must not go
// out past a filter.
func (d *Directory) filters(r *Rules) *filter.Set {
	var rules []filter.Rule
	names := ""
	for _, g := range r.Guardrails {
		if list := Filters(g); len(list) > 0 {
			rules = append(rules, list...)
			names += g.ID + " "
		}
	}
	if len(rules) == 0 {
		return nil
	}
	set, there := d.compiled[names]
	if !there {
		var err error
		if set, err = filter.Compile(rules); err != nil {
			r.Disabled = "the content filters of its guardrails cannot be used together: " + err.Error()
			return nil
		}
		d.compiled[names] = set
	}
	return set
}

// Filters are the content filters of a guardrail.
func Filters(g *account.Guardrail) (rules []filter.Rule) {
	for _, b := range g.Builtins {
		r := filter.Rule{Builtin: b.Slug, Action: filter.ParseAction(b.Action), UserOnly: b.Scope == "user_only", Output: b.Output, Guardrail: g.ID}
		if b.Slug == filter.Injection {
			r.Allow = g.Allowed
		}
		rules = append(rules, r)
	}
	for _, p := range g.Patterns {
		rules = append(rules, filter.Rule{Pattern: p.Pattern, Label: p.Label, Action: filter.ParseAction(p.Action), Output: p.Output, Guardrail: g.ID})
	}
	return rules
}

// budgets are the workspace's, the longest window first.
func (r *Rules) budgets(w *account.Workspace) {
	for _, window := range account.Windows {
		if b, ok := w.BudgetIn(window); ok {
			r.Limits = append(r.Limits, ledger.Limit{Scope: ledger.OfWorkspace, Cap: b.Limit, Window: window, IncludeBYOK: w.BYOKInBudgets})
		}
	}
}

// budget is what a guardrail lets each one under it spend.
func (r *Rules) budget(g *account.Guardrail, of ledger.Scope, there bool) {
	if g.Limit != nil && there {
		r.Limits = append(r.Limits, ledger.Limit{Scope: of, By: g.Name, Cap: *g.Limit, Window: g.Window, IncludeBYOK: g.BYOK})
	}
}

// guard adds a guardrail that is not there yet.
func (r *Rules) guard(g *account.Guardrail) {
	if !slices.Contains(r.Guardrails, g) {
		r.Guardrails = append(r.Guardrails, g)
		l := Layer(g)
		r.Policy = r.Policy.With(&l)
		if m, ok := Moderator(g); ok {
			r.Moderators = append(r.Moderators, m)
		}
	}
}

// Moderator is the model that a guardrail has asked, if any.
func Moderator(g *account.Guardrail) (moderation.Rule, bool) {
	m := g.Moderation
	if m == nil {
		return moderation.Rule{}, false
	}
	return moderation.Rule{
		Guardrail: g.ID, Name: g.Name, Model: m.Model, Categories: m.Categories, Meaning: m.Meaning,
		Flag: m.Action == "flag", UserOnly: m.Scope == "user_only", Open: m.OnError == "allow", Timeout: time.Duration(m.TimeoutMS) * time.Millisecond,
	}, true
}

// Layer is a guardrail as a layer of policy.
func Layer(g *account.Guardrail) policy.Layer {
	l := policy.Layer{
		Name:      "guardrail " + g.Name,
		Providers: g.Providers, IgnoreProviders: g.IgnoreProviders,
		Models: g.Models, IgnoreModels: g.IgnoreModels, Regions: regions(g.Regions),
		ZDR:                 is(g.ZDR, true),
		DenyPaidTraining:    is(g.PaidTraining, false),
		DenyFreeTraining:    is(g.FreeTraining, false),
		DenyFreePublication: is(g.FreePublication, false),
	}
	for group, flag := range map[policy.Group]*bool{
		policy.Anthropic: g.ZDRAnthropic, policy.Google: g.ZDRGoogle, policy.OpenAI: g.ZDROpenAI, policy.XAI: g.ZDRXAI, policy.Other: g.ZDROther,
	} {
		if is(flag, true) {
			l.ZDRFor |= policy.GroupsOf(group)
		}
	}
	return l
}

// regions are those that an endpoint must be in. OpenRouter's three words are the addresses
// that a request arrives at, of which this gateway has the global one: it restricts nothing.
// Its europe is eu where catalogues are short.
func regions(list []string) []string {
	switch {
	case slices.Contains(list, "global"):
		return nil
	case slices.Contains(list, "europe"):
		return append(slices.Clone(list), "eu")
	}
	return list
}

func is(flag *bool, want bool) bool { return flag != nil && *flag == want }

// DefaultGuardrail is the id of the guardrail that all traffic of a workspace is under. It
// follows from the workspace's id, so that it has one before anybody has made it.
func DefaultGuardrail(workspace string) string {
	sum := sha256.Sum256([]byte("default guardrail of " + workspace))
	return id.Derived([16]byte(sum[:16]))
}
