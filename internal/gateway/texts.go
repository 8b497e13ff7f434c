package gateway

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// visitor is handed a text, whose it is, and whether it is the arguments of a call: JSON in a string, or an object.
type visitor func(n rawjson.Node, from filter.Source, arguments bool)

// textOf is what a visitor looks at.
func textOf(n rawjson.Node) string {
	if n.Kind() == rawjson.Object {
		return string(n.Raw())
	}
	return n.Str()
}

// walk visits every text below a node but names and blobs. Whose text it is, the nearest
// role says, and what a tool gave is nobody's.
func walk(n rawjson.Node, from filter.Source, visit visitor) {
	switch n.Kind() {
	case rawjson.String:
		visit(n, from, false)
	case rawjson.Array:
		for v := range n.Elems() {
			walk(v, from, visit)
		}
	case rawjson.Object:
		from = sourceOf(n, from)
		for k, v := range n.Members() {
			walkMember(n, k, v, from, visit)
		}
	}
}

// walkMember visits those of a member of an object.
func walkMember(of, key, v rawjson.Node, from filter.Source, visit visitor) {
	name := key.Str()
	switch {
	case name == "data" && (v.Kind() != rawjson.String || of.Get("type").Is("text")): // no blob: a list, or a document of Anthropic's
		walk(v, from, visit)
	case given(of, name):
		walkGiven(v, visit)
	case schemas[name]:
		walkSchema(v, visit)
	case name == "reasoning" && v.Kind() == rawjson.String: // of an answer before; an object is settings
		visit(v, from, false)
	case name == "name" && speaks(of):
		walk(v, from, visit)
	case structure[name]:
	case name == "arguments" && v.Kind() == rawjson.String: // JSON in a string
		visit(v, from, true)
	case instructions[name]:
		walk(v, filter.Other, visit)
	default:
		walk(v, from, visit)
	}
}

// given reports whether a member has what a tool is called with or answers: its members are the tool's own, and are called what
// it likes.
func given(of rawjson.Node, name string) bool {
	switch name {
	case "args", "response", "input_examples": // Gemini's functionCall and functionResponse; Anthropic's tools
		return true
	case "input":
		return strings.HasSuffix(of.Get("type").Str(), "tool_use") // Anthropic's
	}
	return false
}

// walkGiven visits a value that may be any JSON, objects as a whole.
func walkGiven(n rawjson.Node, visit visitor) {
	switch n.Kind() {
	case rawjson.String:
		visit(n, filter.Other, false)
	case rawjson.Object:
		visit(n, filter.Other, true)
	case rawjson.Array:
		for v := range n.Elems() {
			walkGiven(v, visit)
		}
	}
}

// walkSchema visits the texts of a JSON Schema, or of what has one in it: descriptions and values. What its properties are
// called, and everything that is not said to be a text, stays as it is.
func walkSchema(n rawjson.Node, visit visitor) {
	switch n.Kind() {
	case rawjson.Array:
		for v := range n.Elems() {
			walkSchema(v, visit)
		}
	case rawjson.Object:
		for k, v := range n.Members() {
			switch name := k.Str(); {
			case subschemas[name] && v.Kind() == rawjson.Object:
				for _, schema := range v.Members() {
					walkSchema(schema, visit)
				}
			case said[name]:
				walkGiven(v, visit)
			default:
				walkSchema(v, visit)
			}
		}
	}
}

// schemas are members that have a JSON Schema in them, on every wire that clients speak.
var schemas = map[string]bool{
	"parameters": true, "input_schema": true, "parametersJsonSchema": true, "response_format": true, "format": true, "generationConfig": true,
}

// said are members of a schema, or beside one, that are texts or have them.
var said = map[string]bool{
	"description": true, "title": true, "$comment": true, "default": true, "const": true, "enum": true, "example": true, "examples": true,
	"stopSequences": true,
}

// subschemas are members of a schema whose own members are schemas, called what somebody likes.
var subschemas = map[string]bool{"properties": true, "patternProperties": true, "$defs": true, "definitions": true, "dependentSchemas": true}

// speaks reports whether an object is a turn of a conversation, whose name is that of who speaks: elsewhere a name is a tool's,
// or a schema's.
func speaks(n rawjson.Node) bool {
	switch n.Get("role").Str() {
	case "", "tool", "function":
		return false
	}
	return true
}

// sourceOf is whose texts are in an object: as its role says, else as around it.
func sourceOf(n rawjson.Node, around filter.Source) filter.Source {
	switch n.Get("type").Str() {
	case "tool_result", "function_call_output", "custom_tool_call_output", "function_call":
		return filter.Other
	}
	if n.Get("functionResponse").Exists() || n.Get("functionCall").Exists() {
		return filter.Other
	}
	switch role := n.Get("role").Str(); role {
	case "":
		return around
	case "user":
		return filter.User
	}
	return filter.Other
}

// structure are members that hold names, numbers and blobs, on every wire that clients speak:
// never what somebody wrote.
var structure = map[string]bool{
	"model": true, "models": true, "role": true, "type": true, "id": true, "object": true, "status": true, "name": true,
	"tool_call_id": true, "tool_use_id": true, "call_id": true, "item_id": true, "previous_response_id": true, "response_id": true,
	"signature": true, "encrypted_content": true, "thought_signature": true, "thoughtSignature": true, "data": true, "cache_control": true,
	"mime_type": true, "mimeType": true, "media_type": true, "file_id": true, "file_data": true, "url": true, "image_url": true,
	"fileUri": true, "file_uri": true, "file_url": true, "provider": true, "reasoning": true, "tool_choice": true,
	"service_tier": true, "voice": true, "encoding_format": true,
	"quality": true, "size": true, "effort": true, "include": true, "prompt_cache_key": true, "safety_identifier": true, "session_id": true,
	"stream": true, "safetySettings": true, "debug": true, "b64_json": true,
}

// instructions are members that are never a user's message.
var instructions = map[string]bool{"system": true, "instructions": true, "system_instruction": true, "systemInstruction": true, "tools": true}
