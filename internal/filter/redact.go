package filter

import "strings"

// rounds is how often a text is looked at: what is redacted can be what kept something
// beside it from being found.
const rounds = 3

// Scan appends what the rules for a source find in text, in order and without overlap.
func (s *Set) Scan(dst []Finding, text string, from Source) []Finding {
	v := &s.views[from]
	if !v.any || text == "" {
		return dst
	}
	room := v.set.borrow()
	defer v.set.giveBack(room)
	*room, _ = v.look((*room)[:0], text, 0, true)
	return v.resolve(dst, *room)
}

// borrow lends room for matches, which a scan cannot have on its stack.
func (s *Set) borrow() *[]raw {
	if room, ok := s.room.Get().(*[]raw); ok {
		return room
	}
	room := make([]raw, 0, 64)
	return &room
}

func (s *Set) giveBack(room *[]raw) {
	const most = 4096
	if cap(*room) <= most {
		s.room.Put(room)
	}
}

// look appends all matches of text that start at from or after, and gives the start of the
// first that may change when more text comes.
func (v *view) look(raws []raw, text string, from int, patterns bool) ([]raw, int) {
	s := scan{text: text, on: v.on, raws: raws, hold: len(text)}
	if v.on != 0 {
		s.run(from)
	}
	if len(v.lenient) > 0 {
		v.judge(&s)
	}
	if patterns {
		for k, p := range v.set.patterns {
			d := builtins + detector(k)
			if int(d) < len(v.rules) && v.rules[d].Action != None {
				s.pattern(p, d, from)
			}
		}
	}
	for i := range s.raws {
		// What was let go of a stream cannot be called back.
		s.raws[i].start = max(s.raws[i].start, from)
	}
	return s.raws, s.hold
}

// pattern finds the matches of a pattern, each after the one before.
func (s *scan) pattern(p *pattern, d detector, from int) {
	for {
		start, end, ok := p.search(s.text, from)
		if !ok {
			return
		}
		s.found(d, start, end)
		from = end
	}
}

// Redact is text with the label of the rule in the place of what is to be redacted, or
// blocked, and the findings in the text given. Text in which nothing is replaced is
// returned as it is.
func (s *Set) Redact(text string, from Source) (string, []Finding) {
	v := &s.views[from]
	findings := s.Scan(nil, text, from)
	out, marks := replace(text, findings)
	for trails := []trail{marks}; len(marks) > 0 && len(trails) < rounds; trails = append(trails, marks) {
		var more []Finding
		if more = v.again(out); len(more) == 0 {
			break
		}
		out, marks = replace(out, more)
		findings = merge(findings, original(more, trails))
	}
	return out, findings
}

// again is what builtins find that changes a text already redacted.
func (v *view) again(text string) []Finding {
	room := v.set.borrow()
	defer v.set.giveBack(room)
	*room, _ = v.look((*room)[:0], text, 0, false)
	return hard(v.resolve(nil, *room))
}

// original tells findings by their places in the text that the trails lead from.
func original(findings []Finding, trails []trail) []Finding {
	for i := range findings {
		f := &findings[i]
		for k := len(trails) - 1; k >= 0; k-- {
			f.Start, f.End = trails[k].source(f.Start, false), trails[k].source(f.End, true)
		}
	}
	return findings
}

// hard are the findings that change the text.
func hard(findings []Finding) []Finding {
	kept := findings[:0]
	for _, f := range findings {
		if f.Action > Flag {
			kept = append(kept, f)
		}
	}
	return kept
}

// replaced says where a label stands and what it stands for.
type replaced struct{ start, end, from, to int }

// trail is the labels of a text, in order.
type trail []replaced

// replace puts labels in the place of findings.
func replace(text string, findings []Finding) (string, trail) {
	size, found := len(text), false
	for _, f := range findings {
		if f.Action > Flag {
			size += len(f.Label) - (f.End - f.Start)
			found = true
		}
	}
	if !found {
		return text, nil
	}
	var marks trail
	var b strings.Builder
	b.Grow(size)
	at := 0
	for _, f := range findings {
		if f.Action <= Flag {
			continue
		}
		b.WriteString(text[at:f.Start])
		start := b.Len()
		b.WriteString(f.Label)
		marks = append(marks, replaced{start, b.Len(), f.Start, f.End})
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String(), marks
}

// source is the place in the original of a place in the text with labels; a place within
// a label is the start of what it stands for, or its end.
func (t trail) source(at int, end bool) int {
	shift := 0
	for _, m := range t {
		if at < m.start || at == m.start && end {
			break
		}
		if at < m.end || at == m.end && end {
			if end {
				return m.to
			}
			return m.from
		}
		shift = m.to - m.end
	}
	return at + shift
}

// merge joins two lists of findings in order, whose overlaps become one: the earlier list
// gives the name, the stronger the action.
func merge(a, b []Finding) []Finding {
	var out []Finding
	for len(a) > 0 || len(b) > 0 {
		var f Finding
		if len(b) == 0 || len(a) > 0 && a[0].Start <= b[0].Start {
			f, a = a[0], a[1:]
		} else {
			f, b = b[0], b[1:]
		}
		if n := len(out); n > 0 && f.Start < out[n-1].End {
			out[n-1] = join(out[n-1], f)
			continue
		}
		out = append(out, f)
	}
	return out
}

func join(a, b Finding) Finding {
	c := a
	if b.Action > a.Action {
		c = b
	}
	c.Start, c.End = min(a.Start, b.Start), max(a.End, b.End)
	return c
}
