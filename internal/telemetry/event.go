// Package telemetry is what a request is told to others as: spans of OpenTelemetry, with
// the names of its conventions for generative AI in one place, or what a service has
// instead; where they go, and which requests go there. It is pure: package broadcast sends
// them. Start with Kinds and Target.Calls.
package telemetry

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// Event is a request that has ended, with the names that its record has not.
type Event struct {
	Record  *generation.Record
	Said    *transcript.Transcript // nil: it is not for the destination
	KeyName string
	Email   string // of the member whose key it is
}

// For is what of the event a destination may have.
func (e Event) For(d *account.Destination) Event {
	if d.Private {
		e.Said = nil
	}
	return e
}
