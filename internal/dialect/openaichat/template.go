package openaichat

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// A template is what a stream's frames have in common: all but the text, and the padding
// that some providers add. A frame that equals the template but for the insides of those
// strings is valid JSON with the same meaning and needs the same edits, so it is neither
// parsed nor patched.
type template struct {
	raw   [3][]byte // around the holes, as the upstream sends it
	out   [3][]byte // the same with the edits
	holes int       // 0: there is no template
	same  bool      // nothing is edited
}

// learn makes a template of a frame that has just been read, when it is one of many: one
// choice whose delta has a text and nothing that ends or calls anything.
func (x *relay) learn(f sse.Frame, root rawjson.Node) {
	t := &x.tmpl
	t.holes = 0
	at := bytes.Index(f.Raw, f.Data)
	choices := root.Get("choices")
	if at < 0 || choices.Len() != 1 || x.Event.Finish != "" || root.Get("usage").Kind() == rawjson.Object {
		return
	}
	var text rawjson.Node
	for c := range choices.Elems() {
		delta := c.Get("delta")
		for k := range delta.Members() {
			if !k.Is("content") && !k.Is("role") && !k.Is("refusal") {
				return
			}
		}
		text = delta.Get("content")
	}
	if text.Kind() != rawjson.String {
		return
	}
	holes := [2]rawjson.Node{text, root.Get("obfuscation")}
	n := 1
	if holes[1].Kind() == rawjson.String {
		n = 2
		if a, _ := holes[0].Span(); a > first(holes[1]) {
			holes[0], holes[1] = holes[1], holes[0]
		}
	}
	from := 0
	for i := range n {
		start, end := holes[i].Span()
		t.piece(x, f, i, at, from, start+1)
		from = end - 1
	}
	t.piece(x, f, n, at, from, len(f.Data))
	t.holes, t.same = n, x.patch.Empty()
	x.textHole = 0
	if n == 2 && first(holes[0]) != first(text) {
		x.textHole = 1
	}
	x.tmplChoice = x.Event.Choice
}

func first(n rawjson.Node) int { s, _ := n.Span(); return s }

// piece keeps data[from:to] as it came and as it goes, with what is around the data.
func (t *template) piece(x *relay, f sse.Frame, i, at, from, to int) {
	t.raw[i], t.out[i] = t.raw[i][:0], t.out[i][:0]
	if from == 0 {
		t.raw[i] = append(t.raw[i], f.Raw[:at]...)
		t.out[i] = append(t.out[i], f.Raw[:at]...)
	}
	t.raw[i] = append(t.raw[i], f.Data[from:to]...)
	t.out[i] = x.patch.ApplyRange(t.out[i], f.Data, from, to)
	if to == len(f.Data) {
		t.raw[i] = append(t.raw[i], f.Raw[at+len(f.Data):]...)
		t.out[i] = append(t.out[i], f.Raw[at+len(f.Data):]...)
	}
}

// match reads a frame by the template into x.Event and reports whether it fits.
func (x *relay) match(raw []byte) bool {
	t := &x.tmpl
	if t.holes == 0 || x.quotes || !bytes.HasPrefix(raw, t.raw[0]) {
		return false
	}
	var hole [2][]byte
	at := len(t.raw[0])
	for i := range t.holes {
		n := rawjson.StringEnd(raw[at:])
		if n < 0 {
			return false
		}
		hole[i] = raw[at : at+n]
		at += n
		if !bytes.HasPrefix(raw[at:], t.raw[i+1]) {
			return false
		}
		at += len(t.raw[i+1])
	}
	if at != len(raw) {
		return false
	}
	size := int64(len(hole[x.textHole]))
	x.setFrame(raw, size)
	if !t.same {
		b := append(x.buf[:0], t.out[0]...)
		for i := range t.holes {
			b = append(append(b, hole[i]...), t.out[i+1]...)
		}
		x.buf, x.Event.Frame = b, b
	}
	return true
}
