package openaichat

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// readUsage reads an OpenAI-shaped usage object into disjoint classes. Vendors put the
// same counts in several places (wire notes §§1, 7, 8, 10, 11); reasoning outside
// completion_tokens is recognised by the total (wire notes §13: xAI, some gateways).
func readUsage(u rawjson.Node) *llm.Usage {
	if u.Kind() != rawjson.Object {
		return nil
	}
	in, out := u.Get("prompt_tokens_details"), u.Get("completion_tokens_details")
	prompt, completion := count(u, "prompt_tokens"), count(u, "completion_tokens")
	reasoning := max(count(out, "reasoning_tokens"), count(u, "reasoning_tokens"))
	if total := count(u, "total_tokens"); reasoning > 0 && (total == prompt+completion+reasoning || completion < reasoning) {
		completion += reasoning
	} else if rest := total - prompt - completion; rest > 0 && reasoning == 0 && count(u, "prompt_audio_seconds") == 0 {
		reasoning = rest // Google's compatible API counts thoughts in the total alone
		completion += rest
	}
	r := &llm.Usage{State: llm.UsageReported, Raw: u.Raw()}
	cached := firstCount(count(in, "cached_tokens"), count(u, "prompt_cache_hit_tokens"), count(u, "cached_tokens"), count(u, "num_cached_tokens"), count(u, "cache_read_input_tokens"))
	if cached > prompt { // then it is not inside
		prompt += cached
	}
	left := prompt
	take := func(n int64) int64 {
		n = min(n, left)
		left -= n
		return n
	}
	r.CacheRead = take(cached)
	r.CacheWrite = take(firstCount(count(in, "cache_write_tokens"), count(in, "cache_creation_tokens"), count(u, "cache_creation_input_tokens")))
	r.AudioInput = take(count(in, "audio_tokens"))
	r.ImageInput = take(count(in, "image_tokens"))
	r.VideoInput = take(count(in, "video_tokens"))
	r.Input = left
	left = completion
	r.Reasoning = take(reasoning)
	r.AudioOutput = take(count(out, "audio_tokens"))
	r.ImageOutput = take(count(out, "image_tokens"))
	r.Output = left
	r.AcceptedPrediction = count(out, "accepted_prediction_tokens")
	r.RejectedPrediction = count(out, "rejected_prediction_tokens")
	r.WebSearches = max(count(u.Get("server_tool_use"), "web_search_requests"), count(u.Get("server_tool_use_details"), "web_search_requests"))
	r.Cost = reportedCost(u)
	return r
}

func count(u rawjson.Node, key string) int64 { return max(u.Get(key).Int64(), 0) }

func firstCount(n ...int64) int64 {
	for _, v := range n {
		if v > 0 {
			return v
		}
	}
	return 0
}

// reportedCost is the upstream's own word on what it took, in USD: a number, a string,
// Perplexity's object, or xAI's ticks of 1e-10 USD.
func reportedCost(u rawjson.Node) string {
	switch c := u.Get("cost"); c.Kind() {
	case rawjson.Number:
		return string(c.Raw())
	case rawjson.String:
		return c.Str()
	case rawjson.Object:
		return string(c.Get("total_cost").Raw())
	}
	if ticks := count(u, "cost_in_usd_ticks"); ticks > 0 {
		return money.Price(ticks * 100_000).String() // 1e-10 USD in femto-dollars
	}
	return ""
}

// appendUsage writes usage in OpenRouter's shape (reference §3.1). A relayed answer keeps
// the upstream's own object with what clients count on put right and added.
func appendUsage(dst []byte, u *llm.Usage, c *dialect.Charge) []byte {
	if u.State == llm.UsageReported && len(u.Raw) > 0 {
		d := rawjson.Lend()
		defer d.Free()
		if d.Parse(u.Raw) == nil && d.Root().Get("prompt_tokens").Exists() {
			return patchUsage(dst, d.Root(), u, c)
		}
	}
	dst = appendCount(dst, `{"prompt_tokens":`, u.Prompt())
	dst = appendCount(dst, `,"completion_tokens":`, u.Completion())
	dst = appendCount(dst, `,"total_tokens":`, u.Prompt()+u.Completion())
	dst = appendPromptDetails(append(dst, `,"prompt_tokens_details":`...), u)
	dst = appendCompletionDetails(append(dst, `,"completion_tokens_details":`...), u)
	if u.WebSearches > 0 {
		dst = append(appendCount(dst, `,"server_tool_use":{"web_search_requests":`, u.WebSearches), '}')
	}
	if u.State != llm.UsageReported {
		dst = rawjson.AppendString(append(dst, `,"usage_state":`...), u.State.String())
	}
	return append(appendCost(append(dst, ','), c), '}')
}

