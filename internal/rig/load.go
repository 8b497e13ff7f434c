package rig

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// requestTimeout bounds one request of the load, streams included.
const requestTimeout = 90 * time.Second

// A LoadSpec says what one phase of load sends. It is handed to the load process as JSON.
type LoadSpec struct {
	Address string // host:port
	Path    string
	Key     string // empty: no Authorization
	Dialect string // of the client; empty: chat
	Body    string // shape, see requestBody
	Model   string // as the client names it
	Chunks  int    // of content expected in each answer; 0: the answer comes whole

	Conns    int
	Each     int           // measured requests per connection; 0: until Duration has passed
	Duration time.Duration // of the measured phase when Each is 0
	Warm     time.Duration // unmeasured before it; with Each and more than one, one request
	Every    time.Duration // pace per connection; 0: the next request at once
	Stagger  time.Duration // connections begin evenly within it

	PID    int  // process whose processor time is read at the phase's ends; 0: none
	Memory bool // watch that process's memory too
}

// A LoadResult is what one phase saw. Times are in nanoseconds in JSON.
type LoadResult struct {
	Requests int // answered and checked
	Failed   int
	Chunks   int // of content, in checked answers
	CPU      time.Duration
	Elapsed  time.Duration
	P50, P99 time.Duration // of whole answers
	First    Quantiles     // to the first content
	Memory   Memory        // peaks
	PeakOpen int           // requests under way at once, at most
	Errors   []string      // the first few
}

// Quantiles are of the requests of one phase.
type Quantiles struct{ P50, P99 time.Duration }

// maxErrors is how many failures are kept with their text.
const maxErrors = 5

// phase is a LoadSpec under way.
type phase struct {
	spec    LoadSpec
	spoken  *dialect
	request []byte
	begin   time.Time // of the measured part
	open    atomic.Int64
	peak    atomic.Int64

	mu     sync.Mutex
	result LoadResult
	whole  []time.Duration
	first  []time.Duration
}

// runLoad sends one phase and returns when every request has ended.
func runLoad(ctx context.Context, spec LoadSpec) (LoadResult, error) {
	spoken := dialects[cmp.Or(spec.Dialect, openAI)]
	if spoken == nil {
		return LoadResult{}, fmt.Errorf("there is no dialect %q", spec.Dialect)
	}
	body, err := spoken.requestBody(spec.Body, spec.Model, spec.Chunks > 0)
	if err != nil {
		return LoadResult{}, err
	}
	p := &phase{spec: spec, spoken: spoken, request: requestBytes(spec.Address, spec.Path, spec.Key, body)}
	warmed, start := new(sync.WaitGroup), make(chan struct{})
	var done sync.WaitGroup
	warmed.Add(spec.Conns)
	for i := range spec.Conns {
		done.Go(func() { p.worker(i, warmed, start) })
	}
	warmed.Wait()
	stopMemory := p.watchMemory(ctx)
	before, err := cpuTime(spec.PID)
	if err != nil {
		return LoadResult{}, err
	}
	p.begin = time.Now()
	close(start)
	done.Wait()
	p.result.Elapsed = time.Since(p.begin)
	after, err := cpuTime(spec.PID)
	if err != nil {
		return LoadResult{}, fmt.Errorf("the process under test is gone: %w", err)
	}
	p.result.CPU = after - before
	p.result.Memory = stopMemory()
	p.result.PeakOpen = int(p.peak.Load())
	p.result.P50, p.result.P99 = quantile(p.whole, 0.50), quantile(p.whole, 0.99)
	p.result.First = Quantiles{quantile(p.first, 0.50), quantile(p.first, 0.99)}
	return p.result, ctx.Err()
}

// worker is one connection: warm up, wait for the others, then measure.
func (p *phase) worker(i int, warmed *sync.WaitGroup, start <-chan struct{}) {
	buffer := 16 << 10
	if p.spec.Conns > 100 {
		buffer = 2 << 10
	}
	c := newClient(p.spec.Address, buffer, requestTimeout)
	defer c.close()
	p.warm(c)
	warmed.Done()
	<-start
	offset := p.spec.Stagger * time.Duration(i) / time.Duration(p.spec.Conns)
	var whole, first []time.Duration
	for n := 0; p.more(n, offset); n++ {
		sent := time.Now()
		if n == 0 || p.spec.Every > 0 {
			// A paced request counts from when it was due, so that one slow answer
			// shows in all it held up.
			sent = p.begin.Add(offset + time.Duration(n)*p.spec.Every)
			time.Sleep(time.Until(sent))
		}
		if p.one(c) {
			whole = append(whole, time.Since(sent))
			first = append(first, c.first.Sub(sent))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole, p.first = append(p.whole, whole...), append(p.first, first...)
}

// more says whether a connection that begins at offset sends its nth request.
func (p *phase) more(n int, offset time.Duration) bool {
	switch {
	case p.spec.Each > 0:
		return n < p.spec.Each
	case p.spec.Every > 0:
		return offset+time.Duration(n)*p.spec.Every < p.spec.Duration
	}
	return time.Since(p.begin) < p.spec.Duration
}

// warm opens the connection and, unless the phase is about fresh ones, uses it. Its
// failures show again in the measured part.
func (p *phase) warm(c *client) {
	until := time.Now().Add(p.spec.Warm)
	for n := 0; p.spec.Each > 1 && n == 0 || time.Now().Before(until); n++ {
		if _, err := c.do(p.request); err != nil {
			return
		}
	}
}

// one sends a request and counts its answer.
func (p *phase) one(c *client) bool {
	open := p.open.Add(1)
	for peak := p.peak.Load(); open > peak && !p.peak.CompareAndSwap(peak, open); peak = p.peak.Load() {
	}
	status, err := c.do(p.request)
	p.open.Add(-1)
	if err == nil {
		err = p.spoken.check(status, c.body, p.spec.Chunks)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.result.Failed++
		if len(p.result.Errors) < maxErrors {
			p.result.Errors = append(p.result.Errors, err.Error())
		}
		return false
	}
	p.result.Requests++
	p.result.Chunks += p.spec.Chunks
	return true
}

// watchMemory looks at the process's memory four times a second until the function it
// returns is called, which gives the peaks.
func (p *phase) watchMemory(ctx context.Context) func() Memory {
	if !p.spec.Memory {
		return func() Memory { return Memory{} }
	}
	ctx, cancel := context.WithCancel(ctx)
	peaks := make(chan Memory, 1)
	go func() {
		var peak Memory
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			if m, err := memoryOf(p.spec.PID); err == nil {
				peak = Memory{max(peak.RSS, m.RSS), max(peak.PSS, m.PSS)}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				peaks <- peak
				return
			}
		}
	}()
	return func() Memory { cancel(); return <-peaks }
}

// quantile sorts all and returns the value at q, 0 to 1; 0 when there is none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}
