package replay

import "github.com/dragoman-gateway/dragoman/internal/rawjson"

// extractCohere reads an answer of Cohere's v2 chat or its events.
func extractCohere(x *Exchange) *Result {
	r := &Result{}
	calls := map[int64]*ToolCall{}
	bad := func(string) { r.Failure = brokenAnswer() }
	for root := range x.objects(func() {}, bad) {
		c := r.choice(0)
		kind, m := root.Get("type").Str(), root.At("delta", "message")
		switch kind {
		case "":
			cohereMessage(c, root.Get("message"))
			cohereEnd(r, c, root)
		case "content-start", "content-delta":
			c.Text += m.At("content", "text").Str()
			c.Reasoning += m.At("content", "thinking").Str()
		case "tool-plan-delta":
			c.Plan += m.Get("tool_plan").Str()
		case "tool-call-start":
			k := cohereCall(m.Get("tool_calls"))
			c.Tools = append(c.Tools, k)
			calls[root.Get("index").Int64()] = k
		case "tool-call-delta":
			if k := calls[root.Get("index").Int64()]; k != nil {
				k.Arguments += m.At("tool_calls", "function", "arguments").Str()
			}
		case "message-end":
			cohereEnd(r, c, root.Get("delta"))
		}
	}
	return r
}

func cohereMessage(c *Choice, m rawjson.Node) {
	c.Plan = m.Get("tool_plan").Str()
	for p := range m.Get("content").Elems() {
		c.Text += p.Get("text").Str()
		c.Reasoning += p.Get("thinking").Str()
	}
	for t := range m.Get("tool_calls").Elems() {
		c.Tools = append(c.Tools, cohereCall(t))
	}
}

func cohereCall(t rawjson.Node) *ToolCall {
	args := t.At("function", "arguments").Str()
	if args == "null" { // of a tool that takes none
		args = "{}"
	}
	return &ToolCall{t.Get("id").Str(), t.At("function", "name").Str(), args}
}

func cohereEnd(r *Result, c *Choice, n rawjson.Node) {
	c.Native = n.Get("finish_reason").Str()
	r.Whole = c.Native != ""
	switch c.Native {
	case "COMPLETE", "STOP_SEQUENCE":
		c.Finish = "stop"
	case "MAX_TOKENS":
		c.Finish = "length"
	case "TOOL_CALL":
		c.Finish = "tool_calls"
	case "ERROR", "TIMEOUT":
		c.Finish = "error"
	}
	u := n.Get("usage")
	t := u.Get("billed_units") // what costs; tokens is what ran
	if t.IsNull() {
		t = u.Get("tokens")
	}
	if t.Get("input_tokens").Exists() {
		r.Usage = &Usage{Prompt: t.Get("input_tokens").Int64(), Completion: t.Get("output_tokens").Int64()}
		r.Usage.Total = r.Usage.Prompt + r.Usage.Completion
	}
}

// extractOllama reads an answer of Ollama's own chat or the lines of its stream.
func extractOllama(x *Exchange) *Result {
	r := &Result{}
	bad := func(string) { r.Failure = brokenAnswer() }
	for root := range x.objects(func() {}, bad) {
		if e := root.Get("error"); !e.IsNull() {
			r.Failure = &Failure{Message: e.Str(), InStream: true, Statuses: inStreamStatus}
			return r
		}
		c := r.choice(0)
		m := root.Get("message")
		c.Text += m.Get("content").Str()
		c.Reasoning += m.Get("thinking").Str()
		for t := range m.Get("tool_calls").Elems() {
			c.Tools = append(c.Tools, &ToolCall{t.Get("id").Str(), t.At("function", "name").Str(), string(t.At("function", "arguments").Raw())})
		}
		if !root.Get("done").Bool() {
			continue
		}
		r.Whole = true
		c.Native = root.Get("done_reason").Str()
		switch {
		case c.Native == "length":
			c.Finish = "length"
		case c.Native == "stop" && len(c.Tools) > 0:
			c.Finish = "tool_calls"
		case c.Native == "stop":
			c.Finish = "stop"
		}
		if root.Get("eval_count").Exists() || root.Get("prompt_eval_count").Exists() {
			in, out := root.Get("prompt_eval_count").Int64(), root.Get("eval_count").Int64()
			r.Usage = &Usage{Prompt: in, Completion: out, Total: in + out}
		}
	}
	return r
}
