package dialect

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// packed begins the text of a packed blob. No vendor's own blob has a dot.
const packed = "dragoman.1."

// Pack puts an opaque piece of reasoning into the one slot that a client's dialect has for
// its own vendor's: Anthropic's signature and redacted data, Gemini's thoughtSignature,
// encrypted_content of Responses. The client carries it home without reading it.
func Pack(d *llm.ReasoningDetail) string {
	c := *d
	c.Text, c.Summary = "", ""
	return PackWhole(&c)
}

// Signs reports whether reasoning has something to be packed: what is opaque, or a maker that
// its bare text would not tell.
func Signs(d *llm.ReasoningDetail) bool {
	return d.Data != "" || d.Signature != "" || d.ID != "" || d.Format != "" && d.Format != llm.FormatUnknown
}

// PackWhole is Pack with the texts, for a slot that clients carry home where they drop the
// texts beside it.
func PackWhole(d *llm.ReasoningDetail) string {
	var b []byte
	open := byte('{')
	for _, f := range [...]struct{ key, v string }{
		{"type", d.Type}, {"text", d.Text}, {"summary", d.Summary}, {"data", d.Data}, {"signature", d.Signature}, {"id", d.ID}, {"format", d.Format},
	} {
		if f.v == "" {
			continue
		}
		b = append(b, open, '"')
		b = append(append(b, f.key...), `":`...)
		b = rawjson.AppendString(b, f.v)
		open = ','
	}
	if open == '{' {
		b = append(b, '{')
	}
	return packed + base64.RawURLEncoding.EncodeToString(append(b, '}'))
}

// Packed reports whether a blob is another vendor's, packed here. It need not be unescaped.
func Packed(blob []byte) bool { return bytes.HasPrefix(blob, []byte(packed)) }

// Unpack is what Pack or PackWhole has packed; ok is false for a blob that is the vendor's
// own. Pack leaves texts out: they travel in the open.
func Unpack(s string) (d llm.ReasoningDetail, ok bool) {
	rest, ok := strings.CutPrefix(s, packed)
	if !ok {
		return d, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	var doc rawjson.Doc
	if err != nil || doc.Parse(raw) != nil {
		return d, false
	}
	n := doc.Root()
	return llm.ReasoningDetail{
		Type: n.Get("type").Str(), Text: n.Get("text").Str(), Summary: n.Get("summary").Str(), Data: n.Get("data").Str(), Signature: n.Get("signature").Str(),
		ID: n.Get("id").Str(), Format: n.Get("format").Str(),
	}, true
}
