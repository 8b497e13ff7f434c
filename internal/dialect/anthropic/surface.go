package anthropic

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// Surface is the client's side of /v1/messages. The zero Surface is ready and has no state.
type Surface struct{}

// Dialect is llm.Anthropic.
func (Surface) Dialect() llm.Dialect { return llm.Anthropic }

// DecodeRequest reads and checks a request.
func (Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	return decode(in, llm.Anthropic)
}

// EncodeError is the error envelope of the API.
func (Surface) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return appendError(dst, e, meta)
}

// Encode starts an answer. It sets a.ContentType.
func (Surface) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	a.ContentType = "application/json"
	if req.Stream {
		a.ContentType = "text/event-stream"
	}
	return &writer{req: req, a: a, index: -1}
}

// writer writes one answer. One block is open at a time: an event of another block closes
// it. A whole message is collected as the blocks it is made of.
type writer struct {
	req *llm.Request
	a   *dialect.Answer

	begun   bool
	open    string // type of the open block, "" none
	key     int64  // which reasoning block or tool call it is
	index   int    // of the newest block
	finish  llm.Finish
	native  string
	usage   *llm.Usage
	lastUse llm.Usage

	content []byte              // blocks of a whole message
	head    []byte              // beginning of the open one
	text    []byte              // text, thinking or arguments of the open one
	sign    []byte              // its signature
	foreign llm.ReasoningDetail // what of it is another vendor's
	cited   []byte              // its citations
	frame   []byte
	losses  []llm.Loss
	calls   []waiting // calls that have no block yet
	held    int       // bytes of them
	args    extent    // of the open call
	late    []string  // blocks of other vendors' signatures that came after text: sent before the next block, not as the last
}

func (w *writer) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Usage != nil {
		w.lastUse = *ev.Usage
		w.usage = &w.lastUse
	}
	if ev.Choice != 0 && ev.Kind != llm.Frame && ev.Kind != llm.End {
		w.lose("choices[1]", "the Messages API has one answer")
		return dst, nil
	}
	switch ev.Kind {
	case llm.Frame:
		return append(dst, ev.Frame...), nil
	case llm.MediaDelta:
		w.lose("media", "the Messages API has no place for images or audio of an answer")
		if ev.Media.Transcript == "" {
			return dst, nil
		}
		dst = w.block(dst, "text", 0, `{"type":"text","text":""`)
		return w.piece(dst, "text", ev.Media.Transcript), nil
	case llm.LogprobsDelta:
		w.lose("logprobs", "the Messages API has no place for log probabilities")
		return dst, nil
	case llm.TextDelta, llm.RefusalDelta:
		if ev.Text == "" {
			return dst, nil
		}
		dst = w.block(dst, "text", 0, `{"type":"text","text":""`)
		return w.piece(dst, "text", ev.Text), nil
	case llm.ReasoningDelta:
		return w.reason(dst, ev.Reasoning), nil
	case llm.ToolStart:
		return w.call(dst, ev)
	case llm.ToolDelta:
		return w.argue(dst, ev)
	case llm.AnnotationDelta:
		return w.annotate(dst, ev.Raw), nil
	case llm.Stop:
		if ev.Finish == llm.FinishError { // no stop_reason says so
			return dst, dialect.Unfinished(ev.Native)
		}
		w.finish, w.native = ev.Finish, ev.Native
		return dst, nil
	case llm.End:
		if ev.Frame == nil {
			return w.end(dst), nil
		}
		if !w.req.Stream {
			return w.add(dst, ev.Frame, true, true), nil
		}
		return w.add(w.add(dst, ev.Raw, true, false), ev.Frame, false, true), nil
	}
	return dst, nil
}

// Losses is what of the answer had no place.
func (w *writer) Losses() []llm.Loss {
	if len(w.late) > 0 {
		w.lose("reasoning_details", "a signature of another vendor came after the text, and agents take the last block for the answer")
	}
	return w.losses
}

