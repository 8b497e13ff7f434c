//go:build amd64

package rawjson

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

// Long strings are looked through in blocks of 64 bytes: AVX2 turns a block into masks,
// and the rest is arithmetic on them. What the masks do not find in order is looked at
// again byte by byte by escapedEnd, which alone decides what is an error and where.

// blockSize is how many bytes a mask stands for.
const blockSize = 64

// wide says whether the processor has what the masks need. Tests switch it off.
var wide = cpu.X86.HasAVX2 && cpu.X86.HasBMI1

// masks has a bit for each byte of a block.
type masks struct {
	quote, backslash, control, high uint64
	unescapable                     uint64 // may not follow a backslash
	u                               uint64
}

// plainBlocks is how many of the first blocks hold nothing but plain ASCII.
//
//go:noescape
func plainBlocks(src *byte, blocks int) int

// classify fills out for every block.
//
//go:noescape
func classify(src *byte, blocks int, out *masks)

// validBlocks reports whether the blocks are UTF-8. A sequence that is open at their end
// is not an error.
//
//go:noescape
func validBlocks(src *byte, blocks int) bool

// atOnce is how many blocks are classified in one call.
const atOnce = 16

// wideEnd looks for the quote that ends a string whose inside begins at start. ok is false
// when something is out of order or the text ends too near: then from is where a search
// byte by byte has to begin.
func wideEnd(b []byte, start int) (end int, escaped bool, from int, ok bool) {
	var (
		list   [atOnce]masks
		i      = start
		carry  uint64 // 1 when the block before ended in an open backslash
		run    = -1   // where the first block of a row of blocks with non-ASCII begins
		chunk  = 2    // most strings are short
		smooth = len(b)-i >= 4096
	)
	for {
		left := (len(b) - i) / blockSize
		if left == 0 {
			break
		}
		if smooth && carry == 0 && run < 0 {
			i += plainBlocks(&b[i], left) * blockSize
			if left = (len(b) - i) / blockSize; left == 0 {
				break
			}
		}
		n := min(left, chunk)
		classify(&b[i], n, &list[0])
		var rough uint64
		for k := range list[:n] {
			m := &list[k]
			escapes := carry
			if m.backslash != 0 {
				escapes = escapesOf(m.backslash, &carry)
			} else {
				carry = 0
			}
			if m.high != 0 {
				if run < 0 {
					run = i
				}
			} else if run >= 0 { // this block is ASCII: it closes what is open
				if !validBlocks(&b[run], (i-run)/blockSize+1) {
					return 0, false, start, false
				}
				run = -1
			}
			quote := m.quote &^ escapes
			inside := ^uint64(0)
			if quote != 0 {
				inside = quote&-quote - 1
			}
			escaped = escaped || m.backslash&inside != 0
			if (m.control|escapes&m.unescapable)&inside != 0 || m.u&escapes&inside != 0 && !hexFollows(b, i, m.u&escapes&inside) {
				return 0, false, start, false
			}
			if quote != 0 {
				if run >= 0 && !validBlocks(&b[run], (i-run)/blockSize+1) {
					return 0, false, start, false
				}
				return i + bits.TrailingZeros64(quote), escaped, 0, true
			}
			rough |= m.backslash | m.high
			i += blockSize
		}
		chunk, smooth = atOnce, rough == 0
	}
	if run >= 0 { // up to the last whole character
		if !validBlocks(&b[run], (i-run)/blockSize) {
			return 0, false, start, false
		}
		for j := i - 1; j >= i-3; j-- {
			if b[j] >= 0xC0 {
				return 0, escaped, j, false
			}
			if b[j] < 0x80 {
				break
			}
		}
	}
	return 0, escaped, i - int(carry), false
}

// escapesOf has a bit for each byte that a backslash escapes: the second, fourth … of a row
// of backslashes and what follows an odd row. carry goes from block to block. (Langdale and
// Lemire, "Parsing Gigabytes of JSON per Second", 2019, §3.1.1.)
func escapesOf(backslash uint64, carry *uint64) uint64 {
	const even = 0x5555555555555555
	backslash &^= *carry
	follows := backslash<<1 | *carry
	oddStarts := backslash &^ even &^ follows
	var sum uint64
	sum, *carry = bits.Add64(oddStarts, backslash, 0)
	return (even ^ sum<<1) & follows
}

// hexFollows reports whether four hex digits follow every u in the mask.
func hexFollows(b []byte, block int, u uint64) bool {
	for ; u != 0; u &= u - 1 {
		i := block + bits.TrailingZeros64(u)
		if len(b)-i < 5 || hex(b[i+1])|hex(b[i+2])|hex(b[i+3])|hex(b[i+4]) < 0 {
			return false
		}
	}
	return true
}
