package health

import "time"

const (
	breakerRun   = 5  // failures in a row that open it
	breakerCalls = 20 // or half of at least so many calls in the last 30 s
	breakerFirst = 30 * time.Second
	breakerMost  = 5 * time.Minute
)

// breaker pauses an endpoint after a run of failures: Closed, then Open for a fixed time,
// then Probing until the next outcome. Outcomes while it is open are of calls that were in
// flight: they neither close it nor make the pause longer.
type breaker struct {
	run     int   // failures in a row
	trips   int   // openings without a close between them
	untilMS int64 // end of the pause, 0 closed
}

func (b *breaker) state(ms int64) Breaker {
	switch {
	case b.untilMS == 0:
		return Closed
	case ms < b.untilMS:
		return Open
	}
	return Probing
}

func (b *breaker) success(ms int64) {
	if b.state(ms) != Open {
		*b = breaker{}
	}
}

func (b *breaker) failure(ms int64, last30s calls) {
	switch b.state(ms) {
	case Closed:
		b.run++
		if b.run >= breakerRun || last30s.ok+last30s.failed >= breakerCalls && last30s.failed >= last30s.ok {
			b.open(ms)
		}
	case Probing:
		b.open(ms)
	}
}

func (b *breaker) open(ms int64) {
	pause := min(breakerFirst<<min(b.trips, 10), breakerMost)
	b.trips++
	b.untilMS = ms + pause.Milliseconds()
}
