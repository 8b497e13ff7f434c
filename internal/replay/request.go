package replay

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// chooses are members of an OpenRouter request that say which endpoint may serve. They are
// left out: there is one endpoint.
var chooses = []string{"provider", "models", "route"}

// ClientRequest is the chat request that makes the gateway take the recorded path: the
// recorded body with another model where the client's wire is the upstream's, else a
// plain conversation with the same stream flag, tools, reasoning and number of choices.
// plain asks for the second where the gateway refuses what a host's own dialect allows.
func ClientRequest(x *Exchange, want *Result, model string, plain bool) ([]byte, error) {
	if x.Wire == OpenAI && x.Request != nil && !plain {
		return sameWire(x, model)
	}
	root, err := parse(string(x.Request))
	if x.Request != nil && err != nil {
		return nil, fmt.Errorf("recorded request of %s: %w", x.Path, err)
	}
	req := map[string]any{"model": model, "stream": x.Stream}
	if x.Status >= 300 && root.Get("stream").Bool() {
		req["stream"] = true
	}
	switch x.Wire {
	case Anthropic:
		fromAnthropic(req, root)
	case Gemini:
		fromGemini(req, root)
	case Responses:
		fromResponses(req, root)
	default:
		fromOpenAI(req, root)
	}
	if len(want.Choices) > 1 {
		req["n"] = len(want.Choices)
	}
	offerCalled(req, want)
	for _, c := range want.Choices {
		if _, asked := req["reasoning"]; c.Reasoning != "" && !asked {
			req["reasoning"] = map[string]any{"enabled": true}
		}
	}
	if msgs, _ := req["messages"].([]any); len(msgs) == 0 {
		req["messages"] = []any{message("user", "Hello")}
	}
	return json.Marshal(req)
}

// recorded reports whether the recorded request is of the surface's own wire.
func recorded(x *Exchange, s Surface) bool {
	if s == Chat {
		return x.Wire == OpenAI && x.Request != nil
	}
	return x.Wire == s.wire() && x.Request != nil && (x.Platform == "" || s != Messages)
}

// RequestOn is ClientRequest for any surface, and whether it asks for a stream.
func RequestOn(s Surface, x *Exchange, want *Result, model string, plain bool) (body []byte, stream bool, err error) {
	stream = x.Stream
	switch {
	case s == Chat:
		if body, err = ClientRequest(x, want, model, plain); err == nil {
			stream = asksStream(body)
		}
		return body, stream, err
	case recorded(x, s) && !plain && s == Generated:
		return x.Request, stream, nil
	case recorded(x, s) && !plain:
		if body, err = sameWire(x, model); err == nil {
			stream = asksStream(body)
		}
		return body, stream, err
	}
	if body, err = ClientRequest(x, want, model, true); err == nil {
		stream = asksStream(body)
		body, err = s.rewrite(body)
	}
	return body, stream, err
}

func sameWire(x *Exchange, model string) ([]byte, error) {
	root, err := parse(string(x.Request))
	if err != nil || root.Kind() != rawjson.Object {
		return nil, fmt.Errorf("recorded request of %s is no JSON object", x.Path)
	}
	var p rawjson.Patch
	put := func(key, value string) {
		if n := root.Get(key); n.Exists() {
			p.Set(n, []byte(value))
		} else {
			p.Append(root, key, []byte(value))
		}
	}
	put("model", string(rawjson.AppendString(nil, model)))
	if x.Status < 300 && x.Stream != root.Get("stream").Bool() {
		put("stream", fmt.Sprint(x.Stream))
	}
	p.Remove(root, func(key rawjson.Node) bool {
		for _, k := range chooses {
			if key.Is(k) {
				return true
			}
		}
		return false
	})
	return p.Apply(nil, x.Request), nil
}

func message(role, text string) map[string]any {
	if text == "" {
		text = "(no text)"
	}
	return map[string]any{"role": role, "content": text}
}

func tool(name, description string, schema rawjson.Node) map[string]any {
	fn := map[string]any{"name": name}
	if description != "" {
		fn["description"] = description
	}
	if schema.Kind() == rawjson.Object {
		fn["parameters"] = json.RawMessage(schema.Raw())
	}
	return map[string]any{"type": "function", "function": fn}
}

// offerCalled offers the functions that the answer calls where the request did not.
func offerCalled(req map[string]any, want *Result) {
	tools, _ := req["tools"].([]any)
	offered := map[string]bool{}
	for _, t := range tools {
		fn := t.(map[string]any)["function"].(map[string]any)
		offered[fn["name"].(string)] = true
	}
	for _, c := range want.Choices {
		for _, call := range c.Tools {
			if !offered[call.Name] {
				offered[call.Name] = true
				tools = append(tools, tool(call.Name, "", rawjson.Node{}))
			}
		}
	}
	if len(tools) > 0 {
		req["tools"] = tools
	}
}

