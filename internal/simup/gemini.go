package simup

import (
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// gemini is generateContent: generativelanguage.googleapis.com/v1beta/models.
type gemini struct{}

func (gemini) name() string { return "gemini" }

func (gemini) key(r *http.Request) string {
	if k := r.Header.Get("X-Goog-Api-Key"); k != "" {
		return k
	}
	return r.URL.Query().Get("key")
}

// badKey: the real service answers 400 to a wrong key and 403 to none.
func (gemini) badKey(shown bool) *refusal {
	if !shown {
		return &refusal{status: 403, message: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."}
	}
	return invalid("API key not valid. Please pass a valid API key.").at("", "API_KEY_INVALID")
}

func (gemini) noModel(id string) *refusal {
	return &refusal{status: 404, message: "models/" + id + " is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods."}
}

func (gemini) badJSON() *refusal {
	return invalid("Invalid JSON payload received. Expected a value.")
}

func (gemini) overload() int { return 503 }

func (gemini) streamType(a *ask) string {
	if a.array {
		return "application/json; charset=UTF-8"
	}
	return "text/event-stream"
}
func (gemini) jsonType() string { return "application/json; charset=UTF-8" }

func (gemini) begin(r *reply) {
	r.withhold()
	r.id = r.dice.id("", alphanumeric+"_-", 22)
}

// headers: Gemini tells neither a request id nor rate limits.
func (gemini) headers(h http.Header, _ string, d *dice, _ time.Time) {
	set(h, "Server-Timing", "gfet4t7; dur="+strconv.Itoa(20+d.below(400)))
}

var geminiErrors = map[int][2]string{
	400: {"INVALID_ARGUMENT", "Request contains an invalid argument."},
	401: {"UNAUTHENTICATED", "Request had invalid authentication credentials."},
	403: {"PERMISSION_DENIED", "The caller does not have permission"},
	404: {"NOT_FOUND", "Requested entity was not found."},
	429: {"RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."},
	500: {"INTERNAL", "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"},
	503: {"UNAVAILABLE", "The model is overloaded. Please try again later."},
	504: {"DEADLINE_EXCEEDED", "Deadline expired before operation could complete."},
}

func (gemini) refuse(dst []byte, e *refusal, _ string) []byte {
	return indent(dst, appendGeminiError(nil, e), "  ")
}

func appendGeminiError(b []byte, e *refusal) []byte {
	known, ok := geminiErrors[e.status]
	if !ok {
		known = [2]string{pick(e.status < 500, "FAILED_PRECONDITION", "UNAVAILABLE"), fallbackMessage(e.status)}
	}
	message := e.message
	if message == "" {
		message = known[1]
	}
	b = strconv.AppendInt(append(b, `{"error":{"code":`...), int64(e.status), 10)
	b = rawjson.AppendString(append(b, `,"message":`...), message)
	b = append(append(b, `,"status":"`...), known[0]...)
	b = append(b, '"')
	switch {
	case e.code != "":
		b = rawjson.AppendString(append(b, `,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":`...), e.code)
		b = append(b, `,"domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}},{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"en-US","message":`...)
		b = append(rawjson.AppendString(b, message), `}]`...)
	case e.status == 429:
		b = append(b, `,"details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_content_requests","quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"`...)
		b = append(strconv.AppendInt(b, int64(e.retryAfter), 10), `s"}]`...)
	}
	return append(b, "}}"...)
}

func (w gemini) event(dst []byte, r *reply, e *refusal) []byte {
	if r.array { // the first element, or one more
		return append(w.refuse(append(dst, pick(r.fault.ErrorAfter == 0, "[", "\n,\r\n")...), e, ""), ']')
	}
	dst = appendGeminiError(append(dst, "data: "...), e)
	return append(dst, "\r\n\r\n"...)
}
