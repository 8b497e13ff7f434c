package openaichat

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// called is a tool call of the answer. Its place in the list is its index for the client.
type called struct {
	index    int64 // the upstream's
	id, name string
	args     []byte // all so far
	sent     int    // bytes of args
	started  bool
}

// complete reports whether the arguments are a whole JSON value.
func (c *called) complete() bool {
	n := len(bytes.TrimRight(c.args, " \t\r\n"))
	return n > 0 && (c.args[n-1] == '}' || c.args[n-1] == ']' || c.args[n-1] == 'l') && rawjson.Valid(c.args)
}

// delayed is an event that came amid the arguments of a call.
type delayed struct {
	ev     llm.Event
	detail llm.ReasoningDetail
	media  llm.MediaOut
}

// Parallel calls may come in turns, a piece of one and a piece of another, which most wires
// cannot say. So the pieces of one call are sent in a row: while the arguments of a call are
// not a whole JSON value, what belongs after them is kept back, at most until the choice
// ends. Calls that come one after another are not kept back.

// say sends what is no piece of a call.
func (x *answer) say(i int, ev llm.Event) error {
	c := &x.choices[i]
	ev.Choice = i
	if len(c.calls) == 0 || len(c.late) == 0 && c.front == len(c.calls)-1 && c.calls[c.front].complete() {
		return x.Send(ev)
	}
	d := delayed{ev: ev}
	d.ev.Raw = bytes.Clone(ev.Raw)
	if ev.Reasoning != nil {
		d.detail = *ev.Reasoning
	}
	if ev.Media != nil {
		d.media = *ev.Media
	}
	c.late = append(c.late, d)
	return x.hold(len(ev.Text) + len(ev.Raw) + len(d.detail.Text) + len(d.detail.Summary) + len(d.detail.Data) + len(d.media.Data) + len(d.media.URL) + 128)
}

// hold bounds what is kept back and the arguments of calls.
func (x *answer) hold(n int) error {
	if x.held += n; x.held > dialect.MaxBody {
		return broken("The provider's tool calls are too large", nil)
	}
	return nil
}

// toolCalls reads pieces of calls, or the one call of the API's first form.
func (x *answer) toolCalls(i int, list, legacy rawjson.Node) error {
	for v := range list.Elems() {
		fn := v.Get("function")
		if v.Get("type").Is("custom") {
			fn = v.Get("custom")
		}
		index, given := v.Get("index").Int()
		if err := x.piece(i, v.Get("id"), fn, index, given); err != nil {
			return err
		}
		if s := v.At("extra_content", "google", "thought_signature"); s.StrLen() > 0 {
			if err := x.signed(i, s.Str()); err != nil {
				return err
			}
		}
	}
	if legacy.Get("name").StrLen() > 0 || legacy.Get("arguments").StrLen() > 0 { // some send an empty one
		if err := x.piece(i, rawjson.Node{}, legacy, 0, true); err != nil {
			return err
		}
	}
	return x.pump(i)
}

// signed is Google's signature of the newest call
// (https://ai.google.dev/gemini-api/docs/thought-signatures, OpenAI compatibility). It
// goes before the call starts.
func (x *answer) signed(i int, s string) error {
	c := &x.choices[i]
	if len(c.calls) == 0 {
		return nil
	}
	x.detail = llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: s, ID: c.calls[len(c.calls)-1].id, Format: llm.FormatGemini}
	ev := llm.Event{Kind: llm.ReasoningDelta, Choice: i, Reasoning: &x.detail}
	if len(c.calls) == 1 && !c.calls[0].started {
		return x.Send(ev)
	}
	return x.say(i, ev)
}

// piece adds to the call that it belongs to: the newest with that upstream index, or a new
// one when another id says so. Some upstreams send parallel calls under one index.
func (x *answer) piece(i int, id, fn rawjson.Node, index int64, given bool) error {
	c := &x.choices[i]
	if !given && id.StrLen() > 0 {
		index = int64(len(c.calls)) // a call of its own
	}
	at := -1
	for j := len(c.calls) - 1; j >= 0 && !x.whole; j-- {
		if k := &c.calls[j]; k.index == index && (id.StrLen() == 0 || k.id == "" || id.Is(k.id)) {
			at = j
			break
		}
	}
	if at < 0 {
		if len(c.calls) >= maxChoices {
			return broken("The provider sent more than "+strconv.Itoa(maxChoices)+" tool calls", nil)
		}
		at = len(c.calls)
		c.calls = append(c.calls, called{index: index, id: firstOf(id.Str(), "call_"+firstOf(x.id, "chatcmpl")+"_"+strconv.Itoa(at))})
	}
	k := &c.calls[at]
	if k.name == "" {
		k.name = fn.Get("name").Str()
	}
	n := len(k.args)
	switch args := fn.Get("arguments"); args.Kind() {
	case rawjson.String:
		k.args = append(k.args, args.Str()...)
	case rawjson.Object:
		k.args = append(k.args, args.Raw()...)
	default:
		k.args = append(k.args, fn.Get("input").Str()...)
	}
	if at < c.front && strings.TrimSpace(string(k.args[n:])) != "" {
		return broken("The provider went on with the arguments of a call that were whole", nil)
	}
	return x.hold(len(k.args) - n + 64)
}

// pump sends what may be sent of the calls: all of those that are over and what there is
// of the first that is not.
func (x *answer) pump(i int) error {
	c := &x.choices[i]
	for c.front < len(c.calls) {
		k := &c.calls[c.front]
		if k.name == "" && !c.closed {
			return nil
		}
		if err := x.sendCall(i, c.front); err != nil {
			return err
		}
		if !c.closed && (c.front == len(c.calls)-1 && len(c.late) == 0 || !k.complete()) {
			return nil
		}
		if err := x.catchUp(i); err != nil {
			return err
		}
		if c.front == len(c.calls)-1 {
			return nil
		}
		c.front++
	}
	return nil
}

func (x *answer) sendCall(i, n int) error {
	k := &x.choices[i].calls[n]
	if !k.started {
		if k.name == "" {
			return broken("The provider sent a tool call without a name", nil)
		}
		k.started = true
		if err := x.Send(llm.Event{Kind: llm.ToolStart, Choice: i, Tool: llm.ToolRef{Index: n, ID: k.id, Name: k.name}}); err != nil {
			return err
		}
	}
	if k.sent == len(k.args) {
		return nil
	}
	text := string(k.args[k.sent:])
	k.sent = len(k.args)
	return x.Send(llm.Event{Kind: llm.ToolDelta, Choice: i, Text: text, Tool: llm.ToolRef{Index: n, ID: k.id, Name: k.name}})
}

// catchUp sends what came amid the arguments of calls.
func (x *answer) catchUp(i int) error {
	late := x.choices[i].late
	x.choices[i].late = nil
	for j := range late {
		d := &late[j]
		if d.ev.Reasoning != nil {
			d.ev.Reasoning = &d.detail
		}
		if d.ev.Media != nil {
			d.ev.Media = &d.media
		}
		if err := x.Send(d.ev); err != nil {
			return err
		}
	}
	return nil
}

// flush sends all that is left of a choice that is closed.
func (x *answer) flush(i int) error {
	if err := x.pump(i); err != nil {
		return err
	}
	return x.catchUp(i)
}
