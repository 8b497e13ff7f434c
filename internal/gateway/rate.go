package gateway

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/limit"
)

// Rates holds keys to their rate limits. The zero value is ready; its methods are safe for
// concurrent use. What it knows ends with the process.
type Rates struct {
	mu   sync.Mutex
	keys map[account.KeyHash]*pace
}

// pace is what a key with a limit is doing.
type pace struct {
	requests, tokens limit.Bucket
	running          int64
}

// maxPaces is when paces that nothing would be lost with are looked for.
const maxPaces = 1 << 14

// enter begins a request of a key, or refuses with a *fault.Error of kind Limited. Who was
// let in calls leave.
func (r *Rates) enter(k *account.Key, now time.Time) *fault.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.keys[k.Hash]
	if p == nil {
		r.forget(now)
		p = &pace{}
		r.keys[k.Hash] = p
	}
	if l := k.Rate.Concurrent; l > 0 && p.running >= l {
		return limited("requests at once", l, limit.Decision{Retry: time.Second, Reset: time.Second})
	}
	if l := k.Rate.Requests; l > 0 {
		if d := p.requests.Take(now, 1, l); !d.OK {
			return limited("requests a minute", l, d)
		}
	}
	p.running++
	return nil
}

// spend takes the tokens that a request is expected to use.
func (r *Rates) spend(k *account.Key, tokens int64, now time.Time) *fault.Error {
	l := k.Rate.Tokens
	if l == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.keys[k.Hash].tokens.Take(now, tokens, l); !d.OK {
		return limited("tokens a minute", l, d)
	}
	return nil
}

// leave ends a request that was let in; more is what it used beyond what it spent, which may
// be less than nothing.
func (r *Rates) leave(k *account.Key, more int64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.keys[k.Hash]
	p.running--
	if k.Rate.Tokens > 0 {
		p.tokens.Adjust(now, more, k.Rate.Tokens)
	}
}

// forget makes room: a key that does nothing and may do all is as one never seen.
func (r *Rates) forget(now time.Time) {
	if r.keys == nil {
		r.keys = map[account.KeyHash]*pace{}
	}
	if len(r.keys) < maxPaces {
		return
	}
	for hash, p := range r.keys {
		if p.running == 0 && p.requests.Idle(now) && p.tokens.Idle(now) {
			delete(r.keys, hash)
		}
	}
}

func limited(of string, most int64, d limit.Decision) *fault.Error {
	return &fault.Error{
		Kind: fault.Limited, RetryAfter: max(d.Retry, time.Millisecond),
		Public:   fmt.Sprintf("Rate limit exceeded: this key is limited to %d %s; try again in %s, or have the limit raised", most, of, max(d.Retry.Round(time.Second), time.Second)),
		Metadata: map[string]any{"limit": most, "remaining": d.Remaining, "of": of, "reset_ms": d.Reset.Milliseconds()},
	}
}

// pass holds a request to its key's rate limits. Keys without any cost nothing.
func (x *exchange) pass() error {
	if x.key.Rate == (account.Rate{}) {
		return nil
	}
	if e := x.g.Rates.enter(x.key, x.started); e != nil {
		x.tell(e)
		return e
	}
	x.paced = true
	return nil
}

// spend takes what the request is expected to use of its key's tokens.
func (x *exchange) spend() error {
	if !x.paced {
		return nil
	}
	expected := x.prompt + x.req.MaxOutput
	if e := x.g.Rates.spend(x.key, expected, x.started); e != nil {
		x.tell(e)
		return e
	}
	x.expected = expected
	return nil
}

// tell says a limit of ours in the headers (reference §1.4).
func (x *exchange) tell(e *fault.Error) {
	h := x.w.Header()
	number := func(name string, v any) { h[http.CanonicalHeaderKey(name)] = []string{fmt.Sprint(v)} }
	number("X-RateLimit-Limit", e.Metadata["limit"])
	number("X-RateLimit-Remaining", e.Metadata["remaining"])
	reset, _ := e.Metadata["reset_ms"].(int64)
	h["X-Ratelimit-Reset"] = []string{strconv.FormatInt(x.started.Add(time.Duration(reset)*time.Millisecond).UnixMilli(), 10)}
}

// leave ends what pass began.
func (x *exchange) leave() {
	if x.paced {
		x.g.Rates.leave(x.key, x.usage.Prompt()+x.usage.Completion()-x.expected, x.g.Now())
	}
}
