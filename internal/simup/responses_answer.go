package simup

import (
	"iter"
	"slices"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// responseItem is one item of the output: reasoning, the message, or a call.
type responseItem struct {
	kind stepKind // stepThought, stepText or stepCall
	call int
	id   string
}

// responseItems are the items of an answer, in order.
func responseItems(r *reply) (out []responseItem) {
	a := &r.choices[0]
	add := func(kind stepKind, call int, prefix string) {
		out = append(out, responseItem{kind, call, r.dice.id(prefix, lowerHex, 50)})
	}
	if a.reasoning != "" {
		add(stepThought, 0, "rs_")
	}
	if a.text != "" || len(a.calls) == 0 {
		add(stepText, 0, "msg_")
	}
	for i := range a.calls {
		add(stepCall, i, "fc_")
	}
	return out
}

// append appends an item; one that is not done holds nothing yet.
func (it responseItem) append(b []byte, r *reply, done bool) []byte {
	a := &r.choices[0]
	status := pick(done, "completed", "in_progress")
	b = rawjson.AppendString(append(b, `{"id":`...), it.id)
	switch it.kind {
	case stepThought:
		b = append(b, `,"type":"reasoning"`...)
		if done && r.sealed {
			d := roll(r.seed, it.id)
			b = rawjson.AppendString(append(b, `,"encrypted_content":`...), sign(r.seed, d.next(), it.id))
		}
		b = append(b, `,"summary":[`...)
		if done && r.showThoughts {
			b = append(rawjson.AppendString(append(b, `{"type":"summary_text","text":`...), a.reasoning), '}')
		}
		return append(b, "]}"...)
	case stepText:
		b = append(append(append(b, `,"type":"message","status":"`...), status...), `","content":[`...)
		if done {
			b = append(appendSaid(b, a, a.text), ']')
		} else {
			b = append(b, ']')
		}
		return append(b, `,"role":"assistant"}`...)
	}
	c := a.calls[it.call]
	b = append(append(append(b, `,"type":"function_call","status":"`...), status...), `","arguments":`...)
	b = rawjson.AppendString(b, pick(done, c.arguments, ""))
	b = rawjson.AppendString(append(b, `,"call_id":`...), c.id)
	return append(rawjson.AppendString(append(b, `,"name":`...), c.name), '}')
}

func appendOutputText(b []byte, text string) []byte {
	b = append(b, `{"type":"output_text","annotations":[],"logprobs":[],"text":`...)
	return append(rawjson.AppendString(b, text), '}')
}

// appendSaid appends a part of the message: text, or why there is none.
func appendSaid(b []byte, a *answer, text string) []byte {
	if a.finish != finishRefused {
		return appendOutputText(b, text)
	}
	return append(rawjson.AppendString(append(b, `{"type":"refusal","refusal":`...), text), '}')
}

// appendResponse appends the response object; items are those of its output.
func appendResponse(b []byte, r *reply, status string, items []responseItem) []byte {
	b = append(append(append(b, `{"id":"`...), r.id...), `","object":"response","created_at":`...)
	b = strconv.AppendInt(b, r.created.Unix(), 10)
	b = append(append(append(b, `,"status":"`...), status...), `","background":false,"error":null,"incomplete_details":`...)
	b = append(b, pick(status == "incomplete", `{"reason":"max_output_tokens"}`, "null")...)
	b = append(b, `,"completed_at":null,"instructions":null,"max_output_tokens":null,"model":`...)
	b = append(rawjson.AppendString(b, r.model.ID), `,"output":[`...)
	for i, it := range items {
		b = it.append(append(b, pick(i == 0, "", ",")...), r, true)
	}
	b = append(b, `],"parallel_tool_calls":true,"presence_penalty":0.0,"frequency_penalty":0.0,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"service_tier":`...)
	b = append(b, pick(status == "in_progress", `"auto"`, `"default"`)...)
	b = append(b, `,"store":false,"temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":`...)
	u, ok := r.reported()
	if status == "in_progress" || !ok {
		b = append(b, "null"...)
	} else {
		b = appendResponseUsage(b, u)
	}
	return append(b, `,"user":null,"metadata":{}}`...)
}

func appendResponseUsage(b []byte, u usage) []byte {
	b = strconv.AppendInt(append(b, `{"input_tokens":`...), u.tokens, 10)
	b = strconv.AppendInt(append(b, `,"input_tokens_details":{"cached_tokens":`...), u.cached, 10)
	b = strconv.AppendInt(append(b, `},"output_tokens":`...), u.output, 10)
	b = strconv.AppendInt(append(b, `,"output_tokens_details":{"reasoning_tokens":`...), u.reasoning, 10)
	b = strconv.AppendInt(append(b, `},"total_tokens":`...), u.tokens+u.output, 10)
	return append(b, '}')
}

func responseStatus(r *reply) string {
	return pick(r.choices[0].finish == finishLength, "incomplete", "completed")
}

// whole is a response, indented as the real one is.
func (responses) whole(dst []byte, r *reply) []byte {
	return indent(dst, appendResponse(make([]byte, 0, 2048), r, responseStatus(r), responseItems(r)), "  ")
}

// responseStream writes events, numbered without gaps.
type responseStream struct {
	r     *reply
	items []responseItem
	seq   int64
	buf   []byte
	yield func(frame) bool
}

func (responses) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		s := &responseStream{r: r, items: responseItems(r), yield: yield}
		begun := func(b []byte) []byte {
			return appendResponse(append(b, `,"response":`...), r, "in_progress", nil)
		}
		if !s.event("response.created", false, begun) || !s.event("response.in_progress", false, begun) || !s.output() || r.fault.NoTerminator {
			return
		}
		status := responseStatus(r)
		s.event("response."+status, false, func(b []byte) []byte {
			return appendResponse(append(b, `,"response":`...), r, status, s.items)
		})
	}
}

