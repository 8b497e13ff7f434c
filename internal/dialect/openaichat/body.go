package openaichat

import (
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// body collects the events of an answer that does not stream and writes one
// chat.completion at the End.
type body struct {
	req     *llm.Request
	a       *dialect.Answer
	choices []*pending
	tier    string
}

// pending is one choice while it is being collected.
type pending struct {
	text, refusal strings.Builder
	hasText       bool
	reasoning     []llm.ReasoningDetail
	calls         []toolCall
	images        [][]byte
	audio         llm.MediaOut
	annotations   [][]byte
	logprobs      [][]byte
	finish        llm.Finish
	native        string
}

type toolCall struct {
	id, name string
	args     strings.Builder
}

// choice is the collector of one choice. Index is bounded by the request's n.
func (b *body) choice(i int) *pending {
	for len(b.choices) <= i {
		b.choices = append(b.choices, new(pending))
	}
	return b.choices[i]
}

func (b *body) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.Start:
		b.tier = ev.ServiceTier
		return dst, nil
	case llm.End:
		if ev.Frame != nil {
			return b.relayed(dst, ev), nil
		}
		return b.end(dst, ev), nil
	}
	if !visible(b.req, ev) {
		return dst, nil
	}
	m := b.choice(ev.Choice)
	switch ev.Kind {
	case llm.TextDelta:
		m.hasText = true
		m.text.WriteString(ev.Text)
	case llm.RefusalDelta:
		m.refusal.WriteString(ev.Text)
	case llm.ReasoningDelta:
		m.reason(ev.Reasoning)
	case llm.ToolStart:
		m.calls = append(m.calls, toolCall{id: ev.Tool.ID, name: ev.Tool.Name})
		m.calls[len(m.calls)-1].args.WriteString(ev.Text)
	case llm.ToolDelta:
		if i := ev.Tool.Index; i >= 0 && i < len(m.calls) {
			m.calls[i].args.WriteString(ev.Text)
		}
	case llm.MediaDelta:
		m.media(ev.Media)
	case llm.AnnotationDelta:
		m.annotations = append(m.annotations, append([]byte(nil), ev.Raw...))
	case llm.LogprobsDelta:
		m.logprobs = append(m.logprobs, append([]byte(nil), ev.Raw...))
	case llm.Stop:
		m.finish, m.native = ev.Finish, ev.Native
	}
	return dst, nil
}

// reason adds an increment to its block.
func (m *pending) reason(r *llm.ReasoningDetail) {
	for i := range m.reasoning {
		if d := &m.reasoning[i]; d.Index == r.Index && d.Type == r.Type {
			d.Text += r.Text
			d.Summary += r.Summary
			d.Data += r.Data
			d.Signature += r.Signature
			d.ID = firstOf(d.ID, r.ID)
			return
		}
	}
	m.reasoning = append(m.reasoning, *r)
}

func (m *pending) media(o *llm.MediaOut) {
	if o.Kind == llm.ImagePart {
		m.images = append(m.images, rawjson.AppendString(nil, o.URL))
		return
	}
	m.audio.Kind = llm.AudioPart
	m.audio.AudioID = firstOf(m.audio.AudioID, o.AudioID)
	m.audio.Data += o.Data
	m.audio.Transcript += o.Transcript
	m.audio.ExpiresAt = max(m.audio.ExpiresAt, o.ExpiresAt)
}

func (b *body) end(dst []byte, ev *llm.Event) []byte {
	dst = append(appendHead(dst, b.a, "chat.completion", "", ""), `,"system_fingerprint":null,"choices":[`...)
	for i, m := range b.choices {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = m.append(dst, i)
	}
	dst = appendUsage(append(dst, `],"usage":`...), ev.Usage, b.a.Charged)
	if tier := firstOf(ev.Usage.ServiceTier, b.tier); tier != "" {
		dst = rawjson.AppendString(append(dst, `,"service_tier":`...), tier)
	}
	return b.close(dst)
}

func (b *body) close(dst []byte) []byte {
	if len(b.a.Meta) > 0 {
		dst = append(append(dst, `,"openrouter_metadata":`...), b.a.Meta...)
	}
	return append(dst, '}')
}

