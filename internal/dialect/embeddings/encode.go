package embeddings

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Encode starts an answer in OpenRouter's shape (reference §3.4).
func (Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json"
	return &list{a: a, base64: inputOf(req).Base64, b: []byte(`{"object":"list","data":[`)}
}

// EncodeError is the envelope of all OpenAI routes (reference §1.5).
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}

// list writes one list of embeddings.
type list struct {
	a      *dialect.Answer
	base64 bool
	b      []byte // the answer up to the last vector
}

func (l *list) Event(dst []byte, ev *llm.Event) (_ []byte, err error) {
	switch ev.Kind {
	case llm.VectorDelta:
		w := rawjson.Writer{B: l.b}
		w.Elem().Open('{')
		w.Key("object").Str("embedding")
		w.Key("index").Int(int64(ev.Choice))
		w.Key("embedding")
		if l.b, err = appendVector(w.B, ev, l.base64); err != nil {
			return dst, openaichat.Broken("The provider sent a vector that cannot be read", err)
		}
		l.b = append(l.b, '}')
	case llm.End:
		if ev.Frame != nil {
			return l.relay(dst, ev)
		}
		dst = append(append(dst, l.b...), `],"model":`...)
		dst = rawjson.AppendString(dst, l.a.Model)
		dst = rawjson.AppendString(append(dst, `,"id":`...), l.a.GenerationID)
		dst = rawjson.AppendString(append(dst, `,"provider":`...), l.a.Provider)
		dst = append(l.usage(append(dst, `,"usage":`...), ev.Usage), l.meta()...)
		return append(dst, '}'), nil
	}
	return dst, nil
}

// relay is the upstream's own list with its usage put right.
func (l *list) relay(dst []byte, ev *llm.Event) ([]byte, error) {
	var doc rawjson.Doc
	if err := doc.Parse(ev.Frame); err != nil {
		return dst, openaichat.Broken("The provider's answer is not JSON", err)
	}
	root := doc.Root()
	var p rawjson.Patch
	drop := map[string]bool{"usage": true, "provider": true, "id": true}
	p.Remove(root, func(k rawjson.Node) bool { return drop[k.Str()] })
	id := root.Get("id").Str()
	if id == "" {
		id = l.a.GenerationID
	}
	p.Append(root, "id", rawjson.AppendString(nil, id))
	p.Append(root, "provider", rawjson.AppendString(nil, l.a.Provider))
	p.Append(root, "usage", l.usage(nil, ev.Usage))
	if len(l.a.Meta) > 0 {
		p.Append(root, "openrouter_metadata", l.a.Meta)
	}
	return p.Apply(dst, ev.Frame), nil
}

func (l *list) usage(dst []byte, u *llm.Usage) []byte {
	dst = strconv.AppendInt(append(dst, `{"prompt_tokens":`...), u.Prompt(), 10)
	dst = strconv.AppendInt(append(dst, `,"total_tokens":`...), u.Prompt(), 10)
	if u.ImageInput+u.AudioInput+u.VideoInput > 0 {
		w := rawjson.Writer{B: append(dst, `,"prompt_tokens_details":{`...)}
		for _, c := range [...]struct {
			name string
			n    int64
		}{{"text_tokens", u.Input}, {"image_tokens", u.ImageInput}, {"audio_tokens", u.AudioInput}, {"video_tokens", u.VideoInput}} {
			if c.n > 0 {
				w.Key(c.name).Int(c.n)
			}
		}
		dst = append(w.B, '}')
	}
	if u.State != llm.UsageReported {
		dst = rawjson.AppendString(append(dst, `,"usage_state":`...), u.State.String())
	}
	return append(openaichat.AppendCost(append(dst, ','), l.a.Charged), '}')
}

func (l *list) meta() []byte {
	if len(l.a.Meta) == 0 {
		return nil
	}
	return append([]byte(`,"openrouter_metadata":`), l.a.Meta...)
}

// Fail is the whole body of an answer that broke off.
func (l *list) Fail(dst []byte, e *fault.Error) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, l.a.Meta)
}

// KeepAlive has nothing to append: one JSON text has no comments.
func (l *list) KeepAlive(dst []byte) []byte { return dst }
