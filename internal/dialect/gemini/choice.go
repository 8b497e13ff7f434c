package gemini

import (
	"encoding/base64"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// choice is the state of one candidate that is written.
type choice struct {
	index  int
	finish llm.Finish
	native string

	parts   []byte // of a whole answer
	refusal []byte // what a provider says of why it refuses
	said    []byte // all text so far, which citations count in

	open    string // kind of the part that a whole answer collects: text, thought, audio; "" none
	text    []byte // of it
	key     int64  // which block of reasoning it is
	block   bool   // a block of reasoning is open
	foreign llm.ReasoningDetail
	sign    string            // Google's signature for the next text
	signs   map[string]string // Google's signatures by the id of the call they are for

	pending []pendingCall // calls whose arguments may go on
	sent    int           // calls before those of pending

	chosen, top []byte // of logprobs
	chunks      []byte // sources of citations
	supports    []byte
	sources     map[string]int
}

// pendingCall is a call that has begun.
type pendingCall struct {
	id, name string
	args     []byte
}

// say writes text.
func (w *writer) say(dst []byte, c *choice, text string) []byte {
	dst = w.seal(dst, c)
	c.said = append(c.said, text...)
	if c.sign == "" && !w.req.Stream {
		dst = w.collect(dst, c, "text")
		c.text = append(c.text, text...)
		return dst
	}
	dst = w.settle(dst, c)
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
	c.open = kind
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
		dst = w.part(dst, c, append(rawjson.AppendString([]byte(`{"text":`), c.text), '}'))
	case "thought":
		dst = w.part(dst, c, append(rawjson.AppendString([]byte(`{"text":`), c.text), `,"thought":true}`...))
	case "audio":
		dst = w.part(dst, c, w.blob(w.audioType(), string(c.text)))
	}
	c.text = c.text[:0]
	return dst
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
		return w.signature(w.seal(w.calls(dst, c, false), c), c, packSignature(r))
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
	} else {
		dst = w.settle(dst, c)
	}
	c.foreign = llm.ReasoningDetail{}
	return dst
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

// begin takes in the start of a call.
func (c *choice) begin(ev *llm.Event) error {
	if ev.Tool.Index != c.sent+len(c.pending) {
		return fault.New(fault.Broken, "The provider's calls are out of order")
	}
	c.pending = append(c.pending, pendingCall{strings.Clone(ev.Tool.ID), strings.Clone(ev.Tool.Name), []byte(ev.Text)})
	return nil
}

// argue takes in a piece of a call's arguments.
func (c *choice) argue(ev *llm.Event) error {
	at := ev.Tool.Index - c.sent
	if at < 0 || at >= len(c.pending) {
		return fault.New(fault.Broken, "The provider went on with a call that was whole, which this API cannot carry")
	}
	p := &c.pending[at]
	if len(p.args)+len(ev.Text) > dialect.MaxFrame {
		return fault.New(fault.Broken, "The arguments of a call are too long for one part")
	}
	p.args = append(p.args, ev.Text...)
	return nil
}

// calls sends the calls that wait, all of them at the end of a candidate and else only when
// every one of them is whole.
func (w *writer) calls(dst []byte, c *choice, last bool) []byte {
	if !last {
		for i := range c.pending {
			if !rawjson.Valid(c.pending[i].args) {
				return dst
			}
		}
	}
	if len(c.pending) == 0 {
		return dst
	}
	dst = w.settle(w.unsaid(dst, c), c)
	for i := range c.pending {
		dst = w.part(dst, c, c.appendCall(nil, &c.pending[i]))
	}
	c.sent += len(c.pending)
	c.pending = c.pending[:0]
	return dst
}

// appendCall appends a functionCall with its signature. Arguments that are no JSON object,
// because a limit cut them, go as what they are in a member of their own.
func (c *choice) appendCall(dst []byte, p *pendingCall) []byte {
	dst = append(dst, `{"functionCall":{`...)
	if p.id != "" {
		dst = append(rawjson.AppendString(append(dst, `"id":`...), p.id), ',')
	}
	dst = append(rawjson.AppendString(append(dst, `"name":`...), p.name), `,"args":`...)
	var d rawjson.Doc
	switch {
	case len(strings.TrimSpace(string(p.args))) == 0:
		dst = append(dst, "{}"...)
	case d.Parse(p.args) == nil && d.Root().Kind() == rawjson.Object:
		dst = append(dst, d.Root().Raw()...)
	default:
		dst = append(rawjson.AppendString(append(dst, `{"arguments":`...), p.args), '}')
	}
	dst = append(dst, '}')
	if s, ok := c.signs[p.id]; ok {
		dst = rawjson.AppendString(append(dst, `,"thoughtSignature":`...), s)
		delete(c.signs, p.id)
	}
	return append(dst, '}')
}

// leftovers sends, at the end of a candidate, the signatures that found no part.
func (w *writer) leftovers(dst []byte, c *choice) []byte {
	dst = w.settle(w.unsaid(dst, c), c)
	for id, s := range c.signs {
		delete(c.signs, id)
		c.sign = s
		dst = w.unsaid(dst, c)
	}
	return dst
}

// media writes an image or a piece of audio.
func (w *writer) media(dst []byte, c *choice, m *llm.MediaOut) []byte {
	dst = w.seal(dst, c)
	if m.Transcript != "" {
		dst = w.say(dst, c, m.Transcript)
	}
	if m.Kind == llm.AudioPart {
		if m.Data == "" {
			return dst
		}
		if !w.req.Stream {
			dst = w.collect(dst, c, "audio")
			c.text = append(c.text, m.Data...)
			return dst
		}
		return w.part(dst, c, w.blob(w.audioType(), m.Data))
	}
	dst = w.settle(dst, c)
	mime, data := m.MIME, m.Image
	if head, body, ok := strings.Cut(m.URL, ","); ok && strings.HasPrefix(head, "data:") {
		mime, data = strings.TrimPrefix(head, "data:"), body
		if rest, ok := strings.CutSuffix(mime, ";base64"); ok {
			mime = rest
		} else {
			data = base64.StdEncoding.EncodeToString([]byte(body))
		}
	}
	if data == "" {
		p := rawjson.AppendString([]byte(`{"fileData":{"mimeType":`), orImage(mime))
		return w.part(dst, c, append(rawjson.AppendString(append(p, `,"fileUri":`...), m.URL), "}}"...))
	}
	return w.part(dst, c, w.blob(orImage(mime), data))
}

func orImage(mime string) string {
	if mime == "" {
		return "image/png"
	}
	return mime
}

func (w *writer) blob(mime, data string) []byte {
	p := rawjson.AppendString([]byte(`{"inlineData":{"mimeType":`), mime)
	return append(rawjson.AppendString(append(p, `,"data":`...), data), "}}"...)
}

// audioType is what audio of other providers is, who are asked for 16-bit PCM.
func (w *writer) audioType() string { return "audio/L16;codec=pcm;rate=24000" }
