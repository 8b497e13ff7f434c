package replay

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is everything a run found.
type Report struct {
	Outcomes []*Outcome   `json:"outcomes"`
	Cuts     []*CutReport `json:"cuts,omitempty"`
}

type tally struct{ total, equal, unsaid int }

func (t tally) percent() float64 {
	if t.total == 0 {
		return 100
	}
	return 100 * float64(t.equal) / float64(t.total)
}

func (r *Report) tallies() (byAPI map[string]tally, all tally) {
	byAPI = map[string]tally{}
	for _, o := range r.Outcomes {
		key := o.API + "\t" + string(cmp.Or(o.Surface, Chat))
		t := byAPI[key]
		if o.Unsaid != "" {
			t.unsaid++
			all.unsaid++
			byAPI[key] = t
			continue
		}
		t.total++
		all.total++
		if o.Equal() {
			t.equal++
			all.equal++
		}
		byAPI[key] = t
	}
	return byAPI, all
}

// Percent is the share of exchanges that are equal in every field.
func (r *Report) Percent() float64 {
	_, all := r.tallies()
	return all.percent()
}

// Failed counts what must not be, whatever the share: undeclared edits and cuts that look
// whole.
func (r *Report) Failed() int {
	n := 0
	for _, o := range r.Outcomes {
		if o.Same != nil && len(o.Same.Problems) > 0 {
			n++
		}
	}
	for _, c := range r.Cuts {
		n += c.Wrong
	}
	return n
}

// Write prints the tables.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	r.writeShares(&b)
	r.writeRemainders(&b)
	r.writeUnsaid(&b)
	r.writeRefused(&b)
	r.writeSame(&b)
	r.writeCuts(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeShares(b *strings.Builder) {
	byAPI, all := r.tallies()
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "api\tsurface\texchanges\tequal\tpercent\tnot expressible")
	for _, api := range slices.Sorted(maps.Keys(byAPI)) {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.1f\t%d\n", api, byAPI[api].total, byAPI[api].equal, byAPI[api].percent(), byAPI[api].unsaid)
	}
	fmt.Fprintf(t, "all\t\t%d\t%d\t%.2f\t%d\n", all.total, all.equal, all.percent(), all.unsaid)
	t.Flush()
}

func (r *Report) writeRemainders(b *strings.Builder) {
	fields := map[string]int{}
	for _, o := range r.Outcomes {
		for _, d := range o.Diffs {
			fields[d.Field]++
		}
	}
	if len(fields) == 0 {
		return
	}
	fmt.Fprintln(b, "\nremainders by field:", counts(fields))
	for _, o := range r.Outcomes {
		if o.Equal() {
			continue
		}
		fmt.Fprintln(b, o.Path, o.Surface)
		for _, d := range o.Diffs {
			fmt.Fprintln(b, "   ", d)
		}
	}
}

// unsaid are the reasons why answers were not asked for, with their numbers, by api and
// surface.
func (r *Report) unsaid() map[string]int {
	out := map[string]int{}
	for _, o := range r.Outcomes {
		if o.Unsaid != "" {
			out[o.API+"\t"+string(o.Surface)+"\t"+o.Unsaid]++
		}
	}
	return out
}

func (r *Report) writeUnsaid(b *strings.Builder) {
	reasons := r.unsaid()
	if len(reasons) == 0 {
		return
	}
	fmt.Fprintln(b, "\nnot expressible:")
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, k := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(t, "%s\t%d\n", k, reasons[k])
	}
	t.Flush()
}

// writeRefused lists the recorded requests that the gateway did not take; their answers
// were replayed with plain ones.
func (r *Report) writeRefused(b *strings.Builder) {
	n := 0
	for _, o := range r.Outcomes {
		if o.Refused == "" {
			continue
		}
		if n++; n == 1 {
			fmt.Fprintln(b, "\nrequests that the gateway refused, replayed with plain ones:")
		}
		fmt.Fprintf(b, "%s: %.200s\n", o.Path, o.Refused)
	}
}

func counts(m map[string]int) string {
	keys := slices.Collect(maps.Keys(m))
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(m[b]-m[a], strings.Compare(a, b))
	})
	var parts []string
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(parts, ", ")
}

func (r *Report) writeSame(b *strings.Builder) {
	request, frames := map[string]int{}, map[string]int{}
	var checked, clean int
	var problems strings.Builder
	for _, o := range r.Outcomes {
		if o.Same == nil {
			continue
		}
		checked++
		for k, n := range o.Same.Request {
			request[k] += n
		}
		for k, n := range o.Same.Frames {
			frames[k] += n
		}
		if len(o.Same.Problems) == 0 {
			clean++
			continue
		}
		fmt.Fprintln(&problems, o.Path)
		for _, p := range o.Same.Problems {
			fmt.Fprintln(&problems, "   ", p)
		}
	}
	if checked > 0 {
		fmt.Fprintf(b, "\nsame wire: %d exchanges, %d with declared edits only\n  request edits: %s\n  frame edits: %s\n%s",
			checked, clean, counts(request), counts(frames), problems.String())
	}
}

func (r *Report) writeCuts(b *strings.Builder) {
	if len(r.Cuts) == 0 {
		return
	}
	var cuts, errs, whole, bad, untried int
	for _, c := range r.Cuts {
		cuts, errs, whole, bad, untried = cuts+c.Cuts, errs+c.Error, whole+c.Whole, bad+c.Wrong, untried+c.Untried
	}
	fmt.Fprintf(b, "\ncuts: %d streams, %d cuts, %d errors, %d whole answers, %d bad\n", len(r.Cuts), cuts, errs, whole, bad)
	if untried > 0 {
		fmt.Fprintf(b, "%d more were not tried: time was up\n", untried)
	}
	for _, c := range r.Cuts {
		if c.Skipped != "" {
			fmt.Fprintf(b, "%s was not cut: %s\n", c.Path, c.Skipped)
		}
		for i, f := range c.Bad {
			if i == 5 {
				fmt.Fprintf(b, "    and %d more\n", c.Wrong-i)
				break
			}
			fmt.Fprintf(b, "%s at %d (%s): %s\n", c.Path, f.Offset, f.Ending, f.Cause)
		}
	}
}

// WriteMarkdown prints the shares, and the remainders by field with an example each.
func (r *Report) WriteMarkdown(w io.Writer) error {
	byAPI, all := r.tallies()
	var b strings.Builder
	b.WriteString("| api | surface | exchanges | equal | % | not expressible |\n|---|---|---|---|---|---|\n")
	for _, k := range slices.Sorted(maps.Keys(byAPI)) {
		t := byAPI[k]
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f | %d |\n", strings.ReplaceAll(k, "\t", " | "), t.total, t.equal, t.percent(), t.unsaid)
	}
	fmt.Fprintf(&b, "| all | | %d | %d | %.2f | %d |\n", all.total, all.equal, all.percent(), all.unsaid)
	causes, example := map[string]int{}, map[string]string{}
	for _, o := range r.Outcomes {
		if len(o.Diffs) > 0 {
			k := o.API + " | " + string(o.Surface) + " | " + o.Diffs[0].Field
			causes[k]++
			example[k] = o.Path
		}
	}
	if len(causes) > 0 {
		b.WriteString("\n| api | surface | first difference | n | example |\n|---|---|---|---|---|\n")
	}
	for _, k := range slices.Sorted(maps.Keys(causes)) {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", k, causes[k], example[k])
	}
	_, err := io.WriteString(w, b.String())
	return err
}
