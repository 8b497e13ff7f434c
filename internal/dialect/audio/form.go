package audio

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Limits of a form. A file may be as large as reference §3.7 says.
const (
	maxFile   = 25 << 20
	maxValue  = 1 << 20
	maxFields = 64
)

// formField is one field of a form: a text, or a file.
type formField struct {
	name, filename, mime string
	value                []byte
}

// readForm reads a multipart/form-data body (RFC 7578).
func readForm(contentType string, body []byte) ([]formField, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, fault.Bad("", "The Content-Type of a form must be multipart/form-data with a boundary")
	}
	rd := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var out []formField
	for {
		p, err := rd.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Public: "The form breaks off or is not multipart/form-data", Err: err}
		}
		f := formField{name: p.FormName(), filename: p.FileName(), mime: p.Header.Get("Content-Type")}
		limit := int64(maxValue)
		if f.filename != "" || f.name == "file" {
			limit = maxFile
		}
		if f.value, err = io.ReadAll(io.LimitReader(p, limit+1)); err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Public: "The form breaks off inside of a field", Err: err}
		}
		switch {
		case int64(len(f.value)) > limit:
			return nil, &fault.Error{Kind: fault.TooLarge, Param: f.name, Public: "The field " + f.name + " of the form is too large; send larger audio as base64 in JSON"}
		case f.name == "":
			return nil, fault.Bad("", "A field of the form has no name")
		}
		if out = append(out, f); len(out) > maxFields {
			return nil, fault.Bad("", "The form has too many fields")
		}
	}
}

// form writes a multipart/form-data body. Values are spliced, not copied.
type form struct {
	boundary string
	body     [][]byte
}

// newForm takes its boundary from the content, so that it cannot be in it by accident or
// by intent, and the same request makes the same bytes.
func newForm(content ...[]byte) *form {
	h := sha256.New()
	for _, c := range content {
		h.Write(c)
	}
	return &form{boundary: "dragoman" + hex.EncodeToString(h.Sum(nil)[:20])}
}

func (f *form) add(name, filename, mime string, value []byte) {
	head := "--" + f.boundary + "\r\nContent-Disposition: form-data; name=\"" + quoted(name) + "\""
	if filename != "" {
		head += "; filename=\"" + quoted(filename) + "\""
	}
	if mime != "" {
		head += "\r\nContent-Type: " + strings.Map(line, mime)
	}
	f.body = append(f.body, []byte(head+"\r\n\r\n"), value, []byte("\r\n"))
}

func (f *form) close() [][]byte { return append(f.body, []byte("--"+f.boundary+"--\r\n")) }

func (f *form) contentType() string { return "multipart/form-data; boundary=" + f.boundary }

// quoted is a parameter of a header as browsers write it.
func quoted(s string) string {
	return strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22").Replace(s)
}

func line(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

// jsonText is a form's text as a JSON value, so that forms and JSON are checked alike: a
// number or a word of JSON where it is one, else a string.
func jsonText(name string, value []byte) []byte {
	switch name {
	case "temperature", "stream", "provider":
		if rawjson.Valid(value) {
			return value
		}
	}
	return rawjson.AppendString(nil, value)
}
