package embeddings

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// DecodeRequest reads a request for embeddings (reference §3.4). Unset options may be null.
func (Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	input := new(llm.EmbedInput)
	r := &llm.Request{From: llm.OpenAIEmbeddings, Raw: in.Body, Doc: doc, Choices: 1, Input: input}
	d := decoder{req: r, in: input}
	for k, v := range root.Members() {
		if err := d.member(k.Str(), v); err != nil {
			return nil, err
		}
	}
	if len(input.Items) == 0 {
		return nil, fault.Bad("input", "input is missing or empty; send a text or an array of texts")
	}
	return r, field.Finish(r, in.Header)
}

type decoder struct {
	req *llm.Request
	in  *llm.EmbedInput
}

func (d *decoder) member(name string, v rawjson.Node) error {
	known, err := field.Head(d.req, name, v)
	if known || err != nil || v.IsNull() {
		return err
	}
	switch name {
	case "input":
		return d.input(v)
	case "dimensions":
		d.in.Dimensions, err = field.Whole(name, v, 1, 1<<20)
		d.req.Params = append(d.req.Params, name)
	case "encoding_format":
		var how string
		how, err = field.OneOf(name, v, []string{"float", "base64"})
		d.in.Base64 = how == "base64"
	case "input_type":
		d.in.Type, err = field.Str(name, v, 128)
	case "stream":
		var on bool
		if on, err = field.Bool(name, v); on {
			err = fault.Bad(name, "Embeddings are not streamed; leave stream out")
		}
	default:
		d.in.Extra = append(d.in.Extra, llm.Field{Path: name, Value: v.Raw()})
	}
	return err
}

// input is a text, an array of texts, one array of tokens, an array of those, or an array
// of objects with content parts.
func (d *decoder) input(v rawjson.Node) error {
	d.in.Items = nil
	switch v.Kind() {
	case rawjson.String:
		return d.item("input", v)
	case rawjson.Array:
	default:
		return field.Bad("input", v, "a string or an array")
	}
	first := rawjson.Absent
	for e := range v.Elems() {
		first = e.Kind()
		break
	}
	if first == rawjson.Number {
		return d.item("input", v)
	}
	i := 0
	for e := range v.Elems() {
		path := fmt.Sprintf("input[%d]", i)
		if e.Kind() != first {
			return field.Bad(path, e, field.Article(first)+" like the entries before it")
		}
		if err := d.item(path, e); err != nil {
			return err
		}
		if i++; i > maxItems {
			return fault.Bad("input", fmt.Sprintf("input has more than %d entries; send them in several requests", maxItems))
		}
	}
	return nil
}

func (d *decoder) item(path string, v rawjson.Node) error {
	it := llm.EmbedItem{Path: path}
	size := &d.req.Size
	size.Messages++ // a model's own marks around each input
	switch v.Kind() {
	case rawjson.String:
		if v.StrLen() == 0 {
			return fault.Bad(path, path+" is empty; send a text")
		}
		size.Text += int64(v.StrLen())
		it.Parts = []llm.Part{{Kind: llm.TextPart, Text: v.Str(), Path: path}}
	case rawjson.Array:
		for t := range v.Elems() {
			n, ok := t.Int()
			if !ok || n < 0 {
				return field.Bad(fmt.Sprintf("%s[%d]", path, len(it.Tokens)), t, "a token number")
			}
			it.Tokens = append(it.Tokens, n)
		}
		if len(it.Tokens) == 0 {
			return fault.Bad(path, path+" is empty; send tokens or a text")
		}
		size.Tokens += int64(len(it.Tokens))
	case rawjson.Object:
		list := v.Get("content")
		if list.Kind() != rawjson.Array || list.Len() == 0 {
			return field.Bad(path+".content", list, "an array of at least one part")
		}
		j := 0
		for p := range list.Elems() {
			part, err := d.part(fmt.Sprintf("%s.content[%d]", path, j), p)
			if err != nil {
				return err
			}
			it.Parts = append(it.Parts, part)
			j++
		}
	default:
		return field.Bad(path, v, "a string, an array of tokens or an object with content")
	}
	d.in.Items = append(d.in.Items, it)
	return nil
}
