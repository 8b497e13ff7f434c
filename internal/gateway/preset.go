package gateway

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/preset"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// presetWord is in every body that names a preset.
var presetWord = []byte("preset")

// mayNamePreset looks for the name of a preset where one can be, without a look at the rest.
func (x *exchange) mayNamePreset() bool {
	named := strings.Contains(x.req.Model, preset.Mark)
	for _, m := range x.req.Models {
		named = named || strings.Contains(m, preset.Mark)
	}
	return named || x.req.Doc != nil && x.req.Doc.Root().Get("preset").Exists()
}

// preset gives the request the settings of the preset it names. A body that is no JSON object is the surface's to refuse.
func (x *exchange) preset() error {
	at, addressed := x.surface.(dialect.Addressed)
	inURL := ""
	if addressed {
		inURL = at.ModelInURL()
	}
	if !bytes.Contains(x.body, presetWord) && !strings.Contains(inURL, preset.Mark) || len(x.body) > 0 && x.body[0] == '-' { // a form
		return nil
	}
	doc := rawjson.Lend()
	defer doc.Free()
	if doc.Parse(x.body) != nil || doc.Root().Kind() != rawjson.Object {
		return nil
	}
	ref, named, err := preset.Find(doc.Root(), inURL)
	if err != nil || !named {
		return err
	}
	s, err := x.settings(ref)
	if err != nil {
		return err
	}
	got, err := preset.Apply(x.body, doc.Root(), x.surface.Dialect(), ref, s)
	if err != nil {
		return err
	}
	x.body, x.named, x.unfit = got.Body, ref.Asked, got.Lost
	if ref.InURL {
		x.surface = at.WithModel(got.Model)
	}
	return nil
}

// settings are those of the preset that the request names.
func (x *exchange) settings(ref preset.Reference) (preset.Settings, error) {
	if op := x.surface.Dialect().Operation(); op != llm.Generate && op != llm.CountTokens {
		return preset.Settings{}, fault.Bad(ref.Param, "Presets are for chat completions, completions, messages, responses and Gemini's generateContent; leave it out and name a model")
	}
	var p *account.Preset
	var v *account.PresetVersion
	there := false
	if x.g.Preset != nil {
		p, v, there = x.g.Preset(x.key, ref.Slug)
	}
	switch {
	case !there:
		return preset.Settings{}, &fault.Error{Kind: fault.NotFound, Param: ref.Param, Code: "preset_not_found",
			Public: fmt.Sprintf("No preset of this account has the slug %.64q; GET /presets lists them, POST /presets/{slug}/chat/completions makes one", ref.Slug)}
	case p.Status != account.PresetActive:
		return preset.Settings{}, &fault.Error{Kind: fault.Denied, Param: ref.Param, Code: "preset_" + string(p.Status),
			Public: fmt.Sprintf("Preset %q is %s; make it active (PATCH /presets/%s with a management key), or send its settings in the request", p.Slug, p.Status, p.Slug)}
	}
	x.rec.Preset = &generation.Preset{ID: p.ID, Slug: p.Slug, Version: v.Number}
	return preset.Settings{From: v.From, Config: v.Config, System: v.System}, nil
}
