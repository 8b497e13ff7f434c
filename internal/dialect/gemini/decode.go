package gemini

import (
	"slices"
	"strings"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// decode reads the head of a request for an answer or for a count. The model of the path
// counts more than one in the body. Unset options may be null.
func decode(in dialect.Inbound, from llm.Dialect, model string, stream bool) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	r := &llm.Request{From: from, Raw: in.Body, Doc: doc, Choices: 1, Stream: stream}
	d := decoder{req: r}
	asked := root
	if g := pick(root, "generateContentRequest"); from == llm.GeminiCount && !g.IsNull() {
		if err := field.Want("generateContentRequest", g, rawjson.Object); err != nil {
			return nil, err
		}
		asked, d.prefix = g, "generateContentRequest."
	}
	for k, v := range asked.Members() {
		if v.IsNull() {
			continue
		}
		if err := d.field(camel(k), v); err != nil {
			return nil, err
		}
	}
	if !d.contents {
		return nil, bad(d.prefix+"contents", "is missing; send at least one content")
	}
	if model != "" {
		r.Model = model
	}
	r.Model = strings.TrimPrefix(r.Model, "models/")
	if r.Reasoning.On() {
		r.Needs |= llm.NeedReasoning
	}
	prefix := d.prefix
	r.Conversation = sync.OnceValues(func() (*llm.Conversation, error) { return conversation(prefix, asked) })
	return r, field.Finish(r, in.Header)
}

type decoder struct {
	req      *llm.Request
	prefix   string // of the paths of members
	contents bool
}

// field checks one member, by its JSON name. One that is not named here passes on or is
// reported.
func (d *decoder) field(name string, v rawjson.Node) error {
	r, path := d.req, d.prefix+name
	switch name {
	case "contents":
		d.contents = true
		at := field.At(path)
		return d.turns(&at, v)
	case "systemInstruction":
		at := field.At(path)
		return d.content(&at, v)
	case "tools":
		return d.tools(path, v)
	case "toolConfig":
		r.Params = append(r.Params, "tool_choice")
		return field.Want(path, v, rawjson.Object)
	case "generationConfig":
		return d.config(path, v)
	case "safetySettings":
		if v.Kind() != rawjson.Object {
			return field.Want(path, v, rawjson.Array)
		}
	case "cachedContent":
		_, err := field.Str(path, v, 1024)
		return err
	case "serviceTier":
		tier, err := field.Str(path, v, 64)
		if tier = strings.ToLower(tier); tier != "unspecified" {
			r.ServiceTier = tier
		}
		return err
	case "labels":
		return field.Want(path, v, rawjson.Object)
	case "preset":
		return field.Preset(name)
	case "sessionId":
		name = "session_id"
	}
	_, err := field.Head(r, name, v)
	return err
}

func (d *decoder) turns(path *field.Path, v rawjson.Node) error {
	if v.Kind() != rawjson.Array && v.Kind() != rawjson.Object {
		return path.Bad("", v, "an array of contents")
	}
	var p field.Path // beside the loop, so that it need not be allocated
	for i, c := range several(v) {
		p = path.Elem(i)
		if err := p.Want("", c, rawjson.Object); err != nil {
			return err
		}
		if role := c.Get("role"); !role.IsNull() && !slices.Contains(roles, strings.ToLower(field.Word(role))) {
			return p.Bad("role", role, "user or model")
		}
		if err := d.content(&p, c); err != nil {
			return err
		}
		d.req.Size.Messages++
	}
	if d.req.Size.Messages == 0 {
		return bad(path.String(), "is empty; send at least one content")
	}
	return nil
}

// roles are those that a content may have; function is an older one for results of calls.
var roles = []string{"", roleUser, roleModel, "function"}

// content measures the parts of a turn, or of the system's instruction.
func (d *decoder) content(path *field.Path, v rawjson.Node) error {
	if err := path.Want("", v, rawjson.Object); err != nil {
		return err
	}
	parts := v.Get("parts")
	if k := parts.Kind(); k != rawjson.Array && k != rawjson.Object && !parts.IsNull() {
		return path.Bad("parts", parts, "an array of parts")
	}
	within := path.Member("parts")
	var at field.Path
	for i, p := range several(parts) {
		at = within.Elem(i)
		if err := d.part(&at, p); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) part(path *field.Path, p rawjson.Node) error {
	if err := path.Want("", p, rawjson.Object); err != nil {
		return err
	}
	size := &d.req.Size
	var within, at field.Path
	for k, v := range p.Members() {
		if v.IsNull() {
			continue
		}
		switch name := camel(k); name {
		case "text":
			if err := path.Want("text", v, rawjson.String); err != nil {
				return err
			}
			size.Text += int64(v.StrLen())
		case "inlineData", "fileData":
			if err := path.Want(name, v, rawjson.Object); err != nil {
				return err
			}
			d.media(v)
		case "functionCall":
			if pick(v, "name").StrLen() == 0 {
				return bad(path.String()+".functionCall.name", "must be a non-empty string")
			}
			size.Text += int64(len(v.Raw()))
		case "functionResponse":
			if pick(v, "name").StrLen() == 0 && pick(v, "id").StrLen() == 0 {
				return bad(path.String()+".functionResponse.name", "must be a non-empty string")
			}
			size.Text += int64(len(pick(v, "response").Raw()))
			within = path.Member("functionResponse.parts")
			for i, m := range several(pick(v, "parts")) {
				at = within.Elem(i)
				if err := d.part(&at, m); err != nil {
					return err
				}
			}
		case "thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata":
		default:
			size.Text += int64(len(v.Raw()))
		}
	}
	return nil
}

// media measures a blob or a file.
func (d *decoder) media(v rawjson.Node) {
	size, n := &d.req.Size, int64(pick(v, "data").StrLen())
	switch mediaKind(pick(v, "mimeType").Str()) {
	case llm.ImagePart:
		d.req.Needs |= llm.NeedImages
		size.Images++
	case llm.AudioPart:
		d.req.Needs |= llm.NeedAudioIn
		size.Audio += n
	case llm.VideoPart:
		d.req.Needs |= llm.NeedVideoIn
		size.Video += n
	default:
		d.req.Needs |= llm.NeedFiles
		size.Files++
		size.FileData += n
	}
}

// mediaKind is what a MIME type is in the canonical form.
func mediaKind(mime string) llm.PartKind {
	switch kind, _, _ := strings.Cut(mime, "/"); kind {
	case "image":
		return llm.ImagePart
	case "audio":
		return llm.AudioPart
	case "video":
		return llm.VideoPart
	}
	return llm.FilePart
}

func (d *decoder) tools(path string, v rawjson.Node) error {
	if v.Kind() != rawjson.Array && v.Kind() != rawjson.Object {
		return field.Bad(path, v, "an array of tools")
	}
	for i, t := range several(v) {
		if err := field.Want(dialect.Elem(path, i), t, rawjson.Object); err != nil {
			return err
		}
		d.req.Size.Text += int64(len(t.Raw()))
		for j, f := range several(pick(t, "functionDeclarations")) {
			if f.Get("name").StrLen() == 0 {
				return bad(dialect.Elem(dialect.Elem(path, i)+".functionDeclarations", j)+".name", "must be a non-empty string")
			}
			d.req.Needs |= llm.NeedTools
		}
	}
	d.req.Params = append(d.req.Params, "tools")
	return nil
}
