package replay

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// CompareWork lists the differences between the product that a recording has and what the
// client got of it.
func CompareWork(s Surface, x *Exchange, want, got *Product) []Diff {
	d := &differ{x: x, s: s}
	for _, f := range got.Faults {
		d.add("shape", "", f)
	}
	switch {
	case x.Work == Count && want.Failure != nil && got.Failure == nil:
		d.estimate(got)
		return d.diffs
	case want.Failure != nil:
		d.workFailure(want.Failure, got.Failure)
		return d.diffs
	case x.Work == Complete && got.Failure == nil:
		return append(d.diffs, CompareOn(Chat, x, want.Result, got.Result)...)
	case got.Failure != nil:
		d.add("error", "success", fmt.Sprintf("%d %s: %s", got.Failure.Status, got.Failure.Type, got.Failure.Message))
		return d.diffs
	}
	d.vectors(want.Vectors, got.Vectors)
	d.ranks(want.Ranks, got.Ranks)
	d.equal("count", want.Count, got.Count)
	if s == GeminiCount && !sameValue(want.Details, got.Details) {
		d.add("count.details", want.Details, got.Details)
	}
	d.sound(want.Sound, got.Sound)
	d.equal("text", want.Text, got.Text)
	if want.Segments != "" && !sameValue(want.Segments, got.Segments) {
		d.add("segments", want.Segments, got.Segments)
	}
	d.pictures(want.Pictures, got.Pictures)
	d.units(want, got)
	return d.diffs
}

// estimate is what answers a client whose provider would not count: a number of the
// gateway's own that is said to be one.
func (d *differ) estimate(got *Product) {
	if !got.Estimated || got.Count <= 0 {
		d.add("count", "an estimate that says so", fmt.Sprintf("%d, estimated: %v", got.Count, got.Estimated))
	}
}

func (d *differ) workFailure(want, got *Failure) {
	switch {
	case got == nil:
		d.add("error", fmt.Sprintf("%d %s", want.Status, want.Message), "success")
		return
	case len(want.Statuses) > 0 && !slices.Contains(want.Statuses, got.Status):
		d.add("error.status", fmt.Sprint(want.Statuses), fmt.Sprintf("%d %s", got.Status, got.Message))
	}
	named := d.s != GeminiEmbeds && d.s != GeminiCount // Google's envelope has a word for the status alone
	if named && len(want.Types) > 0 && !slices.Contains(want.Types, got.Type) {
		d.add("error.type", strings.Join(want.Types, "|"), got.Type)
	}
}

// vectors must be the same numbers, in the form that the surface asks for. Between numbers
// and base64 each is the nearest float32, bit by bit.
func (d *differ) vectors(want, got []Vector) {
	d.equal("vectors", len(want), len(got))
	for i := range min(len(want), len(got)) {
		w, g := want[i], got[i]
		if is64 := g.Floats != nil; is64 != (d.s == Embeddings64) {
			d.add("vector.form", d.s, fmt.Sprintf("base64: %v", is64))
		}
		if w.Floats == nil && g.Floats == nil {
			if at := firstOther(w.Numbers, g.Numbers); at >= 0 {
				d.add(fmt.Sprintf("vector %d", i), at64(w.Numbers, at), at64(g.Numbers, at))
			}
			continue
		}
		a, errA := w.bits()
		b, errB := g.bits()
		if at := firstOther(a, b); errA != nil || errB != nil || at >= 0 {
			d.add(fmt.Sprintf("vector %d", i), fmt.Sprintf("%d floats, %v", len(a), errA), fmt.Sprintf("%d floats, %v, other at %d", len(b), errB, at))
		}
	}
}

func at64(list []string, at int) string {
	if at >= len(list) {
		return fmt.Sprintf("%d numbers", len(list))
	}
	return fmt.Sprintf("%s at %d of %d", list[at], at, len(list))
}

// firstOther is where two lists differ first, -1 nowhere. Empty lists are never the same: a
// vector has numbers.
func firstOther[T comparable](a, b []T) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	if len(a) == 0 {
		return 0
	}
	return -1
}

// bits are the vector's numbers as float32.
func (v Vector) bits() (out []uint32, err error) {
	if v.Floats == nil {
		for _, n := range v.Numbers {
			f, err := strconv.ParseFloat(n, 32)
			if err != nil {
				return nil, err
			}
			out = append(out, math.Float32bits(float32(f)))
		}
		return out, nil
	}
	if len(v.Floats)%4 != 0 {
		return nil, fmt.Errorf("%d bytes are no float32s", len(v.Floats))
	}
	for i := 0; i < len(v.Floats); i += 4 {
		out = append(out, binary.LittleEndian.Uint32(v.Floats[i:]))
	}
	return out, nil
}

func (d *differ) ranks(want, got []Ranked) {
	d.equal("results", len(want), len(got))
	for i := range min(len(want), len(got)) {
		d.equal(fmt.Sprintf("result %d.index", i), want[i].Index, got[i].Index)
		d.equal(fmt.Sprintf("result %d.relevance_score", i), want[i].Score, got[i].Score)
		d.equal(fmt.Sprintf("result %d.document", i), want[i].Document, got[i].Document)
	}
}

func (d *differ) sound(want, got *Sound) {
	if want == nil || got == nil {
		d.equal("sound", want != nil, got != nil)
		return
	}
	d.equal("sound.type", want.MIME, got.MIME)
	d.equal("sound.bytes", want.Size, got.Size)
	d.equal("sound.sha256", want.Sum, got.Sum)
}

// pictures must have all that was said of them where both sides speak one API, and the same
// bytes and type elsewhere.
func (d *differ) pictures(want, got []Picture) {
	d.equal("images", len(want), len(got))
	for i := range min(len(want), len(got)) {
		w, g := want[i], got[i]
		d.equal("image.url", w.URL, g.URL)
		d.equal("image.sha256", w.Sum, g.Sum)
		d.equal("image.type", w.MIME, g.MIME)
		if d.s == Drawn && !sameValue(w.Raw, g.Raw) {
			d.add("image", w.Raw, g.Raw)
		}
	}
}

// units compares each class that the upstream told. Where it told nothing, numbers must be
// said to be estimates; where it told a part, no other class may be invented.
func (d *differ) units(want, got *Product) {
	if want.Units == nil {
		if !nothing(got.Units) && !got.Estimated {
			d.add("usage", "none, or an estimate that says so", fmt.Sprint(got.Units))
		}
		return
	}
	if got.Estimated {
		d.add("usage", fmt.Sprint(want.Units), "an estimate")
	}
	for _, class := range slices.Sorted(maps.Keys(want.Units)) {
		if n, told := got.Units[class]; told || !d.mayOmit(class, want.Units[class]) {
			d.equal("usage."+class, want.Units[class], n)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(got.Units)) {
		if _, told := want.Units[class]; !told && got.Units[class] != 0 && !d.demanded(class) {
			d.add("usage."+class, "nothing", got.Units[class])
		}
	}
}

// mayOmit allows a class to be left out that is nothing, or that the surface has no name for.
func (d *differ) mayOmit(class string, n int64) bool {
	switch {
	case n == 0:
		return true
	case class == drawnUnits:
		return d.s == Drawn
	case class == imageUnits && d.x.Work == Draw:
		return d.s == DrawnRouter
	case class == textUnits:
		return d.s == DrawnRouter
	}
	return false
}

// demanded are classes that the API's own schema wants, whatever the upstream told.
func (d *differ) demanded(class string) bool {
	return class == textUnits && d.s == Drawn || class == drawnUnits && d.s == DrawnRouter
}
