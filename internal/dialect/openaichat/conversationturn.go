package openaichat

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

var places = dialect.NewPlaces("messages", "content")

func message(at dialect.Place, m rawjson.Node) (llm.Message, error) {
	path := at.Path
	msg := llm.Message{Path: path, Role: llm.Role(field.Word(m.Get("role")))}
	if msg.Role == "function" {
		msg.Role = llm.ToolRole
	}
	var content, calls, callID, plain, details, refusal, legacyCall, mark rawjson.Node
	for k, v := range m.Members() {
		if v.IsNull() {
			continue
		}
		switch string(k.Bytes()) {
		case "role":
		case "name":
			msg.Name = v.Str()
		case "content":
			content = v
		case "tool_calls":
			calls = v
		case "function_call":
			legacyCall = v
		case "tool_call_id":
			callID = v
		case "reasoning", "reasoning_content":
			plain = v
		case "reasoning_details":
			details = v
		case "refusal":
			refusal = v
		case "cache_control":
			mark = v
		default:
			msg.Extra = append(msg.Extra, llm.Field{Path: path + "." + k.Str(), Value: v.Raw()})
		}
	}
	parts, err := contentParts(&at, content)
	if err != nil {
		return msg, err
	}
	if msg.Role == llm.ToolRole {
		msg.Parts = []llm.Part{{Kind: llm.ResultPart, Path: path, Result: &llm.ToolResult{CallID: callID.Str(), Name: msg.Name, Parts: parts}}}
		markLast(&msg, mark)
		return msg, nil
	}
	if msg.Parts = parts; plain.Exists() || details.Exists() {
		msg.Parts = append(reasoningParts(path, plain, details), parts...)
	}
	if refusal.StrLen() > 0 {
		msg.Parts = append(msg.Parts, llm.Part{Kind: llm.RefusalPart, Text: refusal.Str(), Path: path + ".refusal"})
	}
	n := 0
	for call := range calls.Elems() {
		if call.Get("function").Get("name").Kind() != rawjson.String {
			return msg, field.Bad(path+".tool_calls", call, "a list of function calls with names")
		}
		part, signature := heardCall(dialect.Elem(path+".tool_calls", n), call)
		if signature != nil && !signs(msg.Parts, part.Call.ID) {
			msg.Parts = append(msg.Parts, llm.Part{Kind: llm.ReasoningPart, Path: part.Path + ".extra_content", Reasoning: signature})
		}
		msg.Parts = append(msg.Parts, part)
		n++
	}
	if legacyCall.Exists() {
		part := llm.Part{Path: path + ".function_call"}
		function(&part, legacyCall)
		msg.Parts = append(msg.Parts, part)
	}
	markLast(&msg, mark)
	return msg, nil
}

// markLast reads a cache mark of the message itself, which the AI SDK's providers send: it
// stands after the last part. A part's own mark wins, and a message that ends in reasoning
// or is empty has no place for one.
func markLast(msg *llm.Message, mark rawjson.Node) {
	last := len(msg.Parts) - 1
	switch {
	case !mark.Exists():
	case last < 0 || msg.Parts[last].Kind == llm.ReasoningPart:
		msg.Extra = append(msg.Extra, llm.Field{Path: msg.Path + ".cache_control", Value: mark.Raw()})
	case msg.Parts[last].Cache == nil:
		msg.Parts[last].Cache = cacheMark(mark)
	}
}

// heardCall reads a call, and the signature that Google's OpenAI compatible API puts beside
// one (https://ai.google.dev/gemini-api/docs/thought-signatures).
func heardCall(path string, call rawjson.Node) (part llm.Part, signature *llm.ReasoningDetail) {
	part.Path = path
	function(&part, call.Get("function"))
	for k, v := range call.Members() {
		switch name := field.Word(k); name {
		case "type", "function", "index":
		case "id":
			part.Call.ID = v.Str()
		case "cache_control":
			part.Cache = cacheMark(v)
		default:
			if s := v.At("google", "thought_signature"); name == "extra_content" && s.StrLen() > 0 {
				signature = &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: s.Str(), Format: llm.FormatGemini}
				continue
			}
			part.Extra = append(part.Extra, llm.Field{Path: path + "." + name, Value: v.Raw()})
		}
	}
	if signature != nil {
		signature.ID = part.Call.ID
	}
	return part, signature
}

// signs reports whether the message already holds what is opaque about a call.
func signs(parts []llm.Part, call string) bool {
	return slices.ContainsFunc(parts, func(p llm.Part) bool {
		return p.Kind == llm.ReasoningPart && p.Reasoning.Data != "" && p.Reasoning.ID == call
	})
}

// function reads the name and the arguments of a call.
func function(part *llm.Part, fn rawjson.Node) {
	part.Kind, part.Call = llm.CallPart, &llm.ToolCall{Type: "function"}
	for k, v := range fn.Members() {
		switch name := field.Word(k); name {
		case "name":
			part.Call.Name = v.Str()
		case "arguments":
			part.Call.Args = v.Str()
		default:
			part.Extra = append(part.Extra, llm.Field{Path: part.Path + ".function." + name, Value: v.Raw()})
		}
	}
	if strings.TrimSpace(part.Call.Args) == "" {
		part.Call.Args = "{}"
	}
}

// reasoningParts prefers the structured form: it alone carries signatures.
func reasoningParts(path string, plain, details rawjson.Node) []llm.Part {
	var out []llm.Part
	for d := range details.Elems() {
		out = append(out, llm.Part{Kind: llm.ReasoningPart, Path: dialect.Elem(path+".reasoning_details", len(out)), Reasoning: &llm.ReasoningDetail{
			Type: d.Get("type").Str(), Text: d.Get("text").Str(), Summary: d.Get("summary").Str(),
			Data: d.Get("data").Str(), Signature: d.Get("signature").Str(), ID: d.Get("id").Str(),
			Format: d.Get("format").Str(), Index: d.Get("index").Int64(),
		}})
	}
	if len(out) == 0 && plain.StrLen() > 0 {
		out = append(out, llm.Part{Kind: llm.ReasoningPart, Path: path + ".reasoning",
			Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: plain.Str(), Format: llm.FormatUnknown}})
	}
	return out
}
