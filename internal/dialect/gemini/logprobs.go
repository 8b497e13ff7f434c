package gemini

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// logprobs sends a logprobsResult in OpenAI's shape. The wire keeps chosen and top tokens
// in two lists of equal order.
func (c *candidate) logprobs(a *answer, r rawjson.Node) error {
	chosen := r.Get("chosenCandidates")
	if chosen.Len() == 0 {
		return nil
	}
	var tops []rawjson.Node
	for t := range r.Get("topCandidates").Elems() {
		tops = append(tops, t.Get("candidates"))
	}
	w := rawjson.Writer{B: a.scratch[:0]}
	w.Open('{')
	w.Key("content").Open('[')
	i := 0
	for t := range chosen.Elems() {
		w.Elem().Open('{')
		logprob(&w, t)
		w.Key("top_logprobs").Open('[')
		if i < len(tops) {
			for top := range tops[i].Elems() {
				w.Elem().Open('{')
				logprob(&w, top)
				w.Close('}')
			}
		}
		w.Word("]}")
		i++
	}
	w.Close(']')
	w.Key("refusal").Word("null}")
	a.scratch = w.B
	return a.Send(llm.Event{Kind: llm.LogprobsDelta, Choice: c.index, Raw: a.scratch})
}

// logprob writes the members of one token.
func logprob(w *rawjson.Writer, t rawjson.Node) {
	token := t.Get("token").Str()
	w.Key("token").Str(token)
	w.Key("logprob")
	if p := t.Get("logProbability"); p.Kind() == rawjson.Number {
		w.Raw(p.Raw())
	} else {
		w.Word("0") // protobuf leaves a zero out
	}
	w.Key("bytes").Open('[')
	for i := range len(token) {
		w.Elem()
		w.B = strconv.AppendUint(w.B, uint64(token[i]), 10)
	}
	w.Close(']')
}
