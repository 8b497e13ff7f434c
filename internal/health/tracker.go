// Package health turns the outcomes of calls into what routing wants to know: which
// endpoints fail now, which asked us to wait, how fast the others are.
//
// Outcome goes in, an immutable Snapshot comes out; the present moment is an argument.
// Memory is bounded per endpoint (some 16 KiB once it was called) and in the number of
// endpoints. It deliberately keeps nothing across restarts and sees only this process's
// calls. Start with Tracker.
package health

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxEndpoints   = 4096 // beyond it the one not seen for longest is forgotten
	rebuildMS      = 200  // a snapshot lives at least that long, unless an endpoint fell ill
	illRecheckMS   = 1000
	quietRecheckMS = 15_000
)

// Tracker turns outcomes into snapshots. It is safe for concurrent use.
type Tracker struct {
	mu      sync.RWMutex // of the map; a record has its own
	records map[string]*record

	changed  atomic.Bool // since the last snapshot
	fellIll  atomic.Bool // an outage, open breaker or back-off the last snapshot does not show
	building sync.Mutex
	last     atomic.Pointer[built]
}

// built is a snapshot and how long it may serve.
type built struct {
	snapshot *Snapshot
	atMS     int64
	untilMS  int64 // then it changes by the passing of time
}

// NewTracker is a Tracker that knows nothing.
func NewTracker() *Tracker {
	t := &Tracker{records: make(map[string]*record)}
	t.last.Store(&built{snapshot: Empty, untilMS: 1<<63 - 1})
	return t
}

// Observe counts an outcome. One that says nothing about the endpoint is not kept.
func (t *Tracker) Observe(o Outcome) {
	class := o.Class()
	if class == Ignored || o.Endpoint == "" {
		return
	}
	if t.record(o.Endpoint, o.At.UnixMilli()).observe(&o, class) {
		t.fellIll.Store(true)
	}
	t.changed.Store(true)
}

func (t *Tracker) record(endpoint string, nowMS int64) *record {
	t.mu.RLock()
	r := t.records[endpoint]
	t.mu.RUnlock()
	if r != nil {
		return r
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if r = t.records[endpoint]; r != nil {
		return r
	}
	if len(t.records) >= maxEndpoints {
		t.forgetOldest()
	}
	r = &record{seenMS: nowMS}
	t.records[endpoint] = r
	return r
}

func (t *Tracker) forgetOldest() {
	oldest, at := "", int64(1<<63-1)
	for id, r := range t.records {
		r.mu.Lock()
		if r.seenMS < at {
			oldest, at = id, r.seenMS
		}
		r.mu.Unlock()
	}
	delete(t.records, oldest)
}

// Snapshot is what is known at now. It is the same one until something changed, and then
// for at least 200 ms; but an endpoint that fell ill shows at once.
func (t *Tracker) Snapshot(now time.Time) *Snapshot {
	ms := now.UnixMilli()
	if b := t.last.Load(); !t.due(b, ms) {
		return b.snapshot
	}
	t.building.Lock()
	defer t.building.Unlock()
	b := t.last.Load()
	if !t.due(b, ms) {
		return b.snapshot // built while we waited
	}
	// Cleared before reading: what is observed meanwhile makes the next one due.
	t.changed.Store(false)
	t.fellIll.Store(false)
	b = t.build(b.snapshot.Revision+1, ms)
	t.last.Store(b)
	return b.snapshot
}

func (t *Tracker) due(b *built, ms int64) bool {
	return t.fellIll.Load() || ms >= b.untilMS || ms-b.atMS >= rebuildMS && t.changed.Load()
}

func (t *Tracker) build(revision uint64, ms int64) *built {
	t.mu.RLock()
	records := maps.Clone(t.records)
	t.mu.RUnlock()
	b := &built{atMS: ms, untilMS: ms + quietRecheckMS}
	endpoints := make(map[string]*Endpoint, len(records))
	for id, r := range records {
		e, until := r.facts(ms)
		endpoints[id] = e
		b.untilMS = min(b.untilMS, until)
	}
	b.snapshot = NewSnapshot(revision, endpoints)
	return b
}
