package openaitext

import (
	"strconv"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// probs are log probabilities in the form of legacy completions: parallel lists. Each is
// kept as the JSON of its elements.
type probs struct {
	tokens, values, top, offsets []byte
	offset                       int // in characters, of the next token
}

func countChars(s string) int { return utf8.RuneCountInString(s) }

// add takes in the lists of chat completions: objects with token, logprob and the most
// probable others.
func (p *probs) add(raw []byte) {
	var d rawjson.Doc
	if d.Parse(raw) != nil {
		return
	}
	for t := range d.Root().Get("content").Elems() {
		token := t.Get("token").Str()
		p.tokens = rawjson.AppendString(comma(p.tokens), token)
		p.values = append(comma(p.values), number0(t.Get("logprob"))...)
		p.offsets = strconv.AppendInt(comma(p.offsets), int64(p.offset), 10)
		p.offset += countChars(token)
		p.top = append(comma(p.top), '{')
		any := false
		for o := range t.Get("top_logprobs").Elems() {
			if any {
				p.top = append(p.top, ',')
			}
			any = true
			p.top = append(rawjson.AppendString(p.top, o.Get("token").Str()), ':')
			p.top = append(p.top, number0(o.Get("logprob"))...)
		}
		p.top = append(p.top, '}')
	}
}

func number0(v rawjson.Node) []byte {
	if v.Kind() == rawjson.Number {
		return v.Raw()
	}
	return []byte("null")
}

func comma(b []byte) []byte {
	if len(b) > 0 {
		b = append(b, ',')
	}
	return b
}

func (p *probs) append(dst []byte) []byte {
	if len(p.tokens) == 0 {
		return append(dst, "null"...)
	}
	for _, f := range []struct {
		name string
		list []byte
	}{{`{"tokens":[`, p.tokens}, {`],"token_logprobs":[`, p.values}, {`],"top_logprobs":[`, p.top}, {`],"text_offset":[`, p.offsets}} {
		dst = append(append(dst, f.name...), f.list...)
	}
	return append(dst, "]}"...)
}
