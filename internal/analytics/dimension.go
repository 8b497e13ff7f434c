package analytics

import "strings"

// Dimension is a row of the table of dimensions: what rows can be split and filtered by.
type Dimension struct {
	Name, Label string
	Beside      string // column that says what the value is called, "" none

	each bool                // one row per request: needs a range of at most 31 days
	of   func(*Piece) string // "" is unset
}

// Dimensions are all of them.
var Dimensions = [...]Dimension{
	{Name: "model", Label: "Model", of: func(p *Piece) string { return p.Facet.Model }},
	{Name: "provider", Label: "Provider", of: func(p *Piece) string { return p.Facet.Provider }},
	{Name: "endpoint", Label: "Endpoint", of: func(p *Piece) string { return p.Facet.Endpoint }},
	{Name: "api_key_id", Label: "API Key", Beside: "api_key_name", of: func(p *Piece) string { return p.Facet.Key }},
	{Name: "user", Label: "Member", Beside: "user_email", of: func(p *Piece) string { return p.Facet.Member }},
	{Name: "workspace", Label: "Workspace", Beside: "workspace_name", of: func(p *Piece) string { return p.Facet.Workspace }},
	{Name: "app", Label: "App", of: func(p *Piece) string { return p.Facet.App }},
	{Name: "origin", Label: "Origin", of: func(p *Piece) string { return p.Facet.Origin }},
	{Name: "api_type", Label: "API", of: func(p *Piece) string { return p.Facet.API }},
	{Name: "outcome", Label: "Outcome", of: func(p *Piece) string { return string(p.Facet.Outcome) }},
	{Name: "is_byok", Label: "Paid With Own Provider Key", of: byok},
	{Name: "generation_id", Label: "Generation", each: true, of: func(p *Piece) string { return p.ID }},
}

// ofLabel begins the name of a dimension that is a label of keys: label.team is what the label team of a request's key says.
const ofLabel = "label."

// Labelled reports whether the query is split or filtered by labels of keys: Labels must be set then.
func (a *Ask) Labelled() bool {
	for _, name := range a.Dimensions {
		if strings.HasPrefix(name, ofLabel) {
			return true
		}
	}
	for i := range a.Filters {
		if strings.HasPrefix(a.Filters[i].Field, ofLabel) {
			return true
		}
	}
	return false
}

// dimension is the one with a name. The error says in which member there is none, and what there is.
func (a *Ask) dimension(at, name string) (*Dimension, error) {
	if d := find(Dimensions[:], name, dimensionName); d != nil {
		return d, nil
	}
	label, ok := strings.CutPrefix(name, ofLabel)
	if !ok || label == "" || a.Labels == nil {
		return nil, unknown(at, name, names(Dimensions[:], dimensionName)+", "+ofLabel+"… with the name of a label of keys")
	}
	return &Dimension{Name: name, Label: label, of: func(p *Piece) string { return a.Labels(p.Facet.Key, label) }}, nil
}

func byok(p *Piece) string {
	if p.Facet.BYOK {
		return "true"
	}
	return "false"
}
