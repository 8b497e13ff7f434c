package simup

import (
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/eventstream"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// converse is Converse and ConverseStream of Amazon Bedrock with a model of Anthropic's:
// bedrock-runtime.{region}.amazonaws.com/model/{id}/converse. A stream is binary frames. Of
// signatures it knows none: a key comes as a bearer token.
type converse struct{}

func (converse) name() string { return "converse" }

func (converse) key(r *http.Request) string { return openAI{}.key(r) }

func (converse) badKey(shown bool) *refusal {
	if !shown {
		return &refusal{status: 403, message: "Missing Authentication Token"}
	}
	return &refusal{status: 403, message: "The security token included in the request is invalid."}
}

func (converse) noModel(string) *refusal {
	return invalid("The provided model identifier is invalid.")
}

func (converse) badJSON() *refusal { return invalid("Unexpected token in JSON") }

func (converse) overload() int { return 503 }

func (converse) streamType(*ask) string { return "application/vnd.amazon.eventstream" }
func (converse) jsonType() string       { return "application/json" }

func (converse) begin(r *reply) {
	r.withhold()
	r.id = r.requestID
	for i := range r.choices {
		for j := range r.choices[i].calls {
			r.choices[i].calls[j].id = r.dice.id("tooluse_", alphanumeric, 22)
		}
	}
}

func (converse) headers(h http.Header, requestID string, _ *dice, _ time.Time) {
	set(h, "X-Amzn-Requestid", requestID)
}

// converseErrors are the exceptions of each status.
var converseErrors = map[int]string{
	400: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException", 408: "ModelTimeoutException",
	424: "ModelErrorException", 429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException",
}

func (converse) exception(e *refusal) (class, message string) {
	if class = converseErrors[e.status]; class == "" {
		class = pick(e.status < 500, "ValidationException", "InternalServerException")
	}
	if message = e.message; message == "" {
		message = fallbackMessage(e.status)
	}
	return class, message
}

// refuse names the exception in the body, where the real one does so in a header too.
func (w converse) refuse(dst []byte, e *refusal, _ string) []byte {
	class, message := w.exception(e)
	dst = rawjson.AppendString(append(dst, `{"__type":`...), class)
	return append(rawjson.AppendString(append(dst, `,"message":`...), message), '}')
}

func (w converse) event(dst []byte, _ *reply, e *refusal) []byte {
	class, message := w.exception(e)
	class = strings.ToLower(class[:1]) + class[1:]
	return eventstream.AppendException(dst, class, append(rawjson.AppendString([]byte(`{"message":`), message), '}'))
}

var converseFinish = map[finish]string{finishStop: "end_turn", finishSequence: "stop_sequence", finishLength: "max_tokens", finishTools: "tool_use", finishRefused: "content_filtered"}

// appendConverseUsage appends counts, of which the input leaves out what the cache has.
func appendConverseUsage(b []byte, u usage) []byte {
	read, wrote := u.cached, u.wrote5m+u.wrote1h
	b = strconv.AppendInt(append(b, `"usage":{"inputTokens":`...), u.tokens-read-wrote, 10)
	b = strconv.AppendInt(append(b, `,"outputTokens":`...), u.output, 10)
	b = strconv.AppendInt(append(b, `,"totalTokens":`...), u.tokens+u.output, 10)
	b = strconv.AppendInt(append(b, `,"cacheReadInputTokens":`...), read, 10)
	b = strconv.AppendInt(append(b, `,"cacheWriteInputTokens":`...), wrote, 10)
	return append(b, `},"metrics":{"latencyMs":421}`...)
}

func appendToolUse(b []byte, c *call) []byte {
	b = rawjson.AppendString(append(b, `{"toolUse":{"toolUseId":`...), c.id)
	return rawjson.AppendString(append(b, `,"name":`...), c.name)
}

func (converse) whole(b []byte, r *reply) []byte {
	a := &r.choices[0]
	b = append(b, `{"output":{"message":{"role":"assistant","content":[`...)
	from := len(b)
	next := func() {
		if len(b) > from {
			b = append(b, ',')
		}
	}
	if a.reasoning != "" {
		b = rawjson.AppendString(append(b, `{"reasoningContent":{"reasoningText":{"text":`...), a.reasoning)
		b = append(rawjson.AppendString(append(b, `,"signature":`...), a.signature), "}}}"...)
	}
	if a.text != "" {
		next()
		b = append(rawjson.AppendString(append(b, `{"text":`...), a.text), '}')
	}
	for i := range a.calls {
		next()
		b = append(append(append(appendToolUse(b, &a.calls[i]), `,"input":`...), a.calls[i].object()...), "}}"...)
	}
	b = append(append(append(b, `]}},"stopReason":"`...), converseFinish[a.finish]...), '"')
	if u, ok := r.reported(); ok {
		b = appendConverseUsage(append(b, ','), u)
	}
	return append(b, '}')
}

// converseStream writes events with a payload each.
type converseStream struct {
	r     *reply
	buf   []byte
	body  []byte
	index int // of the newest block
	calls int // of the first call
	yield func(frame) bool
}

func (converse) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		s := &converseStream{r: r, index: -1, yield: yield}
		if !s.event("messageStart", false, `"role":"assistant"`) || !s.blocks() || r.fault.NoTerminator {
			return
		}
		if !s.event("messageStop", false, `"stopReason":"`+converseFinish[r.choices[0].finish]+`"`) {
			return
		}
		for range 1 + map[bool]int{true: 1}[r.fault.UsageTwice] {
			if u, ok := r.reported(); !ok || !s.event("metadata", false, string(appendConverseUsage(nil, u))) {
				return
			}
		}
	}
}

