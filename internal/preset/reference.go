package preset

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Mark comes before the slug where a model is named.
const Mark = "@preset/"

// Reference is how a request names a preset (reference §4.6).
type Reference struct {
	Slug  string
	Param string // the member that names it: preset or model
	Asked string // the model as the request has it, "" none
	Model string // Asked without the preset, "" none
	InURL bool   // Asked is the URL's
}

// Find is the preset that a request names; false when it names none. inURL is the model of a
// URL that names one. The error is a *fault.Error: it names one in a way that is none.
func Find(root rawjson.Node, inURL string) (Reference, bool, error) {
	r := Reference{Asked: inURL, InURL: inURL != "", Param: "model"}
	if !r.InURL {
		r.Asked = root.Get("model").Str()
	}
	r.Model, r.Slug, _ = strings.Cut(r.Asked, Mark)
	if err := inList(root.Get("models")); err != nil {
		return Reference{}, false, err
	}
	p := root.Get("preset")
	if p.IsNull() {
		return r, strings.Contains(r.Asked, Mark), nil
	}
	slug := strings.TrimPrefix(p.Str(), Mark)
	switch {
	case slug == "":
		return Reference{}, false, fault.Bad("preset", "preset must be the slug of a preset; GET /presets lists them")
	case r.Slug != "" && r.Slug != slug:
		return Reference{}, false, fault.Bad("preset", fmt.Sprintf("preset names %.64q and model names %.64q; name one of them", slug, r.Slug))
	}
	r.Slug, r.Param = slug, "preset"
	return r, true, nil
}

// inList refuses presets among the models to fall back to.
func inList(models rawjson.Node) error {
	for v := range models.Elems() {
		if strings.Contains(v.Str(), Mark) {
			return fault.Bad("models", "models cannot hold a preset; name it in model or preset, and list models only")
		}
	}
	return nil
}

// named reports whether Asked itself names the preset.
func (r Reference) named() bool { return strings.Contains(r.Asked, Mark) }
