package simup

import (
	"strings"
	"unicode/utf8"
)

// clip is at most max bytes of s, ending between runes.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

// echoed is how much of a question an answer repeats.
const echoed = 60

// paragraph is what the model says: whose answer this is, a little of the question, and a
// closing that the dice choose.
func (a *ask) paragraph(d *dice) string {
	var b strings.Builder
	b.WriteString("This is ")
	b.WriteString(a.provider.Name)
	b.WriteString(", a demo provider built into Dragoman, answering as the model ")
	b.WriteString(a.model.ID)
	b.WriteString(".")
	if a.answers {
		b.WriteString(" The tool answered: “")
		b.WriteString(echo(a.result))
		b.WriteString("”.")
	} else if q := echo(plainText(a.question)); q != "" {
		b.WriteString(" You asked: “")
		b.WriteString(q)
		b.WriteString("”.")
	}
	b.WriteString(" ")
	b.WriteString(closings[d.below(len(closings))])
	if a.directive.words > 0 {
		return lengthen(b.String(), a.directive.words, d)
	}
	return b.String()
}

var closings = []string{
	"No language model was at work, only a program that plays one, so set a provider's key for real answers.",
	"The words are made up by a program; everything around them, the routing, the stream and the bill, is real.",
	"Nothing was understood here, but the request travelled the same way a real one does.",
	"A real provider would now say something useful; this one can only show that the way to it works.",
}

// thought is what a reasoning model thinks before it answers.
func (a *ask) thought() string {
	q := echo(plainText(a.question))
	if a.answers {
		q = echo(a.result)
	}
	return "The request says “" + q + "”. I am a program that plays a model, so I say so, repeat a little of it and stop."
}

// echo is the beginning of a text on one line.
func echo(s string) string {
	s = strings.Join(strings.Fields(clip(s, 4*echoed)), " ")
	if len(s) > echoed {
		s = strings.TrimRight(clip(s, echoed), " ") + "…"
	}
	return s
}

var fillers = strings.Fields("amber basalt cobalt dune ember flint granite harbour iris juniper kestrel lantern meadow north ocean pebble quartz river slate timber umber valley willow yarrow zinc")

// lengthen cuts or fills a text to a number of words.
func lengthen(text string, words int, d *dice) string {
	have := strings.Fields(text)
	if len(have) >= words {
		return strings.Join(have[:words], " ")
	}
	b := make([]byte, 0, len(text)+8*(words-len(have)))
	b = append(b, text...)
	for range words - len(have) {
		b = append(b, ' ')
		b = append(b, fillers[d.below(len(fillers))]...)
	}
	return string(b)
}

// wordsOf is the length of the first piece of s when whole words are sent, each with the
// space before it: as many as size bytes need.
func wordsOf(s string, size int) int {
	if len(s) <= size {
		return len(s)
	}
	at := strings.IndexByte(s[size:], ' ')
	if at < 0 {
		at = len(s) - size
	}
	if at > longWord {
		return bytesOf(s, size+longWord)
	}
	return size + at
}

// longWord is what is sent of a word without an end at most, in bytes.
const longWord = 40

// bytesOf is the length of the first size bytes of s, and of the rune begun there.
func bytesOf(s string, size int) int {
	size = min(size, len(s))
	for size < len(s) && !utf8.RuneStart(s[size]) {
		size++
	}
	return size
}
