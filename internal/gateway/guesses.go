package gateway

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/limit"
)

// Guesses slows down who tries keys. The zero value is ready; its methods are safe for
// concurrent use. A key that is right is never held up, whoever else guesses from its address.
type Guesses struct {
	mu   sync.Mutex
	from map[netip.Prefix]*limit.Bucket
}

const (
	guessesPerMinute = 60
	maxGuessers      = 1 << 14
)

// wrong notes an unknown key from an address and gives the answer: that it is unknown, or
// after too many that there were too many.
func (g *Guesses) wrong(client netip.Addr, now time.Time, unknown error) error {
	network := neighbours(client)
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.from[network]
	if b == nil {
		g.forget(now)
		b = &limit.Bucket{}
		g.from[network] = b
	}
	d := b.Take(now, 1, guessesPerMinute)
	if d.OK {
		return unknown
	}
	return &fault.Error{Kind: fault.Limited, RetryAfter: d.Retry, Metadata: map[string]any{"limit": int64(guessesPerMinute), "of": "unknown keys a minute"},
		Public: fmt.Sprintf("Too many unknown keys from %s; send a key of this gateway, or wait %s", client, max(d.Retry.Round(time.Second), time.Second))}
}

// forget makes room. When every place is one that guesses, all begin anew: the memory stays
// bounded, and so does what each gets out of it.
func (g *Guesses) forget(now time.Time) {
	if len(g.from) < maxGuessers {
		if g.from == nil {
			g.from = map[netip.Prefix]*limit.Bucket{}
		}
		return
	}
	for network, b := range g.from {
		if b.Idle(now) {
			delete(g.from, network)
		}
	}
	if len(g.from) >= maxGuessers {
		clear(g.from)
	}
}

// neighbours is the network that one client has: an address of version 4, or what a site of
// version 6 is given at least (RFC 6177).
func neighbours(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // an address nobody can tell
	}
	return p
}
