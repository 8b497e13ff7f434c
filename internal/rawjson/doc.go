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
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
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

// Parse reads src, which must stay unchanged while the Doc is in use. The error is an
// *Error.
func (d *Doc) Parse(src []byte) error {
	d.src, d.tape = src, d.tape[:0]
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

// Root is the whole text's value.
func (d *Doc) Root() Node {
	if len(d.tape) == 0 {
		return Node{}
	}
	return Node{d, 0}
}

// Source is the text that was parsed.
func (d *Doc) Source() []byte { return d.src }

// invalidUTF8 is where b stops being UTF-8, −1 when it does not. It passes over ASCII
// eight bytes at a step, also between other letters.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		if len(b)-i >= 8 && binary.LittleEndian.Uint64(b[i:])&highs == 0 {
			i += 8
			continue
		}
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

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

// Classes of byte inside a string.
const (
	plain = iota
	quote
	backslash
	control
	beyond // ASCII
)

var class = func() (t [256]uint8) {
	for c := range 0x20 {
		t[c] = control
	}
	for c := utf8.RuneSelf; c < 256; c++ {
		t[c] = beyond
	}
	t['"'], t['\\'] = quote, backslash
	return t
}()

// nearby is how far a string is looked through byte by byte: most keys end before.
const nearby = 24

// str reads the string whose opening quote is at i.
func (d *Doc) str(i int) (int, error) {
	b := d.src
	for j := i + 1; j < len(b) && j <= i+nearby; j++ {
		switch class[b[j]] {
		case plain:
			continue
		case quote:
			d.tape = append(d.tape, entry{uint32(i), uint32(j + 1), int32(len(d.tape) + 1), String, false})
			return j + 1, nil
		}
		break
	}
	return d.longStr(i)
}

// longStr is str for prompts and images.
func (d *Doc) longStr(start int) (int, error) {
	b := d.src
	end := bytes.IndexByte(b[start+1:], '"')
	if end < 0 {
		return len(b), &Error{start, "string has no end"}
	}
	end += start + 1
	escaped := bytes.IndexByte(b[start+1:end], '\\') >= 0
	var err error
	if escaped {
		end, err = escapedEnd(b, start+1)
	} else {
		err = clean(b, start+1, end)
	}
	if err != nil {
		return start, err
	}
	d.tape = append(d.tape, entry{uint32(start), uint32(end + 1), int32(len(d.tape) + 1), String, escaped})
	return end + 1, nil
}

// clean checks the inside of a string without escapes: most of an image, so by 32 bytes at
// a step.
func clean(b []byte, start, end int) error {
	at, high := controlOrHigh(b[start:end])
	if at >= 0 {
		return &Error{start + at, "control character in a string"}
	}
	if high != 0 {
		if at := invalidUTF8(b[start:end]); at >= 0 {
			return &Error{start + at, "not valid UTF-8"}
		}
	}
	return nil
}

// StringEnd is where the quote is that ends a string whose inside b begins with, −1 when
// what is before it may not be in a string or there is none.
func StringEnd(b []byte) int {
	if end, err := escapedEnd(b, 0); err == nil {
		return end
	}
	return -1
}

// escapedEnd checks the inside of a string with escapes and finds the quote that ends it,
// eight bytes at a step and from one special byte to the next.
func escapedEnd(b []byte, i int) (end int, err error) {
	start := i
	for {
		if len(b)-i >= 8 {
			m := special(binary.LittleEndian.Uint64(b[i:]))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		} else {
			for i < len(b) && class[b[i]] == plain {
				i++
			}
			if i == len(b) {
				return 0, &Error{start - 1, "string has no end"}
			}
		}
		switch c := b[i]; {
		case c == '\\':
			n := escapeLen(b[i:])
			if n == 0 {
				return 0, &Error{i, "unknown escape in a string"}
			}
			i += n
		case c == '"':
			return i, nil
		case c < 0x20:
			return 0, &Error{i, "control character in a string"}
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n <= 1 {
				return 0, &Error{i, "not valid UTF-8"}
			}
			i += n
		}
	}
}

