package replay

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// CutReport is one recorded stream cut at many places.
type CutReport struct {
	Surface Surface   `json:"surface"`
	API     string    `json:"api"`
	Path    string    `json:"path"`
	Cuts    int       `json:"cuts"`              // tried, both endings counted
	Error   int       `json:"error"`             // the client saw an error
	Whole   int       `json:"whole"`             // the client saw the complete answer
	Wrong   int       `json:"wrong"`             // neither
	Untried int       `json:"untried,omitempty"` // since time was up
	Bad     []CutFail `json:"bad,omitempty"`     // the first of the wrong ones

	Skipped string `json:"skipped,omitempty"` // why it could not be cut; the outcome tells more
}

// CutFail is a cut after which the client took a part for the whole, or worse.
type CutFail struct {
	Offset int    `json:"offset"`
	Ending Ending `json:"ending"`
	Cause  string `json:"cause"`
}

// maxBad bounds the failures that are kept per stream.
const maxBad = 50

// Offsets are the places to cut a body at: all of a small one; of a large one the first
// 2 KB, the last 4 KB, two bytes around every event's end, and 500 others.
func Offsets(body []byte, every bool, seed uint64) []int {
	const small, head, tail, others = 20 << 10, 2 << 10, 4 << 10, 500
	n := len(body)
	pick := make([]bool, n)
	mark := func(from, to int) {
		for i := max(from, 0); i < min(to, n); i++ {
			pick[i] = true
		}
	}
	if every || n <= small {
		mark(0, n)
	} else {
		mark(0, head)
		mark(n-tail, n)
		for i := range n {
			if body[i] == '\n' && (bytes.HasPrefix(body[i+1:], []byte("\n")) || bytes.HasPrefix(body[i+1:], []byte("\r\n"))) {
				mark(i-1, i+5)
			}
		}
		rnd := rand.New(rand.NewPCG(seed, uint64(n)))
		for range others {
			pick[rnd.IntN(n)] = true
		}
	}
	var out []int
	for i, p := range pick {
		if p {
			out = append(out, i)
		}
	}
	return out
}

// cutStream is a stream that is cut, and its answer without a cut.
type cutStream struct {
	x           *Exchange
	surface     Surface
	want, uncut *Result
	plain       bool // see ClientRequest
	report      *CutReport
}

type cutJob struct {
	*cutStream
	offset int
	ending Ending
}

// CutAll cuts every stream that its recording says succeeds, until ctx ends. The reports are
// in the order of xs.
func (r *Runner) CutAll(ctx context.Context, xs []*Exchange, every bool) []*CutReport {
	var reports []*CutReport
	var jobs []cutJob
	for _, x := range Conversations(xs) {
		want := Expect(x)
		if !x.Stream || want.Failure != nil || !want.Whole {
			continue
		}
		for _, on := range r.surfaces() {
			if Inexpressible(on, x, want) != "" {
				continue
			}
			s := r.uncut(ctx, x, on, want)
			reports = append(reports, s.report)
			if s.report.Skipped != "" {
				continue
			}
			for _, at := range r.bounded(Offsets(x.Body, every, r.Seed)) {
				jobs = append(jobs, cutJob{s, at, FIN}, cutJob{s, at, RST})
			}
		}
	}
	rand.New(rand.NewPCG(r.Seed, 0)).Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] }) // what time leaves untried is everywhere
	for _, j := range jobs {
		j.report.Untried++
	}
	var mu sync.Mutex
	var wrong int
	said := func() string {
		mu.Lock()
		defer mu.Unlock()
		return fmt.Sprintf(" cuts, %d wrong", wrong)
	}
	r.each(ctx, len(jobs), said, func(n, lane int) {
		whole, cause := r.cut(ctx, jobs[n], lane)
		if ctx.Err() != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if cause != "" {
			wrong++
		}
		jobs[n].report.take(jobs[n], whole, cause)
	})
	for _, rep := range reports {
		slices.SortFunc(rep.Bad, func(a, b CutFail) int { return a.Offset - b.Offset })
	}
	return reports
}

