package bedrock

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// formats are the wire's words for media types, by the block that holds them
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html).
var formats = map[string]struct{ kind, format string }{
	"image/png": {"image", "png"}, "image/jpeg": {"image", "jpeg"}, "image/jpg": {"image", "jpeg"}, "image/gif": {"image", "gif"}, "image/webp": {"image", "webp"},
	"application/pdf": {"document", "pdf"}, "text/csv": {"document", "csv"}, "text/html": {"document", "html"}, "text/plain": {"document", "txt"}, "text/markdown": {"document", "md"},
	"application/msword": {"document", "doc"}, "application/vnd.ms-excel": {"document", "xls"},
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": {"document", "docx"},
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       {"document", "xlsx"},
	"video/mp4": {"video", "mp4"}, "video/quicktime": {"video", "mov"}, "video/x-matroska": {"video", "mkv"}, "video/webm": {"video", "webm"},
	"video/x-flv": {"video", "flv"}, "video/mpeg": {"video", "mpeg"}, "video/x-ms-wmv": {"video", "wmv"}, "video/3gpp": {"video", "three_gp"},
	"audio/mpeg": {"audio", "mp3"}, "audio/mp3": {"audio", "mp3"}, "audio/wav": {"audio", "wav"}, "audio/x-wav": {"audio", "wav"},
	"audio/flac": {"audio", "flac"}, "audio/ogg": {"audio", "ogg"}, "audio/opus": {"audio", "opus"}, "audio/aac": {"audio", "aac"}, "audio/mp4": {"audio", "m4a"},
}

// magic is how base64 of some formats begins.
var magic = []struct{ head, mime string }{
	{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"}, {"JVBERi", "application/pdf"},
}

var byExtension = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
	"pdf": "application/pdf", "csv": "text/csv", "html": "text/html", "txt": "text/plain", "md": "text/markdown", "doc": "application/msword", "xls": "application/vnd.ms-excel",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"mp4": "video/mp4", "mov": "video/quicktime", "mkv": "video/x-matroska", "webm": "video/webm", "mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg",
}

// mimeOf trusts the data more than its label, as the provider refuses an image whose
// label is wrong.
func mimeOf(p *llm.Part, m *llm.Media) string {
	for _, f := range magic {
		if strings.HasPrefix(m.Data, f.head) {
			return f.mime
		}
	}
	if m.MIME != "" {
		mime, _, _ := strings.Cut(m.MIME, ";")
		return strings.ToLower(strings.TrimSpace(mime))
	}
	for _, name := range []string{m.Filename, m.URL} {
		name, _, _ = strings.Cut(name, "?")
		if mime := byExtension[strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])]; mime != "" {
			return mime
		}
	}
	if p.Kind == llm.ImagePart {
		return "image/jpeg"
	}
	return ""
}

// media writes a block of media, inline or by its place in S3, and reports whether it did.
func (e *encoder) media(role string, p *llm.Part) bool {
	m := e.req.Inline(p.Media)
	f, ok := formats[mimeOf(p, m)]
	switch {
	case m.Data == "" && e.wants.Want(m.URL):
		return false
	case m.Data == "" && !strings.HasPrefix(m.URL, "s3://"):
		e.lose(p.Path, "the provider takes media inline or by an s3:// address only; send a data URL")
		return false
	case !ok && p.Kind == llm.FilePart && textual(m.Data):
		f.kind, f.format = "document", "txt"
	case !ok:
		e.lose(p.Path, "the provider takes no media of that type")
		return false
	}
	if m.Detail != "" && m.Detail != "auto" {
		e.lose(p.Path+".detail", "the provider sets the resolution of images itself")
	}
	w := e.block(role, f.kind)
	w.Open('{')
	w.Key("format").Str(f.format)
	if f.kind == "document" {
		w.Key("name").Str(e.name(p, role))
	} else if m.Filename != "" {
		e.lose(p.Path+".filename", "the provider names documents only")
	}
	w.Key("source").Open('{')
	if m.Data != "" {
		w.Key("bytes").Str(m.Data)
	} else {
		w.Key("s3Location").Open('{')
		w.Key("uri").Str(m.URL)
		w.Close('}')
	}
	w.Word("}}}")
	return true
}

// textual reports whether base64 holds text.
func textual(data string) bool {
	raw, err := base64.StdEncoding.DecodeString(data)
	return err == nil && len(raw) > 0 && utf8.Valid(raw)
}

// name is a document's name in the letters that the wire takes: it refuses others, two
// spaces in a row, and two documents of one name.
func (e *encoder) name(p *llm.Part, role string) string {
	name := p.Media.Filename
	if at := strings.LastIndexByte(name, '.'); at > 0 {
		name = name[:at]
	}
	b := make([]byte, 0, len(name)+8)
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '(', c == ')', c == '[', c == ']':
			b = append(b, byte(c))
		case len(b) > 0 && b[len(b)-1] != ' ':
			b = append(b, ' ')
		}
	}
	name = strings.TrimSpace(string(b[:min(len(b), 180)]))
	if name == "" {
		name = "document"
	}
	e.docs++
	if e.docs > 1 {
		name += " " + strconv.Itoa(e.docs)
	}
	if role != nested {
		e.files = append(e.files, p.Path)
	}
	return name
}
