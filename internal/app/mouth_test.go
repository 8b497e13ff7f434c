package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// mouth is a provider of every wire that says what a test wants, in the pieces it wants. The
// first part of the path says the wire.
type mouth struct {
	mu   sync.Mutex
	kind string // text, reasoning, signed, tool
	said []string
	body string // of the last request
}

func (m *mouth) say(kind string, pieces ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kind, m.said = kind, pieces
}

func (m *mouth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.body = string(body)
	kind, said := m.kind, m.said
	m.mu.Unlock()
	wire := strings.Split(r.URL.Path, "/")[1]
	stream := strings.Contains(string(body), `"stream":true`) || strings.Contains(r.URL.Path, "streamGenerate")
	w.Header().Set("Content-Type", "application/json")
	if !stream {
		io.WriteString(w, wholes[wire](kind, strings.Join(said, "")))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for _, f := range streams[wire](kind, said) {
		if i := strings.Index(f, `"type":"`); i >= 0 && (wire == "anthropic" || wire == "responses") {
			name, _, _ := strings.Cut(f[i+len(`"type":"`):], `"`)
			io.WriteString(w, "event: "+name+"\n")
		}
		io.WriteString(w, "data: "+f+"\n\n")
		w.(http.Flusher).Flush()
	}
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// pick is what fits a kind.
func pick(kind string, of map[string]string) string { return of[kind] }

// wholes are answers that do not stream.
var wholes = map[string]func(kind, said string) string{
	"chat": func(kind, said string) string {
		m := pick(kind, map[string]string{
			"text": `"content":` + quoted(said), "reasoning": `"content":"ok","reasoning":` + quoted(said),
			"signed": `"content":"ok","reasoning_details":[{"type":"reasoning.text","text":` + quoted(said) + `,"signature":"U0lHTkVE","format":"anthropic-claude-v1","index":0}]`,
			"tool":   `"content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":` + quoted(said) + `}}]`,
		})
		return `{"id":"x","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant",` + m + `},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}`
	},
	"text": func(_, said string) string {
		return `{"id":"x","object":"text_completion","created":1,"model":"x","choices":[{"index":0,"text":` + quoted(said) + `,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}`
	},
	"anthropic": func(kind, said string) string {
		b := pick(kind, map[string]string{
			"text": `{"type":"text","text":` + quoted(said) + `}`, "reasoning": `{"type":"thinking","thinking":` + quoted(said) + `,"signature":""},{"type":"text","text":"ok"}`,
			"signed": `{"type":"thinking","thinking":` + quoted(said) + `,"signature":"U0lHTkVE"},{"type":"text","text":"ok"}`,
			"tool":   `{"type":"tool_use","id":"c1","name":"f","input":` + said + `}`,
		})
		return `{"id":"x","type":"message","role":"assistant","model":"x","content":[` + b + `],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":100,"output_tokens":50}}`
	},
	"gemini": func(kind, said string) string { return geminiFrame(kind, said, true) },
	"responses": func(kind, said string) string {
		return `{"id":"x","object":"response","created_at":1,"status":"completed","model":"x","output":[` + responsesItem(kind, said) + `],"usage":{"input_tokens":100,"output_tokens":50,"total_tokens":150}}`
	},
}

func geminiFrame(kind, said string, last bool) string {
	p := pick(kind, map[string]string{
		"text": `{"text":` + quoted(said) + `}`, "reasoning": `{"text":` + quoted(said) + `,"thought":true}`,
		"tool": `{"functionCall":{"name":"f","args":` + said + `}}`,
	})
	end := ""
	if last {
		if kind == "reasoning" {
			p += `,{"text":"ok"}`
		}
		end = `,"finishReason":"STOP"`
	}
	return `{"candidates":[{"content":{"role":"model","parts":[` + p + `]},"index":0` + end + `}],"modelVersion":"x","responseId":"x","usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":50,"totalTokenCount":150}}`
}

func responsesItem(kind, said string) string {
	const ok = `,{"type":"message","id":"msg_2","status":"completed","role":"assistant","content":[{"type":"output_text","text":"ok","annotations":[]}]}`
	return pick(kind, map[string]string{
		"text":      `{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":` + quoted(said) + `,"annotations":[]}]}`,
		"reasoning": `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":` + quoted(said) + `}]}` + ok,
		"tool":      `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","status":"completed","arguments":` + quoted(said) + `}`,
	})
}

// streams are the data of the frames of a stream.
var streams = map[string]func(kind string, said []string) []string{
	"chat": func(kind string, said []string) (f []string) {
		chunk := func(delta, finish string) {
			f = append(f, `{"id":"x","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{`+delta+`},"finish_reason":`+finish+`}]}`)
		}
		chunk(`"role":"assistant","content":""`, "null")
		for i, s := range said {
			head := ""
			if i == 0 {
				head = `"id":"c1","type":"function",`
			}
			chunk(pick(kind, map[string]string{
				"text": `"content":` + quoted(s), "reasoning": `"reasoning":` + quoted(s),
				"signed": `"reasoning_details":[{"type":"reasoning.text","text":` + quoted(s) + `,"format":"anthropic-claude-v1","index":0}]`,
				"tool":   `"tool_calls":[{"index":0,` + head + `"function":{"name":"f","arguments":` + quoted(s) + `}}]`,
			}), "null")
		}
		switch kind {
		case "signed":
			chunk(`"reasoning_details":[{"type":"reasoning.text","text":"","signature":"U0lHTkVE","format":"anthropic-claude-v1","index":0}]`, "null")
			fallthrough
		case "reasoning":
			chunk(`"content":"ok"`, "null")
		}
		chunk("", `"stop"`)
		return append(f, `{"id":"x","object":"chat.completion.chunk","created":1,"model":"x","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}`, "[DONE]")
	},
	"text": func(_ string, said []string) (f []string) {
		for _, s := range said {
			f = append(f, `{"id":"x","object":"text_completion","created":1,"model":"x","choices":[{"index":0,"text":`+quoted(s)+`,"logprobs":null,"finish_reason":null}]}`)
		}
		f = append(f, `{"id":"x","object":"text_completion","created":1,"model":"x","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}`)
		return append(f, `{"id":"x","object":"text_completion","created":1,"model":"x","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}`, "[DONE]")
	},
	"anthropic": func(kind string, said []string) []string {
		f := []string{`{"type":"message_start","message":{"id":"x","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"usage":{"input_tokens":100,"output_tokens":1}}}`,
			`{"type":"content_block_start","index":0,"content_block":` + pick(kind, map[string]string{
				"text": `{"type":"text","text":""}`, "reasoning": `{"type":"thinking","thinking":"","signature":""}`, "signed": `{"type":"thinking","thinking":"","signature":""}`,
				"tool": `{"type":"tool_use","id":"c1","name":"f","input":{}}`}) + `}`}
		for _, s := range said {
			f = append(f, `{"type":"content_block_delta","index":0,"delta":`+pick(kind, map[string]string{
				"text": `{"type":"text_delta","text":` + quoted(s) + `}`, "reasoning": `{"type":"thinking_delta","thinking":` + quoted(s) + `}`,
				"signed": `{"type":"thinking_delta","thinking":` + quoted(s) + `}`, "tool": `{"type":"input_json_delta","partial_json":` + quoted(s) + `}`})+`}`)
		}
		if kind == "signed" {
			f = append(f, `{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"U0lHTkVE"}}`)
		}
		f = append(f, `{"type":"content_block_stop","index":0}`)
		if kind == "reasoning" || kind == "signed" {
			f = append(f, `{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}`, `{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"ok"}}`, `{"type":"content_block_stop","index":1}`)
		}
		return append(f, `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":50}}`, `{"type":"message_stop"}`)
	},
	"gemini": func(kind string, said []string) (f []string) {
		if kind == "tool" { // a call comes whole
			return []string{geminiFrame(kind, strings.Join(said, ""), true)}
		}
		for i, s := range said {
			f = append(f, geminiFrame(kind, s, i == len(said)-1))
		}
		return f
	},
	"responses": func(kind string, said []string) []string {
		all := strings.Join(said, "")
		f := []string{`{"type":"response.created","sequence_number":0,"response":{"id":"x","object":"response","created_at":1,"status":"in_progress","model":"x","output":[]}}`,
			`{"type":"response.output_item.added","output_index":0,"item":` + pick(kind, map[string]string{
				"text": `{"type":"message","id":"msg_1","status":"in_progress","role":"assistant","content":[]}`, "reasoning": `{"type":"reasoning","id":"rs_1","summary":[]}`,
				"tool": `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","status":"in_progress","arguments":""}`}) + `}`}
		add := func(format string, v ...any) { f = append(f, fmt.Sprintf(format, v...)) }
		switch kind {
		case "text":
			add(`{"type":"response.content_part.added","item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}`)
			for _, s := range said {
				add(`{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":%s}`, quoted(s))
			}
			add(`{"type":"response.output_text.done","item_id":"msg_1","output_index":0,"content_index":0,"text":%s}`, quoted(all))
		case "reasoning":
			add(`{"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}`)
			for _, s := range said {
				add(`{"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":%s}`, quoted(s))
			}
			add(`{"type":"response.reasoning_summary_text.done","item_id":"rs_1","output_index":0,"summary_index":0,"text":%s}`, quoted(all))
		case "tool":
			for _, s := range said {
				add(`{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":0,"delta":%s}`, quoted(s))
			}
			add(`{"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":0,"arguments":%s}`, quoted(all))
		}
		first, second, more := strings.Cut(responsesItem(kind, all), `},{"type":"message"`)
		if more {
			first += "}"
		}
		add(`{"type":"response.output_item.done","output_index":0,"item":%s}`, first)
		if more {
			add(`{"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"msg_2","status":"in_progress","role":"assistant","content":[]}}`)
			add(`{"type":"response.output_text.delta","item_id":"msg_2","output_index":1,"content_index":0,"delta":"ok"}`)
			add(`{"type":"response.output_item.done","output_index":1,"item":{"type":"message"%s}`, second)
		}
		add(`{"type":"response.completed","response":{"id":"x","object":"response","created_at":1,"status":"completed","model":"x","output":[%s],"usage":{"input_tokens":100,"output_tokens":50,"total_tokens":150}}}`, responsesItem(kind, all))
		return f
	},
}
