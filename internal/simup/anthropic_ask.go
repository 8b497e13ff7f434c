package simup

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func (w anthropic) decode(a *ask, body rawjson.Node) *refusal {
	messages := body.Get("messages")
	switch {
	case a.version == "":
		return invalid("anthropic-version: header is required")
	case messages.Kind() != rawjson.Array:
		return invalid("messages: Field required")
	case messages.Len() == 0:
		return invalid("messages: at least one message is required")
	}
	if e := w.options(a, body); e != nil {
		return e
	}
	w.tools(a, body)
	system := body.Get("system")
	a.prompt.text(system)
	for part := range system.Elems() {
		a.prompt.text(part.Get("text"))
		w.mark(a, part)
	}
	if e := w.messages(a, messages); e != nil {
		return e
	}
	if limit, used := a.model.Context, a.prompt.tokens(); limit > 0 && used > limit {
		return invalidf("prompt is too long: %d tokens > %d maximum", used, limit)
	}
	return a.finish()
}

// mark makes what was read last a cache breakpoint, where the block has a mark.
func (anthropic) mark(a *ask, block rawjson.Node) {
	if c := block.Get("cache_control"); !c.IsNull() {
		a.prompt.mark(pick(c.Get("ttl").Is("1h"), "1h", "5m"))
	}
}

func (w anthropic) tools(a *ask, body rawjson.Node) {
	for t := range body.Get("tools").Elems() {
		a.tools = append(a.tools, tool{t.Get("name").Str(), t.Get("input_schema")})
		a.prompt.json(t)
		w.mark(a, t)
	}
	c := body.Get("tool_choice")
	a.choice.never = c.Get("type").Is("none")
	a.choice.must = c.Get("type").Is("any") || c.Get("type").Is("tool")
	a.choice.only = c.Get("name").Str()
	a.single = c.Get("disable_parallel_tool_use").Bool()
}

func (anthropic) options(a *ask, body rawjson.Node) *refusal {
	a.stream = body.Get("stream").Bool()
	limit, ok := body.Get("max_tokens").Int()
	if a.counting { // count_tokens has no max_tokens, nor what depends on it
		return nil
	}
	if !ok {
		return invalid("max_tokens: Field required")
	}
	if limit < 1 {
		return invalid("max_tokens: must be greater than or equal to 1")
	}
	a.limit = limit
	if t, ok := body.Get("temperature").Float(); ok && (t < 0 || t > 1) {
		return invalid("temperature: range: 0..1")
	}
	a.stops = appendStrings(nil, body.Get("stop_sequences"))
	if a.schema = body.At("output_config", "format", "schema"); !a.schema.Exists() {
		a.schema = body.At("output_format", "schema")
	}
	thinking := body.Get("thinking")
	a.think = thinking.Get("type").Is("enabled") || thinking.Get("type").Is("adaptive")
	if !thinking.Get("type").Is("enabled") {
		return nil
	}
	budget, _ := thinking.Get("budget_tokens").Int()
	switch forced := body.At("tool_choice", "type"); {
	case budget < 1024:
		return invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
	case budget >= limit:
		return invalid("`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size")
	case forced.Is("any"), forced.Is("tool"):
		return invalid("Thinking may not be enabled when tool_choice forces tool use.")
	}
	return nil
}

// anthropicTurn is one message on its way in.
type anthropicTurn struct {
	at      string          // "messages.3"
	open    map[string]bool // calls of the turn before
	calls   map[string]bool // calls of this one
	text    string
	result  string
	first   string // type of the first block
	answers bool
}

