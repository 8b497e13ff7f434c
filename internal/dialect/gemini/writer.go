package gemini

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// writer writes one answer: as response objects in an event stream or in a JSON array, or
// as one whole. Function calls go out whole, because the API has no pieces of arguments;
// everything else of a stream goes out as it comes. The last object says why each
// candidate ended, and what was counted.
type writer struct {
	req      *llm.Request
	a        *dialect.Answer
	array    bool
	thoughts bool // the client sees them

	begun   bool // an element of the array is out
	relayed bool
	lf      bool // relayed frames end their lines in LF alone
	usage   *llm.Usage
	lastUse llm.Usage
	choices []choice
	body    []byte // of the object being written
	scratch []byte // of a part of it
}

// end of an event: Google's SDKs for Go read one kind of line end in a stream, Google's own.
const end = "\r\n\r\n"

func (w *writer) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Usage != nil {
		w.lastUse = *ev.Usage
		w.usage = &w.lastUse
	}
	switch ev.Kind {
	case llm.Frame:
		return w.relay(dst, ev.Frame), nil
	case llm.End:
		if !w.req.Stream && ev.Frame != nil {
			return append(dst, ev.Frame...), nil
		}
		if w.relayed {
			return w.close(dst), nil
		}
		return w.finish(dst), nil
	case llm.Start:
		return dst, nil
	}
	if ev.Choice < 0 || ev.Choice >= maxCandidates {
		return dst, fault.New(fault.Broken, "The provider sent more choices than this API has room for")
	}
	for len(w.choices) <= ev.Choice {
		w.choices = append(w.choices, choice{index: len(w.choices)})
	}
	return w.piece(dst, &w.choices[ev.Choice], ev)
}

// piece takes in what belongs to one candidate.
func (w *writer) piece(dst []byte, c *choice, ev *llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.RefusalDelta: // a reason to be told at the end, or the answer
		c.refusal = append(c.refusal, ev.Text...)
	case llm.TextDelta:
		if ev.Text == "" {
			return dst, nil
		}
		return w.say(w.calls(dst, c, false), c, ev.Text), nil
	case llm.ReasoningDelta:
		return w.reason(dst, c, ev.Reasoning), nil
	case llm.ToolStart:
		return w.seal(dst, c), c.begin(ev)
	case llm.ToolDelta:
		return dst, c.argue(ev)
	case llm.MediaDelta:
		return w.media(w.calls(dst, c, false), c, ev.Media), nil
	case llm.AnnotationDelta:
		c.annotate(ev.Raw)
	case llm.LogprobsDelta:
		c.logprobs(ev.Raw)
	case llm.Stop:
		c.finish, c.native = ev.Finish, ev.Native
		if len(c.refusal) > 0 && c.finish != llm.FinishFilter {
			dst = w.say(w.calls(dst, c, false), c, string(c.refusal))
		}
		return w.leftovers(w.calls(w.seal(dst, c), c, true), c), nil
	}
	return dst, nil
}

// part sends a part of a candidate, or puts it with the others of a whole answer.
func (w *writer) part(dst []byte, c *choice, part []byte) []byte {
	if !w.req.Stream {
		c.parts = append(comma(c.parts), part...)
		return dst
	}
	w.body = append(w.body[:0], `{"candidates":[{"content":{"parts":[`...)
	w.body = append(append(w.body, part...), `],"role":"model"},"index":`...)
	w.body = append(strconv.AppendInt(w.body, int64(c.index), 10), "}]"...)
	w.body = append(w.names(w.body), '}')
	return w.object(dst, w.body)
}

// names appends the members that tell answers apart.
func (w *writer) names(dst []byte) []byte {
	dst = rawjson.AppendString(append(dst, `,"modelVersion":`...), w.a.Model)
	return rawjson.AppendString(append(dst, `,"responseId":`...), w.a.GenerationID)
}

// object frames one response object of a stream.
func (w *writer) object(dst, body []byte) []byte {
	if !w.array {
		return append(append(append(dst, "data: "...), body...), end...)
	}
	if w.begun {
		dst = append(dst, ",\r\n"...)
	} else {
		dst = append(dst, '[')
	}
	w.begun = true
	return append(dst, body...)
}

// close ends a stream.
func (w *writer) close(dst []byte) []byte {
	if !w.array {
		return dst
	}
	if !w.begun {
		dst = append(dst, '[')
	}
	return append(dst, "]\r\n"...)
}

