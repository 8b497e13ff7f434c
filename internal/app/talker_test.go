package app

import (
	"encoding/json"
	"slices"
	"testing"
)

// A talker holds one conversation in the dialect of its client: what came back goes into the
// next request as it is.
type talker interface {
	// ask sends what has been said, and takes the answer into it. An answer that says nothing
	// takes the question back, as APIs advise that refuse without a word.
	ask(t *testing.T, post poster) said
	user(text string)
	results(of map[toolCall]outcome) // in the order of the calls
}

// poster sends a request and is the whole answer, put together where it was streamed.
type poster func(path string, body map[string]any) map[string]any

// said is what an answer says.
type said struct {
	calls  []toolCall
	text   string
	finish string // in the client's words
}

// toolCall is a call of an answer; n is its place among them.
type toolCall struct {
	name, id, args string
	n              int
}

// outcome is what a tool gave.
type outcome struct {
	text   string
	image  string // base64 of a PNG, "" none
	failed bool
}

func inOrder(of map[toolCall]outcome) []toolCall {
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

// str is a member that is a string, "" where there is none.
func str(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was JSON
	}
	return string(raw)
}

// keep adds an answer to what has been said, or takes back what it does not answer.
func keep(to []any, out said, answer ...any) []any {
	if out.text == "" && len(out.calls) == 0 {
		return to[:len(to)-1]
	}
	return append(to, answer...)
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

const thinkingTokens, answerTokens = 1024, 1500

type chatTalker struct {
	messages []any
	tools    []string
	marks    bool // the newest user message is marked for the cache
	forgets  bool // drops reasoning_details, as most clients do
}

func (c *chatTalker) ask(t *testing.T, post poster) (out said) {
	r := post("/v1/chat/completions", map[string]any{"model": "m/x", "messages": c.messages, "reasoning": map[string]any{"max_tokens": thinkingTokens}, "max_tokens": answerTokens,
		"tools": each(c.tools, func(name string) any {
			return map[string]any{"type": "function", "function": map[string]any{"name": name, "parameters": place}}
		})})
	choice := r["choices"].([]any)[0].(map[string]any)
	m := choice["message"].(map[string]any)
	if c.forgets {
		delete(m, "reasoning_details")
		delete(m, "reasoning")
	}
	out.text, out.finish = str(m, "content")+str(m, "refusal"), str(choice, "finish_reason")
	list, _ := m["tool_calls"].([]any)
	for _, v := range list {
		v := v.(map[string]any)
		f := v["function"].(map[string]any)
		out.calls = append(out.calls, toolCall{str(f, "name"), str(v, "id"), str(f, "arguments"), len(out.calls)})
	}
	c.messages = keep(c.messages, out, m)
	return out
}

func (c *chatTalker) user(text string) {
	part := map[string]any{"type": "text", "text": text}
	if c.marks {
		moveMark(c.messages, part)
	}
	c.messages = append(c.messages, map[string]any{"role": "user", "content": []any{part}})
}

// results has no place for a failure, and for images only in a message of the user.
func (c *chatTalker) results(of map[toolCall]outcome) {
	var images []any
	for _, k := range inOrder(of) {
		c.messages = append(c.messages, map[string]any{"role": "tool", "tool_call_id": k.id, "content": of[k].text})
		if of[k].image != "" {
			images = append(images, map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:image/png;base64," + of[k].image}})
		}
	}
	if images != nil {
		c.messages = append(c.messages, map[string]any{"role": "user", "content": append(images, map[string]any{"type": "text", "text": "That is what it looks like."})})
	}
}

type messagesTalker struct {
	messages []any
	tools    []string
	marks    bool // the tools and the newest user message are marked for the cache
}

func (c *messagesTalker) ask(t *testing.T, post poster) (out said) {
	tools := each(c.tools, func(name string) any { return map[string]any{"name": name, "input_schema": place} })
	if c.marks {
		tools[len(tools)-1].(map[string]any)["cache_control"] = mark
	}
	r := post("/v1/messages", map[string]any{"model": "m/x", "messages": c.messages, "max_tokens": answerTokens, "thinking": map[string]any{"type": "enabled", "budget_tokens": thinkingTokens}, "tools": tools})
	content := r["content"].([]any)
	out.finish = str(r, "stop_reason")
	for _, b := range content {
		b := b.(map[string]any)
		out.text += str(b, "text")
		if b["type"] == "tool_use" {
			out.calls = append(out.calls, toolCall{str(b, "name"), str(b, "id"), asJSON(b["input"]), len(out.calls)})
		}
	}
	c.messages = keep(c.messages, out, map[string]any{"role": "assistant", "content": content})
	return out
}

func (c *messagesTalker) user(text string) {
	part := map[string]any{"type": "text", "text": text}
	if c.marks {
		moveMark(c.messages, part)
	}
	c.messages = append(c.messages, map[string]any{"role": "user", "content": []any{part}})
}

func (c *messagesTalker) results(of map[toolCall]outcome) {
	content := []any{}
	for _, k := range inOrder(of) {
		parts := []any{map[string]any{"type": "text", "text": of[k].text}}
		if of[k].image != "" {
			parts = append(parts, map[string]any{"type": "image", "source": map[string]any{"type": "base64", "media_type": "image/png", "data": of[k].image}})
		}
		result := map[string]any{"type": "tool_result", "tool_use_id": k.id, "content": parts}
		if of[k].failed {
			result["is_error"] = true
		}
		content = append(content, result)
	}
	c.messages = append(c.messages, map[string]any{"role": "user", "content": content})
}

type responsesTalker struct {
	input []any
	tools []string
}

func (c *responsesTalker) ask(t *testing.T, post poster) (out said) {
	r := post("/v1/responses", map[string]any{"model": "m/x", "input": c.input, "reasoning": map[string]any{"effort": "low"}, "max_output_tokens": answerTokens, "include": []any{"reasoning.encrypted_content"}, "store": false,
		"tools": each(c.tools, func(name string) any {
			return map[string]any{"type": "function", "name": name, "parameters": place}
		})})
	out.finish = str(r, "status")
	for _, item := range r["output"].([]any) {
		i := item.(map[string]any)
		switch i["type"] {
		case "function_call":
			out.calls = append(out.calls, toolCall{str(i, "name"), str(i, "call_id"), str(i, "arguments"), len(out.calls)})
		case "message":
			for _, p := range i["content"].([]any) {
				out.text += str(p.(map[string]any), "text") + str(p.(map[string]any), "refusal")
			}
		}
	}
	c.input = keep(c.input, out, r["output"].([]any)...)
	return out
}

func (c *responsesTalker) user(text string) {
	c.input = append(c.input, map[string]any{"role": "user", "content": text})
}

// results has no place for a failure.
func (c *responsesTalker) results(of map[toolCall]outcome) {
	for _, k := range inOrder(of) {
		item := map[string]any{"type": "function_call_output", "call_id": k.id, "output": of[k].text}
		if of[k].image != "" {
			item["output"] = []any{map[string]any{"type": "input_text", "text": of[k].text}, map[string]any{"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64," + of[k].image}}
		}
		c.input = append(c.input, item)
	}
}

type geminiTalker struct {
	contents []any
	tools    []string
}

func (c *geminiTalker) ask(t *testing.T, post poster) (out said) {
	r := post("/v1beta/models/m/x:generateContent", map[string]any{"contents": c.contents,
		"generationConfig": map[string]any{"maxOutputTokens": answerTokens, "thinkingConfig": map[string]any{"includeThoughts": true, "thinkingBudget": thinkingTokens}},
		"tools": []any{map[string]any{"functionDeclarations": each(c.tools, func(name string) any {
			return map[string]any{"name": name, "parametersJsonSchema": place}
		})}}})
	candidate := r["candidates"].([]any)[0].(map[string]any)
	out.finish = str(candidate, "finishReason")
	content, _ := candidate["content"].(map[string]any)
	parts, _ := content["parts"].([]any)
	for _, p := range parts {
		p := p.(map[string]any)
		if p["thought"] != true {
			out.text += str(p, "text")
		}
		if f, ok := p["functionCall"].(map[string]any); ok {
			out.calls = append(out.calls, toolCall{str(f, "name"), str(f, "id"), asJSON(f["args"]), len(out.calls)})
		}
	}
	c.contents = keep(c.contents, out, content)
	return out
}

func (c *geminiTalker) user(text string) {
	c.contents = append(c.contents, map[string]any{"role": "user", "parts": []any{map[string]any{"text": text}}})
}

func (c *geminiTalker) results(of map[toolCall]outcome) {
	parts, images := []any{}, []any{}
	for _, k := range inOrder(of) {
		said := map[string]any{"output": of[k].text}
		if of[k].failed {
			said = map[string]any{"error": of[k].text}
		}
		f := map[string]any{"name": k.name, "response": said}
		if k.id != "" {
			f["id"] = k.id
		}
		parts = append(parts, map[string]any{"functionResponse": f})
		if of[k].image != "" {
			images = append(images, map[string]any{"inlineData": map[string]any{"mimeType": "image/png", "data": of[k].image}})
		}
	}
	c.contents = append(c.contents, map[string]any{"role": "user", "parts": append(parts, images...)})
}
