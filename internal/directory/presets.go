package directory

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Bounds of the presets of an account, all of which are in memory.
const (
	MaxPresets        = 1000
	MaxPresetVersions = 1000     // of one preset
	MaxPresetBytes    = 32 << 20 // of all versions
)

// presetName is how requests find a preset.
type presetName struct{ account, slug string }

// Preset is a preset of the account by its slug.
func (d *Directory) Preset(of, slug string) (*account.Preset, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.named[presetName{of, slug}]
	return p, p != nil
}

// Presets are the account's, the one that changed last first.
func (d *Directory) Presets(of string) []*account.Preset {
	return list(d, d.presets, func(p *account.Preset) bool { return p.Account == of },
		func(a, b *account.Preset) int { return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.ID, b.ID)) })
}

// PresetVersions are a preset's, in order.
func (d *Directory) PresetVersions(id string) []*account.PresetVersion {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.history[id])
}

// Designated is the preset that a key may use by the slug, and its version in use. It
// reports false when there is none.
func (d *Directory) Designated(k *account.Key, slug string) (*account.Preset, *account.PresetVersion, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.named[presetName{cmp.Or(k.Account, d.Account), slug}]
	if p == nil {
		return nil, nil, false
	}
	v := d.present.version(p, p.Designated)
	return p, v, v != nil
}

// version is a version of a preset by its number, nil when there is none.
func (p *present) version(of *account.Preset, number int64) *account.PresetVersion {
	list := p.history[of.ID]
	i, there := slices.BinarySearchFunc(list, number, func(v *account.PresetVersion, n int64) int { return cmp.Compare(v.Number, n) })
	if !there {
		return nil
	}
	return list[i]
}

// PresetVersion is a version of a preset by its number.
func (d *Directory) PresetVersion(of *account.Preset, number int64) (*account.PresetVersion, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	v := d.present.version(of, number)
	return v, v != nil
}

// file puts the presets where requests look for them.
func (p *present) file() {
	p.named = map[presetName]*account.Preset{}
	p.history = map[string][]*account.PresetVersion{}
	for _, s := range p.presets {
		p.named[presetName{s.Account, s.Slug}] = s
	}
	for _, v := range p.versions {
		p.history[v.Preset] = append(p.history[v.Preset], v)
	}
	for _, list := range p.history {
		slices.SortFunc(list, func(a, b *account.PresetVersion) int { return cmp.Compare(a.Number, b.Number) })
	}
}

// PutPreset creates or replaces a preset. Its slug must be free in its account.
func (tx *Tx) PutPreset(s *account.Preset) error {
	old, taken := tx.Preset(s.Account, s.Slug)
	if taken && old.ID != s.ID {
		return &fault.Error{Kind: fault.Conflict, Param: "slug", Public: fmt.Sprintf("Another preset has the slug %s; choose another", s.Slug)}
	}
	if !taken && len(tx.Presets(s.Account)) >= MaxPresets {
		return full("presets", MaxPresets)
	}
	return put(tx, presets, s.ID, s, func(p *present) map[string]*account.Preset { return p.presets })
}

// AddPresetVersion gives a preset one more version, whose number it sets.
func (tx *Tx) AddPresetVersion(s *account.Preset, v *account.PresetVersion) error {
	list := tx.history[s.ID]
	if len(list) >= MaxPresetVersions {
		return full("versions of one preset", MaxPresetVersions)
	}
	if v.Number = 1; len(list) > 0 {
		v.Number = list[len(list)-1].Number + 1
	}
	size := v.Size()
	for _, other := range tx.Presets(s.Account) {
		for _, w := range tx.history[other.ID] {
			size += w.Size()
		}
	}
	if size > MaxPresetBytes {
		return full("bytes of presets", MaxPresetBytes)
	}
	return put(tx, presetVersions, v.ID, v, func(p *present) map[string]*account.PresetVersion { return p.versions })
}

func full(what string, most int) error {
	return fault.New(fault.Conflict, fmt.Sprintf("An account has at most %d %s; delete a preset that is not used (DELETE /presets/{slug})", most, what))
}

// DeletePreset deletes a preset with its versions.
func (tx *Tx) DeletePreset(id string) {
	for _, v := range tx.history[id] {
		remove(tx, presetVersions, v.ID, func(p *present) map[string]*account.PresetVersion { return p.versions })
	}
	remove(tx, presets, id, func(p *present) map[string]*account.Preset { return p.presets })
}
