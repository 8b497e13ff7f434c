package responses

import (
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

type itemKind uint8

const (
	messageItem itemKind = iota
	reasoningItem
	callItem
	imageItem
)

// item is one item of the output while it is written.
type item struct {
	kind  itemKind
	id    string
	index int
	done  bool
	cut   bool // by a limit, while it was written

	parts []part // of a message

	key       int64 // of a reasoning block
	summary   []byte
	said      []byte
	detail    llm.ReasoningDetail // what is opaque of it
	sealed    bool                // something of it is encrypted
	encrypted string

	tool   int // of a call
	callID string
	toolName
	args    []byte // or an image's data
	revised string // the prompt that an image was made from
}

type partKind uint8

const (
	textPart partKind = iota
	refusalPart
	summaryPart
	reasoningPart
)

// part is one piece of content.
type part struct {
	kind        partKind
	text        []byte
	annotations []byte // elements of an array
	notes       int
	logprobs    []byte // elements of an array
}

// event is the first words of the events about a part's text.
func (k partKind) event() string {
	if k == refusalPart {
		return "response.refusal"
	}
	return "response.output_text"
}

func (it *item) last() *part { return &it.parts[len(it.parts)-1] }

func (it *item) prefix() string {
	switch {
	case it.kind == reasoningItem:
		return "rs_"
	case it.kind == imageItem:
		return "ig_"
	case it.kind == callItem && it.custom:
		return "ctc_"
	case it.kind == callItem:
		return "fc_"
	}
	return "msg_"
}

// name makes an id for an item of this answer.
func (w *writer) name(prefix string, index int) string {
	return prefix + strings.TrimPrefix(w.a.GenerationID, "gen-") + "_" + strconv.Itoa(index)
}

// append appends the item as it is so far.
func (it *item) append(dst []byte, status string) []byte {
	dst = rawjson.AppendString(append(dst, `{"id":`...), it.id)
	switch it.kind {
	case messageItem:
		dst = append(dst, `,"type":"message","role":"assistant","content":[`...)
		for i := range it.parts {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = it.parts[i].append(dst)
		}
		dst = append(dst, ']')
	case reasoningItem:
		return it.appendReasoning(dst)
	case callItem:
		dst = it.appendCall(dst)
	case imageItem:
		dst = append(dst, `,"type":"image_generation_call","result":`...)
		if len(it.args) > 0 {
			dst = rawjson.AppendString(dst, it.args)
		} else {
			dst = append(dst, "null"...)
		}
		if it.revised != "" {
			dst = rawjson.AppendString(append(dst, `,"revised_prompt":`...), it.revised)
		}
	}
	return append(rawjson.AppendString(append(dst, `,"status":`...), status), '}')
}

func (it *item) appendReasoning(dst []byte) []byte {
	dst = append(dst, `,"type":"reasoning","summary":[`...)
	if len(it.summary) > 0 {
		dst = (&part{kind: summaryPart, text: it.summary}).append(dst)
	}
	dst = append(dst, ']')
	if len(it.said) > 0 {
		dst = append((&part{kind: reasoningPart, text: it.said}).append(append(dst, `,"content":[`...)), ']')
	}
	if it.encrypted != "" {
		dst = rawjson.AppendString(append(dst, `,"encrypted_content":`...), it.encrypted)
	}
	return append(dst, '}')
}

func (it *item) appendCall(dst []byte) []byte {
	if it.custom {
		dst = append(dst, `,"type":"custom_tool_call","input":`...)
		if it.done {
			dst = rawjson.AppendString(dst, unfree(it.args))
		} else {
			dst = append(dst, `""`...)
		}
	} else {
		dst = append(dst, `,"type":"function_call","arguments":`...)
		if it.done {
			dst = rawjson.AppendString(dst, it.args)
		} else {
			dst = append(dst, `""`...)
		}
	}
	dst = rawjson.AppendString(append(dst, `,"call_id":`...), it.callID)
	if it.namespace != "" {
		dst = rawjson.AppendString(append(dst, `,"namespace":`...), it.namespace)
	}
	return rawjson.AppendString(append(dst, `,"name":`...), it.name)
}

// append appends the part as it is so far.
func (p *part) append(dst []byte) []byte {
	switch p.kind {
	case refusalPart:
		dst = append(dst, `{"type":"refusal","refusal":`...)
	case summaryPart:
		dst = append(dst, `{"type":"summary_text","text":`...)
	case reasoningPart:
		dst = append(dst, `{"type":"reasoning_text","text":`...)
	default:
		dst = append(append(append(dst, `{"type":"output_text","annotations":[`...), p.annotations...), `],"logprobs":[`...)
		dst = append(append(dst, p.logprobs...), `],"text":`...)
	}
	return append(rawjson.AppendString(dst, p.text), '}')
}

// appendElem appends an element to those of an array.
func appendElem(list, elem []byte) []byte {
	if len(list) > 0 {
		list = append(list, ',')
	}
	return append(list, elem...)
}

// annotation is a citation as this API has it: flat, where chat completions nest it under
// its type.
func annotation(raw []byte) []byte {
	var d rawjson.Doc
	if d.Parse(raw) != nil {
		return raw
	}
	typ := d.Root().Get("type")
	body := d.Root().Get(typ.Str())
	if body.Kind() != rawjson.Object || body.Len() == 0 {
		return raw
	}
	out := append(append([]byte(`{"type":`), typ.Raw()...), ',')
	out = append(out, body.Raw()[1:]...)
	if !typ.Is("url_citation") {
		return out
	}
	for _, m := range [...]struct{ name, otherwise string }{{"title", `""`}, {"start_index", "0"}, {"end_index", "0"}} { // clients insist on them
		if !body.Get(m.name).Exists() {
			out = append(append(append(out[:len(out)-1], `,"`...), m.name...), `":`...)
			out = append(append(out, m.otherwise...), '}')
		}
	}
	return out
}