// bounded picks as many offsets as there may be cuts of one stream.
func (r *Runner) bounded(offsets []int) []int {
	if r.Cuts == 0 || len(offsets) <= r.Cuts {
		return offsets
	}
	rnd := rand.New(rand.NewPCG(r.Seed, uint64(len(offsets))))
	rnd.Shuffle(len(offsets), func(i, j int) { offsets[i], offsets[j] = offsets[j], offsets[i] })
	return offsets[:r.Cuts]
}

// uncut replays the whole stream once, to know what a cut one must equal.
func (r *Runner) uncut(ctx context.Context, x *Exchange, on Surface, want *Result) *cutStream {
	s := &cutStream{x: x, surface: on, want: want, report: &CutReport{API: x.API, Surface: on, Path: x.Path}}
	p := Playback{Exchange: x, Seed: r.Seed, Cut: -1}
	t, err := r.try(ctx, x, on, want, 0, p, false)
	if err == nil && t.calls == 0 {
		s.plain = true
		t, err = r.try(ctx, x, on, want, 0, p, true)
	}
	switch {
	case err != nil:
		s.report.Skipped = err.Error()
	case t.got.Failure != nil:
		s.report.Skipped = "fails uncut: " + t.got.Failure.Message
	case !t.got.Whole:
		s.report.Skipped = "not whole uncut: " + firstFault(t.got)
	default:
		s.uncut = t.got
	}
	return s
}

func (c *CutReport) take(j cutJob, whole bool, cause string) {
	c.Cuts++
	c.Untried--
	switch {
	case cause == "" && whole:
		c.Whole++
	case cause == "":
		c.Error++
	default:
		c.Wrong++
		if len(c.Bad) < maxBad {
			c.Bad = append(c.Bad, CutFail{j.offset, j.ending, cause})
		}
	}
}

// cut makes one cut answer. The cause is empty when the client saw an error or all of it.
func (r *Runner) cut(ctx context.Context, j cutJob, lane int) (whole bool, cause string) {
	p := Playback{Exchange: j.x, Seed: r.Seed, Cut: j.offset, Ending: j.ending}
	t, err := r.try(ctx, j.x, j.surface, j.want, lane, p, j.plain)
	if err != nil {
		return false, err.Error()
	}
	t.got.Faults = slices.DeleteFunc(t.got.Faults, func(f string) bool {
		return slices.Contains(j.uncut.Faults, f) // the outcome tells these already
	})
	switch {
	case t.calls == 0:
		return false, fmt.Sprintf("the upstream was not called: %d %.200s", t.answer.Status, t.answer.Body)
	case t.got.Failure != nil:
		return false, firstFault(t.got)
	case !t.got.Whole:
		return false, "neither error nor end: " + firstFault(t.got)
	}
	if diff := partial(j.surface, j.x, j.uncut, t.got, endless(j.x) && j.ending == FIN); diff != "" {
		return false, "a part looks whole: " + diff
	}
	return true, ""
}

func firstFault(r *Result) string {
	if len(r.Faults) > 0 {
		return r.Faults[0]
	}
	return ""
}

// endless tells a wire without a terminator: after the finish reason a clean end cannot be
// told from a cut, and only counts may be missing.
func endless(x *Exchange) bool {
	return x.Wire == Gemini && x.SSE || x.Wire == Converse || x.Wire == OpenAI && rulesOf(x.API).NoDone
}

// partial says how an answer falls short of the uncut one, "" when it does not.
func partial(s Surface, x *Exchange, uncut, got *Result, countsMayMiss bool) string {
	for _, d := range CompareOn(s, x, uncut, got) {
		if countsMayMiss && len(d.Field) >= 5 && d.Field[:5] == "usage" {
			continue
		}
		if d.Field == "tool.id" { // invented ids are new each time
			continue
		}
		return d.String()
	}
	return ""
}
