package responses

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// item reads an item of the output when it begins and when it is whole. What its deltas
// have not said is said by its end.
func (a *answer) item(index int64, it rawjson.Node, whole bool) error {
	h, err := a.at(index)
	if err != nil || h.closed {
		return err
	}
	if id := it.Get("id").Str(); h.id == "" && id != "" {
		h.id = id
	}
	h.kind, h.closed = field.Word(it.Get("type")), whole
	switch h.kind {
	case "function_call", "custom_tool_call":
		return a.call(h, it, whole)
	case "message":
		if whole {
			return a.message(h, it)
		}
	case "reasoning":
		if whole {
			return a.reasoned(h, it)
		}
	case "image_generation_call":
		if data := it.Get("result").Str(); whole && data != "" {
			return a.Send(llm.Event{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, URL: "data:image/" + imageType(it) + ";base64," + data,
				Revised: it.Get("revised_prompt").Str()}})
		}
	case "web_search_call":
		if whole {
			a.searches++
		}
	default:
		if whole {
			a.Lose(fmt.Sprintf("output[%d]", index), dialect.Clip("an item of the type "+h.kind+" has no place in the canonical form", 160))
		}
	}
	return nil
}

func imageType(it rawjson.Node) string {
	if f := it.Get("output_format").Str(); f != "" {
		return f
	}
	return "png"
}

// call begins a call, and ends it with the arguments that have not come. The input of a
// freeform tool is one text, which becomes the one argument of a function.
func (a *answer) call(h *heard, it rawjson.Node, whole bool) error {
	h.custom = h.kind == "custom_tool_call"
	if h.call < 0 {
		h.call = a.calls
		a.calls++
		ev := llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: h.call, ID: it.Get("call_id").Str(), Name: it.Get("name").Str()}}
		if ev.Tool.ID == "" {
			ev.Tool.ID = h.id
		}
		if h.custom {
			ev.Text = `{"input":"`
		}
		if err := a.Send(ev); err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	args := it.Get("arguments").Str()
	if h.custom {
		args = unquoted(it.Get("input").Str())
	}
	if h.said < len(args) {
		if err := a.argue(h, args[h.said:]); err != nil {
			return err
		}
	}
	if h.custom {
		return a.Send(llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: h.call}, Text: `"}`})
	}
	return nil
}

// message says what of a message has not come as deltas. Annotations may be said at the
// end alone.
func (a *answer) message(h *heard, it rawjson.Node) error {
	said := h.said > 0
	for p := range it.Get("content").Elems() {
		if !said {
			if err := a.content(h, p); err != nil {
				return err
			}
		}
		if h.notes {
			continue
		}
		for n := range p.Get("annotations").Elems() {
			if err := a.annotation(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// content says a part of a message that has not come as deltas.
func (a *answer) content(h *heard, p rawjson.Node) error {
	if text := p.Get("text"); text.StrLen() > 0 {
		h.said += text.StrLen()
		if err := a.Send(llm.Event{Kind: llm.TextDelta, Text: text.Str()}); err != nil {
			return err
		}
	}
	if text := p.Get("refusal"); text.StrLen() > 0 {
		h.said += text.StrLen()
		if err := a.refuse(text.Str()); err != nil {
			return err
		}
	}
	return a.logprobs(p.Get("logprobs"))
}

// reasoned says what of a reasoning item has not come as deltas, then what is encrypted.
func (a *answer) reasoned(h *heard, it rawjson.Node) error {
	for _, l := range [...]struct {
		list, kind string
		have       int
	}{{"summary", llm.ReasoningSummary, h.summaries}, {"content", llm.ReasoningText, h.thought}} {
		if l.have > 0 {
			continue
		}
		first := true
		for p := range it.Get(l.list).Elems() {
			text := p.Get("text").Str()
			if text == "" {
				continue
			}
			if !first {
				text = "\n\n" + text
			}
			first = false
			if err := a.think(h, l.kind, text); err != nil {
				return err
			}
		}
	}
	if data := it.Get("encrypted_content").Str(); data != "" {
		return a.reason(h, llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: data})
	}
	return nil
}

// whole reads a response object.
func (a *answer) whole(r rawjson.Node) error {
	switch r.Get("status").Str() {
	case "failed", "cancelled":
		return openaichat.FrameFailure(r)
	case "in_progress", "queued":
		return broken(errors.New("the response is not finished"))
	}
	if r.Get("output").Kind() != rawjson.Array {
		return openaichat.Broken("The provider's answer is no response", nil)
	}
	if err := a.start(r); err != nil {
		return err
	}
	return a.end(r)
}

// end reads the response object that an answer ends with. Items that its events left out
// are in it.
func (a *answer) end(r rawjson.Node) error {
	if err := a.start(r); err != nil {
		return err
	}
	if err := a.remainder(r.Get("output")); err != nil {
		return err
	}
	if err := a.unclosed(); err != nil {
		return err
	}
	finish, native := a.why(r)
	if err := a.Send(llm.Event{Kind: llm.Stop, Finish: finish, Native: native}); err != nil {
		return err
	}
	u := readUsage(r.Get("usage"))
	u.WebSearches = max(u.WebSearches, a.searches)
	u.ServiceTier = tier(r)
	return a.End(u)
}

// remainder reads the items that the answer's events left out, or left without an end.
// Items are told by their ids; where an upstream gives the last event's others than before,
// by their places.
func (a *answer) remainder(output rawjson.Node) error {
	known := map[string]int64{}
	for i, h := range a.items {
		if h.id != "" {
			known[h.id] = i
		}
	}
	more := output.Len() > len(a.items)
	i := int64(-1)
	for it := range output.Elems() {
		i++
		at, ok := known[it.Get("id").Str()]
		if !ok {
			at = i
		}
		h := a.items[at]
		if h == nil && !more || h != nil && (h.closed || h.kind != it.Get("type").Str() && h.kind != "") {
			continue
		}
		if err := a.item(at, it, true); err != nil {
			return err
		}
	}
	return nil
}

// unclosed ends the freeform calls that a limit cut, so that their argument is one.
func (a *answer) unclosed() error {
	var open []int
	for _, h := range a.items {
		if h.custom && !h.closed && h.call >= 0 {
			open = append(open, h.call)
		}
	}
	slices.Sort(open)
	for _, call := range open {
		if err := a.Send(llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: call}, Text: `"}`}); err != nil {
			return err
		}
	}
	return nil
}

// why is the finish reason: the API says only what was in the way.
func (a *answer) why(r rawjson.Node) (llm.Finish, string) {
	return finishOf(r, a.calls > 0)
}

func finishOf(r rawjson.Node, calls bool) (llm.Finish, string) {
	status := r.Get("status").Str()
	if status == "incomplete" {
		switch reason := r.At("incomplete_details", "reason").Str(); reason {
		case "content_filter":
			return llm.FinishFilter, reason
		case "":
			return llm.FinishLength, status
		default:
			return llm.FinishLength, reason
		}
	}
	if calls {
		return llm.FinishTools, status
	}
	return llm.FinishStop, status
}
