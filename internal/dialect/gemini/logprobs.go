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
	w := writer{a.scratch[:0]}
	w.open('{')
	w.key("content").open('[')
	i := 0
	for t := range chosen.Elems() {
		w.elem().open('{')
		w.logprob(t)
		w.key("top_logprobs").open('[')
		if i < len(tops) {
			for top := range tops[i].Elems() {
				w.elem().open('{')
				w.logprob(top)
				w.close('}')
			}
		}
		w.word("]}")
		i++
	}
	w.close(']')
	w.key("refusal").word("null}")
	a.scratch = w.b
	return a.send(llm.Event{Kind: llm.LogprobsDelta, Choice: c.index, Raw: a.scratch})
}

// logprob writes the members of one token.
func (w *writer) logprob(t rawjson.Node) {
	token := t.Get("token").Str()
	w.key("token").str(token)
	w.key("logprob")
	if p := t.Get("logProbability"); p.Kind() == rawjson.Number {
		w.raw(p.Raw())
	} else {
		w.word("0") // protobuf leaves a zero out
	}
	w.key("bytes").open('[')
	for i := range len(token) {
		w.elem()
		w.b = strconv.AppendUint(w.b, uint64(token[i]), 10)
	}
	w.close(']')
}
