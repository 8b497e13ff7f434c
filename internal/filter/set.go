package filter

import (
	"fmt"
	"slices"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Bounds of a Set.
const (
	MaxRules   = 1000    // rules of all guardrails together
	MaxLabel   = 100     // characters of a label
	MaxPattern = 100_000 // characters of a pattern
	MaxProgram = 20_000  // instructions of all compiled patterns together
)

const redacted = "[REDACTED]"

// Set is the union of rules, compiled. It is immutable and safe for concurrent use; making
// one costs far more than a scan, so keep it for as long as its guardrails stay as they are.
type Set struct {
	views    [sources]view
	patterns []*pattern
	room     sync.Pool // of *[]raw
}

// view is what applies to texts of one source.
type view struct {
	set   *Set
	rules []applied // by detector
	on    uint32    // builtins that look, one bit each
	any   bool

	lenient []lenient // the strongest first
	reach   int       // bytes of their longest phrase
}

// applied is the strongest rule of a detector; its Action is None when there is none.
type applied struct {
	Rule
	slug, label string
}

// Compile makes the Set of all rules. Where several concern one detector or the same
// pattern, the strongest action holds, and of equals the first. The error is a *fault.Error.
func Compile(rules []Rule) (*Set, error) {
	if len(rules) > MaxRules {
		return nil, fault.Bad("content_filters", fmt.Sprintf("%d content filters are over the limit of %d; remove some from the guardrails that apply together", len(rules), MaxRules))
	}
	s := &Set{}
	byText := map[string]detector{}
	room := MaxProgram
	for i := range rules {
		d, err := s.detector(&rules[i], byText, &room)
		if err != nil {
			return nil, err
		}
		s.add(d, rules[i])
	}
	for from := range s.views {
		s.views[from].close(s)
	}
	return s, nil
}

// detector is the number of what a rule looks for; a new pattern is compiled, and what it
// takes is taken from room.
func (s *Set) detector(r *Rule, byText map[string]detector, room *int) (detector, error) {
	if r.Action == None || r.Action > Block {
		return 0, fault.Bad("action", "a content filter needs the action block, redact or flag")
	}
	if r.Builtin != "" {
		if d := builtinOf(r.Builtin); d < builtins {
			return d, checkAllowed(r.Allow)
		}
		return 0, fault.Bad("content_filter_builtins", fmt.Sprintf("%.40q is no builtin content filter; use one of %q", r.Builtin, Builtins()))
	}
	if d, ok := byText[r.Pattern]; ok {
		return d, checkLabel(r.Label)
	}
	p, err := newPattern(r.Pattern, room)
	if err != nil {
		return 0, err
	}
	s.patterns = append(s.patterns, p)
	d := builtins + detector(len(s.patterns)-1)
	byText[r.Pattern] = d
	return d, checkLabel(r.Label)
}

func (s *Set) add(d detector, r Rule) {
	for from := range s.views {
		v := &s.views[from]
		for int(d) >= len(v.rules) {
			v.rules = append(v.rules, applied{})
		}
		if r.UserOnly && d == injection && Source(from) != User || !r.Output && Source(from) == Answer {
			continue
		}
		if d == injection && len(r.Allow) > 0 {
			v.lenient = append(v.lenient, newLenient(r))
			continue
		}
		if a := &v.rules[d]; r.Action > a.Action {
			*a = applied{Rule: r, slug: Custom, label: r.Label}
			a.name(d)
		}
	}
}

// name gives the rule its slug and label.
func (a *applied) name(d detector) {
	switch {
	case d < builtins:
		a.slug, a.label = catalogue[d].slug, catalogue[d].label
	case a.label == "":
		a.label = redacted
	}
}

func (v *view) close(s *Set) {
	v.set = s
	for len(v.rules) < int(builtins) {
		v.rules = append(v.rules, applied{})
	}
	for d, a := range v.rules {
		if a.Action == None {
			continue
		}
		v.any = true
		if d < int(builtins) {
			v.on |= 1 << d
		}
	}
	v.admit(s)
}

// Empty reports that nothing is looked for in texts of the source.
func (s *Set) Empty(from Source) bool { return !s.views[from].any }

// Edits reports that texts of the source may change, or be refused.
func (s *Set) Edits(from Source) bool {
	return slices.ContainsFunc(s.views[from].rules, func(a applied) bool { return a.Action > Flag })
}

// Rules are those that hold for texts of the source, one per detector and pattern. What
// User has and Other has not applies to users' text only.
func (s *Set) Rules(from Source) []Rule {
	var out []Rule
	for _, a := range s.views[from].rules {
		if a.Action != None {
			out = append(out, a.Rule)
		}
	}
	return out
}

func checkLabel(label string) error {
	n := 0
	for range label {
		n++
	}
	if n > MaxLabel {
		return fault.Bad("label", fmt.Sprintf("a label of %d characters is over the limit of %d", n, MaxLabel))
	}
	return nil
}
