// Package route decides where a request goes.
package route

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// Plan is the order of attempts, and for every other endpoint of the models the reason
// why it is not among them.
type Plan struct {
	Steps   []Step
	Dropped []Dropped

	revision string
	health   uint64
	seed     uint64
}

// Step is an endpoint to try.
type Step struct {
	Endpoint *catalog.Endpoint
	Model    string   // slug as in Candidates
	Reasons  []Reason // why it stands where it stands, at least one
}

// Dropped is an endpoint that is not tried.
type Dropped struct {
	Endpoint *catalog.Endpoint
	Model    string
	Reason   Reason
}

// Decision is the plan as it is recorded.
func (p *Plan) Decision() *generation.Decision { return nil }

// New is the plan for a request.
func New(in Input) (Plan, error) { return Plan{}, fault.New(fault.Unbuilt, "") }
