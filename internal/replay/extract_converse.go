package replay

import "github.com/dragoman-gateway/dragoman/internal/rawjson"

// extractConverse reads an answer of Bedrock's Converse or the events of its stream.
func extractConverse(x *Exchange) *Result {
	r := &Result{}
	calls := map[int64]*ToolCall{}
	bad := func(string) { r.Failure = brokenAnswer() }
	for root := range x.objects(func() {}, bad) {
		c := r.choice(0)
		switch {
		case !root.Get("error").IsNull():
			r.Failure = streamFailure(root.Get("error"), true)
			return r
		case root.Get("output").Exists():
			for p := range root.At("output", "message", "content").Elems() {
				conversePart(c, p)
			}
			converseEnd(r, c, root.Get("stopReason").Str())
			converseUsage(r, root.Get("usage"))
		case root.Get("contentBlockStart").Exists():
			t := root.At("contentBlockStart", "start", "toolUse")
			if t.Exists() && t.Get("type").Str() != "server_tool_use" {
				k := &ToolCall{ID: t.Get("toolUseId").Str(), Name: t.Get("name").Str()}
				c.Tools = append(c.Tools, k)
				calls[root.At("contentBlockStart", "contentBlockIndex").Int64()] = k
			}
		case root.Get("contentBlockDelta").Exists():
			d := root.At("contentBlockDelta", "delta")
			c.Text += d.Get("text").Str()
			c.Reasoning += d.At("reasoningContent", "text").Str()
			if k := calls[root.At("contentBlockDelta", "contentBlockIndex").Int64()]; k != nil {
				k.Arguments += d.At("toolUse", "input").Str()
			}
		case root.Get("messageStop").Exists():
			converseEnd(r, c, root.At("messageStop", "stopReason").Str())
		case root.Get("metadata").Exists():
			converseUsage(r, root.At("metadata", "usage"))
		}
	}
	return r
}

func conversePart(c *Choice, p rawjson.Node) {
	c.Text += p.Get("text").Str()
	for t := range p.At("citationsContent", "content").Elems() {
		c.Text += t.Get("text").Str()
	}
	c.Reasoning += p.At("reasoningContent", "reasoningText", "text").Str()
	if p.At("image", "source").Exists() {
		c.Images++
	}
	if t := p.Get("toolUse"); t.Exists() && t.Get("type").Str() != "server_tool_use" {
		c.Tools = append(c.Tools, &ToolCall{t.Get("toolUseId").Str(), t.Get("name").Str(), string(t.Get("input").Raw())})
	}
}

func converseEnd(r *Result, c *Choice, word string) {
	c.Native, r.Whole = word, word != ""
	switch word {
	case "end_turn", "stop_sequence":
		c.Finish = "stop"
	case "max_tokens", "model_context_window_exceeded":
		c.Finish = "length"
	case "tool_use":
		c.Finish = "tool_calls"
	case "guardrail_intervened", "content_filtered":
		c.Finish = "content_filter"
	case "malformed_model_output", "malformed_tool_use":
		c.Finish = "error"
	}
}

// converseUsage adds the cache, which inputTokens leaves out.
func converseUsage(r *Result, u rawjson.Node) {
	if !u.Get("inputTokens").Exists() {
		return
	}
	v := &Usage{
		CacheRead:  firstInt(u.Get("cacheReadInputTokens"), u.Get("cacheReadInputTokenCount")),
		CacheWrite: firstInt(u.Get("cacheWriteInputTokens"), u.Get("cacheWriteInputTokenCount")),
		Completion: u.Get("outputTokens").Int64(), Total: u.Get("totalTokens").Int64(),
	}
	v.Prompt = u.Get("inputTokens").Int64() + v.CacheRead + v.CacheWrite
	r.Usage = v
}
