package replay

import (
	"context"
	"fmt"
	"hash/crc32"
	"strings"
)

// workModel is the gateway's model for an exchange's work: each has one of its own, so that
// the upstream is called with the recorded name.
func workModel(x *Exchange) string {
	return fmt.Sprintf("replay/%s-%08x", strings.ReplaceAll(strings.ToLower(x.API), ".", "-"), crc32.ChecksumIEEE([]byte(x.Path)))
}

// work replays one exchange on one surface.
func (r *Runner) work(ctx context.Context, x *Exchange, s Surface) *Outcome {
	o := &Outcome{API: x.API, Path: x.Path, Surface: s}
	want := Produced(x)
	if o.Unsaid = unwishable(s, x, want); o.Unsaid != "" {
		return o
	}
	fail := func(err error) *Outcome {
		o.Diffs = []Diff{{"call", "an answer", err.Error()}}
		return o
	}
	w, err := wishFor(s, x, want)
	if err != nil {
		return fail(err)
	}
	r.Upstream.Set(x.provider(), Playback{Exchange: x, Seed: r.Seed, Cut: -1})
	a, err := r.Gateway.AskAs(ctx, w.path, w.contentType, w.body)
	if err != nil {
		return fail(err)
	}
	o.Calls, _ = r.Upstream.Calls(x.provider())
	o.Diffs = CompareWork(s, x, want, Received(s, a, w.stream))
	if o.Calls == 0 {
		o.Diffs = append(o.Diffs, Diff{"upstream", "a call", "none: " + refusal(a)})
	}
	if w.own && o.Calls > 0 && x.Target != "" {
		o.Diffs = append(o.Diffs, callDiffs(x, r.Upstream.Last(x.provider()))...)
	}
	return o
}
