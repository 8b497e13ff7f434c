// Package rawjson reads JSON without building a tree of it and edits JSON without
// writing it again.
//
// A Doc is one strict pass over the bytes (RFC 8259 grammar, valid UTF-8, bounded
// depth) that leaves a tape of where each value begins and ends; a Node walks the tape.
// A Patch is a list of splices over the same bytes: what is not edited is not copied,
// so duplicate keys, number spelling, escapes and white space stay as they came.
//
// It deliberately has no reflection, no struct tags and no streaming: bodies and frames
// are already whole and bounded when they get here. Start with Doc.Parse.
package rawjson

import (
	"fmt"
	"math"
	"sync"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 512

// maxSource keeps offsets in 32 bits.
const maxSource = math.MaxInt32

// Kind is what a value is. Absent is the zero Node's.
type Kind uint8

// The kinds of value.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"absent", "null", "boolean", "number", "string", "array", "object"}[k]
}

// An Error says where the bytes stop being JSON. Offset is in bytes from the start.
type Error struct {
	Offset int
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %s", e.Offset, e.Reason)
}

// entry is one value on the tape. In an object, keys and values alternate.
type entry struct {
	start, end uint32 // src[start:end] is the value, quotes included
	next       int32  // tape index just past this value and all it holds
	kind       Kind
	escaped    bool // a string with at least one backslash
}

// A Doc is the tape of one JSON text. It keeps, and never changes, the bytes it was
// given; it may be reused by calling Parse again, which ends the life of its Nodes.
// The zero Doc is ready. Reading one Doc from several goroutines is safe.
type Doc struct {
	src  []byte
	tape []entry
}

// firstTape bounds the entries that a tape begins with: most texts need no more, and a long
// one is mostly long strings.
const firstTape = 128

// Parse reads src, which must stay unchanged while the Doc is in use. The error is an
// *Error.
func (d *Doc) Parse(src []byte) error {
	if d.src, d.tape = src, d.tape[:0]; d.tape == nil {
		d.tape = make([]entry, 0, min(8+len(src)/16, firstTape))
	}
	if len(src) > maxSource {
		return &Error{0, "text is longer than 2 GiB"}
	}
	i, err := d.value(skipSpace(src, 0), 0)
	if err != nil {
		return err
	}
	if i = skipSpace(src, i); i != len(src) {
		return &Error{i, "text goes on after the value"}
	}
	return nil
}

var docs = sync.Pool{New: func() any { return new(Doc) }}

// Lend is a Doc for a short while; Free gives it back.
func Lend() *Doc { return docs.Get().(*Doc) }

// Free lends the Doc to the next who asks. Its Nodes end with it. A nil Doc needs none.
func (d *Doc) Free() {
	if d != nil && d.Lendable() {
		d.Reset()
		docs.Put(d)
	}
}

// Lendable reports whether the Doc is worth keeping for another text: a long one's is not.
func (d *Doc) Lendable() bool { return cap(d.tape) <= maxLent }

// maxLent is the number of entries of a tape that is not kept.
const maxLent = 8 << 10

// Reset forgets the text and keeps the tape's memory. The Doc's Nodes end with it.
func (d *Doc) Reset() { d.src, d.tape = nil, d.tape[:0] }

// Root is the whole text's value; of a nil Doc the zero Node.
func (d *Doc) Root() Node {
	if d == nil || len(d.tape) == 0 {
		return Node{}
	}
	return Node{d, 0}
}

// Source is the text that was parsed.
func (d *Doc) Source() []byte { return d.src }

func skipSpace(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
	return i
}

func (d *Doc) value(i, depth int) (int, error) {
	b := d.src
	if i >= len(b) {
		return i, &Error{i, "text ends where a value should be"}
	}
	at := len(d.tape)
	switch c := b[i]; {
	case c == '"':
		return d.str(i)
	case c == '{' || c == '[':
		if depth >= MaxDepth {
			return i, &Error{i, fmt.Sprintf("nested deeper than %d", MaxDepth)}
		}
		d.tape = append(d.tape, entry{start: uint32(i)})
		var end int
		var err error
		kind := Object
		if c == '{' {
			end, err = d.object(i+1, depth+1)
		} else {
			kind = Array
			end, err = d.array(i+1, depth+1)
		}
		if err != nil {
			return end, err
		}
		e := &d.tape[at]
		e.end, e.kind, e.next = uint32(end), kind, int32(len(d.tape))
		return end, nil
	case c == 't':
		return d.word(i, "true", Bool)
	case c == 'f':
		return d.word(i, "false", Bool)
	case c == 'n':
		return d.word(i, "null", Null)
	case c == '-' || c >= '0' && c <= '9':
		end, ok := number(b, i)
		if !ok {
			return end, &Error{end, "number is malformed"}
		}
		d.tape = append(d.tape, entry{uint32(i), uint32(end), int32(at + 1), Number, false})
		return end, nil
	default:
		return i, &Error{i, fmt.Sprintf("unexpected %q", c)}
	}
}

func (d *Doc) word(i int, w string, k Kind) (int, error) {
	end := i + len(w)
	if end > len(d.src) || string(d.src[i:end]) != w {
		return i, &Error{i, "expected " + w}
	}
	d.tape = append(d.tape, entry{uint32(i), uint32(end), int32(len(d.tape) + 1), k, false})
	return end, nil
}

func (d *Doc) object(i, depth int) (int, error) {
	b := d.src
	i = skipSpace(b, i)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, &Error{i, "expected a key in quotes"}
		}
		var err error
		if i, err = d.str(i); err != nil {
			return i, err
		}
		if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
			return i, &Error{i, "expected ':' after a key"}
		}
		if i, err = d.value(skipSpace(b, i+1), depth); err != nil {
			return i, err
		}
		i = skipSpace(b, i)
		if i >= len(b) {
			return i, &Error{i, "text ends inside an object"}
		}
		switch b[i] {
		case '}':
			return i + 1, nil
		case ',':
			i = skipSpace(b, i+1)
		default:
			return i, &Error{i, "expected ',' or '}'"}
		}
	}
}

func (d *Doc) array(i, depth int) (int, error) {
	b := d.src
	i = skipSpace(b, i)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = d.value(i, depth); err != nil {
			return i, err
		}
		i = skipSpace(b, i)
		if i >= len(b) {
			return i, &Error{i, "text ends inside an array"}
		}
		switch b[i] {
		case ']':
			return i + 1, nil
		case ',':
			i = skipSpace(b, i+1)
		default:
			return i, &Error{i, "expected ',' or ']'"}
		}
	}
}

func number(b []byte, i int) (end int, ok bool) {
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return i, false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return i, false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return i, false
		}
	}
	return i, true
}

// Valid reports whether b is one JSON value.
func Valid(b []byte) bool { var d Doc; return d.Parse(b) == nil }
