package gemini

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// domain names us in the details of errors (google.rpc.ErrorInfo).
const domain = "dragoman"

// appendError is Google's error envelope (https://google.aip.dev/193): the error_type of
// the API as the reason, the member at fault as a field violation, when to come back as
// RetryInfo.
func appendError(dst []byte, e *fault.Error, meta []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"error":{"code":`...), int64(e.HTTPStatus()), 10)
	dst = rawjson.AppendString(append(dst, `,"message":`...), e.Message())
	dst = rawjson.AppendString(append(dst, `,"status":`...), status(e.HTTPStatus()))
	dst = append(dst, `,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":`...)
	dst = rawjson.AppendString(dst, reason(e))
	dst = append(append(dst, `,"domain":"`+domain+`","metadata":{`...), `"error_type":`...)
	dst = rawjson.AppendString(dst, e.ErrorType())
	if e.Provider != "" {
		dst = rawjson.AppendString(append(dst, `,"provider":`...), e.Provider)
	}
	dst = append(dst, "}}"...)
	if e.Param != "" {
		dst = append(dst, `,{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":`...)
		dst = rawjson.AppendString(dst, e.Param)
		dst = append(rawjson.AppendString(append(dst, `,"description":`...), e.Message()), "}]}"...)
	}
	if e.RetryAfter > 0 {
		dst = append(dst, `,{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"`...)
		dst = append(strconv.AppendFloat(dst, e.RetryAfter.Seconds(), 'f', -1, 64), `s"}`...)
	}
	dst = append(dst, "]}"...)
	if len(meta) > 0 && e.Kind != fault.Internal {
		dst = append(append(dst, `,"openrouter_metadata":`...), meta...)
	}
	return append(dst, '}')
}

// reason is the finer word for a failure, in the letters that Google's reasons have.
func reason(e *fault.Error) string {
	word := e.Code
	if a := e.Availability; a != nil {
		word = a.Code
	}
	if e.Kind == fault.NoKey {
		word = "API_KEY_INVALID"
	}
	if word == "" || len(word) > 63 {
		word = e.ErrorType()
	}
	out := []byte(word)
	for i, c := range out {
		if c = upper(c); c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			out[i] = c
		} else {
			out[i] = '_'
		}
	}
	return string(out)
}

// status is Google's word for an HTTP status (google.rpc.Code).
func status(code int) string {
	switch code {
	case 401:
		return "UNAUTHENTICATED"
	case 402:
		return "FAILED_PRECONDITION"
	case 403:
		return "PERMISSION_DENIED"
	case 404:
		return "NOT_FOUND"
	case 409:
		return "ABORTED"
	case 429:
		return "RESOURCE_EXHAUSTED"
	case 499:
		return "CANCELLED"
	case 501:
		return "UNIMPLEMENTED"
	case 502, 503, 529:
		return "UNAVAILABLE"
	case 408, 504:
		return "DEADLINE_EXCEEDED"
	}
	if code < 500 {
		return "INVALID_ARGUMENT"
	}
	return "INTERNAL"
}
