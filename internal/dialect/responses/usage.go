package responses

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// readUsage reads a usage object into disjoint classes: what is cached is part of the input,
// reasoning part of the output (wire notes §§2, 13). What is no object is a missing usage.
func readUsage(u rawjson.Node) *llm.Usage {
	r := new(llm.Usage)
	if u.Kind() != rawjson.Object || !u.Get("input_tokens").Exists() {
		return r
	}
	in, out := u.Get("input_tokens_details"), u.Get("output_tokens_details")
	r.State, r.Raw = llm.UsageReported, bytes.Clone(u.Raw())
	left := count(u, "input_tokens")
	take := func(n int64) int64 {
		n = min(n, left)
		left -= n
		return n
	}
	cached := count(in, "cached_tokens")
	if cached > left { // then it is not inside
		left += cached
	}
	r.CacheRead = take(cached)
	r.CacheWrite = take(count(in, "cache_write_tokens"))
	r.AudioInput = take(count(in, "audio_tokens"))
	r.ImageInput = take(count(in, "image_tokens"))
	r.Input = left
	left = count(u, "output_tokens")
	reasoning := count(out, "reasoning_tokens")
	if reasoning > left {
		left += reasoning
	}
	r.Reasoning = take(reasoning)
	r.AudioOutput = take(count(out, "audio_tokens"))
	r.ImageOutput = take(count(out, "image_tokens"))
	r.Output = left
	r.WebSearches = max(count(u.Get("server_side_tool_usage_details"), "web_search_calls"), count(u.Get("server_tool_use_details"), "web_search_requests"))
	r.Cost = openaichat.ReportedCost(u)
	return r
}

func count(u rawjson.Node, key string) int64 { return max(u.Get(key).Int64(), 0) }
