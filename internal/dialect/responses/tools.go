package responses

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// maxName is how long a function's name may be for other providers.
const maxName = 64

// flatName is the name of a tool in a namespace for a wire that has none.
func flatName(namespace, name string) string {
	if namespace == "" {
		return name
	}
	flat := strings.TrimSuffix(namespace, "__") + "__" + name
	if len(flat) > maxName {
		h := fnv.New32a()
		h.Write([]byte(flat)) // never an error
		flat = flat[:maxName-9] + "_" + strconv.FormatUint(uint64(h.Sum32())|1<<31, 16)
	}
	return flat
}

// tools adds a list of tools, of a namespace or none.
func (b *builder) tools(path, namespace string, list rawjson.Node) {
	i := 0
	for t := range list.Elems() {
		p := fmt.Sprintf("%s[%d]", path, i)
		i++
		out := llm.Tool{Name: flatName(namespace, t.Get("name").Str()), Description: t.Get("description").Str(), Path: p}
		switch typ := t.Get("type").Str(); typ {
		case "function":
			out.Strict = boolOf(t.Get("strict"))
			if s := t.Get("parameters"); s.Kind() == rawjson.Object {
				out.Schema = s.Raw()
			}
		case "custom":
			f := t.Get("format")
			out.Schema = freeformSchema(f)
			if !f.IsNull() && !f.Get("type").Is("text") { // told to the model, not enforced
				b.extra(p+".format", f)
			}
		case "namespace":
			b.tools(p+".tools", t.Get("name").Str(), t.Get("tools"))
			continue
		default:
			out = llm.Tool{Name: typ, Native: t.Raw(), Path: p}
		}
		if d := t.Get("defer_loading"); d.Bool() {
			b.extra(p+".defer_loading", d)
		}
		b.c.Tools = append(b.c.Tools, out)
	}
}

// freeformSchema is the argument of a function that stands for a freeform tool. A grammar of
// the tool is told in words.
func freeformSchema(format rawjson.Node) []byte {
	says := "The whole input of the tool, as text"
	if g := format.Get("definition"); g.StrLen() > 0 {
		says += fmt.Sprintf(" of this %s grammar:\n%s", format.Get("syntax").Str(), g.Str())
	}
	s := rawjson.AppendString([]byte(`{"type":"object","properties":{"input":{"type":"string","description":`), says)
	return append(s, `}},"required":["input"],"additionalProperties":false}`...)
}

// freeform is the value of that argument.
func freeform(input string) []byte {
	return append(rawjson.AppendString([]byte(`{"input":`), input), '}')
}

// unfree is the input in a freeform tool's arguments, as far as it goes where a limit cut
// them. Arguments of another shape are it themselves.
func unfree(args []byte) string {
	var d rawjson.Doc
	if d.Parse(args) == nil {
		if v := d.Root().Get("input"); v.Kind() == rawjson.String {
			return v.Str()
		}
		return string(args)
	}
	for n := len(args); n >= max(len(args)-longestEscape, 0); n-- {
		if d.Parse(append(args[:n:n], `"}`...)) != nil {
			continue
		}
		if v := d.Root().Get("input"); v.Kind() == rawjson.String {
			return strings.TrimSuffix(v.Str(), "\ufffd") // half of a pair of surrogates
		}
		break
	}
	return string(args)
}

// longestEscape is how much of a letter that is written as an escape may stand at a cut, in bytes.
const longestEscape = 5

func (b *builder) choice(v rawjson.Node) {
	c := &b.c.ToolChoice
	switch typ := v.Get("type").Str(); {
	case v.Is("any"):
		c.Mode = "required"
	case v.Kind() == rawjson.String:
		c.Mode = v.Str()
	case typ == "function", typ == "custom":
		*c = llm.ToolChoice{Mode: "function", Name: flatName(v.Get("namespace").Str(), v.Get("name").Str())}
	case typ == "allowed_tools":
		c.Mode = v.Get("mode").Str()
		b.allowed = v.Get("tools")
	default:
		b.extra("tool_choice", v)
	}
}

// allow leaves only the tools that the choice allows, which is how other wires say it.
func (b *builder) allow() {
	if !b.allowed.Exists() {
		return
	}
	b.c.Tools = slices.DeleteFunc(b.c.Tools, func(t llm.Tool) bool {
		for a := range b.allowed.Elems() {
			name := a.Get("type").Str()
			if n := a.Get("name"); t.Native == nil && n.StrLen() > 0 {
				name = flatName(a.Get("namespace").Str(), n.Str())
			}
			if name == t.Name {
				return false
			}
		}
		return true
	})
}

// toolName is how a client calls a tool that other wires know by its flat name.
type toolName struct {
	namespace, name string
	custom          bool
}

// toolNames are the tools that are called otherwise than functions, by flat name; nil for
// none.
func toolNames(list rawjson.Node) map[string]toolName {
	var out map[string]toolName
	var add func(namespace string, list rawjson.Node)
	add = func(namespace string, list rawjson.Node) {
		for t := range list.Elems() {
			name, custom := t.Get("name").Str(), t.Get("type").Is("custom")
			switch {
			case t.Get("type").Is("namespace"):
				add(name, t.Get("tools"))
			case namespace != "" || custom:
				if out == nil {
					out = map[string]toolName{}
				}
				out[flatName(namespace, name)] = toolName{namespace, name, custom}
			}
		}
	}
	add("", list)
	return out
}
