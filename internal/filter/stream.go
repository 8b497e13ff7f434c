package filter

import "unicode/utf8"

// patternTail is how much of a stream is kept back for a pattern without an end.
const patternTail = 1024

// Stream redacts a text that comes in pieces, as Redact does the whole of it. What it gives
// back is safe to send: text is kept back from the first byte at which something to be
// found may have begun, at most MaxMatch bytes in each of three rounds, and mostly a word
// or two. A match longer than that, or than 1024 bytes of a pattern that may match without
// end, is redacted as far as it was seen. A Stream is for one goroutine.
type Stream struct {
	stages []stage
}

// stage is one look at the stream; the output of each is the input of the next.
type stage struct {
	view     *view
	patterns bool

	text   string // the end of what was let go, and all that was not
	done   int    // text[:done] was let go
	base   int    // where text begins in the stage's input
	out    int    // bytes given so far
	labels trail  // of the last output, in places of the stage's input and output
}

// Stream begins a stream of a source's text.
func (s *Set) Stream(from Source) *Stream {
	v := &s.views[from]
	if !v.any {
		return &Stream{}
	}
	t := &Stream{stages: make([]stage, rounds)}
	for i := range t.stages {
		t.stages[i] = stage{view: v, patterns: i == 0}
	}
	return t
}

// Write takes the next piece and gives what may be sent, with the findings in it. Their
// places are bytes of the whole stream.
func (t *Stream) Write(piece string) (string, []Finding) { return t.push(piece, false) }

// Close gives the rest. Nothing may be written after it.
func (t *Stream) Close() (string, []Finding) { return t.push("", true) }

func (t *Stream) push(piece string, last bool) (string, []Finding) {
	var all []Finding
	for i := range t.stages {
		var found []Finding
		piece, found = t.stages[i].push(piece, last)
		if i > 0 {
			found = t.original(hard(found), i)
		}
		all = append(all, found...)
	}
	return piece, all
}

// original tells findings of a stage by their places in the stream.
func (t *Stream) original(findings []Finding, stage int) []Finding {
	for i := range findings {
		f := &findings[i]
		for k := stage - 1; k >= 0; k-- {
			labels := t.stages[k].labels
			f.Start, f.End = labels.source(f.Start, false), labels.source(f.End, true)
		}
	}
	return findings
}

func (g *stage) push(piece string, last bool) (string, []Finding) {
	if piece == "" && !last {
		return "", nil
	}
	g.take(piece)
	room := g.view.set.borrow()
	defer g.view.set.giveBack(room)
	raws, hold := g.view.look((*room)[:0], g.text, g.done, g.patterns)
	*room = raws
	cut := len(g.text)
	found := g.view.resolve(nil, raws)
	if !last {
		cut = g.cut(hold, raws)
	}
	n := 0
	for n < len(found) && found[n].End <= cut {
		n++
	}
	found = found[:n]
	if cut == g.done {
		return "", nil
	}
	out := g.give(cut, found)
	for i := range found {
		found[i].Start += g.base
		found[i].End += g.base
	}
	return out, found
}

// take adds a piece, and drops what no detector looks back to.
func (g *stage) take(piece string) {
	drop := max(0, g.done-max(lookBack, g.view.reach))
	g.text = g.text[drop:] + piece
	g.done -= drop
	g.base += drop
}

// give lets text up to cut go, with labels in the place of findings.
func (g *stage) give(cut int, found []Finding) string {
	from := g.done
	shifted := make([]Finding, len(found))
	for i, f := range found {
		f.Start, f.End = f.Start-from, f.End-from
		shifted[i] = f
	}
	out, marks := replace(g.text[from:cut], shifted)
	for _, m := range marks {
		g.labels = append(g.labels, replaced{m.start + g.out, m.end + g.out, m.from + from + g.base, m.to + from + g.base})
	}
	g.out += len(out)
	g.forget()
	g.done = cut
	return out
}

// forget drops labels that nothing found later can stand beside. One of them stays: it
// tells how far input and output are apart.
func (g *stage) forget() {
	const reach = 2*MaxMatch + lookBack
	n := 0
	for n+1 < len(g.labels) && g.labels[n+1].end < g.out-reach {
		n++
	}
	g.labels = append(g.labels[:0], g.labels[n:]...)
}

// cut is how far the text may go: up to the first thing that may change when more comes,
// and through no match.
func (g *stage) cut(hold int, raws []raw) int {
	cut := min(hold, g.tail())
	if g.patterns {
		cut = min(cut, g.view.patternHold(g.text, g.done))
	}
	least := max(g.done, len(g.text)-MaxMatch)
	for least > g.done && !utf8.RuneStart(g.text[least]) { // a piece is sent by itself
		least--
	}
	cut = max(cut, least)
	for {
		before := cut
		cut = g.align(cut)
		for i := len(raws) - 1; i >= 0; i-- {
			if raws[i].from < cut && cut < raws[i].end {
				cut = raws[i].from
			}
		}
		if cut < least {
			return g.past(least, raws)
		}
		if cut == before {
			return cut
		}
	}
}

// past is the first place from least on through which no match goes: what is longer than
// may be kept is let go as far as it was found.
func (g *stage) past(least int, raws []raw) int {
	cut := least
	for _, r := range raws { // in order
		if r.start < cut && cut < r.end {
			cut = r.end
		}
	}
	return cut
}

// tail is the start of the last two words: they are not whole, or begin what is looked for
// from its second word.
func (g *stage) tail() int {
	cut := g.word(len(g.text))
	for cut > g.done && isBlank(g.text[cut-1]) {
		cut--
	}
	return g.word(cut)
}

// word is the start of the word that ends at i: after a blank, or between two characters of
// a script that is written without them.
func (g *stage) word(i int) int {
	for i > g.done && !isBlank(g.text[i-1]) && !g.between(i) {
		i--
	}
	return i
}

// between reports that two characters of such a script meet at i. What a detector looks for
// never begins with one.
func (g *stage) between(i int) bool {
	if i-wide < g.done || i >= len(g.text) || !isWide(g.text[i:]) {
		return false
	}
	return isWide(g.text[i-wide:])
}

// wide is the length in bytes of what isWide knows.
const wide = 3

// isWide reports whether a text begins with kana, an ideograph or hangul: U+3041 to U+D7FF.
func isWide(s string) bool {
	if len(s) < wide || s[1]&0xC0 != 0x80 || s[2]&0xC0 != 0x80 {
		return false
	}
	return s[0] > 0xE3 && s[0] <= 0xED || s[0] == 0xE3 && s[1] > 0x80
}

// align moves a place back to the start of a word.
func (g *stage) align(cut int) int {
	if cut >= len(g.text) || isBlank(g.text[cut]) || g.between(cut) {
		return cut
	}
	return g.word(cut)
}

// patternHold is the start of the first match of a pattern that may change or come about
// when more text comes.
func (v *view) patternHold(text string, from int) int {
	hold := len(text)
	for k, p := range v.set.patterns {
		if d := int(builtins) + k; d < len(v.rules) && v.rules[d].Action != None {
			hold = min(hold, p.hold(text, from))
		}
	}
	return hold
}

// hold is where a match may begin that more text would change.
func (p *pattern) hold(text string, from int) int {
	const context = 4
	open := max(from, len(text)-min(p.longest, patternTail)-context)
	if p.literal == "" {
		return open
	}
	rest := max(from, len(text)-p.lead-len(p.literal)+1-context)
	at := p.index(text, open)
	if at < 0 {
		return rest
	}
	return min(rest, max(open, at-p.lead))
}
