package responses

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// message writes a turn as items: its content in one message, its calls, results and
// reasoning each as an item, in order.
func (e *encoder) message(m *llm.Message) {
	if m.Name != "" {
		e.lose(m.Path+".name", "the provider's messages have no names")
	}
	for _, f := range m.Extra {
		e.lose(f.Path, "it has no place in the provider's messages")
	}
	role := string(m.Role)
	open := false // a message item is being written
	shut := func() {
		if open {
			e.w.Word("]}")
			open = false
		}
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		for _, f := range p.Extra {
			e.lose(f.Path, "it has no place in the provider's content")
		}
		if p.Cache != nil {
			e.lose(p.Path+".cache_control", "the provider caches by itself")
		}
		switch p.Kind {
		case llm.CallPart:
			shut()
			e.call(p)
		case llm.ResultPart:
			shut()
			e.result(p)
		case llm.ReasoningPart:
			shut()
			e.reason(m, i)
		case llm.NativePart:
			e.lose(p.Path, "the provider's API has no content of that type")
		default:
			if !e.fits(m.Role, p) {
				continue
			}
			if !open {
				open = true
				w := e.w.Elem()
				w.Open('{')
				w.Key("type").Str("message")
				w.Key("role").Str(role)
				w.Key("content").Open('[')
			}
			e.part(m.Role, p)
		}
	}
	shut()
}

// fits reports whether a part has a place in a message of a role.
func (e *encoder) fits(role llm.Role, p *llm.Part) bool {
	if p.Kind == llm.TextPart && p.Text == "" {
		return false
	}
	if role == llm.Assistant && p.Kind != llm.TextPart && p.Kind != llm.RefusalPart {
		e.lose(p.Path, "the provider takes only text back from the assistant")
		return false
	}
	switch p.Kind {
	case llm.VideoPart:
		e.lose(p.Path, "the provider's API takes no video")
		return false
	case llm.AudioPart:
		if p.Media.Data == "" {
			e.lose(p.Path, "the provider takes audio inline only")
			return false
		}
	case llm.ImagePart, llm.FilePart:
		if m := p.Media; m.Data == "" && m.URL == "" {
			e.lose(p.Path, "the file is not one of this provider's; send its data or a URL")
			return false
		}
	}
	return true
}

// part writes a part that fits.
func (e *encoder) part(role llm.Role, p *llm.Part) {
	w := e.w.Elem()
	w.Open('{')
	switch p.Kind {
	case llm.TextPart:
		kind := "input_text"
		if role == llm.Assistant {
			kind = "output_text"
		}
		w.Key("type").Str(kind)
		w.Key("text").Str(p.Text)
	case llm.RefusalPart:
		w.Key("type").Str("refusal")
		w.Key("refusal").Str(p.Text)
	case llm.ImagePart:
		w.Key("type").Str("input_image")
		w.Key("image_url").Str(address(p.Media, "image/png"))
		detail := p.Media.Detail
		if detail == "" {
			detail = "auto"
		}
		w.Key("detail").Str(detail)
	case llm.FilePart:
		w.Key("type").Str("input_file")
		if m := p.Media; m.Data == "" {
			w.Key("file_url").Str(m.URL)
			if m.Filename != "" {
				e.lose(p.Path+".filename", "the provider takes a name with inline files only")
			}
		} else {
			name := m.Filename
			if name == "" { // the API wants one
				name = "file" + extension(m.MIME)
			}
			w.Key("filename").Str(name)
			w.Key("file_data").Str(address(m, "application/pdf"))
		}
	case llm.AudioPart:
		w.Key("type").Str("input_audio")
		w.Key("input_audio").Open('{')
		w.Key("data").Str(p.Media.Data)
		w.Key("format").Str(audioFormat(p.Media.MIME))
		w.Close('}')
	}
	w.Close('}')
}

// address is a URL of media, a data URL for what is inline.
func address(m *llm.Media, otherwise string) string {
	if m.Data == "" {
		return m.URL
	}
	mime := m.MIME
	if mime == "" {
		mime = otherwise
	}
	return "data:" + mime + ";base64," + m.Data
}

