package gemini

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// appendLast appends a candidate's last word: why it ended, and what was found out about
// its text. A whole answer has its parts here.
func (c *choice) appendLast(dst []byte, whole bool) []byte {
	dst = append(dst, `{"content":{`...)
	switch {
	case !whole: // what Google's own last objects hold
		dst = append(dst, `"parts":[{"text":""}],`...)
	case len(c.parts) > 0:
		dst = append(append(append(dst, `"parts":[`...), c.parts...), "],"...)
	}
	dst = append(dst, `"role":"model"},"finishReason":`...)
	dst = rawjson.AppendString(dst, c.reason())
	if len(c.refusal) > 0 && c.finish == llm.FinishFilter {
		dst = rawjson.AppendString(append(dst, `,"finishMessage":`...), c.refusal)
	}
	dst = strconv.AppendInt(append(dst, `,"index":`...), int64(c.index), 10)
	if len(c.chunks) > 0 {
		dst = append(append(dst, `,"groundingMetadata":{"groundingChunks":[`...), c.chunks...)
		dst = append(append(dst, `],"groundingSupports":[`...), c.supports...)
		dst = append(dst, "]}"...)
	}
	if len(c.chosen) > 0 {
		dst = append(append(dst, `,"logprobsResult":{"chosenCandidates":[`...), c.chosen...)
		dst = append(append(dst, `],"topCandidates":[`...), c.top...)
		dst = append(dst, "]}"...)
	}
	return append(dst, '}')
}

// reason is why the candidate ended in the API's words.
func (c *choice) reason() string {
	for _, word := range finishNumbers[1:] {
		if c.native == word {
			return word
		}
	}
	switch c.finish {
	case llm.FinishLength:
		return "MAX_TOKENS"
	case llm.FinishFilter:
		return "SAFETY"
	case llm.FinishError:
		return "OTHER"
	}
	return "STOP"
}

// annotate takes in a citation of a page, which OpenAI's shape describes, with offsets in
// characters. Google's count bytes.
func (c *choice) annotate(raw []byte) {
	var d rawjson.Doc
	if d.Parse(raw) != nil {
		return
	}
	cite := d.Root().Get("url_citation")
	url := cite.Get("url").Str()
	if url == "" {
		return
	}
	n, known := c.sources[url]
	if !known {
		if c.sources == nil {
			c.sources = map[string]int{}
		}
		n = len(c.sources)
		c.sources[url] = n
		c.chunks = comma(c.chunks)
		c.chunks = rawjson.AppendString(append(c.chunks, `{"web":{"uri":`...), url)
		c.chunks = append(rawjson.AppendString(append(c.chunks, `,"title":`...), cite.Get("title").Str()), "}}"...)
	}
	from, to := c.offset(cite.Get("start_index").Int64()), c.offset(cite.Get("end_index").Int64())
	c.supports = strconv.AppendInt(append(comma(c.supports), `{"segment":{"startIndex":`...), int64(from), 10)
	c.supports = strconv.AppendInt(append(c.supports, `,"endIndex":`...), int64(max(from, to)), 10)
	c.supports = rawjson.AppendString(append(c.supports, `,"text":`...), c.said[from:max(from, to)])
	c.supports = strconv.AppendInt(append(c.supports, `},"groundingChunkIndices":[`...), int64(n), 10)
	c.supports = append(c.supports, "]}"...)
}

// offset is where a character of the text begins, in bytes.
func (c *choice) offset(chars int64) int {
	for i := range string(c.said) {
		if chars <= 0 {
			return i
		}
		chars--
	}
	return len(c.said)
}

// logprobs takes in tokens in OpenAI's shape.
func (c *choice) logprobs(raw []byte) {
	var d rawjson.Doc
	if d.Parse(raw) != nil {
		return
	}
	for t := range d.Root().Get("content").Elems() {
		c.chosen = token(comma(c.chosen), t)
		c.top = append(comma(c.top), `{"candidates":[`...)
		first := true
		for o := range t.Get("top_logprobs").Elems() {
			if !first {
				c.top = append(c.top, ',')
			}
			first = false
			c.top = token(c.top, o)
		}
		c.top = append(c.top, "]}"...)
	}
}

func token(dst []byte, t rawjson.Node) []byte {
	dst = rawjson.AppendString(append(dst, `{"token":`...), t.Get("token").Str())
	dst = append(dst, `,"logProbability":`...)
	if p := t.Get("logprob"); p.Kind() == rawjson.Number {
		dst = append(dst, p.Raw()...)
	} else {
		dst = append(dst, '0')
	}
	return append(dst, '}')
}

func comma(list []byte) []byte {
	if len(list) > 0 {
		list = append(list, ',')
	}
	return list
}
