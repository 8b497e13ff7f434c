package health

import (
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Outcome is how one call of one endpoint ended.
type Outcome struct {
	Endpoint   string // catalog.Endpoint.ID
	At         time.Time
	OK         bool       // a whole answer came; Kind and Status are not read
	Kind       fault.Kind // of the failure
	Status     int        // the upstream's HTTP status, 0 none: decides where Kind is too coarse
	RetryAfter time.Duration

	TTFT         time.Duration // request sent to first content, 0 unknown
	Duration     time.Duration // request sent to end, 0 unknown
	OutputTokens int64         // 0 unknown
	Tools        bool          // the answer finished with tool calls
	BadTools     bool          // at least one of them was malformed
}

// Class is what an outcome says about its endpoint.
type Class uint8

// The classes.
const (
	Ignored Class = iota // says nothing: the client's fault, or ours
	Success
	Failure
	RateLimit // a signal of its own, not counted in uptime
)

// Class judges the outcome (reference §4.1 B): 5xx, dropped connections, timeouts and
// set-up errors count against the endpoint; what is wrong with the request, the client or
// the content does not; 429 is its own signal.
func (o *Outcome) Class() Class {
	switch {
	case o.OK:
		return Success
	case o.Status == 429:
		return RateLimit
	case o.Kind == fault.Gone || o.Status == 499:
		return Ignored
	case setUpError(o.Status) || o.Status >= 500:
		return Failure
	case o.Kind == fault.Overloaded && o.Status == 0:
		return RateLimit
	case int(o.Kind) < fault.Kinds && fault.Rules[o.Kind].HurtsPeer:
		return Failure
	}
	return Ignored
}

// setUpError is a 4xx that says the endpoint is wrongly set up or gone.
func setUpError(status int) bool {
	switch status {
	case 401, 402, 404, 405, 408, 410, 421, 423, 424, 426, 498:
		return true
	}
	return false
}
