package rawjson

import (
	"cmp"
	"slices"
)

// A Patch is a set of edits over one source. Edits may be added in any order but must
// not overlap. The zero Patch changes nothing.
type Patch struct {
	edits []edit
	own   []byte // what Append made
}

type edit struct {
	start, end int
	with       []byte
}

// Replace puts with where source[start:end] stood; start == end inserts. Two inserts at
// one place stay in the order they were added.
func (p *Patch) Replace(start, end int, with []byte) {
	p.edits = append(p.edits, edit{start, end, with})
}

// Set replaces a value.
func (p *Patch) Set(n Node, with []byte) {
	s, e := n.Span()
	p.Replace(s, e, with)
}

// Append adds a member at the end of object n: `"key":value`. The value must be JSON.
func (p *Patch) Append(n Node, key string, value []byte) {
	_, end := n.Span()
	at := len(p.own)
	if n.Len() > 0 || p.appended(end-1) {
		p.own = append(p.own, ',')
	}
	p.own = append(AppendString(p.own, key), ':')
	p.own = append(p.own, value...)
	p.Replace(end-1, end-1, p.own[at:len(p.own):len(p.own)])
}

func (p *Patch) appended(at int) bool {
	return slices.ContainsFunc(p.edits, func(e edit) bool { return e.start == at && e.end == at })
}

// Remove takes every member of object n whose key drop names out, with one comma each.
// A removal and an Append to the same object may be combined as long as at least one
// member stays.
func (p *Patch) Remove(n Node, drop func(key Node) bool) {
	src := n.d.src
	kept := false
	prevEnd := -1 // end of the last member kept so far
	for k, v := range n.Members() {
		ks, _ := k.Span()
		_, ve := v.Span()
		if !drop(k) {
			kept, prevEnd = true, ve
			continue
		}
		e := edit{start: ks, end: ve}
		if kept { // take the comma before it
			e.start = prevEnd
			prevEnd = ve
		} else { // nothing before: take the comma after it
			after := skipSpace(src, ve)
			if after < len(src) && src[after] == ',' {
				e.end = skipSpace(src, after+1)
			}
		}
		p.edits = append(p.edits, e)
	}
}

// Take takes elements out of array n, in which at least one stays: with the comma after each,
// or after the last that stays with the one before.
func (p *Patch) Take(n Node, gone []bool) {
	var starts, ends []int
	for v := range n.Elems() {
		start, end := v.Span()
		starts, ends = append(starts, start), append(ends, end)
	}
	last := len(gone) - 1
	for gone[last] {
		last--
	}
	for i := range last {
		if gone[i] {
			p.Replace(starts[i], starts[i+1], nil)
		}
	}
	if n := len(gone) - 1; last < n {
		p.Replace(ends[last], ends[n], nil)
	}
}

// Reset forgets the edits and keeps their memory.
func (p *Patch) Reset() {
	clear(p.edits)
	p.edits, p.own = p.edits[:0], p.own[:0]
}

// Empty reports whether the patch changes nothing.
func (p *Patch) Empty() bool { return len(p.edits) == 0 }

// order sorts the edits by place. There are few and they are nearly sorted.
func (p *Patch) order() {
	slices.SortStableFunc(p.edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
}

// Segments is the edited text as slices of src and of the edits, without a copy.
func (p *Patch) Segments(src []byte) [][]byte {
	p.order()
	out := make([][]byte, 0, 2*len(p.edits)+1)
	at := 0
	for _, e := range p.edits {
		if e.start > at {
			out = append(out, src[at:e.start])
		}
		if len(e.with) > 0 {
			out = append(out, e.with)
		}
		at = max(at, e.end)
	}
	if at < len(src) {
		out = append(out, src[at:])
	}
	return out
}

// Put gives the member key of an object a value, whether it is there or not.
func (p *Patch) Put(object Node, key string, value []byte) {
	if v := object.Get(key); v.Exists() {
		p.Set(v, value)
	} else {
		p.Append(object, key, value)
	}
}

// Apply appends the edited text to dst.
func (p *Patch) Apply(dst, src []byte) []byte {
	p.order()
	at := 0
	for _, e := range p.edits {
		if e.start > at {
			dst = append(dst, src[at:e.start]...)
		}
		dst = append(dst, e.with...)
		at = max(at, e.end)
	}
	return append(dst, src[at:]...)
}

// ApplyRange appends source[from:to] with the edits that lie inside it; edits at its ends
// belong to it.
func (p *Patch) ApplyRange(dst, src []byte, from, to int) []byte {
	p.order()
	for _, e := range p.edits {
		if e.start < from || e.end > to {
			continue
		}
		if e.start > from {
			dst = append(dst, src[from:e.start]...)
		}
		dst = append(dst, e.with...)
		from = max(from, e.end)
	}
	return append(dst, src[from:to]...)
}
