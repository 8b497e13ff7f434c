package rerank

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Encode starts an answer in OpenRouter's shape, in which each result repeats its document.
func (Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json"
	return &ranking{a: a, in: inputOf(req), w: rawjson.Writer{B: []byte(`[`)}}
}

type ranking struct {
	a  *dialect.Answer
	in *llm.RerankInput
	w  rawjson.Writer
}

func (r *ranking) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.RankDelta:
		if ev.Choice < 0 || ev.Choice >= len(r.in.Documents) {
			return dst, openaichat.Broken("The provider ranked a document that was not sent", nil)
		}
		d := &r.in.Documents[ev.Choice]
		w := r.w.Elem()
		w.Open('{')
		w.Key("index").Int(int64(ev.Choice))
		w.Key("relevance_score").Raw(ev.Raw)
		w.Key("document").Open('{')
		if d.Text != "" || d.Image == "" {
			w.Key("text").Str(d.Text)
		}
		if d.Image != "" {
			w.Key("image").Str(d.Image)
		}
		w.Close('}')
		w.Close('}')
	case llm.End:
		dst = rawjson.AppendString(append(dst, `{"id":`...), r.a.GenerationID)
		dst = rawjson.AppendString(append(dst, `,"model":`...), r.a.Model)
		dst = rawjson.AppendString(append(dst, `,"provider":`...), r.a.Provider)
		dst = append(append(append(dst, `,"results":`...), r.w.B...), ']')
		dst = append(dst, `,"usage":{`...)
		if n := ev.Usage.Searches; n > 0 {
			dst = append(strconv.AppendInt(append(dst, `"search_units":`...), n, 10), ',')
		}
		if n := ev.Usage.Prompt(); n > 0 {
			dst = append(strconv.AppendInt(append(dst, `"total_tokens":`...), n, 10), ',')
		}
		if s := ev.Usage.State; s != llm.UsageReported {
			dst = append(rawjson.AppendString(append(dst, `"usage_state":`...), s.String()), ',')
		}
		dst = append(openaichat.AppendCost(dst, r.a.Charged), '}')
		if len(r.a.Meta) > 0 {
			dst = append(append(dst, `,"openrouter_metadata":`...), r.a.Meta...)
		}
		return append(dst, '}'), nil
	}
	return dst, nil
}

// Fail is the whole body of an answer that broke off.
func (r *ranking) Fail(dst []byte, e *fault.Error) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, r.a.Meta)
}

// KeepAlive has nothing to append: one JSON text has no comments.
func (r *ranking) KeepAlive(dst []byte) []byte { return dst }
