package cohere

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

const maxCalls = 256

// answer is the state of one answer.
type answer struct {
	dialect.Teller
	doc     rawjson.Doc
	detail  llm.ReasoningDetail
	started bool
	calls   map[int64]int // the API's index of a call → ours
	argued  []bool        // by ours: its arguments have begun
	said    bool
}

func (a *answer) read(r dialect.Reply) error {
	if !r.Stream || dialect.IsJSON(r.Header) {
		return a.whole(r)
	}
	frames := sse.NewReader(r.Body, dialect.MaxFrame)
	defer frames.Close()
	for {
		f, err := frames.Next()
		if err == io.EOF {
			return dialect.Broken(errors.New("the stream ends before message-end"))
		}
		if err != nil {
			return dialect.Broken(err)
		}
		if len(f.Data) == 0 {
			continue
		}
		if err := a.doc.Parse(f.Data); err != nil {
			return dialect.Broken(err)
		}
		if done, err := a.event(a.doc.Root()); done || err != nil {
			return err
		}
	}
}

func (a *answer) whole(r dialect.Reply) error {
	if _, err := dialect.ParseBody(&a.doc, r.Header, r.Body); err != nil {
		return err
	}
	root := a.doc.Root()
	m := root.Get("message")
	if m.Kind() != rawjson.Object {
		return judge.Inside(saidIn(root, "message"))
	}
	if err := a.start(root); err != nil {
		return err
	}
	if err := a.say(m.Get("tool_plan")); err != nil {
		return err
	}
	i := int64(0)
	for p := range m.Get("content").Elems() {
		if err := a.content(p, i); err != nil {
			return err
		}
		i++
	}
	for c := range m.Get("citations").Elems() {
		if err := a.cite(c); err != nil {
			return err
		}
	}
	i = 0
	for c := range m.Get("tool_calls").Elems() {
		if err := a.call(i, c); err != nil {
			return err
		}
		i++
	}
	return a.end(root)
}

func (a *answer) start(n rawjson.Node) error {
	if a.started {
		return nil
	}
	a.started = true
	return a.Send(llm.Event{Kind: llm.Start, ID: n.Get("id").Str()})
}

// event reads one event and reports whether it was the last.
func (a *answer) event(n rawjson.Node) (done bool, err error) {
	m := n.At("delta", "message")
	index := n.Get("index").Int64()
	switch string(n.Get("type").Bytes()) {
	case "message-start":
		return false, a.start(n)
	case "content-start", "content-delta":
		return false, a.content(m.Get("content"), index)
	case "tool-plan-delta":
		return false, a.say(m.Get("tool_plan"))
	case "tool-call-start":
		return false, a.call(index, m.Get("tool_calls"))
	case "tool-call-delta":
		return false, a.argue(index, m.At("tool_calls", "function", "arguments").Str())
	case "citation-start":
		return false, a.cite(m.Get("citations"))
	case "message-end":
		return true, a.end(n.Get("delta"))
	case "content-end", "tool-call-end", "citation-end", "debug":
		return false, nil
	case "":
		return false, judge.Inside(saidIn(n, "message"))
	}
	a.Lose(dialect.Clip(n.Get("type").Str(), 64), "an event of a kind that has no place in the canonical form")
	return false, nil
}

func (a *answer) content(p rawjson.Node, block int64) error {
	if t := p.Get("thinking"); t.StrLen() > 0 {
		return a.think(t.Str(), block)
	}
	return a.say(p.Get("text"))
}

func (a *answer) say(text rawjson.Node) error {
	if text.StrLen() == 0 {
		return nil
	}
	a.said = true
	return a.Send(llm.Event{Kind: llm.TextDelta, Text: text.Str()})
}

func (a *answer) think(text string, block int64) error {
	if text == "" {
		return nil
	}
	a.said = true
	a.detail = llm.ReasoningDetail{Type: llm.ReasoningText, Text: text, Format: llm.FormatUnknown, Index: block}
	return a.Send(llm.Event{Kind: llm.ReasoningDelta, Reasoning: &a.detail})
}

