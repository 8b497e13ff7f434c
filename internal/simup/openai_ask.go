package simup

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func (w openAI) decode(a *ask, body rawjson.Node) *refusal {
	messages := body.Get("messages")
	switch {
	case messages.Kind() != rawjson.Array:
		return invalid("Missing required parameter: 'messages'.").at("messages", "missing_required_parameter")
	case messages.Len() == 0:
		return invalid("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.").at("messages", "empty_array")
	}
	w.tools(a, body)
	if e := w.messages(a, messages); e != nil {
		return e
	}
	if e := w.options(a, body); e != nil {
		return e
	}
	if limit, used := a.model.Context, a.prompt.tokens(); limit > 0 && used > limit {
		return invalidf("This model's maximum context length is %d tokens. However, your messages resulted in %d tokens. Please reduce the length of the messages.", limit, used).at("messages", "context_length_exceeded")
	}
	return a.finish()
}

func (openAI) tools(a *ask, body rawjson.Node) {
	for t := range body.Get("tools").Elems() {
		f := t.Get("function")
		a.tools = append(a.tools, tool{f.Get("name").Str(), f.Get("parameters")})
		a.prompt.json(t)
	}
	c := body.Get("tool_choice")
	a.choice.never = c.Is("none")
	a.choice.must = c.Is("required") || c.Get("type").Is("function")
	a.choice.only = c.At("function", "name").Str()
	a.single = body.Get("parallel_tool_calls").Exists() && !body.Get("parallel_tool_calls").Bool()
}

func (w openAI) messages(a *ask, messages rawjson.Node) *refusal {
	open := map[string]bool{} // calls that wait for a result
	i := 0
	for m := range messages.Elems() {
		at := "messages[" + strconv.Itoa(i) + "]"
		i++
		role := string(m.Get("role").Bytes())
		if role != "tool" {
			if len(open) > 0 {
				return invalid("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: "+anyOf(open)).at(at+".role", "")
			}
			a.answers, a.result = false, ""
		}
		text, e := w.content(a, m.Get("content"), at)
		if e != nil {
			return e
		}
		switch role {
		case "system", "developer":
		case "user":
			a.question = text
		case "assistant":
			for c := range m.Get("tool_calls").Elems() {
				open[c.Get("id").Str()] = true
				a.prompt.text(c.At("function", "name"))
				a.prompt.text(c.At("function", "arguments"))
			}
		case "tool":
			id := m.Get("tool_call_id").Str()
			if !open[id] {
				return invalid("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.").at(at+".role", "")
			}
			delete(open, id)
			a.answers, a.result = true, a.result+text
			a.results++
		default:
			return invalid("Invalid value: '"+role+"'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.").at(at, "invalid_value")
		}
	}
	if len(open) > 0 {
		return invalid("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: "+anyOf(open)).at("messages", "")
	}
	return nil
}

func anyOf(set map[string]bool) string {
	for k := range set {
		return k
	}
	return ""
}

// content reads a message's content: a string, null, or an array of parts.
func (openAI) content(a *ask, n rawjson.Node, at string) (text string, _ *refusal) {
	if n.Kind() != rawjson.Array {
		a.prompt.text(n)
		return n.Str(), nil
	}
	for part := range n.Elems() {
		kind := part.Get("type").Str()
		if a.thoughtParts && kind == "thinking" {
			a.prompt.text(part.Get(kind))
			for said := range part.Get(kind).Elems() {
				a.prompt.text(said.Get("text"))
			}
			continue
		}
		switch kind {
		case "text", "refusal":
			a.prompt.text(part.Get(kind))
			text += part.Get(kind).Str()
		case "image_url", "input_audio", "file":
			a.prompt.image(part)
		default:
			return "", invalid("Invalid value: '"+kind+"'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.").at(at+".content", "invalid_value")
		}
	}
	return text, nil
}

func (openAI) options(a *ask, body rawjson.Node) *refusal {
	a.stream = body.Get("stream").Bool()
	options := body.Get("stream_options")
	if !options.IsNull() && !a.stream {
		return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.").at("stream_options", "")
	}
	a.includeUsage = options.Get("include_usage").Bool()
	a.pad = !options.Get("include_obfuscation").Exists() || options.Get("include_obfuscation").Bool()
	if t, ok := body.Get("temperature").Float(); ok && (t < 0 || t > 2) {
		return invalid("Invalid 'temperature': decimal out of range. Expected a value from 0 to 2, but got "+string(body.Get("temperature").Raw())+" instead.").at("temperature", "decimal_above_max_value")
	}
	if a.limit = body.Get("max_completion_tokens").Int64(); a.limit == 0 {
		a.limit = body.Get("max_tokens").Int64()
	}
	if a.limit < 0 {
		return invalid("Invalid 'max_tokens': integer below minimum value. Expected a value >= 1.").at("max_tokens", "integer_below_min_value")
	}
	if n := body.Get("n"); !n.IsNull() {
		if a.n = int(n.Int64()); a.n < 1 || a.n > maxChoices {
			return invalid("Invalid 'n': expected a value from 1 to 128.").at("n", "integer_out_of_range")
		}
	}
	a.stops = appendStrings(nil, body.Get("stop"))
	a.logprobs = body.Get("logprobs").Bool()
	a.top = max(0, min(20, int(body.Get("top_logprobs").Int64())))
	format := body.Get("response_format")
	a.schema = format.At("json_schema", "schema")
	a.json = format.Get("type").Is("json_object")
	a.think = openAIThinks(body)
	return nil
}

// openAIThinks knows the ways in which compatible services are asked to reason.
func openAIThinks(body rawjson.Node) bool {
	if e := body.Get("reasoning_effort"); !e.IsNull() {
		return !e.Is("none")
	}
	if r := body.Get("reasoning"); !r.IsNull() {
		return !r.Get("effort").Is("none") && string(r.Get("enabled").Raw()) != "false"
	}
	return body.At("thinking", "type").Is("enabled") || body.Get("enable_thinking").Bool()
}

// appendStrings adds a string, or an array's strings.
func appendStrings(dst []string, n rawjson.Node) []string {
	if n.Kind() == rawjson.String {
		return append(dst, n.Str())
	}
	for e := range n.Elems() {
		dst = append(dst, e.Str())
	}
	return dst
}
