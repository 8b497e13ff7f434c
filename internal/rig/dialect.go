package rig

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A dialect is one wire as the rig speaks it, on both sides of the gateway: what clients
// send and check, and what the simulated provider answers.
type dialect struct {
	name      string
	protocol  string // as the gateway's configuration names it
	base      string // what its base URL has after the provider's address
	path      string // of a request to the provider; MODEL stands for the model
	streaming string // the same for a stream, where it differs
	gateway   string // what the gateway has before path
	body      func(model string, messages []message, streamed bool) any
	answer    func() *answer

	content string // what each piece of content has once
	end     string // what is in the last event of a stream
	says    []string
	spaced  bool // the vendor writes a space after a colon
}

// The dialects. Clients speak chat unless a scenario says else.
const (
	openAI    = "chat"
	anthropic = "messages"
	responses = "responses"
	gemini    = "gemini"
)

// routed are the dialects of the routes that are measured, in the order of the report.
var routed = [...]string{openAI, responses, anthropic, gemini}

var dialects = map[string]*dialect{
	openAI: {
		name: "Chat", protocol: "openai.chat", base: "/v1", path: "/v1/chat/completions", gateway: "/api", body: chatBody, answer: openAIAnswer,
		content: marker, end: "data: [DONE]", says: []string{`"completion_tokens":140`, `"finish_reason":"stop"`},
	},
	anthropic: {
		name: "Messages", protocol: "anthropic.messages", path: "/v1/messages", body: messagesBody, answer: anthropicAnswer,
		content: marker, end: "event: message_stop\n", says: []string{`"output_tokens":140`, `"stop_reason":"end_turn"`},
	},
	responses: {
		name: "Responses", protocol: "openai.responses", base: "/v1", path: "/v1/responses", body: responsesBody, answer: responsesAnswer,
		content: `"type":"response.output_text.delta"`, end: "event: response.completed\n", says: []string{`"output_tokens":140`, `"status":"completed"`},
	},
	gemini: {
		name: "Gemini", protocol: "gemini.generateContent", path: "/v1beta/models/MODEL:generateContent", streaming: "/v1beta/models/MODEL:streamGenerateContent?alt=sse",
		body: geminiBody, answer: geminiAnswer,
		content: marker, end: `"finishReason":"STOP"`, says: []string{`"candidatesTokenCount":140`, `"finishReason":"STOP"`}, spaced: true,
	},
}

// at is the path of a request.
func (d *dialect) at(model string, streamed bool) string {
	path := d.path
	if streamed && d.streaming != "" {
		path = d.streaming
	}
	return strings.Replace(path, "MODEL", model, 1)
}

// check says what is wrong with an answer: status, end, amount of content, usage.
func (d *dialect) check(status int, body []byte, chunks int) error {
	if status != http.StatusOK {
		return fmt.Errorf("status %d: %.300s", status, body)
	}
	if d.spaced {
		body = bytes.ReplaceAll(body, []byte(`": `), []byte(`":`))
	}
	for _, s := range d.says {
		if !bytes.Contains(body, []byte(s)) {
			return fmt.Errorf("no %s in the answer, which ends in %q", s, tail(body))
		}
	}
	if chunks == 0 {
		if !bytes.Contains(body, []byte(wholeText)) {
			return errors.New("the answer's text is not what the provider sent")
		}
		return nil
	}
	if !d.ends(body) {
		return fmt.Errorf("the stream ends in %q", tail(body))
	}
	if got := bytes.Count(body, []byte(d.content)); got != chunks {
		return fmt.Errorf("%d chunks of content, %d were sent", got, chunks)
	}
	return nil
}

// ends says whether a stream's last event is the mark of its end; a [DONE] may follow where
// it is not the mark itself.
func (d *dialect) ends(body []byte) bool {
	const done = "data: [DONE]"
	event, rest := lastEvent(body)
	if string(event) == done && d.end != done {
		event, _ = lastEvent(rest)
	}
	return bytes.Contains(event, []byte(d.end))
}

// lastEvent cuts a stream's last event off; nil when the stream does not end with one.
func lastEvent(body []byte) (event, rest []byte) {
	event, ok := bytes.CutSuffix(body, []byte("\n\n"))
	if !ok {
		if event, ok = bytes.CutSuffix(body, []byte("\r\n\r\n")); !ok {
			return nil, nil
		}
	}
	at := 0
	for _, blank := range []string{"\n\n", "\r\n\r\n"} {
		if i := bytes.LastIndex(event, []byte(blank)); i >= 0 {
			at = max(at, i+len(blank))
		}
	}
	return event[at:], event[:at]
}
