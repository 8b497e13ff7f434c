package simup

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// either is the member under its JSON name or its proto name: the service takes both.
func either(n rawjson.Node, camel, snake string) rawjson.Node {
	if v := n.Get(camel); v.Exists() {
		return v
	}
	return n.Get(snake)
}

// geminiMembers are what a request may hold: the real service refuses anything else.
var geminiMembers = map[string]bool{
	"contents": true, "tools": true, "toolConfig": true, "tool_config": true, "safetySettings": true, "safety_settings": true,
	"systemInstruction": true, "system_instruction": true, "generationConfig": true, "generation_config": true,
	"cachedContent": true, "cached_content": true, "model": true, "serviceTier": true, "service_tier": true, "store": true,
}

func (w gemini) decode(a *ask, body rawjson.Node) *refusal {
	if inner := body.Get("generateContentRequest"); a.counting && inner.Exists() {
		body = inner
	}
	for k := range body.Members() {
		if !geminiMembers[k.Str()] {
			return invalidf("Invalid JSON payload received. Unknown name %q: Cannot find field.", k.Str())
		}
	}
	contents := body.Get("contents")
	if contents.Len() == 0 {
		return invalid("* GenerateContentRequest.contents: contents is not specified\n")
	}
	if e := w.options(a, either(body, "generationConfig", "generation_config")); e != nil {
		return e
	}
	w.tools(a, body)
	for part := range either(body, "systemInstruction", "system_instruction").Get("parts").Elems() {
		a.prompt.text(part.Get("text"))
	}
	if e := w.contents(a, contents); e != nil {
		return e
	}
	if limit, used := a.model.Context, a.prompt.tokens(); limit > 0 && used > limit {
		return invalidf("The input token count (%d) exceeds the maximum number of tokens allowed (%d).", used, limit)
	}
	return a.finish()
}

func (gemini) options(a *ask, c rawjson.Node) *refusal {
	if t, ok := c.Get("temperature").Float(); ok && (t < 0 || t > 2) {
		return invalid("Unable to submit request because it has a temperature value of " + string(c.Get("temperature").Raw()) + " but the supported range is from 0 (inclusive) to 2.0001 (exclusive). Update the value and try again.")
	}
	a.limit = either(c, "maxOutputTokens", "max_output_tokens").Int64()
	if a.limit < 0 {
		return invalid("max_output_tokens must be positive.")
	}
	if n := either(c, "candidateCount", "candidate_count"); !n.IsNull() {
		if a.n = int(n.Int64()); a.n < 1 || a.n > 8 {
			return invalid("Only candidate counts from 1 to 8 are supported.")
		}
	}
	a.stops = appendStrings(nil, either(c, "stopSequences", "stop_sequences"))
	if len(a.stops) > 5 {
		return invalid("At most 5 stop sequences are supported.")
	}
	a.json = either(c, "responseMimeType", "response_mime_type").Is("application/json")
	if a.schema = either(c, "responseJsonSchema", "response_json_schema"); !a.schema.Exists() {
		a.schema = either(c, "responseSchema", "response_schema")
	}
	t := either(c, "thinkingConfig", "thinking_config")
	budget, has := either(t, "thinkingBudget", "thinking_budget").Int()
	a.showThoughts = either(t, "includeThoughts", "include_thoughts").Bool()
	level := either(t, "thinkingLevel", "thinking_level")
	a.think = has && budget != 0 || !has && (a.showThoughts || !level.IsNull())
	return nil
}

func (gemini) tools(a *ask, body rawjson.Node) {
	list := body.Get("tools")
	one := func(t rawjson.Node) {
		for f := range either(t, "functionDeclarations", "function_declarations").Elems() {
			schema := either(f, "parametersJsonSchema", "parameters_json_schema")
			if !schema.Exists() {
				schema = f.Get("parameters")
			}
			a.tools = append(a.tools, tool{f.Get("name").Str(), schema})
			a.prompt.json(f)
		}
	}
	one(list) // a single tool need not stand in an array
	for t := range list.Elems() {
		one(t)
	}
	c := either(either(body, "toolConfig", "tool_config"), "functionCallingConfig", "function_calling_config")
	mode := strings.ToUpper(c.Get("mode").Str())
	a.choice.never, a.choice.must = mode == "NONE", mode == "ANY"
	if names := appendStrings(nil, either(c, "allowedFunctionNames", "allowed_function_names")); a.choice.must && len(names) == 1 {
		a.choice.only = names[0]
	}
}

// geminiTurn is one content on its way in.
type geminiTurn struct {
	text, result   string
	calls, results int
	unsigned       string // the first call, when it has no signature
}

func (w gemini) contents(a *ask, contents rawjson.Node) *refusal {
	open := 0      // calls that wait for a result
	unsigned := "" // a call of the current turn without a signature
	unsignedAt, i := 0, 0
	for c := range contents.Elems() {
		i++
		role := c.Get("role").Str()
		if role != "" && role != "user" && role != "model" && role != "function" {
			return invalid("Please use a valid role: user, model.")
		}
		var t geminiTurn
		for part := range c.Get("parts").Elems() {
			if e := w.part(a, part, &t); e != nil {
				return e
			}
		}
		if open != t.results {
			return invalid("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
		}
		open = t.calls
		if role == "model" {
			if t.unsigned != "" && unsigned == "" {
				unsigned, unsignedAt = t.unsigned, i
			}
			continue
		}
		a.answers, a.result = t.results > 0, t.result
		if t.text != "" {
			a.question = t.text
		}
		if !a.answers {
			unsigned = ""
		}
	}
	if unsigned != "" && a.think && a.model.Reasoning {
		return invalidf("Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:%s` , position %d. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.", unsigned, unsignedAt)
	}
	return nil
}

// geminiSkips are the signatures that the service documents for calls it did not make
// (ai.google.dev/gemini-api/docs/thought-signatures).
var geminiSkips = map[string]bool{"skip_thought_signature_validator": true, "context_engineering_is_the_way_to_go": true}

func (gemini) part(a *ask, p rawjson.Node, t *geminiTurn) *refusal {
	signature := either(p, "thoughtSignature", "thought_signature").Str()
	call := either(p, "functionCall", "function_call")
	result := either(p, "functionResponse", "function_response")
	bound := geminiTextSignature
	switch {
	case call.Exists():
		bound = call.Get("name").Str()
		if t.calls == 0 && signature == "" {
			t.unsigned = bound
		}
		t.calls++
		a.prompt.text(call.Get("name"))
		a.prompt.json(call.Get("args"))
	case result.Exists():
		t.results++
		a.results++
		t.result += string(result.Get("response").Raw())
		a.prompt.text(result.Get("name"))
		a.prompt.json(result.Get("response"))
	case either(p, "inlineData", "inline_data").Exists(), either(p, "fileData", "file_data").Exists():
		a.prompt.image(p)
	case p.Get("text").Exists():
		a.prompt.text(p.Get("text"))
		if !p.Get("thought").Bool() {
			t.text += p.Get("text").Str()
		}
	default:
		return invalid("* GenerateContentRequest.contents.parts: contents.parts must not be empty.\n")
	}
	if signature != "" && !geminiSkips[signature] && !signed(a.seed, signature, bound) {
		return invalid("Corrupted thought signature.")
	}
	return nil
}
