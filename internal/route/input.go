package route

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Input is all that a plan depends on.
type Input struct {
	Request      *llm.Request
	Models       []Candidates // the model asked for, then those to fall back to
	Revision     string       // of the catalogue the endpoints are from
	Credentials  []Credential // of the account's own, in the order they are tried
	Health       *health.Snapshot
	Policy       policy.Effective // without the request's own layer: New adds it
	Seed         uint64           // of the draw
	PromptTokens int64            // estimate, see meter.Estimate; 0 unknown
}

// Candidates are the endpoints of one model. A model the catalogue does not know has none.
type Candidates struct {
	Model     string // slug, routing variants removed: see catalog.Resolved
	Variant   Variant
	Endpoints []*catalog.Endpoint
}
