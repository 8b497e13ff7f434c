package embeddings

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// OpenAI calls POST /embeddings. The zero OpenAI follows OpenAI's documentation for
// upstreams that ignore what they do not know; Quirks say otherwise.
//
// The declared edits of a request that came in the same dialect: `model`; `user` is hashed;
// what speaks to the gateway goes; `dimensions` gets the vendor's name. Of an answer:
// `usage` gets the cost, `provider` and a missing `id` are added, and vectors become what
// the client asked for when the upstream sent the other form.
type OpenAI struct{ Quirks Quirks }

// Quirks are a vendor's deviations.
type Quirks struct {
	Strict     bool   // answers 400 to fields it does not know (OpenAI)
	Dimensions string // its name for dimensions: output_dimension (Voyage, Mistral)
	NoUser     bool   // refuses user (Voyage, Mistral)
	NoFloat    bool   // refuses encoding_format "float", which is its default (Voyage)
	ShortTypes bool   // input_type is query or document (Voyage)
	Bytes      bool   // base64 holds signed bytes, and there is no other form (Perplexity)
}

// Dialect is llm.OpenAIEmbeddings.
func (*OpenAI) Dialect() llm.Dialect { return llm.OpenAIEmbeddings }

// Failure classifies an answer that is not 2xx.
func (*OpenAI) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return failure(status, h, body)
}

func failure(status int, h dialect.Header, body []byte) *fault.Error {
	return (*openaichat.Adapter)(nil).Failure(status, h, body)
}

// fields are the members of OpenAI's own request (API reference, "Create embeddings").
var fields = map[string]bool{"input": true, "model": true, "dimensions": true, "encoding_format": true, "user": true}

// EncodeRequest edits the client's bytes, or writes a request from another dialect.
func (a *OpenAI) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	in := inputOf(req)
	if err := a.holds(in); err != nil {
		return dialect.Call{}, nil, err
	}
	call := dialect.Call{Method: "POST", Path: "/embeddings", Header: dialect.JSON()}
	if req.From != llm.OpenAIEmbeddings {
		body, losses, err := a.write(in, to.Model)
		call.Body = [][]byte{body}
		return call, losses, err
	}
	p, losses := a.edit(req, in, to.Model)
	call.Body = p.Segments(req.Raw)
	return call, losses, nil
}

// holds refuses media where the vendor's own wire has only texts and tokens.
func (a *OpenAI) holds(in *llm.EmbedInput) error {
	if !a.Quirks.Strict {
		return nil
	}
	for i := range in.Items {
		if it := &in.Items[i]; it.Tokens == nil {
			if _, ok := it.Text(); !ok {
				return unsupported(it.Path, "takes one text or an array of tokens for each input")
			}
		}
	}
	return nil
}

// unsupported refuses an input that leaving out would change the answer.
func unsupported(path, what string) error {
	return &fault.Error{Kind: fault.Refused, Param: path, Public: "The provider " + what + "; change " + path + " or choose another model"}
}

func (a *OpenAI) edit(req *llm.Request, in *llm.EmbedInput, model string) (*rawjson.Patch, []llm.Loss) {
	q, p, root := &a.Quirks, new(rawjson.Patch), req.Doc.Root()
	var losses []llm.Loss
	lost := map[string]bool{}
	lose := func(name, why string) {
		if !lost[name] && !root.Get(name).IsNull() {
			losses = append(losses, llm.Loss{Path: name, Why: why})
		}
		lost[name] = true
	}
	openaichat.EditHead(p, root, model, func(name string) bool {
		switch {
		case name == "user" && q.NoUser:
			lose(name, "the provider takes no user")
		case name == "encoding_format" && (q.NoFloat && !in.Base64 || q.Bytes), name == "stream":
		case name == "dimensions" && q.Dimensions != "" && root.Get(q.Dimensions).Exists():
		case q.Strict && !fields[name] && !head(name):
			lose(name, "the provider refuses fields it does not know")
		default:
			return false
		}
		return true
	})
	for k, v := range root.Members() {
		switch {
		case k.Is("dimensions") && q.Dimensions != "" && !root.Get(q.Dimensions).Exists():
			p.Set(k, rawjson.AppendString(nil, q.Dimensions))
		case k.Is("input_type") && q.ShortTypes && v.Kind() == rawjson.String:
			if short := shortType(in.Type); short != v.Str() {
				p.Set(v, rawjson.AppendString(nil, short))
			}
		case k.Is("input") && q.Strict:
			flatten(p, v)
		}
	}
	return p, losses
}

