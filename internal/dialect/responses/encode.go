package responses

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// writer writes one answer: as the API's events, numbered without gaps, or as one response
// object. Text and reasoning are items one after the other; calls of tools may be open side
// by side, as their arguments may come in turns.
type writer struct {
	req   *llm.Request
	a     *dialect.Answer
	names map[string]toolName

	seq       int64 // of the next event
	begun     bool
	id, model string // of an answer that is relayed
	items     []*item
	open      int // the message or the reasoning that is being written, -1 none
	size      int // bytes collected

	early  [][]byte // citations before any text
	losses []llm.Loss
	finish llm.Finish
	tier   string
	kept   Kept
	echo   []byte // what the response object says of the request
}

// Event takes in an event. What belongs to a choice after the first has no place in the
// API, which has no number of choices to ask for.
func (w *writer) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.ServiceTier != "" {
		w.tier = ev.ServiceTier
	}
	switch ev.Kind {
	case llm.Frame:
		w.passed(ev)
		return append(dst, w.told(ev.Frame)...), nil
	case llm.End:
		if ev.Frame != nil {
			return w.relayed(dst, ev), nil
		}
		return w.end(dst, ev.Usage), nil
	}
	if ev.Choice != 0 {
		return dst, fault.New(fault.Broken, "The provider sent more than one choice, for which this API has no place")
	}
	if w.size += weight(ev); w.size > dialect.MaxBody {
		return dst, fault.New(fault.Broken, "The provider's answer is too long to be one response")
	}
	dst = w.start(dst)
	switch ev.Kind {
	case llm.TextDelta:
		return w.say(dst, textPart, ev.Text), nil
	case llm.RefusalDelta:
		return w.say(dst, refusalPart, ev.Text), nil
	case llm.ReasoningDelta:
		return w.reason(dst, ev.Reasoning), nil
	case llm.ToolStart:
		return w.call(dst, ev), nil
	case llm.ToolDelta:
		return w.argue(dst, ev)
	case llm.AnnotationDelta:
		return w.annotate(dst, ev.Raw), nil
	case llm.LogprobsDelta:
		w.logprobs(ev.Raw)
	case llm.MediaDelta:
		return w.media(dst, ev.Media), nil
	case llm.Stop:
		if ev.Finish == llm.FinishError { // no status of a response says so
			return dst, dialect.Unfinished(ev.Native)
		}
		w.finish = ev.Finish
		return w.closeAll(dst), nil
	}
	return dst, nil
}

// passed notes what the end of a relayed answer would need if that broke off.
func (w *writer) passed(ev *llm.Event) {
	w.begun = true
	if w.id == "" && ev.ID != "" {
		w.id, w.model = strings.Clone(ev.ID), strings.Clone(ev.Model)
	}
	if len(ev.Frame) > 0 && ev.Frame[0] != ':' {
		w.seq++
	}
}

// weight is how many bytes of an event are kept until the answer's end.
func weight(ev *llm.Event) int {
	n := len(ev.Text) + len(ev.Raw)
	if r := ev.Reasoning; r != nil {
		n += len(r.Text) + len(r.Summary) + len(r.Data) + len(r.Signature)
	}
	if m := ev.Media; m != nil {
		n += len(m.URL) + len(m.Image) + len(m.Transcript)
	}
	return n
}

// start sends the events that every stream begins with.
func (w *writer) start(dst []byte) []byte {
	if w.begun {
		return dst
	}
	w.begun = true
	for _, typ := range [...]string{"response.created", "response.in_progress"} {
		if w.req.Stream {
			dst = append(w.head(dst, typ), `,"response":`...)
			dst = append(w.response(dst, "in_progress", nil, nil), end...)
		}
	}
	return dst
}