func (s *responseStream) event(name string, content bool, body func([]byte) []byte) bool {
	b := append(append(append(s.buf[:0], "event: "...), name...), "\ndata: {\"type\":\""...)
	b = append(append(b, name...), `","sequence_number":`...)
	b = body(strconv.AppendInt(b, s.seq, 10))
	s.seq++
	s.buf = append(b, "}\n\n"...)
	return s.yield(frame{data: s.buf, content: content})
}

// about is an event that refers to an item.
func (s *responseStream) about(name string, content bool, at int, more string, key, text string) bool {
	return s.event(name, content, func(b []byte) []byte {
		b = strconv.AppendInt(append(b, `,"output_index":`...), int64(at), 10)
		b = rawjson.AppendString(append(b, `,"item_id":`...), s.items[at].id)
		b = append(b, more...)
		if key != "" {
			b = rawjson.AppendString(append(append(append(b, `,"`...), key...), `":`...), text)
		}
		return b
	})
}

func (s *responseStream) item(name string, at int, done bool) bool {
	return s.event(name, done, func(b []byte) []byte {
		b = strconv.AppendInt(append(b, `,"output_index":`...), int64(at), 10)
		return s.items[at].append(append(b, `,"item":`...), s.r, done)
	})
}

// output sends the items, calls in turns where that was asked for.
func (s *responseStream) output() bool {
	a := &s.r.choices[0]
	for _, x := range a.steps(1, 6) {
		at := slices.IndexFunc(s.items, func(it responseItem) bool { return it.has(x) })
		if x.turn <= 1 && x.kind != stepArguments && !s.begin(at) {
			return false
		}
		a.take(x)
		if !s.step(at, s.items[at], x) || x.last && !s.done(at) {
			return false
		}
	}
	if last := len(s.items) - 1; s.items[last].kind == stepText && a.text == "" {
		return s.begin(last) && s.done(last)
	}
	return true
}

func (s *responseStream) begin(at int) bool {
	return s.item("response.output_item.added", at, false) && s.opens(at, s.items[at])
}

func (s *responseStream) done(at int) bool {
	return s.closes(at, s.items[at]) && s.item("response.output_item.done", at, true)
}

func (it responseItem) has(x step) bool {
	return x.kind == it.kind && x.kind != stepCall || it.kind == stepCall && (x.kind == stepCall || x.kind == stepArguments) && x.call == it.call
}

const (
	inText    = `,"content_index":0`
	inSummary = `,"summary_index":0`
)

func (s *responseStream) opens(at int, it responseItem) bool {
	switch {
	case it.kind == stepThought && s.r.showThoughts:
		return s.about("response.reasoning_summary_part.added", false, at, inSummary+`,"part":{"type":"summary_text","text":""}`, "", "")
	case it.kind == stepText:
		return s.about("response.content_part.added", false, at, inText+`,"part":`+string(appendSaid(nil, &s.r.choices[0], "")), "", "")
	}
	return true
}

func (s *responseStream) step(at int, it responseItem, x step) bool {
	switch {
	case x.kind == stepThought && s.r.showThoughts:
		return s.about("response.reasoning_summary_text.delta", true, at, inSummary, "delta", x.text)
	case x.kind == stepText && s.r.choices[0].finish == finishRefused:
		return s.about("response.refusal.delta", true, at, inText, "delta", x.text)
	case x.kind == stepText:
		return s.about("response.output_text.delta", true, at, inText+`,"logprobs":[]`, "delta", x.text)
	case x.kind == stepArguments:
		return s.about("response.function_call_arguments.delta", true, at, "", "delta", x.text)
	}
	return true
}

func (s *responseStream) closes(at int, it responseItem) bool {
	a := &s.r.choices[0]
	switch {
	case it.kind == stepThought && s.r.showThoughts:
		part := append(rawjson.AppendString([]byte(`,"part":{"type":"summary_text","text":`), a.reasoning), '}')
		return s.about("response.reasoning_summary_text.done", false, at, inSummary, "text", a.reasoning) &&
			s.about("response.reasoning_summary_part.done", false, at, inSummary+string(part), "", "")
	case it.kind == stepText:
		said := a.finish == finishRefused && s.about("response.refusal.done", false, at, inText, "refusal", a.text) ||
			a.finish != finishRefused && s.about("response.output_text.done", false, at, inText+`,"logprobs":[]`, "text", a.text)
		return said && s.about("response.content_part.done", false, at, inText+`,"part":`+string(appendSaid(nil, a, a.text)), "", "")
	case it.kind == stepCall:
		return s.about("response.function_call_arguments.done", false, at, "", "arguments", a.calls[it.call].arguments)
	}
	return true
}
