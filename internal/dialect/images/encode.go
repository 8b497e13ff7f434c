package images

import (
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Encode starts an answer.
func (s Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	if a.ContentType = "application/json"; req.Stream {
		a.ContentType = "text/event-stream"
	}
	return &pictures{api: s.API, a: a, stream: req.Stream}
}

type pictures struct {
	api    API
	a      *dialect.Answer
	stream bool
}

func (p *pictures) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Kind != llm.Frame && ev.Kind != llm.End {
		return dst, nil
	}
	var doc rawjson.Doc
	if err := doc.Parse(ev.Frame); err != nil {
		return dst, openaichat.Broken("The provider's answer is not JSON", err)
	}
	root := doc.Root()
	if ev.Kind == llm.Frame {
		return p.frame(dst, root, nil), nil
	}
	usage := p.usage(ev.Usage)
	switch {
	case p.stream && root.Get("data").Exists(): // the upstream did not stream
		left := root.Get("data").Len()
		for d := range root.Get("data").Elems() {
			u := usage
			if left--; left > 0 {
				u = nil
			}
			dst = p.completed(dst, root, d, u)
		}
		return append(dst, done...), nil
	case p.stream:
		return append(p.frame(dst, root, usage), done...), nil
	case p.api == OpenRouter:
		return p.whole(dst, root, usage), nil
	}
	var e rawjson.Patch
	p.setUsage(&e, root, usage)
	if len(p.a.Meta) > 0 {
		e.Append(root, "openrouter_metadata", p.a.Meta)
	}
	return e.Apply(dst, ev.Frame), nil
}

const done = "data: [DONE]\n\n"

func (p *pictures) setUsage(e *rawjson.Patch, root rawjson.Node, usage []byte) {
	if v := root.Get("usage"); v.Exists() {
		e.Set(v, usage)
	} else {
		e.Append(root, "usage", usage)
	}
}

// kind is a frame's type in the client's API: OpenAI has other names for edits.
func (p *pictures) kind(kind string) string {
	_, what, ok := strings.Cut(kind, ".")
	switch {
	case !ok:
		return kind
	case p.api == Edits:
		return "image_edit." + what
	}
	return "image_generation." + what
}

// frame is one frame under the client's name for it, with the usage if it is the last.
func (p *pictures) frame(dst []byte, root rawjson.Node, usage []byte) []byte {
	kind := p.kind(root.Get("type").Str())
	var e rawjson.Patch
	if v := root.Get("type"); v.Exists() && !v.Is(kind) {
		e.Set(v, rawjson.AppendString(nil, kind))
	}
	if strings.HasSuffix(kind, ".completed") {
		if usage != nil {
			p.setUsage(&e, root, usage)
		}
		if p.api == OpenRouter {
			if !root.Get("created").Exists() {
				e.Append(root, "created", strconv.AppendInt(nil, root.Get("created_at").Int64(), 10))
			}
			if mime := mimeOf(root); mime != "" && !root.Get("media_type").Exists() {
				e.Append(root, "media_type", rawjson.AppendString(nil, mime))
			}
		}
	}
	src := root.Raw()
	return sse.AppendEvent(dst, kind, e.Apply(nil, src))
}

// completed is a frame for an image of an answer that was not streamed.
func (p *pictures) completed(dst []byte, root, d rawjson.Node, usage []byte) []byte {
	kind := p.kind("image_generation.completed")
	w := rawjson.Writer{B: make([]byte, 0, 64+len(d.Raw()))}
	w.Open('{')
	w.Key("type").Str(kind)
	for k, v := range d.Members() {
		if k.Is("b64_json") || k.Is("url") {
			w.Key(k.Str()).Raw(v.Raw())
		}
	}
	if mime := mimeOf(d); mime != "" {
		w.Key("media_type").Str(mime)
	}
	w.Key("created").Int(root.Get("created").Int64())
	if usage != nil {
		w.Key("usage").Raw(usage)
	}
	w.Close('}')
	return sse.AppendEvent(dst, kind, w.B)
}

// whole is OpenRouter's answer.
func (p *pictures) whole(dst []byte, root rawjson.Node, usage []byte) []byte {
	w := rawjson.Writer{B: append(dst, '{')}
	w.Key("created").Int(root.Get("created").Int64())
	w.Key("data").Open('[')
	for d := range root.Get("data").Elems() {
		w.Elem().Open('{')
		w.Key("b64_json").Raw(d.Get("b64_json").Raw())
		if mime := mimeOf(d); mime != "" {
			w.Key("media_type").Str(mime)
		}
		w.Close('}')
	}
	w.Close(']')
	w.Key("usage").Raw(usage)
	if len(p.a.Meta) > 0 {
		w.Key("openrouter_metadata").Raw(p.a.Meta)
	}
	w.Close('}')
	return w.B
}

// mimeOf is an image's type: said by the upstream, or seen in its first bytes.
func mimeOf(d rawjson.Node) string {
	for _, key := range [...]string{"media_type", "mime_type"} {
		if s := d.Get(key).Str(); s != "" {
			return s
		}
	}
	raw := d.Get("b64_json").Raw()
	for _, m := range [...]struct{ start, mime string }{{`"iVBORw0K`, "image/png"}, {`"/9j/`, "image/jpeg"}, {`"UklGR`, "image/webp"}, {`"PHN2Z`, "image/svg+xml"}} {
		if strings.HasPrefix(string(raw[:min(len(raw), 12)]), m.start) {
			return m.mime
		}
	}
	return ""
}

// usage is OpenRouter's or OpenAI's, both with what it cost.
func (p *pictures) usage(u *llm.Usage) []byte {
	in, out := "input_tokens", "output_tokens"
	if p.api == OpenRouter {
		in, out = "prompt_tokens", "completion_tokens"
	}
	w := rawjson.Writer{B: []byte{'{'}}
	w.Key(in).Int(u.Prompt())
	w.Key(out).Int(u.Completion())
	w.Key("total_tokens").Int(u.Prompt() + u.Completion())
	if p.api == OpenRouter {
		w.Key("completion_tokens_details").Open('{')
		w.Key("reasoning_tokens").Int(u.Reasoning)
		w.Key("image_tokens").Int(u.ImageOutput)
		w.Close('}')
	} else {
		w.Key("input_tokens_details").Open('{')
		w.Key("text_tokens").Int(u.Prompt() - u.ImageInput)
		w.Key("image_tokens").Int(u.ImageInput)
		w.Close('}')
	}
	if s := u.State; s == llm.UsageEstimated || s == llm.UsageMissing {
		w.Key("usage_state").Str(s.String())
	}
	return append(openaichat.AppendCost(append(w.B, ','), p.a.Charged), '}')
}

// Fail ends a stream with an error event; otherwise it is the whole body.
func (p *pictures) Fail(dst []byte, e *fault.Error) []byte {
	body := openaichat.Surface{}.EncodeError(nil, e, p.a.Meta)
	if !p.stream {
		return append(dst, body...)
	}
	return append(sse.AppendEvent(dst, "error", append([]byte(`{"type":"error",`), body[1:]...)), done...)
}

// KeepAlive appends a comment to a stream.
func (p *pictures) KeepAlive(dst []byte) []byte {
	if p.stream {
		return append(dst, ": OPENROUTER PROCESSING\n\n"...)
	}
	return dst
}
