package health_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/health"
)

var start = time.Unix(1_760_000_000, 0)

func after(d time.Duration) time.Time { return start.Add(d) }

func ok(at time.Time) health.Outcome { return health.Outcome{Endpoint: "e", At: at, OK: true} }

func fail(at time.Time) health.Outcome {
	return health.Outcome{Endpoint: "e", At: at, Kind: fault.Broken, Status: 502}
}

func TestClass(t *testing.T) {
	for _, c := range []struct {
		kind   fault.Kind
		status int
		want   health.Class
	}{
		{fault.Broken, 500, health.Failure}, {fault.Broken, 0, health.Failure}, {fault.TimedOut, 0, health.Failure},
		{fault.Broken, 200, health.Failure}, // broke in mid-answer
		{fault.Overloaded, 503, health.Failure}, {fault.Overloaded, 529, health.Failure},
		{fault.Credential, 401, health.Failure}, {fault.Credential, 403, health.Failure}, {fault.Refused, 402, health.Failure},
		{fault.Refused, 404, health.Failure}, {fault.Refused, 405, health.Failure}, {fault.Refused, 408, health.Failure},
		{fault.Refused, 410, health.Failure}, {fault.Refused, 421, health.Failure}, {fault.Refused, 423, health.Failure},
		{fault.Refused, 424, health.Failure}, {fault.Refused, 426, health.Failure}, {fault.Refused, 498, health.Failure},
		{fault.Overloaded, 429, health.RateLimit}, {fault.Overloaded, 0, health.RateLimit},
		{fault.Refused, 400, health.Ignored}, {fault.Refused, 413, health.Ignored}, {fault.Refused, 422, health.Ignored},
		{fault.Moderated, 403, health.Ignored}, {fault.Refused, 451, health.Ignored}, {fault.TooLong, 400, health.Ignored},
		{fault.Gone, 0, health.Ignored}, {fault.Gone, 499, health.Ignored}, {fault.Internal, 0, health.Ignored}, {fault.Invalid, 0, health.Ignored},
	} {
		o := health.Outcome{Kind: c.kind, Status: c.status}
		if got := o.Class(); got != c.want {
			t.Errorf("kind %d status %d: %d, want %d", c.kind, c.status, got, c.want)
		}
	}
}

func TestOutage(t *testing.T) {
	for _, c := range []struct {
		name        string
		ok, failed  int
		at          time.Duration
		wantOutage  bool
		wantBreaker health.Breaker
	}{
		{"nothing failed", 5, 0, time.Second, false, health.Closed},
		{"all failed", 0, 1, time.Second, true, health.Closed},
		{"one in five", 4, 1, time.Second, true, health.Closed},
		{"one in six", 5, 1, time.Second, false, health.Closed},
		{"over after 30 s", 0, 1, 31 * time.Second, false, health.Closed},
		{"five in a row open the breaker", 100, 5, time.Second, false, health.Open},
		{"half of twenty open the breaker", 0, 5, time.Second, true, health.Open},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := health.NewTracker()
			for range c.ok {
				tr.Observe(ok(start))
			}
			for range c.failed {
				tr.Observe(fail(start))
			}
			e := tr.Snapshot(after(c.at)).Of("e")
			if e.Outage != c.wantOutage || e.Breaker != c.wantBreaker {
				t.Errorf("outage %v breaker %v", e.Outage, e.Breaker)
			}
		})
	}
}

func TestBreakerLife(t *testing.T) {
	tr := health.NewTracker()
	state := func(at time.Duration, want health.Breaker) {
		t.Helper()
		if got := tr.Snapshot(after(at)).Of("e").Breaker; got != want {
			t.Errorf("after %v: %d, want %d", at, got, want)
		}
	}
	for range 5 {
		tr.Observe(fail(start))
	}
	state(0, health.Open)
	tr.Observe(ok(after(10 * time.Second))) // was in flight
	state(29*time.Second, health.Open)
	state(30*time.Second, health.Probing)
	tr.Observe(fail(after(31 * time.Second)))
	state(31*time.Second, health.Open)
	state(90*time.Second, health.Open) // for twice as long
	state(91*time.Second, health.Probing)
	tr.Observe(ok(after(92 * time.Second)))
	state(93*time.Second, health.Closed)
	for range 4 {
		tr.Observe(fail(after(200 * time.Second)))
	}
	state(200*time.Second, health.Closed)
}

