package gemini

import (
	"errors"
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// CountSurface answers countTokens (https://ai.google.dev/api/tokens), which counts
// contents or a whole generateContentRequest. Model is that of the path.
type CountSurface struct{ Model string }

// Dialect is llm.GeminiCount.
func (CountSurface) Dialect() llm.Dialect { return llm.GeminiCount }

// ModelInURL is the model of the path.
func (s CountSurface) ModelInURL() string { return s.Model }

// WithModel is the surface for another model.
func (s CountSurface) WithModel(model string) dialect.Surface {
	s.Model = model
	return s
}

// DecodeRequest reads a request.
func (s CountSurface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	return decode(in, llm.GeminiCount, s.Model, false)
}

// Encode starts an answer.
func (CountSurface) Encode(_ *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = jsonType
	return counter{a}
}

// EncodeError is Google's error envelope.
func (CountSurface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return appendError(dst, e, meta)
}

type counter struct{ a *dialect.Answer }

// Event writes what Google counted as it came, and a count of ours in its shape.
func (c counter) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Kind != llm.End {
		return dst, nil
	}
	if ev.Usage.State == llm.UsageReported && len(ev.Usage.Raw) > 0 {
		return append(dst, ev.Usage.Raw...), nil
	}
	return append(strconv.AppendInt(append(dst, `{"totalTokens":`...), ev.Usage.Prompt(), 10), '}'), nil
}

func (c counter) Fail(dst []byte, e *fault.Error) []byte { return appendError(dst, e, c.a.Meta) }

func (c counter) KeepAlive(dst []byte) []byte { return dst }

// CountAdapter asks an upstream to count. The zero value is ready and has no state.
type CountAdapter struct{}

// Dialect is llm.GeminiCount.
func (CountAdapter) Dialect() llm.Dialect { return llm.GeminiCount }

// EncodeRequest edits the client's bytes in place.
func (CountAdapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.GeminiCount {
		return dialect.Call{}, nil, fault.New(fault.Refused, "The provider counts only what is asked for in its own dialect")
	}
	call, losses := edit(req, to, ":countTokens")
	return call, losses, nil
}

// Events is one End whose Usage.Input and CacheRead are the count, and Usage.Raw the answer.
func (CountAdapter) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		var d rawjson.Doc
		raw, err := dialect.ParseBody(&d, r.Header, r.Body)
		if err != nil {
			yield(nil, err)
			return
		}
		n, ok := d.Root().Get("totalTokens").Int()
		if !ok || n < 0 {
			yield(nil, dialect.Broken(errors.New("the count has no number")))
			return
		}
		u := llm.Usage{State: llm.UsageReported, CacheRead: min(count(d.Root().Get("cachedContentTokenCount")), n), Raw: raw}
		u.Input = n - u.CacheRead
		yield(&llm.Event{Kind: llm.End, Usage: &u}, nil)
	}
}

// Failure is that of Adapter.
func (CountAdapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return Adapter{}.Failure(status, h, body)
}
