package replay

import "github.com/dragoman-gateway/dragoman/internal/rawjson"

// extractResponses reads a response object or its events. A stream is read from its deltas;
// an item without any counts as its done event tells it.
func extractResponses(x *Exchange) *Result {
	r := &responsesReader{r: &Result{}, grew: map[int64]bool{}, calls: map[int64]*ToolCall{}}
	bad := func(string) { r.r.Failure = brokenAnswer() }
	for root := range x.objects(func() {}, bad) {
		kind := root.Get("type").Str()
		if kind == "" {
			r.response(root, true)
			break
		}
		if r.event(kind, root) {
			break
		}
	}
	return r.r
}

type responsesReader struct {
	r     *Result
	grew  map[int64]bool // items that came in deltas
	calls map[int64]*ToolCall
}

// event reads one event and reports whether it was the last.
func (r *responsesReader) event(kind string, root rawjson.Node) bool {
	c := r.r.choice(0)
	at, delta := root.Get("output_index").Int64(), root.Get("delta").Str()
	switch kind {
	case "response.output_text.delta":
		c.Text, r.grew[at] = c.Text+delta, true
	case "response.refusal.delta":
		c.Refusal, r.grew[at] = c.Refusal+delta, true
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
		c.Reasoning, r.grew[at] = c.Reasoning+delta, true
	case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
		if k := r.calls[at]; k != nil {
			k.Arguments += delta
		}
	case "response.output_item.added":
		if item := root.Get("item"); item.Get("call_id").Exists() && isCall(item) {
			k := &ToolCall{ID: item.Get("call_id").Str(), Name: item.Get("name").Str()}
			c.Tools = append(c.Tools, k)
			r.calls[at] = k
		}
	case "response.output_item.done":
		r.done(c, at, root.Get("item"))
	case "response.completed", "response.incomplete", "response.failed":
		r.response(root.Get("response"), false)
		return true
	case "error":
		e := root.Get("error")
		if e.IsNull() {
			e = root
		}
		r.r.Failure = streamFailure(e, true)
		return true
	}
	return false
}

func isCall(item rawjson.Node) bool {
	return item.Get("type").Is("function_call") || item.Get("type").Is("custom_tool_call")
}

func (r *responsesReader) done(c *Choice, at int64, item rawjson.Node) {
	if k := r.calls[at]; k != nil {
		for _, key := range []string{"arguments", "input"} {
			if s := item.Get(key).Str(); s != "" {
				k.Arguments = s
			}
		}
		return
	}
	if !r.grew[at] {
		r.item(c, item)
	}
}

// response reads the object; its output only where no events told it.
func (r *responsesReader) response(root rawjson.Node, output bool) {
	c := r.r.choice(0)
	if output {
		for item := range root.Get("output").Elems() {
			r.item(c, item)
		}
	}
	if u := root.Get("usage"); u.Kind() == rawjson.Object {
		in := u.Get("input_tokens_details")
		r.r.Usage = &Usage{
			Prompt: u.Get("input_tokens").Int64(), Completion: u.Get("output_tokens").Int64(), Total: u.Get("total_tokens").Int64(),
			CacheRead: in.Get("cached_tokens").Int64(), CacheWrite: in.Get("cache_write_tokens").Int64(),
			Reasoning: u.At("output_tokens_details", "reasoning_tokens").Int64(),
		}
	}
	c.Native = root.Get("status").Str()
	switch c.Native {
	case "completed", "complete", "":
		c.Finish, r.r.Whole = "stop", true
		if len(c.Tools) > 0 {
			c.Finish = "tool_calls"
		}
	case "incomplete":
		c.Finish, r.r.Whole = "length", true
		if root.At("incomplete_details", "reason").Is("content_filter") {
			c.Finish = "content_filter"
		}
	case "failed":
		r.r.Failure = streamFailure(root.Get("error"), !output)
	}
}

func (r *responsesReader) item(c *Choice, item rawjson.Node) {
	switch item.Get("type").Str() {
	case "message":
		for p := range item.Get("content").Elems() {
			c.Text += p.Get("text").Str()
			c.Refusal += p.Get("refusal").Str()
		}
	case "reasoning":
		for p := range item.Get("summary").Elems() {
			c.Reasoning += p.Get("text").Str()
		}
		for p := range item.Get("content").Elems() {
			c.Reasoning += p.Get("text").Str()
		}
	case "function_call":
		c.Tools = append(c.Tools, &ToolCall{item.Get("call_id").Str(), item.Get("name").Str(), item.Get("arguments").Str()})
	case "custom_tool_call":
		c.Tools = append(c.Tools, &ToolCall{item.Get("call_id").Str(), item.Get("name").Str(), item.Get("input").Str()})
	case "image_generation_call":
		if item.Get("result").Str() != "" {
			c.Images++
		}
	case "code_interpreter_call":
		c.Code = append(c.Code, item.Get("code").Str())
		for o := range item.Get("outputs").Elems() {
			c.Code = append(c.Code, o.Get("logs").Str())
		}
	}
}