// The breaker against a model that says the same in its own words: a list of pauses.
func TestBreakerAgainstModel(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		tr, now := health.NewTracker(), start
		run, trips := 0, 0
		var opened time.Time
		pause := func() time.Duration { return min(30*time.Second<<(trips-1), 5*time.Minute) }
		for step := range 200 {
			now = now.Add(time.Duration(rng.IntN(40)) * time.Second)
			inPause := trips > 0 && now.Before(opened.Add(pause()))
			good := rng.IntN(4) == 0
			switch {
			case inPause:
			case good:
				run, trips = 0, 0
			case trips > 0:
				trips, opened = trips+1, now
			default:
				if run++; run == 5 {
					trips, opened = 1, now
				}
			}
			if good {
				tr.Observe(ok(now))
			} else {
				tr.Observe(fail(now))
			}
			now = now.Add(time.Second)
			want := health.Closed
			if trips > 0 {
				want = health.Probing
				if now.Before(opened.Add(pause())) {
					want = health.Open
				}
			}
			if got := tr.Snapshot(now).Of("e").Breaker; got != want {
				t.Fatalf("seed %d step %d: %d, want %d", seed, step, got, want)
			}
		}
	}
}

func TestBackOff(t *testing.T) {
	limit := func(at, retry time.Duration) health.Outcome {
		return health.Outcome{Endpoint: "e", At: after(at), Kind: fault.Overloaded, Status: 429, RetryAfter: retry}
	}
	tr := health.NewTracker()
	on := func(at time.Duration, want bool) {
		t.Helper()
		if got := tr.Snapshot(after(at)).Of("e").BackOff; got != want {
			t.Errorf("after %v: %v", at, got)
		}
	}
	tr.Observe(limit(0, 0))
	tr.Observe(limit(0, 0)) // in flight together
	on(0, true)
	on(999*time.Millisecond, true)
	on(time.Second, false)
	tr.Observe(limit(2*time.Second, 0))
	on(3*time.Second, true)
	on(4*time.Second, false)
	tr.Observe(limit(5*time.Second, 20*time.Second))
	tr.Observe(ok(after(6 * time.Second))) // does not cut it short
	on(24*time.Second, true)
	on(25*time.Second, false)
	tr.Observe(limit(30*time.Second, time.Hour))
	on(10*time.Minute, true)
	on(11*time.Minute, false)
	if e := tr.Snapshot(after(11 * time.Minute)).Of("e"); e.Uptime1d != nil || e.Outage {
		t.Errorf("rate limits count as failures: %+v", e)
	}
	for range 9 {
		tr.Observe(ok(after(12 * time.Minute)))
	}
	if e := tr.Snapshot(after(12 * time.Minute)).Of("e"); *e.Uptime1d != 100 {
		t.Errorf("uptime %v", *e.Uptime1d)
	}
}

func TestUptimeWindows(t *testing.T) {
	tr := health.NewTracker()
	add := func(at time.Duration, good, bad int) {
		for range good {
			tr.Observe(ok(after(at)))
		}
		for range bad {
			tr.Observe(fail(after(at)))
		}
	}
	add(0, 0, 20)
	add(2*time.Hour, 10, 10)
	add(2*time.Hour+20*time.Minute, 20, 0)
	e := tr.Snapshot(after(2*time.Hour + 20*time.Minute)).Of("e")
	if *e.Uptime5m != 100 || *e.Uptime30m != 75 || *e.Uptime1d != 50 {
		t.Errorf("%v %v %v", *e.Uptime5m, *e.Uptime30m, *e.Uptime1d)
	}
	e = tr.Snapshot(after(4 * time.Hour)).Of("e")
	if e.Uptime5m != nil || e.Uptime30m != nil || *e.Uptime1d != 50 {
		t.Errorf("%v %v %v", e.Uptime5m, e.Uptime30m, e.Uptime1d)
	}
	if e = tr.Snapshot(after(27 * time.Hour)).Of("e"); e.Uptime1d != nil {
		t.Errorf("a day later: %v", *e.Uptime1d)
	}
}

