package anthropic

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// blockKind is what a block becomes in the canonical form.
type blockKind uint8

const (
	foreignBlock blockKind = iota // nothing
	textBlock
	thinkingBlock
	toolBlock
)

// block is a content block that has begun and not stopped. Its index is the wire's, which
// counts blocks of all kinds.
type block struct {
	kind  blockKind
	index int64

	thought   int64    // number of the reasoning block, once thinking is true
	thinking  bool     // something of the thinking was sent
	call      int      // number of the tool call
	input     []byte   // arguments of the call that came with its start
	argued    bool     // the call's arguments have begun
	from      int      // where in the answer's text the block begins, in characters
	citations [][]byte // annotations without their place, which its end tells
}

func (a *answer) find(index int64) *block {
	for i := range a.blocks {
		if a.blocks[i].index == index {
			return &a.blocks[i]
		}
	}
	return nil
}

// open begins a block; in a whole message it is there with its content.
func (a *answer) open(index int64, n rawjson.Node) error {
	if len(a.blocks) >= maxOpenBlocks {
		return dialect.Broken(fmt.Errorf("more than %d content blocks are open", maxOpenBlocks))
	}
	if a.find(index) != nil { // a proxy left its end out
		if err := a.close(index); err != nil {
			return err
		}
	}
	a.blocks = append(a.blocks, block{index: index, from: a.said})
	b := &a.blocks[len(a.blocks)-1]
	switch typ := n.Get("type"); string(typ.Bytes()) {
	case "text":
		b.kind = textBlock
		for c := range n.Get("citations").Elems() {
			a.cite(b, c)
		}
		return a.say(n.Get("text").Str())
	case "thinking":
		b.kind = thinkingBlock
		return a.think(b, n.Get("thinking").Str(), n.Get("signature").Str())
	case "redacted_thinking":
		a.detail = llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: n.Get("data").Str(), Format: llm.FormatAnthropic, Index: a.thoughts}
		a.thoughts++
		return a.send(llm.Event{Kind: llm.ReasoningDelta, Reasoning: &a.detail})
	case "tool_use":
		return a.call(b, n)
	default:
		a.Lose(fmt.Sprintf("content[%d]", index), "a block of type "+dialect.Clip(typ.Str(), 64)+" has no place in the canonical form")
	}
	return nil
}

// call begins a tool call. A stream sends the arguments in pieces and an empty object
// here.
func (a *answer) call(b *block, n rawjson.Node) error {
	b.kind, b.call = toolBlock, a.calls
	a.calls++
	ev := llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: b.call, ID: n.Get("id").Str(), Name: n.Get("name").Str()}}
	switch input := n.Get("input"); {
	case input.Len() == 0 || input.Kind() != rawjson.Object:
	case a.whole:
		ev.Text, b.argued = string(input.Raw()), true
	default:
		b.input = bytes.Clone(input.Raw())
	}
	if a.whole && !b.argued {
		ev.Text, b.argued = "{}", true
	}
	return a.send(ev)
}

// delta continues a block.
func (a *answer) delta(index int64, n rawjson.Node) error {
	var typ, body rawjson.Node
	for k, v := range n.Members() {
		switch string(k.Raw()) {
		case `"type"`:
			typ = v
		case `"text"`, `"thinking"`, `"partial_json"`, `"signature"`, `"citation"`:
			body = v
		}
	}
	if string(typ.Raw()) == `"text_delta"` {
		return a.say(body.Str())
	}
	b := a.find(index)
	if b == nil {
		a.Lose(fmt.Sprintf("content[%d]", index), "a delta of a block that has not begun")
		return nil
	}
	switch string(typ.Raw()) {
	case `"input_json_delta"`:
		return a.argue(b, body.Str())
	case `"thinking_delta"`:
		return a.think(b, body.Str(), "")
	case `"signature_delta"`:
		return a.think(b, "", body.Str())
	case `"citations_delta"`:
		a.cite(b, body)
	default:
		a.Lose(fmt.Sprintf("content[%d]", index), "a delta of type "+dialect.Clip(typ.Str(), 64)+" has no place in the canonical form")
	}
	return nil
}

func (a *answer) say(text string) error {
	if text == "" {
		return nil
	}
	a.said += utf8.RuneCountInString(text)
	return a.send(llm.Event{Kind: llm.TextDelta, Text: text})
}

func (a *answer) think(b *block, text, signature string) error {
	if b.kind != thinkingBlock || text == "" && signature == "" {
		return nil
	}
	if !b.thinking {
		b.thinking, b.thought = true, a.thoughts
		a.thoughts++
	}
	a.detail = llm.ReasoningDetail{Type: llm.ReasoningText, Text: text, Signature: signature, Format: llm.FormatAnthropic, Index: b.thought}
	return a.send(llm.Event{Kind: llm.ReasoningDelta, Reasoning: &a.detail})
}

// argue sends a piece of a call's arguments; those of tools that the provider runs are
// none of the client's.
func (a *answer) argue(b *block, piece string) error {
	if b.kind != toolBlock || piece == "" {
		return nil
	}
	b.argued = true
	return a.send(llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: b.call}, Text: piece})
}

// close ends a block. A call without arguments sends only empty pieces (wire notes §3).
func (a *answer) close(index int64) error {
	at := slices.IndexFunc(a.blocks, func(b block) bool { return b.index == index })
	if at < 0 {
		return nil
	}
	b := a.blocks[at]
	a.blocks = slices.Delete(a.blocks, at, at+1)
	if b.kind == toolBlock && !b.argued {
		args := "{}"
		if b.input != nil {
			args = string(b.input)
		}
		return a.argue(&b, args)
	}
	return a.annotate(&b)
}
