package health

import (
	"sync"
	"time"
)

const (
	outageSeconds = 30
	outageShare   = 5  // one in so many calls failed in outageSeconds: an outage
	uptimeSamples = 10 // fewer calls say nothing about uptime

	throughputTokens = 10 // shorter answers say nothing about throughput
)

// record is what is kept of one endpoint.
type record struct {
	mu       sync.Mutex
	seenMS   int64
	seconds  [outageSeconds + 1]second
	minutes  [30]minute
	quarters [96]quarter
	breaker  breaker
	backOff  backOff

	published *Endpoint // as last published
	untilMS   int64     // then they change by the passing of time
	stale     bool      // something was observed since
}

// The slots of the three rings. A slot belongs to the unit of time it names.
type (
	second struct {
		unit int64
		calls
	}
	minute struct {
		unit int64
		calls
		tools, badTools uint32
		latency         histogram
		throughput      histogram
	}
	quarter struct { // of an hour
		unit int64
		calls
	}
	calls struct{ ok, failed uint32 }
)

func (c *calls) count(class Class) {
	if class == Success {
		c.ok++
	} else if class == Failure {
		c.failed++
	}
}

func (c *calls) add(d calls) { c.ok += d.ok; c.failed += d.failed }

// uptime is in percent, nil with too few calls.
func (c calls) uptime() *float64 {
	n := c.ok + c.failed
	if n < uptimeSamples {
		return nil
	}
	u := 100 * float64(c.ok) / float64(n)
	return &u
}

// observe reports whether the endpoint fell ill and the last facts do not say so.
func (r *record) observe(o *Outcome, class Class) bool {
	ms := o.At.UnixMilli()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seenMS = max(r.seenMS, ms)
	r.stale = true
	r.count(o, class, ms/1000)
	switch class {
	case Success:
		r.breaker.success(ms)
		r.backOff.success(ms)
		return false
	case RateLimit:
		r.backOff.limited(ms, o.RetryAfter)
	case Failure:
		r.breaker.failure(ms, r.since(ms/1000, outageSeconds))
		if o.RetryAfter > 0 {
			r.backOff.limited(ms, o.RetryAfter)
		}
	}
	f := r.published
	return f == nil || r.outage(ms/1000) && !f.Outage || r.breaker.state(ms) == Open && f.Breaker != Open || r.backOff.on(ms) && !f.BackOff
}

// count puts the outcome into its slots. One older than its ring is not counted.
func (r *record) count(o *Outcome, class Class, sec int64) {
	if s := &r.seconds[index(sec, len(r.seconds))]; claim(s, &s.unit, sec) {
		s.count(class)
	}
	if q := &r.quarters[index(sec/900, len(r.quarters))]; claim(q, &q.unit, sec/900) {
		q.count(class)
	}
	m := &r.minutes[index(sec/60, len(r.minutes))]
	if !claim(m, &m.unit, sec/60) {
		return
	}
	m.count(class)
	if class != Success {
		return
	}
	if o.TTFT > 0 {
		m.latency.add(o.TTFT.Seconds() / latencyUnit)
	}
	if o.Duration > 0 && o.OutputTokens >= throughputTokens {
		m.throughput.add(float64(o.OutputTokens) / o.Duration.Seconds() / throughputUnit)
	}
	if o.Tools {
		m.tools++
	}
	if o.Tools && o.BadTools {
		m.badTools++
	}
}

func index(unit int64, slots int) int { return int(uint64(unit) % uint64(slots)) }

// claim empties a slot that an earlier unit of time has left and reports whether the slot
// is unit's. unit points into the slot.
func claim[S any](slot *S, owner *int64, unit int64) bool {
	if *owner < unit {
		var empty S
		*slot = empty
		*owner = unit
	}
	return *owner == unit
}

// since sums the calls of the last so many seconds.
func (r *record) since(sec, seconds int64) calls {
	var c calls
	for i := range r.seconds {
		if s := &r.seconds[i]; s.unit > sec-seconds && s.unit <= sec {
			c.add(s.calls)
		}
	}
	return c
}

func (r *record) outage(sec int64) bool {
	c := r.since(sec, outageSeconds)
	return c.failed > 0 && c.failed*outageShare >= c.failed+c.ok
}

// facts is the endpoint at a moment, and until when that holds if nothing is observed.
func (r *record) facts(ms int64) (*Endpoint, int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.published != nil && !r.stale && ms < r.untilMS {
		return r.published, r.untilMS
	}
	sec := ms / 1000
	e := &Endpoint{Outage: r.outage(sec), Breaker: r.breaker.state(ms), BackOff: r.backOff.on(ms)}
	r.untilMS = ms + quietRecheckMS
	if e.Outage {
		r.untilMS = ms + illRecheckMS
	}
	for _, end := range [...]int64{r.breaker.untilMS, r.backOff.untilMS} {
		if end > ms {
			r.untilMS = min(r.untilMS, end)
			e.RetryInMS, e.UntilMS = max(e.RetryInMS, end-ms), max(e.UntilMS, end)
		}
	}
	r.windows(e, sec)
	r.published, r.stale = e, false
	return e, r.untilMS
}

// windows fills the figures over the last five minutes, half hour and day. A window is
// made of whole slots and includes the one that is running.
func (r *record) windows(e *Endpoint, sec int64) {
	var five, thirty, day calls
	var lat5, lat30, thr5, thr30 totals
	now := sec / 60
	for i := range r.minutes {
		m := &r.minutes[i]
		if m.unit <= now-30 || m.unit > now {
			continue
		}
		thirty.add(m.calls)
		lat30.add(&m.latency)
		thr30.add(&m.throughput)
		e.ToolAnswers30m += int64(m.tools)
		e.BadTools30m += int64(m.badTools)
		if m.unit > now-5 {
			five.add(m.calls)
			lat5.add(&m.latency)
			thr5.add(&m.throughput)
		}
	}
	for i := range r.quarters {
		if q := &r.quarters[i]; q.unit > sec/900-96 && q.unit <= sec/900 {
			day.add(q.calls)
		}
	}
	e.Uptime5m, e.Uptime30m, e.Uptime1d = five.uptime(), thirty.uptime(), day.uptime()
	e.Last5m = Speed{lat5.n, lat5.rising(latencyUnit), thr5.falling(throughputUnit)}
	e.Last30m = Speed{lat30.n, lat30.rising(latencyUnit), thr30.falling(throughputUnit)}
}

// backOff is how long an endpoint that answered 429 is left alone.
type backOff struct {
	untilMS int64
	run     int // rate limits without a success between them
}

const (
	backOffFirst = time.Second
	backOffMost  = time.Minute      // of our own doubling
	backOffHint  = 10 * time.Minute // the most we believe of a Retry-After
)

func (b *backOff) limited(ms int64, hint time.Duration) {
	if !b.on(ms) {
		b.run++ // a burst that was in flight together counts once
	}
	wait := min(hint, backOffHint)
	if wait <= 0 {
		wait = min(backOffFirst<<min(max(b.run-1, 0), 10), backOffMost)
	}
	b.untilMS = max(b.untilMS, ms+wait.Milliseconds())
}

// success after the wait forgets the run; one that was in flight does not cut it short.
func (b *backOff) success(ms int64) {
	if !b.on(ms) {
		b.run = 0
	}
}

func (b *backOff) on(ms int64) bool { return ms < b.untilMS }
