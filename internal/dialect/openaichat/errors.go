package openaichat

import (
	"encoding/json"
	"maps"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// EncodeError is the error envelope (reference §1.5). It also carries OpenAI's own
// members type, param and code-as-text, which plain OpenAI SDKs read for their typed
// errors; error.code itself is the status, as OpenRouter's clients insist.
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	dst = appendErrorObject(append(dst, `{"error":`...), e)
	if len(meta) > 0 && e.Kind != fault.Internal {
		dst = append(append(dst, `,"openrouter_metadata":`...), meta...)
	}
	return append(dst, '}')
}

func appendErrorObject(dst []byte, e *fault.Error) []byte {
	dst = strconv.AppendInt(append(dst, `{"code":`...), int64(e.HTTPStatus()), 10)
	dst = rawjson.AppendString(append(dst, `,"message":`...), e.Message())
	dst = rawjson.AppendString(append(dst, `,"type":`...), openAIType(e))
	if e.Param != "" {
		dst = rawjson.AppendString(append(dst, `,"param":`...), e.Param)
	}
	dst = append(append(dst, `,"metadata":`...), errorMetadata(e)...)
	if e.Availability != nil {
		if raw, err := json.Marshal(e.Availability); err == nil {
			dst = append(append(dst, `,"availability":`...), raw...)
		}
	}
	return append(dst, '}')
}

// errorMetadata is off the hot path: an error is rare and its facts are open-ended.
func errorMetadata(e *fault.Error) []byte {
	m := map[string]any{"error_type": e.ErrorType()}
	if e.Kind != fault.Internal {
		maps.Copy(m, e.Metadata)
		if e.Provider != "" {
			m["provider_name"] = e.Provider
		}
		if e.ProviderCode != "" {
			m["provider_code"] = e.ProviderCode
		}
		if e.Code != "" {
			m["code"] = e.Code
		}
	}
	raw, err := json.Marshal(m)
	if err != nil { // a fact that JSON cannot hold must not cost the client the error
		return append(rawjson.AppendString([]byte(`{"error_type":`), e.ErrorType()), '}')
	}
	return raw
}

// openAIType is OpenAI's word for a failure.
func openAIType(e *fault.Error) string {
	switch s := e.HTTPStatus(); {
	case s == 401:
		return "authentication_error"
	case s == 402:
		return "insufficient_quota"
	case s == 403:
		return "permission_error"
	case s == 404:
		return "not_found_error"
	case s == 429:
		return "rate_limit_error"
	case s >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}
