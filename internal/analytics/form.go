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
		dst = binary.AppendUvarint(dst, uint64(len(h)))
		last := uint16(0)
		for _, b := range h {
			dst = binary.AppendUvarint(dst, uint64(b.At-last))
			dst = binary.AppendUvarint(dst, uint64(b.N))
			last = b.At
		}
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
	r := formReader{src[2:]}
	for i := range rest[:src[1]] {
		v, n := binary.Varint(r.rest)
		if !r.skip(n) {
			return errForm
		}
		rest[i] = v
	}
	wanted := want.histograms()
	for i, h := range [...]*Histogram{&t.Latency, &t.Time, &t.Speed} {
		if i == wanted {
			return nil
		}
		if err := r.histogram(h); err != nil {
			return err
		}
	}
	if len(r.rest) > 0 {
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

type formReader struct{ rest []byte }

func (r *formReader) skip(n int) bool {
	if n <= 0 {
		return false
	}
	r.rest = r.rest[n:]
	return true
}

func (r *formReader) number(most uint64) (uint64, bool) {
	v, n := binary.Uvarint(r.rest)
	return v, v <= most && r.skip(n)
}

// histogram reads ascending bins with something in them, and nothing else.
func (r *formReader) histogram(h *Histogram) error {
	count, ok := r.number(bins)
	if !ok {
		return errForm
	}
	at := uint64(0)
	for range count {
		step, ok := r.number(bins)
		n, more := r.number(1<<63 - 1)
		if at += step; !ok || !more || step == 0 || n == 0 || at > bins {
			return errForm
		}
		*h = append(*h, Bin{uint16(at), int64(n)})
	}
	return nil
}
