package manage

import (
	"cmp"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// maxExample is how many characters of a text are tried.
const maxExample = 100_000

// preview is what would be allowed, and what would become of a text. The text is in the answer
// and nowhere else.
type preview struct {
	Guardrails []previewRule     `json:"guardrails"`
	Moderators []string          `json:"moderation_models"`
	Model      *string           `json:"model"`
	Endpoints  []previewEndpoint `json:"endpoints"` // of Model
	Counts     previewCounts     `json:"counts"`
	Text       *previewText      `json:"text"`
}

type previewRule struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// previewEndpoint is an endpoint, and why a plain request would not be sent there.
type previewEndpoint struct {
	Provider string       `json:"provider_name"`
	Tag      string       `json:"tag"`
	Allowed  bool         `json:"allowed"`
	Reason   route.Reason `json:"reason,omitempty"`
	By       []string     `json:"by,omitempty"` // whose rule it is; none: it lies in the endpoint
}

// previewCounts are over the models asked about that can be called at all.
type previewCounts struct {
	Models           int               `json:"models"`
	AllowedModels    int               `json:"allowed_models"`
	Endpoints        int               `json:"endpoints"`
	AllowedEndpoints int               `json:"allowed_endpoints"`
	Excluded         []previewExcluded `json:"excluded"`
}

type previewExcluded struct {
	Reason    route.Reason `json:"reason"`
	By        []string     `json:"by"`
	Endpoints int          `json:"endpoints"`
}

// previewText is what becomes of a text as a user's message, and as an answer.
type previewText struct {
	Request previewScan `json:"request"`
	Answer  previewScan `json:"answer"`
}

type previewScan struct {
	Action   string           `json:"action"` // the strongest that was found
	Text     *string          `json:"text"`   // what goes on, null when nothing does
	Findings []previewFinding `json:"findings"`
}

type previewFinding struct {
	Filter    string `json:"filter"`
	Name      string `json:"name,omitempty"`
	Action    string `json:"action"`
	Guardrail string `json:"guardrail_id"`
	Start     int    `json:"start"` // bytes
	End       int    `json:"end"`
}

func (a *API) previewGuardrail(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	draft, err := a.draft(c, b)
	if err != nil {
		return nil, err
	}
	who, err := a.previewed(c, b)
	if err != nil {
		return nil, err
	}
	name, text := b.text("model", true), b.within("text", true, 0, maxExample)
	if b.err != nil {
		return nil, b.err
	}
	rules := a.Directory.Preview(who, draft)
	if rules.Disabled != "" {
		return nil, fault.New(fault.Conflict, "Under these rules a key does not work: "+rules.Disabled)
	}
	p := preview{Guardrails: []previewRule{}, Moderators: []string{}, Endpoints: []previewEndpoint{}, Counts: previewCounts{Excluded: []previewExcluded{}}}
	for _, g := range rules.Guardrails {
		p.Guardrails = append(p.Guardrails, previewRule{g.ID, g.Name})
	}
	for i := range rules.Moderators {
		p.Moderators = append(p.Moderators, rules.Moderators[i].Model)
	}
	if b.has("text") {
		p.Text = tried(rules.Filters, text)
	}
	if err := a.eligible(&p, rules, who, name); err != nil {
		return nil, err
	}
	return data{p}, nil
}

// draft is the guardrail that the preview is about: one that is there, with changes, or one that
// is not; nil when it is about the rules as they are.
func (a *API) draft(c *call, b *body) (*account.Guardrail, error) {
	g := &account.Guardrail{ID: newUUID(), Account: a.account(c), Name: "draft"}
	id := b.text("guardrail_id", true)
	if id != "" {
		old, err := a.guardrailWith(c, id)
		if err != nil {
			return nil, err
		}
		*g = *old
	}
	changes := body{}
	if !b.read("guardrail", true, &changes.members, "an object with the members of a guardrail") {
		if id == "" {
			g = nil
		}
		return g, b.err
	}
	if changes.guardrail(g); changes.err != nil {
		return nil, changes.err
	}
	return g, a.known(g.Moderation)
}

// previewed is a key as its rules see it: one that is there, or one that a member, or a
// workspace, would have.
func (a *API) previewed(c *call, b *body) (*account.Key, error) {
	hash, member, workspace := b.text("key_hash", true), b.text("member_id", true), b.text("workspace_id", true)
	if b.err != nil {
		return nil, b.err
	}
	if hash != "" {
		k, ok := a.Store.Key(account.KeyHash(hash))
		if !ok || !a.owns(c, k) {
			return nil, fault.New(fault.NotFound, "No key has this hash; list the hashes at /keys?include_disabled=true")
		}
		return k, nil
	}
	k := &account.Key{Account: a.account(c)}
	if member != "" {
		if _, err := a.findMember(c, member); err != nil {
			return nil, err
		}
		k.Creator = member
	}
	if workspace != "" || member != "" {
		w, err := a.findWorkspace(c, cmp.Or(workspace, a.home(c)))
		if err != nil {
			return nil, err
		}
		k.Workspace = w.ID
	}
	return k, nil
}

// eligible fills in where plain requests may go: of one model, or counted over all.
func (a *API) eligible(p *preview, rules *directory.Rules, who *account.Key, name string) error {
	v := viewer{a.Catalog(), rules.For(who)}
	if name == "" {
		for _, m := range v.snap.Models() {
			p.count(v, m)
		}
		return nil
	}
	m, err := v.snap.Resolve(name)
	if err != nil {
		return err
	}
	p.Model = &m.Model.Slug
	p.Endpoints = p.count(v, m.Model)
	return nil
}

// count adds a model to the counts, and gives its endpoints.
func (p *preview) count(v viewer, m *catalog.Model) []previewEndpoint {
	plan := v.plan(m, "")
	in := route.Input{Request: &llm.Request{From: workOf(m)}, Policy: v.policy}
	rows := []previewEndpoint{}
	live := false
	for _, e := range endpoints(plan) {
		live = true
		p.Counts.Endpoints++
		p.Counts.AllowedEndpoints++
		rows = append(rows, previewEndpoint{Provider: e.Provider.Name, Tag: e.Tag, Allowed: true})
	}
	for _, d := range plan.Dropped {
		row := previewEndpoint{Provider: d.Endpoint.Provider.Name, Tag: d.Endpoint.Tag, Reason: d.Reason, By: route.Objectors(in, d.Endpoint, d.Reason)}
		if rows = append(rows, row); d.Endpoint.Live {
			live = true
			p.Counts.Endpoints++
			p.Counts.exclude(row)
		}
	}
	if live {
		p.Counts.Models++
	}
	if len(plan.Steps) > 0 {
		p.Counts.AllowedModels++
	}
	return rows
}

// workOf is a dialect of what a model does.
func workOf(m *catalog.Model) llm.Dialect {
	e := catalog.Endpoint{Model: m}
	for _, d := range works {
		if e.Serves(d.Operation()) {
			return d
		}
	}
	return llm.OpenAIChat
}

func (c *previewCounts) exclude(row previewEndpoint) {
	for i := range c.Excluded {
		if x := &c.Excluded[i]; x.Reason == row.Reason && slices.Equal(x.By, row.By) {
			x.Endpoints++
			return
		}
	}
	c.Excluded = append(c.Excluded, previewExcluded{row.Reason, notNil(row.By), 1})
}

// tried is what content filters would do to a text.
func tried(set *filter.Set, text string) *previewText {
	return &previewText{Request: scanned(set, text, filter.User), Answer: scanned(set, text, filter.Answer)}
}

func scanned(set *filter.Set, text string, from filter.Source) previewScan {
	s := previewScan{Action: filter.None.String(), Text: &text, Findings: []previewFinding{}}
	if set == nil {
		return s
	}
	clean, found := set.Redact(text, from)
	strongest := filter.None
	for _, f := range found {
		strongest = max(strongest, f.Action)
		s.Findings = append(s.Findings, previewFinding{f.Slug, f.Name, f.Action.String(), f.Guardrail, f.Start, f.End})
	}
	if s.Action, s.Text = strongest.String(), &clean; strongest == filter.Block {
		s.Text = nil
	}
	return s
}