// relayed finishes the upstream's own body, from which the adapter took the usage.
func (b *body) relayed(dst []byte, ev *llm.Event) []byte {
	frame := ev.Frame
	for i := len(frame) - 1; i >= 0; i-- {
		if frame[i] == '}' {
			frame = frame[:i]
			break
		}
	}
	dst = append(dst, frame...)
	dst = rawjson.AppendString(append(dst, `,"provider":`...), b.a.Provider)
	dst = appendUsage(append(dst, `,"usage":`...), ev.Usage, b.a.Charged)
	return b.close(dst)
}

func (m *pending) append(dst []byte, i int) []byte {
	dst = strconv.AppendInt(append(dst, `{"index":`...), int64(i), 10)
	dst = append(dst, `,"message":{"role":"assistant","content":`...)
	if m.hasText || len(m.calls) == 0 && m.refusal.Len() == 0 {
		dst = rawjson.AppendString(dst, m.text.String())
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"refusal":`...)
	if m.refusal.Len() > 0 {
		dst = rawjson.AppendString(dst, m.refusal.String())
	} else {
		dst = append(dst, "null"...)
	}
	dst = m.appendReasoning(dst)
	dst = m.appendCalls(dst)
	dst = appendList(dst, `,"annotations":[`, m.annotations)
	if len(m.images) > 0 {
		dst = append(dst, `,"images":[`...)
		for j, url := range m.images {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(dst, `{"type":"image_url","image_url":{"url":`...), url...)
			dst = append(strconv.AppendInt(append(dst, `},"index":`...), int64(j), 10), '}')
		}
		dst = append(dst, ']')
	}
	if m.audio.Kind == llm.AudioPart {
		dst = appendMedia(append(dst, ','), &m.audio, 0)
	}
	dst = append(appendFinish(append(dst, `},"finish_reason":`...), m.finish), `,"native_finish_reason":`...)
	dst = append(rawjson.AppendString(dst, m.native), `,"logprobs":`...)
	return append(appendLogprobs(dst, m.logprobs), '}')
}

func (m *pending) appendReasoning(dst []byte) []byte {
	if len(m.reasoning) == 0 {
		return append(dst, `,"reasoning":null`...)
	}
	var plain strings.Builder
	for i := range m.reasoning {
		plain.WriteString(plainReasoning(&m.reasoning[i]))
	}
	if plain.Len() > 0 {
		dst = rawjson.AppendString(append(dst, `,"reasoning":`...), plain.String())
	} else {
		dst = append(dst, `,"reasoning":null`...)
	}
	dst = append(dst, `,"reasoning_details":[`...)
	for i := range m.reasoning {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendReasoning(dst, &m.reasoning[i])
	}
	return append(dst, ']')
}

func (m *pending) appendCalls(dst []byte) []byte {
	if len(m.calls) == 0 {
		return dst
	}
	dst = append(dst, `,"tool_calls":[`...)
	for i := range m.calls {
		c := &m.calls[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(append(dst, `{"index":`...), int64(i), 10)
		dst = rawjson.AppendString(append(dst, `,"id":`...), c.id)
		dst = rawjson.AppendString(append(dst, `,"type":"function","function":{"name":`...), c.name)
		dst = rawjson.AppendString(append(dst, `,"arguments":`...), c.args.String())
		dst = append(dst, "}}"...)
	}
	return append(dst, ']')
}

func appendList(dst []byte, open string, list [][]byte) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(dst, open...)
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, v...)
	}
	return append(dst, ']')
}

// appendLogprobs joins the increments' content lists.
func appendLogprobs(dst []byte, parts [][]byte) []byte {
	if len(parts) == 0 {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"content":[`...)
	first := true
	for _, raw := range parts {
		var d rawjson.Doc
		if d.Parse(raw) != nil {
			continue
		}
		for tok := range d.Root().Get("content").Elems() {
			if !first {
				dst = append(dst, ',')
			}
			dst, first = append(dst, tok.Raw()...), false
		}
	}
	return append(dst, `],"refusal":null}`...)
}

// Fail is an error body: nothing of the answer has been sent.
func (b *body) Fail(dst []byte, e *fault.Error) []byte {
	return Surface{}.EncodeError(dst, e, b.a.Meta)
}

// KeepAlive adds nothing: the status of an answer that does not stream is decided when it
// is known, so nothing may be sent before it.
func (b *body) KeepAlive(dst []byte) []byte { return dst }
