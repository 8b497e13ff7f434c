package openaichat

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Content types of an answer.
const (
	typeStream = "text/event-stream"
	typeJSON   = "application/json"
)

// Encode starts an answer. It sets a.ContentType.
func (Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	if req.Stream {
		a.ContentType = typeStream
		return &chunks{req: req, a: a}
	}
	a.ContentType = typeJSON
	return &body{req: req, a: a}
}

// chunks writes a stream of chat.completion.chunk frames.
type chunks struct {
	req  *llm.Request
	a    *dialect.Answer
	head []byte // `data: {"id":…,"choices":[`: the same for every chunk
	id   string // of the upstream's frames, when they are relayed
	tier string
	mdl  string

	finish llm.Finish // of choice 0, and the upstream's word for it
	native string
	images int // sent so far
}

func (c *chunks) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Choice == 0 && ev.Finish != llm.FinishUnknown {
		c.finish, c.native = ev.Finish, ev.Native
	}
	switch ev.Kind {
	case llm.Frame:
		if c.id == "" && ev.ID != "" {
			c.id, c.mdl = ev.ID, ev.Model
		}
		return append(dst, ev.Frame...), nil
	case llm.Start:
		if ev.ServiceTier != "" {
			c.tier = ev.ServiceTier
		}
		return dst, nil
	case llm.End:
		return c.end(dst, ev), nil
	case llm.Stop:
		dst = c.open(dst, ev.Choice)
		dst = append(dst, `"role":"assistant","content":""},"finish_reason":`...)
		dst = appendFinish(dst, ev.Finish)
		dst = append(dst, `,"native_finish_reason":`...)
		dst = rawjson.AppendString(dst, ev.Native)
		return append(dst, "}]}\n\n"...), nil
	case llm.TextDelta:
		if ev.Text == "" {
			return dst, nil
		}
		dst = append(c.open(dst, ev.Choice), `"role":"assistant","content":`...)
		dst = rawjson.AppendString(dst, ev.Text)
		return append(dst, closeDelta...), nil
	}
	if !visible(c.req, ev) {
		return dst, nil
	}
	dst = append(c.open(dst, ev.Choice), `"role":"assistant","content":`...)
	if ev.Kind == llm.ToolStart || ev.Kind == llm.ToolDelta {
		dst = append(dst, `null,`...)
	} else {
		dst = append(dst, `"",`...)
	}
	if dst = appendDelta(dst, ev, c.images); ev.Kind == llm.MediaDelta && ev.Media.Kind == llm.ImagePart {
		c.images++
	}
	if ev.Kind == llm.LogprobsDelta { // logprobs stand beside the delta
		dst = append(dst[:len(dst)-1], `},"finish_reason":null,"native_finish_reason":null,"logprobs":`...)
		return append(append(dst, ev.Raw...), "}]}\n\n"...), nil
	}
	return append(dst, closeDelta...), nil
}

const closeDelta = "},\"finish_reason\":null,\"native_finish_reason\":null}]}\n\n"

// visible is false for what the client asked not to see. What is encrypted stays: it shows
// nothing, and an upstream wants it back in a tool conversation.
func visible(req *llm.Request, ev *llm.Event) bool {
	return ev.Kind != llm.ReasoningDelta || ev.Reasoning.Type == llm.ReasoningEncrypted || req.Reasoning == nil || !req.Reasoning.Exclude
}

// open appends a chunk up to the opening of its delta.
func (c *chunks) open(dst []byte, choice int) []byte {
	dst = append(append(dst, c.prefix()...), `{"index":`...)
	return append(strconv.AppendInt(dst, int64(choice), 10), `,"delta":{`...)
}

func (c *chunks) prefix() []byte {
	if c.head == nil {
		h := append(make([]byte, 0, 192), "data: "...)
		c.head = append(appendHead(h, c.a, "chat.completion.chunk", c.id, c.mdl), `,"choices":[`...)
	}
	return c.head
}

// appendHead opens an object with the members that every answer starts with. A relayed
// answer keeps the upstream's id and model in the frames we add.
func appendHead(dst []byte, a *dialect.Answer, object, id, model string) []byte {
	if id == "" {
		id, model = a.GenerationID, a.Model
	}
	dst = rawjson.AppendString(append(dst, `{"id":`...), id)
	dst = rawjson.AppendString(append(dst, `,"object":`...), object)
	dst = strconv.AppendInt(append(dst, `,"created":`...), a.Created.Unix(), 10)
	dst = rawjson.AppendString(append(dst, `,"model":`...), model)
	return rawjson.AppendString(append(dst, `,"provider":`...), a.Provider)
}

// end is the usage chunk and the terminator. A client that asked for usage gets it beside
// no choice, as OpenAI documents it. One that did not gets OpenRouter's form, with one
// empty delta and the finish reason again: accumulators keep the one they see last.
func (c *chunks) end(dst []byte, ev *llm.Event) []byte {
	if c.req.Doc.Root().At("stream_options", "include_usage").Bool() {
		dst = append(append(dst, c.prefix()...), `],"usage":`...)
	} else {
		dst = append(c.open(dst, 0), `"role":"assistant","content":""},"finish_reason":`...)
		dst = append(appendFinish(dst, c.finish), `,"native_finish_reason":`...)
		if c.native != "" {
			dst = rawjson.AppendString(dst, c.native)
		} else {
			dst = append(dst, "null"...)
		}
		dst = append(dst, `}],"usage":`...)
	}
	dst = appendUsage(dst, ev.Usage, c.a.Charged)
	if tier := firstOf(ev.Usage.ServiceTier, c.tier); tier != "" {
		dst = rawjson.AppendString(append(dst, `,"service_tier":`...), tier)
	}
	if len(c.a.Meta) > 0 {
		dst = append(append(dst, `,"openrouter_metadata":`...), c.a.Meta...)
	}
	return append(dst, "}\n\ndata: [DONE]\n\n"...)
}

