package filter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Bounds of an allow-list (reference §4.16).
const (
	MaxAllowed = 200  // phrases
	MaxPhrase  = 1000 // bytes of one
)

// lenient is a rule for Injection with phrases that it lets through. It has a detector's
// number of its own, so that a match is told as the rule's.
type lenient struct {
	by      detector
	rule    Rule
	phrases []string // in lower case
}

func newLenient(r Rule) lenient {
	l := lenient{rule: r}
	for _, p := range r.Allow {
		l.phrases = append(l.phrases, folded(p))
	}
	return l
}

// allows reports that a match lies inside of a phrase.
func (l *lenient) allows(text string, start, end int) bool {
	match := folded(text[start:end])
	for _, p := range l.phrases {
		if !strings.Contains(p, match) {
			continue
		}
		around := text[max(0, end-len(p)):min(len(text), start+len(p))]
		if strings.Contains(folded(around), p) {
			return true
		}
	}
	return false
}

// admit gives the lenient rules, the strongest first, their numbers after those of patterns.
func (v *view) admit(s *Set) {
	slices.SortStableFunc(v.lenient, func(a, b lenient) int { return cmp.Compare(b.rule.Action, a.rule.Action) })
	if len(v.lenient) == 0 {
		return
	}
	for len(v.rules) < int(builtins)+len(s.patterns) {
		v.rules = append(v.rules, applied{})
	}
	for i := range v.lenient {
		l := &v.lenient[i]
		l.by = detector(len(v.rules))
		v.rules = append(v.rules, applied{Rule: l.rule, slug: catalogue[injection].slug, label: catalogue[injection].label})
		for _, p := range l.phrases {
			v.reach = max(v.reach, len(p))
		}
	}
	v.any, v.on = true, v.on|1<<injection
}

// judge gives every injection to the strongest rule that does not let it through. In a
// stream, one that a phrase may still turn out to surround is not over yet.
func (v *view) judge(s *scan) {
	kept := s.raws[:0]
	for _, r := range s.raws {
		if r.by == injection {
			if len(s.text)-r.end < v.reach {
				s.hold = min(s.hold, r.from)
			}
			if r.by = v.objector(s.text, r); r.by < 0 {
				continue
			}
		}
		kept = append(kept, r)
	}
	s.raws = kept
}

// objector is the strongest rule against an injection, -1 when all let it through.
func (v *view) objector(text string, r raw) detector {
	strict := v.rules[injection].Action
	for i := range v.lenient {
		if l := &v.lenient[i]; l.rule.Action > strict && !l.allows(text, r.start, r.end) {
			return l.by
		}
	}
	if strict == None {
		return -1
	}
	return injection
}

func checkAllowed(phrases []string) error {
	if len(phrases) > MaxAllowed {
		return fault.Bad("prompt_injection_allow_list", fmt.Sprintf("%d allowed phrases are over the limit of %d", len(phrases), MaxAllowed))
	}
	for i, p := range phrases {
		if strings.TrimSpace(p) == "" || len(p) > MaxPhrase {
			return fault.Bad("prompt_injection_allow_list", fmt.Sprintf("allowed phrase %d has %d bytes; a phrase has 1 to %d and is not blank", i+1, len(p), MaxPhrase))
		}
	}
	return nil
}

// folded is s with the letters of ASCII in lower case: every byte stays where it is.
func folded(s string) string {
	for i := range len(s) {
		if isUpper(s[i]) {
			b := []byte(s)
			for ; i < len(b); i++ {
				if isUpper(b[i]) {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}
