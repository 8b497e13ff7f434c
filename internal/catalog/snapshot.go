package catalog

import (
	"slices"
	"strings"
)

// Snapshot is a catalogue as of one moment. It is immutable and safe for concurrent use;
// what its methods return is shared and must not be changed.
type Snapshot struct {
	revision  string
	providers map[string]*Provider
	models    map[string]*Model
	endpoints map[string]*Endpoint // by ID

	all             []*Endpoint            // by model, then ID
	byModel         map[string][]*Endpoint // slices of all
	sortedModels    []*Model
	sortedProviders []*Provider
	names           map[string]name
}

// Revision is a short hash of everything in the snapshot: equal content, equal revision.
func (s *Snapshot) Revision() string { return s.revision }

// Models are all models by slug.
func (s *Snapshot) Models() []*Model { return s.sortedModels }

// Model is the model of exactly that slug, nil if there is none. See Resolve for what
// clients write.
func (s *Snapshot) Model(slug string) *Model { return s.models[slug] }

// Endpoints are the endpoints of a model by ID, live or not.
func (s *Snapshot) Endpoints(slug string) []*Endpoint { return s.byModel[slug] }

// AllEndpoints are the endpoints of every model, by model and then ID.
func (s *Snapshot) AllEndpoints() []*Endpoint { return s.all }

// Endpoint is the endpoint of that ID, nil if there is none.
func (s *Snapshot) Endpoint(id string) *Endpoint { return s.endpoints[id] }

// Providers are all providers by slug.
func (s *Snapshot) Providers() []*Provider { return s.sortedProviders }

// Provider is the provider of that slug, nil if there is none.
func (s *Snapshot) Provider(slug string) *Provider { return s.providers[slug] }

// arrange sorts and indexes what the maps hold.
func (s *Snapshot) arrange(aliases []Alias) {
	slices.SortFunc(s.all, byID)
	s.sortedModels = sorted(s.models, func(m *Model) string { return m.Slug })
	s.sortedProviders = sorted(s.providers, func(p *Provider) string { return p.Slug })
	s.byModel = make(map[string][]*Endpoint, len(s.models))
	for start := 0; start < len(s.all); {
		slug, end := s.all[start].Model.Slug, start+1
		for end < len(s.all) && s.all[end].Model.Slug == slug {
			end++
		}
		s.byModel[slug] = s.all[start:end:end]
		start = end
	}
	s.nameAll(aliases)
}

func sorted[T any](m map[string]*T, slug func(*T) string) []*T {
	rows := make([]*T, 0, len(m))
	for _, r := range m {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b *T) int { return strings.Compare(slug(a), slug(b)) })
	return rows
}
