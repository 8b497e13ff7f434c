package health

// Snapshot is what is known of all endpoints at one moment. It never changes.
type Snapshot struct {
	Revision  uint64
	endpoints map[string]*Endpoint
}

// Empty is the snapshot before anything was observed.
var Empty = &Snapshot{}

// NewSnapshot is a snapshot of given facts, for replays and tests. It keeps the map.
func NewSnapshot(revision uint64, endpoints map[string]*Endpoint) *Snapshot {
	return &Snapshot{Revision: revision, endpoints: endpoints}
}

var unknown Endpoint

// Of is what is known of an endpoint, never nil: an endpoint never called is healthy and
// has no figures. Callers must not change it.
func (s *Snapshot) Of(endpoint string) *Endpoint {
	if s != nil {
		if e := s.endpoints[endpoint]; e != nil {
			return e
		}
	}
	return &unknown
}

// Endpoint is the health of one endpoint. The zero value is one never called.
type Endpoint struct {
	Outage    bool    `json:"outage,omitempty"`      // a significant share of calls failed in the last 30 s
	Breaker   Breaker `json:"breaker,omitempty"`     // after a run of failures
	BackOff   bool    `json:"back_off,omitempty"`    // told us 429 a moment ago
	RetryInMS int64   `json:"retry_in_ms,omitempty"` // until the back-off or the open breaker ends
	UntilMS   int64   `json:"-"`                     // when that is, Unix milliseconds; 0 never

	Uptime5m  *float64 `json:"uptime_5m,omitempty"` // percent, 0 to 100; nil: too few calls
	Uptime30m *float64 `json:"uptime_30m,omitempty"`
	Uptime1d  *float64 `json:"uptime_1d,omitempty"`

	Last5m  Speed `json:"last_5m,omitzero"`
	Last30m Speed `json:"last_30m,omitzero"`

	ToolAnswers30m int64 `json:"tool_answers_30m,omitempty"` // answers that finished with tool calls
	BadTools30m    int64 `json:"bad_tools_30m,omitempty"`    // of those, with a malformed call
}

// Breaker is the state of an endpoint's circuit breaker.
type Breaker uint8

// The states. Open: a run of failures, no traffic while others can serve. Probing: the
// pause is over; the next outcome closes the breaker or opens it for longer.
const (
	Closed Breaker = iota
	Open
	Probing
)

// Speed is how fast answers came in a window.
type Speed struct {
	Samples    int64       `json:"samples"`
	Latency    Percentiles `json:"latency"`    // time to first content, seconds
	Throughput Percentiles `json:"throughput"` // output tokens per second, end to end
}

// Percentiles of a window; all 0 without samples. The n-th percentile is what n percent
// of the calls did at least as well as: latency rises with n, throughput falls.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P75 float64 `json:"p75"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// Known reports whether there were samples.
func (p Percentiles) Known() bool { return p.P50 > 0 }