// head reports whether openaichat.EditHead deals with a member.
func head(name string) bool {
	switch name {
	case "provider", "models", "session_id", "trace", "metadata", "route", "preset", "debug", "usage":
		return true
	}
	return false
}

// flatten writes inputs of one text part as that text: OpenAI has no parts here.
func flatten(p *rawjson.Patch, input rawjson.Node) {
	for e := range input.Elems() {
		if e.Kind() != rawjson.Object {
			return
		}
		for part := range e.Get("content").Elems() {
			p.Set(e, part.Get("text").Raw())
			break
		}
	}
}

// write makes a request from the canonical input.
func (a *OpenAI) write(in *llm.EmbedInput, model string) ([]byte, []llm.Loss, error) {
	w := rawjson.Writer{B: make([]byte, 0, 512)}
	w.Open('{')
	w.Key("model").Str(model)
	w.Key("input").Open('[')
	for i := range in.Items {
		it := &in.Items[i]
		text, ok := it.Text()
		switch {
		case it.Tokens != nil:
			w.Elem().Open('[')
			for _, t := range it.Tokens {
				w.Elem().Int(t)
			}
			w.Close(']')
		case ok:
			w.Elem().Str(text)
		default:
			w.Elem()
			if err := writeParts(&w, it); err != nil {
				return nil, nil, err
			}
		}
	}
	w.Close(']')
	if in.Dimensions > 0 {
		name := "dimensions"
		if a.Quirks.Dimensions != "" {
			name = a.Quirks.Dimensions
		}
		w.Key(name).Int(in.Dimensions)
	}
	if !a.Quirks.NoFloat && !a.Quirks.Bytes {
		w.Key("encoding_format").Str("float")
	}
	losses := openaichat.MoreLosses(nil, in.Extra, "this provider's wire has no such field")
	switch {
	case in.Type == "":
	case a.Quirks.Strict:
		losses = append(losses, llm.Loss{Path: "taskType", Why: "the provider takes no purpose"})
	case a.Quirks.ShortTypes:
		w.Key("input_type").Str(shortType(in.Type))
	default:
		w.Key("input_type").Str(cohereType(in.Type))
	}
	if in.Title != "" {
		losses = append(losses, llm.Loss{Path: "title", Why: "the provider takes no title"})
	}
	w.Close('}')
	return w.B, losses, nil
}

// writeParts writes a multimodal input in OpenRouter's shape.
func writeParts(w *rawjson.Writer, it *llm.EmbedItem) error {
	w.Open('{')
	w.Key("content").Open('[')
	for i := range it.Parts {
		p := &it.Parts[i]
		w.Elem().Open('{')
		switch p.Kind {
		case llm.TextPart:
			w.Key("type").Str("text")
			w.Key("text").Str(p.Text)
		case llm.ImagePart:
			w.Key("type").Str("image_url")
			w.Key("image_url").Open('{')
			w.Key("url").Str(urlOf(p.Media))
			w.Close('}')
		default:
			return unsupported(p.Path, "takes texts and images here")
		}
		w.Close('}')
	}
	w.Close(']')
	w.Close('}')
	return nil
}

// urlOf is media as a URL, inline media as a data URL.
func urlOf(m *llm.Media) string {
	if m.URL != "" || m.Data == "" {
		return m.URL
	}
	mime := m.MIME
	if mime == "" {
		mime = "application/octet-stream"
	}
	return "data:" + mime + ";base64," + m.Data
}
