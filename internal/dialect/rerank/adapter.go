package rerank

import (
	"fmt"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls a rerank upstream. The zero Adapter speaks Cohere's v2 (API reference,
// "Rerank API v2"): POST /v2/rerank below the vendor's host.
//
// The declared edits of a request: `model`, what speaks to the gateway goes, documents that
// are objects of text alone become texts where the vendor has no objects, and `top_n` gets
// the vendor's name.
type Adapter struct{ Quirks Quirks }

// Quirks are a vendor's deviations.
type Quirks struct {
	Path    string // "/rerank" where the base URL ends with a version; "" is /v2/rerank
	TopK    bool   // top_n is called top_k (Voyage)
	Objects bool   // takes documents as objects with text and image (OpenRouter)
}

// Dialect is llm.CohereRerank.
func (*Adapter) Dialect() llm.Dialect { return llm.CohereRerank }

// Failure classifies an answer that is not 2xx.
func (*Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return (*openaichat.Adapter)(nil).Failure(status, h, body)
}

// EncodeRequest edits the client's bytes.
func (a *Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.CohereRerank {
		return dialect.Call{}, nil, fault.Wrap(fault.Internal, fmt.Errorf("a %s request reached the rerank adapter", req.From))
	}
	p, root := new(rawjson.Patch), req.Doc.Root()
	openaichat.EditHead(p, root, to.Model, func(name string) bool {
		return name == "user" || name == "stream" || name == "top_n" && a.Quirks.TopK && root.Get("top_k").Exists()
	})
	for k, v := range root.Members() {
		switch {
		case k.Is("top_n") && a.Quirks.TopK && !root.Get("top_k").Exists():
			p.Set(k, []byte(`"top_k"`))
		case k.Is("documents") && !a.Quirks.Objects:
			i := 0
			for e := range v.Elems() {
				if e.Kind() == rawjson.Object {
					if !e.Get("image").IsNull() {
						path := fmt.Sprintf("documents[%d].image", i)
						return dialect.Call{}, nil, &fault.Error{Kind: fault.Refused, Param: path, Public: "The provider ranks texts, not images; leave " + path + " out or choose another model"}
					}
					p.Set(e, e.Get("text").Raw())
				}
				i++
			}
		}
	}
	path := "/v2/rerank"
	if a.Quirks.Path != "" {
		path = a.Quirks.Path
	}
	return dialect.Call{Method: "POST", Path: path, Header: dialect.JSON(), Body: p.Segments(req.Raw)}, nil, nil
}

// Events reads {"results":[{"index","relevance_score"}]}, or Voyage's {"data":[…]}.
func (a *Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		var doc rawjson.Doc
		root, err := openaichat.ReadWhole(r, &doc)
		if err != nil {
			yield(nil, err)
			return
		}
		list := root.Get("results")
		if !list.Exists() {
			list = root.Get("data")
		}
		if err := check(list, inputOf(req)); err != nil {
			yield(nil, openaichat.Broken("The provider's ranking is not one of the documents", err))
			return
		}
		ev := llm.Event{Kind: llm.Start, ID: root.Get("id").Str(), Model: root.Get("model").Str()}
		if !yield(&ev, nil) {
			return
		}
		for d := range list.Elems() {
			ev = llm.Event{Kind: llm.RankDelta, Choice: int(d.Get("index").Int64()), Raw: score(d).Raw()}
			if !yield(&ev, nil) {
				return
			}
		}
		ev = llm.Event{Kind: llm.End, Usage: usageOf(root)}
		yield(&ev, nil)
	}
}

func score(d rawjson.Node) rawjson.Node {
	if s := d.Get("relevance_score"); s.Exists() {
		return s
	}
	return d.Get("score")
}

// check makes sure that every result is of a document, each at most once, and that there
// are as many as asked for.
func check(list rawjson.Node, in *llm.RerankInput) error {
	if list.Kind() != rawjson.Array {
		return fmt.Errorf("results are %s", list.Kind())
	}
	seen := make([]bool, len(in.Documents))
	n := int64(0)
	for d := range list.Elems() {
		at, ok := d.Get("index").Int()
		if !ok || at < 0 || at >= int64(len(seen)) || seen[at] {
			return fmt.Errorf("result %d has index %s", n, d.Get("index").Raw())
		}
		if score(d).Kind() != rawjson.Number {
			return fmt.Errorf("result %d has no score", n)
		}
		seen[at] = true
		n++
	}
	if n == 0 || in.Top > 0 && n > in.Top {
		return fmt.Errorf("%d results for %d documents, at most %d asked for", n, len(in.Documents), in.Top)
	}
	return nil
}

// usageOf reads Cohere's meta.billed_units, or usage.
func usageOf(root rawjson.Node) *llm.Usage {
	u, b := root.Get("usage"), root.At("meta", "billed_units")
	r := &llm.Usage{
		Searches: max(b.Get("search_units").Int64(), u.Get("search_units").Int64(), 0),
		Input:    max(u.Get("total_tokens").Int64(), u.Get("prompt_tokens").Int64(), b.Get("input_tokens").Int64(), 0),
		Cost:     openaichat.ReportedCost(u),
	}
	if r.Searches+r.Input == 0 {
		return new(llm.Usage)
	}
	r.State = llm.UsageReported
	if r.Raw = append([]byte(nil), root.Get("meta").Raw()...); u.Exists() {
		r.Raw = append([]byte(nil), u.Raw()...)
	}
	return r
}

var _ dialect.Adapter = (*Adapter)(nil)
