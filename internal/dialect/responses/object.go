package responses

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// end closes an event; finished comes after the last of a whole stream, as OpenRouter has
// it. A stream that failed has none.
const (
	end      = "}\n\n"
	finished = "data: [DONE]\n\n"
)

// head opens an event with its number.
func (w *writer) head(dst []byte, typ string) []byte {
	dst = append(append(append(dst, "event: "...), typ...), "\ndata: {\"type\":\""...)
	dst = appendCount(append(dst, typ...), `","sequence_number":`, w.seq)
	w.seq++
	return dst
}

// itemHead opens an event about an item that it holds, itemRef about one that it refers to.
func (w *writer) itemHead(dst []byte, typ string, it *item) []byte {
	return appendCount(w.head(dst, typ), `,"output_index":`, int64(it.index))
}

func (w *writer) itemRef(dst []byte, typ string, it *item) []byte {
	return rawjson.AppendString(append(w.itemHead(dst, typ, it), `,"item_id":`...), it.id)
}

// partHead opens an event about a message's newest part.
func (w *writer) partHead(dst []byte, typ string, it *item) []byte {
	return appendCount(w.itemRef(dst, typ, it), `,"content_index":`, int64(len(it.parts)-1))
}

func appendCount(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(dst, key...), n, 10)
}

// echoed are the members of a response that repeat the request's, and what they are when
// it has none.
var echoed = [...]struct{ name, otherwise string }{
	{"instructions", "null"}, {"max_output_tokens", "null"}, {"max_tool_calls", "null"}, {"metadata", "{}"},
	{"parallel_tool_calls", "true"}, {"prompt_cache_key", "null"}, {"reasoning", `{"effort":null,"summary":null}`},
	{"safety_identifier", "null"}, {"temperature", "null"}, {"text", `{"format":{"type":"text"}}`}, {"tool_choice", `"auto"`},
	{"tools", "[]"}, {"top_logprobs", "0"}, {"top_p", "null"}, {"truncation", `"disabled"`}, {"user", "null"},
	{"presence_penalty", "null"}, {"frequency_penalty", "null"},
}

// echoedAt is where each is.
var echoedAt = func() map[string]int {
	at := make(map[string]int, len(echoed))
	for i, e := range echoed {
		at[e.name] = i
	}
	return at
}()

// echoes appends what repeats the request. A stream says it several times.
func (w *writer) echoes(dst []byte) []byte {
	if w.echo != nil {
		return append(dst, w.echo...)
	}
	var asked [len(echoed)]rawjson.Node
	for k, v := range w.req.Doc.Root().Members() {
		if i, ok := echoedAt[string(k.Bytes())]; ok {
			asked[i] = v
		}
	}
	start := len(dst)
	for i := range echoed {
		e, v := &echoed[i], asked[i]
		dst = append(append(append(dst, `,"`...), e.name...), `":`...)
		switch {
		case v.IsNull(), e.name == "text" && v.Len() == 0:
			dst = append(dst, e.otherwise...)
		case e.name == "text" && !v.Get("format").Exists():
			dst = append(append(dst, e.otherwise[:len(e.otherwise)-1]...), ',')
			dst = dialect.AppendOneLine(dst, v.Raw()[1:])
		default:
			dst = dialect.AppendOneLine(dst, v.Raw())
		}
	}
	if w.req.Stream {
		w.echo = append(w.echo, dst[start:]...)
	}
	return dst
}

// response appends the response object.
func (w *writer) response(dst []byte, status string, u *llm.Usage, e *fault.Error) []byte {
	id, model := w.a.GenerationID, w.a.Model
	if w.id != "" {
		id, model = w.id, w.model
	}
	dst = rawjson.AppendString(append(dst, `{"id":`...), id)
	dst = appendCount(append(dst, `,"object":"response"`...), `,"created_at":`, w.a.Created.Unix())
	dst = rawjson.AppendString(append(dst, `,"status":`...), status)
	if status == "completed" {
		dst = appendCount(dst, `,"completed_at":`, max(w.a.Completed.Unix(), w.a.Created.Unix()))
	} else {
		dst = append(dst, `,"completed_at":null`...)
	}
	dst = w.appendError(dst, e)
	switch {
	case status == "incomplete" && w.finish == llm.FinishFilter:
		dst = append(dst, `,"incomplete_details":{"reason":"content_filter"}`...)
	case status == "incomplete":
		dst = append(dst, `,"incomplete_details":{"reason":"max_output_tokens"}`...)
	default:
		dst = append(dst, `,"incomplete_details":null`...)
	}
	dst = rawjson.AppendString(append(dst, `,"model":`...), model)
	dst = append(append(dst, `,"background":false,"previous_response_id":`...), w.previous()...)
	dst = w.echoes(append(append(dst, `,"store":`...), w.stored()...))
	dst = append(dst, `,"output":[`...)
	for i, it := range w.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		s := "incomplete"
		if it.done {
			s = w.itemStatus(it)
		}
		dst = it.append(dst, s)
	}
	dst = append(dst, `],"usage":`...)
	if u == nil {
		dst = append(dst, "null"...)
	} else {
		dst = appendUsage(dst, u, w.a.Charged)
		if u.ServiceTier != "" {
			w.tier = u.ServiceTier
		}
	}
	if w.tier != "" {
		dst = rawjson.AppendString(append(dst, `,"service_tier":`...), w.tier)
	} else {
		dst = append(dst, `,"service_tier":null`...)
	}
	if len(w.a.Meta) > 0 && status != "in_progress" {
		dst = append(append(dst, `,"openrouter_metadata":`...), w.a.Meta...)
	}
	return append(dst, '}')
}

