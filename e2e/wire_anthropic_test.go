package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// anthropicRequest is what the Anthropic Messages wire needs to see of a request.
type anthropicRequest struct {
	Model     string
	Stream    bool
	MaxTokens int `json:"max_tokens"`
	Messages  []struct {
		Role    string
		Content anthropicContent
	}
	Tools        []struct{ Name string }
	OutputConfig struct {
		Format struct{ Schema json.RawMessage }
	} `json:"output_config"`
}

// anthropicContent is a list of blocks; a string is one block of text.
type anthropicContent []struct {
	Type      string
	Text      string
	ID        string
	ToolUseID string           `json:"tool_use_id"`
	Content   anthropicContent // of a tool_result
	Source    struct {
		Media string `json:"media_type"`
		Data  string
	}
}

func (c *anthropicContent) UnmarshalJSON(raw []byte) error {
	type blocks anthropicContent
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return json.Unmarshal(raw, (*blocks)(c))
	}
	*c = make(anthropicContent, 1)
	(*c)[0].Type, (*c)[0].Text = "text", text
	return nil
}

func (c anthropicContent) text() (s string) {
	for _, b := range c {
		s += b.Text
	}
	return s
}

func (q *anthropicRequest) read() asked {
	a := asked{stream: q.Stream, schema: len(q.OutputConfig.Format.Schema) > 0}
	if q.MaxTokens < 1 {
		a.refused = "max_tokens: field required"
	}
	for _, t := range q.Tools {
		a.tools = append(a.tools, t.Name)
	}
	var open []string // calls that the next message must answer
	for i, m := range q.Messages {
		if want := []string{"user", "assistant"}[i%2]; m.Role != want {
			a.refused = fmt.Sprintf("messages.%d: role %q where %s must speak", i, m.Role, want)
			return a
		}
		if m.Role == "user" {
			a.text, a.image = m.Content.text(), ""
		}
		for _, b := range m.Content {
			switch b.Type {
			case "tool_use":
				open = append(open, b.ID)
			case "tool_result":
				at := slices.Index(open, b.ToolUseID)
				if at < 0 {
					a.refused = fmt.Sprintf("messages.%d: tool_result for no tool_use: %q", i, b.ToolUseID)
					return a
				}
				open = slices.Delete(open, at, at+1)
				a.results = append(a.results, b.Content.text())
			case "image":
				a.image = describeImage(b.Source.Media, b.Source.Data)
			}
		}
		if m.Role == "user" && len(open) > 0 {
			a.refused = fmt.Sprintf("messages.%d: tool_use without tool_result: %v", i, open)
			return a
		}
	}
	return a
}

func (u *upstream) anthropic(w http.ResponseWriter, r *http.Request) {
	var q anthropicRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestRequest)).Decode(&q); err != nil {
		u.wrong("anthropic: %v", err)
	}
	a := q.read()
	if r.Header.Get("Anthropic-Version") == "" {
		a.refused = "anthropic-version: header is required"
	}
	u.check("anthropic", r, &a, "X-Api-Key", "up-anthropic-key")
	s := a.answer("anthropic")
	if s.status != 0 {
		anthropicError(w, s.status, a.refused)
		return
	}
	// input_tokens leaves out what came from the cache.
	input := fmt.Sprintf(`"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":%d`, promptTokens-cachedTokens, cachedTokens)
	output := fmt.Sprintf(`"output_tokens":%d,"output_tokens_details":{"thinking_tokens":%d}`, outputTokens, reasoningTokens)
	stop := "end_turn"
	if len(s.calls) > 0 {
		stop = "tool_use"
	}
	if !a.stream {
		blocks := []string{`{"type":"text","text":` + quote(strings.Join(s.pieces, "")) + `}`}
		for _, c := range s.calls {
			blocks = append(blocks, fmt.Sprintf(`{"type":"tool_use","id":"toolu_%s","name":%q,"input":%s}`, c.id, c.name, c.arguments))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[%s],"stop_reason":%q,"stop_sequence":null,"usage":{%s,%s,"service_tier":"standard"}}`,
			strings.Join(blocks, ","), stop, input, output)
		return
	}
	// The spaces before the end of a line are Anthropic's padding.
	event := func(name, rest string) string {
		return fmt.Sprintf("event: %s\ndata: {\"type\":%q%s}    \n\n", name, name, rest)
	}
	u.stream(w, r, "anthropic", s,
		event("message_start", `,"message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"stop_sequence":null,"usage":{`+input+`,"output_tokens":1,"service_tier":"standard"}}`)+
			event("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`)+event("ping", ""),
		func(text string) string {
			return event("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":`+quote(text)+`}`)
		},
		event("error", `,"error":{"type":"overloaded_error","message":"`+hiddenWords+`"}`),
		func() string {
			end := event("content_block_stop", `,"index":0`)
			for i, c := range s.calls {
				end += event("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":{"type":"tool_use","id":"toolu_%s","name":%q,"input":{}}`, i+1, c.id, c.name))
				for _, part := range append([]string{""}, halves(c.arguments)...) {
					end += event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":"input_json_delta","partial_json":%s}`, i+1, quote(part)))
				}
				end += event("content_block_stop", fmt.Sprintf(`,"index":%d`, i+1))
			}
			return end + event("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":%q,"stop_sequence":null},"usage":{%s,%s}`, stop, input, output)) + event("message_stop", "")
		})
}

func anthropicError(w http.ResponseWriter, status int, why string) {
	typ := map[int]string{400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 500: "api_error", 503: "api_error", 529: "overloaded_error"}[status]
	w.Header().Set("Content-Type", "application/json")
	if status == 429 {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"error","error":{"type":%q,"message":%s},"request_id":"req_1"}`, typ, quote(refusalText(status, why)))
}
