package gemini

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// call sends a function call: whole, or begun and continued by partialArgs (Vertex AI,
// wire notes §4).
func (c *candidate) call(a *answer, body rawjson.Node, signature string) error {
	name, args, partial := body.Get("name"), body.Get("args"), body.Get("partialArgs")
	goesOn := body.Get("willContinue").Bool()
	if name.StrLen() > 0 {
		if err := c.begin(a, body, name.Str(), signature, goesOn); err != nil {
			return err
		}
	} else if c.args == nil && body.Len() > 0 {
		a.Lose(c.path()+".content.parts.functionCall", "a continued call that never began")
		return nil
	}
	if c.args == nil {
		return nil
	}
	a.scratch = a.scratch[:0]
	for p := range partial.Elems() {
		var err error
		if a.scratch, err = c.args.add(a.scratch, p); err != nil {
			return dialect.Broken(err)
		}
	}
	if args.Kind() == rawjson.Object && name.StrLen() == 0 {
		return dialect.Broken(errOrder)
	}
	if !goesOn {
		a.scratch = c.args.end(a.scratch)
		c.args = nil
	}
	return c.argument(a)
}

// begin sends the start of a call, its arguments included when they are there already.
func (c *candidate) begin(a *answer, body rawjson.Node, name, signature string, goesOn bool) error {
	if err := c.finishArgs(a); err != nil {
		return err
	}
	id := body.Get("id").Str()
	if id == "" {
		id = invent(a.name, c.index, c.calls)
	}
	if signature != "" {
		if err := c.signature(a, signature, id); err != nil {
			return err
		}
	}
	ev := llm.Event{Kind: llm.ToolStart, Choice: c.index, Tool: llm.ToolRef{Index: c.calls, ID: id, Name: name}}
	c.calls++
	switch args := body.Get("args"); {
	case args.Kind() == rawjson.Object:
		ev.Text = string(args.Raw())
	case goesOn || body.Get("partialArgs").Len() > 0:
		c.args = new(arguments)
	default:
		ev.Text = "{}"
	}
	return a.Send(ev)
}

// argument sends what a.scratch holds as a piece of the open or just closed call.
func (c *candidate) argument(a *answer) error {
	if len(a.scratch) == 0 {
		return nil
	}
	return a.Send(llm.Event{Kind: llm.ToolDelta, Choice: c.index, Tool: llm.ToolRef{Index: c.calls - 1}, Text: string(a.scratch)})
}

// finishArgs closes a streamed call whose end was left out.
func (c *candidate) finishArgs(a *answer) error {
	if c.args == nil {
		return nil
	}
	a.scratch = c.args.end(a.scratch[:0])
	c.args = nil
	return c.argument(a)
}
