// Package feed keeps prices current: it reads price lists that others publish, shows what
// they would change, and keeps what the operator accepts in a file beside the database,
// with old prices by date so that past usage stays explainable.
//
// It promises that no price passes through a float, that a price it does not understand is
// left out with a reason instead of being read as zero, and that a jump beyond a factor
// waits for a person. It does not schedule anything and never runs by itself. Start with
// Import, then Diff, then Book.
package feed

import (
	"fmt"
	"io"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Offer is one provider serving one model, as a price list has it.
type Offer struct {
	Provider      string // slug in our catalogue, or the list's own name when we have none
	UpstreamModel string
	Model         string // slug, "" when the list does not say it
	Name          string
	ContextLength int64 // tokens, 0 unknown
	MaxOutput     int64
	Input, Output []string // modalities, nil unknown
	Pricing       *catalog.Pricing
	Unpriced      string // why Pricing is nil
	Source        catalog.Source
}

// MaxList is the size in bytes beyond which a price list is refused.
const MaxList = 64 << 20

// Import reads a price list: an api.json as models.dev publishes it, or the answer of an
// OpenRouter-compatible GET /models. Which of the two it is shows in the text. The source
// is put on every offer.
func Import(r io.Reader, source catalog.Source) ([]Offer, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxList+1))
	if err != nil {
		return nil, fmt.Errorf("read price list: %w", err)
	}
	if len(text) > MaxList {
		return nil, fmt.Errorf("price list is over %d MB", MaxList>>20)
	}
	var doc rawjson.Doc
	if err := doc.Parse(text); err != nil {
		return nil, fmt.Errorf("price list: %w", err)
	}
	root := doc.Root()
	var offers []Offer
	if data := root.Get("data"); data.Kind() == rawjson.Array {
		offers = modelList(data)
	} else {
		offers = providerTree(root)
	}
	if len(offers) == 0 {
		return nil, fmt.Errorf("price list: neither an api.json with providers and models nor a model list with data")
	}
	for i := range offers {
		offers[i].Source = source
		offers[i].prudent()
	}
	return offers, nil
}

// words is an array of strings, with modalities spelt our way.
func words(n rawjson.Node) []string {
	var out []string
	for e := range n.Elems() {
		switch s := e.Str(); s {
		case "":
		case "pdf", "document":
			out = append(out, "file")
		default:
			out = append(out, s)
		}
	}
	return out
}

// decimal is a number as written, whether the list quotes it or not; "" when it is
// neither number nor string.
func decimal(n rawjson.Node) string {
	switch n.Kind() {
	case rawjson.String:
		return n.Str()
	case rawjson.Number:
		return string(n.Raw())
	}
	return ""
}
