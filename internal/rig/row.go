package rig

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Row is everything seen in one scenario.
type Row struct {
	Name, Title string
	PerChunk    bool // processor time is per chunk, else per request
	Added       bool // latency beyond the provider's own was measured
	Streams     int  // opened once each; 0: it is not about their number
	Note        string
	Targets     []*TargetRow
}

// A TargetRow is what one target did in a scenario, round by round.
type TargetRow struct {
	Name   string
	Rounds []LoadResult
	Idle   Memory          // before the load
	Starts []time.Duration // from start to first answer
}

func (row *Row) target(name string) *TargetRow {
	for _, t := range row.Targets {
		if t.Name == name {
			return t
		}
	}
	t := &TargetRow{Name: name}
	row.Targets = append(row.Targets, t)
	return t
}

func (row *Row) add(name string, l LoadResult) {
	t := row.target(name)
	t.Rounds = append(t.Rounds, l)
}

func (row *Row) idle(name string, m Memory) { row.target(name).Idle = m }

func (row *Row) started(name string, d time.Duration) {
	t := row.target(name)
	t.Starts = append(t.Starts, d)
}

// subject is the gateway's part, or what stands in its place.
func (row *Row) subject() *TargetRow {
	for _, t := range row.Targets {
		if t.Name == targetGateway || t.Name == targetAgain {
			return t
		}
	}
	return &TargetRow{}
}

// measured says whether there is any figure at all.
func (t *TargetRow) measured() bool { return t.completed() > 0 || len(t.Starts) > 0 }

// failed counts failed requests, with the first of their reasons.
func (t *TargetRow) failed() (n int, reason string) {
	for _, l := range t.Rounds {
		n += l.Failed
		if reason == "" && len(l.Errors) > 0 {
			reason = l.Errors[0]
		}
	}
	return n, reason
}

func (t *TargetRow) completed() int {
	n := 0
	for _, l := range t.Rounds {
		n += l.Requests
	}
	return n
}

// cost is the processor time of each round per request or chunk, in microseconds.
func (row *Row) cost(t *TargetRow) Spread {
	return spreadOf(t.Rounds, func(l LoadResult) float64 {
		n := l.Requests
		if row.PerChunk {
			n = l.Chunks
		}
		if n == 0 {
			return 0
		}
		return float64(l.CPU.Nanoseconds()) / 1000 / float64(n)
	})
}

// ratio is the subject's cost over the baseline's in the same round, for each round.
func (row *Row) ratio() Spread {
	base, subject := row.cost(row.target(targetRevproxy)), row.cost(row.subject())
	return base.over(subject, func(b, s float64) float64 {
		if b == 0 {
			return 0
		}
		return s / b
	})
}

// added is a latency of t less the provider's own in the same round, in milliseconds.
func (row *Row) added(t *TargetRow, of func(LoadResult) time.Duration) Spread {
	ms := func(l LoadResult) float64 { return float64(of(l).Nanoseconds()) / 1e6 }
	direct := spreadOf(row.target(targetDirect).Rounds, ms)
	return direct.over(spreadOf(t.Rounds, ms), func(d, t float64) float64 { return t - d })
}

// peak is the most memory seen, in MiB of RSS.
func (t *TargetRow) peak() float64 {
	var most int64
	for _, l := range t.Rounds {
		most = max(most, l.Memory.RSS)
	}
	return mib(most)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// startMS are the times from start to first answer, in milliseconds.
func (t *TargetRow) startMS() Spread {
	return spreadOf(t.Starts, func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 })
}

// line is the row in short, for those who wait.
func (row *Row) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s", row.Name)
	for _, t := range row.Targets {
		n, reason := t.failed()
		switch {
		case n > 0:
			fmt.Fprintf(&b, "  %s: %d FAILED (%s)", t.Name, n, reason)
		case len(t.Starts) > 0:
			fmt.Fprintf(&b, "  %s %.1f ms", t.Name, t.startMS().Median())
		case row.Streams > 0:
			fmt.Fprintf(&b, "  %s %d done, %.0f MiB", t.Name, t.completed(), t.peak())
		case t.Name == targetDirect:
		default:
			fmt.Fprintf(&b, "  %s %.1f µs", t.Name, row.cost(t).Median())
		}
	}
	if r := row.ratio(); len(r) > 0 && r.Median() > 0 {
		fmt.Fprintf(&b, "  × %.2f", r.Median())
	}
	return b.String()
}

// A Spread is one figure in each round, in order.
type Spread []float64

func spreadOf[T any](all []T, figure func(T) float64) Spread {
	s := make(Spread, len(all))
	for i, v := range all {
		s[i] = figure(v)
	}
	return s
}

// over joins two spreads round by round, as far as both go.
func (s Spread) over(other Spread, join func(a, b float64) float64) Spread {
	out := make(Spread, min(len(s), len(other)))
	for i := range out {
		out[i] = join(s[i], other[i])
	}
	return out
}

// Median is 0 when there is nothing.
func (s Spread) Median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// Min and Max are 0 when there is nothing.
func (s Spread) Min() float64 {
	if len(s) == 0 {
		return 0
	}
	return slices.Min(s)
}

// Max is the largest.
func (s Spread) Max() float64 {
	if len(s) == 0 {
		return 0
	}
	return slices.Max(s)
}
