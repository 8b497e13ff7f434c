package gemini

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Frames hands the upstream's own frames on, byte for byte: unknown parts, signatures,
// grounding and counts. A stream is always asked for with alt=sse; an upstream that
// answers with a JSON array all the same has its elements made events. As in Events, an
// answer is whole when every candidate has said why it finished.
func (Adapter) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		x := relay{answer: answer{Teller: dialect.NewTeller(yield), doc: rawjson.Lend()}, quotes: req.Quotes()}
		defer x.doc.Free()
		var err error
		if req.Stream {
			err = x.stream(r.Body)
		} else {
			err = x.one(r)
		}
		x.Close(err)
	}
}

// relay is the state of one answer that passes. Counts are read as Events reads them.
type relay struct {
	answer
	quotes bool // events say the text of the first candidate
	buf    []byte
	like   pattern
}

func (x *relay) stream(body io.Reader) error {
	first, body, err := dialect.Peek(body)
	switch {
	case err != nil:
		return dialect.Broken(err)
	case first == '<':
		return dialect.Broken(dialect.ErrForeign)
	case first == '{' || first == '[':
		s := newSplitter(body)
		defer s.free()
		return x.elements(s)
	}
	frames := sse.NewReader(body, dialect.MaxFrame)
	defer frames.Close()
	for {
		f, err := frames.Next()
		if err == io.EOF {
			return x.last()
		}
		if err != nil {
			return dialect.Broken(err)
		}
		raw := f.Raw
		if !sse.Terminated(raw) { // the end of input took its blank line
			x.buf = append(append(x.buf[:0], bytes.TrimRight(raw, "\r\n")...), end...)
			raw = x.buf
		}
		if err := x.pass(raw, f.Data); err != nil {
			return err
		}
	}
}

// elements makes events of plain JSON, in which a line's end is white space.
func (x *relay) elements(s *splitter) error {
	for {
		object, err := s.next()
		if err == io.EOF {
			return x.last()
		}
		if err != nil {
			return dialect.Broken(err)
		}
		x.buf = append(x.buf[:0], "data: "...)
		for _, c := range object {
			if c == '\n' || c == '\r' {
				c = ' '
			}
			x.buf = append(x.buf, c)
		}
		x.buf = append(x.buf, end...)
		if err := x.pass(x.buf, object); err != nil {
			return err
		}
	}
}

// pass hands one frame on.
func (x *relay) pass(raw, data []byte) error {
	if x.match(raw, data) {
		return x.Tell()
	}
	x.Event = llm.Event{Kind: llm.Frame, Frame: raw}
	if len(data) > 0 {
		if err := x.doc.Parse(data); err != nil {
			return dialect.Broken(err)
		}
		if err := x.look(x.doc.Root()); err != nil {
			return err
		}
		x.learn(data, x.doc.Root())
	}
	x.Event.Usage = x.Early
	return x.Tell()
}

// look reads what the gateway must know of a response object into the event.
func (x *relay) look(root rawjson.Node) error {
	if root.Kind() != rawjson.Object {
		return streamFailure(root)
	}
	var candidates rawjson.Node
	for k, v := range root.Members() {
		switch string(k.Raw()) {
		case `"candidates"`:
			candidates = v
		case `"usageMetadata"`:
			if readUsage(&x.usage, v) {
				x.usage.State, x.Early = llm.UsagePartial, &x.usage
			}
		case `"promptFeedback"`:
			if why := enum(v.Get("blockReason"), blockNumbers[:]); why != "" {
				x.block, x.Event.Content = why, true
			}
		case `"responseId"`:
			if !x.started {
				x.Event.ID = v.Str()
			}
		case `"modelVersion"`:
			if x.model == "" {
				x.model = v.Str()
				x.Event.Model = x.model
			}
		case `"error"`:
			return streamFailure(root)
		}
	}
	x.started = true
	for n := range candidates.Elems() {
		if err := x.candidate(n); err != nil {
			return err
		}
	}
	x.Event.ServiceTier = x.usage.ServiceTier
	return nil
}

// candidate measures an increment of a candidate.
func (x *relay) candidate(n rawjson.Node) error {
	in := readIncrement(n)
	if in.index < 0 || in.index >= maxCandidates {
		return fault.Wrap(fault.Broken, fmt.Errorf("candidate index %d", in.index))
	}
	for int64(len(x.candidates)) <= in.index {
		x.candidates = append(x.candidates, candidate{index: len(x.candidates)})
	}
	c := &x.candidates[in.index]
	c.seen = true
	for p := range in.content.Get("parts").Elems() {
		c.native = ""
		x.measure(c, p)
	}
	x.usage.WebFetches += int64(in.urls.Get("urlMetadata").Len())
	x.countSearches(in.grounding.Get("webSearchQueries"))
	if why := enum(in.reason, finishNumbers[:]); why != "" {
		c.native, x.Event.Content = why, true
		if in.index == 0 {
			x.Event.Finish, x.Event.Native = finish(why, c.calls), why
		}
	}
	return nil
}

// measure is how much of an answer a part carries. One of empty text alone is none.
func (x *relay) measure(c *candidate, p rawjson.Node) {
	for k, v := range p.Members() {
		switch string(k.Bytes()) {
		case "text":
			x.Event.Size += int64(v.StrLen())
			switch thought := p.Get("thought").Bool(); {
			case !x.quotes || c.index != 0:
			case thought:
				x.Event.Thought += v.Str()
			default:
				x.Event.Said += v.Str()
			}
		case "thought":
		case "functionCall":
			if v.Get("name").StrLen() > 0 {
				c.calls++
			}
			x.Event.Size += int64(len(v.Raw()))
		case "inlineData", "fileData":
			if m := v.Get("mimeType").Bytes(); bytes.HasPrefix(m, []byte("image/")) {
				x.usage.Images++
			}
			x.Event.Content = true
		default:
			x.Event.Content = true
		}
	}
	x.Event.Content = x.Event.Content || x.Event.Size > 0
}

// ended checks that the answer is whole.
func (x *relay) ended() error {
	seen := false
	for i := range x.candidates {
		c := &x.candidates[i]
		if c.seen && c.native == "" {
			return fault.Wrap(fault.Broken, fmt.Errorf("the answer ends before candidate %d has a finishReason", i))
		}
		seen = seen || c.seen
	}
	if !seen && x.block == "" {
		return fault.Wrap(fault.Broken, errors.New("the answer has no candidates and no reason for it"))
	}
	if x.Early != nil {
		x.usage.State = llm.UsageReported
	}
	return nil
}

// last ends a stream.
func (x *relay) last() error {
	if err := x.ended(); err != nil {
		return err
	}
	x.Event = llm.Event{Kind: llm.End, Usage: &x.usage}
	if x.block != "" && len(x.candidates) == 0 {
		x.Event.Finish, x.Event.Native = llm.FinishFilter, x.block
	}
	return x.Tell()
}

// one passes a whole answer.
func (x *relay) one(r dialect.Reply) error {
	raw, err := dialect.ParseBody(x.doc, r.Header, r.Body)
	if err != nil {
		return err
	}
	x.Event = llm.Event{Kind: llm.End}
	if err := x.look(x.doc.Root()); err != nil {
		return err
	}
	if err := x.ended(); err != nil {
		return err
	}
	if x.block != "" && len(x.candidates) == 0 {
		x.Event.Finish, x.Event.Native = llm.FinishFilter, x.block
	}
	x.Event.Content, x.Event.Usage, x.Event.Frame = true, &x.usage, raw
	return x.Tell()
}
