package limit

import (
	"net/netip"
	"sync"
	"time"
)

// maxCrowd bounds the memory of a Crowd.
const maxCrowd = 1 << 14

// Crowd is a bucket for each of many. The zero value is ready; its methods are safe for
// concurrent use. When every place is one that has taken something, all begin anew: the
// memory stays bounded, and so does what each gets out of it.
type Crowd[K comparable] struct {
	mu sync.Mutex
	of map[K]*Bucket
}

// Take takes one of perMinute from the bucket of k, or nothing.
func (c *Crowd[K]) Take(now time.Time, k K, perMinute int64) Decision {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.of[k]
	if b == nil {
		c.forget(now)
		b = &Bucket{}
		c.of[k] = b
	}
	return b.Take(now, 1, perMinute)
}

// Return gives back one that was taken.
func (c *Crowd[K]) Return(now time.Time, k K, perMinute int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.of[k]; b != nil && !b.Idle(now) {
		b.Adjust(now, -1, perMinute)
	}
}

// forget makes room.
func (c *Crowd[K]) forget(now time.Time) {
	if len(c.of) < maxCrowd {
		if c.of == nil {
			c.of = map[K]*Bucket{}
		}
		return
	}
	for k, b := range c.of {
		if b.Idle(now) {
			delete(c.of, k)
		}
	}
	if len(c.of) >= maxCrowd {
		clear(c.of)
	}
}

// Neighbours is the network that one client has: an address of version 4, or what a site of
// version 6 is given at least (RFC 6177).
func Neighbours(a netip.Addr) netip.Prefix {
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
