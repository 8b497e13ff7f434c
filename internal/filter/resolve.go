package filter

import (
	"cmp"
	"slices"
)

// stronger reports that of two overlapping matches a names what is there: the longer, then
// that of the stronger rule, then the builtin, then the rule that was given first.
func (v *view) stronger(a, b raw) bool {
	if n := cmp.Compare(a.end-a.start, b.end-b.start); n != 0 {
		return n > 0
	}
	if n := cmp.Compare(v.rules[a.by].Action, v.rules[b.by].Action); n != 0 {
		return n > 0
	}
	return a.by < b.by
}

// resolve appends findings that do not overlap, in order. What rules redact or block is one
// finding as far as matches overlap, so that nothing of any of them is left; its action is
// the strongest of theirs. A flag stands only where nothing stronger does.
func (v *view) resolve(dst []Finding, raws []raw) []Finding {
	slices.SortStableFunc(raws, func(a, b raw) int { return cmp.Compare(a.start, b.start) })
	first := len(dst)
	dst = v.cluster(dst, raws, func(r raw) bool { return v.rules[r.by].Action > Flag })
	hard, soft := dst[first:], len(dst)
	if len(hard) == 0 {
		return v.cluster(dst, raws, func(raw) bool { return true })
	}
	dst = v.cluster(dst, raws, func(r raw) bool { return v.rules[r.by].Action == Flag && !overlaps(hard, r) })
	if len(dst) == soft {
		return dst
	}
	slices.SortFunc(dst[first:], func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	return dst
}

// cluster appends one finding for every group of overlapping raws that are in.
func (v *view) cluster(dst []Finding, raws []raw, in func(raw) bool) []Finding {
	open := false
	var best, most raw // the one that names the group, and one of the strongest action
	var start, end int
	for _, r := range raws {
		if !in(r) {
			continue
		}
		if open && r.start < end {
			end = max(end, r.end)
			if v.stronger(r, best) {
				best = r
			}
			if v.rules[r.by].Action > v.rules[most.by].Action {
				most = r
			}
			continue
		}
		if open {
			dst = append(dst, v.finding(start, end, best, most))
		}
		open, best, most, start, end = true, r, r, r.start, r.end
	}
	if open {
		dst = append(dst, v.finding(start, end, best, most))
	}
	return dst
}

// finding is what a group is told as: named by best, unless another's rule blocks.
func (v *view) finding(start, end int, best, most raw) Finding {
	if v.rules[most.by].Action > v.rules[best.by].Action {
		best = most
	}
	a := &v.rules[best.by]
	f := Finding{Start: start, End: end, Slug: a.slug, Name: notes[best.note].name, Label: a.label, Action: a.Action, Guardrail: a.Guardrail}
	if own := notes[best.note].label; own != "" {
		f.Label = own
	}
	return f
}

// overlaps reports that a raw overlaps one of findings, which are in order.
func overlaps(findings []Finding, r raw) bool {
	k, _ := slices.BinarySearchFunc(findings, r.start, func(f Finding, start int) int {
		return cmp.Compare(f.End-1, start)
	})
	return k < len(findings) && findings[k].Start < r.end
}
