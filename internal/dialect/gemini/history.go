package gemini

import (
	"slices"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// modelContent reads a turn of the model. A signature becomes a detail of reasoning before
// the part it is on (see signature.go); thoughts that came in pieces become one.
func (r *reader) modelContent(at *dialect.Place, t rawjson.Node) llm.Message {
	m := llm.Message{Role: llm.Assistant, Path: at.Path}
	h := history{m: &m}
	parts := t.Get("parts")
	m.Parts = make([]llm.Part, 0, max(1, parts.Len()))
	for i, p := range several(parts) {
		partPath := at.Part(i)
		signature := pick(p, "thoughtSignature").Str()
		if p.Get("thought").Bool() {
			h.thought(partPath, p.Get("text").Str(), signature)
			continue
		}
		h.close()
		if fc := pick(p, "functionCall"); !fc.IsNull() {
			call := r.call(partPath, fc, i)
			h.signed(partPath, signature, call.Call.ID)
			m.Parts = append(m.Parts, call)
			continue
		}
		h.signed(partPath, signature, "")
		if part := r.part(partPath, p); part.Kind != llm.TextPart || part.Text != "" || signature == "" {
			m.Parts = append(m.Parts, part)
		}
	}
	h.close()
	return m
}

// history gathers the reasoning of one turn.
type history struct {
	m      *llm.Message
	open   bool   // the last part is a thought that may go on
	text   []byte // of it
	blocks int64
}

func (h *history) add(path string, d llm.ReasoningDetail) {
	d.Index = h.blocks
	h.blocks++
	h.m.Parts = append(h.m.Parts, llm.Part{Kind: llm.ReasoningPart, Path: path, Reasoning: &d})
}

// thought reads a thought. A signature ends it.
func (h *history) thought(path, text, signature string) {
	packed := unpackSignature(signature)
	if len(packed) == 1 && packed[0].Type == llm.ReasoningEncrypted {
		h.close()
		h.add(path, packed[0])
		return
	}
	if !h.open {
		h.add(path, llm.ReasoningDetail{Type: llm.ReasoningText, Format: llm.FormatUnknown})
		h.open = true
	}
	h.text = append(h.text, text...)
	if signature == "" {
		return
	}
	last := h.close()
	switch {
	case len(packed) > 0:
		text, packed[0].Index = last.Text, last.Index
		*last = packed[0]
		if last.Type == llm.ReasoningSummary {
			last.Summary = text
		} else {
			last.Text = text
		}
	case !isStandIn(signature):
		last.Signature, last.Format = signature, llm.FormatGemini
	}
}

// close ends the thought that is open and returns it.
func (h *history) close() (last *llm.ReasoningDetail) {
	if h.open {
		last = h.m.Parts[len(h.m.Parts)-1].Reasoning
		last.Text = string(h.text)
	}
	h.open, h.text = false, h.text[:0]
	return last
}

// signed reads the signature of a part that is no thought.
func (h *history) signed(path, signature, callID string) {
	if signature == "" || isStandIn(signature) {
		return
	}
	packed := unpackSignature(signature)
	whole := ""
	for i := range packed {
		whole += packed[i].Text + packed[i].Summary
	}
	for i := max(len(h.m.Parts)-near, 0); i < len(h.m.Parts) && len(packed) > 1; i++ {
		if r := h.m.Parts[i].Reasoning; r != nil && r.Format == llm.FormatUnknown && r.Text == whole { // joined, and without signatures
			h.m.Parts = slices.Delete(h.m.Parts, i, i+1)
			break
		}
	}
	for i := range packed {
		h.restore(path, &packed[i])
	}
	if packed == nil {
		h.add(path, llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: signature, ID: callID, Format: llm.FormatGemini})
	}
}

// near is how many parts back the thoughts of a call are looked for.
const near = 128

// restore adds what a call has packed unless the client brings it home on its own thought
// too; a thought that lost its signature gets it again.
func (h *history) restore(path string, d *llm.ReasoningDetail) {
	for i := max(len(h.m.Parts)-near, 0); i < len(h.m.Parts); i++ {
		r := h.m.Parts[i].Reasoning
		if r == nil {
			continue
		}
		if r.Type == d.Type && r.Data == d.Data && r.Signature == d.Signature && r.ID == d.ID && r.Format == d.Format {
			return
		}
		if r.Format == llm.FormatUnknown && r.Text == d.Text+d.Summary {
			index := r.Index
			*r = *d
			r.Index = index
			return
		}
	}
	h.add(path, *d)
}

// call reads a call of the model's. One without an id gets one by its place, the same each
// time the history comes.
func (r *reader) call(path string, fc rawjson.Node, part int) llm.Part {
	args := string(pick(fc, "args").Raw())
	if args == "" || args == "null" {
		args = "{}"
	}
	c := &llm.ToolCall{ID: pick(fc, "id").Str(), Name: pick(fc, "name").Str(), Args: args, Type: "function"}
	if c.ID == "" {
		c.ID = invent("t"+strconv.Itoa(r.turns), 0, part)
	}
	r.calls.add(c.ID, c.Name)
	out := llm.Part{Kind: llm.CallPart, Call: c, Path: path}
	for k, v := range fc.Members() {
		switch name := camel(k); name {
		case "id", "name", "args":
		default:
			out.Extra = append(out.Extra, llm.Field{Path: path + ".functionCall." + name, Value: v.Raw()})
		}
	}
	return out
}

// response reads the answer to a call.
func (r *reader) response(path string, p, fr rawjson.Node) (llm.Part, error) {
	made := r.calls.answered(pick(fr, "id").Str(), pick(fr, "name").Str())
	if made == nil {
		return llm.Part{}, bad(path+".functionResponse", "answers a function call that no earlier content makes; send the content with the functionCall before it")
	}
	res := &llm.ToolResult{CallID: made.id, Name: made.name}
	out := llm.Part{Kind: llm.ResultPart, Result: res, Path: path}
	for k, v := range fr.Members() {
		switch name := camel(k); name {
		case "id", "name":
		case "response":
			res.Parts = append([]llm.Part{output(path+".functionResponse.response", v, res)}, res.Parts...)
		case "parts":
			for i, m := range several(v) {
				res.Parts = append(res.Parts, r.part(dialect.Elem(path+".functionResponse.parts", i), m))
			}
		default:
			out.Extra = append(out.Extra, llm.Field{Path: path + ".functionResponse." + name, Value: v.Raw()})
		}
	}
	return out, nil
}

// output is what a function said: the API reads "output" as its answer and "error" as its
// failure, and without them takes the whole object for the answer
// (https://ai.google.dev/api/caching#FunctionResponse).
func output(path string, v rawjson.Node, res *llm.ToolResult) llm.Part {
	value := v
	if v.Kind() == rawjson.Object && v.Len() == 1 {
		if o := v.Get("output"); o.Exists() {
			value = o
		} else if e := v.Get("error"); !e.IsNull() {
			value, res.Error = e, true
		}
	}
	text := string(value.Raw())
	if value.Kind() == rawjson.String {
		text = value.Str()
	}
	return llm.Part{Kind: llm.TextPart, Text: text, Path: path}
}
