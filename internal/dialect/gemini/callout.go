package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// pendingCall is a call that has begun.
type pendingCall struct {
	id, name string
	args     []byte
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
			if args := c.pending[i].args; len(args) == 0 || args[len(args)-1] != '}' || !rawjson.Valid(args) {
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

// appendCall appends a functionCall with its signature, or the first with that of the turn
// so far. Arguments that are no JSON object,
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
		dst = dialect.AppendOneLine(dst, d.Root().Raw())
	default:
		dst = append(rawjson.AppendString(append(dst, `{"arguments":`...), p.args), '}')
	}
	dst = append(dst, '}')
	s, own := c.signs[p.id]
	if own {
		delete(c.signs, p.id)
	} else if len(c.turn) > 0 {
		s, c.turn = packTurn(c.turn), nil
	}
	if s != "" {
		dst = rawjson.AppendString(append(dst, `,"thoughtSignature":`...), s)
	}
	return append(dst, '}')
}

// leftovers sends, at the end of a candidate, the signatures that found no part.
func (w *writer) leftovers(dst []byte, c *choice) []byte {
	dst = w.settle(w.unsaid(dst, c), c)
	if len(c.transcript) > 0 && !w.req.Stream {
		dst = w.part(dst, c, transcription(c.transcript))
	}
	c.transcript = nil
	for id, s := range c.signs {
		delete(c.signs, id)
		c.sign = s
		dst = w.unsaid(dst, c)
	}
	return dst
}