func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

// Fail ends a stream that broke off (reference §1.6): an error chunk with finish_reason
// "error". No [DONE] follows, so that a client that counts on it fails too. The error is
// the first member, because some clients know an error by how its line begins.
func (c *chunks) Fail(dst []byte, e *fault.Error) []byte {
	const open = "data: {"
	dst = appendErrorObject(append(dst, open+`"error":`...), e)
	dst = append(append(dst, ','), c.prefix()[len(open):]...)
	dst = append(dst, `{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"error","native_finish_reason":"error"}]`...)
	if len(c.a.Meta) > 0 {
		dst = append(append(dst, `,"openrouter_metadata":`...), c.a.Meta...)
	}
	return append(dst, "}\n\n"...)
}

// KeepAlive is a comment (SSE, WHATWG HTML §9.2.6).
func (c *chunks) KeepAlive(dst []byte) []byte {
	return append(dst, ": OPENROUTER PROCESSING\n\n"...)
}

func appendFinish(dst []byte, f llm.Finish) []byte {
	if f == llm.FinishUnknown {
		return append(dst, "null"...)
	}
	return rawjson.AppendString(dst, f)
}

// appendDelta appends the members of a delta or message that one event adds, with no
// comma after them. images is how many have been sent.
func appendDelta(dst []byte, ev *llm.Event, images int) []byte {
	switch ev.Kind {
	case llm.RefusalDelta:
		return rawjson.AppendString(append(dst, `"refusal":`...), ev.Text)
	case llm.ReasoningDelta:
		if text := plainReasoning(ev.Reasoning); text != "" {
			dst = append(rawjson.AppendString(append(dst, `"reasoning":`...), text), ',')
		}
		dst = append(dst, `"reasoning_details":[`...)
		return append(appendReasoning(dst, ev.Reasoning), ']')
	case llm.ToolStart:
		dst = strconv.AppendInt(append(dst, `"tool_calls":[{"index":`...), int64(ev.Tool.Index), 10)
		dst = rawjson.AppendString(append(dst, `,"id":`...), ev.Tool.ID)
		dst = rawjson.AppendString(append(dst, `,"type":"function","function":{"name":`...), ev.Tool.Name)
		dst = rawjson.AppendString(append(dst, `,"arguments":`...), ev.Text)
		return append(dst, "}}]"...)
	case llm.ToolDelta:
		dst = strconv.AppendInt(append(dst, `"tool_calls":[{"index":`...), int64(ev.Tool.Index), 10)
		dst = rawjson.AppendString(append(dst, `,"function":{"arguments":`...), ev.Text)
		return append(dst, "}}]"...)
	case llm.MediaDelta:
		return appendMedia(dst, ev.Media, images)
	case llm.AnnotationDelta:
		return append(append(append(dst, `"annotations":[`...), ev.Raw...), ']')
	}
	return dst
}

func plainReasoning(r *llm.ReasoningDetail) string {
	if r.Type == llm.ReasoningSummary {
		return r.Summary
	}
	return r.Text
}

// appendReasoning is one entry of reasoning_details (reference §4.7).
func appendReasoning(dst []byte, r *llm.ReasoningDetail) []byte {
	dst = rawjson.AppendString(append(dst, `{"type":`...), r.Type)
	switch r.Type {
	case llm.ReasoningEncrypted:
		dst = rawjson.AppendString(append(dst, `,"data":`...), r.Data)
	case llm.ReasoningSummary:
		dst = rawjson.AppendString(append(dst, `,"summary":`...), r.Summary)
	default:
		dst = rawjson.AppendString(append(dst, `,"text":`...), r.Text)
	}
	if r.Signature != "" {
		dst = rawjson.AppendString(append(dst, `,"signature":`...), r.Signature)
	}
	if r.ID != "" {
		dst = rawjson.AppendString(append(dst, `,"id":`...), r.ID)
	}
	dst = rawjson.AppendString(append(dst, `,"format":`...), firstOf(r.Format, llm.FormatUnknown))
	dst = strconv.AppendInt(append(dst, `,"index":`...), r.Index, 10)
	return append(dst, '}')
}

func appendMedia(dst []byte, m *llm.MediaOut, index int) []byte {
	if m.Kind == llm.ImagePart {
		dst = rawjson.AppendString(append(dst, `"images":[{"type":"image_url","image_url":{"url":`...), m.URL)
		return append(strconv.AppendInt(append(dst, `},"index":`...), int64(index), 10), "}]"...)
	}
	dst = append(dst, `"audio":{`...)
	comma := false
	member := func(key, v string) {
		if v == "" {
			return
		}
		if comma {
			dst = append(dst, ',')
		}
		dst = rawjson.AppendString(append(append(append(dst, '"'), key...), `":`...), v)
		comma = true
	}
	member("id", m.AudioID)
	member("data", m.Data)
	member("transcript", m.Transcript)
	if m.ExpiresAt > 0 {
		if comma {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(append(dst, `"expires_at":`...), m.ExpiresAt, 10)
	}
	return append(dst, '}')
}