// add begins an item.
func (w *writer) add(dst []byte, it *item) ([]byte, *item) {
	it.index = len(w.items)
	if it.id == "" {
		it.id = w.name(it.prefix(), it.index)
	}
	w.items = append(w.items, it)
	if w.req.Stream {
		dst = w.itemHead(dst, "response.output_item.added", it)
		dst = append(it.append(append(dst, `,"item":`...), "in_progress"), end...)
	}
	return dst, it
}

// current is the open item when it is of a kind, else a new one after those that are
// closed by it.
func (w *writer) current(dst []byte, kind itemKind, key int64) ([]byte, *item) {
	if w.open >= 0 {
		if it := w.items[w.open]; it.kind == kind && it.key == key {
			return dst, it
		}
		dst = w.close(dst, w.items[w.open])
		w.open = -1
	}
	dst = w.closeCalls(dst, false)
	w.open = len(w.items)
	return w.add(dst, &item{kind: kind, key: key})
}

// closeAll closes every item.
func (w *writer) closeAll(dst []byte) []byte {
	if w.open >= 0 {
		it := w.items[w.open]
		it.cut = it.kind == messageItem && w.incomplete()
		dst = w.close(dst, it)
		w.open = -1
	}
	return w.closeCalls(dst, true)
}

// close ends an item.
func (w *writer) close(dst []byte, it *item) []byte {
	it.done = true
	if it.kind == reasoningItem {
		it.seal()
	}
	if !w.req.Stream {
		return dst
	}
	switch it.kind {
	case messageItem:
		dst = w.closePart(dst, it)
	case reasoningItem:
		dst = w.closeReasoning(dst, it)
	case callItem:
		dst = w.closeArguments(dst, it)
	}
	dst = w.itemHead(dst, "response.output_item.done", it)
	return append(it.append(append(dst, `,"item":`...), w.itemStatus(it)), end...)
}

// itemStatus is how a closed item ended: a call that a limit cut has no whole arguments.
func (w *writer) itemStatus(it *item) string {
	if it.cut || it.kind == callItem && !it.custom && !rawjson.Valid(it.args) {
		return "incomplete"
	}
	return "completed"
}

// incomplete reports whether a limit or a filter ended the answer.
func (w *writer) incomplete() bool {
	return w.finish == llm.FinishLength || w.finish == llm.FinishFilter
}

// end writes what an answer ends with.
func (w *writer) end(dst []byte, u *llm.Usage) []byte {
	dst = w.closeAll(w.start(dst))
	status := "completed"
	if w.incomplete() {
		status = "incomplete"
	}
	if w.req.Stream {
		dst = append(w.head(dst, "response."+status), `,"response":`...)
	}
	at := len(dst)
	if dst = w.response(dst, status, u, nil); !w.keep(dst[at:]) {
		dst = w.response(dst[:at], status, u, nil)
	}
	if w.req.Stream {
		dst = append(dst, end+finished...)
	}
	return dst
}

// Fail ends a stream that broke off with response.failed, which every client knows.
func (w *writer) Fail(dst []byte, e *fault.Error) []byte {
	if !w.req.Stream {
		return Surface{}.EncodeError(dst, e, w.a.Meta)
	}
	dst = w.start(dst)
	dst = append(w.head(dst, "response.failed"), `,"response":`...)
	return append(w.response(dst, "failed", nil, e), end...)
}

// KeepAlive is a comment (SSE, WHATWG HTML §9.2.6).
func (w *writer) KeepAlive(dst []byte) []byte {
	if !w.req.Stream {
		return dst
	}
	return append(dst, ": OPENROUTER PROCESSING\n\n"...)
}

// Losses is what of the answer had no place.
func (w *writer) Losses() []llm.Loss {
	if len(w.early) > 0 {
		w.lose("annotations", "no text came that the citations could belong to")
	}
	return w.losses
}

func (w *writer) lose(path, why string) {
	if !slices.ContainsFunc(w.losses, func(l llm.Loss) bool { return l.Path == path }) {
		w.losses = append(w.losses, llm.Loss{Path: path, Why: why})
	}
}
