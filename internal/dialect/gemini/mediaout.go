package gemini

import (
	"encoding/base64"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// media writes an image or a piece of audio.
func (w *writer) media(dst []byte, c *choice, m *llm.MediaOut) []byte {
	dst = w.seal(dst, c)
	if m.Transcript != "" && w.req.Stream {
		dst = w.part(dst, c, transcription(m.Transcript))
	}
	c.transcript = append(c.transcript, m.Transcript...)
	if m.Kind == llm.AudioPart {
		if m.Data == "" {
			return dst
		}
		if !w.req.Stream {
			dst = w.collect(dst, c, "audio")
			c.text = append(c.text, m.Data...)
			return dst
		}
		return w.part(dst, c, w.blob(w.audioType(), m.Data))
	}
	dst = w.settle(dst, c)
	mime, data := m.MIME, m.Image
	if head, body, ok := strings.Cut(m.URL, ","); ok && strings.HasPrefix(head, "data:") {
		mime, data = strings.TrimPrefix(head, "data:"), body
		if rest, ok := strings.CutSuffix(mime, ";base64"); ok {
			mime = rest
		} else {
			data = base64.StdEncoding.EncodeToString([]byte(body))
		}
	}
	if data == "" {
		p := rawjson.AppendString([]byte(`{"fileData":{"mimeType":`), orImage(mime))
		return w.part(dst, c, append(rawjson.AppendString(append(p, `,"fileUri":`...), m.URL), "}}"...))
	}
	return w.part(dst, c, w.blob(orImage(mime), data))
}

// transcription is what audio says (https://ai.google.dev/api/caching#Part).
func transcription[T string | []byte](text T) []byte {
	return append(rawjson.AppendString([]byte(`{"audioTranscription":{"text":`), text), "}}"...)
}

func orImage(mime string) string {
	if mime == "" {
		return "image/png"
	}
	return mime
}

func (w *writer) blob(mime, data string) []byte {
	p := rawjson.AppendString([]byte(`{"inlineData":{"mimeType":`), mime)
	return append(rawjson.AppendString(append(p, `,"data":`...), data), "}}"...)
}

// audioType is what audio of other providers is, who are asked for 16-bit PCM.
func (w *writer) audioType() string { return "audio/L16;codec=pcm;rate=24000" }
