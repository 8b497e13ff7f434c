package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// cohereRequest is what the wire of Cohere's chat needs to see of a request.
type cohereRequest struct {
	Stream   bool
	Messages []struct {
		Role      string
		Content   json.RawMessage
		ToolCalls []struct {
			ID       string
			Type     string
			Function struct{ Arguments string }
		} `json:"tool_calls"`
		ToolCallID string `json:"tool_call_id"`
	}
	Tools []struct {
		Type     string
		Function struct{ Name string }
	}
	ResponseFormat struct {
		Type       string
		JSONSchema json.RawMessage `json:"json_schema"`
	} `json:"response_format"`
}

func (q *cohereRequest) read() asked {
	a := asked{stream: q.Stream, schema: q.ResponseFormat.Type == "json_object" && len(q.ResponseFormat.JSONSchema) > 0}
	for _, t := range q.Tools {
		if t.Type != "function" {
			a.refused = "tools must be functions"
		}
		a.tools = append(a.tools, t.Function.Name)
	}
	var open []string // calls that wait for a result
	for i, m := range q.Messages {
		switch m.Role {
		case "system":
		case "assistant":
			for _, c := range m.ToolCalls {
				if open = append(open, c.ID); c.ID == "" || !json.Valid([]byte(c.Function.Arguments)) {
					a.refused = fmt.Sprintf("messages[%d]: a tool call needs an id and arguments in JSON", i)
				}
			}
		case "tool":
			at := slices.Index(open, m.ToolCallID)
			if at < 0 {
				a.refused = fmt.Sprintf("messages[%d]: tool_call_id %q was not called", i, m.ToolCallID)
				return a
			}
			open = slices.Delete(open, at, at+1)
			text, _ := openAIContent(m.Content)
			a.results = append(a.results, text)
		case "user":
			a.text, a.image = openAIContent(m.Content)
		default:
			a.refused = fmt.Sprintf("messages[%d]: invalid role %q", i, m.Role)
		}
	}
	if len(open) > 0 {
		a.refused = fmt.Sprintf("no results for the calls %v", open)
	}
	return a
}

// cohere counts two ways; what it bills is what counts.
func (u *upstream) cohere(w http.ResponseWriter, r *http.Request) {
	var q cohereRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestRequest)).Decode(&q); err != nil {
		u.wrong("cohere: %v", err)
	}
	a := q.read()
	u.check("cohere", r, &a, "Authorization", "Bearer up-cohere-key")
	s := a.answer("cohere")
	if s.status != 0 {
		cohereError(w, s.status, a.refused)
		return
	}
	finish := "COMPLETE"
	if len(s.calls) > 0 {
		finish = "TOOL_CALL"
	}
	end := fmt.Sprintf(`"finish_reason":%q,"usage":{"billed_units":{"input_tokens":%d,"output_tokens":%d},"tokens":{"input_tokens":1563,"output_tokens":22},"cached_tokens":1376}`, finish, promptTokens, outputTokens)
	text := strings.Join(s.pieces, "")
	var calls []string
	for _, c := range s.calls {
		calls = append(calls, fmt.Sprintf(`{"id":%q,"type":"function","function":{"name":%q,"arguments":%s}}`, c.id, c.name, quote(c.arguments)))
	}
	if !a.stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"5e3b","message":{"role":"assistant","content":[{"type":"text","text":%s}],"tool_calls":[%s]},%s}`, quote(text), strings.Join(calls, ","), end)
		return
	}
	event := func(name, more string) string {
		return fmt.Sprintf("event: %s\ndata: {\"type\":%q%s}\n\n", name, name, more)
	}
	content := func(name, text string) string {
		return event(name, `,"index":0,"delta":{"message":{"content":{"type":"text","text":`+quote(text)+`}}}`)
	}
	u.stream(w, r, "cohere", s,
		event("message-start", `,"id":"5e3b","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}`)+content("content-start", ""),
		func(text string) string { return content("content-delta", text) },
		"data: {\"id\":\"2d46\",\"message\":\""+hiddenWords+"\"}\n\n",
		func() string {
			b := event("content-end", `,"index":0`)
			for i, c := range s.calls {
				at := fmt.Sprintf(`,"index":%d`, i)
				b += event("tool-call-start", at+fmt.Sprintf(`,"delta":{"message":{"tool_calls":{"id":%q,"type":"function","function":{"name":%q,"arguments":""}}}}`, c.id, c.name))
				for _, half := range halves(c.arguments) {
					b += event("tool-call-delta", at+`,"delta":{"message":{"tool_calls":{"function":{"arguments":`+quote(half)+`}}}}`)
				}
				b += event("tool-call-end", at)
			}
			return b + event("message-end", `,"delta":{`+end+`}`) + "data: [DONE]\n\n"
		})
}

func cohereError(w http.ResponseWriter, status int, why string) {
	if status == 429 {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"id":"2d46","message":%s}`, quote(refusalText(status, why)))
}
