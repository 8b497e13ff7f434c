package directory

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func version(id, preset, model string) *account.PresetVersion {
	return &account.PresetVersion{ID: id, Preset: preset, From: llm.OpenAIChat, Config: []byte(fmt.Sprintf(`{"model":%q}`, model)), Created: noon}
}

func TestPresetsOutliveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(canary.Dir(t), "d.db")
	s := openStore(t, path)
	d := openDirectory(t, s)
	p := &account.Preset{ID: "p1", Account: "a", Slug: "one", Status: account.PresetActive, Designated: 2}
	for _, v := range []*account.PresetVersion{version("v1", "p1", "m/1"), version("v2", "p1", "m/2")} {
		update(t, d, func(tx *Tx) error { return errors.Join(tx.PutPreset(p), tx.AddPresetVersion(p, v)) })
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, path)
	defer s.Close()
	d = openDirectory(t, s)
	for _, k := range []*account.Key{{Account: "a"}, {}} { // a key without an account is of the default one
		got, v, ok := d.Designated(k, "one")
		if !ok || got.ID != "p1" || v.Number != 2 || string(v.Config) != `{"model":"m/2"}` {
			t.Errorf("%+v %+v %v", got, v, ok)
		}
	}
	if _, _, ok := d.Designated(&account.Key{Account: "b"}, "one"); ok {
		t.Error("another account sees it")
	}
	if list := d.PresetVersions("p1"); len(list) != 2 || list[0].Number != 1 {
		t.Errorf("%+v", list)
	}
	update(t, d, func(tx *Tx) error { tx.DeletePreset("p1"); return nil })
	if _, there := d.Preset("a", "one"); there || len(d.PresetVersions("p1")) != 0 {
		t.Error("it is still there")
	}
}

func TestASlugNamesOnePreset(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	defer s.Close()
	d := openDirectory(t, s)
	update(t, d, func(tx *Tx) error { return tx.PutPreset(&account.Preset{ID: "p1", Account: "a", Slug: "one"}) })
	update(t, d, func(tx *Tx) error { return tx.PutPreset(&account.Preset{ID: "p2", Account: "b", Slug: "one"}) })
	err := d.Update(t.Context(), audit.Entry{}, func(tx *Tx) error { return tx.PutPreset(&account.Preset{ID: "p3", Account: "a", Slug: "one"}) })
	if fault.Of(err) != fault.Conflict {
		t.Error(err)
	}
}

func TestPresetsAreBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	defer s.Close()
	d := openDirectory(t, s)
	p := &account.Preset{ID: "p1", Account: "a", Slug: "one"}
	big := version("v1", "p1", "m")
	big.System = string(make([]byte, MaxPresetBytes/2+1))
	update(t, d, func(tx *Tx) error { return errors.Join(tx.PutPreset(p), tx.AddPresetVersion(p, big)) })
	again := *big
	again.ID = "v2"
	if err := d.Update(t.Context(), audit.Entry{}, func(tx *Tx) error { return tx.AddPresetVersion(p, &again) }); fault.Of(err) != fault.Conflict {
		t.Errorf("twice half of what is allowed: %v", err)
	}
}

func TestAPresetOutlivesItsWorkspace(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(canary.Dir(t), "d.db"))
	defer s.Close()
	d := openDirectory(t, s)
	update(t, d, func(tx *Tx) error {
		return errors.Join(tx.PutWorkspace(&account.Workspace{ID: "w1", Account: "a", Slug: "w"}),
			tx.PutPreset(&account.Preset{ID: "p1", Account: "a", Slug: "one", Workspace: "w1"}))
	})
	update(t, d, func(tx *Tx) error { tx.DeleteWorkspace("w1"); return nil })
	if p, there := d.Preset("a", "one"); !there || p.Workspace != "" {
		t.Errorf("%+v", p)
	}
}
