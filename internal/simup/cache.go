package simup

import (
	"hash/maphash"
	"sync"
	"time"
)

// A cache remembers which prompt prefixes were read lately. Nothing shorter than
// minCached tokens is kept, as with the real services.
type cache struct {
	mu   sync.Mutex
	seed maphash.Seed
	ends map[uint64]time.Time // prefix hash to when it is forgotten
	ring []uint64             // in order of arrival, to forget the oldest
	next int
}

const (
	minCached     = 1024
	cachedStep    = 128 // OpenAI counts cached tokens in steps of it
	cachePrefixes = 4096
	shortLife     = 5 * time.Minute
	longLife      = time.Hour
)

func newCache() *cache {
	return &cache{seed: maphash.MakeSeed(), ends: map[uint64]time.Time{}, ring: make([]uint64, 0, cachePrefixes)}
}

// prefix is the prompt up to the end of one piece.
type prefix struct {
	hash   uint64
	tokens int64
	ttl    string
}

// prefixes lists those long enough to cache; salt keeps models apart.
func (c *cache) prefixes(salt string, p *prompt) []prefix {
	if p.tokens() < minCached {
		return nil
	}
	var h maphash.Hash
	h.SetSeed(c.seed)
	h.WriteString(salt)
	var out []prefix
	var read prompt
	for _, x := range p.pieces {
		h.Write(x.raw)
		read.bytes += x.bytes
		read.images += x.images
		if n := read.tokens(); n >= minCached {
			out = append(out, prefix{h.Sum64(), n, x.ttl})
		}
	}
	return out
}

// implicit is how many tokens of the prompt were read before, and remembers it: the way of
// OpenAI and Gemini. At least one token is always read anew.
func (c *cache) implicit(salt string, p *prompt, now time.Time) (cached int64) {
	list := c.prefixes("implicit "+salt, p)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range list {
		if c.ends[x.hash].After(now) {
			cached = x.tokens
		}
		c.keep(x.hash, now.Add(shortLife))
	}
	return min(cached, p.tokens()-1) / cachedStep * cachedStep
}

// explicit is Anthropic's way: what stands before a cache_control mark is read from the
// cache or written to it, for the time the mark says.
func (c *cache) explicit(salt string, p *prompt, now time.Time) (read, wrote5m, wrote1h int64) {
	list := c.prefixes("explicit "+salt, p)
	last := len(list) - 1
	for last >= 0 && list[last].ttl == "" {
		last--
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range list[:last+1] {
		if c.ends[x.hash].After(now) {
			read = x.tokens
		}
	}
	from := read
	for _, x := range list[:last+1] {
		switch {
		case x.ttl == "":
			continue
		case x.ttl == "1h":
			c.keep(x.hash, now.Add(longLife))
			wrote1h += max(0, x.tokens-from)
		default:
			c.keep(x.hash, now.Add(shortLife))
			wrote5m += max(0, x.tokens-from)
		}
		from = max(from, x.tokens)
	}
	return read, wrote5m, wrote1h
}

// keep remembers a prefix and forgets the oldest when there are too many.
func (c *cache) keep(hash uint64, until time.Time) {
	if _, known := c.ends[hash]; known {
		c.ends[hash] = until
		return
	}
	if len(c.ring) < cachePrefixes {
		c.ring = append(c.ring, hash)
	} else {
		delete(c.ends, c.ring[c.next])
		c.ring[c.next] = hash
		c.next = (c.next + 1) % cachePrefixes
	}
	c.ends[hash] = until
}
