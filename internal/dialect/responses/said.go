package responses

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// say adds text to the message.
func (w *writer) say(dst []byte, kind partKind, text string) []byte {
	if text == "" {
		return dst
	}
	dst, it := w.current(dst, messageItem, 0)
	if n := len(it.parts); n == 0 || it.parts[n-1].kind != kind {
		if w.req.Stream {
			dst = w.closePart(dst, it)
		}
		it.parts = append(it.parts, part{kind: kind})
		if w.req.Stream {
			dst = w.partHead(dst, "response.content_part.added", it)
			dst = append(it.last().append(append(dst, `,"part":`...)), end...)
		}
	}
	p := it.last()
	p.text = append(p.text, text...)
	if w.req.Stream {
		dst = w.partHead(dst, kind.event()+".delta", it)
		dst = rawjson.AppendString(append(dst, `,"delta":`...), text)
		if kind == textPart {
			dst = append(dst, `,"logprobs":[]`...)
		}
		dst = append(dst, end...)
	}
	early := w.early
	w.early = nil
	for _, raw := range early {
		dst = w.annotate(dst, raw)
	}
	return dst
}

// closePart ends the message's open part, if there is one.
func (w *writer) closePart(dst []byte, it *item) []byte {
	if len(it.parts) == 0 {
		return dst
	}
	p := it.last()
	dst = w.partHead(dst, p.kind.event()+".done", it)
	if p.kind == textPart {
		dst = rawjson.AppendString(append(dst, `,"text":`...), p.text)
		dst = append(append(append(dst, `,"logprobs":[`...), p.logprobs...), ']')
	} else {
		dst = rawjson.AppendString(append(dst, `,"refusal":`...), p.text)
	}
	dst = w.partHead(append(dst, end...), "response.content_part.done", it)
	return append(p.append(append(dst, `,"part":`...)), end...)
}

// annotate adds a citation to the text before it, or to the next.
func (w *writer) annotate(dst []byte, raw []byte) []byte {
	it := w.text()
	if it == nil {
		w.early = append(w.early, bytes.Clone(raw))
		return dst
	}
	p := it.last()
	a := dialect.AppendOneLine(nil, annotation(raw))
	if w.req.Stream {
		dst = w.partHead(dst, "response.output_text.annotation.added", it)
		dst = appendCount(dst, `,"annotation_index":`, int64(p.notes))
		dst = append(append(append(dst, `,"annotation":`...), a...), end...)
	}
	p.annotations = appendElem(p.annotations, a)
	p.notes++
	return dst
}

// text is the message that is being written, nil when none is.
func (w *writer) text() *item {
	if w.open < 0 || w.items[w.open].kind != messageItem || len(w.items[w.open].parts) == 0 {
		return nil
	}
	return w.items[w.open]
}

func (w *writer) logprobs(raw []byte) {
	var d rawjson.Doc
	it := w.text()
	if it == nil || d.Parse(raw) != nil {
		w.lose("logprobs", "they belong to no text")
		return
	}
	p := it.last()
	for t := range d.Root().Get("content").Elems() {
		p.logprobs = appendElem(p.logprobs, dialect.AppendOneLine(nil, t.Raw()))
	}
}
