package replay

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
)

// part is one field of a form.
type part struct {
	name, file string
	header     textproto.MIMEHeader
	value      []byte
}

// parts are the fields of a recorded form, none when it cannot be read.
func (x *Exchange) parts() (out []part) {
	_, params, err := mime.ParseMediaType(x.FormType)
	if err != nil || x.Form == nil {
		return nil
	}
	r := multipart.NewReader(bytes.NewReader(x.Form), params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return out
		}
		value, err := io.ReadAll(p)
		if err != nil {
			return nil
		}
		out = append(out, part{p.FormName(), p.FileName(), p.Header, value})
	}
}

// reform is the recorded form with another model.
func (x *Exchange) reform(model string) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range x.parts() {
		to, err := w.CreatePart(p.header)
		if err != nil {
			return nil, "", err
		}
		if p.name == "model" {
			p.value = []byte(model)
		}
		if _, err := to.Write(p.value); err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return b.Bytes(), w.FormDataContentType(), nil
}

// spoken is the recorded form as OpenRouter's JSON.
func (x *Exchange) spoken(model string) ([]byte, error) {
	req := map[string]any{"model": model}
	var lists = map[string][]string{}
	for _, p := range x.parts() {
		name, list := strings.CutSuffix(p.name, "[]")
		switch {
		case name == "model":
		case p.file != "":
			_, format, _ := strings.Cut(p.file, ".")
			req["input_audio"] = map[string]any{"data": base64.StdEncoding.EncodeToString(p.value), "format": format}
		case list:
			lists[name] = append(lists[name], string(p.value))
			req[name] = lists[name]
		case json.Valid(p.value):
			req[name] = json.RawMessage(p.value)
		default:
			req[name] = string(p.value)
		}
	}
	if req["input_audio"] == nil {
		return nil, fmt.Errorf("the recorded form of %s has no file", x.Path)
	}
	return json.Marshal(req)
}
