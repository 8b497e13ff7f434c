package analytics

import (
	"math/bits"
	"slices"
)

// Histogram counts values above 0 in bins of which eight cover each doubling, so that a
// percentile is within 6.25 % of the value it stands for; values below 16 are exact. It has
// the bins that are not empty, in ascending order: at most 488, and in practice two dozen.
type Histogram []Bin

// Bin is how many values are in the bin with a number.
type Bin struct {
	At uint16
	N  int64
}

const (
	binBits = 3                         // eight bins a doubling
	bins    = (63-binBits)<<binBits | 7 // the number of the last, that of the largest int64
)

func binOf(v int64) uint16 {
	if v < 1<<binBits {
		return uint16(v)
	}
	shift := bits.Len64(uint64(v)) - 1 - binBits
	return uint16(shift+1)<<binBits | uint16(v>>shift)&(1<<binBits-1)
}

// bounds are the least value of a bin and the least of the next.
func bounds(at uint16) (low, high float64) {
	if at < 1<<binBits {
		return float64(at), float64(at) + 1
	}
	width := float64(uint64(1) << (at>>binBits - 1))
	low = float64(1<<binBits|at&(1<<binBits-1)) * width
	return low, low + width
}

// Count adds a value; one that is not above 0 is none.
func (h *Histogram) Count(v int64) {
	if v > 0 {
		h.put(Bin{binOf(v), 1})
	}
}

func (h *Histogram) put(b Bin) { h.putFrom(0, b) }

// putFrom adds to the bin, which is not before index from, and returns its index.
func (h *Histogram) putFrom(from int, b Bin) int {
	list := *h
	to := len(list)
	for from < to {
		if middle := (from + to) / 2; list[middle].At < b.At {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from < len(list) && list[from].At == b.At {
		list[from].N = plus(list[from].N, b.N)
	} else {
		*h = slices.Insert(list, from, b)
	}
	return from
}

func (h *Histogram) add(o Histogram) {
	i := 0
	for _, b := range o {
		i = h.putFrom(i, b)
	}
}

// Percentile is the value that a share of all values, from 0 to 1, does not exceed: the
// middle of its bin. It is false when there is no value.
func (h Histogram) Percentile(share float64) (float64, bool) {
	var all int64
	for _, b := range h {
		all = plus(all, b.N)
	}
	if all == 0 {
		return 0, false
	}
	rank := max(1, int64(share*float64(all)+0.999999))
	for _, b := range h {
		if rank -= b.N; rank <= 0 {
			return middle(b.At), true
		}
	}
	return middle(h[len(h)-1].At), true
}

// middle is that of the whole numbers in the bin.
func middle(at uint16) float64 {
	low, high := bounds(at)
	return (low + high - 1) / 2
}
