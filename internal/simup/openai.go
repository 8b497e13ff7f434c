package simup

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// openAI is the chat completions API: api.openai.com/v1/chat/completions.
type openAI struct{}

func (openAI) name() string { return "openai" }

func (openAI) key(r *http.Request) string {
	k, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return k
}

func (openAI) badKey(shown bool) *refusal {
	message := "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."
	code := "invalid_api_key"
	if !shown {
		message, code = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).", ""
	}
	return &refusal{status: 401, message: message, code: code}
}

func (openAI) noModel(id string) *refusal {
	if id == "" {
		return invalid("you must provide a model parameter")
	}
	return &refusal{status: 404, code: "model_not_found",
		message: "The model `" + id + "` does not exist or you do not have access to it."}
}

func (openAI) badJSON() *refusal {
	return invalid("We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)")
}

func (openAI) overload() int { return 503 }

func (openAI) streamType(*ask) string { return "text/event-stream; charset=utf-8" }
func (openAI) jsonType() string       { return "application/json" }

func (openAI) begin(r *reply) {
	r.id = r.dice.id("chatcmpl-", alphanumeric, 29)
	for i := range r.choices {
		for j := range r.choices[i].calls {
			r.choices[i].calls[j].id = r.dice.id("call_", alphanumeric, 24)
		}
	}
}

func (openAI) headers(h http.Header, requestID string, d *dice, _ time.Time) {
	set(h, "Openai-Processing-Ms", strconv.Itoa(20+d.below(400)))
	set(h, "Openai-Version", "2020-10-01")
	set(h, "X-Ratelimit-Limit-Requests", "10000")
	set(h, "X-Ratelimit-Limit-Tokens", "2000000")
	set(h, "X-Ratelimit-Remaining-Requests", "9999")
	set(h, "X-Ratelimit-Remaining-Tokens", "1999900")
	set(h, "X-Ratelimit-Reset-Requests", "6ms")
	set(h, "X-Ratelimit-Reset-Tokens", "2ms")
	set(h, "X-Request-Id", requestID)
}

// openAITypes are the error types of statuses that are not invalid_request_error.
var openAITypes = map[int][2]string{
	429: {"requests", "Rate limit reached for requests. Please try again in a few seconds. Visit https://platform.openai.com/account/rate-limits to learn more."},
	500: {"server_error", "The server had an error while processing your request. Sorry about that!"},
	503: {"server_error", "The engine is currently overloaded, please try again later."},
}

func (openAI) refuse(dst []byte, e *refusal, _ string) []byte {
	kind, message, code := "invalid_request_error", e.message, e.code
	if known, ok := openAITypes[e.status]; ok {
		kind = known[0]
		if message == "" {
			message = known[1]
		}
	} else if e.status >= 500 {
		kind = "server_error"
	}
	if e.status == 429 && code == "" {
		code = "rate_limit_exceeded"
	}
	if message == "" {
		message = fallbackMessage(e.status)
	}
	dst = append(dst, "{\n    \"error\": {\n        \"message\": "...)
	dst = rawjson.AppendString(dst, message)
	dst = append(dst, ",\n        \"type\": "...)
	dst = rawjson.AppendString(dst, kind)
	dst = append(dst, ",\n        \"param\": "...)
	dst = appendOrNull(dst, e.param)
	dst = append(dst, ",\n        \"code\": "...)
	dst = appendOrNull(dst, code)
	return append(dst, "\n    }\n}\n"...)
}

func (w openAI) event(dst []byte, _ *reply, e *refusal) []byte {
	var flat bytes.Buffer
	if err := json.Compact(&flat, w.refuse(nil, e, "")); err != nil {
		panic(err) // our own JSON
	}
	dst = append(append(dst, "data: "...), flat.Bytes()...)
	return append(dst, "\n\n"...)
}

func fallbackMessage(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Status " + strconv.Itoa(status)
}

func appendOrNull(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return rawjson.AppendString(dst, s)
}

// set is Header.Set for names that are canonical already: it looks nothing up.
func set(h http.Header, name, value string) { h[name] = []string{value} }