func (w anthropic) messages(a *ask, messages rawjson.Node) *refusal {
	var open map[string]bool
	lastTurn := ""
	i := 0
	for m := range messages.Elems() {
		t := anthropicTurn{at: fmt.Sprintf("messages.%d", i), open: open, calls: map[string]bool{}}
		i++
		role := string(m.Get("role").Bytes())
		if role != "user" && role != "assistant" {
			if role == "system" {
				return invalid("messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.")
			}
			return invalid(t.at + ".role: Input should be 'user' or 'assistant'")
		}
		if e := w.content(a, m.Get("content"), &t); e != nil {
			return e
		}
		if len(t.open) > 0 {
			return invalidf("%s: `tool_use` ids were found without `tool_result` blocks immediately after: %s. Each `tool_use` block must have a corresponding `tool_result` block in the next message.", t.at, anyOf(t.open))
		}
		if role == "user" {
			a.answers, a.result = t.answers, t.result
			if t.text != "" {
				a.question = t.text
			}
			if t.answers && a.think && a.model.Reasoning && lastTurn != "thinking" && lastTurn != "redacted_thinking" {
				return invalidf("messages.%d.content.0.type: Expected `thinking` or `redacted_thinking`, but found `%s`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns.", i-2, lastTurn)
			}
		}
		open, lastTurn = t.calls, t.first
	}
	if len(open) > 0 {
		return invalidf("messages.%d: `tool_use` ids were found without `tool_result` blocks immediately after: %s. Each `tool_use` block must have a corresponding `tool_result` block in the next message.", i-1, anyOf(open))
	}
	return nil
}

func (w anthropic) content(a *ask, n rawjson.Node, t *anthropicTurn) *refusal {
	if n.Kind() == rawjson.String {
		if t.text = n.Str(); t.text == "" {
			return invalid(t.at + ": all messages must have non-empty content except for the optional final assistant message")
		}
		t.first = "text"
		a.prompt.text(n)
		return nil
	}
	i := 0
	for block := range n.Elems() {
		if i == 0 {
			t.first = block.Get("type").Str()
		}
		if e := w.block(a, block, t, i); e != nil {
			return e
		}
		w.mark(a, block)
		i++
	}
	if i == 0 {
		return invalid(t.at + ": all messages must have non-empty content except for the optional final assistant message")
	}
	return nil
}

func (w anthropic) block(a *ask, b rawjson.Node, t *anthropicTurn, i int) *refusal {
	at := fmt.Sprintf("%s.content.%d", t.at, i)
	switch kind := b.Get("type").Str(); kind {
	case "text":
		if b.Get("text").StrLen() == 0 {
			return invalid("messages: text content blocks must be non-empty")
		}
		a.prompt.text(b.Get("text"))
		t.text += b.Get("text").Str()
	case "image", "document":
		a.prompt.image(b)
	case "thinking":
		if !signed(a.seed, b.Get("signature").Str(), b.Get("thinking").Str()) {
			return invalid(at + ": Invalid `signature` in `thinking` block")
		}
		a.prompt.text(b.Get("thinking"))
	case "redacted_thinking":
		a.prompt.text(b.Get("data"))
	case "tool_use":
		if b.Get("input").Kind() != rawjson.Object {
			return invalid(at + ".tool_use.input: Input should be a valid dictionary")
		}
		t.calls[b.Get("id").Str()] = true
		a.prompt.text(b.Get("name"))
		a.prompt.json(b.Get("input"))
	case "tool_result":
		return w.toolResult(a, b, t, at)
	default:
		if strings.TrimSpace(kind) == "" {
			return invalid(at + ".type: Field required")
		}
		a.prompt.json(b)
	}
	return nil
}

func (anthropic) toolResult(a *ask, b rawjson.Node, t *anthropicTurn, at string) *refusal {
	id := b.Get("tool_use_id").Str()
	if !t.open[id] {
		return invalid(at + ": unexpected `tool_use_id` found in `tool_result` blocks: " + id + ". Each `tool_result` block must have a corresponding `tool_use` block in the previous message.")
	}
	delete(t.open, id)
	t.answers = true
	a.results++
	content := b.Get("content")
	a.prompt.text(content)
	t.result += content.Str()
	for part := range content.Elems() {
		if part.Get("type").Is("image") {
			a.prompt.image(part)
			continue
		}
		a.prompt.text(part.Get("text"))
		t.result += part.Get("text").Str()
	}
	return nil
}
