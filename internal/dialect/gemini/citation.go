package gemini

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// citation is one annotation of type url_citation. Offsets are in bytes of the text.
type citation struct {
	url, title string
	start, end int
}

// cite sends a citation in OpenAI's shape, whose offsets count characters, unless it was
// sent already: metadata may repeat in later increments.
func (c *candidate) cite(a *answer, s citation) error {
	s.start, s.end = c.clamp(s.start), c.clamp(s.end)
	b := rawjson.AppendString([]byte(`{"type":"url_citation","url_citation":{"url":`), s.url)
	b = rawjson.AppendString(append(b, `,"title":`...), s.title)
	b = strconv.AppendInt(append(b, `,"start_index":`...), int64(utf8.RuneCount(c.text[:s.start])), 10)
	b = strconv.AppendInt(append(b, `,"end_index":`...), int64(utf8.RuneCount(c.text[:max(s.start, s.end)])), 10)
	b = append(b, "}}"...)
	if c.cited[string(b)] {
		return nil
	}
	if c.cited == nil {
		c.cited = make(map[string]bool)
	}
	c.cited[string(b)] = true
	return a.Send(llm.Event{Kind: llm.AnnotationDelta, Choice: c.index, Raw: b})
}

func (c *candidate) clamp(offset int) int { return min(max(offset, 0), len(c.text)) }

// grounding sends what a search found. A support says which bytes of which part rest on
// which chunks; without supports a chunk counts for the whole text.
func (c *candidate) grounding(a *answer, g rawjson.Node, starts *partStarts) error {
	a.countSearches(g.Get("webSearchQueries"))
	var chunks []citation
	for chunk := range g.Get("groundingChunks").Elems() {
		chunks = append(chunks, c.source(a, chunk))
	}
	supports := g.Get("groundingSupports")
	for s := range supports.Elems() {
		start, end := c.segment(s.Get("segment"), starts)
		for i := range s.Get("groundingChunkIndices").Elems() {
			n, ok := i.Int()
			if !ok || n < 0 || n >= int64(len(chunks)) || chunks[n].url == "" {
				continue
			}
			if err := c.cite(a, citation{chunks[n].url, chunks[n].title, start, end}); err != nil {
				return err
			}
		}
	}
	if supports.Len() > 0 {
		return nil
	}
	for _, chunk := range chunks {
		if chunk.url == "" {
			continue
		}
		if err := c.cite(a, citation{chunk.url, chunk.title, 0, len(c.text)}); err != nil {
			return err
		}
	}
	return nil
}

// source reads a grounding chunk, which is an object under the name of its kind.
func (c *candidate) source(a *answer, chunk rawjson.Node) citation {
	for kind, v := range chunk.Members() {
		if uri := v.Get("uri").Str(); uri != "" {
			return citation{url: uri, title: v.Get("title").Str()}
		}
		a.Lose(c.path()+".groundingMetadata.groundingChunks."+kind.Str(), "a source without a URL cannot be cited")
	}
	return citation{}
}

// segment is the place of a support in the candidate's text. Offsets count bytes from the
// start of a part; the segment's own text finds the place when increments or parts that
// are not text have shifted it.
func (c *candidate) segment(s rawjson.Node, starts *partStarts) (start, end int) {
	base := 0
	if part := s.Get("partIndex").Int64(); part > 0 && part < int64(len(starts)) {
		base = starts[part]
	}
	start = c.clamp(base + int(s.Get("startIndex").Int64()))
	end = max(start, c.clamp(base+int(s.Get("endIndex").Int64())))
	want := s.Get("text").Str()
	if want == "" || string(c.text[start:end]) == want {
		return start, end
	}
	if at := bytes.Index(c.text, []byte(want)); at >= 0 {
		return at, at + len(want)
	}
	return start, end
}

// countSearches counts what Google bills: each query from Gemini 3 on, and before that
// the grounded request (https://ai.google.dev/gemini-api/docs/pricing).
func (a *answer) countSearches(queries rawjson.Node) {
	n := int64(queries.Len())
	if identify(a.model).major < 3 {
		n = min(n, 1)
	}
	a.usage.WebSearches = max(a.usage.WebSearches, n)
}

// citations sends the sources of text that the model recited.
func (c *candidate) citations(a *answer, meta rawjson.Node) error {
	for _, key := range []string{"citationSources", "citations"} { // AI Studio's name, Vertex AI's
		for s := range meta.Get(key).Elems() {
			uri := s.Get("uri").Str()
			if uri == "" {
				continue
			}
			end := len(c.text)
			if n, ok := s.Get("endIndex").Int(); ok {
				end = int(n)
			}
			title := strings.TrimSpace(s.Get("title").Str())
			if err := c.cite(a, citation{uri, title, int(s.Get("startIndex").Int64()), end}); err != nil {
				return err
			}
		}
	}
	return nil
}
