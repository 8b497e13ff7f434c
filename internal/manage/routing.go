package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// explainRouting says where a chat completions request would go and why, without sending it.
func (a *API) explainRouting(c *call) (any, error) {
	var doc rawjson.Doc
	raw, err := c.parsed(&doc, "; messages may be left out, or shortened")
	if err != nil {
		return nil, err
	}
	k, err := a.explained(c, doc.Root())
	if err != nil {
		return nil, err
	}
	p, err := a.Explain(c.Context(), k, request(raw, doc.Root()))
	if err != nil {
		return nil, err
	}
	return data{newPreviewRow(p)}, nil
}

// explained is the key whose request it is: one of the account's, or one as a new key of the
// workspace would be.
func (a *API) explained(c *call, root rawjson.Node) (*account.Key, error) {
	hash, workspace := root.Get("key"), root.Get("workspace_id")
	if !hash.IsNull() && !workspace.IsNull() {
		return nil, fault.Bad("workspace_id", "workspace_id cannot be given beside key: a key is in its own workspace")
	}
	if !hash.IsNull() {
		k, ok := a.Store.Key(account.KeyHash(hash.Str()))
		if !ok || !a.owns(c, k) || k.Management {
			return nil, fault.Bad("key", "key must be the hash of an inference key; list them at /keys")
		}
		return k, nil
	}
	k := &account.Key{Account: a.account(c), Workspace: a.home(c), Creator: c.member()}
	if !workspace.IsNull() {
		w, err := a.findWorkspace(c, workspace.Str())
		if err != nil {
			return nil, fault.Bad("workspace_id", "workspace_id must be the id of a workspace; list them at /workspaces")
		}
		k.Workspace = w.ID
	}
	return k, nil
}

// request is the body without what is ours, and with a conversation if it has none.
func request(raw []byte, root rawjson.Node) []byte {
	var p rawjson.Patch
	p.Remove(root, func(key rawjson.Node) bool { return key.Is("key") || key.Is("workspace_id") })
	raw = p.Apply(nil, raw)
	if root.Get("messages").Exists() {
		return raw
	}
	var doc rawjson.Doc
	if doc.Parse(raw) != nil { // what is left of an object is one
		return raw
	}
	p.Reset()
	p.Append(doc.Root(), "messages", []byte(`[{"role":"user","content":"Hello!"}]`))
	return p.Apply(nil, raw)
}

// previewRow is a routing decision before the request.
type previewRow struct {
	Asked    string                `json:"asked"`
	Prompt   int64                 `json:"prompt_tokens"` // estimate
	Steps    []stepRow             `json:"steps"`
	Decision *generation.Decision  `json:"decision"`
	Policy   inForceRow            `json:"policy"`
	Preset   *generation.Preset    `json:"preset"`
	Filtered []generation.Filtered `json:"filtered"`
	Losses   []llm.Loss            `json:"losses"`
	Hold     money.Amount          `json:"hold"`
	Refusal  *refusal              `json:"refusal"`
}

// stepRow is an endpoint that would be tried.
type stepRow struct {
	Endpoint   string         `json:"endpoint"`
	Model      string         `json:"model"`
	Provider   string         `json:"provider_name"`
	Reasons    []route.Reason `json:"reasons"`
	Chance     *float64       `json:"chance"` // of being drawn first of its model's
	Credential *string        `json:"credential_id"`
	Pricing    pricing        `json:"pricing"`
	Most       money.Amount   `json:"max_cost"`
	Elsewhere  *money.Amount  `json:"max_upstream_cost"` // that the account pays itself
	Losses     []llm.Loss     `json:"losses"`
	Fetches    int            `json:"fetches"`
	Refusal    *refusal       `json:"refusal"`
}

// inForceRow is what governs the request, layer by layer.
type inForceRow struct {
	Rules    []policy.Rule   `json:"rules"`
	MaxPrice policy.MaxPrice `json:"max_price"`
	Sort     *string         `json:"sort"`
}

// refusal is an error as an answer tells of it that is none.
type refusal struct {
	Status  int    `json:"status"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

func newRefusal(e *fault.Error) *refusal {
	if e == nil {
		return nil
	}
	return &refusal{e.HTTPStatus(), e.ErrorType(), e.Message()}
}

func newPreviewRow(p *route.Preview) previewRow {
	row := previewRow{
		Asked: p.Asked, Prompt: p.PromptTokens, Steps: []stepRow{}, Decision: p.Plan.Decision(),
		Policy: inForceRow{p.Policy.Listed(), p.Policy.MaxPrice, present(p.Policy.Sort)},
		Preset: p.Preset, Filtered: notNil(p.Filtered), Losses: notNil(p.Losses), Hold: p.Hold, Refusal: newRefusal(p.Refusal),
	}
	for i := range p.Steps {
		row.Steps = append(row.Steps, newStepRow(&p.Plan.Steps[i], &p.Steps[i]))
	}
	return row
}

func newStepRow(s *route.Step, p *route.PreviewStep) stepRow {
	row := stepRow{
		Endpoint: s.Endpoint.ID, Model: s.Model, Provider: s.Endpoint.Provider.Name, Reasons: s.Reasons, Credential: present(s.Own),
		Pricing: newPricing(s.Endpoint.Pricing), Most: p.Most, Losses: notNil(p.Losses), Fetches: len(p.Fetches), Refusal: newRefusal(p.Refusal),
	}
	if s.Share > 0 {
		row.Chance = &s.Share
	}
	if s.Own != "" {
		row.Elsewhere = &p.Elsewhere
	}
	return row
}
