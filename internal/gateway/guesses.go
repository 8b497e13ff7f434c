package gateway

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/limit"
)

// Guesses slows down who tries keys. The zero value is ready; its methods are safe for
// concurrent use. A key that is right is never held up, whoever else guesses from its address.
type Guesses struct{ from limit.Crowd[netip.Prefix] }

const guessesPerMinute = 60

// wrong notes an unknown key from an address and gives the answer: that it is unknown, or
// after too many that there were too many.
func (g *Guesses) wrong(client netip.Addr, now time.Time, unknown error) error {
	d := g.from.Take(now, limit.Neighbours(client), guessesPerMinute)
	if d.OK {
		return unknown
	}
	return &fault.Error{Kind: fault.Limited, RetryAfter: d.Retry, Metadata: map[string]any{"limit": int64(guessesPerMinute), "of": "unknown keys a minute"},
		Public: fmt.Sprintf("Too many unknown keys from %s; send a key of this gateway, or wait %s", client, max(d.Retry.Round(time.Second), time.Second))}
}
