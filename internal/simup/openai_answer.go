package simup

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

var openAIFinish = map[finish]string{finishStop: "stop", finishSequence: "stop", finishLength: "length", finishTools: "tool_calls", finishRefused: "stop"}

const openAIFingerprint = "fp_5d1a0d2a6e"

// whole is a chat.completion, indented as the real one is.
func (openAI) whole(dst []byte, r *reply) []byte {
	b := append(make([]byte, 0, 2048), `{"id":"`...)
	b = append(b, r.id...)
	b = append(b, `","object":"chat.completion","created":`...)
	b = strconv.AppendInt(b, r.created.Unix(), 10)
	b = append(b, `,"model":`...)
	b = rawjson.AppendString(b, r.model.ID)
	b = append(b, `,"choices":[`...)
	for i := range r.choices {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendOpenAIChoice(b, r, i)
	}
	b = append(b, ']')
	if u, ok := r.reported(); ok {
		b = appendOpenAIUsage(append(b, `,"usage":`...), u)
	}
	b = append(b, `,"service_tier":"default","system_fingerprint":"`+openAIFingerprint+`"}`...)
	return indent(dst, b, "  ")
}

// indent appends JSON of ours, indented; it is an error of ours if it is not valid.
func indent(dst, b []byte, by string) []byte {
	buf := bytes.NewBuffer(dst)
	if err := json.Indent(buf, b, "", by); err != nil {
		panic("simup wrote invalid JSON: " + err.Error())
	}
	return append(buf.Bytes(), '\n')
}

func appendOpenAIChoice(b []byte, r *reply, i int) []byte {
	a := &r.choices[i]
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, int64(i), 10)
	b = append(b, `,"message":{"role":"assistant","content":`...)
	b = appendOpenAIContent(b, r, a)
	if a.reasoning != "" && !r.thoughtParts {
		b = rawjson.AppendString(append(b, `,"reasoning_content":`...), a.reasoning)
	}
	for j, c := range a.calls {
		b = append(b, pick(j == 0, `,"tool_calls":[`, `,`)...)
		b = rawjson.AppendString(append(b, `{"id":`...), c.id)
		b = rawjson.AppendString(append(b, `,"type":"function","function":{"name":`...), c.name)
		b = rawjson.AppendString(append(b, `,"arguments":`...), c.arguments)
		b = append(b, "}}"...)
	}
	if len(a.calls) > 0 {
		b = append(b, ']')
	}
	b = append(b, `,"refusal":`...)
	if a.finish == finishRefused {
		b = rawjson.AppendString(b, a.text)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"annotations":[]},"logprobs":`...)
	if r.logprobs {
		b = append(b, `{"content":[`...)
		first := true
		for _, s := range a.steps(1, 8) {
			if s.kind == stepText { // thoughts have none
				b = appendLogprob(append(b, pick(first, "", ",")...), s.text, r.top)
				first = false
			}
		}
		b = append(b, `],"refusal":null}`...)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"finish_reason":"`...)
	return append(append(b, openAIFinish[a.finish]...), `"}`...)
}

func appendOpenAIContent(b []byte, r *reply, a *answer) []byte {
	switch {
	case r.thoughtParts && a.reasoning != "":
		b = appendThought(append(b, '['), a.reasoning)
		if a.text != "" {
			b = append(rawjson.AppendString(append(b, `,{"type":"text","text":`...), a.text), '}')
		}
		return append(b, ']')
	case a.finish == finishRefused || len(a.calls) > 0 && a.text == "":
		return append(b, "null"...)
	}
	return rawjson.AppendString(b, a.text)
}

// appendThought appends a thought as Mistral has it.
func appendThought(b []byte, text string) []byte {
	b = append(b, `{"type":"thinking","thinking":[{"type":"text","text":`...)
	return append(rawjson.AppendString(b, text), "}]}"...)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// appendLogprob makes a piece a token with a likelihood that depends on the piece alone.
func appendLogprob(b []byte, text string, top int) []byte {
	one := func(b []byte, text string, logprob float64) []byte {
		b = rawjson.AppendString(append(b, `{"token":`...), text)
		b = append(b, `,"logprob":`...)
		b = strconv.AppendFloat(b, logprob, 'f', -1, 64)
		b = append(b, `,"bytes":[`...)
		for i := range len(text) {
			b = append(b, pick(i == 0, "", ",")...)
			b = strconv.AppendInt(b, int64(text[i]), 10)
		}
		return append(b, ']')
	}
	logprob := -float64(1+len(text)%7) / 64
	b = one(b, text, logprob)
	b = append(b, `,"top_logprobs":[`...)
	for i := range top {
		b = append(b, pick(i == 0, "", ",")...)
		alternative := text
		if i > 0 {
			alternative = " " + fillers[i%len(fillers)]
		}
		b = append(one(b, alternative, logprob-float64(i)), '}')
	}
	return append(b, "]}"...)
}

func appendOpenAIUsage(b []byte, u usage) []byte {
	b = strconv.AppendInt(append(b, `{"prompt_tokens":`...), u.tokens, 10)
	b = strconv.AppendInt(append(b, `,"completion_tokens":`...), u.output, 10)
	b = strconv.AppendInt(append(b, `,"total_tokens":`...), u.tokens+u.output, 10)
	b = strconv.AppendInt(append(b, `,"prompt_tokens_details":{"cached_tokens":`...), u.cached, 10)
	b = strconv.AppendInt(append(b, `,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":`...), u.reasoning, 10)
	return append(b, `,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`...)
}

// openAIStream writes chunks: what does not change between them is made once.
type openAIStream struct {
	r          *reply
	head, tail []byte
	buf        []byte
	sent       int
	yield      func(frame) bool
}

func (openAI) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		s := newOpenAIStream(r, yield)
		if s.choices() && s.finishes() && s.usage() && !r.fault.NoTerminator {
			yield(frame{data: []byte("data: [DONE]\n\n")})
		}
	}
}

