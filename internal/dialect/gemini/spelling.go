package gemini

import (
	"iter"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Google's JSON parsers take a member by its JSON name and by its proto name
// (https://protobuf.dev/programming-guides/json): maxOutputTokens and max_output_tokens.
// Clients send both.

// camel is a member's name in the JSON spelling.
func camel(k rawjson.Node) string {
	if s, ok := usual[string(k.Bytes())]; ok {
		return s
	}
	return camelOf(k.Str())
}

// usual are the names that most requests are made of, by how clients spell them: they cost
// no allocation.
var usual = func() map[string]string {
	m := map[string]string{}
	for _, s := range [...]string{"contents", "role", "parts", "text", "thought", "thoughtSignature", "thought_signature", "inlineData", "inline_data",
		"mimeType", "mime_type", "data", "fileData", "file_data", "functionCall", "function_call", "functionResponse", "function_response",
		"id", "name", "args", "response", "systemInstruction", "system_instruction", "tools", "toolConfig", "tool_config", "functionDeclarations",
		"function_declarations", "generationConfig", "generation_config", "safetySettings", "safety_settings", "temperature", "topP", "top_p",
		"topK", "top_k", "maxOutputTokens", "max_output_tokens", "stopSequences", "stop_sequences", "candidateCount", "candidate_count",
		"thinkingConfig", "thinking_config", "responseMimeType", "response_mime_type", "responseSchema", "response_schema", "seed"} {
		m[s] = camelOf(s)
	}
	return m
}()

func camelOf(s string) string {
	if strings.IndexByte(s, '_') < 1 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '_' {
			out = append(out, c)
		} else if i++; i < len(s) {
			out = append(out, upper(s[i]))
		}
	}
	return string(out)
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// spelled reports whether a member has that name, in either spelling.
func spelled(k rawjson.Node, name string) bool {
	at, capital := 0, false
	for _, c := range k.Bytes() {
		if c == '_' && at > 0 {
			capital = true
			continue
		}
		if capital {
			c, capital = upper(c), false
		}
		if at == len(name) || name[at] != c {
			return false
		}
		at++
	}
	return at == len(name)
}

// pick is a member under either spelling, the last one of them.
func pick(n rawjson.Node, name string) (found rawjson.Node) {
	for k, v := range n.Members() {
		if spelled(k, name) {
			found = v
		}
	}
	return found
}

// several yields the elements of a repeated member, which may stand alone without its
// array, as in Google's own examples.
func several(n rawjson.Node) iter.Seq2[int, rawjson.Node] {
	return func(yield func(int, rawjson.Node) bool) {
		if n.Kind() != rawjson.Array {
			if !n.IsNull() {
				yield(0, n)
			}
			return
		}
		i := 0
		for e := range n.Elems() {
			if !yield(i, e) {
				return
			}
			i++
		}
	}
}

// whole is an integer, which may be written as a string.
func whole(n rawjson.Node) (int64, bool) {
	if n.Kind() == rawjson.String {
		v, err := strconv.ParseInt(n.Str(), 10, 64)
		return v, err == nil
	}
	return n.Int()
}

// decimal is a number, which may be written as a string.
func decimal(n rawjson.Node) (float64, bool) {
	if n.Kind() == rawjson.String {
		v, err := strconv.ParseFloat(n.Str(), 64)
		return v, err == nil
	}
	return n.Float()
}
