package catalog

import "strings"

// name is what else a model is called. A name that two models have at its best rank
// belongs to neither.
type name struct {
	model *Model
	rank  uint8
	many  bool
}

// The ranks of a name: a better one hides a worse one.
const (
	rankCanonical uint8 = iota // the permanent, dated slug
	rankAlias                  // listed in the catalogue
	rankBare                   // the slug without its author
	rankUpstream               // what a provider calls it
)

// nameAll fills s.names. Slugs themselves are not in it: they are in s.models.
func (s *Snapshot) nameAll(aliases []Alias) {
	s.names = make(map[string]name, 4*len(s.models))
	for _, m := range s.sortedModels {
		variant := ""
		if i := strings.IndexByte(m.Slug, ':'); i >= 0 {
			variant = m.Slug[i:]
		}
		if m.CanonicalSlug != m.Slug {
			// The canonical slug of a:free is that of a, so the variant tells them apart.
			s.call(strings.TrimSuffix(m.CanonicalSlug, variant)+variant, m, rankCanonical)
		}
		if _, bare, _ := cutSlug(m.Slug); bare != m.Slug {
			s.call(bare, m, rankBare)
		}
	}
	for _, a := range aliases {
		if m := s.models[a.Model]; m != nil {
			s.call(a.Name, m, rankAlias)
		}
	}
	for _, e := range s.all {
		if !strings.Contains(e.Model.Slug, ":") && e.Provider.Kind != "aggregator" {
			s.call(e.UpstreamModel, e.Model, rankUpstream)
		}
	}
}

func (s *Snapshot) call(as string, m *Model, rank uint8) {
	as = strings.ToLower(as)
	old, taken := s.names[as]
	switch {
	case !taken || rank < old.rank:
		s.names[as] = name{model: m, rank: rank}
	case rank == old.rank && old.model != m:
		old.many = true
		s.names[as] = old
	}
}

// find is the model of a slug or another name, in any case; nil when there is none or
// more than one.
func (s *Snapshot) find(slug string) *Model {
	if m := s.models[slug]; m != nil {
		return m
	}
	lower := strings.ToLower(slug)
	if m := s.models[lower]; m != nil {
		return m
	}
	if n := s.names[lower]; !n.many {
		return n.model
	}
	return nil
}
