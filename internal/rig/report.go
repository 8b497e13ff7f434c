package rig

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A Report is everything one run saw.
type Report struct {
	Machine  string
	Busy     float64 // load of the machine at the start
	Started  time.Time
	Took     time.Duration
	Quick    bool
	Noise    bool
	Notes    []string
	Rows     []*Row
	Verdicts []Verdict
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Missed counts the bars that were not kept.
func (r *Report) Missed() int {
	n := 0
	for _, v := range r.Verdicts {
		if !v.Kept {
			n++
		}
	}
	return n
}

// Write prints the report as aligned text.
func (r *Report) Write(w io.Writer) error { return r.print(w, textTable) }

// WriteMarkdown prints the report as the figures of docs/performance.md.
func (r *Report) WriteMarkdown(w io.Writer) error { return r.print(w, markdownTable) }

func (r *Report) print(w io.Writer, table func([][]string) string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %s, %s\n", r.Machine, r.Started.Format("2 January 2006 15:04 UTC"), r.Took)
	if r.Quick {
		b.WriteString("\nA quick run: a look, not a verdict.\n")
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nNote: %s.\n", n)
	}
	for _, part := range [][][]string{r.costs(), r.latencies(), r.memory(), r.startTimes()} {
		if len(part) > 1 {
			b.WriteString("\n" + table(part))
		}
	}
	if len(r.Verdicts) > 0 {
		b.WriteString("\n" + table(r.verdicts()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// costs is processor time, a row per scenario.
func (r *Report) costs() [][]string {
	out := [][]string{{"processor time", "µs per", "revproxy", r.subjectName(), "ratio", "ratio, min to max", "requests", "failed"}}
	for _, row := range r.Rows {
		subject := row.subject()
		ratio := row.ratio()
		if len(ratio) == 0 {
			continue
		}
		unit := "request"
		if row.PerChunk {
			unit = "chunk"
		}
		n, _ := subject.failed()
		out = append(out, []string{row.Title, unit, row.cost(row.target(targetRevproxy)).text(), row.cost(subject).text(),
			fmt.Sprintf("%.2f", ratio.Median()), fmt.Sprintf("%.2f to %.2f", ratio.Min(), ratio.Max()), fmt.Sprint(subject.completed()), fmt.Sprint(n)})
	}
	return out
}

// text is a median with its range.
func (s Spread) text() string {
	if len(s) == 1 {
		return fmt.Sprintf("%.1f", s[0])
	}
	return fmt.Sprintf("%.1f (%.1f to %.1f)", s.Median(), s.Min(), s.Max())
}

func (r *Report) subjectName() string {
	if r.Noise {
		return targetAgain
	}
	return targetGateway
}

// latencies is what a gateway adds to the provider's own latency.
func (r *Report) latencies() [][]string {
	out := [][]string{{"added latency", "target", "p50 ms", "p99 ms", "provider alone, p50 ms"}}
	for _, row := range r.Rows {
		if !row.Added {
			continue
		}
		p50 := func(l LoadResult) time.Duration { return l.First.P50 }
		p99 := func(l LoadResult) time.Duration { return l.First.P99 }
		alone := spreadOf(row.target(targetDirect).Rounds, func(l LoadResult) float64 { return float64(p50(l).Microseconds()) / 1000 })
		for _, t := range row.Targets {
			if t.Name != targetDirect {
				out = append(out, []string{row.Title, t.Name, fmt.Sprintf("%.2f", row.added(t, p50).Median()), fmt.Sprintf("%.2f", row.added(t, p99).Median()), fmt.Sprintf("%.2f", alone.Median())})
			}
		}
	}
	return out
}

func (r *Report) memory() [][]string {
	out := [][]string{{"memory and completion", "target", "streams done", "open at once", "idle MiB", "peak MiB (RSS)", "peak MiB (PSS)"}}
	for _, row := range r.Rows {
		if row.Streams == 0 {
			continue
		}
		for _, t := range row.Targets {
			if len(t.Rounds) == 0 {
				continue
			}
			l := t.Rounds[0]
			out = append(out, []string{row.Title, t.Name, fmt.Sprintf("%d of %d", t.completed(), row.Streams), fmt.Sprint(l.PeakOpen),
				fmt.Sprintf("%.0f", mib(t.Idle.RSS)), fmt.Sprintf("%.0f", mib(l.Memory.RSS)), fmt.Sprintf("%.0f", mib(l.Memory.PSS))})
		}
	}
	return out
}

func (r *Report) startTimes() [][]string {
	out := [][]string{{"start to first answer", "ms"}}
	for _, row := range r.Rows {
		for _, t := range row.Targets {
			if len(t.Starts) > 0 {
				out = append(out, []string{t.Name, t.startMS().text()})
			}
		}
	}
	return out
}

func (r *Report) verdicts() [][]string {
	out := [][]string{{"bar", "measured", "limit", ""}}
	for _, v := range r.Verdicts {
		word := "kept"
		if !v.Kept {
			word = "MISSED"
		}
		if v.Failed > 0 {
			word += fmt.Sprintf(", %d requests failed", v.Failed)
		}
		out = append(out, []string{v.Says, fmt.Sprintf("%.2f %s", v.Figure, v.Unit), fmt.Sprintf("%.4g %s", v.Limit, v.Unit), word})
	}
	return out
}
