package openaichat

import (
	"encoding/base64"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// part writes one element of a content array, or reports why it cannot.
func (c *composer) part(p *llm.Part) {
	at := len(c.w.B)
	c.extra(p.Extra)
	c.w.Elem().Open('{')
	ok := false
	switch p.Kind {
	case llm.TextPart, llm.RefusalPart:
		c.w.Key("type").Str("text")
		c.w.Key("text").Str(p.Text)
		ok = true
	case llm.ImagePart:
		ok = c.image(p)
	case llm.AudioPart:
		ok = c.audio(p)
	case llm.VideoPart:
		ok = c.video(p)
	case llm.FilePart:
		ok = c.file(p)
	default:
		c.lose(p.Path, "the provider takes no such part in this role")
	}
	if !ok {
		c.w.B = c.w.B[:at]
		return
	}
	c.mark(p)
	c.w.Close('}')
}

const (
	noBytes  = "the part holds neither data nor a URL that the provider can read"
	foreigns = "the file id is not one of this provider's"
)

func (c *composer) image(p *llm.Part) bool {
	m := p.Media
	url := m.URL
	switch {
	case m.Data != "":
		url = dataURL(m, "image/jpeg")
	case url == "" && m.FileID != "":
		c.lose(p.Path, foreigns)
		return false
	case url == "":
		c.lose(p.Path, noBytes)
		return false
	}
	c.w.Key("type").Str("image_url")
	c.w.Key("image_url").Open('{')
	c.w.Key("url").Str(url)
	if m.Detail != "" {
		c.w.Key("detail").Str(m.Detail)
	}
	c.w.Close('}')
	return true
}

func dataURL(m *llm.Media, mime string) string {
	if m.MIME != "" {
		mime = m.MIME
	}
	return "data:" + mime + ";base64," + m.Data
}

// audio is inline only.
func (c *composer) audio(p *llm.Part) bool {
	m := c.req.Inline(p.Media)
	if m.Data == "" {
		if !c.wants.Want(m.URL) {
			c.lose(p.Path, noBytes)
		}
		return false
	}
	c.w.Key("type").Str("input_audio")
	c.w.Key("input_audio").Open('{')
	c.w.Key("data").Str(m.Data)
	c.w.Key("format").Str(audioFormat(m))
	c.w.Close('}')
	return true
}

// audioFormat is the wire's word for what plays the data.
func audioFormat(m *llm.Media) string {
	mime, _, _ := strings.Cut(m.MIME, ";")
	switch mime {
	case "audio/mpeg", "audio/mp3":
		return "mp3"
	case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave":
		return "wav"
	case "audio/pcm", "audio/l16":
		return "pcm16"
	case "audio/mp4", "audio/x-m4a":
		return "m4a"
	case "":
		if ext := strings.TrimPrefix(path.Ext(m.Filename), "."); ext != "" {
			return ext
		}
		return "wav"
	}
	return strings.TrimPrefix(strings.TrimPrefix(mime, "audio/"), "x-")
}

func (c *composer) video(p *llm.Part) bool {
	m := p.Media
	url := m.URL
	if m.Data != "" {
		url = dataURL(m, "video/mp4")
	}
	switch {
	case c.q.Strict:
		c.lose(p.Path, "the provider takes no video")
		return false
	case url == "":
		c.lose(p.Path, noBytes)
		return false
	}
	c.w.Key("type").Str("video_url")
	c.w.Key("video_url").Open('{')
	c.w.Key("url").Str(url)
	c.w.Close('}')
	return true
}

// file writes a document. One of text goes as text, which every server reads.
func (c *composer) file(p *llm.Part) bool {
	m := p.Media
	if m.FileID != "" && m.Data == "" && m.URL == "" {
		if !strings.HasPrefix(m.FileID, "file-") { // of OpenAI's Files API
			c.lose(p.Path, foreigns)
			return false
		}
		c.w.Key("type").Str("file")
		c.w.Key("file").Open('{')
		c.w.Key("file_id").Str(m.FileID)
		c.w.Close('}')
		return true
	}
	if !c.q.NativeReasoning { // OpenRouter takes URLs of documents
		m = c.req.Inline(m)
	}
	if m.Data == "" && !c.q.NativeReasoning {
		if !c.wants.Want(m.URL) {
			c.lose(p.Path, noBytes)
		}
		return false
	}
	if text, ok := document(m); ok {
		c.w.Key("type").Str("text")
		c.w.Key("text").Str(text)
		return true
	}
	data := m.URL
	if m.Data != "" {
		data = dataURL(m, "application/pdf")
	}
	name := m.Filename
	if name == "" {
		name = "document.pdf"
	}
	c.w.Key("type").Str("file")
	c.w.Key("file").Open('{')
	c.w.Key("filename").Str(name)
	c.w.Key("file_data").Str(data)
	c.w.Close('}')
	return true
}

// document is the text of a file that holds nothing else, after its name.
func document(m *llm.Media) (string, bool) {
	mime, _, _ := strings.Cut(m.MIME, ";")
	if mime != "" && !strings.HasPrefix(mime, "text/") && mime != "application/json" && mime != "application/xml" {
		return "", false
	}
	if mime == "" && (m.Data == "" || strings.HasPrefix(m.Data, "JVBERi") || strings.HasSuffix(strings.ToLower(m.Filename), ".pdf")) {
		return "", false
	}
	text, err := base64.StdEncoding.DecodeString(m.Data)
	if err != nil || m.Data == "" || !utf8.Valid(text) {
		return "", false
	}
	if m.Filename == "" {
		return string(text), true
	}
	return m.Filename + ":\n\n" + string(text), true
}
