package embeddings

import (
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Cohere calls POST /v2/embed below the vendor's host (API reference, "Embed API v2").
// Numbers are asked for, whatever the client wants: the vendor's base64 is the same floats.
type Cohere struct{}

// Dialect is llm.CohereEmbed.
func (*Cohere) Dialect() llm.Dialect { return llm.CohereEmbed }

// Failure classifies an answer that is not 2xx.
func (*Cohere) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return failure(status, h, body)
}

// cohereFields are members that Cohere knows and OpenAI's wire does not; they pass.
var cohereFields = map[string]bool{"truncate": true, "max_tokens": true, "priority": true}

// EncodeRequest writes a request. The vendor demands a purpose: without one the vectors are
// those of documents, which is what inputs without a purpose are elsewhere.
func (*Cohere) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	in := inputOf(req)
	w := rawjson.Writer{B: make([]byte, 0, 512)}
	w.Open('{')
	w.Key("model").Str(to.Model)
	if err := cohereInputs(&w, in); err != nil {
		return dialect.Call{}, nil, err
	}
	purpose := "search_document"
	if in.Type != "" {
		purpose = cohereType(in.Type)
	}
	w.Key("input_type").Str(purpose)
	w.Key("embedding_types").Strs([]string{"float"})
	if in.Dimensions > 0 {
		w.Key("output_dimension").Int(in.Dimensions)
	}
	var losses []llm.Loss
	for _, f := range in.Extra {
		if cohereFields[f.Path] {
			w.Key(f.Path).Raw(f.Value)
			continue
		}
		losses = append(losses, llm.Loss{Path: f.Path, Why: "this provider's wire has no such field"})
	}
	if in.Title != "" {
		losses = append(losses, llm.Loss{Path: "title", Why: "the provider takes no title"})
	}
	w.Close('}')
	return dialect.Call{Method: "POST", Path: "/v2/embed", Header: dialect.JSON(), Body: [][]byte{w.B}}, losses, nil
}

// cohereInputs writes texts, or inputs where one is more than a text.
func cohereInputs(w *rawjson.Writer, in *llm.EmbedInput) error {
	plain := true
	for i := range in.Items {
		if in.Items[i].Tokens != nil {
			return unsupported(in.Items[i].Path, "takes texts and images, not token numbers")
		}
		_, ok := in.Items[i].Text()
		plain = plain && ok
	}
	if plain {
		w.Key("texts").Open('[')
		for i := range in.Items {
			text, _ := in.Items[i].Text()
			w.Elem().Str(text)
		}
		w.Close(']')
		return nil
	}
	w.Key("inputs").Open('[')
	for i := range in.Items {
		w.Elem()
		if err := writeParts(w, &in.Items[i]); err != nil {
			return err
		}
	}
	w.Close(']')
	return nil
}

// Events reads {"embeddings":{"float":[[…]]},"meta":{"billed_units":{…}}}.
func (*Cohere) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return events(r, func(root rawjson.Node, yield func(*llm.Event) bool) (*llm.Usage, []byte, error) {
		usage := new(llm.Usage)
		if b := root.At("meta", "billed_units"); b.Get("input_tokens").Exists() || b.Get("image_tokens").Exists() {
			usage = &llm.Usage{State: llm.UsageReported, Raw: append([]byte(nil), root.Get("meta").Raw()...),
				Input: max(b.Get("input_tokens").Int64(), 0), ImageInput: max(b.Get("image_tokens").Int64(), 0)}
		}
		return usage, nil, sequence(root.At("embeddings", "float"), inputOf(req), yield)
	})
}

// sequence yields vectors that come in the order of the inputs.
func sequence(vectors rawjson.Node, in *llm.EmbedInput, yield func(*llm.Event) bool) error {
	if err := counted(vectors.Len(), in); err != nil {
		return err
	}
	ev := new(llm.Event)
	i := 0
	for v := range vectors.Elems() {
		if !isVector(v) {
			return errVector
		}
		*ev = llm.Event{Kind: llm.VectorDelta, Choice: i, Raw: v.Raw()}
		if !yield(ev) {
			return errStopped
		}
		i++
	}
	return nil
}

// Ollama calls POST /api/embed below the server's root (docs/api.md, "Generate Embeddings").
type Ollama struct{}

// Dialect is llm.OllamaEmbed.
func (*Ollama) Dialect() llm.Dialect { return llm.OllamaEmbed }

// Failure classifies an answer that is not 2xx.
func (*Ollama) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return failure(status, h, body)
}

// ollamaFields are members that Ollama knows and OpenAI's wire does not; they pass.
var ollamaFields = map[string]bool{"truncate": true, "keep_alive": true, "options": true}

// EncodeRequest writes a request. The server takes texts alone.
func (*Ollama) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	in := inputOf(req)
	w := rawjson.Writer{B: make([]byte, 0, 512)}
	w.Open('{')
	w.Key("model").Str(to.Model)
	w.Key("input").Open('[')
	for i := range in.Items {
		text, ok := in.Items[i].Text()
		if !ok {
			return dialect.Call{}, nil, unsupported(in.Items[i].Path, "takes one text for each input")
		}
		w.Elem().Str(text)
	}
	w.Close(']')
	if in.Dimensions > 0 {
		w.Key("dimensions").Int(in.Dimensions)
	}
	var losses []llm.Loss
	for _, f := range in.Extra {
		if ollamaFields[f.Path] {
			w.Key(f.Path).Raw(f.Value)
			continue
		}
		losses = append(losses, llm.Loss{Path: f.Path, Why: "this provider's wire has no such field"})
	}
	losses = append(losses, purposeless(in)...)
	w.Close('}')
	return dialect.Call{Method: "POST", Path: "/api/embed", Header: dialect.JSON(), Body: [][]byte{w.B}}, losses, nil
}

// purposeless reports what a vendor without purposes does not hear.
func purposeless(in *llm.EmbedInput) (losses []llm.Loss) {
	if in.Type != "" {
		losses = append(losses, llm.Loss{Path: "input_type", Why: "the provider takes no purpose"})
	}
	if in.Title != "" {
		losses = append(losses, llm.Loss{Path: "title", Why: "the provider takes no title"})
	}
	return losses
}

// Events reads {"embeddings":[[…]],"prompt_eval_count":n}.
func (*Ollama) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return events(r, func(root rawjson.Node, yield func(*llm.Event) bool) (*llm.Usage, []byte, error) {
		usage := new(llm.Usage)
		if n := root.Get("prompt_eval_count").Int64(); n > 0 {
			usage = &llm.Usage{State: llm.UsageReported, Input: n}
		}
		return usage, nil, sequence(root.Get("embeddings"), inputOf(req), yield)
	})
}

var _, _, _ dialect.Adapter = (*OpenAI)(nil), (*Cohere)(nil), (*Ollama)(nil)
