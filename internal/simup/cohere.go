package simup

import (
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// cohere is version 2 of Cohere's chat: api.cohere.com/v2/chat. Messages and keys are read
// as those of chat completions, which they resemble.
type cohere struct{ openAI }

func (cohere) name() string { return "cohere" }

func (cohere) badKey(bool) *refusal { return &refusal{status: 401, message: "invalid api token"} }

func (cohere) noModel(id string) *refusal {
	return &refusal{status: 404, message: "model '" + id + "' not found, make sure the correct model ID was used and that you have access to the model."}
}

func (cohere) badJSON() *refusal { return invalid("failed to parse request body") }

func (cohere) streamType(*ask) string { return "text/event-stream" }

func (cohere) begin(r *reply) {
	r.id = r.dice.id("", lowerHex, 8) + "-" + r.dice.id("", lowerHex, 4) + "-4" + r.dice.id("", lowerHex, 3) + "-8" + r.dice.id("", lowerHex, 3) + "-" + r.dice.id("", lowerHex, 12)
	for i := range r.choices {
		for j := range r.choices[i].calls {
			c := &r.choices[i].calls[j]
			c.id = r.dice.id(c.name+"_", lowerHex, 12)
		}
	}
}

func (cohere) headers(h http.Header, requestID string, d *dice, _ time.Time) {
	set(h, "X-Debug-Trace-Id", requestID)
	set(h, "X-Envoy-Upstream-Service-Time", strconv.Itoa(5+d.below(400)))
}

func (cohere) refuse(dst []byte, e *refusal, requestID string) []byte {
	message := e.message
	if message == "" {
		message = fallbackMessage(e.status)
	}
	dst = rawjson.AppendString(append(dst, `{"id":`...), requestID)
	return append(rawjson.AppendString(append(dst, `,"message":`...), message), '}')
}

func (w cohere) event(dst []byte, _ *reply, e *refusal) []byte {
	return append(w.refuse(append(dst, "data: "...), e, ""), "\n\n"...)
}

func (w cohere) decode(a *ask, body rawjson.Node) *refusal {
	if body.Get("messages").Len() == 0 {
		return invalid("invalid request: message must be at least 1 token long or tool results must be specified.")
	}
	for _, unknown := range [...]string{"top_p", "top_k", "stop", "n", "max_completion_tokens"} {
		if body.Get(unknown).Exists() {
			return invalid("unknown field: parameter '" + unknown + "' is not a valid field")
		}
	}
	a.thoughtParts = true
	w.tools(a, body)
	c := body.Get("tool_choice")
	a.choice.never, a.choice.must = c.Is("NONE"), c.Is("REQUIRED")
	if e := w.messages(a, body.Get("messages")); e != nil {
		return e
	}
	a.stream = body.Get("stream").Bool()
	a.limit = body.Get("max_tokens").Int64()
	a.stops = appendStrings(nil, body.Get("stop_sequences"))
	a.json = body.At("response_format", "type").Is("json_object")
	if a.schema = body.At("response_format", "json_schema"); !a.schema.Exists() {
		a.schema = body.At("response_format", "schema")
	}
	a.think = !body.At("thinking", "type").Is("disabled") // models that reason do so unasked
	if limit, used := a.model.Context, a.prompt.tokens(); limit > 0 && used > limit {
		return invalidf("too many tokens: total number of tokens in the prompt cannot exceed %d - received %d.", limit, used)
	}
	return a.finish()
}

var cohereFinish = map[finish]string{finishStop: "COMPLETE", finishSequence: "STOP_SEQUENCE", finishLength: "MAX_TOKENS", finishTools: "TOOL_CALL", finishRefused: "COMPLETE"}

// appendCohereEnd appends why an answer ends and its two ways of counting, of which the
// second holds the provider's own instructions.
func appendCohereEnd(b []byte, r *reply) []byte {
	b = append(append(append(b, `"finish_reason":"`...), cohereFinish[r.choices[0].finish]...), '"')
	u, ok := r.reported()
	if !ok {
		return b
	}
	b = strconv.AppendInt(append(b, `,"usage":{"billed_units":{"input_tokens":`...), u.tokens, 10)
	b = strconv.AppendInt(append(b, `,"output_tokens":`...), u.output, 10)
	b = strconv.AppendInt(append(b, `},"tokens":{"input_tokens":`...), u.tokens+496, 10)
	b = strconv.AppendInt(append(b, `,"output_tokens":`...), u.output+3, 10)
	return append(strconv.AppendInt(append(b, `},"cached_tokens":`...), u.cached, 10), '}')
}

func appendCohereCall(b []byte, c *call, arguments string) []byte {
	b = rawjson.AppendString(append(b, `{"id":`...), c.id)
	b = rawjson.AppendString(append(b, `,"type":"function","function":{"name":`...), c.name)
	return append(rawjson.AppendString(append(b, `,"arguments":`...), arguments), "}}"...)
}

func (cohere) whole(dst []byte, r *reply) []byte {
	a := &r.choices[0]
	dst = rawjson.AppendString(append(dst, `{"id":`...), r.id)
	dst = append(dst, `,"message":{"role":"assistant"`...)
	comma := `,"content":[`
	for _, p := range [...][2]string{{"thinking", a.reasoning}, {"text", a.text}} {
		if p[1] == "" {
			continue
		}
		dst = append(append(append(append(append(dst, comma...), `{"type":"`...), p[0]...), `","`...), p[0]...)
		dst = append(rawjson.AppendString(append(dst, `":`...), p[1]), '}')
		comma = ","
	}
	if comma == "," {
		dst = append(dst, ']')
	}
	for i := range a.calls {
		dst = appendCohereCall(append(dst, pick(i == 0, `,"tool_calls":[`, ",")...), &a.calls[i], a.calls[i].arguments)
	}
	if len(a.calls) > 0 {
		dst = append(dst, ']')
	}
	return append(appendCohereEnd(append(dst, "},"...), r), '}')
}

// cohereStream writes events of a name, an index and a delta.
type cohereStream struct {
	buf   []byte
	yield func(frame) bool
}

func (s *cohereStream) event(name string, index int, content bool, delta func([]byte) []byte) bool {
	b := append(append(s.buf[:0], "event: "...), name...)
	b = append(append(append(b, "\ndata: {\"type\":\""...), name...), '"')
	if index >= 0 {
		b = strconv.AppendInt(append(b, `,"index":`...), int64(index), 10)
	}
	if delta != nil {
		b = append(delta(append(b, `,"delta":{`...)), '}')
	}
	s.buf = append(b, "}\n\n"...)
	return s.yield(frame{data: s.buf, content: content})
}

// piece is content of a block; kind is "text" or "thinking".
func (s *cohereStream) piece(name string, index int, kind, text string) bool {
	return s.event(name, index, text != "", func(b []byte) []byte {
		b = append(append(append(b, `"message":{"content":{"type":"`...), kind...), `","`...)
		b = append(append(b, kind...), `":`...)
		return append(rawjson.AppendString(b, text), "}}"...)
	})
}

func (cohere) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		s := &cohereStream{yield: yield}
		a := &r.choices[0]
		begun := s.event("message-start", -1, false, func(b []byte) []byte {
			return append(b, `"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}`...)
		})
		if !begun || !s.steps(a) || r.fault.NoTerminator {
			return
		}
		for range 1 + map[bool]int{true: 1}[r.fault.UsageTwice] {
			if !s.event("message-end", -1, false, func(b []byte) []byte { return appendCohereEnd(b, r) }) {
				return
			}
		}
		yield(frame{data: []byte("data: [DONE]\n\n")})
	}
}

func (s *cohereStream) steps(a *answer) bool {
	block, open := -1, false
	for _, x := range a.steps(1, 12) {
		a.take(x)
		ok := true
		switch x.kind {
		case stepThought, stepText:
			kind := pick(x.kind == stepText, "text", "thinking")
			if !open {
				block, open = block+1, true
				ok = s.piece("content-start", block, kind, "")
			}
			ok = ok && s.piece("content-delta", block, kind, x.text)
			if x.last {
				open = false
				ok = ok && s.event("content-end", block, false, nil)
			}
		default:
			ok = s.called(&a.calls[x.call], x)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (s *cohereStream) called(c *call, x step) bool {
	ok := true
	if x.kind == stepCall {
		ok = s.event("tool-call-start", x.call, true, func(b []byte) []byte {
			return append(appendCohereCall(append(b, `"message":{"tool_calls":`...), c, ""), '}')
		})
	} else {
		ok = s.event("tool-call-delta", x.call, true, func(b []byte) []byte {
			return append(rawjson.AppendString(append(b, `"message":{"tool_calls":{"function":{"arguments":`...), x.text), "}}}"...)
		})
	}
	if ok && x.last {
		ok = s.event("tool-call-end", x.call, false, nil)
	}
	return ok
}
