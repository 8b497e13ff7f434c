package gemini

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// choice is the state of one candidate that is written.
type choice struct {
	index  int
	finish llm.Finish
	native string

	parts      []byte // of a whole answer
	refusal    []byte // what a provider says of why it refuses
	transcript []byte // of audio, all of it
	said       []byte // all text so far, which citations count in

	open    string // kind of the part that a whole answer collects: text, thought, audio; "" none
	from    int    // where it begins in said, of a text
	text    []byte // of it, of a thought or audio
	key     int64  // which block of reasoning it is
	block   bool   // a block of reasoning is open
	foreign llm.ReasoningDetail
	thought []byte                // its text, shown or not
	turn    []llm.ReasoningDetail // other vendors' reasoning for the next call to carry
	sign    string                // Google's signature for the next text
	signs   map[string]string     // Google's signatures by the id of the call they are for

	pending []pendingCall // calls whose arguments may go on
	sent    int           // calls before those of pending

	chosen, top []byte // of logprobs
	chunks      []byte // sources of citations
	supports    []byte
	sources     map[string]int
}

// say writes text.
func (w *writer) say(dst []byte, c *choice, text string) []byte {
	dst = w.seal(dst, c)
	if c.sign == "" && !w.req.Stream {
		dst = w.collect(dst, c, "text")
		c.said = append(c.said, text...)
		return dst
	}
	dst = w.settle(dst, c)
	c.said = append(c.said, text...)
	p := rawjson.AppendString(append(w.scratch[:0], `{"text":`...), text)
	if c.sign != "" {
		p = rawjson.AppendString(append(p, `,"thoughtSignature":`...), c.sign)
		c.sign = ""
	}
	w.scratch = append(p, '}')
	return w.part(dst, c, w.scratch)
}

// collect opens a part of a whole answer unless it is open.
func (w *writer) collect(dst []byte, c *choice, kind string) []byte {
	if c.open == kind {
		return dst
	}
	dst = w.settle(dst, c)
	c.open, c.from = kind, len(c.said)
	return dst
}

// settle closes the part that a whole answer collects.
func (w *writer) settle(dst []byte, c *choice) []byte {
	kind := c.open
	c.open = ""
	switch kind {
	case "":
		return dst
	case "text":
		c.collected(c.said[c.from:], "}")
	case "thought":
		c.collected(c.text, `,"thought":true}`)
	case "audio":
		dst = w.part(dst, c, w.blob(w.audioType(), string(c.text)))
	}
	c.text = c.text[:0]
	return dst
}

// collected adds a part of a whole answer, whose text is followed by rest.
func (c *choice) collected(text []byte, rest string) {
	c.parts = slices.Grow(c.parts, len(text)+len(text)/16+64)
	c.parts = rawjson.AppendString(append(comma(c.parts), `{"text":`...), text)
	c.parts = append(c.parts, rest...)
}

// reason writes a piece of reasoning. Google's own signatures stay what they are; what is
// another vendor's travels packed in the slot that the API has for them.
func (w *writer) reason(dst []byte, c *choice, r *llm.ReasoningDetail) []byte {
	own := r.Format == llm.FormatGemini
	switch {
	case own && r.Type == llm.ReasoningEncrypted && r.ID != "":
		if c.signs == nil {
			c.signs = map[string]string{}
		}
		c.signs[strings.Clone(r.ID)] = strings.Clone(r.Data)
		return dst
	case own && r.Type == llm.ReasoningEncrypted:
		dst = w.unsaid(dst, c)
		c.sign = strings.Clone(r.Data)
		return dst
	case r.Type == llm.ReasoningEncrypted:
		dst = w.seal(w.calls(dst, c, false), c)
		c.turn = append(c.turn, keep(r))
		return w.signature(dst, c, packSignature(r))
	}
	if c.block && c.key != r.Index {
		dst = w.seal(dst, c)
	}
	dst = w.calls(dst, c, false)
	c.block, c.key = true, r.Index
	dst = w.think(dst, c, r.Text+r.Summary)
	if own {
		if r.Signature != "" {
			dst = w.signature(dst, c, r.Signature)
			c.block = false
		}
		return dst
	}
	c.thought = append(append(c.thought, r.Text...), r.Summary...)
	f := &c.foreign // packed when the block is whole
	f.Type, f.Format, f.Signature, f.Data = r.Type, strings.Clone(r.Format), f.Signature+r.Signature, f.Data+r.Data
	if r.ID != "" {
		f.ID = strings.Clone(r.ID)
	}
	return dst
}

// think writes text of a thought for a client that sees it.
func (w *writer) think(dst []byte, c *choice, text string) []byte {
	switch {
	case text == "" || !w.thoughts:
		return dst
	case !w.req.Stream:
		dst = w.collect(dst, c, "thought")
		c.text = append(c.text, text...)
		return dst
	}
	w.scratch = append(rawjson.AppendString(append(w.scratch[:0], `{"text":`...), text), `,"thought":true}`...)
	return w.part(dst, c, w.scratch)
}

// signature ends a thought with a signature.
func (w *writer) signature(dst []byte, c *choice, s string) []byte {
	var text []byte
	if c.open == "thought" { // of a whole answer: on the part it belongs to
		text = append(text, c.text...)
		c.open, c.text = "", c.text[:0]
	} else {
		dst = w.settle(dst, c)
	}
	p := rawjson.AppendString([]byte(`{"text":`), text)
	p = rawjson.AppendString(append(p, `,"thought":true,"thoughtSignature":`...), s)
	return w.part(dst, c, append(p, '}'))
}

// seal ends the open block of reasoning.
func (w *writer) seal(dst []byte, c *choice) []byte {
	if !c.block {
		return dst
	}
	c.block = false
	if f := c.foreign; f.Signature != "" || f.ID != "" || f.Data != "" {
		dst = w.signature(dst, c, packSignature(&f))
		if f.Type == llm.ReasoningSummary {
			f.Summary = string(c.thought)
		} else {
			f.Text = string(c.thought)
		}
		c.turn = append(c.turn, f)
	} else {
		dst = w.settle(dst, c)
	}
	c.foreign, c.thought = llm.ReasoningDetail{}, c.thought[:0]
	return dst
}

// keep is a copy that outlives its event.
func keep(r *llm.ReasoningDetail) llm.ReasoningDetail {
	return llm.ReasoningDetail{Type: r.Type, Data: strings.Clone(r.Data), ID: strings.Clone(r.ID), Format: strings.Clone(r.Format)}
}

// unsaid sends a signature that no text came for.
func (w *writer) unsaid(dst []byte, c *choice) []byte {
	if c.sign == "" {
		return dst
	}
	p := rawjson.AppendString([]byte(`{"text":"","thoughtSignature":`), c.sign)
	c.sign = ""
	return w.part(w.settle(dst, c), c, append(p, '}'))
}
