package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// tools writes function declarations or the provider's own tools, not both: together the
// older models refuse them, and the newer ones want tool traffic in history that the
// canonical form does not hold.
func (e *encoder) tools() {
	functions := e.functions()
	search := e.conv.WebSearch != nil
	builtin := make(map[string]bool)
	for i := range e.conv.Tools {
		t := &e.conv.Tools[i]
		if t.Native == nil {
			continue
		}
		if name := native(t.Name); name == "" {
			e.lose(t.Path, "the provider has no tool of that type")
		} else if functions > 0 {
			e.lose(t.Path, lossMixed)
		} else {
			builtin[name] = true
		}
	}
	if search && functions > 0 {
		e.lose("web_search_options", lossMixed)
	} else if search {
		builtin["googleSearch"] = true
		e.searchOptions()
	}
	if len(builtin) > 0 {
		e.w.Key("tools").Open('[')
		for _, name := range []string{"googleSearch", "urlContext", "codeExecution"} {
			if builtin[name] {
				e.w.Elem().Open('{')
				e.w.Key(name).Word("{}}")
			}
		}
		e.w.Close(']')
	}
	e.toolConfig(functions > 0)
}

const lossMixed = "the provider does not combine its own tools with function tools"

// native is the provider's tool for a tool type of another API.
func native(typ string) string {
	switch {
	case strings.HasPrefix(typ, "web_search"), typ == "google_search":
		return "googleSearch"
	case typ == "url_context", typ == "web_fetch":
		return "urlContext"
	case typ == "code_interpreter", typ == "code_execution":
		return "codeExecution"
	}
	return ""
}

// functions writes the declarations and returns how many. parametersJsonSchema takes JSON
// Schema as it is (https://ai.google.dev/api/caching#FunctionDeclaration), where the older
// `parameters` refuses every keyword outside an OpenAPI subset; models from 2.0 on are
// recorded with it.
func (e *encoder) functions() int {
	n := 0
	for i := range e.conv.Tools {
		t := &e.conv.Tools[i]
		if t.Native != nil {
			continue
		}
		if n++; n == 1 {
			e.w.Key("tools").Word(`[{"functionDeclarations":[`)
		}
		e.w.Elem().Open('{')
		e.w.Key("name").Str(t.Name)
		if t.Description != "" {
			e.w.Key("description").Str(t.Description)
		}
		e.w.Key("parametersJsonSchema")
		e.schema(t.Schema)
		e.w.Close('}')
		e.toolLosses(t)
	}
	if n > 0 {
		e.w.Word("]}]")
	}
	return n
}

func (e *encoder) toolLosses(t *llm.Tool) {
	if t.Strict != nil && *t.Strict {
		e.lose(t.Path+".function.strict", "the provider validates arguments only when a call is required")
	}
	if t.Cache != nil {
		e.lose(t.Path+".cache_control", lossCache)
	}
}

// schema writes a JSON Schema without "$schema" at its root, which the wire does not know.
// One that says nothing becomes that of an object without members: a function must have
// one, and it must be of an object.
func (e *encoder) schema(raw []byte) {
	var d rawjson.Doc
	if d.Parse(raw) != nil || d.Root().Len() == 0 {
		e.w.Word(`{"type":"object","properties":{}}`)
		return
	}
	if !d.Root().Get("$schema").Exists() {
		e.w.Raw(raw)
		return
	}
	var p rawjson.Patch
	p.Remove(d.Root(), func(k rawjson.Node) bool { return k.Is("$schema") })
	e.w.B = p.Apply(e.w.B, raw)
}

func (e *encoder) searchOptions() {
	var d rawjson.Doc
	if d.Parse(e.conv.WebSearch) != nil {
		return
	}
	for k, v := range d.Root().Members() {
		if !v.IsNull() {
			e.lose("web_search_options."+k.Str(), "the provider's search has no such option")
		}
	}
}

func (e *encoder) toolConfig(functions bool) {
	c := e.conv.ToolChoice
	if p := e.conv.ParallelToolCalls; functions && p != nil && !*p {
		e.lose("parallel_tool_calls", "the provider cannot forbid parallel calls")
	}
	mode := ""
	switch c.Mode {
	case "":
		return
	case "none":
		mode = "NONE"
	case "auto":
		mode = "AUTO"
	case "required", "function":
		mode = "ANY"
	}
	if mode == "" || !functions {
		if c.Mode != "none" && c.Mode != "auto" {
			e.lose("tool_choice", "the provider can require function tools only")
		}
		return
	}
	e.w.Key("toolConfig").Word(`{"functionCallingConfig":{`)
	e.w.Key("mode").Str(mode)
	if c.Mode == "function" {
		e.w.Key("allowedFunctionNames").Strs([]string{c.Name})
	}
	e.w.Word("}}")
}
