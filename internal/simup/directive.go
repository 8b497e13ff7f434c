package simup

import (
	"fmt"
	"strings"
)

// A directive is what a user message asks of the simulator: a fault, or a manner of
// answering.
type directive struct {
	fault   Fault
	set     bool // fault has anything
	tools   int  // calls to make; 0 leaves it to the message
	words   int  // length of the answer; 0 is a short paragraph
	inTurns bool // calls are streamed side by side
	refuse  bool // the model will not
}

const (
	directiveOpen  = "[[sim:"
	directiveClose = "]]"
	maxCalls       = 16
	maxWords       = 200_000
)

// parseDirective reads every [[sim:…]] in a message.
func parseDirective(text string) (d directive, err error) {
	for {
		_, rest, found := strings.Cut(text, directiveOpen)
		if !found {
			return d, nil
		}
		inside, after, closed := strings.Cut(rest, directiveClose)
		if !closed {
			return d, fmt.Errorf("directive %q has no end", clip(directiveOpen+rest, 40))
		}
		for word := range strings.SplitSeq(inside, ",") {
			if err := d.word(strings.TrimSpace(word)); err != nil {
				return d, err
			}
		}
		text = after
	}
}

func (d *directive) word(word string) (err error) {
	name, value, has := strings.Cut(word, "=")
	switch {
	case word == "":
		return nil
	case word == "tools":
		d.tools = 1
		return nil
	case word == "in-turns":
		d.inTurns = true
		return nil
	case word == "refuse":
		d.refuse = true
		return nil
	case name == "tools" && has:
		d.tools, err = number(value, 1, maxCalls)
	case name == "agent" && has: // see ask.act
		return nil
	case name == "words" && has:
		d.words, err = number(value, 1, maxWords)
	default:
		d.set = true
		return d.fault.set(word)
	}
	if err != nil {
		return fmt.Errorf("directive %q: %w", word, err)
	}
	return nil
}

// plainText is a message without its directives.
func plainText(text string) string {
	if !strings.Contains(text, directiveOpen) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, directiveOpen)
		b.WriteString(before)
		if !found {
			return strings.TrimSpace(b.String())
		}
		_, text, _ = strings.Cut(rest, directiveClose)
	}
}
