package route

import (
	"errors"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Version of the rules. It changes when the same input may give another plan.
const Version = 1

// Record is an input as it can be written down: everything a plan depends on but the
// catalogue, which its revision names. It holds nothing of the prompt but its size.
type Record struct {
	Version      int                         `json:"version"`
	Catalog      string                      `json:"catalog"` // revision
	Seed         uint64                      `json:"seed"`
	PromptTokens int64                       `json:"prompt_tokens"`
	Models       []RecordedModel             `json:"models"`
	Request      Features                    `json:"request"`
	Policy       policy.Effective            `json:"policy"`
	Credentials  []Credential                `json:"credentials,omitempty"`
	HealthAt     uint64                      `json:"health"`          // revision
	Health       map[string]*health.Endpoint `json:"facts,omitempty"` // of the endpoints, those with any
}

// RecordedModel is a Candidates without its endpoints.
type RecordedModel struct {
	Model   string  `json:"model"`
	Variant Variant `json:"variant,omitzero"`
}

// Features is what the rules read of a request.
type Features struct {
	Routing     llm.Routing `json:"routing"`
	Params      []string    `json:"params,omitempty"`
	Needs       llm.Needs   `json:"needs,omitempty"`
	MaxOutput   int64       `json:"max_output,omitempty"`
	Images      int64       `json:"images,omitempty"`
	ServiceTier string      `json:"service_tier,omitempty"`
}

// NewRecord is the record of an input. It shares what the input points to.
func NewRecord(in *Input) Record {
	r := in.Request
	rec := Record{
		Version: Version, Catalog: in.Revision, Seed: in.Seed, PromptTokens: in.PromptTokens, Policy: in.Policy, Credentials: in.Credentials,
		Request: Features{r.Routing, r.Params, r.Needs, r.MaxOutput, r.Size.Images, r.Tier()},
		Health:  make(map[string]*health.Endpoint),
	}
	if in.Health != nil {
		rec.HealthAt = in.Health.Revision
	}
	for _, m := range in.Models {
		rec.Models = append(rec.Models, RecordedModel{m.Model, m.Variant})
		for _, e := range m.Endpoints {
			if h := in.Health.Of(e.ID); *h != (health.Endpoint{}) {
				rec.Health[e.ID] = h
			}
		}
	}
	return rec
}

// ErrVersion is a record of other rules than these.
var ErrVersion = errors.New("route: recorded under another version of the rules")

// Replay is the plan of a recorded input. endpoints must answer from the catalogue of the
// recorded revision. Other errors are those of New.
func (r *Record) Replay(endpoints func(slug string) []*catalog.Endpoint) (Plan, error) {
	if r.Version != Version {
		return Plan{}, fmt.Errorf("%w: %d, here %d", ErrVersion, r.Version, Version)
	}
	f := &r.Request
	in := Input{
		Request: &llm.Request{Routing: f.Routing, Params: f.Params, Needs: f.Needs, MaxOutput: f.MaxOutput,
			Size: llm.Size{Images: f.Images}, ServiceTier: f.ServiceTier},
		Revision: r.Catalog, Seed: r.Seed, PromptTokens: r.PromptTokens, Policy: r.Policy, Credentials: r.Credentials,
		Health: health.NewSnapshot(r.HealthAt, r.Health),
	}
	for _, m := range r.Models {
		in.Models = append(in.Models, Candidates{m.Model, m.Variant, endpoints(m.Model)})
	}
	return New(in)
}
