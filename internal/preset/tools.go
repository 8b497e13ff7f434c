package preset

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// tools unites the preset's with the request's: the preset's order comes first, and one that
// both have is as the request has it. value is a list in the request's dialect.
func (m *merge) tools(value []byte) {
	m.done = append(m.done, "tools")
	own := m.root.Get("tools")
	var d rawjson.Doc
	switch {
	case own.IsNull():
		m.set("tools", value)
	case d.Parse(value) != nil: // what was valid when it was stored
	case gemini(m.to):
		m.declare(d.Root(), own)
	case own.Kind() == rawjson.Array:
		if list := union(d.Root(), own); list != nil {
			m.patch.Set(own, list)
		}
	}
}

// union is the list of both; nil when it is the request's own.
func union(preset, own rawjson.Node) []byte {
	var mine [][]byte
	var keys []string
	for t := range own.Elems() {
		mine, keys = append(mine, t.Raw()), append(keys, key(t))
	}
	var w rawjson.Writer
	w.Open('[')
	changed, at := false, 0
	for t := range preset.Elems() {
		i := slices.Index(keys, key(t))
		if i < 0 {
			w.Elem().Raw(t.Raw())
			changed = true
			continue
		}
		changed = changed || i != at
		at++
		w.Elem().Raw(mine[i])
		mine[i], keys[i] = nil, ""
	}
	if !changed {
		return nil
	}
	for _, raw := range mine {
		if raw != nil {
			w.Elem().Raw(raw)
		}
	}
	w.Close(']')
	return w.B
}

// key is what a tool is the same by: a function's name; another's type, with its name where
// several of the type can be (reference §4.6).
func key(t rawjson.Node) string {
	if name := functionName(t); name != "" {
		return "function " + name
	}
	typ := t.Get("type").Str()
	switch {
	case strings.Contains(typ, "advisor"), strings.Contains(typ, "subagent"):
		return typ + " " + t.At("parameters", "name").Str()
	case typ == "custom", typ == "namespace":
		return typ + " " + t.Get("name").Str()
	case typ == "mcp":
		return typ + " " + t.Get("server_label").Str()
	}
	return typ
}

// functionName is the name of a function in any dialect; "" for another tool.
func functionName(t rawjson.Node) string {
	if n := t.At("function", "name").Str(); n != "" {
		return n
	}
	if t.Get("type").Is("function") || t.Get("input_schema").Exists() {
		return t.Get("name").Str()
	}
	return ""
}

// translate writes the functions among a list of tools for the request's dialect, and tells
// of the others; nil when nothing is left.
func (m *merge) translate(list rawjson.Node) []byte {
	var w rawjson.Writer
	w.Open('[')
	i, open := 0, len(w.B)
	for t := range list.Elems() {
		path := fmt.Sprintf("tools[%d]", i)
		i++
		f, ok := function(t)
		if !ok {
			m.lose(path, "only functions mean the same in another API")
			continue
		}
		for _, name := range f.lost {
			m.lose(path+"."+name, "nothing in this API means the same")
		}
		if gemini(m.to) && f.strict {
			m.lose(path+".strict", "nothing in this API means the same")
		}
		w.Elem()
		f.write(&w, m.to)
	}
	if len(w.B) == open {
		return nil
	}
	w.Close(']')
	if gemini(m.to) {
		return append(append([]byte(`[{"functionDeclarations":`), w.B...), `}]`...)
	}
	return w.B
}

// declaration is a function that a model may call.
type declaration struct {
	name, description string
	schema            []byte // nil none
	strict            bool
	lost              []string // members that have no other form
}

// function reads a tool of any dialect that is a function.
func function(t rawjson.Node) (f declaration, ok bool) {
	if f.name = functionName(t); f.name == "" {
		return f, false
	}
	f.read(t)
	if in := t.Get("function"); in.Exists() {
		f.read(in)
	}
	return f, true
}

func (f *declaration) read(n rawjson.Node) {
	for k, v := range n.Members() {
		switch name := k.Str(); {
		case v.IsNull(), name == "type", name == "function", name == "name":
		case name == "description":
			f.description = v.Str()
		case name == "parameters", name == "input_schema":
			f.schema = v.Raw()
		case name == "strict":
			f.strict = v.Bool()
		default:
			f.lost = append(f.lost, name)
		}
	}
}

func (f *declaration) write(w *rawjson.Writer, to llm.Dialect) {
	w.Open('{')
	defer w.Close('}')
	schema := "parameters"
	switch to {
	case llm.OpenAIChat:
		w.Key("type").Str("function")
		w.Key("function").Open('{')
		defer w.Close('}')
	case llm.OpenAIResponses:
		w.Key("type").Str("function")
	case llm.Anthropic, llm.AnthropicCount:
		schema = "input_schema"
		if f.schema == nil {
			f.schema = []byte(`{"type":"object","properties":{}}`)
		}
	case llm.Gemini, llm.GeminiCount:
		schema = "parametersJsonSchema"
	}
	w.Key("name").Str(f.name)
	if f.description != "" {
		w.Key("description").Str(f.description)
	}
	if f.schema != nil {
		w.Key(schema).Raw(f.schema)
	}
	if f.strict && !gemini(to) {
		w.Key("strict").Word("true")
	}
}

// declare puts the functions that a request of Google's does not declare before its tools.
func (m *merge) declare(made, own rawjson.Node) {
	declared := map[string]bool{}
	for t := range several(own) {
		for f := range several(pick(t, "functionDeclarations")) {
			declared[f.Get("name").Str()] = true
		}
	}
	var w rawjson.Writer
	w.Open('[')
	open := len(w.B)
	for t := range made.Elems() {
		for f := range t.Get("functionDeclarations").Elems() {
			if !declared[f.Get("name").Str()] {
				w.Elem().Raw(f.Raw())
			}
		}
	}
	if len(w.B) == open {
		return
	}
	w.Close(']')
	first := append(append([]byte(`{"functionDeclarations":`), w.B...), '}')
	start, _ := own.Span()
	switch {
	case own.Kind() == rawjson.Object:
		m.patch.Set(own, fmt.Appendf(nil, "[%s,%s]", first, own.Raw()))
	case own.Len() > 0:
		m.patch.Replace(start+1, start+1, append(first, ','))
	default:
		m.patch.Replace(start+1, start+1, first)
	}
}

// several yields what a list of Google's holds, which may stand alone without its brackets.
func several(n rawjson.Node) iter.Seq[rawjson.Node] {
	if n.Kind() == rawjson.Object {
		return func(yield func(rawjson.Node) bool) { yield(n) }
	}
	return n.Elems()
}
