package anthropic

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// attachment is an image or document block.
type attachment struct {
	typ    string // image, document
	source string // base64, url, text, file
	mime   string // of base64 and text
	value  string // data, URL, text or file id
	title  string // of a document
}

const betaFiles = "files-api-2025-04-14"

// attachment finds the block for a part; what has none is reported.
func (e *encoder) attachment(p *llm.Part) (attachment, bool) {
	m := p.Media
	a := attachment{typ: "document", mime: mimeOf(m), title: m.Filename}
	if p.Kind == llm.ImagePart || strings.HasPrefix(a.mime, "image/") {
		a.typ, a.title = "image", ""
	}
	if m.Detail != "" && m.Detail != "auto" {
		e.lose(p.Path+".detail", "the provider sets the resolution of images itself")
	}
	switch {
	case m.Data != "":
		return e.inline(a, p)
	case strings.HasPrefix(m.URL, "data:"):
		e.lose(p.Path, "a data URL must be base64")
	case m.URL != "":
		a.source, a.value = "url", m.URL
		return a, true
	case strings.HasPrefix(m.FileID, "file_"): // of the provider's Files API
		e.beta(betaFiles)
		a.source, a.value = "file", m.FileID
		return a, true
	case m.FileID != "":
		e.lose(p.Path, "the file id is not one of this provider's")
	default:
		e.lose(p.Path, "the part holds neither data nor a URL")
	}
	return a, false
}

// inline is for data that came with the request: images and PDF as they are, other
// documents as their text.
func (e *encoder) inline(a attachment, p *llm.Part) (attachment, bool) {
	a.source, a.value = "base64", p.Media.Data
	switch {
	case a.typ == "image":
		if a.mime == "" {
			a.mime = "image/jpeg"
		}
		return a, true
	case a.mime == "application/pdf":
		return a, true
	}
	text, err := base64.StdEncoding.DecodeString(p.Media.Data)
	if err != nil || !utf8.Valid(text) || strings.HasPrefix(a.mime, "audio/") || strings.HasPrefix(a.mime, "video/") {
		e.lose(p.Path, "the provider reads PDF and text documents only")
		return a, false
	}
	a.source, a.mime, a.value = "text", "text/plain", string(text)
	return a, true
}

func (a attachment) write(w *rawjson.Writer) {
	w.Key("source").Open('{')
	w.Key("type").Str(a.source)
	switch a.source {
	case "url":
		w.Key("url").Str(a.value)
	case "file":
		w.Key("file_id").Str(a.value)
	default:
		w.Key("media_type").Str(a.mime)
		w.Key("data").Str(a.value)
	}
	w.Close('}')
	if a.title != "" {
		w.Key("title").Str(a.title)
	}
}

// magic is how base64 of some formats begins.
var magic = []struct{ head, mime string }{
	{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"}, {"UklGR", "image/webp"}, {"JVBERi", "application/pdf"},
}

var byExtension = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf",
}

// mimeOf trusts the data more than its label, as the provider refuses an image whose
// label is wrong.
func mimeOf(m *llm.Media) string {
	for _, f := range magic {
		if strings.HasPrefix(m.Data, f.head) && (f.mime != "image/webp" || !strings.HasPrefix(m.MIME, "audio/") && !strings.HasPrefix(m.MIME, "video/")) {
			return f.mime
		}
	}
	switch m.MIME {
	case "":
	case "image/jpg":
		return "image/jpeg"
	default:
		return m.MIME
	}
	for _, name := range []string{m.Filename, m.URL} {
		name, _, _ = strings.Cut(name, "?")
		if mime := byExtension[strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])]; mime != "" {
			return mime
		}
	}
	return ""
}