func extension(mime string) string {
	switch mime {
	case "text/plain":
		return ".txt"
	case "text/markdown":
		return ".md"
	case "text/csv":
		return ".csv"
	case "application/json":
		return ".json"
	}
	return ".pdf"
}

func audioFormat(mime string) string {
	switch mime {
	case "audio/mpeg", "audio/mp3":
		return "mp3"
	case "", "audio/x-wav", "audio/wave":
		return "wav"
	}
	return strings.TrimPrefix(mime, "audio/")
}

func (e *encoder) call(p *llm.Part) {
	w := e.w.Elem()
	w.Open('{')
	w.Key("type").Str("function_call")
	w.Key("call_id").Str(p.Call.ID)
	w.Key("name").Str(p.Call.Name)
	w.Key("arguments").Str(p.Call.Args)
	w.Close('}')
}

// result writes a tool's answer: as text where it is that alone.
func (e *encoder) result(p *llm.Part) {
	r := p.Result
	if r.Error {
		e.lose(p.Path+".is_error", "the provider's API has no mark for a failed tool")
	}
	w := e.w.Elem()
	w.Open('{')
	w.Key("type").Str("function_call_output")
	w.Key("call_id").Str(r.CallID)
	if text, ok := plain(r.Parts); ok {
		w.Key("output").Str(text)
	} else {
		w.Key("output").Open('[')
		for i := range r.Parts {
			q := &r.Parts[i]
			switch {
			case q.Kind == llm.AudioPart || q.Kind == llm.NativePart:
				e.lose(q.Path, "the provider takes no content of that type from a tool")
			case e.fits(llm.User, q):
				e.part(llm.User, q)
			}
		}
		w.Close(']')
	}
	w.Close('}')
}

// plain joins texts; ok is false when there is anything else.
func plain(parts []llm.Part) (text string, ok bool) {
	var b strings.Builder
	for i := range parts {
		if parts[i].Kind != llm.TextPart {
			return "", false
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(parts[i].Text)
	}
	return b.String(), true
}

// reason writes the block of reasoning that a part ends. A block is what has one id; it
// goes back only with its encrypted content, and only before what it led to: the API
// refuses one alone.
func (e *encoder) reason(m *llm.Message, i int) {
	r := m.Parts[i].Reasoning
	switch {
	case r.Format != e.format:
		e.lose(m.Parts[i].Path, "the reasoning is not this provider's own and cannot go back to it")
		return
	case r.Type != llm.ReasoningEncrypted:
		if !e.sealedLater(m, i) {
			e.lose(m.Parts[i].Path, "the provider takes reasoning back only encrypted")
		}
		return
	case !followed(m, i):
		e.lose(m.Parts[i].Path, "the provider takes reasoning back only before what it led to")
		return
	}
	w := e.w.Elem()
	w.Open('{')
	w.Key("type").Str("reasoning")
	if r.ID != "" {
		w.Key("id").Str(r.ID)
	}
	w.Key("summary").Open('[')
	for j := range i {
		if s := m.Parts[j].Reasoning; s != nil && s.Type == llm.ReasoningSummary && s.ID == r.ID && s.Format == r.Format {
			w.Elem().Open('{')
			w.Key("type").Str("summary_text")
			w.Key("text").Str(s.Summary)
			w.Close('}')
		}
	}
	w.Close(']')
	w.Key("encrypted_content").Str(r.Data)
	w.Close('}')
}

// sealedLater reports whether the encrypted content of a block comes after what is said of it.
func (e *encoder) sealedLater(m *llm.Message, i int) bool {
	for j := i + 1; j < len(m.Parts); j++ {
		if r := m.Parts[j].Reasoning; r != nil && r.Type == llm.ReasoningEncrypted && r.ID == m.Parts[i].Reasoning.ID {
			return true
		}
	}
	return false
}

// followed reports whether something other than reasoning comes after a part.
func followed(m *llm.Message, i int) bool {
	for j := i + 1; j < len(m.Parts); j++ {
		switch m.Parts[j].Kind {
		case llm.ReasoningPart, llm.NativePart:
		default:
			return true
		}
	}
	return false
}
