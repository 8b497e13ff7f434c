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
	API   string    `json:"api"`
	Path  string    `json:"path"`
	Cuts  int       `json:"cuts"`  // tried, both endings counted
	Error int       `json:"error"` // the client saw an error
	Whole int       `json:"whole"` // the client saw the complete answer
	Bad   []CutFail `json:"bad,omitempty"`
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

type cutJob struct {
	stream int
	offset int
	ending Ending
}

// CutAll cuts every stream that succeeds uncut. The reports are in the order of xs; those
// that do not stream, or are errors anyway, are left out.
func (r *Runner) CutAll(ctx context.Context, xs []*Exchange, every bool) []*CutReport {
	var reports []*CutReport
	var streams []*Exchange
	var wants, uncut []*Result
	for _, x := range xs {
		want := Expect(x)
		if !x.Stream || want.Failure != nil || !want.Whole {
			continue
		}
		rep := &CutReport{API: x.API, Path: x.Path}
		reports = append(reports, rep)
		t, err := r.try(ctx, x, want, 0, Playback{Exchange: x, Seed: r.Seed, Cut: -1})
		if err != nil || t.got.Failure != nil || !t.got.Whole {
			rep.Bad = append(rep.Bad, CutFail{len(x.Body), FIN, "the uncut answer is not whole"})
			t = &trial{}
		}
		streams, wants, uncut = append(streams, x), append(wants, want), append(uncut, t.got)
	}
	var jobs []cutJob
	for i, x := range streams {
		if uncut[i] == nil {
			continue
		}
		for _, at := range Offsets(x.Body, every, r.Seed) {
			jobs = append(jobs, cutJob{i, at, FIN}, cutJob{i, at, RST})
		}
	}
	var mu sync.Mutex
	r.each(len(jobs), func(n, lane int) {
		j := jobs[n]
		whole, cause := r.cut(ctx, streams[j.stream], wants[j.stream], uncut[j.stream], lane, j)
		mu.Lock()
		defer mu.Unlock()
		reports[j.stream].take(j, whole, cause)
	})
	for _, rep := range reports {
		slices.SortFunc(rep.Bad, func(a, b CutFail) int { return a.Offset - b.Offset })
	}
	return reports
}

func (c *CutReport) take(j cutJob, whole bool, cause string) {
	c.Cuts++
	switch {
	case cause != "" && len(c.Bad) < maxBad:
		c.Bad = append(c.Bad, CutFail{j.offset, j.ending, cause})
	case cause != "":
	case whole:
		c.Whole++
	default:
		c.Error++
	}
}

// cut makes one cut answer. The cause is empty when the client saw an error or all of it.
func (r *Runner) cut(ctx context.Context, x *Exchange, want, uncut *Result, lane int, j cutJob) (whole bool, cause string) {
	t, err := r.try(ctx, x, want, lane, Playback{Exchange: x, Seed: r.Seed, Cut: j.offset, Ending: j.ending})
	if err != nil {
		return false, err.Error()
	}
	switch {
	case t.calls == 0:
		return false, fmt.Sprintf("the upstream was not called: %d %.200s", t.answer.Status, t.answer.Body)
	case t.got.Failure != nil:
		return false, firstFault(t.got)
	case !t.got.Whole:
		return false, "neither error nor end: " + firstFault(t.got)
	}
	if diff := partial(x, uncut, t.got, endless(x) && j.ending == FIN); diff != "" {
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
	return x.Wire == Gemini && x.SSE || x.Wire == OpenAI && rulesOf(x.API).NoDone
}

// partial says how an answer falls short of the uncut one, "" when it does not.
func partial(x *Exchange, uncut, got *Result, countsMayMiss bool) string {
	for _, d := range Compare(x, uncut, got) {
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
