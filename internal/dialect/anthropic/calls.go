package anthropic

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Parallel calls may come in turns, a piece of one and a piece of another, for which this API
// has no words: one block is open at a time. So while the arguments of the open call are not
// whole, the calls that began after it wait, at most until something else comes.

// waiting is a call that has begun and has no block yet.
type waiting struct {
	index int
	head  string // beginning of its block
	args  []byte
}

// call begins a call.
func (w *writer) call(dst []byte, ev *llm.Event) ([]byte, error) {
	head := rawjson.AppendString([]byte(`{"type":"tool_use","id":`), ev.Tool.ID)
	head = append(rawjson.AppendString(append(head, `,"name":`...), ev.Tool.Name), `,"input":{}`...)
	c := waiting{index: ev.Tool.Index, head: string(head), args: []byte(ev.Text)}
	if w.open != "tool_use" || w.args.whole() {
		return w.begins(dst, &c), nil
	}
	if len(w.calls) == maxOpenBlocks {
		return dst, dialect.Broken(fmt.Errorf("more than %d calls are open", maxOpenBlocks))
	}
	w.calls = append(w.calls, c)
	return dst, w.hold(len(head) + len(ev.Text))
}

// argue adds to the arguments of a call.
func (w *writer) argue(dst []byte, ev *llm.Event) ([]byte, error) {
	if w.open == "tool_use" && w.key == int64(ev.Tool.Index) {
		dst = w.arguments(dst, ev.Text)
		for len(w.calls) > 0 && w.args.whole() {
			dst = w.next(dst)
		}
		return dst, nil
	}
	for i := range w.calls {
		if c := &w.calls[i]; c.index == ev.Tool.Index {
			c.args = append(c.args, ev.Text...)
			return dst, w.hold(len(ev.Text))
		}
	}
	return dst, dialect.Broken(fmt.Errorf("arguments of call %d, which is not open", ev.Tool.Index))
}

// hold bounds what waits.
func (w *writer) hold(n int) error {
	if w.held += n; w.held > dialect.MaxFrame {
		return dialect.Broken(fmt.Errorf("more than %d bytes of calls that came in turns", dialect.MaxFrame))
	}
	return nil
}

// begins opens the block of a call.
func (w *writer) begins(dst []byte, c *waiting) []byte {
	dst = w.block(dst, "tool_use", int64(c.index), c.head)
	w.args = extent{}
	return w.arguments(dst, string(c.args))
}

func (w *writer) arguments(dst []byte, text string) []byte {
	w.args.read(text)
	return w.piece(dst, "partial_json", text)
}

// next begins the call that has waited longest.
func (w *writer) next(dst []byte) []byte {
	c := w.calls[0]
	w.calls = w.calls[1:]
	w.held -= len(c.head) + len(c.args)
	return w.begins(dst, &c)
}

// release begins every call that waits, whatever is missing of the one before it.
func (w *writer) release(dst []byte) []byte {
	for len(w.calls) > 0 {
		dst = w.next(dst)
	}
	return dst
}

// extent follows a JSON object, given in pieces, to its end. It looks at brackets and quotes
// only.
type extent struct {
	depth           int
	quoted, escaped bool
	begun           bool
}

func (e *extent) read(text string) {
	for i := range len(text) {
		c := text[i]
		switch {
		case e.escaped:
			e.escaped = false
		case e.quoted:
			e.escaped, e.quoted = c == '\\', c != '"'
		case c == '"':
			e.quoted = true
		case c == '{' || c == '[':
			e.begun = true
			e.depth++
		case c == '}' || c == ']':
			e.depth--
		}
	}
}

func (e *extent) whole() bool { return e.begun && e.depth <= 0 && !e.quoted }
