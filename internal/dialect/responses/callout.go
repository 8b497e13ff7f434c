package responses

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// call begins the call of a tool.
func (w *writer) call(dst []byte, ev *llm.Event) []byte {
	if w.open >= 0 {
		dst = w.close(dst, w.items[w.open])
		w.open = -1
	}
	dst = w.closeCalls(dst, false)
	n, ok := w.names[ev.Tool.Name]
	if !ok {
		n.name = strings.Clone(ev.Tool.Name)
	}
	dst, it := w.add(dst, &item{kind: callItem, tool: ev.Tool.Index, callID: strings.Clone(ev.Tool.ID), toolName: n})
	return w.argument(dst, it, ev.Text)
}

func (w *writer) argue(dst []byte, ev *llm.Event) ([]byte, error) {
	for i := len(w.items) - 1; i >= 0; i-- {
		if it := w.items[i]; it.kind == callItem && it.tool == ev.Tool.Index {
			if it.done && strings.TrimSpace(ev.Text) == "" {
				return dst, nil // after the value, where it means nothing
			}
			if it.done || len(it.args)+len(ev.Text) > dialect.MaxFrame {
				return dst, fault.New(fault.Broken, "The provider went on with a call that was whole")
			}
			return w.argument(dst, it, ev.Text), nil
		}
	}
	return dst, fault.New(fault.Broken, "The provider sent arguments of a call that it had not begun")
}

// argument adds a piece of a call's arguments. Those of a freeform tool go out when they
// are whole: before that it is not known what text they hold.
func (w *writer) argument(dst []byte, it *item, piece string) []byte {
	it.args = append(it.args, piece...)
	if piece == "" || !w.req.Stream || it.custom {
		return dst
	}
	dst = w.itemRef(dst, "response.function_call_arguments.delta", it)
	return append(rawjson.AppendString(append(dst, `,"delta":`...), piece), end...)
}

// closeCalls closes the open calls, all of them or those whose arguments are whole.
func (w *writer) closeCalls(dst []byte, all bool) []byte {
	for _, it := range w.items {
		if it.kind != callItem || it.done || !all && !rawjson.Valid(it.args) {
			continue
		}
		if len(strings.TrimSpace(string(it.args))) == 0 {
			it.args = append(it.args[:0], "{}"...)
		}
		it.cut = all && w.incomplete() && !rawjson.Valid(it.args)
		dst = w.close(dst, it)
	}
	return dst
}

func (w *writer) closeArguments(dst []byte, it *item) []byte {
	if !it.custom {
		dst = w.itemRef(dst, "response.function_call_arguments.done", it)
		dst = rawjson.AppendString(append(dst, `,"name":`...), it.name)
		return append(rawjson.AppendString(append(dst, `,"arguments":`...), it.args), end...)
	}
	input := unfree(it.args)
	dst = w.itemRef(dst, "response.custom_tool_call_input.delta", it)
	dst = append(rawjson.AppendString(append(dst, `,"delta":`...), input), end...)
	dst = w.itemRef(dst, "response.custom_tool_call_input.done", it)
	return append(rawjson.AppendString(append(dst, `,"input":`...), input), end...)
}
