package rig

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// marker is in every piece of content the simulated provider gives and nowhere else, so a
// client counts content by counting it, whatever wire it came through.
const marker = "lindworm"

// words vary the length of chunks as tokens do; each holds the marker once: where it stands
// twice, it has a capital letter once.
var words = [...]string{" lindworm", " lindworms", " the lindworm", ",\\n lindworm", " lindworm-like", " \\\"lindworm\\\"", " Lindworm, lindworm", " lindworm."}

// An answer is rendered once and written many times. Frames are what a provider flushes
// one by one when it streams: head, then a frame for each piece of content, then tail.
type answer struct {
	whole      []byte
	head, tail []byte
	content    [len(words)][]byte
	last       func(chunks int) []byte // the tail, where it repeats the content
}

// parseModel reads a stream's shape back from scenario.model.
func parseModel(model string) (stream, error) {
	if model == "answer" {
		return stream{}, nil
	}
	rest, ok := strings.CutPrefix(model, "stream-")
	count, gap, both := strings.Cut(rest, "-")
	n, err1 := strconv.Atoi(count)
	ms, err2 := strconv.Atoi(gap)
	if !ok || !both || err1 != nil || err2 != nil || n < 1 || n > 100000 || ms < 0 || ms > 60000 {
		return stream{}, fmt.Errorf("model %q is neither answer nor stream-CHUNKS-MILLISECONDS", model)
	}
	return stream{n, time.Duration(ms) * time.Millisecond}, nil
}

// wholeText is the content of an answer that does not stream, escaped for JSON.
var wholeText = strings.Repeat("The lindworm slept below the third arch. ", 14)

