package dialect

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ObjectSchema writes a JSON Schema of a tool's arguments that says it is of an object, for
// wires that demand it.
func ObjectSchema(w *rawjson.Writer, raw []byte) {
	var d rawjson.Doc
	switch {
	case d.Parse(raw) != nil || d.Root().Kind() != rawjson.Object || d.Root().Len() == 0:
		w.Word(`{"type":"object","properties":{}}`)
	case d.Root().Get("type").Exists():
		w.Raw(d.Root().Raw())
	default:
		w.Word(`{"type":"object",`)
		w.Raw(d.Root().Raw()[1:])
	}
}

// Space is what JSON and most wires take for white space.
const Space = " \t\r\n"

// Blank reports whether a text has nothing but white space, which several wires refuse.
func Blank(s string) bool { return strings.Trim(s, Space) == "" }

// Stops writes the stop sequences that are not blank, as the member of that name, and tells
// lose of those that are.
func Stops(w *rawjson.Writer, name string, list []string, lose func(path, why string)) {
	said := make([]string, 0, len(list))
	for _, s := range list {
		if Blank(s) {
			lose("stop", "the provider takes no stop sequence of white space alone")
			continue
		}
		said = append(said, s)
	}
	if len(said) > 0 {
		w.Key(name).Strs(said)
	}
}