func (w *writer) lose(path, why string) {
	if !slices.ContainsFunc(w.losses, func(l llm.Loss) bool { return l.Path == path }) {
		w.losses = append(w.losses, llm.Loss{Path: path, Why: why})
	}
}

// reason writes a piece of reasoning. What is not Anthropic's own travels packed.
func (w *writer) reason(dst []byte, r *llm.ReasoningDetail) []byte {
	own := r.Format == llm.FormatAnthropic
	if r.Type == llm.ReasoningEncrypted {
		data := r.Data
		if !own {
			data = dialect.Pack(r)
		}
		head := string(rawjson.AppendString([]byte(`{"type":"redacted_thinking","data":`), data))
		if !own && w.open == "text" {
			w.late = append(w.late, head)
			return dst
		}
		return w.close(w.block(dst, "", 0, head))
	}
	dst = w.block(dst, "thinking", r.Index, `{"type":"thinking","thinking":"","signature":""`)
	if text := r.Text + r.Summary; text != "" && (w.req.Reasoning == nil || !w.req.Reasoning.Exclude) {
		dst = w.piece(dst, "thinking", text)
	}
	if !own { // packed when the block is whole
		f := &w.foreign
		f.Type, f.Signature, f.Data = r.Type, f.Signature+r.Signature, f.Data+r.Data
		if f.Format != r.Format {
			f.Format = strings.Clone(r.Format)
		}
		if r.ID != "" {
			f.ID = strings.Clone(r.ID)
		}
		return dst
	}
	if r.Signature == "" {
		return dst
	}
	w.sign = append(w.sign, r.Signature...)
	return w.delta(dst, "signature", r.Signature)
}

// annotate writes a citation of a page, which OpenAI's shape describes, into the open text.
func (w *writer) annotate(dst, raw []byte) []byte {
	var d rawjson.Doc
	if d.Parse(raw) != nil {
		return dst
	}
	c := d.Root().Get("url_citation")
	if !c.Exists() {
		return dst
	}
	dst = w.block(dst, "text", 0, `{"type":"text","text":""`)
	j := rawjson.AppendString([]byte(`{"type":"web_search_result_location","url":`), c.Get("url").Str())
	j = rawjson.AppendString(append(j, `,"title":`...), c.Get("title").Str())
	j = append(rawjson.AppendString(append(j, `,"cited_text":`...), c.Get("content").Str()), `,"encrypted_index":""}`...)
	if !w.req.Stream {
		if len(w.cited) > 0 {
			w.cited = append(w.cited, ',')
		}
		w.cited = append(w.cited, j...)
		return dst
	}
	w.frame = strconv.AppendInt(append(w.frame[:0], `{"type":"content_block_delta","index":`...), int64(w.index), 10)
	w.frame = append(append(append(w.frame, `,"delta":{"type":"citations_delta","citation":`...), j...), "}}"...)
	return sse.AppendEvent(dst, "content_block_delta", w.frame)
}

// block opens a block unless it is the open one.
func (w *writer) block(dst []byte, typ string, key int64, head string) []byte {
	if typ != "" && w.open == typ && w.key == key {
		return dst
	}
	if typ != "tool_use" {
		dst = w.release(dst)
	}
	if late := w.late; len(late) > 0 {
		w.late = nil
		for _, h := range late {
			dst = w.close(w.block(dst, "", 0, h))
		}
	}
	dst = w.begin(w.close(dst))
	w.open, w.key = typ, key
	if typ == "" {
		w.open = "whole"
	}
	w.index++
	w.head = append(w.head[:0], head...)
	w.text, w.sign = w.text[:0], w.sign[:0]
	if !w.req.Stream {
		return dst
	}
	w.frame = strconv.AppendInt(append(w.frame[:0], `{"type":"content_block_start","index":`...), int64(w.index), 10)
	w.frame = append(append(append(w.frame, `,"content_block":`...), head...), "}}"...)
	return sse.AppendEvent(dst, "content_block_start", w.frame)
}

