package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// maxSchemaDepth bounds a schema that is translated; what is deeper allows anything.
const maxSchemaDepth = 64

// plainSchema is JSON Schema for Google's own kind of it, a part of OpenAPI 3.0 with types
// in capitals, nullable, and numbers as strings (https://ai.google.dev/api/caching#Schema).
func plainSchema(v rawjson.Node) []byte {
	w := rawjson.Writer{B: make([]byte, 0, len(v.Raw()))}
	writeSchema(&w, v, 0)
	return w.B
}

func writeSchema(w *rawjson.Writer, v rawjson.Node, depth int) {
	if v.Kind() != rawjson.Object || depth > maxSchemaDepth {
		w.Word("{}")
		return
	}
	nullable := v.Get("nullable").Bool()
	w.Open('{')
	for k, f := range v.Members() {
		switch name := camel(k); name {
		case "nullable", "propertyOrdering": // the order of members says nothing in JSON Schema
		case "type":
			writeType(w, f, nullable)
		case "properties", "defs", "$defs":
			w.Key(name).Open('{')
			for p, s := range f.Members() {
				key(w, p.Str())
				writeSchema(w, s, depth+1)
			}
			w.Close('}')
		case "items", "additionalProperties", "not":
			w.Key(name)
			if f.Kind() == rawjson.Object {
				writeSchema(w, f, depth+1)
			} else {
				w.Raw(f.Raw())
			}
		case "anyOf", "oneOf", "allOf", "prefixItems":
			writeList(w.Key(name), f, nullable && name == "anyOf", `{"type":"null"}`, func(v rawjson.Node) { writeSchema(w, v, depth+1) })
		case "enum":
			writeList(w.Key(name), f, nullable, "null", func(v rawjson.Node) { w.Raw(v.Raw()) })
		case "ref":
			w.Key("$ref").Raw(f.Raw())
		case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
			w.Key(name)
			if n, ok := whole(f); ok {
				w.Int(n)
			} else {
				w.Raw(f.Raw())
			}
		case "example":
			w.Key("examples").Open('[')
			w.Raw(f.Raw())
			w.Close(']')
		case "format":
			if !f.Is("enum") && f.StrLen() > 0 {
				w.Key(name).Raw(f.Raw())
			}
		default:
			key(w, name)
			w.Raw(f.Raw())
		}
	}
	w.Close('}')
}

// key starts a member of a name that is the client's own.
func key(w *rawjson.Writer, name string) {
	w.Elem().Str(name)
	w.Word(":")
}

// writeList writes an array, with what null is in it for a schema that takes null.
func writeList(w *rawjson.Writer, list rawjson.Node, nullable bool, null string, write func(rawjson.Node)) {
	w.Open('[')
	for v := range list.Elems() {
		w.Elem()
		write(v)
	}
	if nullable {
		w.Elem().Word(null)
	}
	w.Close(']')
}

// writeType writes a type in JSON Schema's letters.
func writeType(w *rawjson.Writer, v rawjson.Node, nullable bool) {
	name := strings.ToLower(v.Str())
	switch {
	case v.Kind() != rawjson.String:
		w.Key("type").Raw(v.Raw())
	case name == "type_unspecified":
	case nullable:
		w.Key("type").Strs([]string{name, "null"})
	default:
		w.Key("type").Str(name)
	}
}
