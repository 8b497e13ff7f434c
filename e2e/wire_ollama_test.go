package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// ollamaRequest is what the wire of Ollama's own chat needs to see of a request.
type ollamaRequest struct {
	Stream   *bool
	Messages []struct {
		Role      string
		Content   string // a list of parts is no string, and the wire says so
		Images    []string
		ToolCalls []struct {
			Function struct {
				Name      string
				Arguments map[string]any
			}
		} `json:"tool_calls"`
		ToolName string `json:"tool_name"`
	}
	Tools  []struct{ Function struct{ Name string } }
	Format json.RawMessage
}

func (q *ollamaRequest) read() asked {
	a := asked{stream: q.Stream == nil || *q.Stream, schema: len(q.Format) > 0 && q.Format[0] == '{'}
	for _, t := range q.Tools {
		a.tools = append(a.tools, t.Function.Name)
	}
	var open []string // names of calls that wait for a result, in order: there are no ids
	for i, m := range q.Messages {
		switch m.Role {
		case "system":
		case "assistant":
			for _, c := range m.ToolCalls {
				open = append(open, c.Function.Name)
			}
		case "tool":
			if len(open) == 0 || m.ToolName != open[0] {
				a.refused = fmt.Sprintf("messages[%d]: a result of %q where %v were called", i, m.ToolName, open)
				return a
			}
			open = open[1:]
			a.results = append(a.results, m.Content)
		case "user":
			a.text, a.image = m.Content, ""
			for _, data := range m.Images {
				a.image = describeImage("image/png", data)
			}
		default:
			a.refused = fmt.Sprintf("messages[%d]: invalid role %q", i, m.Role)
		}
	}
	return a
}

func (u *upstream) ollama(w http.ResponseWriter, r *http.Request) {
	var q ollamaRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestRequest)).Decode(&q); err != nil {
		u.wrong("ollama: %v", err)
	}
	a := q.read()
	u.check("ollama", r, &a, "Authorization", "Bearer up-ollama-key")
	s := a.answer("ollama")
	if s.status != 0 {
		ollamaError(w, s.status, a.refused)
		return
	}
	line := func(message, more string) string {
		return `{"model":"qwen3","created_at":"2025-08-20T13:48:02.294374Z","message":{"role":"assistant",` + message + `},` + more + "}\n"
	}
	calls := `"content":""`
	var list []string
	for _, c := range s.calls {
		list = append(list, fmt.Sprintf(`{"function":{"name":%q,"arguments":%s}}`, c.name, c.arguments))
	}
	if len(list) > 0 {
		calls += `,"tool_calls":[` + strings.Join(list, ",") + `]`
	}
	done := fmt.Sprintf(`"done_reason":"stop","done":true,"total_duration":1,"load_duration":1,"prompt_eval_count":%d,"prompt_eval_duration":1,"eval_count":%d,"eval_duration":1`, promptTokens, outputTokens)
	if !a.stream {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, line(strings.Replace(calls, `""`, quote(strings.Join(s.pieces, "")), 1), done))
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	u.stream(w, r, "ollama", s, "",
		func(text string) string { return line(`"content":`+quote(text), `"done":false`) },
		`{"error":"`+hiddenWords+"\"}\n",
		func() string { return line(calls, `"done":false`) + line(`"content":""`, done) })
}

func ollamaError(w http.ResponseWriter, status int, why string) {
	if status == 429 {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":%s}`, quote(refusalText(status, why)))
}
