package app

import (
	"slices"
	"testing"
)

// A talker holds one conversation in the dialect of its client: what came back goes into the
// next request as it is.
type talker interface {
	// ask sends what has been said, and takes the answer into it. It returns the calls of the
	// answer.
	ask(t *testing.T, post func(path string, body any) map[string]any) []toolCall
	user(text string)
	results(of map[toolCall]string) // in the order of the calls
}

// toolCall is a call of an answer; n is its place among them.
type toolCall struct {
	name, id string
	n        int
}

func inOrder(of map[toolCall]string) []toolCall {
	var out []toolCall
	for c := range of {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b toolCall) int { return a.n - b.n })
	return out
}

// each makes one thing of every tool.
func each(tools []string, one func(name string) any) []any {
	out := []any{}
	for _, name := range tools {
		out = append(out, one(name))
	}
	return out
}

// mark is a cache mark of Anthropic's.
var mark = map[string]any{"type": "ephemeral"}

// moveMark marks the newest part, and none of an older message: there are four at most.
func moveMark(messages []any, newest map[string]any) {
	for _, m := range messages {
		if parts, ok := m.(map[string]any)["content"].([]any); ok && len(parts) > 0 {
			delete(parts[0].(map[string]any), "cache_control")
		}
	}
	newest["cache_control"] = mark
}

type chatTalker struct {
	messages []any
	tools    []string
	marks    bool // the newest user message is marked for the cache
	forgets  bool // drops reasoning_details, as most clients do
}

func (c *chatTalker) ask(t *testing.T, post func(string, any) map[string]any) (calls []toolCall) {
	r := post("/v1/chat/completions", map[string]any{"model": "m/x", "messages": c.messages, "reasoning": map[string]any{"max_tokens": 1024}, "max_tokens": 4000,
		"tools": each(c.tools, func(name string) any {
			return map[string]any{"type": "function", "function": map[string]any{"name": name, "parameters": place}}
		})})
	m := r["choices"].([]any)[0].(map[string]any)["message"].(map[string]any)
	if c.forgets {
		delete(m, "reasoning_details")
		delete(m, "reasoning")
	}
	c.messages = append(c.messages, m)
	list, _ := m["tool_calls"].([]any)
	for _, v := range list {
		v := v.(map[string]any)
		calls = append(calls, toolCall{v["function"].(map[string]any)["name"].(string), v["id"].(string), len(calls)})
	}
	return calls
}

func (c *chatTalker) user(text string) {
	part := map[string]any{"type": "text", "text": text}
	if c.marks {
		moveMark(c.messages, part)
	}
	c.messages = append(c.messages, map[string]any{"role": "user", "content": []any{part}})
}

func (c *chatTalker) results(of map[toolCall]string) {
	for _, k := range inOrder(of) {
		c.messages = append(c.messages, map[string]any{"role": "tool", "tool_call_id": k.id, "content": of[k]})
	}
}

type messagesTalker struct {
	messages []any
	tools    []string
	marks    bool // the tools and the newest user message are marked for the cache
}

func (c *messagesTalker) ask(t *testing.T, post func(string, any) map[string]any) (calls []toolCall) {
	tools := each(c.tools, func(name string) any { return map[string]any{"name": name, "input_schema": place} })
	if c.marks {
		tools[len(tools)-1].(map[string]any)["cache_control"] = mark
	}
	r := post("/v1/messages", map[string]any{"model": "m/x", "messages": c.messages, "max_tokens": 4000, "thinking": map[string]any{"type": "enabled", "budget_tokens": 1024}, "tools": tools})
	c.messages = append(c.messages, map[string]any{"role": "assistant", "content": r["content"]})
	for _, b := range r["content"].([]any) {
		if b := b.(map[string]any); b["type"] == "tool_use" {
			calls = append(calls, toolCall{b["name"].(string), b["id"].(string), len(calls)})
		}
	}
	return calls
}

func (c *messagesTalker) user(text string) {
	part := map[string]any{"type": "text", "text": text}
	if c.marks {
		moveMark(c.messages, part)
	}
	c.messages = append(c.messages, map[string]any{"role": "user", "content": []any{part}})
}

func (c *messagesTalker) results(of map[toolCall]string) {
	content := []any{}
	for _, k := range inOrder(of) {
		content = append(content, map[string]any{"type": "tool_result", "tool_use_id": k.id, "content": of[k]})
	}
	c.messages = append(c.messages, map[string]any{"role": "user", "content": content})
}

type responsesTalker struct {
	input []any
	tools []string
}

func (c *responsesTalker) ask(t *testing.T, post func(string, any) map[string]any) (calls []toolCall) {
	r := post("/v1/responses", map[string]any{"model": "m/x", "input": c.input, "reasoning": map[string]any{"effort": "low"}, "max_output_tokens": 4000, "include": []any{"reasoning.encrypted_content"}, "store": false,
		"tools": each(c.tools, func(name string) any {
			return map[string]any{"type": "function", "name": name, "parameters": place}
		})})
	for _, item := range r["output"].([]any) {
		c.input = append(c.input, item)
		if i := item.(map[string]any); i["type"] == "function_call" {
			calls = append(calls, toolCall{i["name"].(string), i["call_id"].(string), len(calls)})
		}
	}
	return calls
}

func (c *responsesTalker) user(text string) {
	c.input = append(c.input, map[string]any{"role": "user", "content": text})
}

func (c *responsesTalker) results(of map[toolCall]string) {
	for _, k := range inOrder(of) {
		c.input = append(c.input, map[string]any{"type": "function_call_output", "call_id": k.id, "output": of[k]})
	}
}

type geminiTalker struct {
	contents []any
	tools    []string
}

func (c *geminiTalker) ask(t *testing.T, post func(string, any) map[string]any) (calls []toolCall) {
	r := post("/v1beta/models/m/x:generateContent", map[string]any{"contents": c.contents,
		"generationConfig": map[string]any{"maxOutputTokens": 4000, "thinkingConfig": map[string]any{"includeThoughts": true, "thinkingBudget": 1024}},
		"tools": []any{map[string]any{"functionDeclarations": each(c.tools, func(name string) any {
			return map[string]any{"name": name, "parametersJsonSchema": place}
		})}}})
	content := r["candidates"].([]any)[0].(map[string]any)["content"].(map[string]any)
	c.contents = append(c.contents, content)
	for _, p := range content["parts"].([]any) {
		if f, ok := p.(map[string]any)["functionCall"].(map[string]any); ok {
			id, _ := f["id"].(string)
			calls = append(calls, toolCall{f["name"].(string), id, len(calls)})
		}
	}
	return calls
}

func (c *geminiTalker) user(text string) {
	c.contents = append(c.contents, map[string]any{"role": "user", "parts": []any{map[string]any{"text": text}}})
}

func (c *geminiTalker) results(of map[toolCall]string) {
	parts := []any{}
	for _, k := range inOrder(of) {
		f := map[string]any{"name": k.name, "response": map[string]any{"output": of[k]}}
		if k.id != "" {
			f["id"] = k.id
		}
		parts = append(parts, map[string]any{"functionResponse": f})
	}
	c.contents = append(c.contents, map[string]any{"role": "user", "parts": parts})
}
