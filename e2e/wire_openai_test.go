package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// openAIModel is the name that the company calls its model by.
const openAIModel = "gpt-4o-mini-2024-07-18"

// openAIRequest is what the OpenAI wire needs to see of a request.
type openAIRequest struct {
	Model    string
	Stream   bool
	Messages []struct {
		Role       string
		Content    json.RawMessage
		ToolCalls  []struct{ ID string } `json:"tool_calls"`
		ToolCallID string                `json:"tool_call_id"`
	}
	Tools          []struct{ Function struct{ Name string } }
	StreamOptions  struct{ Include_usage bool } `json:"stream_options"`
	ResponseFormat struct {
		Type       string
		JSONSchema struct{ Schema json.RawMessage } `json:"json_schema"`
	} `json:"response_format"`
}

func (q *openAIRequest) read() asked {
	a := asked{stream: q.Stream, schema: len(q.ResponseFormat.JSONSchema.Schema) > 0}
	for _, t := range q.Tools {
		a.tools = append(a.tools, t.Function.Name)
	}
	var open []string // calls that wait for a result
	for _, m := range q.Messages {
		switch m.Role {
		case "assistant":
			for _, c := range m.ToolCalls {
				open = append(open, c.ID)
			}
		case "tool":
			i := slices.Index(open, m.ToolCallID)
			if i < 0 {
				a.refused = fmt.Sprintf("a tool result answers no call: %q", m.ToolCallID)
				return a
			}
			open = slices.Delete(open, i, i+1)
			text, _ := openAIContent(m.Content)
			a.results = append(a.results, text)
		case "user":
			a.text, a.image = openAIContent(m.Content)
		}
	}
	if q.Stream && !q.StreamOptions.Include_usage {
		a.refused = "a stream without usage cannot be billed"
	}
	return a
}

// openAIContent reads a string or a list of parts.
func openAIContent(raw json.RawMessage) (text, image string) {
	if json.Unmarshal(raw, &text) == nil {
		return text, ""
	}
	var parts []struct {
		Text     string
		ImageURL struct{ URL string } `json:"image_url"`
	}
	json.Unmarshal(raw, &parts) // what is neither stays empty, and the check that sent it fails
	for _, p := range parts {
		text += p.Text
		if data, ok := strings.CutPrefix(p.ImageURL.URL, "data:"); ok {
			media, b64, _ := strings.Cut(data, ";base64,")
			image = describeImage(media, b64)
		}
	}
	return text, image
}

// describeImage shows that an image arrived whole.
func describeImage(media, b64 string) string {
	raw, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s of %d bytes", media, len(raw))
}

func (u *upstream) openAI(w http.ResponseWriter, r *http.Request) {
	var q openAIRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestRequest)).Decode(&q); err != nil {
		u.wrong("openai: %v", err)
	}
	a := q.read()
	u.check("openai", r, &a, "Authorization", "Bearer up-openai-key")
	s := a.answer("openai")
	if s.status != 0 {
		openAIError(w, s.status, a.refused)
		return
	}
	usage := fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":%d,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":%d,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`,
		promptTokens, outputTokens, promptTokens+outputTokens, cachedTokens, reasoningTokens)
	finish := "stop"
	if len(s.calls) > 0 {
		finish = "tool_calls"
	}
	if !a.stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"`+openAIModel+`","choices":[{"index":0,"message":{"role":"assistant","content":%s,"refusal":null,"annotations":[]%s},"logprobs":null,"finish_reason":%q}],"usage":%s,"service_tier":"default","system_fingerprint":"fp_1"}`,
			quote(strings.Join(s.pieces, "")), openAICalls(s.calls), finish, usage)
		return
	}
	frame := func(delta, finish string) string {
		return fmt.Sprintf("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\""+openAIModel+"\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}],\"usage\":null,\"obfuscation\":\"4aQ\"}\n\n", delta, finish)
	}
	u.stream(w, r, "openai", s,
		frame(`{"role":"assistant","content":"","refusal":null}`, "null"),
		func(text string) string { return frame(`{"content":`+quote(text)+`}`, "null") },
		"data: {\"error\":{\"message\":\""+hiddenWords+"\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n",
		func() string {
			var b strings.Builder
			for i, c := range s.calls {
				b.WriteString(frame(fmt.Sprintf(`{"tool_calls":[{"index":%d,"id":%q,"type":"function","function":{"name":%q,"arguments":""}}]}`, i, c.id, c.name), "null"))
				for _, half := range halves(c.arguments) {
					b.WriteString(frame(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}`, i, quote(half)), "null"))
				}
			}
			b.WriteString(frame("{}", quote(finish)))
			fmt.Fprintf(&b, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\""+openAIModel+"\",\"choices\":[],\"usage\":%s}\n\ndata: [DONE]\n\n", usage)
			return b.String()
		})
}

// openAICalls is the member tool_calls of a message, with a comma before it.
func openAICalls(calls []call) string {
	var list []string
	for _, c := range calls {
		list = append(list, fmt.Sprintf(`{"id":%q,"type":"function","function":{"name":%q,"arguments":%s}}`, c.id, c.name, quote(c.arguments)))
	}
	if list == nil {
		return ""
	}
	return `,"tool_calls":[` + strings.Join(list, ",") + `]`
}

// halves breaks s inside, as arguments are on the wire.
func halves(s string) []string { return []string{s[:len(s)/2], s[len(s)/2:]} }

func openAIError(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	if status == 429 {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	typ := map[int]string{400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "requests"}[status]
	code := map[int]string{401: `"invalid_api_key"`, 404: `"model_not_found"`, 429: `"rate_limit_exceeded"`}[status]
	if code == "" {
		code = "null"
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"message":%s,"type":%q,"param":null,"code":%s}}`, quote(refusalText(status, why)), typ, code)
}

// refusalText is what a company says about a refusal: of a request to the client, else to
// the operator alone.
func refusalText(status int, why string) string {
	if status == 400 || status == 404 {
		return "no, because " + why
	}
	return hiddenWords
}
