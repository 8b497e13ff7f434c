package embeddings

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// GeminiSurface is Google's side for clients: the URL names the model and whether one
// vector is asked for or a list.
type GeminiSurface struct {
	Model string
	Batch bool
}

// Dialect is llm.GeminiEmbed.
func (GeminiSurface) Dialect() llm.Dialect { return llm.GeminiEmbed }

// DecodeRequest reads an embedContent request, or a batch of them.
func (s GeminiSurface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	input := &llm.EmbedInput{List: s.Batch}
	r := &llm.Request{From: llm.GeminiEmbed, Raw: in.Body, Doc: doc, Choices: 1, Input: input, Model: strings.TrimPrefix(s.Model, "models/")}
	d := geminiDecoder{decoder: decoder{req: r, in: input}}
	if !s.Batch {
		err = d.request("", root)
	} else {
		err = d.batch(root)
	}
	if err != nil {
		return nil, err
	}
	return r, field.Finish(r, in.Header)
}

type geminiDecoder struct {
	decoder
	seen bool // a first request has set the purpose and the dimensions
}

func (d *geminiDecoder) batch(root rawjson.Node) error {
	list := root.Get("requests")
	if list.Kind() != rawjson.Array || list.Len() == 0 || list.Len() > maxItems {
		return field.Bad("requests", list, fmt.Sprintf("an array of 1 to %d requests", maxItems))
	}
	for k, v := range root.Members() {
		if !k.Is("requests") && !k.Is("model") {
			d.in.Extra = append(d.in.Extra, llm.Field{Path: k.Str(), Value: v.Raw()})
		}
	}
	i := 0
	for q := range list.Elems() {
		path := fmt.Sprintf("requests[%d]", i)
		if err := field.Want(path, q, rawjson.Object); err != nil {
			return err
		}
		if err := d.request(path+".", q); err != nil {
			return err
		}
		i++
	}
	return nil
}

// request reads one embedContent request. The requests of a batch may differ in what only
// this dialect can say for each: that is kept as extra.
func (d *geminiDecoder) request(at string, q rawjson.Node) (err error) {
	var purpose, title string
	var dims int64
	content := rawjson.Node{}
	for k, v := range q.Members() {
		name := k.Str()
		if v.IsNull() {
			continue
		}
		switch name {
		case "model":
		case "content":
			content = v
		case "taskType", "task_type":
			purpose, err = field.Str(at+name, v, 128)
		case "title":
			title, err = field.Str(at+name, v, 1<<16)
		case "outputDimensionality", "output_dimensionality":
			dims, err = field.Whole(at+name, v, 1, 1<<20)
		default:
			d.in.Extra = append(d.in.Extra, llm.Field{Path: at + name, Value: v.Raw()})
		}
		if err != nil {
			return err
		}
	}
	d.req.Size.Text += int64(len(title))
	switch {
	case !d.seen:
		d.seen, d.in.Type, d.in.Title, d.in.Dimensions = true, purpose, title, dims
	case d.in.Type != purpose || d.in.Title != title || d.in.Dimensions != dims:
		d.in.Extra = append(d.in.Extra, llm.Field{Path: strings.TrimSuffix(at, "."), Value: []byte(`"settings of its own"`)})
	}
	return d.content(at+"content", content)
}

func (d *geminiDecoder) content(path string, content rawjson.Node) error {
	parts := content.Get("parts")
	if parts.Kind() != rawjson.Array || parts.Len() == 0 {
		return field.Bad(path+".parts", parts, "an array of at least one part")
	}
	it := llm.EmbedItem{Path: path}
	d.req.Size.Messages++
	i := 0
	for p := range parts.Elems() {
		at := fmt.Sprintf("%s.parts[%d]", path, i)
		part, err := d.geminiPart(at, p)
		if err != nil {
			return err
		}
		it.Parts = append(it.Parts, part)
		i++
	}
	d.in.Items = append(d.in.Items, it)
	return nil
}

