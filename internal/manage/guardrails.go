package manage

import (
	"cmp"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

func (a *API) listGuardrails(c *call) (any, error) {
	workspace := a.workspaceOf(c, c.params())
	return paged(c, a.Directory.Guardrails(a.account(c), workspace), newGuardrailRow)
}

func (a *API) getGuardrail(c *call) (any, error) {
	g, err := a.findGuardrail(c)
	if err != nil {
		return nil, err
	}
	return data{newGuardrailRow(g)}, nil
}

// findGuardrail is the guardrail that the path names.
func (a *API) findGuardrail(c *call) (*account.Guardrail, error) {
	return a.guardrailWith(c, c.PathValue("id"))
}

// guardrailWith is the guardrail that has an id. The default one of a workspace is there before
// anybody has made it, and demands nothing.
func (a *API) guardrailWith(c *call, id string) (*account.Guardrail, error) {
	of := a.account(c)
	if g, ok := a.Directory.Guardrail(of, id); ok {
		return g, nil
	}
	for _, w := range a.Directory.Workspaces(of) {
		if directory.DefaultGuardrail(w.ID) == id {
			return &account.Guardrail{ID: id, Account: of, Workspace: w.ID, Name: "Default guardrail of " + w.Name, Created: w.Created}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "No guardrail has this id; list them at /guardrails")
}

func (a *API) createGuardrail(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	g := &account.Guardrail{ID: newUUID(), Account: a.account(c), Created: c.now}
	if !b.has("name") {
		b.fail("name", "given")
	}
	if b.guardrail(g); b.err != nil {
		return nil, b.err
	}
	if err := a.known(g.Moderation); err != nil {
		return nil, err
	}
	w, err := a.findWorkspace(c, cmp.Or(b.within("workspace_id", false, 1, maxText), a.home(c)))
	if err != nil {
		return nil, fault.Bad("workspace_id", "No workspace has this id; list them at /workspaces")
	}
	g.Workspace = w.ID
	row := newGuardrailRow(g)
	if err := a.change(c, a.entry(c, "guardrail.create", g.ID, row), func(tx *directory.Tx) error { return tx.PutGuardrail(g) }); err != nil {
		return nil, err
	}
	return created{data{row}}, nil
}

func (a *API) updateGuardrail(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	if _, err := a.findGuardrail(c); err != nil {
		return nil, err
	}
	var g account.Guardrail
	err = a.change(c, a.entry(c, "guardrail.update", c.PathValue("id"), nil), b.telling(func(tx *directory.Tx) error {
		old, err := a.findGuardrail(c)
		if err != nil {
			return err
		}
		g = *old
		if b.guardrail(&g); b.err != nil {
			return b.err
		}
		if err := a.known(g.Moderation); err != nil && b.has("moderation") {
			return err
		}
		g.Updated = c.now
		return tx.PutGuardrail(&g)
	}))
	if err != nil {
		return nil, err
	}
	return data{newGuardrailRow(&g)}, nil
}

// deleteGuardrail frees everybody who is under it.
func (a *API) deleteGuardrail(c *call) (any, error) {
	id := c.PathValue("id")
	if _, ok := a.Directory.Guardrail(a.account(c), id); !ok {
		return nil, fault.New(fault.NotFound, "No guardrail has this id; list them at /guardrails")
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	keys, err := a.keysUnder(c, id)
	if err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "guardrail.delete", id, map[string]any{"keys_freed": len(keys)}), func(tx *directory.Tx) error {
		free(tx, keys)
		tx.DeleteGuardrail(id)
		return nil
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// free takes keys out from under their guardrails.
func free(tx *directory.Tx, keys []*account.Key) {
	for _, k := range keys {
		freed := *k
		freed.Guardrail = account.Assignment{}
		tx.PutKey(&freed)
	}
}

// keysUnder are the account's keys under a guardrail; "" is any.
func (a *API) keysUnder(c *call, guardrail string) ([]*account.Key, error) {
	return a.keys(c, store.KeyFilter{IncludeDisabled: true}, func(k *account.Key) bool {
		under := k.Guardrail.Guardrail
		return under != "" && (guardrail == "" || under == guardrail)
	})
}

// guardrail sets what the body has; lists are replaced whole.
func (b *body) guardrail(g *account.Guardrail) {
	if b.has("name") {
		g.Name = b.within("name", false, 1, 200)
	}
	if b.has("description") {
		g.Description = b.within("description", true, 0, 1000)
	}
	for name, list := range map[string]*[]string{
		"allowed_models": &g.Models, "ignored_models": &g.IgnoreModels,
		"allowed_providers": &g.Providers, "ignored_providers": &g.IgnoreProviders, "allowed_data_regions": &g.Regions,
	} {
		if b.has(name) {
			*list = b.texts(name, true, maxRules)
		}
	}
	for name, flag := range map[string]**bool{
		"enforce_zdr": &g.ZDR, "enforce_zdr_anthropic": &g.ZDRAnthropic, "enforce_zdr_google": &g.ZDRGoogle,
		"enforce_zdr_openai": &g.ZDROpenAI, "enforce_zdr_xai": &g.ZDRXAI, "enforce_zdr_other": &g.ZDROther,
		"enable_paid_model_training": &g.PaidTraining, "enable_free_model_training": &g.FreeTraining,
		"enable_free_model_publication": &g.FreePublication,
	} {
		if b.has(name) {
			*flag = b.flagOrNull(name)
		}
	}
	if b.has("limit_usd") {
		g.Limit = b.limit("limit_usd")
	}
	if b.has("reset_interval") {
		g.Window = b.window("reset_interval")
	}
	if b.has("include_byok_in_budgets") {
		g.BYOK = b.flag("include_byok_in_budgets")
	}
	b.filters(g)
	b.moderation(g)
}

// maxRules bounds the lists of a guardrail.
const maxRules = 1000

// guardrailRow is a guardrail as the API shows it.
type guardrailRow struct {
	ID              string                  `json:"id"`
	Name            string                  `json:"name"`
	Description     *string                 `json:"description"`
	Workspace       *string                 `json:"workspace_id"`
	Models          []string                `json:"allowed_models"`
	IgnoreModels    []string                `json:"ignored_models"`
	Providers       []string                `json:"allowed_providers"`
	IgnoreProviders []string                `json:"ignored_providers"`
	Regions         []string                `json:"allowed_data_regions"`
	Limit           *money.Amount           `json:"limit_usd"`
	Interval        *string                 `json:"reset_interval"`
	BYOK            bool                    `json:"include_byok_in_budgets"`
	ZDR             *bool                   `json:"enforce_zdr"`
	ZDRAnthropic    *bool                   `json:"enforce_zdr_anthropic"`
	ZDRGoogle       *bool                   `json:"enforce_zdr_google"`
	ZDROpenAI       *bool                   `json:"enforce_zdr_openai"`
	ZDRXAI          *bool                   `json:"enforce_zdr_xai"`
	ZDROther        *bool                   `json:"enforce_zdr_other"`
	PaidTraining    *bool                   `json:"enable_paid_model_training"`
	FreeTraining    *bool                   `json:"enable_free_model_training"`
	FreePublication *bool                   `json:"enable_free_model_publication"`
	Builtins        []account.BuiltinFilter `json:"content_filter_builtins"`
	Patterns        []patternRow            `json:"content_filters"`
	Allowed         []string                `json:"prompt_injection_allow_list"`
	Moderation      *account.Moderation     `json:"moderation"`
	Created         string                  `json:"created_at"`
	Updated         *string                 `json:"updated_at"`
}

type patternRow struct {
	Pattern string  `json:"pattern"`
	Action  string  `json:"action"`
	Label   *string `json:"label"`
	Output  bool    `json:"scan_output,omitempty"`
}

func newGuardrailRow(g *account.Guardrail) guardrailRow {
	r := guardrailRow{
		ID: g.ID, Name: g.Name, Description: present(g.Description), Workspace: present(g.Workspace),
		Models: g.Models, IgnoreModels: g.IgnoreModels, Providers: g.Providers, IgnoreProviders: g.IgnoreProviders, Regions: g.Regions,
		Limit: g.Limit, Interval: present(string(g.Window)), BYOK: g.BYOK,
		ZDR: g.ZDR, ZDRAnthropic: g.ZDRAnthropic, ZDRGoogle: g.ZDRGoogle, ZDROpenAI: g.ZDROpenAI, ZDRXAI: g.ZDRXAI, ZDROther: g.ZDROther,
		PaidTraining: g.PaidTraining, FreeTraining: g.FreeTraining, FreePublication: g.FreePublication,
		Builtins: g.Builtins, Allowed: g.Allowed, Moderation: g.Moderation, Created: timestamp(g.Created), Updated: since(g.Updated),
	}
	for _, p := range g.Patterns {
		r.Patterns = append(r.Patterns, patternRow{p.Pattern, p.Action, present(p.Label), p.Output})
	}
	return r
}
