package simup

import (
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// whole is a message, in one line as the real one is.
func (anthropic) whole(b []byte, r *reply) []byte {
	a := &r.choices[0]
	b = rawjson.AppendString(append(b, `{"model":`...), r.model.ID)
	b = rawjson.AppendString(append(b, `,"id":`...), r.id)
	b = append(b, `,"type":"message","role":"assistant","content":[`...)
	from := len(b)
	next := func() {
		if len(b) > from {
			b = append(b, ',')
		}
	}
	if a.reasoning != "" {
		b = rawjson.AppendString(append(b, `{"type":"thinking","thinking":`...), a.reasoning)
		b = rawjson.AppendString(append(b, `,"signature":`...), a.signature)
		b = append(b, '}')
	}
	if a.text != "" {
		next()
		b = rawjson.AppendString(append(b, `{"type":"text","text":`...), a.text)
		b = append(b, '}')
	}
	for _, c := range a.calls {
		next()
		b = rawjson.AppendString(append(b, `{"type":"tool_use","id":`...), c.id)
		b = rawjson.AppendString(append(b, `,"name":`...), c.name)
		b = append(append(append(b, `,"input":`...), c.object()...), '}')
	}
	b = appendAnthropicStop(append(b, `],`...), a)
	if u, ok := r.reported(); ok {
		b = appendAnthropicUsage(append(b, `,"usage":{`...), u, true)
		b = append(b, `,"service_tier":"standard"}`...)
	}
	return append(b, '}')
}

// anthropicStream writes named events, padded at the end as the real ones are.
type anthropicStream struct {
	r     *reply
	buf   []byte
	sent  int
	index int  // of the newest block
	at    int  // of the one being written
	calls int  // of the first call
	open  bool // a thought or text is open
	pung  bool
	yield func(frame) bool
}

func (anthropic) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		s := &anthropicStream{r: r, index: -1, yield: yield}
		if s.start() && s.blocks() && s.delta() && !r.fault.NoTerminator {
			s.event("message_stop", false, func(b []byte) []byte { return b })
		}
	}
}

// event sends one event; body appends its members after the type.
func (s *anthropicStream) event(name string, content bool, body func([]byte) []byte) bool {
	b := append(append(s.buf[:0], "event: "...), name...)
	b = append(append(append(b, "\ndata: {\"type\":\""...), name...), '"')
	b = body(b)
	s.sent++
	const blanks = "               "
	b = append(append(b, blanks[:(s.sent*7)%len(blanks)]...), "}\n\n"...)
	s.buf = b
	return s.yield(frame{data: b, content: content})
}

func (s *anthropicStream) start() bool {
	return s.event("message_start", false, func(b []byte) []byte {
		b = rawjson.AppendString(append(b, `,"message":{"model":`...), s.r.model.ID)
		b = rawjson.AppendString(append(b, `,"id":`...), s.r.id)
		b = append(b, `,"type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null`...)
		if u, ok := s.r.reported(); ok {
			u.output = 1 // a placeholder, as the real one is
			b = appendAnthropicUsage(append(b, `,"usage":{`...), u, true)
			b = append(b, `,"service_tier":"standard"}`...)
		}
		return append(b, '}')
	})
}

func (s *anthropicStream) blocks() bool {
	a := &s.r.choices[0]
	for _, x := range a.steps(1, 6) {
		if (x.kind == stepCall || x.kind < stepCall && !s.open) && !s.openBlock(a, x) {
			return false
		}
		if s.at = s.index; x.kind == stepArguments {
			s.at = s.calls + x.call
		}
		a.take(x)
		if !s.deltaOf(x) {
			return false
		}
		if x.last && x.kind == stepThought && !s.signature(a) {
			return false
		}
		if x.last && !s.close() {
			return false
		}
	}
	return true
}

func (s *anthropicStream) openBlock(a *answer, x step) bool {
	s.open = true
	s.index++
	if x.kind == stepCall && x.call == 0 {
		s.calls = s.index
	}
	ok := s.event("content_block_start", false, func(b []byte) []byte {
		b = strconv.AppendInt(append(b, `,"index":`...), int64(s.index), 10)
		switch x.kind {
		case stepThought:
			return append(b, `,"content_block":{"type":"thinking","thinking":"","signature":""}`...)
		case stepText:
			return append(b, `,"content_block":{"type":"text","text":""}`...)
		}
		b = rawjson.AppendString(append(b, `,"content_block":{"type":"tool_use","id":`...), a.calls[x.call].id)
		b = rawjson.AppendString(append(b, `,"name":`...), x.text)
		return append(b, `,"input":{}}`...)
	})
	if !ok || s.pung {
		return ok
	}
	s.pung = true
	return s.yield(frame{data: []byte("event: ping\ndata: {\"type\": \"ping\"}\n\n")})
}

// deltaOf sends a step's delta; a call begins with an empty one.
func (s *anthropicStream) deltaOf(x step) bool {
	key, text := `"type":"text_delta","text":`, x.text
	switch x.kind {
	case stepThought:
		key = `"type":"thinking_delta","thinking":`
	case stepCall:
		key, text = `"type":"input_json_delta","partial_json":`, ""
	case stepArguments:
		key = `"type":"input_json_delta","partial_json":`
		if x.last && text == "{}" { // a call without arguments sends none
			return true
		}
	}
	return s.block("content_block_delta", true, key, text)
}

func (s *anthropicStream) signature(a *answer) bool {
	return s.block("content_block_delta", false, `"type":"signature_delta","signature":`, a.signature)
}

func (s *anthropicStream) block(name string, content bool, key, text string) bool {
	return s.event(name, content, func(b []byte) []byte {
		b = strconv.AppendInt(append(b, `,"index":`...), int64(s.at), 10)
		b = append(append(b, `,"delta":{`...), key...)
		return append(rawjson.AppendString(b, text), '}')
	})
}

func (s *anthropicStream) close() bool {
	s.open = false
	return s.event("content_block_stop", false, func(b []byte) []byte {
		return strconv.AppendInt(append(b, `,"index":`...), int64(s.at), 10)
	})
}

func (s *anthropicStream) delta() bool {
	send := func() bool {
		return s.event("message_delta", false, func(b []byte) []byte {
			b = appendAnthropicStop(append(b, `,"delta":{`...), &s.r.choices[0])
			b = append(b, '}')
			if u, ok := s.r.reported(); ok {
				b = appendAnthropicUsage(append(b, `,"usage":{`...), u, false)
				b = append(b, '}')
			}
			return b
		})
	}
	return send() && (!s.r.fault.UsageTwice || send())
}