func (w *writer) appendError(dst []byte, e *fault.Error) []byte {
	if e == nil {
		return append(dst, `,"error":null`...)
	}
	dst = rawjson.AppendString(append(dst, `,"error":{"code":`...), errorCode(e))
	dst = append(rawjson.AppendString(append(dst, `,"message":`...), e.Message()), '}')
	return rawjson.AppendString(append(dst, `,"error_type":`...), e.ErrorType())
}

// errorCode is one of the few that the API has (reference §3.2).
func errorCode(e *fault.Error) string {
	switch e.Kind {
	case fault.Moderated:
		return "image_content_policy_violation"
	case fault.Invalid, fault.TooLarge, fault.TooLong, fault.Refused:
		return "invalid_prompt"
	case fault.Limited, fault.Overloaded:
		return "rate_limit_exceeded"
	}
	return "server_error"
}

// appendUsage writes usage in the API's shape, with what it cost.
func appendUsage(dst []byte, u *llm.Usage, c *dialect.Charge) []byte {
	dst = appendCount(dst, `{"input_tokens":`, u.Prompt())
	dst = appendCount(dst, `,"input_tokens_details":{"cached_tokens":`, u.CacheRead)
	dst = appendCount(dst, `,"cache_write_tokens":`, u.CacheWrites())
	dst = appendCount(dst, `},"output_tokens":`, u.Completion())
	dst = appendCount(dst, `,"output_tokens_details":{"reasoning_tokens":`, u.Reasoning)
	dst = appendCount(dst, `},"total_tokens":`, u.Prompt()+u.Completion())
	if u.State != llm.UsageReported {
		dst = rawjson.AppendString(append(dst, `,"usage_state":`...), u.State.String())
	}
	return append(appendCost(dst, c), '}')
}

func appendCost(dst []byte, c *dialect.Charge) []byte {
	c = charged(c)
	dst = c.Cost.Append(append(dst, `,"cost":`...))
	dst = strconv.AppendBool(append(dst, `,"is_byok":`...), c.BYOK)
	return appendCostDetails(append(dst, `,"cost_details":`...), c)
}

// charged is nothing for an answer that was not charged.
func charged(c *dialect.Charge) *dialect.Charge {
	if c == nil {
		return new(dialect.Charge)
	}
	return c
}

func appendCostDetails(dst []byte, c *dialect.Charge) []byte {
	dst = c.Upstream.Append(append(dst, `{"upstream_inference_cost":`...))
	dst = c.UpstreamPrompt.Append(append(dst, `,"upstream_inference_input_cost":`...))
	dst = c.UpstreamComp.Append(append(dst, `,"upstream_inference_output_cost":`...))
	return append(dst, '}')
}

// relayed ends an answer whose frames are the upstream's: its last event, or its whole
// body, gets what the answer cost.
func (w *writer) relayed(dst []byte, ev *llm.Event) []byte {
	d := rawjson.Lend()
	defer d.Free()
	if d.Parse(ev.Frame) != nil {
		return append(dst, ev.Frame...) // no adapter ends an answer so
	}
	body, response := w.paid(d, ev)
	if !w.keep(response) {
		body, _ = w.paid(d, ev)
	}
	if !w.req.Stream {
		return append(dst, body...)
	}
	return append(sse.AppendEvent(dst, d.Root().Get("type").Str(), body), finished...)
}

// paid is the last event's data, or the body, with what the answer cost; response is the
// object in it.
func (w *writer) paid(d *rawjson.Doc, ev *llm.Event) (body, response []byte) {
	var p rawjson.Patch
	r := d.Root()
	if w.req.Stream {
		r = r.Get("response")
	}
	w.patch(&p, r, ev.Usage)
	body = p.Apply(make([]byte, 0, len(ev.Frame)+len(w.a.Meta)+512), ev.Frame)
	start, stop := r.Span()
	return body, body[start : len(body)-(len(ev.Frame)-stop)]
}

func (w *writer) patch(p *rawjson.Patch, r rawjson.Node, u *llm.Usage) {
	complete(p, r)
	w.tell(p, r)
	old := r.Get("usage")
	switch {
	case old.Kind() != rawjson.Object && old.Exists():
		p.Set(old, appendUsage(nil, u, w.a.Charged))
	case !old.Exists():
		p.Append(r, "usage", appendUsage(nil, u, w.a.Charged))
	default:
		p.Remove(old, func(k rawjson.Node) bool { return k.Is("cost") || k.Is("is_byok") || k.Is("cost_details") })
		c := charged(w.a.Charged)
		p.Append(old, "cost", c.Cost.Append(nil))
		p.Append(old, "is_byok", strconv.AppendBool(nil, c.BYOK))
		p.Append(old, "cost_details", appendCostDetails(nil, c))
	}
	if len(w.a.Meta) > 0 {
		p.Append(r, "openrouter_metadata", w.a.Meta)
	}
}
