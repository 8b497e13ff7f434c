package ollama

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// answer is the state of one answer.
type answer struct {
	dialect.Teller
	doc     rawjson.Doc
	detail  llm.ReasoningDetail
	id      string
	started bool
	calls   int
}

// read takes in line after line until one says done; a whole answer is one object.
func (a *answer) read(r dialect.Reply) error {
	if !r.Stream {
		return a.whole(r)
	}
	l := lines{r: r.Body}
	for {
		line, err := l.next()
		if err == io.EOF {
			return dialect.Broken(errors.New("the answer ends before a line says done"))
		}
		if err != nil {
			return dialect.Broken(err)
		}
		if err := a.doc.Parse(line); err != nil {
			return dialect.Broken(err)
		}
		if done, err := a.line(a.doc.Root()); done || err != nil {
			return err
		}
	}
}

func (a *answer) whole(r dialect.Reply) error {
	if _, err := dialect.ParseBody(&a.doc, r.Header, r.Body); err != nil {
		return err
	}
	done, err := a.line(a.doc.Root())
	if err == nil && !done {
		err = dialect.Broken(errors.New("the answer does not say done"))
	}
	return err
}

// line reads one object and reports whether it was the last.
func (a *answer) line(n rawjson.Node) (done bool, err error) {
	if e := n.Get("error"); !e.IsNull() {
		return false, judge.Inside(dialect.Said{Message: e.Str()})
	}
	m := n.Get("message")
	if m.Kind() != rawjson.Object && !n.Get("done").Exists() {
		return false, dialect.Broken(errors.New("a line holds no message"))
	}
	if !a.started {
		a.started = true
		if err := a.Send(llm.Event{Kind: llm.Start, Model: n.Get("model").Str()}); err != nil {
			return false, err
		}
	}
	if err := a.message(m); err != nil {
		return false, err
	}
	if list := n.Get("logprobs"); list.Len() > 0 {
		if err := a.Send(llm.Event{Kind: llm.LogprobsDelta, Raw: append(append([]byte(`{"content":`), list.Raw()...), `,"refusal":null}`...)}); err != nil {
			return false, err
		}
	}
	if !n.Get("done").Bool() {
		return false, nil
	}
	return true, a.end(n)
}

func (a *answer) message(m rawjson.Node) error {
	if t := m.Get("thinking"); t.StrLen() > 0 {
		a.detail = llm.ReasoningDetail{Type: llm.ReasoningText, Text: t.Str(), Format: llm.FormatUnknown}
		if err := a.Send(llm.Event{Kind: llm.ReasoningDelta, Reasoning: &a.detail}); err != nil {
			return err
		}
	}
	if t := m.Get("content"); t.StrLen() > 0 {
		if err := a.Send(llm.Event{Kind: llm.TextDelta, Text: t.Str()}); err != nil {
			return err
		}
	}
	for t := range m.Get("tool_calls").Elems() {
		f := t.Get("function")
		ref := llm.ToolRef{Index: a.calls, ID: t.Get("id").Str(), Name: f.Get("name").Str()}
		if ref.ID == "" { // older versions give none
			ref.ID = "call_" + a.id + "_" + strconv.Itoa(a.calls)
		}
		args := "{}"
		if v := f.Get("arguments"); v.Kind() == rawjson.Object {
			args = string(v.Raw())
		} else if v.StrLen() > 0 {
			args = v.Str()
		}
		a.calls++
		if err := a.Send(llm.Event{Kind: llm.ToolStart, Tool: ref, Text: args}); err != nil {
			return err
		}
	}
	return nil
}

// end reads the line that says done: why, and the counts. There are none when the model was
// only loaded.
func (a *answer) end(n rawjson.Node) error {
	why := n.Get("done_reason").Str()
	finish := llm.FinishStop
	switch {
	case why == "length":
		finish = llm.FinishLength
	case a.calls > 0:
		finish = llm.FinishTools
	}
	if err := a.Send(llm.Event{Kind: llm.Stop, Finish: finish, Native: why}); err != nil {
		return err
	}
	u := &llm.Usage{}
	if in, out := n.Get("prompt_eval_count"), n.Get("eval_count"); in.Exists() || out.Exists() {
		u.State, u.Input, u.Output = llm.UsageReported, max(in.Int64(), 0), max(out.Int64(), 0)
		u.Raw = fmt.Appendf(nil, `{"prompt_eval_count":%d,"eval_count":%d}`, u.Input, u.Output)
	}
	return a.End(u)
}

// lines splits a body at line ends, into lines of at most dialect.MaxFrame bytes.
type lines struct {
	r    io.Reader
	buf  []byte
	from int // of what has not been handed out
	seen int // how far line ends have been looked for
	end  error
}

func (l *lines) next() ([]byte, error) {
	for {
		if at := bytes.IndexByte(l.buf[l.seen:], '\n'); at >= 0 {
			l.seen += at + 1
			line := bytes.TrimSpace(l.buf[l.from:l.seen])
			l.from = l.seen
			if len(line) > 0 {
				return line, nil
			}
			continue
		}
		if l.end != nil {
			return l.rest()
		}
		l.fill()
	}
}

func (l *lines) rest() ([]byte, error) {
	line := bytes.TrimSpace(l.buf[l.from:])
	l.from = len(l.buf)
	if l.seen = l.from; len(line) == 0 || l.end != io.EOF {
		return nil, l.end
	}
	return line, nil
}

func (l *lines) fill() {
	if l.from > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.from:])]
		l.seen -= l.from
		l.from = 0
	}
	l.seen = len(l.buf)
	if len(l.buf) > dialect.MaxFrame {
		l.end = errors.New("a line is longer than may be")
		return
	}
	if cap(l.buf)-len(l.buf) < 2<<10 {
		l.buf = append(make([]byte, 0, 2*cap(l.buf)+4<<10), l.buf...)
	}
	n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
	l.end = err
}