const (
	openAIUsage = `{"prompt_tokens":212,"completion_tokens":140,"total_tokens":352,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
	openAIFrame = `data: {"id":"chatcmpl-C7x2nVwq0sT9hYd4LrKfJ5bZ","object":"chat.completion.chunk","created":1767225600,"model":"gpt-5-mini-2025-08-07","service_tier":"default","system_fingerprint":"fp_51db84afab","choices":[%s],"usage":%s,"obfuscation":"Qh3vT"}` + "\n\n"
)

// openAIAnswer has the shape of OpenAI's chat completions, field by field.
func openAIAnswer() *answer {
	choice := func(delta, finish string) string {
		return fmt.Sprintf(`{"index":0,"delta":{%s},"logprobs":null,"finish_reason":%s}`, delta, finish)
	}
	a := &answer{
		whole: fmt.Appendf(nil, `{"id":"chatcmpl-C7x2nVwq0sT9hYd4LrKfJ5bZ","object":"chat.completion","created":1767225600,"model":"gpt-5-mini-2025-08-07","choices":[{"index":0,"message":{"role":"assistant","content":"%s","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":%s,"service_tier":"default","system_fingerprint":"fp_51db84afab"}`, wholeText, openAIUsage),
		head:  fmt.Appendf(nil, openAIFrame, choice(`"role":"assistant","content":"","refusal":null`, "null"), "null"),
	}
	for i, w := range words {
		a.content[i] = fmt.Appendf(nil, openAIFrame, choice(`"content":"`+w+`"`, "null"), "null")
	}
	a.tail = fmt.Appendf(a.tail, openAIFrame, choice("", `"stop"`), "null")
	a.tail = fmt.Appendf(a.tail, openAIFrame, "", openAIUsage)
	a.tail = append(a.tail, "data: [DONE]\n\n"...)
	return a
}

const anthropicFrame = "event: %s\ndata: {\"type\":\"%[1]s\"%s}\n\n"

// anthropicAnswer has the shape of Anthropic's messages.
func anthropicAnswer() *answer {
	start := `{"id":"msg_01XqYfP9tWn3vBk7LcRdJ2hS","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[%s],"stop_reason":%s,"stop_sequence":null,"usage":{"input_tokens":212,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":%d,"service_tier":"standard"}}`
	a := &answer{whole: fmt.Appendf(nil, start, `{"type":"text","text":"`+wholeText+`"}`, `"end_turn"`, 140)}
	a.head = fmt.Appendf(a.head, anthropicFrame, "message_start", `,"message":`+fmt.Sprintf(start, "", "null", 1))
	a.head = fmt.Appendf(a.head, anthropicFrame, "content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`)
	a.head = fmt.Appendf(a.head, anthropicFrame, "ping", "")
	for i, w := range words {
		a.content[i] = fmt.Appendf(nil, anthropicFrame, "content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":"`+w+`"}    `)
	}
	a.tail = fmt.Appendf(a.tail, anthropicFrame, "content_block_stop", `,"index":0`)
	a.tail = fmt.Appendf(a.tail, anthropicFrame, "message_delta", `,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":212,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":140}`)
	a.tail = fmt.Appendf(a.tail, anthropicFrame, "message_stop", "")
	return a
}

const responsesFrame = "event: %s\ndata: {\"type\":\"%[1]s\",\"sequence_number\":%d%s}\n\n"

// responsesAnswer has the shape of OpenAI's Responses; its deltas are not counted up.
func responsesAnswer() *answer {
	const id = `"item_id":"msg_0a4f1c77d2e95b3800695f2e01","output_index":0,"content_index":0`
	usage := `{"input_tokens":212,"input_tokens_details":{"cached_tokens":0},"output_tokens":140,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":352}`
	response := func(status, output, usage string) string {
		return fmt.Sprintf(`{"id":"resp_0a4f1c77d2e95b3800695f2e00","object":"response","created_at":1767225600,"status":"%s","background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":2048,"max_tool_calls":null,"model":"gpt-5-mini-2025-08-07","output":[%s],"parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"service_tier":"default","store":false,"temperature":0.7,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"disabled","usage":%s,"user":null,"metadata":{}}`, status, output, usage)
	}
	part := func(text string) string {
		return `{"type":"output_text","annotations":[],"logprobs":[],"text":"` + text + `"}`
	}
	item := func(status, parts string) string {
		return fmt.Sprintf(`{"id":"msg_0a4f1c77d2e95b3800695f2e01","type":"message","status":"%s","content":[%s],"role":"assistant"}`, status, parts)
	}
	a := &answer{whole: []byte(response("completed", item("completed", part(wholeText)), usage))}
	a.head = fmt.Appendf(a.head, responsesFrame, "response.created", 0, `,"response":`+response("in_progress", "", "null"))
	a.head = fmt.Appendf(a.head, responsesFrame, "response.in_progress", 1, `,"response":`+response("in_progress", "", "null"))
	a.head = fmt.Appendf(a.head, responsesFrame, "response.output_item.added", 2, `,"output_index":0,"item":`+item("in_progress", ""))
	a.head = fmt.Appendf(a.head, responsesFrame, "response.content_part.added", 3, `,`+id+`,"part":`+part(""))
	for i, w := range words {
		a.content[i] = fmt.Appendf(nil, responsesFrame, "response.output_text.delta", 4, `,`+id+`,"delta":"`+w+`","logprobs":[],"obfuscation":"Qh3vT"`)
	}
	a.last = func(chunks int) []byte {
		var said strings.Builder
		for i := range chunks {
			said.WriteString(words[i%len(words)])
		}
		text, n := said.String(), chunks+4
		b := fmt.Appendf(nil, responsesFrame, "response.output_text.done", n, `,`+id+`,"logprobs":[],"text":"`+text+`"`)
		b = fmt.Appendf(b, responsesFrame, "response.content_part.done", n+1, `,`+id+`,"part":`+part(text))
		b = fmt.Appendf(b, responsesFrame, "response.output_item.done", n+2, `,"output_index":0,"item":`+item("completed", part(text)))
		return fmt.Appendf(b, responsesFrame, "response.completed", n+3, `,"response":`+response("completed", item("completed", part(text)), usage))
	}
	return a
}

// geminiAnswer has the shape of Gemini's generateContent: counts come with every chunk.
func geminiAnswer() *answer {
	body := func(text, finish string, out int) string {
		return fmt.Sprintf(`{"candidates": [{"content": {"parts": [{"text": "%s"}],"role": "model"},%s"index": 0}],"usageMetadata": {"promptTokenCount": 212,"candidatesTokenCount": %d,"totalTokenCount": %d,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 212}]},"modelVersion": "gemini-3-flash","responseId": "kT9hYd4LrKfJ5bZC7x2nVw"}`, text, finish, out, 212+out)
	}
	const stop = `"finishReason": "STOP",`
	a := &answer{whole: []byte(body(wholeText, stop, 140))}
	for i, w := range words {
		a.content[i] = []byte("data: " + body(w, "", 12) + "\r\n\r\n")
	}
	a.tail = []byte("data: " + body("", stop, 140) + "\r\n\r\n")
	return a
}
