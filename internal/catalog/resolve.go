package catalog

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Resolved is what a client's model name means.
type Resolved struct {
	Model *Model
	Alias string // the "~author/family-latest" it was asked by, "" otherwise

	// What the routing variants ask for (reference §4.4); of several sorting ones the last
	// wins.
	Sort     string // "", throughput, price, exacto
	Priority bool   // the priority tier is admitted
	Flex     bool   // the flex tier is admitted
	Online   bool   // web search is asked for
}

// docsURL explains names to the client that has a wrong one.
const docsURL = "https://github.com/dragoman-gateway/dragoman/blob/main/docs/catalog.md#names"

// Resolve reads a model name as clients write it: a slug with a catalogue variant, a
// canonical slug, a "latest" alias, the bare name without author or an upstream's own name
// where only one model has it; each with routing variants. It does not allocate when the
// name is a slug. The error is a *fault.Error of kind NoModel that suggests near names.
func (s *Snapshot) Resolve(requested string) (Resolved, error) {
	if m := s.models[requested]; m != nil {
		return Resolved{Model: m}, nil
	}
	var r Resolved
	slug := r.split(requested)
	if r.Model = s.find(slug); r.Model == nil {
		return Resolved{}, s.unknown(requested, slug)
	}
	if strings.HasPrefix(slug, "~") {
		r.Alias = slug
	}
	return r, nil
}

// split takes the routing variants off, wherever they stand, and leaves the rest.
func (r *Resolved) split(requested string) (slug string) {
	slug, rest, found := strings.Cut(requested, ":")
	for found {
		var variant string
		variant, rest, found = strings.Cut(rest, ":")
		switch variant {
		case "nitro":
			r.Sort, r.Priority, r.Flex = "throughput", true, false
		case "floor":
			r.Sort, r.Priority, r.Flex = "price", false, true
		case "exacto":
			r.Sort, r.Priority, r.Flex = "exacto", false, false
		case "online":
			r.Online = true
		default:
			slug += ":" + variant
		}
	}
	return slug
}

// maxEcho is how much of an unknown name, in bytes, is repeated to the client.
const maxEcho = 128

// unknown is the error for a name that means no model.
func (s *Snapshot) unknown(requested, slug string) error {
	if len(requested) > maxEcho {
		requested, slug = strings.ToValidUTF8(requested[:maxEcho], "")+"…", slug[:min(len(slug), maxEcho)]
	}
	near := s.near(slug)
	if base, variant, _ := strings.Cut(slug, ":"); variant != "" {
		if m := s.find(base); m != nil {
			near = []string{m.Slug}
		}
	}
	e := fault.New(fault.NoModel, s.sentence(requested, slug, near))
	e.Param, e.Code = "model", "model_not_found"
	e.Availability = &fault.Availability{
		Code:            e.Code,
		RequestedModels: []string{requested},
		FallbackModels:  near,
		DocsURL:         docsURL,
	}
	return e
}

func (s *Snapshot) sentence(requested, slug string, near []string) string {
	base, variant, _ := strings.Cut(slug, ":")
	switch m := s.find(base); {
	case requested == "":
		return "No model was named; send one of GET /models"
	case variant != "" && m != nil:
		return fmt.Sprintf("Model %q has no variant %q here; ask for %q", m.Slug, ":"+variant, m.Slug)
	case s.names[strings.ToLower(slug)].many:
		return fmt.Sprintf("Model name %q is ambiguous; use a full slug, such as %s", requested, quoted(near))
	case len(near) > 0:
		return fmt.Sprintf("Model %q is not in the catalogue; did you mean %s?", requested, quoted(near))
	}
	return fmt.Sprintf("Model %q is not in the catalogue; GET /models lists what is", requested)
}

// quoted is a list as a sentence has it: "a", "b" or "c".
func quoted(names []string) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", n)
	}
	return b.String()
}
