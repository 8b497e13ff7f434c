package responses

import (
	"errors"
	"fmt"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// maxItems bounds the items of an answer.
const maxItems = 1024

// answer is the state of one answer.
type answer struct {
	dialect.Teller
	format string
	doc    *rawjson.Doc
	detail llm.ReasoningDetail // of the event being sent

	started  bool
	items    map[int64]*heard
	calls    int
	thoughts int64
	searches int64
}

// heard is what has been read of an item, by its place in the output.
type heard struct {
	kind  string
	id    string
	call  int   // of a call
	block int64 // of reasoning
	said  int   // bytes of text or arguments
	thought,
	summaries int // bytes
	summary int64 // index of the newest part
	notes   bool  // annotations have come
	custom  bool
	closed  bool
}

func broken(err error) error { return openaichat.Broken("The provider's answer broke off", err) }

func (a *answer) read(r dialect.Reply) error {
	if !r.Stream || dialect.IsJSON(r.Header) {
		root, err := openaichat.ReadWhole(r, a.doc)
		if err != nil {
			return err
		}
		return a.whole(root)
	}
	frames := sse.NewReader(r.Body, dialect.MaxFrame)
	defer frames.Close()
	for {
		f, err := frames.Next()
		if err == io.EOF {
			return broken(errors.New("the stream ends before its last response event"))
		}
		if err != nil {
			return openaichat.Cut(err)
		}
		if len(f.Data) == 0 {
			continue
		}
		if err := a.doc.Parse(f.Data); err != nil {
			return broken(err)
		}
		if ended, err := a.frame(a.doc.Root()); ended || err != nil {
			return err
		}
	}
}

// frame reads one event and reports whether it was the last.
func (a *answer) frame(root rawjson.Node) (ended bool, err error) {
	typ := root.Get("type")
	if root.Get("delta").Kind() == rawjson.String {
		return false, a.delta(typ, root)
	}
	switch string(typ.Bytes()) {
	case "response.created", "response.in_progress", "response.queued":
		return false, a.start(root.Get("response"))
	case "response.completed", "response.incomplete":
		return true, a.end(root.Get("response"))
	case "response.failed":
		return false, openaichat.FrameFailure(root.Get("response"))
	case "error", "response.error":
		return false, openaichat.FrameFailure(root)
	case "response.output_item.added", "response.output_item.done":
		return false, a.item(root.Get("output_index").Int64(), root.Get("item"), typ.Is("response.output_item.done"))
	case "response.output_text.annotation.added":
		h, err := a.at(root.Get("output_index").Int64())
		if err != nil {
			return false, err
		}
		h.notes = true
		return false, a.annotation(root.Get("annotation"))
	case "":
		if root.Get("error").Exists() {
			return false, openaichat.FrameFailure(root)
		}
		return false, broken(errors.New("an event has no type"))
	}
	return false, nil // events about the state of an item, whose end says all of it
}

func (a *answer) start(r rawjson.Node) error {
	if a.started {
		return nil
	}
	a.started = true
	return a.Send(llm.Event{Kind: llm.Start, ID: r.Get("id").Str(), Model: r.Get("model").Str(), Created: r.Get("created_at").Int64(), ServiceTier: tier(r)})
}

// tier is what served the request; auto is only what was asked for.
func tier(r rawjson.Node) string {
	if t := r.Get("service_tier").Str(); t != "auto" {
		return t
	}
	return ""
}

// at is what has been heard of the item at a place.
func (a *answer) at(index int64) (*heard, error) {
	h := a.items[index]
	if h == nil {
		if index < 0 || index >= maxItems || len(a.items) >= maxItems {
			return nil, broken(fmt.Errorf("output index %d", index))
		}
		if a.items == nil {
			a.items = map[int64]*heard{}
		}
		h = &heard{call: -1, block: -1}
		a.items[index] = h
	}
	return h, nil
}

// delta reads a piece of text, reasoning or arguments.
func (a *answer) delta(typ, root rawjson.Node) error {
	h, err := a.at(root.Get("output_index").Int64())
	if err != nil {
		return err
	}
	if h.id == "" {
		h.id = root.Get("item_id").Str()
	}
	text := root.Get("delta").Str()
	switch string(typ.Bytes()) {
	case "response.output_text.delta":
		h.said += len(text)
		if err := a.Send(llm.Event{Kind: llm.TextDelta, Text: text}); err != nil {
			return err
		}
		return a.logprobs(root.Get("logprobs"))
	case "response.refusal.delta":
		h.said += len(text)
		return a.refuse(text)
	case "response.reasoning_summary_text.delta", "response.reasoning_summary.delta":
		if n := root.Get("summary_index").Int64(); n != h.summary && h.summaries > 0 {
			text = "\n\n" + text
			h.summary = n
		}
		return a.think(h, llm.ReasoningSummary, text)
	case "response.reasoning_text.delta", "response.reasoning.delta":
		return a.think(h, llm.ReasoningText, text)
	case "response.function_call_arguments.delta":
		return a.argue(h, text)
	case "response.custom_tool_call_input.delta":
		return a.argue(h, unquoted(text))
	}
	return nil // such as the code of a tool that the provider runs
}

// unquoted is a piece of a JSON string.
func unquoted(text string) string {
	q := rawjson.AppendString(nil, text)
	return string(q[1 : len(q)-1])
}

func (a *answer) refuse(text string) error {
	return a.Send(llm.Event{Kind: llm.RefusalDelta, Text: text})
}

// think sends an increment of an item's reasoning.
func (a *answer) think(h *heard, kind, text string) error {
	if kind == llm.ReasoningSummary {
		h.summaries += len(text)
		return a.reason(h, llm.ReasoningDetail{Type: kind, Summary: text})
	}
	h.thought += len(text)
	return a.reason(h, llm.ReasoningDetail{Type: kind, Text: text})
}

func (a *answer) reason(h *heard, d llm.ReasoningDetail) error {
	if h.block < 0 {
		h.block = a.thoughts
		a.thoughts++
	}
	d.ID, d.Format, d.Index = h.id, a.format, h.block
	a.detail = d
	return a.Send(llm.Event{Kind: llm.ReasoningDelta, Reasoning: &a.detail})
}

// argue sends a piece of a call's arguments.
func (a *answer) argue(h *heard, text string) error {
	if h.call < 0 {
		return broken(errors.New("arguments of a call that has not begun"))
	}
	h.said += len(text)
	return a.Send(llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: h.call}, Text: text})
}

// logprobs are in the shape of chat completions already.
func (a *answer) logprobs(list rawjson.Node) error {
	if list.Len() == 0 {
		return nil
	}
	return a.Send(llm.Event{Kind: llm.LogprobsDelta, Raw: append(append([]byte(`{"content":`), list.Raw()...), `,"refusal":null}`...)})
}

// annotation nests a citation under its type, as chat completions have it.
func (a *answer) annotation(n rawjson.Node) error {
	typ := n.Get("type").Str()
	if n.Kind() != rawjson.Object || typ == "" {
		return nil
	}
	out := append(rawjson.AppendString([]byte(`{"type":`), typ), ',')
	out = append(rawjson.AppendString(out, typ), ":{"...)
	first := true
	for k, v := range n.Members() {
		if k.Is("type") {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(append(append(out, k.Raw()...), ':'), v.Raw()...)
	}
	return a.Send(llm.Event{Kind: llm.AnnotationDelta, Raw: append(out, "}}"...)})
}
