package preset

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// fallbacks are models of objects, which are models by name elsewhere.
func fallbacks(v rawjson.Node, _ llm.Dialect) ([]byte, string) {
	var w rawjson.Writer
	w.Open('[')
	for f := range v.Elems() {
		if f.Len() != 1 {
			return nil, "a fallback with settings of its own is of the messages API only"
		}
		w.Elem().Raw(f.Get("model").Raw())
	}
	w.Close(']')
	return w.B, ""
}

// stops are a list where a single text is not taken.
func stops(v rawjson.Node, to llm.Dialect) ([]byte, string) {
	if v.Kind() != rawjson.String || to == llm.OpenAIText || to == llm.OpenAIChat {
		return v.Raw(), ""
	}
	return append(append([]byte{'['}, v.Raw()...), ']'), ""
}

// effort is an effort word as the unified form has it.
func effort(v rawjson.Node, _ llm.Dialect) ([]byte, string) {
	return append(append([]byte(`{"effort":`), v.Raw()...), '}'), ""
}

// thinking turns the unified form of reasoning into Anthropic's and back.
func thinking(v rawjson.Node, to llm.Dialect) ([]byte, string) {
	switch {
	case v.Get("type").Exists() && to != llm.Anthropic && to != llm.AnthropicCount:
		return unified(v), ""
	case to != llm.Anthropic && to != llm.AnthropicCount:
		return v.Raw(), ""
	}
	budget, ok := v.Get("max_tokens").Int()
	off := v.Get("effort").Is("none") || v.Get("enabled").Kind() == rawjson.Bool && !v.Get("enabled").Bool()
	switch {
	case off && v.Len() == 1:
		return []byte(`{"type":"disabled"}`), ""
	case ok && v.Len() == 1:
		return append(strconv.AppendInt([]byte(`{"type":"enabled","budget_tokens":`), budget, 10), '}'), ""
	}
	return nil, "only max_tokens and switching it off mean the same in the messages API"
}

// unified is Anthropic's thinking in the unified form.
func unified(v rawjson.Node) []byte {
	var w rawjson.Writer
	w.Open('{')
	switch typ := v.Get("type"); {
	case typ.Is("enabled") && !v.Get("budget_tokens").IsNull():
		w.Key("max_tokens").Raw(v.Get("budget_tokens").Raw())
	case typ.Is("disabled"):
		w.Key("enabled").Word("false")
	default:
		w.Key("enabled").Word("true")
	}
	if v.Get("display").Is("omitted") {
		w.Key("exclude").Word("true")
	}
	w.Close('}')
	return w.B
}

// choice turns which tool is to be called into another dialect's form.
func choice(v rawjson.Node, to llm.Dialect) ([]byte, string) {
	mode, name, why := chosen(v)
	if why != "" {
		return nil, why
	}
	switch to {
	case llm.Anthropic, llm.AnthropicCount:
		mode = map[string]string{"auto": "auto", "none": "none", "required": "any", "function": "tool"}[mode]
		return called(`{"type":"`+mode+`"`, `,"name":`, name, `}`), ""
	case llm.Gemini, llm.GeminiCount:
		mode = map[string]string{"auto": "AUTO", "none": "NONE", "required": "ANY", "function": "ANY"}[mode]
		if name != "" {
			return called(`{"functionCallingConfig":{"mode":"ANY"`, `,"allowedFunctionNames":[`, name, `]}}`), ""
		}
		return called(`{"functionCallingConfig":{"mode":"`+mode+`"`, "", "", `}}`), ""
	case llm.OpenAIResponses:
		if name != "" {
			return called(`{"type":"function"`, `,"name":`, name, `}`), ""
		}
	case llm.OpenAIChat:
		if name != "" {
			return called(`{"type":"function"`, `,"function":{"name":`, name, `}}`), ""
		}
	}
	return rawjson.AppendString(nil, mode), ""
}

func called(head, key, name, tail string) []byte {
	out := []byte(head)
	if name != "" {
		out = rawjson.AppendString(append(out, key...), name)
	}
	return append(out, tail...)
}

// chosen reads every dialect's form: auto, none, required or function with its name.
func chosen(v rawjson.Node) (mode, name, why string) {
	mode, name = v.Str(), ""
	if v.Kind() == rawjson.Object {
		mode, name = v.Get("type").Str(), v.Get("name").Str()
		if name == "" {
			name = v.At("function", "name").Str()
		}
	}
	switch {
	case v.Get("disable_parallel_tool_use").Bool():
		return "", "", "disable_parallel_tool_use has no place beside it in this API"
	case mode == "any":
		mode = "required"
	case mode == "tool":
		mode = "function"
	}
	if (mode == "function") != (name != "") || mode != "function" && mode != "auto" && mode != "none" && mode != "required" {
		return "", "", "this choice is of one API only"
	}
	return mode, name, ""
}
