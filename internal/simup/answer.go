package simup

import (
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// finish is why an answer ends, in no dialect's words.
type finish uint8

const (
	finishStop finish = iota
	finishSequence
	finishLength
	finishTools
	finishRefused
)

// A reply is everything that will be said to one ask.
type reply struct {
	*ask
	id, requestID string
	created       time.Time
	dice          dice // for ids only
	choices       []answer
	read          reading
	fault         *Fault
}

// reading is the prompt's side of usage. Tokens holds all, the cached ones and those
// written to the cache too.
type reading struct{ tokens, cached, wrote5m, wrote1h int64 }

// usage is what a dialect reports: all of the prompt, all of the output.
type usage struct {
	reading
	output, reasoning int64 // output holds reasoning
}

// An answer is one choice of a reply.
type answer struct {
	reasoning, text string
	signature       string // of reasoning
	calls           []call
	finish          finish
	stop            string // the sequence that ended it
	inTurns         bool   // a stream has a piece of each call, then another of each
	made            made
}

// A call is one tool call; arguments are JSON, unless the limit cut them.
type call struct{ id, name, arguments string }

// object is the call's arguments as JSON; those that the limit cut are none.
func (c call) object() string {
	if !rawjson.Valid([]byte(c.arguments)) {
		return "{}"
	}
	return c.arguments
}

// made is how much of an answer has been generated.
type made struct {
	reasoning, text int   // bytes
	calls           []int // bytes of each
}

func (m made) tokens() (output, reasoning int64) {
	reasoning = tokens(m.reasoning)
	output = reasoning + tokens(m.text)
	for _, n := range m.calls {
		output += tokens(n)
	}
	return output, reasoning
}

// compose makes choice number i of the answer to a.
func (a *ask) compose(i int) answer {
	d := roll(a.seed, a.provider.Slug, a.model.ID, a.question, a.result, strconv.Itoa(i))
	if a.directive.refuse && !a.answers {
		return answer{text: refusedText, finish: finishRefused}
	}
	out := answer{inTurns: a.directive.inTurns}
	if a.think {
		out.reasoning = a.thought()
	}
	if c, text, ok := a.act(); ok {
		if out.text = text; c != nil {
			out.finish, out.calls = finishTools, []call{*c}
		}
	} else if picked := a.calls(); len(picked) > 0 {
		out.finish = finishTools
		for _, t := range picked {
			args := "{}"
			if t.schema.Exists() {
				args = string(sampleSchema(nil, t.schema, a.question))
			}
			out.calls = append(out.calls, call{name: t.name, arguments: args})
		}
	} else {
		out.text = a.say(&d)
	}
	out.stopAt(a.stops)
	if a.limit > 0 {
		out.limit(a.limit)
	}
	if out.reasoning != "" {
		out.signature = sign(a.seed, d.next(), out.reasoning)
	}
	return out
}

// refusedText is what a model says that refuses, where its dialect lets it say anything.
const refusedText = "I’m sorry, but I cannot help with that."

// withhold takes the text from refused answers, in dialects that have only a reason for them.
func (r *reply) withhold() {
	for i := range r.choices {
		if r.choices[i].finish == finishRefused {
			r.choices[i].text = ""
		}
	}
}

// say is the text of an answer: prose, or JSON that fits.
func (a *ask) say(d *dice) string {
	switch {
	case a.schema.Exists():
		return string(sampleSchema(nil, a.schema, a.question))
	case a.json:
		return `{"answer":` + string(rawjson.AppendString(nil, a.paragraph(d))) + `}`
	}
	return a.paragraph(d)
}

// stopAt ends the text before the first stop sequence in it.
func (a *answer) stopAt(stops []string) {
	for _, s := range stops {
		if i := strings.Index(a.text, s); s != "" && i >= 0 {
			a.text, a.finish, a.stop = a.text[:i], finishSequence, s
		}
	}
}

// limit keeps the answer to so many tokens: thoughts first, then text, then calls.
func (a *answer) limit(left int64) {
	whole := true
	take := func(bytes int) int {
		if n := tokens(bytes); n <= left {
			left -= n
			return bytes
		}
		bytes, left, whole = int(left*4), 0, false
		return bytes
	}
	a.reasoning = clip(a.reasoning, take(len(a.reasoning)))
	a.text = clip(a.text, take(len(a.text)))
	for i, c := range a.calls {
		fits := take(len(c.name) + len(c.arguments))
		if whole {
			continue
		}
		if a.calls = a.calls[:i]; fits >= len(c.name) {
			c.arguments = clip(c.arguments, fits-len(c.name))
			a.calls = append(a.calls, c)
		}
		break
	}
	if !whole {
		a.finish, a.stop = finishLength, ""
	}
}

// complete counts the whole answer as made.
func (a *answer) complete() {
	a.made = made{reasoning: len(a.reasoning), text: len(a.text)}
	for _, c := range a.calls {
		a.made.calls = append(a.made.calls, len(c.name)+len(c.arguments))
	}
}

// made sums what all choices have generated so far.
func (r *reply) made() (output, reasoning int64) {
	for i := range r.choices {
		o, t := r.choices[i].made.tokens()
		output, reasoning = output+o, reasoning+t
	}
	return output, reasoning
}

// reported is the usage so far as the provider tells it, which a fault may bend; false
// means it tells none.
func (r *reply) reported() (usage, bool) {
	u := usage{reading: r.read}
	u.output, u.reasoning = r.made()
	switch r.fault.Usage {
	case "missing":
		return usage{}, false
	case "zero":
		return usage{}, true
	case "x3":
		u.reading = reading{3 * u.tokens, 3 * u.cached, 3 * u.wrote5m, 3 * u.wrote1h}
		u.output, u.reasoning = 3*u.output, 3*u.reasoning
	}
	return u, true
}
