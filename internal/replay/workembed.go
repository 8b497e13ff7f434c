package replay

import (
	"encoding/json"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// inputs is what a recorded request asks vectors of, whatever its wire.
type inputs struct {
	list    bool     // asked for as a list, even of one
	items   [][]atom // of each input its parts
	purpose string
	dims    json.RawMessage
}

// atom is a text, or an image as its MIME type and base64.
type atom struct{ text, mime, data string }

func readInputs(x *Exchange, root rawjson.Node) (in inputs) {
	switch venues[x.API].protocol {
	case "gemini.embedContent":
		in.fromGemini(root)
	case "cohere.embed":
		in.texts(root.Get("texts"))
		in.purpose, in.dims = root.Get("input_type").Str(), number(root.Get("output_dimension"))
	default:
		in.texts(root.Get("input"))
		in.purpose, in.dims = root.Get("input_type").Str(), number(root.Get("dimensions"))
	}
	return in
}

func number(n rawjson.Node) json.RawMessage {
	if n.IsNull() {
		return nil
	}
	return n.Raw()
}

func (in *inputs) texts(n rawjson.Node) {
	if n.Kind() == rawjson.String {
		in.items = [][]atom{{{text: n.Str()}}}
		return
	}
	in.list = true
	for e := range n.Elems() {
		in.items = append(in.items, []atom{{text: e.Str()}})
	}
}

func (in *inputs) fromGemini(root rawjson.Node) {
	one := func(q rawjson.Node) {
		in.purpose, in.dims = q.Get("taskType").Str(), number(q.Get("outputDimensionality"))
		var parts []atom
		for p := range q.At("content", "parts").Elems() {
			data := p.Get("inline_data")
			parts = append(parts, atom{p.Get("text").Str(), data.Get("mime_type").Str(), data.Get("data").Str()})
		}
		in.items = append(in.items, parts)
	}
	if in.list = root.Get("requests").Exists(); !in.list {
		one(root)
	}
	for q := range root.Get("requests").Elems() {
		one(q)
	}
}

// embed asks for vectors.
func (w *wish) embed(s Surface, x *Exchange, root rawjson.Node, model string) error {
	wire := venues[x.API].protocol
	in := readInputs(x, root)
	if s == GeminiEmbeds {
		method := "embedContent"
		if in.list {
			method = "batchEmbedContents"
		}
		w.path = "/v1beta/models/" + model + ":" + method
		if wire == "gemini.embedContent" {
			w.body, w.own = x.Request, true
			return nil
		}
		return w.marshal(in.gemini(model))
	}
	w.path = "/api/v1/embeddings"
	if wire == "openai.embeddings" {
		return w.recorded(x, root, model, func(p *rawjson.Patch) { askForm(p, root, s) })
	}
	req := in.openAI(model)
	if s == Embeddings64 {
		req["encoding_format"] = "base64"
	}
	for _, name := range []string{"truncate", "options"} { // members of a vendor that pass
		if v := root.Get(name); !v.IsNull() {
			req[name] = json.RawMessage(v.Raw())
		}
	}
	return w.marshal(req)
}

// askForm asks for vectors in the surface's form, in the recorded words where they do.
func askForm(p *rawjson.Patch, root rawjson.Node, s Surface) {
	switch is64 := root.Get("encoding_format").Is("base64"); {
	case s == Embeddings64:
		putMember(p, root, "encoding_format", `"base64"`)
	case is64:
		putMember(p, root, "encoding_format", `"float"`)
	}
}

func (in *inputs) openAI(model string) map[string]any {
	var list []any
	for _, parts := range in.items {
		list = append(list, openAIInput(parts))
	}
	req := map[string]any{"model": model, "input": list}
	if !in.list && len(list) == 1 && len(in.items[0]) == 1 {
		req["input"] = list[0]
	}
	if in.purpose != "" {
		req["input_type"] = strings.ToLower(in.purpose)
	}
	if in.dims != nil {
		req["dimensions"] = in.dims
	}
	return req
}

func openAIInput(parts []atom) any {
	if len(parts) == 1 && parts[0].data == "" {
		return parts[0].text
	}
	var content []any
	for _, p := range parts {
		if p.data == "" {
			content = append(content, map[string]any{"type": "text", "text": p.text})
			continue
		}
		content = append(content, map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:" + p.mime + ";base64," + p.data}})
	}
	return map[string]any{"content": content}
}

func (in *inputs) gemini(model string) map[string]any {
	var list []any
	for _, parts := range in.items {
		var content []any
		for _, p := range parts {
			content = append(content, map[string]any{"text": p.text})
		}
		q := map[string]any{"model": "models/" + model, "content": map[string]any{"parts": content}}
		if in.purpose != "" {
			q["taskType"] = in.purpose
		}
		if in.dims != nil {
			q["outputDimensionality"] = in.dims
		}
		list = append(list, q)
	}
	if !in.list {
		return list[0].(map[string]any)
	}
	return map[string]any{"requests": list}
}
