package simup

import (
	"bytes"
	"encoding/json"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// responses is the Responses API: api.openai.com/v1/responses. Keys, headers and errors are
// those of chat completions.
type responses struct{ openAI }

func (responses) name() string { return "responses" }

// noModel is 400 here, where chat completions answer 404.
func (w responses) noModel(id string) *refusal {
	e := w.openAI.noModel(id)
	if e.status == 404 {
		e.status = 400
		e.message = "The requested model '" + id + "' does not exist."
	}
	return e
}

func (responses) begin(r *reply) {
	r.id = r.dice.id("resp_", lowerHex, 50)
	for i := range r.choices {
		for j := range r.choices[i].calls {
			r.choices[i].calls[j].id = r.dice.id("call_", alphanumeric, 24)
		}
	}
}

// event is an error event, as it comes inside a stream.
func (w responses) event(dst []byte, _ *reply, e *refusal) []byte {
	var flat bytes.Buffer
	if err := json.Compact(&flat, w.refuse(nil, e, "")); err != nil {
		panic(err) // our own JSON
	}
	dst = append(dst, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":1,"...)
	dst = append(dst, flat.Bytes()[1:]...)
	return append(dst, "\n\n"...)
}

func (w responses) decode(a *ask, body rawjson.Node) *refusal {
	input := body.Get("input")
	a.prompt.text(body.Get("instructions"))
	w.tools(a, body)
	switch input.Kind() {
	case rawjson.String:
		a.prompt.text(input)
		a.question = input.Str()
	case rawjson.Array:
		if e := w.items(a, input); e != nil {
			return e
		}
	default:
		return invalid("Missing required parameter: 'input'.").at("input", "missing_required_parameter")
	}
	if body.Get("previous_response_id").StrLen() > 0 {
		return invalid("Previous response with id '"+body.Get("previous_response_id").Str()+"' not found.").at("previous_response_id", "previous_response_not_found")
	}
	for _, unknown := range [...]string{"stop", "seed", "n", "messages", "max_tokens"} {
		if body.Get(unknown).Exists() {
			return invalid("Unknown parameter: '"+unknown+"'.").at(unknown, "unknown_parameter")
		}
	}
	a.stream = body.Get("stream").Bool()
	a.pad = true
	a.limit = body.Get("max_output_tokens").Int64()
	a.schema = body.At("text", "format", "schema")
	a.json = body.At("text", "format", "type").Is("json_object")
	a.think = body.At("reasoning", "effort").StrLen() > 0 && !body.At("reasoning", "effort").Is("none")
	a.showThoughts = !body.At("reasoning", "summary").IsNull()
	for i := range body.Get("include").Elems() {
		a.sealed = a.sealed || i.Is("reasoning.encrypted_content")
	}
	if a.sealed && !a.model.Reasoning {
		return invalid("Encrypted content is not supported with this model.").at("include", "")
	}
	if limit, used := a.model.Context, a.prompt.tokens(); limit > 0 && used > limit {
		return invalid("Your input exceeds the context window of this model. Please adjust your input and try again.").at("input", "context_length_exceeded")
	}
	return a.finish()
}

func (responses) tools(a *ask, body rawjson.Node) {
	for t := range body.Get("tools").Elems() {
		a.prompt.json(t)
		if t.Get("type").Is("function") {
			a.tools = append(a.tools, tool{t.Get("name").Str(), t.Get("parameters")})
		}
	}
	c := body.Get("tool_choice")
	a.choice.never = c.Is("none")
	a.choice.must = c.Is("required") || c.Get("type").Is("function")
	a.choice.only = c.Get("name").Str()
	a.single = body.Get("parallel_tool_calls").Exists() && !body.Get("parallel_tool_calls").Bool()
}

// items reads the input. A call must have its output, an output its call, and reasoning
// what it led to, as the original insists.
func (w responses) items(a *ask, input rawjson.Node) *refusal {
	open := map[string]bool{} // calls that wait for their output
	alone := ""               // a reasoning item that nothing follows yet
	for it := range input.Elems() {
		kind := it.Get("type").Str()
		if kind == "" {
			kind = "message"
		}
		switch {
		case kind == "reasoning":
			alone = it.Get("id").Str()
			a.prompt.text(it.Get("encrypted_content"))
			if it.Get("encrypted_content").StrLen() == 0 {
				return invalid("Item with id '"+alone+"' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.").at("input", "")
			}
			if !signed(a.seed, it.Get("encrypted_content").Str(), alone) {
				return invalid("The encrypted content for item "+alone+" could not be verified.").at("input", "invalid_encrypted_content")
			}
			continue
		case kind == "message":
			if e := w.message(a, it); e != nil {
				return e
			}
		case kind == "function_call" || kind == "custom_tool_call":
			if len(open) == 0 { // another round: what the last one gave has been read
				a.result = ""
			}
			open[it.Get("call_id").Str()] = true
			a.prompt.text(it.Get("name"))
			a.prompt.text(it.Get("arguments"))
			a.prompt.text(it.Get("input"))
		case kind == "function_call_output" || kind == "custom_tool_call_output":
			id := it.Get("call_id").Str()
			if !open[id] {
				return invalid("No tool call found for function call output with call_id "+id+".").at("input", "")
			}
			delete(open, id)
			text, e := w.content(a, it.Get("output"))
			if e != nil {
				return e
			}
			a.answers, a.result = true, a.result+text
			a.results++
		default:
			a.prompt.json(it)
		}
		alone = ""
	}
	if alone != "" {
		return invalid("Item '"+alone+"' of type 'reasoning' was provided without its required following item.").at("input", "")
	}
	if len(open) > 0 {
		return invalid("No tool output found for function call "+anyOf(open)+".").at("input", "")
	}
	return nil
}

func (w responses) message(a *ask, it rawjson.Node) *refusal {
	text, e := w.content(a, it.Get("content"))
	if e != nil {
		return e
	}
	role := it.Get("role").Str()
	if role == "user" && text == "" { // pictures beside the results of tools
		return nil
	}
	a.answers, a.result = false, ""
	switch role {
	case "user":
		a.question = text
	case "assistant", "system", "developer":
	default:
		return invalid("Invalid value: '"+role+"'. Supported values are: 'assistant', 'system', 'developer', and 'user'.").at("input", "invalid_value")
	}
	return nil
}

func (responses) content(a *ask, n rawjson.Node) (text string, _ *refusal) {
	if n.Kind() != rawjson.Array {
		a.prompt.text(n)
		return n.Str(), nil
	}
	for p := range n.Elems() {
		switch kind := p.Get("type").Str(); kind {
		case "input_text", "output_text":
			a.prompt.text(p.Get("text"))
			text += p.Get("text").Str()
		case "refusal":
			a.prompt.text(p.Get("refusal"))
		case "input_image", "input_file", "input_audio":
			a.prompt.image(p)
		default:
			return "", invalid("Invalid value: '"+kind+"'. Supported values are: 'input_text', 'input_image', 'output_text', 'refusal', 'input_file', 'computer_screenshot', and 'summary_text'.").at("input", "invalid_value")
		}
	}
	return text, nil
}