func appendCount(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(dst, key...), n, 10)
}

func appendPromptDetails(dst []byte, u *llm.Usage) []byte {
	dst = appendCount(dst, `{"cached_tokens":`, u.CacheRead)
	dst = appendCount(dst, `,"cache_write_tokens":`, u.CacheWrites())
	dst = appendCount(dst, `,"audio_tokens":`, u.AudioInput)
	return append(appendCount(dst, `,"video_tokens":`, u.VideoInput), '}')
}

func appendCompletionDetails(dst []byte, u *llm.Usage) []byte {
	dst = appendCount(dst, `{"reasoning_tokens":`, u.Reasoning)
	dst = appendCount(dst, `,"audio_tokens":`, u.AudioOutput)
	return append(appendCount(dst, `,"image_tokens":`, u.ImageOutput), '}')
}

func appendCost(dst []byte, c *dialect.Charge) []byte {
	if c == nil {
		c = new(dialect.Charge)
	}
	dst = c.Cost.Append(append(dst, `"cost":`...))
	dst = strconv.AppendBool(append(dst, `,"is_byok":`...), c.BYOK)
	dst = c.Upstream.Append(append(dst, `,"cost_details":{"upstream_inference_cost":`...))
	dst = c.UpstreamPrompt.Append(append(dst, `,"upstream_inference_prompt_cost":`...))
	dst = c.UpstreamComp.Append(append(dst, `,"upstream_inference_completions_cost":`...))
	return append(dst, '}')
}

// patchUsage edits the upstream's own usage object: counts are put right where the vendor
// counts otherwise, missing details are added, our cost replaces theirs (which the
// generation record keeps).
func patchUsage(dst []byte, root rawjson.Node, u *llm.Usage, c *dialect.Charge) []byte {
	var p rawjson.Patch
	set := func(parent rawjson.Node, key string, n int64) {
		v := parent.Get(key)
		if v.Kind() == rawjson.Number && v.Int64() == n {
			return
		}
		num := strconv.AppendInt(nil, n, 10)
		if v.Exists() {
			p.Set(v, num)
		} else {
			p.Append(parent, key, num)
		}
	}
	set(root, "prompt_tokens", u.Prompt())
	set(root, "completion_tokens", u.Completion())
	set(root, "total_tokens", u.Prompt()+u.Completion())
	if v := root.Get("prompt_tokens_details"); v.Kind() == rawjson.Object {
		set(v, "cached_tokens", u.CacheRead)
	} else {
		setRaw(&p, root, "prompt_tokens_details", appendPromptDetails(nil, u))
	}
	if v := root.Get("completion_tokens_details"); v.Kind() == rawjson.Object {
		set(v, "reasoning_tokens", u.Reasoning)
	} else {
		setRaw(&p, root, "completion_tokens_details", appendCompletionDetails(nil, u))
	}
	for _, k := range []string{"cost", "is_byok", "cost_details"} {
		if root.Get(k).Exists() {
			p.Remove(root, func(key rawjson.Node) bool { return key.Is("cost") || key.Is("is_byok") || key.Is("cost_details") })
			break
		}
	}
	out := p.Apply(dst, u.Raw)
	out = append(out[:len(out)-1], ',')
	return append(appendCost(out, c), '}')
}

func setRaw(p *rawjson.Patch, parent rawjson.Node, key string, v []byte) {
	if old := parent.Get(key); old.Exists() {
		p.Set(old, v)
	} else {
		p.Append(parent, key, v)
	}
}
