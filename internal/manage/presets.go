package manage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/preset"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// listPresets are the account's, the one that changed last first.
func (a *API) listPresets(c *call) (any, error) {
	return paged(c, a.Directory.Presets(a.account(c)), func(p *account.Preset) presetRow { return a.presetRow(p) })
}

func (a *API) getPreset(c *call) (any, error) {
	p, err := a.findPreset(c)
	if err != nil {
		return nil, err
	}
	return data{a.wholePreset(c, p)}, nil
}

// findPreset is the preset that the path names.
func (a *API) findPreset(c *call) (*account.Preset, error) {
	p, ok := a.Directory.Preset(a.account(c), c.PathValue("slug"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No preset of this account has this slug; list them at /presets")
	}
	return p, nil
}

func (a *API) listPresetVersions(c *call) (any, error) {
	p, err := a.findPreset(c)
	if err != nil {
		return nil, err
	}
	return paged(c, a.Directory.PresetVersions(p.ID), func(v *account.PresetVersion) *versionRow { return a.versionRow(c, v) })
}

func (a *API) getPresetVersion(c *call) (any, error) {
	p, err := a.findPreset(c)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(c.PathValue("version"), 10, 64)
	if err != nil {
		return nil, fault.Bad("version", "The version in the path must be a number; list them at /presets/{slug}/versions")
	}
	v, ok := a.Directory.PresetVersion(p, n)
	if !ok {
		return nil, fault.New(fault.NotFound, "The preset has no version of this number; list them at /presets/{slug}/versions")
	}
	return data{a.versionRow(c, v)}, nil
}

// probe is the smallest request of a dialect, to see whether the settings of a preset are
// valid in it.
type probe struct {
	surface dialect.Surface
	body    string
}

var (
	chatProbe      = probe{openaichat.Surface{}, `{"model":"a/b@preset/p","messages":[{"role":"user","content":"x"}]}`}
	messagesProbe  = probe{anthropic.Surface{}, `{"model":"a/b@preset/p","messages":[{"role":"user","content":"x"}]}`}
	responsesProbe = probe{responses.Surface{}, `{"model":"a/b@preset/p","input":"x"}`}
)

func (a *API) presetFromChat(c *call) (any, error)      { return a.savePreset(c, chatProbe) }
func (a *API) presetFromMessages(c *call) (any, error)  { return a.savePreset(c, messagesProbe) }
func (a *API) presetFromResponses(c *call) (any, error) { return a.savePreset(c, responsesProbe) }

// savePreset makes a preset of an inference request, or a new version of one that is there.
func (a *API) savePreset(c *call, like probe) (any, error) {
	slug := c.PathValue("slug")
	if !preset.Valid(slug) {
		return nil, fault.Bad("slug", "The slug of a preset is up to 64 letters, digits, dots, hyphens and underscores, a letter or digit first")
	}
	s, err := c.settings(like)
	if err != nil {
		return nil, err
	}
	var p account.Preset
	v := &account.PresetVersion{ID: newUUID(), From: s.From, Config: s.Config, System: s.System, Created: c.now, Creator: cmp.Or(c.member(), c.actor())}
	action := "preset.create"
	if _, there := a.Directory.Preset(a.account(c), slug); there {
		action = "preset.version"
	}
	err = a.change(c, a.entry(c, action, slug, v.Summary()), func(tx *directory.Tx) error {
		p = a.nextPreset(c, tx, slug)
		if p.Status == account.PresetArchived {
			return fault.New(fault.Conflict, fmt.Sprintf("Preset %q is archived; make it active first (PATCH /presets/%s with a management key)", slug, slug))
		}
		v.Preset = p.ID
		if err := tx.AddPresetVersion(&p, v); err != nil {
			return err
		}
		p.Designated = v.Number
		return tx.PutPreset(&p)
	})
	if err != nil {
		return nil, err
	}
	return data{a.wholePreset(c, &p)}, nil
}

// nextPreset is the preset of a slug as it is being changed, or a new one.
func (a *API) nextPreset(c *call, tx *directory.Tx, slug string) account.Preset {
	p := account.Preset{ID: newUUID(), Account: a.account(c), Workspace: a.home(c), Slug: slug, Name: slug, Status: account.PresetActive, Created: c.now, Creator: c.member()}
	if c.key != nil {
		p.Workspace = cmp.Or(c.key.Workspace, a.home(c))
	}
	if old, there := tx.Preset(p.Account, slug); there {
		p = *old
	}
	p.Updated = c.now
	return p
}

// settings reads an inference request as the settings of a preset, and sees whether they are
// valid where they were made.
func (c *call) settings(like probe) (preset.Settings, error) {
	var doc rawjson.Doc
	if _, err := c.parsed(&doc, "; leave out the conversation, which a preset does not keep"); err != nil {
		return preset.Settings{}, err
	}
	s, err := preset.From(doc.Root(), like.surface.Dialect())
	if err != nil {
		return preset.Settings{}, err
	}
	return s, like.takes(s)
}

// takes applies settings to the smallest request and decodes it.
func (p probe) takes(s preset.Settings) error {
	var doc rawjson.Doc
	if err := doc.Parse([]byte(p.body)); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	ref, _, err := preset.Find(doc.Root(), "")
	if err != nil {
		return err
	}
	got, err := preset.Apply([]byte(p.body), doc.Root(), p.surface.Dialect(), ref, s)
	if err != nil {
		return err
	}
	req, err := p.surface.DecodeRequest(dialect.Inbound{Body: got.Body})
	if err == nil {
		req.Doc.Free()
	}
	return err
}

// updatePreset changes what is not in versions, and which of them is in use.
func (a *API) updatePreset(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	old, err := a.findPreset(c)
	if err != nil {
		return nil, err
	}
	var p account.Preset
	err = a.change(c, a.entry(c, "preset.update", old.Slug, nil), b.telling(func(tx *directory.Tx) error {
		now, ok := tx.Preset(old.Account, old.Slug)
		if !ok {
			return fault.New(fault.NotFound, "The preset was deleted meanwhile")
		}
		p = *now
		if b.preset(tx, &p, c); b.err != nil {
			return b.err
		}
		p.Updated = c.now
		return tx.PutPreset(&p)
	}))
	if err != nil {
		return nil, err
	}
	return data{a.wholePreset(c, &p)}, nil
}

// preset sets what the body has.
func (b *body) preset(tx *directory.Tx, p *account.Preset, c *call) {
	if b.has("name") {
		p.Name = b.within("name", false, 1, 200)
	}
	if b.has("description") {
		p.Description = b.within("description", true, 0, 1000)
	}
	if b.has("status") {
		const must = "active, disabled or archived"
		var s account.PresetStatus
		if b.read("status", false, &s, must) && s != account.PresetActive && s != account.PresetDisabled && s != account.PresetArchived {
			b.fail("status", must)
		}
		if s != p.Status {
			p.Status, p.StatusSince = s, c.now
		}
	}
	if b.has("designated_version") {
		b.read("designated_version", false, &p.Designated, "the number of a version")
		if _, ok := tx.PresetVersion(p, p.Designated); !ok {
			b.fail("designated_version", "the number of a version; list them at /presets/{slug}/versions")
		}
	}
}

// deletePreset deletes a preset with its versions.
func (a *API) deletePreset(c *call) (any, error) {
	p, err := a.findPreset(c)
	if err != nil {
		return nil, err
	}
	err = a.change(c, a.entry(c, "preset.delete", p.Slug, map[string]any{"id": p.ID, "versions": len(a.Directory.PresetVersions(p.ID))}), func(tx *directory.Tx) error {
		tx.DeletePreset(p.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// presetRow is a preset as the API shows it (reference §3.21).
type presetRow struct {
	ID          string  `json:"id"`
	Slug        string  `json:"slug"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Status      string  `json:"status"`
	StatusSince *string `json:"status_updated_at"`
	Designated  *string `json:"designated_version_id"`
	Workspace   *string `json:"workspace_id"`
	Creator     *string `json:"creator_user_id"`
	Created     string  `json:"created_at"`
	Updated     string  `json:"updated_at"`
}

type wholePreset struct {
	presetRow
	Version *versionRow `json:"designated_version"`
}

// versionRow is a version as the API shows it.
type versionRow struct {
	ID          string          `json:"id"`
	Preset      string          `json:"preset_id"`
	Number      int64           `json:"version"`
	Config      json.RawMessage `json:"config"`
	System      *string         `json:"system_prompt"`
	From        string          `json:"dialect"` // ours
	Creator     string          `json:"creator_id"`
	CreatorName *string         `json:"created_by_name"` // ours; a member's
	Created     string          `json:"created_at"`
	Updated     string          `json:"updated_at"` // a version never changes
}

func (a *API) presetRow(p *account.Preset) presetRow {
	r := presetRow{
		ID: p.ID, Slug: p.Slug, Name: p.Name, Description: present(p.Description), Status: string(p.Status), StatusSince: since(p.StatusSince),
		Workspace: present(p.Workspace), Creator: present(p.Creator), Created: timestamp(p.Created), Updated: timestamp(p.Updated),
	}
	if v, ok := a.Directory.PresetVersion(p, p.Designated); ok {
		r.Designated = &v.ID
	}
	return r
}

func (a *API) wholePreset(c *call, p *account.Preset) wholePreset {
	w := wholePreset{presetRow: a.presetRow(p)}
	if v, ok := a.Directory.PresetVersion(p, p.Designated); ok {
		w.Version = a.versionRow(c, v)
	}
	return w
}

func (a *API) versionRow(c *call, v *account.PresetVersion) *versionRow {
	return &versionRow{ID: v.ID, Preset: v.Preset, Number: v.Number, Config: v.Config, System: present(v.System), From: string(v.From),
		Creator: v.Creator, CreatorName: a.memberName(c, v.Creator), Created: timestamp(v.Created), Updated: timestamp(v.Created)}
}
