package rawjson

import (
	"iter"
	"math"
	"strconv"
)

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
