package sse

import "bytes"

// progress is what is known of a frame that is being read. Offsets count from where the
// frame begins.
type progress struct {
	line      int  // begin of the line that is being read
	scanned   int  // up to where that line is known to have no end
	size      int  // length of the frame, 0 until its blank line was read
	spoken    bool // a line with content was read: blank lines before it end nothing
	event     span
	data      span // of the first data line
	dataLines int
}

// span is a value's place. Its zero value is none: a value comes after a field's name.
type span struct{ from, to int }

func (s span) of(b []byte) []byte {
	if s.to == 0 {
		return nil
	}
	return b[s.from:s.to:s.to]
}

// scan goes on to the end of the frame and reports whether it is there.
func (r *Reader) scan() bool {
	b, p := r.buf[r.start:r.end], &r.p
	for p.size == 0 {
		end, next := lineEnd(b, p.scanned, r.err != nil)
		if next == 0 {
			p.scanned = end
			return false
		}
		if end > p.line {
			p.spoken = true
			p.read(b, end)
		} else if p.spoken {
			p.size = next
		}
		p.line, p.scanned = next, next
	}
	return true
}

// read notes the field of the line that ends at end.
func (p *progress) read(b []byte, end int) {
	switch name, value := field(b, p.line, end); name {
	case eventField:
		p.event = value
	case dataField:
		if p.dataLines++; p.dataLines == 1 {
			p.data = value
		}
	}
}

// lineEnd finds where the line ends and the next begins; the line has no end before from.
// Lines end in LF, CRLF or CR. Without an end next is 0 and end is where to look again: a
// CR at the very end may be half of a CRLF, so it waits, unless the stream has ended.
func lineEnd(b []byte, from int, ended bool) (end, next int) {
	end = from + lineLen(b[from:])
	switch next = end + 1; {
	case end == len(b):
		return end, 0
	case b[end] == '\n':
		return end, next
	case next < len(b) && b[next] == '\n':
		return end, next + 1
	case next < len(b) || ended:
		return end, next
	}
	return end, 0
}

// lineLen is how much of b comes before its first LF or CR. It looks for both a stretch at
// a time, each twice as long, because a stream that has only one of them must not be
// searched to its end for the other at every line.
func lineLen(b []byte) int {
	for from, reach := 0, 256; from < len(b); reach *= 2 {
		stretch := b[from:min(from+reach, len(b))]
		n := bytes.IndexByte(stretch, '\n')
		if n >= 0 {
			stretch = stretch[:n]
		}
		if cr := bytes.IndexByte(stretch, '\r'); cr >= 0 {
			n = cr
		}
		if n >= 0 {
			return from + n
		}
		from += len(stretch)
	}
	return len(b)
}

// fieldName is one of the two fields that have a meaning here. Comments, id and retry are
// in Raw alone.
type fieldName uint8

const (
	otherField fieldName = iota
	eventField
	dataField
)

// field splits the line b[from:to] at its colon; one space after it is not the value's.
func field(b []byte, from, to int) (fieldName, span) {
	name, n := otherField, 0
	switch line := b[from:to]; {
	case bytes.HasPrefix(line, []byte("data")):
		name, n = dataField, 4
	case bytes.HasPrefix(line, []byte("event")):
		name, n = eventField, 5
	default:
		return otherField, span{}
	}
	value := from + n
	switch {
	case value == to: // a name without a colon has an empty value
		return name, span{to, to}
	case b[value] != ':':
		return otherField, span{}
	}
	value++
	if value < to && b[value] == ' ' {
		value++
	}
	return name, span{value, to}
}
