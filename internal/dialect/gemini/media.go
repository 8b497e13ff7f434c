package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

const filesAPI = "https://generativelanguage.googleapis.com/v1beta/"

// nameOf is what the clients' dialects call the name of a file.
var nameOf = map[llm.Dialect]string{llm.OpenAIChat: "file.filename", llm.OpenAIResponses: "filename", llm.Anthropic: "title"}

// media writes an image, document, audio or video. A URL goes as it is: whether the
// upstream can fetch it is the upstream's answer to give.
func (e *encoder) media(role string, p *llm.Part) {
	m := p.Media
	mime, uri := mimeOf(p), m.URL
	if uri == "" && strings.HasPrefix(m.FileID, "files/") { // a name of Google's Files API
		uri = filesAPI + m.FileID
	}
	if m.Detail != "" && m.Detail != "auto" {
		e.lose(p.Path+".detail", "the provider sets the resolution of media itself")
	}
	if name := nameOf[e.req.From]; m.Filename != "" && name != "" && p.Kind == llm.FilePart {
		e.lose(p.Path+"."+name, "the provider takes no names of files")
	}
	switch {
	case m.Data != "":
		w := e.part(role)
		w.Key("inlineData").Open('{')
		w.Key("mimeType").Str(mime)
		w.Key("data").Str(m.Data)
		w.Word("}}")
	case strings.HasPrefix(uri, "data:"):
		e.lose(p.Path, "a data URL must be base64")
	case uri != "":
		w := e.part(role)
		w.Key("fileData").Open('{')
		if mime != "" {
			w.Key("mimeType").Str(mime)
		}
		w.Key("fileUri").Str(uri)
		w.Word("}}")
	case m.FileID != "":
		e.lose(p.Path, "the file id is not one of this provider's")
	default:
		e.lose(p.Path, "the part holds neither data nor a URL")
	}
}

// magic is how base64 of some formats begins.
var magic = []struct{ head, mime string }{
	{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"}, {"JVBERi", "application/pdf"},
	{"SUQz", "audio/mpeg"}, {"T2dnUw", "audio/ogg"}, {"ZkxhQw", "audio/flac"},
}

var byExtension = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "heic": "image/heic",
	"pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "html": "text/html", "csv": "text/csv", "json": "application/json",
	"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "flac": "audio/flac", "m4a": "audio/mp4", "aac": "audio/aac", "aiff": "audio/aiff",
	"mp4": "video/mp4", "mpeg": "video/mpeg", "mov": "video/quicktime", "webm": "video/webm",
}

// mimeOf is what the client said, else what the bytes, the name or the kind suggest; ""
// for a reference that tells nothing.
func mimeOf(p *llm.Part) string {
	m := p.Media
	if m.MIME != "" {
		return m.MIME
	}
	for _, f := range magic {
		if strings.HasPrefix(m.Data, f.head) {
			return f.mime
		}
	}
	for _, name := range []string{m.Filename, m.URL} {
		name, _, _ = strings.Cut(name, "?")
		if mime := byExtension[strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])]; mime != "" {
			return mime
		}
	}
	switch {
	case p.Kind == llm.VideoPart:
		return "video/mp4" // also what Google wants for a YouTube page
	case m.Data == "" && m.URL == "":
		return ""
	case p.Kind == llm.ImagePart:
		return "image/jpeg"
	case p.Kind == llm.AudioPart:
		return "audio/wav"
	case m.Data != "":
		return "application/octet-stream"
	}
	return ""
}