func TestPercentiles(t *testing.T) {
	tr := health.NewTracker()
	rng := rand.New(rand.NewPCG(7, 7))
	var latency, throughput []float64
	for range 2000 {
		lat, thr := 0.05+5*rng.Float64(), 1+200*rng.Float64()
		latency, throughput = append(latency, lat), append(throughput, thr)
		o := ok(after(time.Duration(rng.IntN(30)) * time.Second))
		o.TTFT = time.Duration(lat * 1e9)
		o.OutputTokens = 1000
		o.Duration = time.Duration(1000 / thr * 1e9)
		tr.Observe(o)
	}
	slices.Sort(latency)
	slices.Sort(throughput)
	s := tr.Snapshot(after(time.Minute)).Of("e").Last5m
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"latency p50", s.Latency.P50, latency[999]}, {"latency p99", s.Latency.P99, latency[1979]},
		{"throughput p50", s.Throughput.P50, throughput[1000]}, {"throughput p90", s.Throughput.P90, throughput[200]},
	} {
		if math.Abs(c.got/c.want-1) > 0.06 {
			t.Errorf("%s: %v, want about %v", c.name, c.got, c.want)
		}
	}
	if s.Samples != 2000 || s.Throughput.P99 > s.Throughput.P50 {
		t.Errorf("%+v", s)
	}
	if s = tr.Snapshot(after(7 * time.Minute)).Of("e").Last5m; s.Samples != 0 || s.Latency.Known() {
		t.Errorf("seven minutes later: %+v", s)
	}
}

func TestSnapshotIsCached(t *testing.T) {
	tr := health.NewTracker()
	if s := tr.Snapshot(start); s != health.Empty || s.Of("e").Outage {
		t.Error("nothing observed, yet something known")
	}
	tr.Observe(ok(start))
	first := tr.Snapshot(start.Add(time.Second))
	tr.Observe(ok(after(1100 * time.Millisecond)))
	if s := tr.Snapshot(after(1150 * time.Millisecond)); s != first {
		t.Error("rebuilt within 200 ms for a success")
	}
	tr.Observe(fail(after(1160 * time.Millisecond)))
	ill := tr.Snapshot(after(1160 * time.Millisecond))
	if ill == first || !ill.Of("e").Outage || ill.Revision <= first.Revision {
		t.Error("an outage did not show at once")
	}
	tr.Observe(fail(after(1170 * time.Millisecond)))
	if s := tr.Snapshot(after(1170 * time.Millisecond)); s != ill {
		t.Error("rebuilt at once for an outage already shown")
	}
	if first.Of("e").Outage {
		t.Error("a snapshot changed")
	}
}

func TestTrackerIsBounded(t *testing.T) {
	tr := health.NewTracker()
	for i := range 5000 {
		o := ok(after(time.Duration(i) * time.Millisecond))
		o.Endpoint, o.TTFT = fmt.Sprint("e", i), time.Second
		tr.Observe(o)
	}
	s := tr.Snapshot(after(6 * time.Second))
	if s.Of("e0").Last5m.Samples != 0 || s.Of("e4999").Last5m.Samples != 1 {
		t.Error("the oldest is not the one forgotten")
	}
}

func TestConcurrentUse(t *testing.T) {
	tr := health.NewTracker()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				o := ok(after(time.Duration(i) * time.Millisecond))
				if i%50 == 0 {
					o = fail(o.At)
				}
				o.Endpoint = fmt.Sprint("e", g%2)
				tr.Observe(o)
				tr.Snapshot(o.At)
			}
		})
	}
	wg.Wait()
	if e := tr.Snapshot(after(time.Second)).Of("e0"); *e.Uptime5m != 98 {
		t.Errorf("uptime %v", *e.Uptime5m)
	}
}

func BenchmarkObserve(b *testing.B) {
	tr, i := health.NewTracker(), 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		o := ok(after(time.Duration(i) * time.Microsecond))
		o.TTFT, o.Duration, o.OutputTokens = 300*time.Millisecond, 2*time.Second, 100
		tr.Observe(o)
	}
}

func BenchmarkObserveFailure(b *testing.B) {
	tr, i := health.NewTracker(), 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		tr.Observe(fail(after(time.Duration(i) * time.Microsecond)))
	}
}

func BenchmarkSnapshotCached(b *testing.B) {
	tr := health.NewTracker()
	tr.Observe(ok(start))
	b.ReportAllocs()
	for b.Loop() {
		tr.Snapshot(start)
	}
}

func BenchmarkSnapshotRebuild(b *testing.B) {
	tr, i := health.NewTracker(), 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		o := ok(after(time.Duration(i) * 250 * time.Millisecond))
		o.Endpoint = fmt.Sprint("e", i%100)
		tr.Observe(o)
		tr.Snapshot(o.At)
	}
}
