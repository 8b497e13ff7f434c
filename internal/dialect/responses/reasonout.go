package responses

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// reason adds an increment to the reasoning item of its block. What the client does not
// want to see is left out; what is opaque stays, as an upstream wants it back.
func (w *writer) reason(dst []byte, r *llm.ReasoningDetail) []byte {
	if w.open < 0 || w.items[w.open].kind != reasoningItem || w.items[w.open].key != r.Index {
		dst = w.begin(dst, r)
	}
	it := w.items[w.open]
	d := &it.detail
	if d.Format == "" {
		d.Format = strings.Clone(r.Format)
	}
	if r.Type == llm.ReasoningEncrypted {
		it.sealed = true
	}
	d.Data += r.Data
	d.Signature += r.Signature
	if d.ID == "" {
		d.ID = strings.Clone(r.ID)
	}
	if w.req.Reasoning != nil && w.req.Reasoning.Exclude {
		return dst
	}
	dst = w.ponder(dst, it, &it.summary, "response.reasoning_summary_part", "response.reasoning_summary_text", summaryPart, r.Summary)
	return w.ponder(dst, it, &it.said, "response.content_part", "response.reasoning_text", reasoningPart, r.Text)
}

// begin opens the item of a block. One of OpenAI's own keeps its id: it belongs to the
// encrypted content.
func (w *writer) begin(dst []byte, r *llm.ReasoningDetail) []byte {
	if w.open >= 0 {
		dst = w.close(dst, w.items[w.open])
	}
	dst = w.closeCalls(dst, false)
	it := &item{kind: reasoningItem, key: r.Index}
	if own(r.Format) {
		it.id = strings.Clone(r.ID)
	}
	w.open = len(w.items)
	dst, _ = w.add(dst, it)
	return dst
}

// own reports whether a block came from a provider of this API, so that its blob may be
// sent as it is.
func own(format string) bool { return strings.HasSuffix(format, "responses-v1") }

// ponder adds to the summary or the text of an item.
func (w *writer) ponder(dst []byte, it *item, to *[]byte, piece, event string, kind partKind, more string) []byte {
	if more == "" {
		return dst
	}
	first := len(*to) == 0
	*to = append(*to, more...)
	if !w.req.Stream {
		return dst
	}
	if first {
		dst = w.indexed(dst, piece+".added", it, kind)
		dst = append((&part{kind: kind}).append(append(dst, `,"part":`...)), end...)
	}
	dst = w.indexed(dst, event+".delta", it, kind)
	return append(rawjson.AppendString(append(dst, `,"delta":`...), more), end...)
}

// indexed opens an event about the one summary or text of an item.
func (w *writer) indexed(dst []byte, typ string, it *item, kind partKind) []byte {
	if kind == summaryPart {
		return append(w.itemRef(dst, typ, it), `,"summary_index":0`...)
	}
	return append(w.itemRef(dst, typ, it), `,"content_index":0`...)
}

func (w *writer) closeReasoning(dst []byte, it *item) []byte {
	for _, p := range [...]struct {
		text         []byte
		piece, event string
		kind         partKind
	}{
		{it.summary, "response.reasoning_summary_part", "response.reasoning_summary_text", summaryPart},
		{it.said, "response.content_part", "response.reasoning_text", reasoningPart},
	} {
		if len(p.text) == 0 {
			continue
		}
		dst = w.indexed(dst, p.event+".done", it, p.kind)
		dst = append(rawjson.AppendString(append(dst, `,"text":`...), p.text), end...)
		dst = w.indexed(dst, p.piece+".done", it, p.kind)
		dst = append((&part{kind: p.kind, text: p.text}).append(append(dst, `,"part":`...)), end...)
	}
	return dst
}

// seal decides on the item's encrypted content: the provider's own blob, or another
// vendor's packed.
func (it *item) seal() {
	d := &it.detail
	switch {
	case own(d.Format) && d.Data == "" && d.Signature == "", !dialect.Signs(d):
	case own(d.Format) && d.Signature == "":
		it.encrypted = d.Data
	default:
		d.Type = llm.ReasoningText
		if it.sealed && len(it.said)+len(it.summary) == 0 {
			d.Type = llm.ReasoningEncrypted
		} else if len(it.summary) > 0 && len(it.said) == 0 {
			d.Type = llm.ReasoningSummary
		}
		it.encrypted = dialect.Pack(d)
	}
}
