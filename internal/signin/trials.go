package signin

import (
	"sync"
	"time"
)

// Bounds of trials.
const (
	trialLife = 5 * time.Minute
	maxTrials = 10_000
)

// trials are proofs under way: challenges that were given, secrets that wait for their first
// code. They end with the process. The zero value is ready.
type trials struct {
	mu   sync.Mutex
	byID map[string]trial
}

type trial struct {
	what any
	ends time.Time
}

// put keeps what belongs to a trial. When there are too many, the one that ends first makes
// room: whoever begins very many shortens everybody's time, and keeps nobody out.
func (t *trials) put(id string, what any, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID == nil {
		t.byID = map[string]trial{}
	}
	if len(t.byID) >= maxTrials {
		t.makeRoom(now)
	}
	t.byID[id] = trial{what, now.Add(trialLife)}
}

func (t *trials) makeRoom(now time.Time) {
	first := ""
	for id, one := range t.byID {
		if !now.Before(one.ends) {
			delete(t.byID, id)
		} else if first == "" || one.ends.Before(t.byID[first].ends) {
			first = id
		}
	}
	if len(t.byID) >= maxTrials {
		delete(t.byID, first)
	}
}

// peek is what was put, if its time is not over.
func (t *trials) peek(id string, now time.Time) (any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, ok := t.byID[id]
	return one.what, ok && now.Before(one.ends)
}

// take is peek, once.
func (t *trials) take(id string, now time.Time) (any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, ok := t.byID[id]
	delete(t.byID, id)
	return one.what, ok && now.Before(one.ends)
}
