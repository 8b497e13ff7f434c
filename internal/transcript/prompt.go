package transcript

import (
	"encoding/json"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Prompt is the prompt, or the messages as they were written, of a request of any API. A
// request that has neither is its own prompt.
func Prompt(body []byte) (prompt string, messages []json.RawMessage) {
	var d rawjson.Doc
	if d.Parse(body) != nil {
		return string(body), nil
	}
	root := d.Root()
	for _, name := range [...]string{"messages", "input", "contents", "prompt"} {
		v := root.Get(name)
		switch v.Kind() {
		case rawjson.String:
			return v.Str(), nil
		case rawjson.Array:
			messages = instructions(root)
			for e := range v.Elems() {
				messages = append(messages, e.Raw())
			}
			return "", messages
		}
	}
	return string(body), nil
}

// instructions are what APIs have beside the messages, as a message.
func instructions(root rawjson.Node) []json.RawMessage {
	for _, name := range [...]string{"system", "instructions", "systemInstruction", "system_instruction"} {
		if v := root.Get(name); !v.IsNull() {
			return []json.RawMessage{append(append([]byte(`{"role":"system","content":`), v.Raw()...), '}')}
		}
	}
	return []json.RawMessage{}
}