// relay passes a frame of Google's, as the event it is or as an element of the array.
func (w *writer) relay(dst, frame []byte) []byte {
	w.relayed = true
	if !w.array {
		w.lf = !bytes.HasSuffix(frame, []byte(end))
		return append(dst, frame...)
	}
	f, _, _ := sse.Cut(frame, true)
	if len(f.Data) == 0 {
		return dst
	}
	return w.object(dst, f.Data)
}

// finish writes the last object of a stream, or the whole answer.
func (w *writer) finish(dst []byte) []byte {
	for i := range w.choices {
		c := &w.choices[i]
		dst = w.leftovers(w.calls(w.seal(dst, c), c, true), c)
	}
	b := w.body[:0]
	if !w.req.Stream { // the object is all there is
		b = dst
	}
	b = append(b, `{"candidates":[`...)
	for i := range w.choices {
		if i > 0 {
			b = append(b, ',')
		}
		b = w.choices[i].appendLast(b, !w.req.Stream)
	}
	b = w.counts(append(b, ']'))
	b = w.names(b)
	if len(w.a.Meta) > 0 {
		b = append(append(b, `,"openrouter_metadata":`...), w.a.Meta...)
	}
	b = append(b, '}')
	if !w.req.Stream {
		return b
	}
	w.body = b
	return w.close(w.object(dst, w.body))
}

// Fail is the envelope, which Google puts into a broken stream as it is. Not every client
// minds it there, so the connection is cut after it, and an array is not closed.
func (w *writer) Fail(dst []byte, e *fault.Error) []byte {
	if w.array {
		return w.object(dst, appendError(nil, e, w.a.Meta))
	}
	dst = appendError(dst, e, w.a.Meta)
	if w.req.Stream {
		dst = append(dst, end...)
	}
	return dst
}

// Cuts reports that a stream which failed has no end for every client.
func (w *writer) Cuts() bool { return w.req.Stream }

// KeepAlive is an empty event, or white space in the array: Google's SDKs take no comments.
func (w *writer) KeepAlive(dst []byte) []byte {
	switch {
	case !w.req.Stream:
		return dst
	case w.array:
		return append(dst, '\n')
	case w.lf:
		return append(dst, "\n\n"...)
	}
	return append(dst, end...)
}

// counts appends usageMetadata (https://ai.google.dev/api/generate-content#UsageMetadata):
// the prompt holds what was cached, the candidates hold no thoughts, the total is all.
func (w *writer) counts(dst []byte) []byte {
	u := w.usage
	if u == nil || u.State == llm.UsageMissing {
		return dst
	}
	num := func(name string, n int64) {
		if n > 0 {
			dst = strconv.AppendInt(append(append(append(dst, ",\""...), name...), `":`...), n, 10)
		}
	}
	dst = strconv.AppendInt(append(dst, `,"usageMetadata":{"promptTokenCount":`...), u.Prompt(), 10)
	dst = strconv.AppendInt(append(dst, `,"candidatesTokenCount":`...), u.Completion()-u.Reasoning, 10)
	dst = strconv.AppendInt(append(dst, `,"totalTokenCount":`...), u.Prompt()+u.Completion(), 10)
	num("thoughtsTokenCount", u.Reasoning)
	num("cachedContentTokenCount", u.CacheRead)
	dst = modalities(dst, "promptTokensDetails", u.Prompt()-u.AudioInput-u.ImageInput-u.VideoInput, u.AudioInput, u.ImageInput, u.VideoInput)
	dst = modalities(dst, "candidatesTokensDetails", u.Output, u.AudioOutput, u.ImageOutput, 0)
	if t := u.ServiceTier; t != "" {
		dst = rawjson.AppendString(append(dst, `,"serviceTier":`...), strings.ToLower(t))
	}
	return append(dst, '}')
}

// modalities appends counts by modality, those that are not 0.
func modalities(dst []byte, name string, text, audio, image, video int64) []byte {
	open := `,"` + name + `":[`
	for _, m := range []struct {
		name string
		n    int64
	}{{"TEXT", text}, {"AUDIO", audio}, {"IMAGE", image}, {"VIDEO", video}} {
		if m.n <= 0 {
			continue
		}
		dst = append(append(append(dst, open...), `{"modality":"`...), m.name...)
		dst = append(strconv.AppendInt(append(dst, `","tokenCount":`...), m.n, 10), '}')
		open = ","
	}
	if open == "," {
		dst = append(dst, ']')
	}
	return dst
}
