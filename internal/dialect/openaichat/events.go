package openaichat

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Events reads an answer in the canonical form, and hands on its frames to a client of the
// same dialect. A stream is whole with its [DONE], or by the rules of whoever sends none:
// see [Done].
func (a *Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	if req.Relays(llm.OpenAIChat) {
		return a.Frames(req, r)
	}
	return func(yield func(*llm.Event, error) bool) {
		x := answers.Get().(*answer)
		defer x.free()
		x.Teller, x.q, x.id, x.model = dialect.NewTeller(yield), &a.Quirks, r.ID, r.Model
		read := x.stream
		if !r.Stream || dialect.IsJSON(r.Header) {
			read = x.message
		}
		x.Close(read(r))
	}
}

// answers lends the memory that an answer is read with.
var answers = sync.Pool{New: func() any { return new(answer) }}

// free ends the life of the last event.
func (x *answer) free() {
	x.doc.Reset()
	clear(x.choices)
	*x = answer{doc: x.doc, choices: x.choices[:0]}
	if x.doc.Lendable() {
		answers.Put(x)
	}
}

// answer is the state of one answer that is read into the canonical form.
type answer struct {
	dialect.Teller
	q     *Quirks
	doc   rawjson.Doc
	whole bool // not a stream

	started   bool
	id, model string // of the answer; those to call one that brings none until it does
	tier      string
	usage     *llm.Usage
	choices   []spoken            // by index
	held      int                 // bytes kept back
	sources   []byte              // raw: what the answer is founded on, as Perplexity tells it
	detail    llm.ReasoningDetail // of the event being sent
	media     llm.MediaOut
}

// spoken is how far one choice has come.
type spoken struct {
	opened, closed bool
	calls          []called
	front          int       // of calls: the one whose arguments are being sent
	late           []delayed // what came amid the arguments of a call
}

func (x *answer) stream(r dialect.Reply) error {
	rd := sse.NewReader(r.Body, dialect.MaxFrame)
	defer rd.Close() // events hold copies
	for {
		f, err := rd.Next()
		switch {
		case errors.Is(err, io.EOF):
			if x.over() && x.q.Done.whole(x.usage != nil) {
				return x.end()
			}
			return broken("The provider's stream ended before its end mark", io.ErrUnexpectedEOF)
		case err != nil:
			return upstreamErr(err)
		case len(f.Data) == 0: // a comment
			continue
		case bytes.Equal(bytes.TrimSpace(f.Data), done):
			return x.end()
		}
		if err := x.doc.Parse(f.Data); err != nil {
			return broken("The provider sent a chunk that is not JSON", err)
		}
		if x.doc.Root().Kind() != rawjson.Object {
			return broken("The provider sent a chunk that is not an object", nil)
		}
		if err := x.chunk(x.doc.Root()); err != nil {
			return err
		}
	}
}

// message reads an answer that does not stream.
func (x *answer) message(r dialect.Reply) error {
	root, err := ReadWhole(r, &x.doc)
	if err != nil {
		return err
	}
	x.whole = true
	if root.Get("choices").Len() == 0 {
		return broken("The provider's answer has no choices", nil)
	}
	if err := x.chunk(root); err != nil {
		return err
	}
	return x.end()
}

// over reports whether there is an answer and every choice of it has finished.
func (x *answer) over() bool {
	any := false
	for i := range x.choices {
		c := &x.choices[i]
		if c.opened != c.closed {
			return false
		}
		any = any || c.closed
	}
	return any
}

// chunk reads a chunk, or the whole body: they share their members.
func (x *answer) chunk(root rawjson.Node) error {
	var choices, groq rawjson.Node
	start := llm.Event{Kind: llm.Start}
	for k, v := range root.Members() {
		switch string(k.Bytes()) {
		case "choices":
			choices = v
		case "error":
			if !v.IsNull() {
				return streamFailure(root)
			}
		case "usage":
			x.count(v)
		case "x_groq":
			groq = v.Get("usage")
		case "service_tier":
			if v.Kind() == rawjson.String && !v.Is(x.tier) {
				x.tier = v.Str()
			}
		case "id":
			if !x.started && v.StrLen() > 0 {
				x.id = v.Str()
			}
		case "model":
			if !x.started && v.StrLen() > 0 {
				x.model = v.Str()
			}
		case "created":
			start.Created = v.Int64()
		case "system_fingerprint":
			if !x.started {
				start.Fingerprint = v.Str()
			}
		case "search_results", "citations":
			if v.Len() > 0 && (k.Is("search_results") || len(x.sources) == 0) {
				x.sources = append(x.sources[:0], v.Raw()...)
			}
		}
	}
	if x.usage == nil {
		x.count(groq)
	}
	if choices.Len() > 0 && !x.started {
		x.started = true
		start.ID, start.Model, start.ServiceTier = firstOf(x.id, "chatcmpl"), x.model, x.tier
		if err := x.Send(start); err != nil {
			return err
		}
	}
	for c := range choices.Elems() {
		if err := x.choice(c); err != nil {
			return err
		}
	}
	return nil
}

// count keeps the newest counts: some providers send them on every chunk, growing.
func (x *answer) count(v rawjson.Node) {
	if u := readUsage(v); u != nil {
		u.Raw = append([]byte(nil), u.Raw...)
		x.usage = u
	}
}

// end ends the choices that an upstream left without a reason although it ended the
// answer in due form, then the answer.
func (x *answer) end() error {
	any := false
	for i := range x.choices {
		c := &x.choices[i]
		any = any || c.opened
		if c.opened && !c.closed {
			if err := x.finish(i, llm.FinishStop, ""); err != nil {
				return err
			}
		}
	}
	if !any {
		return broken("The provider ended its answer without content", nil)
	}
	u := x.usage
	if u == nil {
		u = new(llm.Usage)
	}
	u.ServiceTier = firstOf(u.ServiceTier, x.tier)
	return x.End(u)
}