// special has a high bit set where a byte of x is a quote, a backslash, below 0x20 or
// beyond ASCII (at least at the lowest such byte).
func special(x uint64) uint64 {
	q := x ^ (ones * '"')
	s := x ^ (ones * '\\')
	return ((q-ones)&^q | (s-ones)&^s | (x-ones*0x20)&^x | x) & highs
}

// escapeLen is the length of the escape sequence b starts with, 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	if n := escapes[b[1]]; n != 6 {
		return int(n)
	}
	if len(b) < 6 || hex(b[2])|hex(b[3])|hex(b[4])|hex(b[5]) < 0 {
		return 0
	}
	return 6
}

// escapes is the length of an escape by the byte after its backslash (RFC 8259 §7).
var escapes = [256]uint8{'"': 2, '\\': 2, '/': 2, 'b': 2, 'f': 2, 'n': 2, 'r': 2, 't': 2, 'u': 6}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// below20 has a high bit set where a byte of x is below 0x20 (at least at the lowest such
// byte).
func below20(x uint64) uint64 { return (x - ones*0x20) & ^x & highs }

// controlOrHigh is where the first byte below 0x20 is, −1 if there is none, and whether
// anything is beyond ASCII: then high is not 0.
func controlOrHigh(b []byte) (at int, high uint64) {
	i := 0
	for ; len(b)-i >= 32; i += 32 {
		w := b[i : i+32 : i+32]
		w0, w1, w2, w3 := binary.LittleEndian.Uint64(w[0:8]), binary.LittleEndian.Uint64(w[8:16]), binary.LittleEndian.Uint64(w[16:24]), binary.LittleEndian.Uint64(w[24:32])
		high |= (w0 | w1 | w2 | w3) & highs
		if below20(w0)|below20(w1)|below20(w2)|below20(w3) != 0 {
			break
		}
	}
	for ; i < len(b); i++ {
		if b[i] < 0x20 {
			return i, high
		}
		high |= uint64(b[i]&0x80) << 56
	}
	return -1, high
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

// A Node is one value of a Doc. The zero Node is a value that is not there; every
// method is safe on it and answers the zero answer.
type Node struct {
	d *Doc
	i int32
}

func (n Node) entry() *entry { return &n.d.tape[n.i] }

// Kind tells what the value is.
func (n Node) Kind() Kind {
	if n.d == nil {
		return Absent
	}
	return n.entry().kind
}

// Exists is false for the zero Node.
func (n Node) Exists() bool { return n.d != nil }

// IsNull is true for null and for the zero Node: what SDKs send for an unset option.
func (n Node) IsNull() bool { k := n.Kind(); return k == Absent || k == Null }

// Raw is the value's own bytes, shared with the source.
func (n Node) Raw() []byte {
	if n.d == nil {
		return nil
	}
	e := n.entry()
	return n.d.src[e.start:e.end:e.end]
}

// Span is the value's place in the source: source[start:end].
func (n Node) Span() (start, end int) {
	if n.d == nil {
		return 0, 0
	}
	e := n.entry()
	return int(e.start), int(e.end)
}

// Members yields an object's keys and values in order, duplicates included; nothing for
// another kind.
func (n Node) Members() iter.Seq2[Node, Node] {
	return func(yield func(Node, Node) bool) {
		if n.Kind() != Object {
			return
		}
		for i := n.i + 1; i < n.entry().next; {
			v := Node{n.d, i + 1}
			if !yield(Node{n.d, i}, v) {
				return
			}
			i = v.entry().next
		}
	}
}

// Elems yields an array's elements; nothing for another kind.
func (n Node) Elems() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.Kind() != Array {
			return
		}
		for i := n.i + 1; i < n.entry().next; {
			v := Node{n.d, i}
			if !yield(v) {
				return
			}
			i = v.entry().next
		}
	}
}

// Get is the value of the object's last member with that key (the last, because that is
// the one upstreams read), or the zero Node.
func (n Node) Get(key string) Node {
	if n.Kind() != Object {
		return Node{}
	}
	var found Node
	end := n.entry().next
	for i := n.i + 1; i < end; {
		k, v := Node{n.d, i}, Node{n.d, i + 1}
		if k.Is(key) {
			found = v
		}
		i = v.entry().next
	}
	return found
}