func newOpenAIStream(r *reply, yield func(frame) bool) *openAIStream {
	s := &openAIStream{r: r, yield: yield}
	h := append(s.head, `data: {"id":"`...)
	h = append(h, r.id...)
	h = append(h, `","object":"chat.completion.chunk","created":`...)
	h = strconv.AppendInt(h, r.created.Unix(), 10)
	h = rawjson.AppendString(append(h, `,"model":`...), r.model.ID)
	s.head = append(h, `,"service_tier":"default","system_fingerprint":"`+openAIFingerprint+`","choices":[`...)
	if r.includeUsage && r.fault.Usage != "missing" {
		s.tail = []byte(`,"usage":null`)
	}
	return s
}

// chunk sends one choice's chunk: body writes the delta's members.
func (s *openAIStream) chunk(i int, content bool, body func([]byte) []byte, logprob, finish string) bool {
	b := append(s.buf[:0], s.head...)
	b = strconv.AppendInt(append(b, `{"index":`...), int64(i), 10)
	b = append(b, `,"delta":{`...)
	b = append(body(b), '}')
	b = append(b, `,"logprobs":`...)
	if s.r.logprobs && logprob != "" {
		b = appendLogprob(append(b, `{"content":[`...), logprob, s.r.top)
		b = append(b, `],"refusal":null}`...)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"finish_reason":`...)
	b = append(appendOrNull(b, finish), "}]"...)
	s.buf = s.end(append(b, s.tail...))
	return s.yield(frame{data: s.buf, content: content})
}

// end pads a chunk, so that its length does not tell its content's.
func (s *openAIStream) end(b []byte) []byte {
	if s.r.pad {
		const letters = "Jk3vQZr8mWxT1yBnP6"
		s.sent++
		b = append(append(b, `,"obfuscation":"`...), letters[:1+(s.sent*7)%len(letters)]...)
		b = append(b, '"')
	}
	return append(b, "}\n\n"...)
}

// choices sends what the choices say, interleaved.
func (s *openAIStream) choices() bool {
	lists := make([][]step, len(s.r.choices))
	for i := range s.r.choices {
		a := &s.r.choices[i]
		lists[i] = a.steps(1, 6)
		role := `"role":"assistant","content":"","refusal":null`
		if a.finish == finishRefused || len(a.calls) > 0 && a.text == "" {
			role = `"role":"assistant","content":null,"refusal":null`
		}
		if !s.chunk(i, false, func(b []byte) []byte { return append(b, role...) }, "", "") {
			return false
		}
	}
	for at, more := 0, true; more; at++ {
		more = false
		for i, list := range lists {
			if at >= len(list) {
				continue
			}
			more = true
			if !s.step(i, list[at]) {
				return false
			}
		}
	}
	return true
}

func (s *openAIStream) step(i int, x step) bool {
	a := &s.r.choices[i]
	a.take(x)
	logprob := ""
	if x.kind == stepText {
		logprob = x.text
	}
	return s.chunk(i, true, func(b []byte) []byte {
		switch x.kind {
		case stepThought:
			if s.r.thoughtParts {
				return append(appendThought(append(b, `"content":[`...), x.text), ']')
			}
			return rawjson.AppendString(append(b, `"reasoning_content":`...), x.text)
		case stepText:
			return rawjson.AppendString(append(b, pick(a.finish == finishRefused, `"refusal":`, `"content":`)...), x.text)
		}
		b = strconv.AppendInt(append(b, `"tool_calls":[{"index":`...), int64(x.call), 10)
		if x.kind == stepCall {
			b = rawjson.AppendString(append(b, `,"id":`...), a.calls[x.call].id)
			b = rawjson.AppendString(append(b, `,"type":"function","function":{"name":`...), x.text)
			return append(b, `,"arguments":""}}]`...)
		}
		b = rawjson.AppendString(append(b, `,"function":{"arguments":`...), x.text)
		return append(b, "}}]"...)
	}, logprob, "")
}

func (s *openAIStream) finishes() bool {
	for i := range s.r.choices {
		if !s.chunk(i, false, func(b []byte) []byte { return b }, "", openAIFinish[s.r.choices[i].finish]) {
			return false
		}
	}
	return true
}

func (s *openAIStream) usage() bool {
	u, ok := s.r.reported()
	if !ok || !s.r.includeUsage {
		return true
	}
	b := append(s.buf[:0], s.head...)
	b = appendOpenAIUsage(append(b, `],"usage":`...), u)
	s.buf = s.end(b)
	return s.yield(frame{data: s.buf}) && (!s.r.fault.UsageTwice || s.yield(frame{data: s.buf}))
}