// piece adds text to the open block.
func (w *writer) piece(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	if !w.req.Stream {
		w.text = append(w.text, text...)
		return dst
	}
	return w.delta(dst, key, text)
}

var deltas = map[string]string{"text": "text_delta", "thinking": "thinking_delta", "signature": "signature_delta", "partial_json": "input_json_delta"}

func (w *writer) delta(dst []byte, key, text string) []byte {
	if !w.req.Stream {
		return dst
	}
	w.frame = strconv.AppendInt(append(w.frame[:0], `{"type":"content_block_delta","index":`...), int64(w.index), 10)
	w.frame = append(append(append(append(append(w.frame, `,"delta":{"type":"`...), deltas[key]...), `","`...), key...), `":`...)
	w.frame = append(rawjson.AppendString(w.frame, text), "}}"...)
	return sse.AppendEvent(dst, "content_block_delta", w.frame)
}

// close ends the open block, if any.
func (w *writer) close(dst []byte) []byte {
	if w.open == "" {
		return dst
	}
	typ := w.open
	w.open = ""
	if f := w.foreign; typ == "thinking" && dialect.Signs(&f) {
		packed := dialect.Pack(&f)
		w.sign = append(w.sign, packed...)
		dst = w.delta(dst, "signature", packed)
	}
	w.foreign = llm.ReasoningDetail{}
	if w.req.Stream {
		w.frame = strconv.AppendInt(append(w.frame[:0], `{"type":"content_block_stop","index":`...), int64(w.index), 10)
		return sse.AppendEvent(dst, "content_block_stop", append(w.frame, '}'))
	}
	if len(w.content) > 0 {
		w.content = append(w.content, ',')
	}
	switch typ {
	case "text":
		w.content = rawjson.AppendString(append(w.content, `{"type":"text","text":`...), w.text)
		if len(w.cited) > 0 {
			w.content = append(append(append(w.content, `,"citations":[`...), w.cited...), ']')
			w.cited = w.cited[:0]
		}
	case "thinking":
		w.content = rawjson.AppendString(append(w.content, `{"type":"thinking","thinking":`...), w.text)
		w.content = rawjson.AppendString(append(w.content, `,"signature":`...), w.sign)
	case "tool_use":
		w.content = append(w.content, w.head[:len(w.head)-len("{}")]...)
		if rawjson.Valid(w.text) {
			w.content = append(w.content, w.text...)
		} else {
			w.content = append(w.content, "{}"...)
		}
	default:
		w.content = append(w.content, w.head...)
	}
	w.content = append(w.content, '}')
	return dst
}

// message appends the members that a message begins with.
func (w *writer) message(dst []byte) []byte {
	dst = rawjson.AppendString(append(dst, `{"id":`...), w.a.GenerationID)
	dst = rawjson.AppendString(append(dst, `,"type":"message","role":"assistant","model":`...), asked(w.req, w.a.Model))
	return rawjson.AppendString(append(dst, `,"provider":`...), w.a.Provider)
}

// begin writes message_start before the first block. Its counts are those known by then,
// else an estimate of the prompt; the final ones come with message_delta.
func (w *writer) begin(dst []byte) []byte {
	if w.begun || !w.req.Stream {
		return dst
	}
	w.begun = true
	if w.usage == nil {
		w.usage = &llm.Usage{State: llm.UsageEstimated, Input: w.req.Size.Text/4 + 1}
	}
	w.frame = w.message(append(w.frame[:0], `{"type":"message_start","message":`...))
	w.frame = append(w.frame, `,"content":[],"stop_reason":null,"stop_sequence":null,"usage":`...)
	w.frame = append(w.counts(w.frame, nil), "}}"...)
	return sse.AppendEvent(dst, "message_start", w.frame)
}

