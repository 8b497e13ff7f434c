package replay

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// A Runner replays exchanges through a gateway, one at a time per lane.
type Runner struct {
	Gateway  *Gateway
	Upstream *Upstream
	Lanes    int // how many exchanges run at once
	Seed     uint64
	Surfaces []Surface // chat when empty
	Cuts     int       // of each stream, at most, each way; 0: no bound
	Log      io.Writer // progress of long work, a line each ten seconds; nil: none

	done atomic.Int64
}

// An Outcome is one exchange and how the client's view of it differs.
type Outcome struct {
	API     string  `json:"api"`
	Surface Surface `json:"surface"`

	// Unsaid is why the surface has no place for the answer; it is counted apart.
	Unsaid string `json:"not_expressible,omitempty"`

	Path  string `json:"path"`
	Diffs []Diff `json:"diffs,omitempty"`
	Calls int    `json:"upstream_calls"`

	// Refused is why the gateway did not pass the recorded request on; then a plain one was
	// sent in its place.
	Refused string    `json:"refused,omitempty"`
	Same    *SameWire `json:"same_wire,omitempty"`
}

// Equal reports whether the client saw exactly what the recording says.
func (o *Outcome) Equal() bool { return len(o.Diffs) == 0 }

// Run replays every exchange: conversations through the Runner's surfaces, in the order of
// xs, then work through each surface that it has, one after the other: a company with quirks
// of its own is one provider, and so one lane.
func (r *Runner) Run(ctx context.Context, xs []*Exchange, same bool) []*Outcome {
	out := r.converse(ctx, Conversations(xs), same)
	for _, x := range Works(xs) {
		for _, s := range surfacesOf(x) {
			if ctx.Err() == nil {
				out = append(out, r.work(ctx, x, s))
			}
		}
	}
	return out
}

func (r *Runner) converse(ctx context.Context, xs []*Exchange, same bool) []*Outcome {
	surfaces := r.surfaces()
	out := make([]*Outcome, len(xs)*len(surfaces))
	r.each(ctx, len(out), func() string { return " exchanges" }, func(i, lane int) {
		out[i] = r.one(ctx, xs[i/len(surfaces)], surfaces[i%len(surfaces)], lane, same)
	})
	return out
}

func (r *Runner) surfaces() []Surface {
	if len(r.Surfaces) == 0 {
		return []Surface{Chat}
	}
	return r.Surfaces
}

// each calls do for 0..n-1, as many at once as there are lanes, until ctx ends. said is what
// the progress says beside the number of calls.
func (r *Runner) each(ctx context.Context, n int, said func() string, do func(i, lane int)) {
	next := make(chan int)
	if r.Log != nil {
		defer r.progress(n, said)()
	}
	var wg sync.WaitGroup
	for lane := range r.Lanes {
		wg.Go(func() {
			for i := range next {
				do(i, lane)
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
			r.done.Store(int64(i))
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
}

// progress says each ten seconds how far each has come, until stop.
func (r *Runner) progress(n int, said func() string) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	began, tick := time.Now(), time.NewTicker(10*time.Second)
	go func() {
		defer close(ended)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(r.Log, "%s: %d of %d%s\n", time.Since(began).Round(time.Second), r.done.Load(), n, said())
			case <-end:
				return
			}
		}
	}()
	return func() { close(end); <-ended }
}

func (r *Runner) one(ctx context.Context, x *Exchange, s Surface, lane int, same bool) *Outcome {
	o := &Outcome{API: x.API, Path: x.Path, Surface: s}
	want := Expect(x)
	if o.Unsaid = Inexpressible(s, x, want); o.Unsaid != "" {
		return o
	}
	p := Playback{Exchange: x, Seed: r.Seed, Cut: -1}
	t, err := r.try(ctx, x, s, want, lane, p, false)
	if err == nil && t.calls == 0 && recorded(x, s) {
		o.Refused = refusal(t.answer)
		t, err = r.try(ctx, x, s, want, lane, p, true)
	}
	if err != nil {
		o.Diffs = []Diff{{"call", "an answer", err.Error()}}
		return o
	}
	o.Calls = t.calls
	o.Diffs = CompareOn(s, x, want, t.got)
	if t.calls == 0 {
		o.Diffs = append(o.Diffs, Diff{"upstream", "a call", "none: " + refusal(t.answer)})
	}
	if same && s == Chat && x.Wire == OpenAI && want.Failure == nil && t.calls > 0 {
		got := t.answer.Body
		if t.got.Failure != nil {
			got = nil
		}
		o.Same = compareBytes(t.sent, t.upstreamSaw, x, got)
	}
	return o
}

func refusal(a *Answer) string { return fmt.Sprintf("%d %s", a.Status, errorMessage(a.Body)) }

// trial is one request through the gateway.
type trial struct {
	sent, upstreamSaw []byte
	calls             int
	answer            *Answer
	got               *Result
}

func (r *Runner) try(ctx context.Context, x *Exchange, s Surface, want *Result, lane int, p Playback, plain bool) (*trial, error) {
	name := laneName(family(x), lane)
	body, stream, err := RequestOn(s, x, want, laneModel(name), plain)
	if err != nil {
		return nil, err
	}
	r.Upstream.Set(name, p)
	a, err := r.Gateway.Ask(ctx, s.path(laneModel(name), stream), body)
	if err != nil {
		return nil, err
	}
	t := &trial{sent: body, answer: a, got: ObserveOn(s, a, stream)}
	t.calls, t.upstreamSaw = r.Upstream.Calls(name)
	return t, nil
}

func asksStream(body []byte) bool {
	root, err := parse(string(body))
	return err == nil && root.Get("stream").Bool()
}
