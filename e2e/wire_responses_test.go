package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// responsesRequest is what the Responses wire needs to see of a request.
type responsesRequest struct {
	Model  string
	Stream bool
	Store  *bool
	Input  responsesInput
	Tools  []struct{ Type, Name string }
	Text   struct {
		Format struct{ Schema json.RawMessage }
	}
}

// responsesInput is a list of items; a string is what the user says.
type responsesInput []struct {
	Type    string
	Role    string
	Content json.RawMessage // of a message
	CallID  string          `json:"call_id"`
	Output  json.RawMessage // of a function_call_output
}

func (in *responsesInput) UnmarshalJSON(raw []byte) error {
	type items responsesInput
	if raw[0] != '"' {
		return json.Unmarshal(raw, (*items)(in))
	}
	*in = make(responsesInput, 1)
	(*in)[0].Role, (*in)[0].Content = "user", raw
	return nil
}

func (q *responsesRequest) read() asked {
	a := asked{stream: q.Stream, schema: len(q.Text.Format.Schema) > 0}
	if q.Store == nil || *q.Store {
		a.refused = "the answer would be stored"
	}
	for _, t := range q.Tools {
		if t.Type != "function" || t.Name == "" {
			a.refused = fmt.Sprintf("a tool of type %q, name %q", t.Type, t.Name)
		}
		a.tools = append(a.tools, t.Name)
	}
	var open []string // calls that wait for a result
	for i, it := range q.Input {
		switch it.Type {
		case "function_call":
			open = append(open, it.CallID)
		case "function_call_output":
			at := slices.Index(open, it.CallID)
			if at < 0 {
				a.refused = fmt.Sprintf("No tool call found for function call output with call_id %s.", it.CallID)
				return a
			}
			open = slices.Delete(open, at, at+1)
			text, _ := responsesContent(it.Output)
			a.results = append(a.results, text)
		case "", "message":
			if it.Role == "user" {
				a.text, a.image = responsesContent(it.Content)
			}
		default:
			a.refused = fmt.Sprintf("input[%d]: type %q", i, it.Type)
		}
	}
	if len(open) > 0 {
		a.refused = fmt.Sprintf("No tool output found for function call %s.", open[0])
	}
	return a
}

// responsesContent reads a string or a list of parts.
func responsesContent(raw json.RawMessage) (text, image string) {
	if json.Unmarshal(raw, &text) == nil {
		return text, ""
	}
	var parts []struct {
		Type, Text string
		ImageURL   string `json:"image_url"`
	}
	json.Unmarshal(raw, &parts) // what is neither stays empty, and the check that sent it fails
	for _, p := range parts {
		text += p.Text
		if data, ok := strings.CutPrefix(p.ImageURL, "data:"); ok && p.Type == "input_image" {
			media, b64, _ := strings.Cut(data, ";base64,")
			image = describeImage(media, b64)
		}
	}
	return text, image
}

// responsesMessage and responsesCall are items of an answer.
func responsesMessage(status, content string) string {
	return fmt.Sprintf(`{"id":"msg_1","type":"message","status":%q,"content":[%s],"role":"assistant"}`, status, content)
}

func responsesText(text string) string {
	return `{"type":"output_text","annotations":[],"logprobs":[],"text":` + quote(text) + `}`
}

func responsesCall(status string, c call, arguments string) string {
	return fmt.Sprintf(`{"id":"fc_%s","type":"function_call","status":%q,"arguments":%s,"call_id":%q,"name":%q}`, c.id, status, quote(arguments), c.id, c.name)
}

// responsesObject is the answer as a whole.
func responsesObject(status, output, usage string) string {
	return fmt.Sprintf(`{"id":"resp_1","object":"response","created_at":1760000000,"status":%q,"background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,"model":"`+openAIModel+`","output":[%s],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"service_tier":"default","store":false,"temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"disabled","usage":%s,"user":null,"metadata":{}}`,
		status, output, usage)
}

func (u *upstream) responses(w http.ResponseWriter, r *http.Request) {
	var q responsesRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestRequest)).Decode(&q); err != nil {
		u.wrong("responses: %v", err)
	}
	a := q.read()
	u.check("responses", r, &a, "Authorization", "Bearer up-responses-key")
	s := a.answer("responses")
	if s.status != 0 {
		openAIError(w, s.status, a.refused)
		return
	}
	usage := fmt.Sprintf(`{"input_tokens":%d,"input_tokens_details":{"cached_tokens":%d},"output_tokens":%d,"output_tokens_details":{"reasoning_tokens":%d},"total_tokens":%d}`,
		promptTokens, cachedTokens, outputTokens, reasoningTokens, promptTokens+outputTokens)
	text := responsesText(strings.Join(s.pieces, ""))
	output := []string{responsesMessage("completed", text)}
	for _, c := range s.calls {
		output = append(output, responsesCall("completed", c, c.arguments))
	}
	whole := responsesObject("completed", strings.Join(output, ","), usage)
	if !a.stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, whole)
		return
	}
	number := -1
	event := func(name, rest string) string {
		number++
		return fmt.Sprintf("event: %s\ndata: {\"type\":%q,\"sequence_number\":%d,%s}\n\n", name, name, number, rest)
	}
	begun := `"response":` + responsesObject("in_progress", "", "null")
	const at = `"item_id":"msg_1","output_index":0,"content_index":0,`
	u.stream(w, r, "responses", s,
		event("response.created", begun)+event("response.in_progress", begun)+
			event("response.output_item.added", `"output_index":0,"item":`+responsesMessage("in_progress", ""))+
			event("response.content_part.added", at+`"part":`+responsesText("")),
		func(text string) string {
			return event("response.output_text.delta", at+`"delta":`+quote(text)+`,"logprobs":[],"obfuscation":"4aQ"`)
		},
		"event: error\ndata: {\"type\":\"error\",\"sequence_number\":5,\"error\":{\"type\":\"server_error\",\"code\":\"server_error\",\"message\":\""+hiddenWords+"\",\"param\":null}}\n\n",
		func() string {
			end := event("response.output_text.done", at+`"text":`+quote(strings.Join(s.pieces, ""))+`,"logprobs":[]`) +
				event("response.content_part.done", at+`"part":`+text) +
				event("response.output_item.done", `"output_index":0,"item":`+output[0])
			for i, c := range s.calls {
				place := fmt.Sprintf(`"item_id":"fc_%s","output_index":%d,`, c.id, i+1)
				end += event("response.output_item.added", fmt.Sprintf(`"output_index":%d,"item":`, i+1)+responsesCall("in_progress", c, ""))
				for _, half := range halves(c.arguments) {
					end += event("response.function_call_arguments.delta", place+`"delta":`+quote(half))
				}
				end += event("response.function_call_arguments.done", place+`"arguments":`+quote(c.arguments)) +
					event("response.output_item.done", fmt.Sprintf(`"output_index":%d,"item":`, i+1)+output[i+1])
			}
			return end + event("response.completed", `"response":`+whole)
		})
}
