package embeddings

import (
	"fmt"
	"iter"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Gemini calls models/{model}:embedContent for one input and :batchEmbedContents for
// several, below the vendor's host (ai.google.dev, API reference, "Embeddings").
//
// A request of the same dialect passes; its declared edits are the model's name, which a
// batch repeats in each of its requests.
type Gemini struct{}

// Dialect is llm.GeminiEmbed.
func (*Gemini) Dialect() llm.Dialect { return llm.GeminiEmbed }

// Failure classifies an answer that is not 2xx.
func (*Gemini) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return failure(status, h, body)
}

// EncodeRequest edits the client's bytes, or writes a request from another dialect.
func (*Gemini) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	in := inputOf(req)
	name := to.Model
	if !strings.Contains(name, "/") {
		name = "models/" + name
	}
	single := !in.List && len(in.Items) == 1
	call := dialect.Call{Method: "POST", Path: "/v1beta/" + name + ":batchEmbedContents", Header: dialect.JSON()}
	if single {
		call.Path = "/v1beta/" + name + ":embedContent"
	}
	if strings.ContainsAny(name, "?#% ") {
		return call, nil, fault.Wrap(fault.Internal, fmt.Errorf("model name %q does not fit in a path", name))
	}
	if req.From == llm.GeminiEmbed {
		call.Body = renamed(req, name).Segments(req.Raw)
		return call, nil, nil
	}
	w := rawjson.Writer{B: make([]byte, 0, 512)}
	if !single {
		w.Open('{')
		w.Key("requests").Open('[')
	}
	for i := range in.Items {
		if !single {
			w.Elem()
		}
		if err := geminiItem(&w, in, &in.Items[i], name); err != nil {
			return dialect.Call{}, nil, err
		}
	}
	if !single {
		w.Close(']')
		w.Close('}')
	}
	call.Body = [][]byte{w.B}
	var losses []llm.Loss
	for _, f := range in.Extra {
		losses = append(losses, llm.Loss{Path: f.Path, Why: "this provider's wire has no such field"})
	}
	return call, losses, nil
}

// renamed puts the upstream's model name wherever the client's stood.
func renamed(req *llm.Request, name string) *rawjson.Patch {
	p := new(rawjson.Patch)
	set := func(n rawjson.Node) {
		if v := n.Get("model"); v.Exists() {
			p.Set(v, rawjson.AppendString(nil, name))
		}
	}
	root := req.Doc.Root()
	set(root)
	for r := range root.Get("requests").Elems() {
		if r.Get("model").Exists() {
			set(r)
		} else {
			p.Append(r, "model", rawjson.AppendString(nil, name))
		}
	}
	return p
}

func geminiItem(w *rawjson.Writer, in *llm.EmbedInput, it *llm.EmbedItem, name string) error {
	if it.Tokens != nil {
		return unsupported(it.Path, "takes texts, not token numbers")
	}
	w.Open('{')
	w.Key("model").Str(name)
	w.Key("content").Open('{')
	w.Key("parts").Open('[')
	for i := range it.Parts {
		p := &it.Parts[i]
		w.Elem().Open('{')
		switch {
		case p.Kind == llm.TextPart:
			w.Key("text").Str(p.Text)
		case p.Media.Data != "" && p.Media.MIME != "":
			w.Key("inlineData").Open('{')
			w.Key("mimeType").Str(p.Media.MIME)
			w.Key("data").Str(p.Media.Data)
			w.Close('}')
		default:
			return unsupported(p.Path, "takes media as data URLs with their type")
		}
		w.Close('}')
	}
	w.Close(']')
	w.Close('}')
	if in.Type != "" {
		w.Key("taskType").Str(geminiType(in.Type))
	}
	if in.Title != "" {
		w.Key("title").Str(in.Title)
	}
	if in.Dimensions > 0 {
		w.Key("outputDimensionality").Int(in.Dimensions)
	}
	w.Close('}')
	return nil
}

// Events reads {"embedding":{"values":[…]}} or {"embeddings":[{"values":[…]},…]}.
func (*Gemini) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return events(r, func(root rawjson.Node, yield func(*llm.Event) bool) (*llm.Usage, []byte, error) {
		in := inputOf(req)
		usage := geminiUsage(root.Get("usageMetadata"))
		var vectors []rawjson.Node
		if one := root.Get("embedding"); one.Exists() {
			vectors = append(vectors, one.Get("values"))
		}
		for e := range root.Get("embeddings").Elems() {
			vectors = append(vectors, e.Get("values"))
		}
		if err := counted(len(vectors), in); err != nil {
			return nil, nil, err
		}
		for _, v := range vectors {
			if !isVector(v) {
				return nil, nil, errVector
			}
		}
		if req.From == llm.GeminiEmbed && root.Get("embeddings").Exists() == in.List {
			return usage, root.Raw(), nil
		}
		ev := new(llm.Event)
		for i, v := range vectors {
			*ev = llm.Event{Kind: llm.VectorDelta, Choice: i, Raw: v.Raw()}
			if !yield(ev) {
				return nil, nil, errStopped
			}
		}
		return usage, nil, nil
	})
}

// geminiUsage reads usageMetadata, whose details have two spellings.
func geminiUsage(m rawjson.Node) *llm.Usage {
	total := m.Get("promptTokenCount").Int64()
	if total <= 0 {
		return new(llm.Usage)
	}
	u := &llm.Usage{State: llm.UsageReported, Input: total, Raw: append([]byte(nil), m.Raw()...)}
	list := m.Get("promptTokensDetails")
	if !list.Exists() {
		list = m.Get("promptTokenDetails")
	}
	for d := range list.Elems() {
		n := d.Get("tokenCount").Int64()
		switch d.Get("modality").Str() {
		case "IMAGE":
			split(u, n, 0, 0)
		case "AUDIO":
			split(u, 0, n, 0)
		case "VIDEO":
			split(u, 0, 0, n)
		}
	}
	return u
}

var _ dialect.Adapter = (*Gemini)(nil)
