package gemini

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// headFields are read by decode and acted on by the gateway or the adapter itself.
var headFields = map[string]bool{"model": true, "models": true, "provider": true, "user": true, "session_id": true, "sessionId": true,
	"trace": true, "route": true, "serviceTier": true}

// conversation builds the canonical form of a request that decode has checked. Paths are
// in the JSON spelling.
func conversation(prefix string, root rawjson.Node) (*llm.Conversation, error) {
	r := reader{conv: new(llm.Conversation)}
	c := r.conv
	if s := pick(root, "systemInstruction"); !s.IsNull() {
		path := prefix + "systemInstruction"
		m := llm.Message{Role: llm.System, Path: path}
		for i, p := range several(s.Get("parts")) {
			m.Parts = append(m.Parts, r.part(dialect.Elem(path+".parts", i), p))
		}
		c.Messages = append(c.Messages, m)
	}
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		name := camel(k)
		path := prefix + name
		switch name {
		case "systemInstruction":
		case "contents":
			c.Messages = slices.Grow(c.Messages, max(1, v.Len()))
			in := places
			if prefix != "" {
				in = counted
			}
			for i, t := range several(v) {
				if err := r.turn(in.At(i), t); err != nil {
					return nil, err
				}
			}
		case "tools":
			for i, t := range several(v) {
				r.tool(dialect.Elem(path, i), t)
			}
		case "toolConfig":
			r.toolConfig(path, v)
		case "generationConfig":
			r.config(path, v)
		case "cachedContent": // a part of the prompt that only Google holds
			return nil, &fault.Error{Kind: fault.Refused, Param: path,
				Public: path + " names content that another provider holds; send the content itself, or ask for a model of Google's"}
		default:
			if !headFields[name] {
				r.extra(path, v)
			}
		}
	}
	return c, nil
}

// reader is the state of one conversation being read.
type reader struct {
	conv  *llm.Conversation
	calls madeCalls
	turns int
}

func (r *reader) extra(path string, v rawjson.Node) {
	r.conv.Extra = append(r.conv.Extra, llm.Field{Path: path, Value: v.Raw()})
}

// The contents of a request, and of one that is to be counted.
var (
	places  = dialect.NewPlaces("contents", "parts")
	counted = dialect.NewPlaces("generateContentRequest.contents", "parts")
)

// turn reads one of the contents: results of calls are messages of their own in the canonical form.
func (r *reader) turn(at dialect.Place, t rawjson.Node) error {
	path := at.Path
	r.turns++
	var extra []llm.Field
	for k, v := range t.Members() {
		if name := camel(k); name != "role" && name != "parts" && !v.IsNull() {
			extra = append(extra, llm.Field{Path: path + "." + name, Value: v.Raw()})
		}
	}
	if strings.EqualFold(string(t.Get("role").Bytes()), roleModel) {
		m := r.modelContent(&at, t)
		m.Extra = extra
		r.conv.Messages = append(r.conv.Messages, m)
		return nil
	}
	results := llm.Message{Role: llm.ToolRole, Path: path}
	said := llm.Message{Role: llm.User, Path: path, Extra: extra}
	parts := t.Get("parts")
	said.Parts = make([]llm.Part, 0, max(1, parts.Len()))
	for i, p := range several(parts) {
		partPath := at.Part(i)
		fr := pick(p, "functionResponse")
		if fr.IsNull() {
			said.Parts = append(said.Parts, r.part(partPath, p))
			continue
		}
		res, err := r.response(partPath, p, fr)
		if err != nil {
			return err
		}
		results.Parts = append(results.Parts, res)
	}
	if len(results.Parts) > 0 {
		r.conv.Messages = append(r.conv.Messages, results)
	}
	if len(said.Parts) > 0 || len(results.Parts) == 0 {
		r.conv.Messages = append(r.conv.Messages, said)
	}
	return nil
}

// part reads a part that is neither a thought nor a result: text, media, or what only this
// dialect can say.
func (r *reader) part(path string, p rawjson.Node) llm.Part {
	out := llm.Part{Kind: llm.NativePart, Path: path}
	for k, v := range p.Members() {
		if v.IsNull() {
			continue
		}
		switch name := camel(k); name {
		case "thought", "thoughtSignature":
		case "text":
			out.Kind, out.Text, out.Native = llm.TextPart, v.Str(), nil
		case "inlineData", "fileData":
			r.media(&out, path+"."+name, v)
		case "videoMetadata", "mediaResolution", "partMetadata":
			out.Extra = append(out.Extra, llm.Field{Path: path + "." + name, Value: v.Raw()})
		default:
			if out.Kind == llm.NativePart && out.Native == nil {
				out.Native = &llm.Native{Type: name, Raw: p.Raw()}
			} else {
				out.Extra = append(out.Extra, llm.Field{Path: path + "." + name, Value: v.Raw()})
			}
		}
	}
	if out.Kind == llm.NativePart && out.Native == nil { // {} is a text of nothing
		out.Kind = llm.TextPart
	}
	return out
}

// media reads a blob or a file.
func (r *reader) media(out *llm.Part, path string, v rawjson.Node) {
	m := &llm.Media{MIME: pick(v, "mimeType").Str(), Data: v.Get("data").Str(), URL: pick(v, "fileUri").Str(), Filename: pick(v, "displayName").Str()}
	if rest, ok := strings.CutPrefix(m.URL, filesAPI); ok && strings.HasPrefix(rest, "files/") { // nobody else can fetch it
		m.URL, m.FileID = "", rest
	}
	m.Data = standardBase64(m.Data)
	out.Kind, out.Media, out.Native = mediaKind(m.MIME), m, nil
	for k, f := range v.Members() {
		switch name := camel(k); name {
		case "mimeType", "data", "fileUri", "displayName":
		default:
			out.Extra = append(out.Extra, llm.Field{Path: path + "." + name, Value: f.Raw()})
		}
	}
}

// standardBase64 is base64 that may be in the URL's alphabet, which Google's parsers take
// too, in the one that others take.
func standardBase64(s string) string {
	if !strings.ContainsAny(s, "-_") {
		return s
	}
	s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
	if n := len(s) % 4; n > 1 && !strings.HasSuffix(s, "=") {
		s += strings.Repeat("=", 4-n)
	}
	return s
}
