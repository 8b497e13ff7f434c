package replay

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// extractOpenAI reads a chat completion or its chunks, in the widest reading of what
// OpenAI-compatible hosts send.
func extractOpenAI(x *Exchange, rules Rules) *Result {
	r := &Result{}
	b := &openAIReader{r: r, rules: rules, body: "message", calls: map[int][]*openAICall{}}
	if x.SSE {
		b.body = "delta"
	}
	done := func() { r.Whole = true }
	bad := func(string) { r.Failure = brokenAnswer() }
	for root := range x.objects(done, bad) {
		if e := root.Get("error"); !e.IsNull() {
			r.Failure = streamFailure(e, x.SSE)
			return r
		}
		b.chunk(root)
	}
	if !x.SSE || rules.NoDone && b.finished() {
		r.Whole = true
	}
	return r
}

type openAIReader struct {
	r     *Result
	rules Rules
	body  string                // where a choice keeps its content; some hosts send both
	calls map[int][]*openAICall // by choice
}

type openAICall struct {
	index int64 // -1 when the host sent none
	*ToolCall
}

func (b *openAIReader) finished() bool {
	return len(b.r.Choices) > 0 && !slices.ContainsFunc(b.r.Choices, func(c *Choice) bool { return c.Native == "" })
}

func (b *openAIReader) chunk(root rawjson.Node) {
	for _, u := range []rawjson.Node{root.At("x_groq", "usage"), root.Get("usage")} {
		if u.Kind() == rawjson.Object && u.Get("prompt_tokens").Exists() {
			b.r.Usage = openAIUsage(u, b.rules)
		}
	}
	for ch := range root.Get("choices").Elems() {
		c := b.r.choice(int(ch.Get("index").Int64()))
		b.part(c, ch.Get(b.body))
		if fin := ch.Get("finish_reason"); fin.Kind() == rawjson.String && fin.Str() != "" {
			c.Native = fin.Str()
			c.Finish = openAIFinish(c.Native)
		}
	}
}

func (b *openAIReader) part(c *Choice, body rawjson.Node) {
	b.content(c, body.Get("content"))
	c.Reasoning += openAIReasoning(body)
	c.Refusal += body.Get("refusal").Str()
	c.Images += body.Get("images").Len()
	c.Audio = c.Audio || body.Get("audio").Kind() == rawjson.Object
	for tc := range body.Get("tool_calls").Elems() {
		call := b.call(c, tc)
		fn := tc.Get("function")
		if id := tc.Get("id").Str(); id != "" {
			call.ID = id
		}
		if name := fn.Get("name").Str(); name != "" {
			call.Name = name
		}
		if args := fn.Get("arguments"); args.Kind() == rawjson.Object {
			call.Arguments = string(args.Raw())
		} else {
			call.Arguments += args.Str()
		}
	}
}

// content is a string, or Mistral's list of text and thinking parts.
func (b *openAIReader) content(c *Choice, n rawjson.Node) {
	c.Text += n.Str()
	for p := range n.Elems() {
		switch p.Get("type").Str() {
		case "text":
			c.Text += p.Get("text").Str()
		case "thinking":
			c.Reasoning += p.Get("thinking").Str()
			for t := range p.Get("thinking").Elems() {
				c.Reasoning += t.Get("text").Str()
			}
		}
	}
}

// openAIReasoning is the reasoning text under the first of its names that holds any: hosts
// repeat the same text under several.
func openAIReasoning(body rawjson.Node) string {
	for _, key := range []string{"reasoning", "reasoning_content"} {
		if s := body.Get(key).Str(); s != "" {
			return s
		}
	}
	return detailsText(body.Get("reasoning_details"))
}

func detailsText(details rawjson.Node) string {
	var s strings.Builder
	for d := range details.Elems() {
		switch d.Get("type").Str() {
		case "reasoning.text":
			s.WriteString(d.Get("text").Str())
		case "reasoning.summary":
			s.WriteString(d.Get("summary").Str())
		case "": // a host's own list, without types
			s.WriteString(d.Get("text").Str())
		}
	}
	return s.String()
}

// call finds the call that a delta continues: by index; where a host numbers all its calls
// alike, a new id begins a new one; without an index, an id does and the rest continues
// the last.
func (b *openAIReader) call(c *Choice, tc rawjson.Node) *openAICall {
	list := b.calls[c.Index]
	id, name := tc.Get("id").Str(), tc.At("function", "name").Str()
	index, numbered := tc.Get("index").Int()
	if !numbered {
		index = -1
	}
	for i := len(list) - 1; i >= 0; i-- {
		k := list[i]
		other := id != "" && k.ID != "" && id != k.ID && name != ""
		if !numbered && id == "" && name == "" || numbered && k.index == index && !other ||
			!numbered && id != "" && k.ID == id {
			return k
		}
	}
	k := &openAICall{index: index, ToolCall: &ToolCall{}}
	b.calls[c.Index] = append(list, k)
	c.Tools = append(c.Tools, k.ToolCall)
	return k
}

func openAIFinish(word string) string {
	switch word {
	case "stop", "length", "tool_calls", "content_filter", "error":
		return word
	case "function_call", "tool_use":
		return "tool_calls"
	case "eos", "end_turn", "stop_sequence", "completed":
		return "stop"
	case "model_length", "max_tokens":
		return "length"
	}
	return ""
}

// openAIUsage reads the counts under every name that hosts use, and puts reasoning inside
// the completion and cached tokens inside the prompt where they are outside: by the host's
// rule, or because a part cannot be greater than its whole.
func openAIUsage(u rawjson.Node, rules Rules) *Usage {
	in, out := u.Get("prompt_tokens_details"), u.Get("completion_tokens_details")
	if in.IsNull() {
		in = u.Get("prompt_token_details")
	}
	if out.IsNull() {
		out = u.Get("completion_token_details")
	}
	v := &Usage{
		Prompt:     u.Get("prompt_tokens").Int64(),
		Completion: u.Get("completion_tokens").Int64(),
		Total:      u.Get("total_tokens").Int64(),
		Reasoning:  out.Get("reasoning_tokens").Int64(),
		CacheRead: firstInt(in.Get("cached_tokens"), u.Get("prompt_cache_hit_tokens"),
			u.Get("num_cached_tokens"), u.Get("cached_tokens")),
		CacheWrite: firstInt(in.Get("cache_write_tokens"), u.Get("cache_creation_input_tokens")),
	}
	if rules.ReasoningOutside || v.Reasoning > v.Completion {
		v.Completion += v.Reasoning
	}
	if v.CacheRead > v.Prompt {
		v.Prompt += v.CacheRead
	}
	if rest := v.Total - v.Prompt - v.Completion; rules.ReasoningInTotal && rest > 0 {
		v.Completion += rest
		v.Reasoning += rest
	}
	return v
}
