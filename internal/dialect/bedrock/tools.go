package bedrock

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// toolConfig writes the tools and what the model must call of them.
func (e *encoder) toolConfig() {
	called := e.calledTools()
	choice := e.conv.ToolChoice
	if choice.Mode == "none" && len(called) == 0 { // the wire's way to say none
		return
	}
	at := len(e.w.B)
	e.w.Key("toolConfig").Open('{')
	e.w.Key("tools").Open('[')
	empty := len(e.w.B)
	searches := false
	for i := range e.conv.Tools {
		t := &e.conv.Tools[i]
		switch {
		case t.Native == nil:
			e.function(t)
		case strings.HasPrefix(t.Name, "web_search") && e.family == nova2:
			searches = e.grounding(t.Path, t.Native, searches)
		default:
			e.lose(t.Path, "the provider has no tool of that type")
			continue
		}
		e.mark(t.Cache, t.Path)
	}
	switch {
	case e.conv.WebSearch == nil:
	case e.family == nova2:
		searches = e.grounding("web_search_options", e.conv.WebSearch, searches)
	default:
		e.lose("web_search_options", "the model does not search the web")
	}
	functions := len(e.w.B) > empty
	if !functions { // calls in the conversation need their tools to be there
		for _, name := range called {
			e.function(&llm.Tool{Name: name})
		}
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		if choice.Mode == "required" || choice.Mode == "function" {
			e.lose("tool_choice", "the provider is sent no tool to call")
		}
		return
	}
	e.w.Close(']')
	e.toolChoice(functions)
	e.w.Close('}')
}

// calledTools are the names of the tools called so far.
func (e *encoder) calledTools() []string {
	var names []string
	seen := map[string]bool{}
	for i := range e.conv.Messages {
		for j := range e.conv.Messages[i].Parts {
			if c := e.conv.Messages[i].Parts[j].Call; c != nil && !seen[c.Name] {
				seen[c.Name] = true
				names = append(names, c.Name)
			}
		}
	}
	return names
}

func (e *encoder) function(t *llm.Tool) {
	e.w.Elem().Open('{')
	e.w.Key("toolSpec").Open('{')
	e.w.Key("name").Str(t.Name)
	if !dialect.Blank(t.Description) {
		e.w.Key("description").Str(t.Description)
	}
	e.w.Key("inputSchema").Open('{')
	e.w.Key("json")
	dialect.ObjectSchema(&e.w, t.Schema)
	e.w.Close('}')
	if t.Strict != nil && *t.Strict {
		e.w.Key("strict").Word("true")
	}
	e.w.Word("}}")
}

// grounding writes Nova's own search for another API's
// (https://docs.aws.amazon.com/nova/latest/nova2-userguide/web-grounding.html).
func (e *encoder) grounding(path string, options []byte, again bool) bool {
	if again { // asked for twice
		return true
	}
	e.w.Elem().Word(`{"systemTool":{"name":"nova_grounding"}}`)
	var d rawjson.Doc
	if d.Parse(options) == nil {
		for k := range d.Root().Members() {
			if !k.Is("type") && !k.Is("name") {
				e.lose(path+"."+k.Str(), "the provider's search has no such option")
			}
		}
	}
	return true
}

// toolChoice writes whether and what the model must call. While Claude thinks it cannot
// be made to call.
func (e *encoder) toolChoice(functions bool) {
	if p := e.conv.ParallelToolCalls; p != nil && !*p {
		e.lose("parallel_tool_calls", "the provider cannot be kept from calling several tools at once")
	}
	c := e.conv.ToolChoice
	forced := c.Mode == "required" || c.Mode == "function"
	switch {
	case c.Mode == "":
	case c.Mode == "none":
		e.lose("tool_choice", "the provider does not forbid calls of tools that the conversation has called")
	case forced && !functions:
		e.lose("tool_choice", "the provider is sent no tool to call")
	case forced && (e.thinks() || e.family == claudeFamily && claude.AlwaysThinks(&e.to)):
		e.lose("tool_choice", "the provider does not force a call while the model thinks")
	case c.Mode == "auto":
		e.w.Key("toolChoice").Word(`{"auto":{}}`)
	case c.Mode == "required":
		e.w.Key("toolChoice").Word(`{"any":{}}`)
	case c.Mode == "function":
		e.w.Key("toolChoice").Open('{')
		e.w.Key("tool").Open('{')
		e.w.Key("name").Str(c.Name)
		e.w.Word("}}")
	default:
		e.lose("tool_choice", "the provider has no such choice")
	}
}
