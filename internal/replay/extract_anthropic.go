package replay

import "github.com/dragoman-gateway/dragoman/internal/rawjson"

// extractAnthropic reads a message or its events. What the provider runs itself
// (server_tool_use and the results) is no answer to an OpenAI client and is left out.
func extractAnthropic(x *Exchange) *Result {
	a := &anthropicReader{r: &Result{}, blocks: map[int64]*anthropicBlock{}, usage: map[string]int64{}}
	bad := func(string) { a.r.Failure = brokenAnswer() }
	for root := range x.objects(func() {}, bad) {
		if a.event(root) {
			break
		}
	}
	a.finish()
	return a.r
}

type anthropicReader struct {
	r      *Result
	c      *Choice
	blocks map[int64]*anthropicBlock
	usage  map[string]int64 // last value of each count
}

type anthropicBlock struct {
	kind string
	tool *ToolCall
	json string
}

// event reads one event, or a whole message, and reports whether it was the last.
func (a *anthropicReader) event(root rawjson.Node) bool {
	switch root.Get("type").Str() {
	case "message":
		a.message(root)
		return true
	case "message_start":
		a.c = a.r.choice(0)
		a.counts(root.At("message", "usage"))
	case "content_block_start":
		a.start(root.Get("index").Int64(), root.Get("content_block"))
	case "content_block_delta":
		a.delta(root.Get("index").Int64(), root.Get("delta"))
	case "content_block_stop":
		a.stop(root.Get("index").Int64())
	case "message_delta":
		a.counts(root.Get("usage"))
		a.ended(root.At("delta", "stop_reason"))
	case "message_stop":
		a.r.Whole = true
		return true
	case "error":
		a.r.Failure = streamFailure(root.Get("error"), true)
		return true
	}
	return false
}

func (a *anthropicReader) message(root rawjson.Node) {
	a.c = a.r.choice(0)
	var i int64
	for block := range root.Get("content").Elems() {
		a.start(i, block)
		a.stop(i)
		i++
	}
	a.counts(root.Get("usage"))
	a.ended(root.Get("stop_reason"))
	a.r.Whole = true
}

func (a *anthropicReader) start(index int64, block rawjson.Node) {
	if a.c == nil {
		a.c = a.r.choice(0)
	}
	b := &anthropicBlock{kind: block.Get("type").Str()}
	a.blocks[index] = b
	switch b.kind {
	case "text":
		a.c.Text += block.Get("text").Str()
	case "thinking":
		a.c.Reasoning += block.Get("thinking").Str()
	case "tool_use":
		b.tool = &ToolCall{ID: block.Get("id").Str(), Name: block.Get("name").Str()}
		if in := block.Get("input"); in.Len() > 0 {
			b.tool.Arguments = string(in.Raw())
		}
		a.c.Tools = append(a.c.Tools, b.tool)
	}
}

func (a *anthropicReader) delta(index int64, d rawjson.Node) {
	b := a.blocks[index]
	if b == nil {
		a.r.Failure = brokenAnswer()
		return
	}
	switch d.Get("type").Str() {
	case "text_delta":
		a.c.Text += d.Get("text").Str()
	case "thinking_delta":
		a.c.Reasoning += d.Get("thinking").Str()
	case "input_json_delta":
		b.json += d.Get("partial_json").Str()
	}
}

func (a *anthropicReader) stop(index int64) {
	if b := a.blocks[index]; b != nil && b.tool != nil && b.json != "" {
		b.tool.Arguments, b.json = b.json, ""
	}
}

func (a *anthropicReader) ended(reason rawjson.Node) {
	if reason.IsNull() || a.c == nil {
		return
	}
	a.c.Native = reason.Str()
	switch a.c.Native {
	case "end_turn", "stop_sequence", "pause_turn", "compaction":
		a.c.Finish = "stop"
	case "max_tokens", "model_context_window_exceeded":
		a.c.Finish = "length"
	case "tool_use":
		a.c.Finish = "tool_calls"
	case "refusal":
		a.c.Finish = "content_filter"
	}
}

// counts overwrites: the counts of message_delta are cumulative and may differ from those
// of message_start.
func (a *anthropicReader) counts(u rawjson.Node) {
	for k, v := range u.Members() {
		if n, ok := v.Int(); ok {
			a.usage[k.Str()] = n
		}
	}
	if n, ok := u.At("output_tokens_details", "thinking_tokens").Int(); ok {
		a.usage["thinking"] = n
	}
}

// finish sums what Anthropic counts apart: input_tokens excludes both kinds of cache.
func (a *anthropicReader) finish() {
	for i := range a.blocks { // a stream that ended inside a block
		a.stop(i)
	}
	if len(a.usage) == 0 {
		return
	}
	read, write := a.usage["cache_read_input_tokens"], a.usage["cache_creation_input_tokens"]
	a.r.Usage = &Usage{
		Prompt:     a.usage["input_tokens"] + read + write,
		Completion: a.usage["output_tokens"],
		CacheRead:  read, CacheWrite: write,
		Reasoning: a.usage["thinking"],
	}
	a.r.Usage.Total = a.r.Usage.Prompt + a.r.Usage.Completion
}
