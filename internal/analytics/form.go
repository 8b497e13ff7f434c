package analytics

import (
	"encoding/binary"
	"errors"
)

// form is the first byte of a stored tally. A form has its measures in order and its
// histograms after them; what an older program did not know is not there and is 0. A program that adds
// measures needs a migration, so that an older one does not open the database; so does another form.
const form = 1

var errForm = errors.New("the sums are in a form that this program does not know")

// AppendRest appends what of a tally has no column.
func (t *Tally) AppendRest(dst []byte) []byte {
	rest := t.Sums[Columns:]
	for len(rest) > 0 && rest[len(rest)-1] == 0 {
		rest = rest[:len(rest)-1]
	}
	dst = append(dst, form, byte(len(rest)))
	for _, v := range rest {
		dst = binary.AppendVarint(dst, v)
	}
	for _, h := range [...]Histogram{t.Latency, t.Time, t.Speed} {
		dst = h.append(dst)
	}
	return dst
}

// ReadRest is the reverse of AppendRest: it sets what has no column, and keeps nothing of
// src. The histograms reuse the tally's memory; those after the last that is wanted are empty.
func (t *Tally) ReadRest(src []byte, want *Want) error {
	t.Latency, t.Time, t.Speed = t.Latency[:0], t.Time[:0], t.Speed[:0]
	rest := t.Sums[Columns:]
	clear(rest)
	if len(src) < 2 || src[0] != form || int(src[1]) > len(rest) {
		return errForm
	}
	r := column{body: src[2:], here: true}
	for i := range rest[:src[1]] {
		v, ok := r.varint()
		if !ok {
			return errForm
		}
		rest[i] = v
	}
	wanted := want.histograms()
	for i, h := range [...]*Histogram{&t.Latency, &t.Time, &t.Speed} {
		if i == wanted {
			return nil
		}
		if !r.histogram(h) {
			return errForm
		}
	}
	if !r.done() {
		return errForm
	}
	return nil
}

// histograms is how many must be read to have those that are wanted.
func (w *Want) histograms() int {
	switch {
	case w.Speed:
		return 3
	case w.Time:
		return 2
	case w.Latency:
		return 1
	}
	return 0
}

// append appends a histogram: how many bins there are, and of each how far it is above the one
// before and what is in it.
func (h Histogram) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(h)))
	last := uint16(0)
	for _, b := range h {
		dst = binary.AppendUvarint(dst, uint64(b.At-last))
		dst = binary.AppendUvarint(dst, uint64(b.N))
		last = b.At
	}
	return dst
}

// column is the numbers of a stored form, which are read one after another.
type column struct {
	body []byte
	at   int
	here bool // else there is none, and all of it is 0
}

func (c *column) done() bool { return !c.here || c.at == len(c.body) }

func (c *column) varint() (int64, bool) {
	v, ok := c.uvarint()
	return int64(v>>1) ^ -int64(v&1), ok
}

// uvarint is the next number; most have one byte.
func (c *column) uvarint() (uint64, bool) {
	if c.at < len(c.body) && c.body[c.at] < 0x80 {
		c.at++
		return uint64(c.body[c.at-1]), true
	}
	v, n := binary.Uvarint(c.body[c.at:])
	c.at += max(n, 0)
	return v, n > 0
}

// histogram reads ascending bins with something in them, and nothing else.
func (c *column) histogram(h *Histogram) bool {
	count, ok := c.uvarint()
	if !ok || count > bins {
		return false
	}
	at := uint64(0)
	for range count {
		step, ok := c.uvarint()
		n, more := c.uvarint()
		if at += step; !ok || !more || step == 0 || step > bins || at > bins || n == 0 || n > 1<<63-1 {
			return false
		}
		*h = append(*h, Bin{uint16(at), int64(n)})
	}
	return true
}