func (w *writer) counts(dst []byte, c *dialect.Charge) []byte {
	u := w.usage
	if u == nil {
		u = new(llm.Usage)
	}
	num := func(key string, n int64) { dst = strconv.AppendInt(append(dst, key...), n, 10) }
	num(`{"input_tokens":`, u.Prompt()-u.CacheRead-u.CacheWrites())
	num(`,"cache_creation_input_tokens":`, u.CacheWrites())
	num(`,"cache_read_input_tokens":`, u.CacheRead)
	num(`,"output_tokens":`, u.Completion())
	if u.Reasoning > 0 {
		num(`,"output_tokens_details":{"thinking_tokens":`, u.Reasoning)
		dst = append(dst, '}')
	}
	if c != nil {
		dst = c.Cost.Append(append(dst, `,"cost":`...))
		dst = strconv.AppendBool(append(dst, `,"is_byok":`...), c.BYOK)
	}
	return append(dst, '}')
}

// reasonWord is why the answer ended in the API's words.
func (w *writer) reasonWord() string {
	switch w.native {
	case "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "model_context_window_exceeded", "compaction":
		return w.native
	}
	switch w.finish {
	case llm.FinishLength:
		return "max_tokens"
	case llm.FinishTools:
		return "tool_use"
	case llm.FinishFilter:
		return "refusal"
	}
	return "end_turn"
}

func (w *writer) end(dst []byte) []byte {
	dst = w.close(w.release(w.begin(dst)))
	if !w.req.Stream {
		dst = append(append(append(w.message(dst), `,"content":[`...), w.content...), `],"stop_reason":`...)
		dst = append(rawjson.AppendString(dst, w.reasonWord()), `,"stop_sequence":null,"usage":`...)
		dst = w.counts(dst, w.a.Charged)
		return append(w.meta(dst), '}')
	}
	w.frame = rawjson.AppendString(append(w.frame[:0], `{"type":"message_delta","delta":{"stop_reason":`...), w.reasonWord())
	w.frame = append(w.counts(append(w.frame, `,"stop_sequence":null},"usage":`...), w.a.Charged), '}')
	dst = sse.AppendEvent(dst, "message_delta", w.frame)
	return sse.AppendEvent(dst, "message_stop", append(w.meta(append(w.frame[:0], `{"type":"message_stop"`...)), '}'))
}

// add appends a frame or a whole message of the provider's, with what the answer cost in its
// usage and the router's metadata at its end (reference §3.3). Data on several lines passes as
// it is.
func (w *writer) add(dst, frame []byte, cost, meta bool) []byte {
	from, to := bytes.IndexByte(frame, '{'), bytes.LastIndexByte(frame, '}')+1
	doc := rawjson.Lend()
	defer doc.Free()
	if from < 0 || from >= to || doc.Parse(frame[from:to]) != nil {
		return append(dst, frame...)
	}
	var p rawjson.Patch
	if u := doc.Root().Get("usage"); cost && w.a.Charged != nil && u.Kind() == rawjson.Object {
		p.Put(u, "cost", w.a.Charged.Cost.Append(nil))
		p.Put(u, "is_byok", strconv.AppendBool(nil, w.a.Charged.BYOK))
	}
	if meta && len(w.a.Meta) > 0 {
		p.Put(doc.Root(), "openrouter_metadata", w.a.Meta)
	}
	return append(p.Apply(append(dst, frame[:from]...), frame[from:to]), frame[to:]...)
}

func (w *writer) meta(dst []byte) []byte {
	if len(w.a.Meta) > 0 {
		dst = append(append(dst, `,"openrouter_metadata":`...), w.a.Meta...)
	}
	return dst
}

// Fail is an error event, or the envelope for a whole message.
func (w *writer) Fail(dst []byte, e *fault.Error) []byte {
	if !w.req.Stream {
		return appendError(dst, e, w.a.Meta)
	}
	return sse.AppendEvent(dst, "error", appendError(nil, e, w.a.Meta))
}

// KeepAlive is a ping.
func (w *writer) KeepAlive(dst []byte) []byte {
	return sse.AppendEvent(dst, "ping", []byte(`{"type":"ping"}`))
}
