package anthropic

import (
	"encoding/json"
	"fmt"
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// CountSurface answers /v1/messages/count_tokens
// (https://docs.anthropic.com/en/api/messages-count-tokens). The zero value is ready.
type CountSurface struct{}

// Dialect is llm.AnthropicCount.
func (CountSurface) Dialect() llm.Dialect { return llm.AnthropicCount }

// DecodeRequest reads a request, which is one for messages without what concerns answers.
func (CountSurface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	r, err := decode(in, llm.AnthropicCount)
	if err == nil {
		r.Stream = false
	}
	return r, err
}

// Encode starts an answer.
func (CountSurface) Encode(_ *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json"
	return counter{a}
}

// EncodeError is the error envelope of the API.
func (CountSurface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return appendError(dst, e, meta)
}

type counter struct{ a *dialect.Answer }

func (c counter) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Kind != llm.End {
		return dst, nil
	}
	return append(strconv.AppendInt(append(dst, `{"input_tokens":`...), ev.Usage.Prompt(), 10), '}'), nil
}

func (c counter) Fail(dst []byte, e *fault.Error) []byte {
	return appendError(dst, e, c.a.Meta)
}

func (c counter) KeepAlive(dst []byte) []byte { return dst }

// CountAdapter asks an upstream to count. The zero value is ready and has no state.
type CountAdapter struct{}

// Dialect is llm.AnthropicCount.
func (CountAdapter) Dialect() llm.Dialect { return llm.AnthropicCount }

// EncodeRequest edits the client's bytes in place: model and the gateway's own members.
func (CountAdapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.AnthropicCount {
		return dialect.Call{}, nil, fault.New(fault.Refused, "The provider counts only what is asked for in its own dialect")
	}
	call, losses := edit(req, to, "/v1/messages/count_tokens")
	return call, losses, nil
}

// Events is one End whose Usage.Input is the count.
func (CountAdapter) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		var d rawjson.Doc
		raw, err := dialect.ParseBody(&d, r.Header, r.Body)
		if err != nil {
			yield(nil, err)
			return
		}
		n, ok := d.Root().Get("input_tokens").Int()
		if !ok || n < 0 {
			yield(nil, dialect.Broken(fmt.Errorf("the count has no number")))
			return
		}
		yield(&llm.Event{Kind: llm.End, Usage: &llm.Usage{State: llm.UsageReported, Input: n, Raw: raw}}, nil)
	}
}

// Failure is that of Adapter.
func (CountAdapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return Adapter{}.Failure(status, h, body)
}

// appendError is the error envelope (https://docs.anthropic.com/en/api/errors) with the
// API's error_type (reference §3.3). The id is "" before a route was found.
func appendError(dst []byte, e *fault.Error, meta []byte) []byte {
	dst = rawjson.AppendString(append(dst, `{"type":"error","error":{"type":`...), errorWord(e))
	dst = rawjson.AppendString(append(dst, `,"message":`...), e.Message())
	dst = rawjson.AppendString(append(dst, `,"error_type":`...), e.ErrorType())
	if raw, err := json.Marshal(e.Availability); e.Availability != nil && err == nil {
		dst = append(append(dst, `,"availability":`...), raw...)
	}
	dst = append(dst, `},"request_id":`...)
	if e.Generation == "" {
		dst = append(dst, "null"...)
	} else {
		dst = rawjson.AppendString(dst, e.Generation)
	}
	if len(meta) > 0 && e.Kind != fault.Internal {
		dst = append(append(dst, `,"openrouter_metadata":`...), meta...)
	}
	return append(dst, '}')
}

// errorWord is the API's word for a failure (reference §3.3).
func errorWord(e *fault.Error) string {
	switch e.ErrorType() {
	case "authentication":
		return "authentication_error"
	case "permission_denied":
		return "permission_error"
	case "payment_required":
		return "billing_error"
	case "not_found", "image_not_found":
		return "not_found_error"
	case "rate_limit_exceeded":
		return "rate_limit_error"
	case "provider_overloaded":
		return "overloaded_error"
	case "timeout":
		return "timeout_error"
	case "provider_unavailable", "server", "unmapped":
		return "api_error"
	}
	return "invalid_request_error"
}
