package openaitext

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Encode starts an answer. It sets a.ContentType.
func (Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json"
	if req.Stream {
		a.ContentType = "text/event-stream"
	}
	w := &writer{req: req, a: a}
	if root := req.Doc.Root(); root.Get("echo").Bool() {
		w.echo, _ = single(root.Get("prompt"))
	}
	return w
}

// writer writes one answer: chunks as they come, or a body at the End.
type writer struct {
	req     *llm.Request
	a       *dialect.Answer
	echo    string // the prompt, when the client wants it before the text
	id      string // of the upstream's frames, when they are relayed
	mdl     string
	tier    string
	choices []choice
	relayed bool
}

// choice is how far one choice has come. Its texts are kept for a body only.
type choice struct {
	opened          bool
	text, reasoning []byte
	probs           probs
	notes           [][]byte
	finish          llm.Finish
	native          string
}

func (w *writer) at(i int) *choice {
	for len(w.choices) <= i {
		w.choices = append(w.choices, choice{})
	}
	return &w.choices[i]
}

// Event takes in an event. Calls, images and audio cannot come: a prompt asks for none.
func (w *writer) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.Start:
		w.tier = ev.ServiceTier
		return dst, nil
	case llm.Frame:
		w.relayed = true
		if w.id == "" && ev.ID != "" {
			w.id, w.mdl = ev.ID, ev.Model
		}
		if ev.Finish != llm.FinishUnknown && ev.Choice == 0 {
			w.at(0).finish, w.at(0).native = ev.Finish, ev.Native
		}
		return append(dst, ev.Frame...), nil
	case llm.End:
		return w.end(dst, ev), nil
	}
	c := w.at(ev.Choice)
	if !c.opened {
		c.opened = true
		if w.echo != "" {
			c.probs.offset = countChars(w.echo)
			dst = w.text(dst, ev.Choice, w.echo)
		}
	}
	switch ev.Kind {
	case llm.TextDelta, llm.RefusalDelta:
		return w.text(dst, ev.Choice, ev.Text), nil
	case llm.ReasoningDelta:
		return w.reason(dst, ev), nil
	case llm.LogprobsDelta:
		return w.logprobs(dst, ev), nil
	case llm.AnnotationDelta:
		if !w.req.Stream {
			c.notes = append(c.notes, append([]byte(nil), ev.Raw...))
			return dst, nil
		}
		dst = append(append(append(w.open(dst, ev.Choice, ""), `,"annotations":[`...), ev.Raw...), ']')
		return closeChunk(dst, "", ""), nil
	case llm.Stop:
		c.finish, c.native = ev.Finish, ev.Native
		if w.req.Stream {
			return closeChunk(w.open(dst, ev.Choice, ""), ev.Finish, ev.Native), nil
		}
	}
	return dst, nil
}

func (w *writer) text(dst []byte, i int, text string) []byte {
	if text == "" {
		return dst
	}
	if !w.req.Stream {
		c := w.at(i)
		c.text = append(c.text, text...)
		return dst
	}
	return closeChunk(w.open(dst, i, text), "", "")
}

// reason shows reasoning as OpenRouter does, as a member beside the text.
func (w *writer) reason(dst []byte, ev *llm.Event) []byte {
	text := ev.Reasoning.Text + ev.Reasoning.Summary
	if text == "" || w.req.Reasoning != nil && w.req.Reasoning.Exclude {
		return dst
	}
	if !w.req.Stream {
		c := w.at(ev.Choice)
		c.reasoning = append(c.reasoning, text...)
		return dst
	}
	dst = append(w.open(dst, ev.Choice, ""), `,"reasoning":`...)
	return closeChunk(rawjson.AppendString(dst, text), "", "")
}

func (w *writer) logprobs(dst []byte, ev *llm.Event) []byte {
	c := w.at(ev.Choice)
	if !w.req.Stream {
		c.probs.add(ev.Raw)
		return dst
	}
	p := probs{offset: c.probs.offset}
	p.add(ev.Raw)
	c.probs.offset = p.offset
	dst = append(w.open(dst, ev.Choice, ""), `,"logprobs":`...)
	return closeChunk(p.append(dst), "", "")
}

// open appends a chunk up to the text of its choice.
func (w *writer) open(dst []byte, i int, text string) []byte {
	dst = append(w.head(append(dst, "data: "...)), `,"choices":[{"index":`...)
	dst = strconv.AppendInt(dst, int64(i), 10)
	return rawjson.AppendString(append(dst, `,"text":`...), text)
}