// At follows keys from n downwards; the zero Node if any is missing.
func (n Node) At(keys ...string) Node {
	for _, k := range keys {
		n = n.Get(k)
	}
	return n
}

// Len counts an array's elements or an object's members.
func (n Node) Len() int {
	c := 0
	switch n.Kind() {
	case Array:
		for range n.Elems() {
			c++
		}
	case Object:
		for range n.Members() {
			c++
		}
	}
	return c
}

// Is reports whether the value is the string s, without allocating.
func (n Node) Is(s string) bool {
	if n.Kind() != String {
		return false
	}
	e := n.entry()
	if !e.escaped {
		return string(n.d.src[e.start+1:e.end-1]) == s
	}
	return n.Str() == s
}

// Str is a string's text with escapes resolved (a lone surrogate becomes U+FFFD), and ""
// for another kind.
func (n Node) Str() string {
	if n.Kind() != String {
		return ""
	}
	e := n.entry()
	in := n.d.src[e.start+1 : e.end-1]
	if !e.escaped {
		return string(in)
	}
	return string(appendUnescaped(make([]byte, 0, len(in)), in))
}

// Bytes is Str without the copy where there is no escape: for `switch string(k.Bytes())`.
func (n Node) Bytes() []byte {
	if n.Kind() != String {
		return nil
	}
	e := n.entry()
	if in := n.d.src[e.start+1 : e.end-1]; !e.escaped {
		return in
	}
	return []byte(n.Str())
}

// StrLen is the length in bytes of a string between its quotes, escapes as written: a
// cheap upper bound for len(Str()) up to U+FFFD replacement.
func (n Node) StrLen() int {
	if n.Kind() != String {
		return 0
	}
	e := n.entry()
	return int(e.end - e.start - 2)
}

// Bool is true for the literal true only.
func (n Node) Bool() bool { return n.Kind() == Bool && n.d.src[n.entry().start] == 't' }

// Int is a number that is a whole int64, also when written as 3.0 or 3e2.
func (n Node) Int() (int64, bool) {
	if n.Kind() != Number {
		return 0, false
	}
	raw := n.Raw()
	if v, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return v, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// Int64 is Int without the second answer: 0 for what is no whole number.
func (n Node) Int64() int64 { v, _ := n.Int(); return v }

// Float is a finite number.
func (n Node) Float() (float64, bool) {
	if n.Kind() != Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(n.Raw()), 64)
	return f, err == nil
}

func hex(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

func hex4(b []byte) rune { return hex(b[0])<<12 | hex(b[1])<<8 | hex(b[2])<<4 | hex(b[3]) }

// appendUnescaped resolves the escapes of in, the inside of a string that was parsed.
func appendUnescaped(dst, in []byte) []byte {
	for {
		i := bytes.IndexByte(in, '\\')
		if i < 0 {
			return append(dst, in...)
		}
		dst = append(dst, in[:i]...)
		switch c := in[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(in[i+2:])
			n := 6
			if r >= 0xD800 && r < 0xE000 {
				low := rune(-1)
				if r < 0xDC00 && len(in) >= i+12 && in[i+6] == '\\' && in[i+7] == 'u' {
					low = hex4(in[i+8:])
				}
				if low >= 0xDC00 && low < 0xE000 {
					r = (r-0xD800)<<10 | (low - 0xDC00) + 0x10000
					n = 12
				} else {
					r = utf8.RuneError
				}
			}
			dst = utf8.AppendRune(dst, r)
			in = in[i+n:]
			continue
		default: // quote, backslash, slash
			dst = append(dst, c)
		}
		in = in[i+2:]
	}
}

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; only what JSON
// demands is escaped.
func AppendString[S ~string | ~[]byte](dst []byte, s S) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n <= 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				i++
				from = i
				continue
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

// Valid reports whether b is one JSON value.
func Valid(b []byte) bool { var d Doc; return d.Parse(b) == nil }
