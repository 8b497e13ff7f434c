package anthropic

import (
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// counts is the wire's usage object as learnt so far. Later ones overwrite what they
// mention and leave the rest (wire notes §3).
type counts struct {
	input, cacheRead, output int64
	written                  int64 // to the cache, whatever its TTL
	written5m, written1h     int64
	thought                  int64 // inside output
	searches, fetches        int64
	tier                     string
	fast                     bool
	final                    bool // the output count is no placeholder
}

// learn reads a usage object, if there is one.
func (a *answer) learn(n rawjson.Node, final bool) {
	if n.Kind() != rawjson.Object {
		return
	}
	a.counts.read(n)
	a.counts.final = a.counts.final || final && n.Get("output_tokens").Exists()
	a.counts.fill(&a.usage)
	a.usage.Raw = append(a.usage.Raw[:0], n.Raw()...)
	a.usage.State, a.Early = llm.UsagePartial, &a.usage
}

func (c *counts) read(n rawjson.Node) {
	total := false
	for k, v := range n.Members() {
		if v.IsNull() {
			continue
		}
		switch string(k.Raw()) {
		case `"input_tokens"`:
			c.input = count(v)
		case `"cache_read_input_tokens"`:
			c.cacheRead = count(v)
		case `"cache_creation_input_tokens"`:
			c.written, total = count(v), true
		case `"output_tokens"`:
			c.output = count(v)
		case `"output_tokens_details"`:
			if t := v.Get("thinking_tokens"); !t.IsNull() {
				c.thought = count(t)
			}
		case `"server_tool_use"`:
			c.searches, c.fetches = count(v.Get("web_search_requests")), count(v.Get("web_fetch_requests"))
		case `"service_tier"`:
			c.tier = v.Str()
		case `"speed"`:
			c.fast = v.Is("fast")
		}
	}
	split := n.Get("cache_creation")
	if split.Kind() != rawjson.Object {
		return
	}
	c.written5m, c.written1h = count(split.Get("ephemeral_5m_input_tokens")), count(split.Get("ephemeral_1h_input_tokens"))
	if !total {
		c.written = c.written5m + c.written1h
	}
}

// fill sets the disjoint classes. Input excludes the cache already. The split of cache
// writes by TTL may be older than their sum, which then counts.
func (c *counts) fill(u *llm.Usage) {
	u.Input, u.CacheRead = c.input, c.cacheRead
	u.CacheWrite1h = min(c.written1h, c.written)
	u.CacheWrite5m = min(c.written5m, c.written-u.CacheWrite1h)
	u.CacheWrite = c.written - u.CacheWrite1h - u.CacheWrite5m
	u.Reasoning = min(c.thought, c.output)
	u.Output = c.output - u.Reasoning
	u.WebSearches, u.WebFetches = c.searches, c.fetches
	if u.ServiceTier = c.tier; c.fast { // it has a price of its own, the provider's tiers have not
		u.ServiceTier = "fast"
	}
}

// count bounds a count, so that sums of what an upstream claims cannot overflow.
func count(v rawjson.Node) int64 { return min(max(v.Int64(), 0), 1<<40) }
