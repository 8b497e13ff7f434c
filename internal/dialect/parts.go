package dialect

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ObjectSchema writes a JSON Schema of a tool's arguments that says it is of an object, for
// wires that demand it.
func ObjectSchema(w *rawjson.Writer, raw []byte) {
	var d rawjson.Doc
	switch {
	case d.Parse(raw) != nil || d.Root().Kind() != rawjson.Object || d.Root().Len() == 0:
		w.Word(noArguments)
	case d.Root().Get("type").Exists():
		w.Raw(d.Root().Raw())
	default:
		w.Word(`{"type":"object",`)
		w.Raw(d.Root().Raw()[1:])
	}
}

const noArguments = `{"type":"object","properties":{}}`

// SchemaOf is the JSON Schema of a function's arguments; of one that says none, that of none.
func SchemaOf(t *llm.Tool) []byte {
	if t.Schema == nil {
		return []byte(noArguments)
	}
	return t.Schema
}

// Functions writes the tools that are functions, as OpenAI's wire has them, for wires without
// tools of a provider's own and without cache marks; it tells lose of those.
func Functions(w *rawjson.Writer, tools []llm.Tool, lose func(path, why string)) {
	open := false
	for i := range tools {
		t := &tools[i]
		if t.Native != nil {
			lose(t.Path, "the provider's API has no tool of that type")
			continue
		}
		if t.Cache != nil {
			lose(t.Path+".cache_control", "the provider caches by itself")
		}
		if !open {
			open = true
			w.Key("tools").Open('[')
		}
		w.Elem().Word(`{"type":"function","function":{`)
		w.Key("name").Str(t.Name)
		if t.Description != "" {
			w.Key("description").Str(t.Description)
		}
		w.Key("parameters").Raw(SchemaOf(t))
		w.Word("}}")
	}
	if open {
		w.Close(']')
	}
}

// MediaAt is media by URL, or inline when it is a data URL in base64 (RFC 2397). The scheme of any
// other data URL is in lower case.
func MediaAt(url string) *llm.Media {
	const scheme, base64 = "data:", ";base64"
	if len(url) < len(scheme) || !strings.EqualFold(url[:len(scheme)], scheme) {
		return &llm.Media{URL: url}
	}
	head, data, ok := strings.Cut(url[len(scheme):], ",")
	if at := len(head) - len(base64); ok && at >= 0 && strings.EqualFold(head[at:], base64) {
		mime, _, _ := strings.Cut(head[:at], ";")
		return &llm.Media{MIME: strings.ToLower(mime), Data: data}
	}
	return &llm.Media{URL: scheme + url[len(scheme):]}
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