func (d *geminiDecoder) geminiPart(at string, p rawjson.Node) (llm.Part, error) {
	part := llm.Part{Path: at}
	if t := p.Get("text"); t.Kind() == rawjson.String {
		d.req.Size.Text += int64(t.StrLen())
		part.Text = t.Str()
		return part, nil
	}
	inline, file := either(p, "inlineData", "inline_data"), either(p, "fileData", "file_data")
	switch {
	case inline.Kind() == rawjson.Object:
		part.Media = &llm.Media{MIME: either(inline, "mimeType", "mime_type").Str(), Data: inline.Get("data").Str()}
		if part.Media.Data == "" {
			return part, field.Bad(at+".inlineData.data", inline.Get("data"), "base64")
		}
	case file.Kind() == rawjson.Object:
		part.Media = &llm.Media{MIME: either(file, "mimeType", "mime_type").Str(), URL: either(file, "fileUri", "file_uri").Str()}
	default:
		return part, fault.Bad(at, at+" has neither text nor inlineData nor fileData")
	}
	size, data := &d.req.Size, int64(len(part.Media.Data))
	switch kind, _, _ := strings.Cut(part.Media.MIME, "/"); kind {
	case "image":
		part.Kind = llm.ImagePart
		d.req.Needs |= llm.NeedImages
		size.Images++
	case "audio":
		part.Kind = llm.AudioPart
		d.req.Needs |= llm.NeedAudioIn
		size.Audio += data
	case "video":
		part.Kind = llm.VideoPart
		d.req.Needs |= llm.NeedVideoIn
		size.Video += data
	default:
		part.Kind = llm.FilePart
		d.req.Needs |= llm.NeedFiles
		size.Files++
		size.FileData += data
	}
	return part, nil
}

// either is a member under its JSON or its proto name: the API takes both.
func either(n rawjson.Node, camel, snake string) rawjson.Node {
	if v := n.Get(camel); v.Exists() {
		return v
	}
	return n.Get(snake)
}

// Encode starts an answer in Google's shape.
func (s GeminiSurface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json; charset=UTF-8"
	return &values{s: s, list: inputOf(req).List, w: rawjson.Writer{B: []byte("[")}}
}

// EncodeError is Google's error envelope (AIP-193).
func (GeminiSurface) EncodeError(dst []byte, e *fault.Error, _ []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"error":{"code":`...), int64(e.HTTPStatus()), 10)
	dst = rawjson.AppendString(append(dst, `,"message":`...), e.Message())
	dst = rawjson.AppendString(append(dst, `,"status":`...), googleStatus(e.HTTPStatus()))
	return append(dst, "}}"...)
}

func googleStatus(code int) string {
	switch code {
	case 401:
		return "UNAUTHENTICATED"
	case 402, 403:
		return "PERMISSION_DENIED"
	case 404:
		return "NOT_FOUND"
	case 409:
		return "ABORTED"
	case 429:
		return "RESOURCE_EXHAUSTED"
	case 499:
		return "CANCELLED"
	case 501:
		return "UNIMPLEMENTED"
	case 502, 503:
		return "UNAVAILABLE"
	case 504:
		return "DEADLINE_EXCEEDED"
	}
	if code < 500 {
		return "INVALID_ARGUMENT"
	}
	return "INTERNAL"
}

// values writes one answer in Google's shape.
type values struct {
	s    GeminiSurface
	list bool
	w    rawjson.Writer
}

func (e *values) Event(dst []byte, ev *llm.Event) (_ []byte, err error) {
	switch ev.Kind {
	case llm.VectorDelta:
		e.w.Elem().Open('{')
		e.w.Key("values")
		if e.w.B, err = appendVector(e.w.B, ev, false); err != nil {
			return dst, &fault.Error{Kind: fault.Broken, Public: "The provider sent a vector that cannot be read", Err: err}
		}
		e.w.Close('}')
	case llm.End:
		if ev.Frame != nil {
			return append(dst, ev.Frame...), nil
		}
		if dst = append(dst, '{'); e.list {
			dst = append(append(append(dst, `"embeddings":`...), e.w.B...), ']')
		} else {
			dst = append(append(dst, `"embedding":`...), e.w.B[1:]...)
		}
		if u := ev.Usage; u.State == llm.UsageReported { // the wire has no word for an estimate
			dst = strconv.AppendInt(append(dst, `,"usageMetadata":{"promptTokenCount":`...), u.Prompt(), 10)
			dst = strconv.AppendInt(append(dst, `,"totalTokenCount":`...), u.Prompt(), 10)
			dst = append(dst, '}')
		}
		return append(dst, '}'), nil
	}
	return dst, nil
}

// Fail is the whole body of an answer that broke off.
func (e *values) Fail(dst []byte, f *fault.Error) []byte { return e.s.EncodeError(dst, f, nil) }

// KeepAlive has nothing to append: one JSON text has no comments.
func (e *values) KeepAlive(dst []byte) []byte { return dst }
