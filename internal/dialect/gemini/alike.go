package gemini

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A pattern is what the frames of a stream have in common: all but the text of their one
// part, and the counts. A frame that equals it but for the inside of that string and for
// digits of the counts means the same: of it only the counts are read, and parsed only where
// a number has other digits than as many.
type pattern struct {
	data       []byte // of a frame that was read; empty: none
	text       int    // where the inside of the text begins
	after      int    // and ends
	usage, end int    // the counts, behind the text; the same where there are none
	candidate  int64
	last       []byte      // the counts of the last frame that was like it; empty: none
	counts     rawjson.Doc // of last
}

// learn makes a pattern of a frame that has just been read, when it is one of many: one
// candidate with one part of text, and nothing that ends or calls anything.
func (x *relay) learn(data []byte, root rawjson.Node) {
	if x.quotes || len(data) > maxPattern {
		return
	}
	var seen [4]int
	var candidates, usage rawjson.Node
	for k, v := range root.Members() {
		switch string(k.Raw()) {
		case `"candidates"`:
			candidates = v
			seen[0]++
		case `"usageMetadata"`:
			usage = v
			seen[1]++
		case `"modelVersion"`:
			seen[2]++
		case `"responseId"`:
			seen[3]++
		default:
			return
		}
	}
	if max(seen[0], seen[1], seen[2], seen[3]) > 1 || candidates.Len() != 1 {
		return
	}
	for c := range candidates.Elems() {
		text, index := onlyText(c)
		start, stop := text.Span()
		from, to := usage.Span()
		if !usage.Exists() {
			from, to = len(data), len(data)
		}
		if text.Kind() != rawjson.String || from < stop {
			return
		}
		t := &x.like
		t.data, t.last = append(t.data[:0], data...), t.last[:0]
		t.text, t.after, t.usage, t.end, t.candidate = start+1, stop-1, from, to, index
	}
}

// maxPattern bounds the frames that are worth it, in bytes.
const maxPattern = 4 << 10

// onlyText is the text of a candidate that has one part with nothing else, the zero Node of
// any other.
func onlyText(c rawjson.Node) (text rawjson.Node, index int64) {
	content := rawjson.Node{}
	for k, v := range c.Members() {
		switch {
		case string(k.Raw()) == `"content"` && !content.Exists():
			content = v
		case string(k.Raw()) == `"index"` && index == 0:
			index = v.Int64()
		default:
			return rawjson.Node{}, 0
		}
	}
	parts := rawjson.Node{}
	for k, v := range content.Members() {
		switch {
		case string(k.Raw()) == `"parts"` && !parts.Exists():
			parts = v
		case string(k.Raw()) == `"role"`:
		default:
			return rawjson.Node{}, 0
		}
	}
	if parts.Len() != 1 || index < 0 || index >= maxCandidates {
		return rawjson.Node{}, 0
	}
	for p := range parts.Elems() {
		for k, v := range p.Members() {
			switch {
			case string(k.Raw()) == `"text"` && !text.Exists():
				text = v
			case string(k.Raw()) == `"thought"`:
			default:
				return rawjson.Node{}, 0
			}
		}
	}
	return text, index
}

// match reads a frame by the pattern into x.Event and reports whether it fits.
func (x *relay) match(raw, data []byte) bool {
	t := &x.like
	if len(t.data) == 0 || !bytes.HasPrefix(data, t.data[:t.text]) {
		return false
	}
	n := rawjson.StringEnd(data[t.text:])
	if n < 0 {
		return false
	}
	rest, ok := bytes.CutPrefix(data[t.text+n:], t.data[t.after:t.usage])
	if !ok {
		return false
	}
	counts, ok := t.count(rest)
	if !ok || !bytes.Equal(rest[counts:], t.data[t.end:]) {
		return false
	}
	if counts > 0 && readUsage(&x.usage, t.counts.Root()) {
		x.usage.State, x.Early = llm.UsagePartial, &x.usage
	}
	x.candidates[t.candidate].native = "" // it goes on
	x.Event = llm.Event{Kind: llm.Frame, Frame: raw, Size: int64(n), Content: n > 0, Usage: x.Early, ServiceTier: x.usage.ServiceTier}
	return true
}

// count reads the counts that b begins with into t.counts, and is how many bytes they have.
func (t *pattern) count(b []byte) (n int, ok bool) {
	if n = len(t.last); n > 0 && n <= len(b) && sameDigits(t.last, b[:n]) {
		copy(t.last, b) // what was parsed of the last ones has its places in these
		return n, true
	}
	if n = alike(b, t.data[t.usage:t.end]); n <= 0 {
		return n, n == 0
	}
	t.last = append(t.last[:0], b[:n]...)
	if t.counts.Parse(t.last) != nil {
		t.last = t.last[:0]
		return 0, false
	}
	return n, true
}

// sameDigits reports whether b, which is as long as a, differs from it in digits alone, and
// no number begins with a zero that did not.
func sameDigits(a, b []byte) bool {
	for i, c := range b {
		if c == a[i] {
			continue
		}
		if !digit(c) || !digit(a[i]) || c == '0' && (i == 0 || !digit(b[i-1])) {
			return false
		}
	}
	return true
}

// alike is how many bytes of b are the same as all of a but for the numbers of digits, -1
// when they are not.
func alike(b, a []byte) int {
	i := 0
	for j := 0; j < len(a); {
		if i >= len(b) {
			return -1
		}
		if digit(a[j]) && digit(b[i]) {
			for j < len(a) && digit(a[j]) {
				j++
			}
			for i < len(b) && digit(b[i]) {
				i++
			}
			continue
		}
		if a[j] != b[i] {
			return -1
		}
		i, j = i+1, j+1
	}
	return i
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
