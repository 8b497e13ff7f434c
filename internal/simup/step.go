package simup

import "slices"

// A step is what one frame of a stream adds to an answer.
type step struct {
	kind stepKind
	text string // what is added; the name for stepCall
	call int    // which, for stepCall and stepArguments
	turn int    // which piece of its thought, text or call, from 1; a call's name is 0
	last bool   // of its thought, text or call
}

type stepKind uint8

const (
	stepThought stepKind = iota
	stepText
	stepCall
	stepArguments
)

// steps cuts an answer into words, at least size bytes of them at once, and arguments into
// argSize bytes. Calls are made one after the other, or in turns where that was asked for.
func (a *answer) steps(size, argSize int) []step {
	out := make([]step, 0, 4+(len(a.reasoning)+len(a.text))/max(4, size)+4*len(a.calls))
	split := func(kind stepKind, s string, piece func(string, int) int, size, call int) {
		for turn := 1; len(s) > 0; turn++ {
			n := piece(s, size)
			out = append(out, step{kind, s[:n], call, turn, n == len(s)})
			s = s[n:]
		}
	}
	split(stepThought, a.reasoning, wordsOf, size, 0)
	split(stepText, a.text, wordsOf, size, 0)
	calls := len(out)
	for i, c := range a.calls {
		out = append(out, step{stepCall, c.name, i, 0, len(c.arguments) == 0})
		split(stepArguments, c.arguments, bytesOf, argSize, i)
	}
	if a.inTurns {
		slices.SortStableFunc(out[calls:], func(x, y step) int { return x.turn - y.turn })
	}
	return out
}

// take counts a step as made.
func (a *answer) take(s step) {
	m := &a.made
	switch s.kind {
	case stepThought:
		m.reasoning += len(s.text)
	case stepText:
		m.text += len(s.text)
	case stepCall:
		m.calls = append(m.calls, len(s.text))
	case stepArguments:
		m.calls[s.call] += len(s.text)
	}
}
