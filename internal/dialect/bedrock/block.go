package bedrock

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// blockKind is what a block becomes in the canonical form.
type blockKind uint8

const (
	textBlock    blockKind = iota // and reasoning: the wire does not say which will come
	toolBlock                     // a call
	foreignBlock                  // nothing
)

// block is a content block that has begun and not stopped. Its index is the wire's, which
// counts blocks of all kinds.
type block struct {
	kind  blockKind
	index int64

	thought   int64    // number of the reasoning block, once thinking is true
	thinking  bool     // something of the reasoning was sent
	call      int      // number of the tool call
	argued    bool     // the call's arguments have begun
	from      int      // where in the answer's text the block begins, in characters
	citations [][]byte // annotations without their place, which its end tells
}

// at is the open block of an index. Blocks of text and reasoning begin with their first
// delta.
func (a *answer) at(index int64) (*block, error) {
	for i := range a.blocks {
		if a.blocks[i].index == index {
			return &a.blocks[i], nil
		}
	}
	if len(a.blocks) >= maxOpenBlocks {
		return nil, dialect.Broken(fmt.Errorf("more than %d content blocks are open", maxOpenBlocks))
	}
	a.blocks = append(a.blocks, block{index: index, from: a.said})
	return &a.blocks[len(a.blocks)-1], nil
}

// open begins a block that says what it is.
func (a *answer) open(index int64, start rawjson.Node) error {
	b, err := a.at(index)
	if err != nil {
		return err
	}
	for k, v := range start.Members() {
		if k.Is("toolUse") && !v.Get("type").Is("server_tool_use") {
			return a.call(b, v)
		}
		b.kind = foreignBlock
		a.foreign(index, k)
	}
	return nil
}

// foreign notes that a block is none of the client's: the call of a tool that the provider
// runs, its result, generated media.
func (a *answer) foreign(index int64, kind rawjson.Node) {
	a.Lose(fmt.Sprintf("content[%d]", index), "a block of kind "+dialect.Clip(kind.Str(), 64)+" has no place in the canonical form")
}

func (a *answer) call(b *block, n rawjson.Node) error {
	b.kind, b.call = toolBlock, a.calls
	a.calls++
	ev := llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: b.call, ID: n.Get("toolUseId").Str(), Name: n.Get("name").Str()}}
	if a.whole {
		ev.Text, b.argued = "{}", true
		if input := n.Get("input"); input.Kind() == rawjson.Object {
			ev.Text = string(input.Raw())
		}
	}
	return a.send(ev)
}

// delta continues a block.
func (a *answer) delta(index int64, n rawjson.Node) error {
	b, err := a.at(index)
	if err != nil || b.kind == foreignBlock {
		return err
	}
	for k, v := range n.Members() {
		switch string(k.Bytes()) {
		case "text":
			err = a.say(v.Str())
		case "toolUse":
			err = a.argue(b, v.Get("input").Str())
		case "reasoningContent":
			err = a.reason(b, v)
		case "citation":
			a.cite(b, v)
		default:
			a.foreign(index, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// block reads a whole block.
func (a *answer) block(index int64, n rawjson.Node) error {
	b, err := a.at(index)
	if err != nil {
		return err
	}
	for k, v := range n.Members() {
		switch kind := string(k.Bytes()); {
		case kind == "text":
			err = a.say(v.Str())
		case kind == "toolUse" && !v.Get("type").Is("server_tool_use"):
			err = a.call(b, v)
		case kind == "reasoningContent":
			if t := v.Get("reasoningText"); t.Exists() {
				v = t
			}
			err = a.reason(b, v)
		case kind == "citationsContent":
			for c := range v.Get("content").Elems() {
				if err == nil {
					err = a.say(c.Get("text").Str())
				}
			}
			for c := range v.Get("citations").Elems() {
				a.cite(b, c)
			}
		default:
			a.foreign(index, k)
		}
		if err != nil {
			return err
		}
	}
	return a.close(index)
}

func (a *answer) say(text string) error {
	if text == "" {
		return nil
	}
	a.said += utf8.RuneCountInString(text)
	return a.send(llm.Event{Kind: llm.TextDelta, Text: text})
}

// reason sends an increment of reasoning: text, signature, or a redacted block, which is
// whole.
func (a *answer) reason(b *block, n rawjson.Node) error {
	text, signature, redacted := n.Get("text").Str(), n.Get("signature").Str(), n.Get("redactedContent").Str()
	if text == "" && signature == "" && redacted == "" {
		return nil
	}
	if !b.thinking {
		b.thinking, b.thought = true, a.thoughts
		a.thoughts++
	}
	a.detail = llm.ReasoningDetail{Type: llm.ReasoningText, Text: text, Signature: signature, Format: a.format, Index: b.thought}
	if redacted != "" {
		raw, err := base64.StdEncoding.DecodeString(redacted)
		if err != nil {
			return dialect.Broken(fmt.Errorf("redacted reasoning: %w", err))
		}
		a.detail = llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: string(raw), Format: a.format, Index: b.thought}
	}
	return a.send(llm.Event{Kind: llm.ReasoningDelta, Reasoning: &a.detail})
}

func (a *answer) argue(b *block, piece string) error {
	if b.kind != toolBlock || piece == "" {
		return nil
	}
	b.argued = true
	return a.send(llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: b.call}, Text: piece})
}

// cite keeps a citation until its block ends: it holds for all of the block's text. What
// cites a document of the request rather than a page has no annotation in OpenAI's shape.
func (a *answer) cite(b *block, c rawjson.Node) {
	url := c.At("location", "web", "url").Str()
	if url == "" {
		a.Lose(fmt.Sprintf("content[%d].citations", b.index), "a citation of a document has no place in the canonical form")
		return
	}
	if len(b.citations) >= maxCitations {
		a.Lose(fmt.Sprintf("content[%d].citations", b.index), "more citations than can be held")
		return
	}
	title := c.Get("title").Str()
	if title == "" {
		title = c.At("location", "web", "domain").Str()
	}
	j := rawjson.AppendString([]byte(`{"type":"url_citation","url_citation":{"url":`), url)
	j = rawjson.AppendString(append(j, `,"title":`...), title)
	for s := range c.Get("sourceContent").Elems() {
		if text := s.Get("text").Str(); text != "" {
			j = rawjson.AppendString(append(j, `,"content":`...), text)
			break
		}
	}
	b.citations = append(b.citations, j)
}

// close ends a block. A call without arguments sends only empty pieces, or none.
func (a *answer) close(index int64) error {
	at := slices.IndexFunc(a.blocks, func(b block) bool { return b.index == index })
	if at < 0 {
		return nil
	}
	b := a.blocks[at]
	a.blocks = slices.Delete(a.blocks, at, at+1)
	if b.kind == toolBlock && !b.argued {
		return a.argue(&b, "{}")
	}
	for _, j := range b.citations {
		j = strconv.AppendInt(append(j, `,"start_index":`...), int64(b.from), 10)
		j = strconv.AppendInt(append(j, `,"end_index":`...), int64(a.said), 10)
		if err := a.send(llm.Event{Kind: llm.AnnotationDelta, Raw: append(j, "}}"...)}); err != nil {
			return err
		}
	}
	return nil
}