func closeChunk(dst []byte, why llm.Finish, native string) []byte {
	return append(appendFinish(dst, why, native), "}]}\n\n"...)
}

func appendFinish(dst []byte, why llm.Finish, native string) []byte {
	if why == llm.FinishUnknown {
		return append(dst, `,"finish_reason":null,"native_finish_reason":null`...)
	}
	dst = rawjson.AppendString(append(dst, `,"finish_reason":`...), why)
	return rawjson.AppendString(append(dst, `,"native_finish_reason":`...), native)
}

// head opens an object with the members that every answer starts with. A relayed answer
// keeps the upstream's id and model in the frames we add.
func (w *writer) head(dst []byte) []byte {
	id, model := w.a.GenerationID, w.a.Model
	if w.id != "" {
		id, model = w.id, w.mdl
	}
	dst = rawjson.AppendString(append(dst, `{"id":`...), id)
	dst = strconv.AppendInt(append(dst, `,"object":"text_completion","created":`...), w.a.Created.Unix(), 10)
	dst = rawjson.AppendString(append(dst, `,"model":`...), model)
	return rawjson.AppendString(append(dst, `,"provider":`...), w.a.Provider)
}

// end is the chunk with the usage and the terminator, or the body. A client that asked for
// usage gets it beside no choice, another beside an empty one, as with chat completions.
func (w *writer) end(dst []byte, ev *llm.Event) []byte {
	switch {
	case !w.req.Stream && ev.Frame != nil:
		at := len(ev.Frame) - 1
		for at > 0 && ev.Frame[at] != '}' {
			at--
		}
		dst = rawjson.AppendString(append(append(dst, ev.Frame[:at]...), `,"provider":`...), w.a.Provider)
	case !w.req.Stream:
		dst = append(w.head(dst), `,"system_fingerprint":null,"choices":[`...)
		for i := range w.choices {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = w.choices[i].append(dst, i)
		}
		dst = append(dst, ']')
	case w.req.Doc.Root().At("stream_options", "include_usage").Bool():
		dst = append(w.head(append(dst, "data: "...)), `,"choices":[]`...)
	default:
		c := w.at(0)
		dst = append(appendFinish(w.open(dst, 0, ""), c.finish, c.native), "}]"...)
	}
	dst = openaichat.AppendUsage(append(dst, `,"usage":`...), ev.Usage, w.a.Charged)
	if ev.Usage.ServiceTier != "" {
		w.tier = ev.Usage.ServiceTier
	}
	if w.tier != "" && ev.Frame == nil {
		dst = rawjson.AppendString(append(dst, `,"service_tier":`...), w.tier)
	}
	if len(w.a.Meta) > 0 {
		dst = append(append(dst, `,"openrouter_metadata":`...), w.a.Meta...)
	}
	dst = append(dst, '}')
	if w.req.Stream {
		dst = append(dst, "\n\ndata: [DONE]\n\n"...)
	}
	return dst
}

func (c *choice) append(dst []byte, i int) []byte {
	dst = strconv.AppendInt(append(dst, `{"index":`...), int64(i), 10)
	dst = rawjson.AppendString(append(dst, `,"text":`...), c.text)
	if len(c.reasoning) > 0 {
		dst = rawjson.AppendString(append(dst, `,"reasoning":`...), c.reasoning)
	}
	dst = c.probs.append(append(dst, `,"logprobs":`...))
	for j, n := range c.notes {
		if j == 0 {
			dst = append(dst, `,"annotations":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(dst, n...)
	}
	if len(c.notes) > 0 {
		dst = append(dst, ']')
	}
	return append(appendFinish(dst, c.finish, c.native), '}')
}

// Fail ends a stream that broke off with an error chunk and no [DONE]; before anything has
// been sent it is the error's body.
func (w *writer) Fail(dst []byte, e *fault.Error) []byte {
	body := Surface{}.EncodeError(nil, e, w.a.Meta)
	if !w.req.Stream {
		return append(dst, body...)
	}
	dst = append(append(dst, "data: "...), body[:len(body)-1]...)
	dst = append(append(dst, ','), w.head(nil)[1:]...)
	dst = append(dst, `,"choices":[{"index":0,"text":"","finish_reason":"error","native_finish_reason":"error"}]`...)
	return append(dst, "}\n\n"...)
}

// KeepAlive is a comment (SSE, WHATWG HTML §9.2.6); nothing for a body.
func (w *writer) KeepAlive(dst []byte) []byte {
	if !w.req.Stream {
		return dst
	}
	return append(dst, ": OPENROUTER PROCESSING\n\n"...)
}
