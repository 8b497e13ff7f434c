package simup

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// anthropic is the Messages API: api.anthropic.com/v1/messages.
type anthropic struct{}

func (anthropic) name() string { return "anthropic" }

func (anthropic) key(r *http.Request) string {
	if k := r.Header.Get("X-Api-Key"); k != "" {
		return k
	}
	k, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return k
}

func (anthropic) badKey(shown bool) *refusal {
	if !shown {
		return &refusal{status: 401, message: "x-api-key header is required"}
	}
	return &refusal{status: 401, message: "invalid x-api-key"}
}

func (anthropic) noModel(id string) *refusal {
	if id == "" {
		return invalid("model: Field required")
	}
	return &refusal{status: 404, message: "model: " + id}
}

func (anthropic) badJSON() *refusal { return invalid("The request body is not valid JSON.") }

func (anthropic) overload() int { return 529 }

func (anthropic) streamType(*ask) string { return "text/event-stream; charset=utf-8" }
func (anthropic) jsonType() string       { return "application/json" }

func (anthropic) begin(r *reply) {
	r.withhold()
	r.id = r.dice.id("msg_01", base58, 22)
	for i := range r.choices {
		for j := range r.choices[i].calls {
			r.choices[i].calls[j].id = r.dice.id("toolu_01", base58, 22)
		}
	}
}

// anthropicLimits are the headers of the rate limits, and their values.
var anthropicLimits = [...]struct{ limit, remaining, reset, value string }{
	{"Anthropic-Ratelimit-Input-Tokens-Limit", "Anthropic-Ratelimit-Input-Tokens-Remaining", "Anthropic-Ratelimit-Input-Tokens-Reset", "2000000"},
	{"Anthropic-Ratelimit-Output-Tokens-Limit", "Anthropic-Ratelimit-Output-Tokens-Remaining", "Anthropic-Ratelimit-Output-Tokens-Reset", "400000"},
	{"Anthropic-Ratelimit-Requests-Limit", "Anthropic-Ratelimit-Requests-Remaining", "Anthropic-Ratelimit-Requests-Reset", "4000"},
	{"Anthropic-Ratelimit-Tokens-Limit", "Anthropic-Ratelimit-Tokens-Remaining", "Anthropic-Ratelimit-Tokens-Reset", "2400000"},
}

func (anthropic) headers(h http.Header, requestID string, _ *dice, now time.Time) {
	reset := now.UTC().Truncate(time.Second).Format(time.RFC3339)
	for _, x := range anthropicLimits {
		set(h, x.limit, x.value)
		set(h, x.remaining, x.value)
		set(h, x.reset, reset)
	}
	set(h, "Request-Id", requestID)
}

// anthropicErrors are the type and the usual message of each status.
var anthropicErrors = map[int][2]string{
	400: {"invalid_request_error", "Invalid request"},
	401: {"authentication_error", "invalid x-api-key"},
	402: {"billing_error", "Your credit balance is too low to access the Anthropic API."},
	403: {"permission_error", "Your API key does not have permission to use the specified resource."},
	404: {"not_found_error", "Not Found"},
	413: {"request_too_large", "Request exceeds the maximum size"},
	429: {"rate_limit_error", "This request would exceed your organization's rate limit. Please reduce the prompt length or the maximum tokens requested, or try again later."},
	500: {"api_error", "Internal server error"},
	504: {"timeout_error", "The request timed out while processing."},
	529: {"overloaded_error", "Overloaded"},
}

func (anthropic) refuse(dst []byte, e *refusal, requestID string) []byte {
	known, ok := anthropicErrors[e.status]
	if !ok {
		known = [2]string{pick(e.status < 500, "invalid_request_error", "api_error"), fallbackMessage(e.status)}
	}
	message := e.message
	if message == "" {
		message = known[1]
	}
	dst = append(dst, `{"type":"error","error":{"type":"`...)
	dst = append(dst, known[0]...)
	dst = rawjson.AppendString(append(dst, `","message":`...), message)
	dst = rawjson.AppendString(append(dst, `},"request_id":`...), requestID)
	return append(dst, '}')
}

func (w anthropic) event(dst []byte, r *reply, e *refusal) []byte {
	dst = w.refuse(append(dst, "event: error\ndata: "...), e, r.requestID)
	return append(dst, "\n\n"...)
}

var anthropicFinish = map[finish]string{finishStop: "end_turn", finishSequence: "stop_sequence", finishLength: "max_tokens", finishTools: "tool_use", finishRefused: "refusal"}

// appendAnthropicStop appends stop_reason and stop_sequence.
func appendAnthropicStop(b []byte, a *answer) []byte {
	b = append(append(b, `"stop_reason":"`...), anthropicFinish[a.finish]...)
	if a.finish == finishRefused {
		b = append(b, `","stop_details":{"type":"refusal","category":null,"explanation":"`+refusedText+`"},"stop_sequence":null`...)
		return b
	}
	return appendOrNull(append(b, `","stop_sequence":`...), a.stop)
}

// appendAnthropicUsage appends the prompt's side, in which input_tokens leaves out what was
// read from or written to the cache.
func appendAnthropicUsage(b []byte, u usage, split bool) []byte {
	b = strconv.AppendInt(append(b, `"input_tokens":`...), u.tokens-u.cached-u.wrote5m-u.wrote1h, 10)
	b = strconv.AppendInt(append(b, `,"cache_creation_input_tokens":`...), u.wrote5m+u.wrote1h, 10)
	b = strconv.AppendInt(append(b, `,"cache_read_input_tokens":`...), u.cached, 10)
	if split {
		b = strconv.AppendInt(append(b, `,"cache_creation":{"ephemeral_5m_input_tokens":`...), u.wrote5m, 10)
		b = strconv.AppendInt(append(b, `,"ephemeral_1h_input_tokens":`...), u.wrote1h, 10)
		b = append(b, '}')
	}
	return strconv.AppendInt(append(b, `,"output_tokens":`...), u.output, 10)
}
