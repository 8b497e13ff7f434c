package manage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// modelRow is a model in OpenRouter's shape (reference §8, Model), with the members that
// OpenAI's SDKs read.
type modelRow struct {
	ID          string             `json:"id"`
	Object      string             `json:"object"`
	OwnedBy     string             `json:"owned_by"`
	Canonical   string             `json:"canonical_slug"`
	HuggingFace *string            `json:"hugging_face_id"`
	Name        string             `json:"name"`
	Created     int64              `json:"created"`
	Description string             `json:"description"`
	Context     *int64             `json:"context_length"`
	Arch        architecture       `json:"architecture"`
	Pricing     pricing            `json:"pricing"`
	Top         topProvider        `json:"top_provider"`
	Limits      *struct{}          `json:"per_request_limits"`
	Parameters  []string           `json:"supported_parameters"`
	Defaults    map[string]float64 `json:"default_parameters"`
	Voices      []string           `json:"supported_voices"`
	Cutoff      *string            `json:"knowledge_cutoff"`
	Expires     *string            `json:"expiration_date"`
	Reasoning   *reasoning         `json:"reasoning,omitempty"`
	Alias       *aliasTarget       `json:"alias_target,omitempty"`
	Links       links              `json:"links"`

	// Ours, of a model that the caller cannot use.
	Needs    []string       `json:"needs,omitempty"`
	Excluded []route.Reason `json:"excluded_by,omitempty"`
}

type architecture struct {
	Modality  string   `json:"modality"`
	Inputs    []string `json:"input_modalities"`
	Outputs   []string `json:"output_modalities"`
	Tokenizer string   `json:"tokenizer"`
	Instruct  *string  `json:"instruct_type"`
}

type topProvider struct {
	Context   *int64 `json:"context_length"`
	Output    *int64 `json:"max_completion_tokens"`
	Moderated bool   `json:"is_moderated"`
}

type reasoning struct {
	Mandatory bool     `json:"mandatory"`
	Efforts   []string `json:"supported_efforts"`
	MaxTokens bool     `json:"supports_max_tokens,omitempty"`
}

type aliasTarget struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

type links struct {
	Details string `json:"details"`
}

func (l *listing) row() modelRow {
	m := l.model
	row := modelRow{
		ID: cmp.Or(l.alias, m.Slug), Object: "model", OwnedBy: m.Author, Canonical: cmp.Or(m.CanonicalSlug, m.Slug),
		HuggingFace: present(m.HuggingFaceID), Name: m.Name, Created: m.Created, Description: m.Description,
		Context: known(l.contextLength()), Arch: l.architecture(), Pricing: newPricing(nil),
		Top:        topProvider{Context: known(l.contextLength()), Output: known(m.MaxOutput), Moderated: m.Moderated},
		Parameters: l.parameters(), Defaults: defaults(m.DefaultParameters),
		Cutoff: present(m.KnowledgeCutoff), Expires: present(m.Expires), Reasoning: l.reasoning(),
		Links: links{"/api/v1/models/" + m.Slug + "/endpoints"},
		Needs: l.needs, Excluded: l.excluded,
	}
	if l.alias != "" {
		row.Alias = &aliasTarget{m.Slug, m.Name}
	}
	if e := l.shown; e != nil {
		row.Pricing = newPricing(e.Pricing)
		row.Top.Context = known(cmp.Or(e.ContextLength, l.contextLength()))
		row.Top.Output = known(cmp.Or(e.MaxOutput, m.MaxOutput))
	}
	return row
}

func (l *listing) contextLength() int64 {
	if l.model.ContextLength == 0 && l.shown != nil {
		return l.shown.ContextLength
	}
	return l.model.ContextLength
}

func (l *listing) architecture() architecture {
	in, out := l.inputs(), l.outputs()
	return architecture{
		Modality: strings.Join(in, "+") + "->" + strings.Join(out, "+"),
		Inputs:   in, Outputs: out,
		Tokenizer: cmp.Or(l.model.Tokenizer, "Other"), Instruct: present(l.model.InstructType),
	}
}

// text is what a model takes and gives when nobody says.
var text = []string{"text"}

func (l *listing) inputs() []string  { return orText(l.model.InputModalities) }
func (l *listing) outputs() []string { return orText(l.model.OutputModalities) }

func orText(list []string) []string {
	if len(list) == 0 {
		return text
	}
	return list
}

// parameters are the model's, else what any of its usable endpoints takes.
func (l *listing) parameters() []string {
	if len(l.model.SupportedParameters) > 0 {
		return l.model.SupportedParameters
	}
	list := []string{}
	for _, e := range l.usable {
		list = append(list, e.Parameters...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// sampling are the members that OpenRouter allows in default_parameters.
var sampling = []string{"temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "repetition_penalty"}

func defaults(all map[string]float64) map[string]float64 {
	var out map[string]float64
	for _, name := range sampling {
		if v, ok := all[name]; ok {
			if out == nil {
				out = map[string]float64{}
			}
			out[name] = v
		}
	}
	return out
}

// efforts are the words for how much to think, most first.
var efforts = []string{"max", "xhigh", "high", "medium", "low", "minimal", "none"}

// reasoning joins what the endpoints offer; it is mandatory where no endpoint can do
// without.
func (l *listing) reasoning() *reasoning {
	if !l.model.Reasoning {
		return nil
	}
	list := l.usable
	if len(list) == 0 && l.shown != nil {
		list = []*catalog.Endpoint{l.shown}
	}
	r := &reasoning{Mandatory: len(list) > 0}
	offered := map[string]bool{}
	for _, e := range list {
		r.Mandatory = r.Mandatory && e.Reasoning.Mandatory
		r.MaxTokens = r.MaxTokens || e.Reasoning.Budget
		for _, word := range e.Reasoning.Efforts {
			offered[word] = true
		}
	}
	for _, word := range efforts {
		if offered[word] {
			r.Efforts = append(r.Efforts, word)
		}
	}
	return r
}
