package anthropic

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// tools writes function tools, and those of other types that the provider runs itself.
func (e *encoder) tools() {
	at := len(e.w.B)
	e.w.Key("tools").Open('[')
	empty := len(e.w.B)
	searches := false
	for i := range e.conv.Tools {
		t := &e.conv.Tools[i]
		switch {
		case t.Native == nil:
			e.function(t)
		case versioned(t.Name):
			e.native(t)
		case strings.HasPrefix(t.Name, "web_search") && !searches:
			searches = true
			e.webSearch(t.Path, t.Native)
		case strings.HasPrefix(t.Name, "web_search"): // asked for twice
		default:
			e.lose(t.Path, "the provider has no tool of that type")
		}
	}
	if e.conv.WebSearch != nil && !searches {
		e.webSearch("web_search_options", e.conv.WebSearch)
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.hasTools = true
	e.w.Close(']')
}

func (e *encoder) function(t *llm.Tool) {
	e.w.Elem().Open('{')
	e.w.Key("name").Str(t.Name)
	if t.Description != "" {
		e.w.Key("description").Str(t.Description)
	}
	e.w.Key("input_schema")
	dialect.ObjectSchema(&e.w, t.Schema)
	if t.Strict != nil && *t.Strict {
		e.w.Key("strict").Word("true")
	}
	e.mark(t.Cache, t.Path)
	e.w.Close('}')
}

// versioned reports whether a tool type is the provider's own: those end in a date.
func versioned(typ string) bool {
	at := strings.LastIndexByte(typ, '_')
	if at < 1 || len(typ)-at != len("_20250305") {
		return false
	}
	for _, c := range typ[at+1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// betas are the headers that tools of the provider's own still need
// (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview).
var betas = map[string]string{
	"code_execution_20250522": "code-execution-2025-05-22",
	"code_execution_20250825": "code-execution-2025-08-25",
	"web_fetch_20250910":      "web-fetch-2025-09-10",
	"computer_20241022":       "computer-use-2024-10-22",
	"computer_20250124":       "computer-use-2025-01-24",
	"computer_20251124":       "computer-use-2025-11-24",
	"memory_20250818":         "context-management-2025-06-27",
}

func (e *encoder) native(t *llm.Tool) {
	if b := betas[t.Name]; b != "" {
		e.beta(b)
	}
	e.w.Elem().Raw(t.Native)
}

// webSearch writes the provider's search tool for another API's: options is a tool of
// type web_search or web_search_options.
func (e *encoder) webSearch(path string, options []byte) {
	e.w.Elem().Open('{')
	e.w.Key("type").Str("web_search_20250305")
	e.w.Key("name").Str("web_search")
	var d rawjson.Doc
	if d.Parse(options) == nil {
		for k, v := range d.Root().Members() {
			switch k.Str() {
			case "type":
			case "user_location":
				e.userLocation(v)
			default:
				e.lose(path+"."+k.Str(), "the provider's search has no such option")
			}
		}
	}
	e.w.Close('}')
}

func (e *encoder) userLocation(v rawjson.Node) {
	place := v
	if a := v.Get("approximate"); a.Exists() { // chat completions' nesting
		place = a
	}
	if place.Kind() != rawjson.Object {
		return
	}
	e.w.Key("user_location").Open('{')
	e.w.Key("type").Str("approximate")
	for _, k := range []string{"city", "region", "country", "timezone"} {
		if s := place.Get(k).Str(); s != "" {
			e.w.Key(k).Str(s)
		}
	}
	e.w.Close('}')
}

// toolChoice writes whether and what the model must call. While it thinks it cannot be
// made to call.
func (e *encoder) toolChoice() {
	c := e.conv.ToolChoice
	serial := e.conv.ParallelToolCalls != nil && !*e.conv.ParallelToolCalls
	if c.Mode == "" && !serial {
		return
	}
	if !e.hasTools {
		if c.Mode == "required" || c.Mode == "function" {
			e.lose("tool_choice", "the provider is sent no tool to call")
		}
		return
	}
	mode := ""
	switch c.Mode {
	case "", "auto":
		mode = "auto"
	case "none":
		mode = "none"
	case "required":
		mode = "any"
	case "function":
		mode = "tool"
	default:
		e.lose("tool_choice", "the provider has no such choice")
		mode = "auto"
	}
	if (e.think.On() || claude.AlwaysThinks(&e.to)) && (mode == "any" || mode == "tool") {
		e.lose("tool_choice", "the provider does not force a call while the model thinks")
		mode = "auto"
	}
	e.w.Key("tool_choice").Open('{')
	e.w.Key("type").Str(mode)
	if mode == "tool" {
		e.w.Key("name").Str(c.Name)
	}
	if serial && mode != "none" {
		e.w.Key("disable_parallel_tool_use").Word("true")
	}
	e.w.Close('}')
}
