package audio

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Encode starts an answer: one JSON object, or OpenAI's transcript events.
func (Transcriptions) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	if a.ContentType = "application/json"; req.Stream {
		a.ContentType = "text/event-stream"
	}
	return &transcript{a: a, stream: req.Stream}
}

type transcript struct {
	a      *dialect.Answer
	stream bool
}

func (t *transcript) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.Frame:
		return append(dst, ev.Frame...), nil
	case llm.End:
		body, err := t.finish(ev)
		if err != nil || !t.stream {
			return append(dst, body...), err
		}
		return append(sse.AppendData(dst, body), "data: [DONE]\n\n"...), nil
	}
	return dst, nil
}

// finish is the upstream's last object with the usage in OpenRouter's shape.
func (t *transcript) finish(ev *llm.Event) ([]byte, error) {
	var doc rawjson.Doc
	if err := doc.Parse(ev.Frame); err != nil {
		return nil, openaichat.Broken("The provider's transcript is not JSON", err)
	}
	root := doc.Root()
	if t.stream && !root.Get("type").Exists() { // the whole transcript where a stream was asked for
		b := append([]byte(`{"type":"transcript.text.done","text":`), root.Get("text").Raw()...)
		return append(append(append(b, `,"usage":`...), t.usage(ev.Usage)...), '}'), nil
	}
	var p rawjson.Patch
	if v := root.Get("usage"); v.Exists() {
		p.Set(v, t.usage(ev.Usage))
	} else {
		p.Append(root, "usage", t.usage(ev.Usage))
	}
	if len(t.a.Meta) > 0 {
		p.Append(root, "openrouter_metadata", t.a.Meta)
	}
	return p.Apply(nil, ev.Frame), nil
}

// usage is reference §3.7's, with OpenAI's details of tokens.
func (t *transcript) usage(u *llm.Usage) []byte {
	b := []byte{'{'}
	if u.AudioMillis > 0 {
		b = append(b, `"seconds":`...)
		b = append(strconv.AppendFloat(b, float64(u.AudioMillis)/1000, 'f', -1, 64), ',')
	}
	if u.Prompt()+u.Completion() > 0 {
		b = strconv.AppendInt(append(b, `"total_tokens":`...), u.Prompt()+u.Completion(), 10)
		b = strconv.AppendInt(append(b, `,"input_tokens":`...), u.Prompt(), 10)
		if u.AudioInput > 0 { // else nobody has told the audio from the text
			b = strconv.AppendInt(append(b, `,"input_token_details":{"text_tokens":`...), u.Input, 10)
			b = append(strconv.AppendInt(append(b, `,"audio_tokens":`...), u.AudioInput, 10), '}')
		}
		b = append(strconv.AppendInt(append(b, `,"output_tokens":`...), u.Completion(), 10), ',')
	}
	if u.State != llm.UsageReported {
		b = append(rawjson.AppendString(append(b, `"usage_state":`...), u.State.String()), ',')
	}
	return append(openaichat.AppendCost(b, t.a.Charged), '}')
}

// Fail ends a stream with an error event; otherwise it is the whole body.
func (t *transcript) Fail(dst []byte, e *fault.Error) []byte {
	body := openaichat.Surface{}.EncodeError(nil, e, t.a.Meta)
	if !t.stream {
		return append(dst, body...)
	}
	return append(sse.AppendData(dst, append([]byte(`{"type":"error",`), body[1:]...)), "data: [DONE]\n\n"...)
}

// KeepAlive appends a comment to a stream.
func (t *transcript) KeepAlive(dst []byte) []byte {
	if t.stream {
		return append(dst, ": OPENROUTER PROCESSING\n\n"...)
	}
	return dst
}
