package manage

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

func (a *API) listWorkspaces(c *call) (any, error) {
	return paged(c, a.Directory.Workspaces(a.account(c)), newWorkspaceRow)
}

func (a *API) getWorkspace(c *call) (any, error) {
	w, err := a.findWorkspace(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return data{newWorkspaceRow(w)}, nil
}

// findWorkspace is a workspace of the caller's account by its id or slug.
func (a *API) findWorkspace(c *call, ref string) (*account.Workspace, error) {
	w, ok := a.Directory.Workspace(a.account(c), ref)
	if !ok {
		return nil, fault.New(fault.NotFound, "No workspace has this id or slug; list them at /workspaces")
	}
	return w, nil
}

// workspaceOf is the workspace that a query string narrows a list to, by its id or slug; "" none. One that is not there is
// taken as it is: nothing is in it.
func (a *API) workspaceOf(c *call, p *params) string {
	ref, _ := p.get("workspace_id")
	if w, there := a.Directory.Workspace(a.account(c), ref); there {
		return w.ID
	}
	return ref
}

func (a *API) createWorkspace(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	w := &account.Workspace{ID: newUUID(), Account: a.account(c), Created: c.now, Creator: c.member()}
	for _, name := range []string{"name", "slug"} {
		if !b.has(name) {
			b.fail(name, "given")
		}
	}
	a.workspace(c, b, w)
	if b.err != nil {
		return nil, b.err
	}
	row := newWorkspaceRow(w)
	if err := a.change(c, a.entry(c, "workspace.create", w.ID, row), func(tx *directory.Tx) error { return tx.PutWorkspace(w) }); err != nil {
		return nil, err
	}
	return created{data{row}}, nil
}

func (a *API) updateWorkspace(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	w, err := a.rewriteWorkspace(c, "workspace.update", nil, func(tx *directory.Tx, w *account.Workspace) error {
		if a.workspace(c, b, w); b.err != nil {
			return b.err
		}
		return tx.Tell(b.set())
	})
	if err != nil {
		return nil, err
	}
	return data{newWorkspaceRow(w)}, nil
}

// rewriteWorkspace changes the workspace that the path names.
func (a *API) rewriteWorkspace(c *call, action string, detail any, f func(*directory.Tx, *account.Workspace) error) (*account.Workspace, error) {
	old, err := a.findWorkspace(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var w account.Workspace
	err = a.change(c, a.entry(c, action, old.ID, detail), func(tx *directory.Tx) error {
		now, ok := tx.Workspace(old.Account, old.ID)
		if !ok {
			return fault.New(fault.NotFound, "The workspace was deleted meanwhile")
		}
		w = *now
		w.Budgets, w.Members, w.Updated = slices.Clone(now.Budgets), slices.Clone(now.Members), c.now
		if err := f(tx, &w); err != nil {
			return err
		}
		return tx.PutWorkspace(&w)
	})
	return &w, err
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

// workspace sets what the body has.
func (a *API) workspace(c *call, b *body, w *account.Workspace) {
	if b.has("name") {
		w.Name = b.within("name", false, 1, 100)
	}
	if b.has("slug") {
		if w.Slug = b.within("slug", false, 1, 50); b.err == nil && !slugForm.MatchString(w.Slug) {
			b.fail("slug", "lower-case letters and digits, in words joined by hyphens")
		}
	}
	if b.has("description") {
		w.Description = b.within("description", true, 0, 500)
	}
	if b.has("default_text_model") {
		w.TextModel = b.within("default_text_model", true, 0, maxText)
	}
	if b.has("default_image_model") {
		w.ImageModel = b.within("default_image_model", true, 0, maxText)
	}
	if b.has("default_provider_sort") {
		const must = "price, throughput, latency, exacto or null"
		if b.read("default_provider_sort", true, &w.Sort, must) && !slices.Contains([]string{"price", "throughput", "latency", "exacto"}, w.Sort) {
			b.fail("default_provider_sort", must)
		} else if string(b.members["default_provider_sort"]) == "null" {
			w.Sort = ""
		}
	}
	a.logging(c, b, &w.Logging)
}

// logging sets what the body says of prompts and answers.
func (a *API) logging(c *call, b *body, l *account.Logging) {
	if b.has("is_observability_io_logging_enabled") {
		if l.IO = b.flag("is_observability_io_logging_enabled"); l.IO && a.Contents == nil {
			b.fail("is_observability_io_logging_enabled", "false: the operator does not let prompts and answers be kept (contents.forbid)")
		}
	}
	if b.has("is_observability_broadcast_enabled") {
		l.Broadcast = b.flag("is_observability_broadcast_enabled")
	}
	if b.flag("is_data_discount_logging_enabled") {
		b.fail("is_data_discount_logging_enabled", "false: nobody gives a discount for prompts and answers here")
	}
	var numbers []int64
	if b.read("io_logging_api_key_ids", true, &numbers, "null: keys have no numbers here; use io_logging_api_key_hashes") && len(numbers) > 0 {
		b.fail("io_logging_api_key_ids", "null: keys have no numbers here; use io_logging_api_key_hashes")
	}
	if b.has("io_logging_api_key_hashes") {
		l.Hashes = a.subjects(c, b, "io_logging_api_key_hashes", l.Hashes)
	}
	if b.has("io_logging_sampling_rate") {
		l.Sampling = b.share("io_logging_sampling_rate")
	}
	if b.has("io_logging_retention_days") {
		if b.read("io_logging_retention_days", false, &l.Days, "a whole number of days") && (l.Days < 1 || l.Days > 3650) {
			b.fail("io_logging_retention_days", "a whole number of days from 1 to 3650")
		}
	}
}

// share is a part of all requests.
func (b *body) share(name string) (v float64) {
	const must = "a number from 0.0001 to 1"
	if b.read(name, false, &v, must) && !(v >= 0.0001 && v <= 1) {
		b.fail(name, must)
	}
	return v
}

// deleteWorkspace is refused while a key of the workspace works.
func (a *API) deleteWorkspace(c *call) (any, error) {
	w, err := a.findWorkspace(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if a.isHome(w) {
		return nil, fault.New(fault.Denied, "The default workspace cannot be deleted")
	}
	a.writing.Lock() // no key is made in it meanwhile
	defer a.writing.Unlock()
	active, err := a.Store.ListKeys(c.Context(), store.KeyFilter{Workspace: w.ID, Keep: func(k *account.Key) bool { return k.Usable(c.now) }})
	if err != nil {
		return nil, stored("list keys", err)
	}
	if n := len(active); n > 0 {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("The workspace has %d active keys; delete or disable them first", n))
	}
	under, err := a.keysUnder(c, "")
	if err != nil {
		return nil, err
	}
	filed := a.Directory.Guardrails(w.Account, w.ID) // go with it
	under = slices.DeleteFunc(under, func(k *account.Key) bool {
		return !slices.ContainsFunc(filed, func(g *account.Guardrail) bool { return g.ID == k.Guardrail.Guardrail })
	})
	if err := a.change(c, a.entry(c, "workspace.delete", w.ID, map[string]any{"guardrails": len(filed), "keys_freed": len(under)}), func(tx *directory.Tx) error {
		free(tx, under)
		tx.DeleteWorkspace(w.ID)
		return nil
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// epoch is when that was made which is there from the beginning.
var epoch = timestamp(time.Unix(0, 0))

// workspaceRow is a workspace as the API shows it.
type workspaceRow struct {
	ID               string            `json:"id"`
	Name             string            `json:"name"`
	Slug             string            `json:"slug"`
	Description      *string           `json:"description"`
	TextModel        *string           `json:"default_text_model"`
	ImageModel       *string           `json:"default_image_model"`
	Sort             *string           `json:"default_provider_sort"`
	DefaultGuardrail string            `json:"default_guardrail_id"`
	BYOKInBudgets    bool              `json:"include_byok_in_budgets"`
	IO               bool              `json:"is_observability_io_logging_enabled"`
	Broadcast        bool              `json:"is_observability_broadcast_enabled"`
	Discount         bool              `json:"is_data_discount_logging_enabled"`
	LoggedNumbers    []int64           `json:"io_logging_api_key_ids"` // always null: keys have no numbers
	LoggedKeys       []account.KeyHash `json:"io_logging_api_key_hashes"`
	Sampling         float64           `json:"io_logging_sampling_rate"`
	LoggedDays       int               `json:"io_logging_retention_days"`
	Created          string            `json:"created_at"`
	Creator          *string           `json:"created_by"`
	Updated          *string           `json:"updated_at"`
}

func newWorkspaceRow(w *account.Workspace) workspaceRow {
	r := workspaceRow{
		ID: w.ID, Name: w.Name, Slug: w.Slug, Description: present(w.Description),
		TextModel: present(w.TextModel), ImageModel: present(w.ImageModel), Sort: present(w.Sort),
		DefaultGuardrail: directory.DefaultGuardrail(w.ID), BYOKInBudgets: w.BYOKInBudgets,
		IO: w.Logging.IO, Broadcast: w.Logging.Broadcast, Discount: w.Logging.Discount, LoggedKeys: w.Logging.Hashes, Sampling: w.Logging.Share(),
		LoggedDays: int(w.Logging.Life() / (24 * time.Hour)),
		Created:    timestamp(w.Created), Creator: present(w.Creator), Updated: since(w.Updated),
	}
	if w.Created.IsZero() { // the default workspace is there from the beginning
		r.Created = epoch
	}
	return r
}
