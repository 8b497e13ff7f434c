package bedrock

import (
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// learn reads the metadata of an answer: its usage and the tier that served it.
func (a *answer) learn(n rawjson.Node) {
	if tier := n.At("serviceTier", "type").Str(); tier != "" {
		a.usage.ServiceTier = tier
	}
	u := n.Get("usage")
	if u.Kind() != rawjson.Object {
		return
	}
	count(u, &a.usage)
	a.usage.Raw = append(a.usage.Raw[:0], u.Raw()...)
	a.usage.State, a.Early = llm.UsagePartial, &a.usage
}

// count fills the classes from a TokenUsage
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html).
// inputTokens excludes the cache, unless the total says otherwise. The counts of the cache
// come under two names each. The split of cache writes by TTL may leave some out.
func count(n rawjson.Node, u *llm.Usage) {
	tokens := func(names ...string) int64 {
		for _, name := range names {
			if v, ok := n.Get(name).Int(); ok {
				return bounded(v)
			}
		}
		return 0
	}
	u.Input, u.Output = tokens("inputTokens"), tokens("outputTokens")
	u.CacheRead = tokens("cacheReadInputTokens", "cacheReadInputTokenCount")
	written := tokens("cacheWriteInputTokens", "cacheWriteInputTokenCount")
	if cached := u.CacheRead + written; cached > 0 && cached <= u.Input && tokens("totalTokens") == u.Input+u.Output {
		u.Input -= cached
	}
	u.CacheWrite5m, u.CacheWrite1h = 0, 0
	for d := range n.Get("cacheDetails").Elems() {
		part := min(bounded(d.Get("inputTokens").Int64()), written-u.CacheWrite5m-u.CacheWrite1h)
		switch ttl := d.Get("ttl"); {
		case ttl.Is("5m"):
			u.CacheWrite5m += part
		case ttl.Is("1h"):
			u.CacheWrite1h += part
		}
	}
	u.CacheWrite = written - u.CacheWrite5m - u.CacheWrite1h
}

// bounded keeps sums of what an upstream claims from overflowing.
func bounded(v int64) int64 { return min(max(v, 0), 1<<40) }
