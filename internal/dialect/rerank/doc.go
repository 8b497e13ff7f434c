// Package rerank speaks the operation that orders documents by how well they answer a
// query: OpenRouter's /rerank for clients, Cohere's v2 /rerank and its relatives upstream.
// Start with Surface.DecodeRequest and Adapter.EncodeRequest.
package rerank

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Surface is OpenRouter's side for clients (reference §3.5). The zero Surface is ready.
type Surface struct{}

// Dialect is llm.CohereRerank, which OpenRouter's follows.
func (Surface) Dialect() llm.Dialect { return llm.CohereRerank }

// maxDocuments bounds the documents of one request.
const maxDocuments = 100_000

// Cohere's search unit: one query with up to 100 documents of up to 500 tokens, query
// included; a longer document counts once for each 500 (cohere.com/pricing).
const (
	unitDocuments = 100
	chunkTokens   = 500
)

func inputOf(req *llm.Request) *llm.RerankInput {
	in, _ := req.Input.(*llm.RerankInput)
	if in == nil {
		in = new(llm.RerankInput)
	}
	return in
}

// DecodeRequest reads a rerank request. Unset options may be null.
func (Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	input := new(llm.RerankInput)
	r := &llm.Request{From: llm.CohereRerank, Raw: in.Body, Doc: doc, Choices: 1, Input: input}
	for k, v := range root.Members() {
		name := k.Str()
		known, err := field.Head(r, name, v)
		switch {
		case known || err != nil || v.IsNull():
		case name == "query":
			input.Query, err = field.Str(name, v, dialect.MaxFrame)
		case name == "documents":
			err = documents(r, input, v)
		case name == "top_n":
			input.Top, err = field.Whole(name, v, 1, 1<<31)
		case name == "stream" && v.Bool():
			err = fault.Bad(name, "Rerank results are not streamed; leave stream out")
		default:
			input.Extra = append(input.Extra, llm.Field{Path: name, Value: v.Raw()})
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case input.Query == "":
		return nil, fault.Bad("query", "query is missing or empty; send what the documents are to answer")
	case len(input.Documents) == 0:
		return nil, fault.Bad("documents", "documents is missing or empty; send at least one document")
	}
	measure(r, input)
	return r, field.Finish(r, in.Header)
}

func documents(r *llm.Request, in *llm.RerankInput, v rawjson.Node) error {
	if err := field.Want("documents", v, rawjson.Array); err != nil {
		return err
	}
	in.Documents = nil
	for e := range v.Elems() {
		path := fmt.Sprintf("documents[%d]", len(in.Documents))
		d := llm.RerankDocument{Path: path}
		switch e.Kind() {
		case rawjson.String:
			d.Text = e.Str()
		case rawjson.Object:
			text, image := e.Get("text"), e.Get("image")
			if text.Kind() != rawjson.String && image.Kind() != rawjson.String {
				return fault.Bad(path, path+" has neither text nor image; send at least one of them")
			}
			if d.Text, d.Image = text.Str(), image.Str(); d.Image != "" {
				r.Needs |= llm.NeedImages
			}
		default:
			return field.Bad(path, e, "a string or an object with text or image")
		}
		if in.Documents = append(in.Documents, d); len(in.Documents) > maxDocuments {
			return fault.Bad("documents", fmt.Sprintf("documents has more than %d entries", maxDocuments))
		}
	}
	return nil
}

// measure counts what the request can cost: some vendors read the query once for each
// document, and Cohere's chunks hold the query too. A byte is at least a token's share.
func measure(r *llm.Request, in *llm.RerankInput) {
	n, query := int64(len(in.Documents)), int64(len(in.Query))
	r.Size = llm.Size{Text: query * n, Messages: n}
	room := max(chunkTokens-query, 1)
	chunks := int64(0)
	for i := range in.Documents {
		size := int64(len(in.Documents[i].Text))
		r.Size.Text += size
		chunks += 1 + size/room
		if in.Documents[i].Image != "" {
			r.Size.Images++
		}
	}
	r.Size.Searches = (chunks + unitDocuments - 1) / unitDocuments
}

// EncodeError is the envelope of all OpenAI routes (reference §1.5).
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}
