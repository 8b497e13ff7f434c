package simup

import (
	"slices"
	"sync"
)

// A script is the faults still to come, in the order they were given.
type script struct {
	mu    sync.Mutex
	lines []scripted
}

type scripted struct {
	provider, model string // "" any
	fault           Fault
	left            int // 0 or less: for ever
}

func (s *script) add(x scripted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, x)
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = nil
}

// take is the next fault for a request, used up by one. Faults that concern reading are
// taken before the model is known, so for them model is "" and only the provider matters.
func (s *script) take(provider, model string, reads bool) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.lines {
		x := &s.lines[i]
		if x.fault.reads() != reads || x.provider != "" && x.provider != provider || !reads && x.model != "" && x.model != model {
			continue
		}
		f := x.fault
		if x.left == 1 {
			s.lines = slices.Delete(s.lines, i, i+1)
		} else if x.left > 1 {
			x.left--
		}
		return f, true
	}
	return Fault{}, false
}