// call begins a call. Arguments of a tool that takes none may be null.
func (a *answer) call(index int64, c rawjson.Node) error {
	if a.calls == nil {
		a.calls = map[int64]int{}
	}
	if _, again := a.calls[index]; again || len(a.calls) >= maxCalls {
		return dialect.Broken(fmt.Errorf("call %d", index))
	}
	n := len(a.calls)
	a.calls[index] = n
	f := c.Get("function")
	args := f.Get("arguments").Str()
	a.argued = append(a.argued, args != "")
	return a.Send(llm.Event{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: n, ID: c.Get("id").Str(), Name: f.Get("name").Str()}, Text: arguments(args)})
}

func arguments(s string) string {
	if strings.TrimSpace(s) == "null" {
		return "{}"
	}
	return s
}

func (a *answer) argue(index int64, piece string) error {
	n, ok := a.calls[index]
	if !ok {
		return dialect.Broken(errors.New("arguments of a call that has not begun"))
	}
	if !a.argued[n] { // a later null is a value inside them
		a.argued[n] = piece != ""
		piece = arguments(piece)
	}
	return a.Send(llm.Event{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: n}, Text: piece})
}

// cite turns citations of documents and tools into file citations, as OpenAI has them.
func (a *answer) cite(c rawjson.Node) error {
	if c.Kind() != rawjson.Object {
		return nil
	}
	for s := range c.Get("sources").Elems() {
		title := s.At("document", "title").Str()
		if title == "" {
			title = s.Get("id").Str()
		}
		b := rawjson.AppendString([]byte(`{"type":"url_citation","url_citation":{"url":`), s.At("document", "url").Str())
		b = rawjson.AppendString(append(b, `,"title":`...), title)
		b = rawjson.AppendString(append(b, `,"content":`...), c.Get("text").Str())
		b = fmt.Appendf(b, `,"start_index":%d,"end_index":%d}}`, c.Get("start").Int64(), c.Get("end").Int64())
		if err := a.Send(llm.Event{Kind: llm.AnnotationDelta, Raw: b}); err != nil {
			return err
		}
	}
	return nil
}

// end reads what an answer ends with.
func (a *answer) end(n rawjson.Node) error {
	why := n.Get("finish_reason").Str()
	failed := why == "ERROR" || why == "ERROR_TOXIC" || why == "TIMEOUT" || n.Get("error").StrLen() > 0
	if failed && !a.said && len(a.calls) == 0 {
		return judge.Inside(saidIn(n, "error"))
	}
	if err := a.start(n); err != nil {
		return err
	}
	finish := llm.FinishStop
	switch {
	case failed:
		finish = llm.FinishError
		if typ := n.Get("error_type").Str(); typ != "" {
			why = typ
		}
	case why == "":
		return dialect.Broken(errors.New("the answer does not say why it ends"))
	case why == "MAX_TOKENS", why == "ERROR_LIMIT":
		finish = llm.FinishLength
	case len(a.calls) > 0:
		finish = llm.FinishTools
	}
	if err := a.Send(llm.Event{Kind: llm.Stop, Finish: finish, Native: why}); err != nil {
		return err
	}
	return a.End(readUsage(n.Get("usage")))
}

// readUsage reads what is billed. The other pair of counts is what ran, with the provider's
// own instructions; what of that was cached changes no bill (wire notes §9).
func readUsage(u rawjson.Node) *llm.Usage {
	r := &llm.Usage{}
	t := u.Get("billed_units")
	if !t.Get("input_tokens").Exists() && !t.Get("output_tokens").Exists() {
		if t = u.Get("tokens"); !t.Get("input_tokens").Exists() {
			return r
		}
	}
	r.State, r.Raw = llm.UsageReported, bytes.Clone(u.Raw())
	r.Input, r.Output = units(t.Get("input_tokens")), units(t.Get("output_tokens"))
	r.Searches = units(t.Get("search_units"))
	return r
}

// units reads a count, which may be written as a decimal.
func units(n rawjson.Node) int64 {
	f, _ := n.Float()
	return max(int64(f), 0)
}
