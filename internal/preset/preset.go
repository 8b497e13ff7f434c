// Package preset makes one request of a request and the preset that it names: defaults that
// the request's own members override, tools united, a system prompt where the dialect has
// its place. It promises that bytes which a preset does not concern stay as they came, that
// a setting made in one dialect is used in another only where it means the same, and that
// what cannot be used is told as a loss. It deliberately knows no account and no storage:
// whose presets there are is package directory's. Start with Find and Apply; From makes the
// settings of a new version.
package preset

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// MaxSettings bounds a version: bytes of its config and its system prompt together.
const MaxSettings = 256 << 10

// Settings are one version of a preset.
type Settings struct {
	From   llm.Dialect // whose members Config has
	Config []byte      // a JSON object
	System string      // "" none
}

// Valid reports whether a slug may name a preset: up to 64 ASCII letters, digits, dots,
// hyphens and underscores, of which the first is a letter or a digit.
func Valid(slug string) bool {
	for i := range len(slug) {
		c := slug[i]
		word := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !word && (i == 0 || c != '-' && c != '_' && c != '.') {
			return false
		}
	}
	return slug != "" && len(slug) <= 64
}

// Applied is what became of a request.
type Applied struct {
	Body  []byte
	Model string     // that the URL should name, for a dialect whose URL does
	Lost  []llm.Loss // settings that have no place in the request
}

// Apply gives a request the settings of the preset it names. root is the parsed body, which
// is an object and is not changed. The error is a *fault.Error: nobody names a model.
func Apply(body []byte, root rawjson.Node, to llm.Dialect, ref Reference, s Settings) (Applied, error) {
	var doc, fresh rawjson.Doc
	if err := doc.Parse(s.Config); err != nil {
		return Applied{}, fault.Wrap(fault.Internal, fmt.Errorf("config of preset %s: %w", ref.Slug, err))
	}
	m := merge{to: to, ref: ref, settings: s, config: doc.Root(), root: root, body: body}
	if err := m.model(); err != nil {
		return Applied{}, err
	}
	if !m.anyStays() { // an object to add to needs no care for commas
		m.body, m.drops = []byte("{}"), nil
		if err := fresh.Parse(m.body); err != nil {
			return Applied{}, fault.Wrap(fault.Internal, err)
		}
		m.root = fresh.Root()
	}
	m.remove()
	if whole := pick(m.root, "generateContentRequest"); to == llm.GeminiCount && whole.Kind() == rawjson.Object {
		m.root = whole
	}
	m.fields()
	m.system()
	return Applied{Body: m.patch.Apply(nil, m.body), Model: m.url, Lost: m.lost}, nil
}
