package dialect

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
)

// Limits of a form. A file may be as large as reference §3.7 says of audio.
const (
	maxFormFile   = 25 << 20
	maxFormValue  = 1 << 20
	maxFormFields = 64
)

// FormField is one field of a form: a text, or a file.
type FormField struct {
	Name, Filename, MIME string
	Value                []byte
}

// ReadForm reads a multipart/form-data body (RFC 7578).
func ReadForm(contentType string, body []byte) ([]FormField, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, fault.Bad("", "The Content-Type of a form must be multipart/form-data with a boundary")
	}
	rd := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var out []FormField
	for {
		p, err := rd.NextRawPart()
		if errors.Is(err, io.EOF) && bytes.Contains(body, []byte("--"+params["boundary"]+"--")) {
			return out, nil
		}
		if err != nil { // also a form that ends before its last boundary
			return nil, &fault.Error{Kind: fault.Invalid, Public: "The form breaks off or is not multipart/form-data", Err: err}
		}
		f := FormField{Name: p.FormName(), Filename: p.FileName(), MIME: p.Header.Get("Content-Type")}
		limit := int64(maxFormValue)
		if f.Filename != "" || f.Name == "file" || f.Name == "image" {
			limit = maxFormFile
		}
		if f.Value, err = io.ReadAll(io.LimitReader(p, limit+1)); err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Public: "The form breaks off inside of a field", Err: err}
		}
		switch {
		case int64(len(f.Value)) > limit:
			return nil, &fault.Error{Kind: fault.TooLarge, Param: f.Name, Public: "The field " + f.Name + " of the form is too large; send it in JSON instead, or send less"}
		case f.Name == "":
			return nil, fault.Bad("", "A field of the form has no name")
		}
		if out = append(out, f); len(out) > maxFormFields {
			return nil, fault.Bad("", "The form has too many fields")
		}
	}
}

// A Form writes a multipart/form-data body. Values are spliced, not copied.
type Form struct {
	boundary string
	body     [][]byte
}

// NewForm starts a form. It takes its boundary from the content, so that it cannot be in it by accident or
// by intent, and the same request makes the same bytes.
func NewForm(content ...[]byte) *Form {
	h := sha256.New()
	for _, c := range content {
		h.Write(c)
	}
	return &Form{boundary: "dragoman" + hex.EncodeToString(h.Sum(nil)[:20])}
}

// Add adds a field, a file when it has a name.
func (f *Form) Add(name, filename, mime string, value []byte) {
	head := "--" + f.boundary + "\r\nContent-Disposition: form-data; name=\"" + quoted(name) + "\""
	if filename != "" {
		head += "; filename=\"" + quoted(filename) + "\""
	}
	if mime != "" {
		head += "\r\nContent-Type: " + strings.Map(line, mime)
	}
	f.body = append(f.body, []byte(head+"\r\n\r\n"), value, []byte("\r\n"))
}

// Close is the whole body.
func (f *Form) Close() [][]byte { return append(f.body, []byte("--"+f.boundary+"--\r\n")) }

// ContentType names the boundary.
func (f *Form) ContentType() string { return "multipart/form-data; boundary=" + f.boundary }

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
