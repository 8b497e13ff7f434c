package anthropic

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// cite keeps a citation of a text block until the block ends: it holds for all of the
// block's text, whose end is not known before. What cites a document of the request
// rather than a page has no annotation in OpenAI's shape.
func (a *answer) cite(b *block, c rawjson.Node) {
	url := c.Get("url").Str()
	if s := c.Get("source").Str(); url == "" && (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) {
		url = s // of a search_result_location
	}
	if b.kind != textBlock || url == "" {
		a.Lose(fmt.Sprintf("content[%d].citations", b.index), "a citation of type "+dialect.Clip(c.Get("type").Str(), 64)+" has no place in the canonical form")
		return
	}
	if len(b.citations) >= maxCitations {
		a.Lose(fmt.Sprintf("content[%d].citations", b.index), "more citations than can be held")
		return
	}
	j := rawjson.AppendString([]byte(`{"type":"url_citation","url_citation":{"url":`), url)
	j = rawjson.AppendString(append(j, `,"title":`...), c.Get("title").Str())
	if text := c.Get("cited_text").Str(); text != "" {
		j = rawjson.AppendString(append(j, `,"content":`...), text)
	}
	b.citations = append(b.citations, j)
}

// annotate sends the citations of a block that has ended.
func (a *answer) annotate(b *block) error {
	for _, j := range b.citations {
		j = strconv.AppendInt(append(j, `,"start_index":`...), int64(b.from), 10)
		j = strconv.AppendInt(append(j, `,"end_index":`...), int64(a.said), 10)
		if err := a.send(llm.Event{Kind: llm.AnnotationDelta, Raw: append(j, "}}"...)}); err != nil {
			return err
		}
	}
	return nil
}