// event sends one event, padded as the real ones are.
func (s *converseStream) event(name string, content bool, members string) bool {
	const padding = "abcdefghijklmnopqrstuvwxyz"
	s.body = append(append(append(s.body[:0], '{'), members...), `,"p":"`...)
	s.body = append(append(s.body, padding[:1+len(members)%len(padding)]...), `"}`...)
	s.buf = eventstream.AppendEvent(s.buf[:0], name, s.body)
	return s.yield(frame{data: s.buf, content: content})
}

// about is an event of a block.
func (s *converseStream) about(name string, index int, content bool, key, body string) bool {
	members := `"contentBlockIndex":` + strconv.Itoa(index)
	if key != "" {
		members += `,"` + key + `":{` + body + `}`
	}
	return s.event(name, content, members)
}

func (s *converseStream) blocks() bool {
	a := &s.r.choices[0]
	for _, x := range a.steps(1, 6) {
		if x.turn == 0 || x.kind < stepCall && x.turn == 1 {
			s.index++
		}
		if x.kind == stepCall && x.call == 0 {
			s.calls = s.index
		}
		at := s.index
		if x.kind >= stepCall {
			at = s.calls + x.call
		}
		a.take(x)
		if !s.step(a, x, at) || x.last && !s.about("contentBlockStop", at, false, "", "") {
			return false
		}
	}
	return true
}

// step sends what a step adds; text and reasoning begin without saying so.
func (s *converseStream) step(a *answer, x step, at int) bool {
	text := string(rawjson.AppendString(nil, x.text))
	switch x.kind {
	case stepThought:
		if !s.about("contentBlockDelta", at, true, "delta", `"reasoningContent":{"text":`+text+`}`) {
			return false
		}
		signature := string(rawjson.AppendString(nil, a.signature))
		return !x.last || s.about("contentBlockDelta", at, false, "delta", `"reasoningContent":{"signature":`+signature+`}`)
	case stepText:
		return s.about("contentBlockDelta", at, true, "delta", `"text":`+text)
	case stepCall:
		start := appendToolUse(nil, &a.calls[x.call])
		return s.about("contentBlockStart", at, true, "start", string(start[1:])+"}")
	}
	return s.about("contentBlockDelta", at, true, "delta", `"toolUse":{"input":`+text+`}`)
}
