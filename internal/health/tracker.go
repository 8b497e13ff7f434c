// Package health
package health

import "time"

// Tracker turns outcomes into snapshots. It is safe for concurrent use.
type Tracker struct{}

// NewTracker is a Tracker that knows nothing.
func NewTracker() *Tracker { return &Tracker{} }

// Observe counts an outcome.
func (t *Tracker) Observe(o Outcome) {}

// Snapshot is what is known at now.
func (t *Tracker) Snapshot(now time.Time) *Snapshot { return Empty }
