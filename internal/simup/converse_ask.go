package simup

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// converseMembers are what a request may hold.
var converseMembers = map[string]bool{
	"messages": true, "system": true, "toolConfig": true, "inferenceConfig": true, "additionalModelRequestFields": true, "additionalModelResponseFieldPaths": true,
	"guardrailConfig": true, "performanceConfig": true, "requestMetadata": true, "serviceTier": true, "outputConfig": true, "promptVariables": true,
}

// told are refusals of the model behind the service, which it passes on.
const told = "The model returned the following errors: "

func (w converse) decode(a *ask, body rawjson.Node) *refusal {
	for k := range body.Members() {
		if !converseMembers[k.Str()] {
			return invalid("Malformed input request: extraneous key [" + k.Str() + "] is not permitted, please reformat your input and try again.")
		}
	}
	if e := w.options(a, body); e != nil {
		return e
	}
	w.tools(a, body.Get("toolConfig"))
	for block := range body.Get("system").Elems() {
		a.prompt.text(block.Get("text"))
		w.mark(a, block)
	}
	if e := w.messages(a, body.Get("messages")); e != nil {
		return e
	}
	if limit, used := a.model.Context, a.prompt.tokens(); limit > 0 && used > limit {
		return invalidf(told+"prompt is too long: %d tokens > %d maximum", used, limit)
	}
	return a.finish()
}

// mark makes what was read last a cache breakpoint, where the block is one.
func (converse) mark(a *ask, block rawjson.Node) {
	if c := block.Get("cachePoint"); c.Exists() {
		a.prompt.mark(pick(c.Get("ttl").Is("1h"), "1h", "5m"))
	}
}

func (converse) options(a *ask, body rawjson.Node) *refusal {
	c := body.Get("inferenceConfig")
	a.limit = c.Get("maxTokens").Int64()
	a.stops = appendStrings(nil, c.Get("stopSequences"))
	thinking := body.At("additionalModelRequestFields", "thinking")
	a.think = thinking.Get("type").Is("enabled") || thinking.Get("type").Is("adaptive")
	budget := thinking.Get("budget_tokens").Int64()
	switch {
	case !thinking.Get("type").Is("enabled"):
	case budget < 1024:
		return invalid(told + "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
	case a.limit > 0 && budget >= a.limit:
		return invalid(told + "`max_tokens` must be greater than `thinking.budget_tokens`.")
	}
	return nil
}

func (w converse) tools(a *ask, config rawjson.Node) {
	for t := range config.Get("tools").Elems() {
		if spec := t.Get("toolSpec"); spec.Exists() {
			a.tools = append(a.tools, tool{spec.Get("name").Str(), spec.At("inputSchema", "json")})
			a.prompt.json(spec)
		}
		w.mark(a, t)
	}
	c := config.Get("toolChoice")
	a.choice.must = c.Get("any").Exists() || c.Get("tool").Exists()
	a.choice.only = c.At("tool", "name").Str()
}

// converseTurn is one message on its way in.
type converseTurn struct {
	at      string // "messages.3"
	role    string
	open    []string // calls of the turn before
	calls   []string // calls of this one
	text    string
	result  string
	thought bool // it begins with reasoning
	answers bool
}

// messages reads the turns. They alternate, and every call has its result in the next one.
func (w converse) messages(a *ask, messages rawjson.Node) *refusal {
	before := converseTurn{role: "assistant"}
	i := 0
	for m := range messages.Elems() {
		t := converseTurn{at: fmt.Sprintf("messages.%d", i), role: m.Get("role").Str(), open: before.calls}
		i++
		if t.role == before.role || t.role != "user" && t.role != "assistant" {
			return invalid("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.")
		}
		if e := w.content(a, m.Get("content"), &t); e != nil {
			return e
		}
		if len(t.open) > 0 {
			return invalidf("Expected toolResult blocks at %s.content for the following Ids: %s", t.at, strings.Join(t.open, ", "))
		}
		if t.answers && a.think && a.model.Reasoning && !before.thought {
			return invalidf(told+"messages.%d.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.", i-2)
		}
		if t.role == "user" {
			a.answers, a.result = t.answers, t.result
			if t.text != "" {
				a.question = t.text
			}
		}
		before = t
	}
	if before.role != "user" {
		return invalid("The conversation must end with a user message. Add a user message and try again.")
	}
	return nil
}

func (w converse) content(a *ask, n rawjson.Node, t *converseTurn) *refusal {
	i := 0
	for block := range n.Elems() {
		if i == 0 {
			t.thought = block.Get("reasoningContent").Exists()
		}
		if e := w.block(a, block, t, fmt.Sprintf("%s.content.%d", t.at, i)); e != nil {
			return e
		}
		w.mark(a, block)
		i++
	}
	if i == 0 {
		return invalid("The content field in the Message object at " + t.at + " is empty. Add a ContentBlock object to the content field and try again.")
	}
	return nil
}

func (w converse) block(a *ask, b rawjson.Node, t *converseTurn, at string) *refusal {
	for k, v := range b.Members() {
		switch kind := k.Str(); kind {
		case "text":
			if strings.TrimSpace(v.Str()) == "" {
				return invalid("The text field in the ContentBlock object at " + at + " is blank. Add text to the text field, and try again.")
			}
			a.prompt.text(v)
			t.text += v.Str()
		case "image", "document":
			a.prompt.image(v)
		case "reasoningContent":
			said := v.Get("reasoningText")
			if said.Exists() && !signed(a.seed, said.Get("signature").Str(), said.Get("text").Str()) {
				return invalid(told + at + ": Invalid `signature` in `thinking` block")
			}
			a.prompt.text(said.Get("text"))
		case "toolUse":
			if v.Get("input").Kind() != rawjson.Object {
				return invalid("The format of the value at " + at + ".toolUse.input is invalid. Provide a json object for the field and try again.")
			}
			t.calls = append(t.calls, v.Get("toolUseId").Str())
			a.prompt.text(v.Get("name"))
			a.prompt.json(v.Get("input"))
		case "toolResult":
			return w.toolResult(a, v, t, at)
		case "cachePoint":
		default:
			return invalid("Malformed input request: #/" + strings.ReplaceAll(at, ".", "/") + ": extraneous key [" + kind + "] is not permitted, please reformat your input and try again.")
		}
	}
	return nil
}

// toolResult takes the call that it answers from the open ones.
func (converse) toolResult(a *ask, n rawjson.Node, t *converseTurn, at string) *refusal {
	id, found := n.Get("toolUseId").Str(), -1
	for i, open := range t.open {
		if open == id {
			found = i
		}
	}
	switch {
	case found < 0:
		return invalid("The number of toolResult blocks at " + t.at + ".content exceeds the number of toolUse blocks of previous turn.")
	case n.Get("content").Len() == 0 && n.Get("status").Is("error"):
		return invalid("The content field at " + at + ".toolResult cannot be empty when status value is error.")
	}
	t.open = append(t.open[:found:found], t.open[found+1:]...)
	t.answers = true
	a.results++
	for part := range n.Get("content").Elems() {
		if part.Get("image").Exists() || part.Get("document").Exists() {
			a.prompt.image(part)
			continue
		}
		a.prompt.text(part.Get("text"))
		a.prompt.json(part.Get("json"))
		t.result += part.Get("text").Str() + string(part.Get("json").Raw())
	}
	return nil
}