func fromOpenAI(req map[string]any, root rawjson.Node) {
	var msgs []any
	for m := range root.Get("messages").Elems() {
		role := m.Get("role").Str()
		if role != "assistant" && role != "system" {
			role = "user"
		}
		msgs = append(msgs, message(role, blocksText(m.Get("content"))))
	}
	req["messages"] = msgs
	var tools []any
	for t := range root.Get("tools").Elems() {
		if fn := t.Get("function"); fn.Get("name").Str() != "" {
			tools = append(tools, tool(fn.Get("name").Str(), fn.Get("description").Str(), fn.Get("parameters")))
		}
	}
	if tools != nil {
		req["tools"] = tools
	}
}

// fromResponses keeps the turns that have text, and the functions.
func fromResponses(req map[string]any, root rawjson.Node) {
	var msgs []any
	if s := root.Get("instructions").Str(); s != "" {
		msgs = append(msgs, message("system", s))
	}
	in := root.Get("input")
	if in.Kind() == rawjson.String {
		msgs = append(msgs, message("user", in.Str()))
	}
	for m := range in.Elems() {
		role := m.Get("role").Str()
		if role != "assistant" {
			role = "user"
		}
		if text := blocksText(m.Get("content")); text != "" {
			msgs = append(msgs, message(role, text))
		}
	}
	req["messages"] = msgs
	var tools []any
	for t := range root.Get("tools").Elems() {
		if t.Get("type").Is("function") {
			tools = append(tools, tool(t.Get("name").Str(), t.Get("description").Str(), t.Get("parameters")))
		}
	}
	if tools != nil {
		req["tools"] = tools
	}
}

func fromAnthropic(req map[string]any, root rawjson.Node) {
	if n := root.Get("max_tokens").Int64(); n > 0 {
		req["max_tokens"] = n
	}
	var msgs []any
	if sys := blocksText(root.Get("system")); sys != "" {
		msgs = append(msgs, message("system", sys))
	}
	for m := range root.Get("messages").Elems() {
		role := m.Get("role").Str()
		if role != "assistant" {
			role = "user"
		}
		msgs = append(msgs, message(role, blocksText(m.Get("content"))))
	}
	req["messages"] = msgs
	var tools []any
	for t := range root.Get("tools").Elems() {
		if kind := t.Get("type").Str(); kind == "" || kind == "custom" {
			tools = append(tools, tool(t.Get("name").Str(), t.Get("description").Str(), t.Get("input_schema")))
		}
	}
	if tools != nil {
		req["tools"] = tools
	}
	think := root.Get("thinking")
	switch budget := think.Get("budget_tokens").Int64(); {
	case budget > 0:
		req["reasoning"] = map[string]any{"max_tokens": budget}
	case think.Get("type").Is("adaptive"):
		req["reasoning"] = map[string]any{"enabled": true}
	}
}

// blocksText is the text of a string or of a list of blocks, tool results included.
func blocksText(n rawjson.Node) string {
	if n.Kind() == rawjson.String {
		return n.Str()
	}
	var parts []string
	for b := range n.Elems() {
		if s := b.Get("text").Str(); s != "" {
			parts = append(parts, s)
		}
		if s := blocksText(b.Get("content")); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n")
}

func fromGemini(req map[string]any, root rawjson.Node) {
	var msgs []any
	sys := root.Get("systemInstruction")
	if sys.IsNull() {
		sys = root.Get("system_instruction")
	}
	if s := partsText(sys); s != "" {
		msgs = append(msgs, message("system", s))
	}
	contents := root.Get("contents")
	for c := range contents.Elems() {
		role := "user"
		if c.Get("role").Is("model") {
			role = "assistant"
		}
		msgs = append(msgs, message(role, partsText(c)))
	}
	if contents.Kind() == rawjson.String {
		msgs = append(msgs, message("user", contents.Str()))
	}
	req["messages"] = msgs
	if n := root.At("generationConfig", "maxOutputTokens").Int64(); n > 0 {
		req["max_tokens"] = n
	}
	geminiTools(req, root.Get("tools"))
	geminiThinking(req, root.At("generationConfig", "thinkingConfig"))
}

func partsText(content rawjson.Node) string {
	var parts []string
	for p := range content.Get("parts").Elems() {
		if s := p.Get("text").Str(); s != "" {
			parts = append(parts, s)
		}
		if out := p.At("functionResponse", "response"); out.Exists() {
			parts = append(parts, string(out.Raw()))
		}
	}
	return strings.Join(parts, "\n")
}

// geminiTools offers the functions by name; their schemas are in a dialect of its own.
func geminiTools(req map[string]any, list rawjson.Node) {
	var tools []any
	for t := range list.Elems() {
		decls := t.Get("functionDeclarations")
		if decls.IsNull() {
			decls = t.Get("function_declarations")
		}
		for d := range decls.Elems() {
			tools = append(tools, tool(d.Get("name").Str(), d.Get("description").Str(), d.Get("parametersJsonSchema")))
		}
	}
	if tools != nil {
		req["tools"] = tools
	}
}

func geminiThinking(req map[string]any, cfg rawjson.Node) {
	budget := cfg.Get("thinkingBudget").Int64()
	switch {
	case budget > 0:
		req["reasoning"] = map[string]any{"max_tokens": budget}
	case cfg.Get("includeThoughts").Bool():
		req["reasoning"] = map[string]any{"enabled": true}
	}
}
