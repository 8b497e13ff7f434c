package images

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Limits of a request (reference §3.8).
const (
	maxImages     = 10
	maxReferences = 16
	maxPrompt     = 1 << 20
)

// DecodeRequest reads a request for images. Unset options may be null.
func (s Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	input := &llm.DrawInput{API: string(s.API)}
	d := decoder{api: s.API, in: input, req: &llm.Request{From: llm.OpenAIImages, Raw: in.Body, Choices: 1, Input: input}}
	var err error
	if s.API == Edits && isType(in.Header, "multipart/form-data") {
		err = d.form(dialect.Get(in.Header, "Content-Type"), in.Body)
	} else {
		err = d.json(in.Body)
	}
	switch {
	case err != nil:
		return nil, err
	case input.Prompt == "":
		return nil, fault.Bad("prompt", "prompt is missing or empty; say what the image is to show")
	case s.API == Edits && d.req.Size.Images == 0:
		return nil, fault.Bad("image", "There is no image to edit; send image in a form, or images in JSON")
	}
	return d.req, field.Finish(d.req, in.Header)
}

type decoder struct {
	api API
	req *llm.Request
	in  *llm.DrawInput
}

func (d *decoder) json(body []byte) error {
	doc, root, err := field.Parse(body)
	if err != nil {
		return err
	}
	d.req.Doc = doc
	for k, v := range root.Members() {
		if err := d.member(k.Str(), v); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) form(contentType string, body []byte) error {
	fields, err := dialect.ReadForm(contentType, body)
	if err != nil {
		return err
	}
	for _, f := range fields {
		d.in.Form = append(d.in.Form, llm.FormPart(f))
		switch name := strings.TrimSuffix(f.Name, "[]"); name {
		case "image", "mask":
			d.image()
		default:
			value := f.Value
			switch name {
			case "n", "stream", "output_compression", "partial_images", "provider":
			default:
				value = rawjson.AppendString(nil, value)
			}
			var doc rawjson.Doc
			if doc.Parse(value) != nil {
				return fault.Bad(name, "The field "+name+" of the form cannot be read")
			}
			if err := d.member(name, doc.Root()); err != nil {
				return err
			}
		}
	}
	if d.req.Size.Images > maxReferences+1 {
		return fault.Bad("image", fmt.Sprintf("The form has more than %d images", maxReferences))
	}
	return nil
}

func (d *decoder) image() {
	d.req.Size.Images++
	d.req.Needs |= llm.NeedImages
}

func (d *decoder) member(name string, v rawjson.Node) error {
	known, err := field.Head(d.req, name, v)
	if known || err != nil || v.IsNull() {
		return err
	}
	if d.req.Params = append(d.req.Params, name); d.openRouter(name) {
		return d.openRouterMember(name, v)
	}
	switch name {
	case "prompt":
		d.in.Prompt, err = field.Str(name, v, maxPrompt)
		d.req.Size.Text = int64(len(d.in.Prompt))
	case "n":
		d.req.Choices, err = field.Whole(name, v, 1, maxImages)
	case "size":
		d.in.Size, err = field.Str(name, v, 32)
	case "quality":
		d.in.Quality, err = field.Str(name, v, 32)
	case "background":
		d.in.Background, err = field.OneOf(name, v, []string{"auto", "transparent", "opaque"})
	case "output_format":
		d.in.Format, err = field.OneOf(name, v, []string{"png", "jpeg", "webp", "svg"})
	case "output_compression":
		d.in.Compress = v.Raw()
		_, err = field.Whole(name, v, 0, 100)
	case "stream":
		d.req.Stream, err = field.Bool(name, v)
	case "images", "image":
		if d.api == Edits {
			return d.references(name, v)
		}
		d.extra(name, v)
	case "mask":
		d.image()
		d.extra(name, v)
	default:
		d.extra(name, v)
	}
	return err
}

func (d *decoder) extra(name string, v rawjson.Node) {
	d.in.Extra = append(d.in.Extra, llm.Field{Path: name, Value: v.Raw()})
}

// openRouter reports whether a member is OpenRouter's own.
func (d *decoder) openRouter(name string) bool {
	switch name {
	case "aspect_ratio", "resolution", "seed", "input_references":
		return d.api == OpenRouter
	}
	return false
}

func (d *decoder) openRouterMember(name string, v rawjson.Node) (err error) {
	switch name {
	case "aspect_ratio":
		d.in.Aspect, err = field.Str(name, v, 16)
	case "resolution":
		d.in.Resolution, err = field.OneOf(name, v, []string{"512", "1K", "2K", "4K"})
	case "seed":
		if d.in.Seed = v.Raw(); v.Kind() != rawjson.Number {
			err = field.Bad(name, v, "an integer")
		}
	case "input_references":
		err = d.references(name, v)
	}
	return err
}

// references reads images: content parts, OpenAI's {image_url} or {file_id}, xAI's {url}.
func (d *decoder) references(name string, v rawjson.Node) error {
	one := func(path string, e rawjson.Node) error {
		url := e.Get("image_url")
		if url.Kind() == rawjson.Object {
			url = url.Get("url")
		}
		if !url.Exists() {
			url = e.Get("url")
		}
		m := llm.Media{URL: url.Str(), FileID: e.Get("file_id").Str()}
		if m.URL == "" && m.FileID == "" {
			return field.Bad(path+".image_url", url, "the URL of an image, or a data URL")
		}
		d.in.Images = append(d.in.Images, m)
		d.image()
		return nil
	}
	if v.Kind() == rawjson.Object {
		return one(name, v)
	}
	if err := field.Want(name, v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	for e := range v.Elems() {
		if err := one(fmt.Sprintf("%s[%d]", name, i), e); err != nil {
			return err
		}
		if i++; i > maxReferences {
			return fault.Bad(name, fmt.Sprintf("%s has more than %d entries", name, maxReferences))
		}
	}
	return nil
}
