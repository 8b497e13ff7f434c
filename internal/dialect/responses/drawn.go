package responses

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// media is an image as the call of a tool that drew it, or what was said in audio.
func (w *writer) media(dst []byte, m *llm.MediaOut) []byte {
	if m.Kind != llm.ImagePart {
		if m.Data != "" {
			w.lose("audio", "a response has no place for audio")
		}
		return w.say(dst, textPart, m.Transcript)
	}
	data := m.Image
	if head, body, ok := strings.Cut(m.URL, ","); ok && strings.HasPrefix(head, "data:") {
		data = body
	} else if data == "" {
		data = m.URL
	}
	return w.draw(dst, m, data)
}

// draw writes an image, or a preview of the one to come.
func (w *writer) draw(dst []byte, m *llm.MediaOut, data string) []byte {
	const about = "response.image_generation_call."
	n := len(w.items)
	dst, it := w.current(dst, imageItem, 0)
	state := func(words ...string) {
		for _, word := range words {
			if w.req.Stream {
				dst = append(w.itemRef(dst, about+word, it), end...)
			}
		}
	}
	if it.index == n {
		state("in_progress", "generating")
	}
	if m.Partial > 0 {
		if w.req.Stream {
			dst = appendCount(w.itemRef(dst, about+"partial_image", it), `,"partial_image_index":`, int64(m.Partial-1))
			dst = append(rawjson.AppendString(append(dst, `,"partial_image_b64":`...), data), end...)
		}
		return dst
	}
	it.args = append(it.args, data...)
	it.revised = strings.Clone(m.Revised)
	state("completed")
	w.open = -1
	return w.close(dst, it)
}
