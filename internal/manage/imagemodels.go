package manage

import (
	"encoding/json"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// imageModel is a model that makes images, in OpenRouter's shape (reference §3.8).
type imageModel struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Created      int64             `json:"created"`
	Description  string            `json:"description"`
	Architecture imageArchitecture `json:"architecture"`
	Endpoints    string            `json:"endpoints"` // path of their list
	imageAbilities
}

type imageArchitecture struct {
	Inputs  []string `json:"input_modalities"`
	Outputs []string `json:"output_modalities"`
}

// imageAbilities are what is known of what can be asked for. The catalogue does not know
// which values a parameter takes, nor who streams.
type imageAbilities struct {
	Parameters map[string]capability `json:"supported_parameters"`
	Streams    bool                  `json:"supports_streaming"`
}

type capability struct {
	Type string `json:"type"`
}

type imageEndpoint struct {
	Provider    string       `json:"provider_name"`
	Slug        string       `json:"provider_slug"`
	Tag         string       `json:"provider_tag"`
	Passthrough []string     `json:"allowed_passthrough_parameters"`
	Pricing     []imagePrice `json:"pricing"`
	imageAbilities
}

// imagePrice is dollars for a unit of something.
type imagePrice struct {
	Billable string      `json:"billable"`
	Unit     string      `json:"unit"`
	Cost     json.Number `json:"cost_usd"`
}

// listImageModels is the models that the caller can have images made by.
func (a *API) listImageModels(c *call) (any, error) {
	v := a.viewer(c)
	rows := []imageModel{}
	for _, m := range v.snap.Models() {
		usable := v.drawing(m)
		if len(usable) == 0 {
			continue
		}
		l := v.listing(m)
		rows = append(rows, imageModel{m.Slug, m.Name, m.Created, m.Description, imageArchitecture{l.inputs(), l.outputs()},
			"/api/v1/images/models/" + m.Slug + "/endpoints", newImageAbilities(usable...)})
	}
	return data{rows}, nil
}

// listImageEndpoints is where the caller's requests for images of a model may go.
func (a *API) listImageEndpoints(c *call) (any, error) {
	l, err := a.findModel(c)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(l.outputs(), "image") {
		return nil, fault.New(fault.NotFound, "The model "+l.model.Slug+" makes no images; list those that do at /images/models")
	}
	rows := []imageEndpoint{}
	for _, e := range a.viewer(c).drawing(l.model) {
		rows = append(rows, imageEndpoint{e.Provider.Name, e.Provider.Slug, e.Tag, []string{}, imagePrices(e.Pricing), newImageAbilities(e)})
	}
	return struct {
		ID        string          `json:"id"`
		Endpoints []imageEndpoint `json:"endpoints"`
	}{l.model.Slug, rows}, nil
}

// drawing is the endpoints that a request for images may go to, by ID.
func (v viewer) drawing(m *catalog.Model) []*catalog.Endpoint {
	if !slices.ContainsFunc(v.snap.Endpoints(m.Slug), func(e *catalog.Endpoint) bool { return e.Live && e.Serves(llm.Draw) }) {
		return nil
	}
	return endpoints(v.planOf(m, llm.OpenAIImages, ""))
}

func newImageAbilities(list ...*catalog.Endpoint) imageAbilities {
	out := imageAbilities{Parameters: map[string]capability{}}
	if slices.ContainsFunc(list, func(e *catalog.Endpoint) bool { return slices.Contains(e.Parameters, "seed") }) {
		out.Parameters["seed"] = capability{"boolean"}
	}
	return out
}

// imagePrices are the lines by which a request for images is billed.
func imagePrices(p *catalog.Pricing) []imagePrice {
	out := []imagePrice{}
	if p == nil {
		return out
	}
	add := func(billable, unit string, rates ...*money.Price) {
		for _, r := range rates { // the first that is set holds
			if r == nil {
				continue
			}
			if *r != 0 {
				out = append(out, imagePrice{billable, unit, json.Number(r.String())})
			}
			return
		}
	}
	add("output_image", "image", p.OutputImage)
	add("output_image", "token", p.ImageOutput, &p.Completion)
	add("input_image", "image", p.Image)
	add("input_image", "token", p.ImageInput, &p.Prompt)
	add("input_text", "token", &p.Prompt)
	return out
}
