package simup

import (
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// ollama is Ollama's own chat: localhost:11434/api/chat. Its stream is lines of JSON, and
// calls have no ids.
type ollama struct{ openAI }

func (ollama) name() string { return "ollama" }

func (ollama) badKey(bool) *refusal { return &refusal{status: 401, message: "unauthorized"} }

func (ollama) noModel(id string) *refusal {
	return &refusal{status: 404, message: "model '" + id + "' not found"}
}

func (ollama) badJSON() *refusal      { return invalid("invalid JSON in request body") }
func (ollama) streamType(*ask) string { return "application/x-ndjson" }
func (ollama) jsonType() string       { return "application/json; charset=utf-8" }
func (ollama) begin(*reply)           {}

func (ollama) headers(http.Header, string, *dice, time.Time) {}

func (ollama) refuse(dst []byte, e *refusal, _ string) []byte {
	message := e.message
	if message == "" {
		message = fallbackMessage(e.status)
	}
	return append(rawjson.AppendString(append(dst, `{"error":`...), message), '}')
}

func (w ollama) event(dst []byte, _ *reply, e *refusal) []byte {
	return append(w.refuse(dst, e, ""), '\n')
}

func (w ollama) decode(a *ask, body rawjson.Node) *refusal {
	w.tools(a, body)
	for m := range body.Get("messages").Elems() {
		if e := w.message(a, m); e != nil {
			return e
		}
	}
	a.stream = !body.Get("stream").Exists() || body.Get("stream").Bool()
	o := body.Get("options")
	a.limit = max(o.Get("num_predict").Int64(), 0) // below nothing is without limit
	a.stops = appendStrings(nil, o.Get("stop"))
	format := body.Get("format")
	if a.json = format.Is("json"); format.Kind() == rawjson.Object {
		a.schema = format
	}
	t := body.Get("think")
	a.think = t.Bool() || t.StrLen() > 0
	if a.think && !a.model.Reasoning {
		return invalid(`"` + a.model.ID + `" does not support thinking`)
	}
	return a.finish()
}

func (ollama) message(a *ask, m rawjson.Node) *refusal {
	content := m.Get("content")
	if k := content.Kind(); k == rawjson.Array || k == rawjson.Object {
		return invalid("json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string")
	}
	a.prompt.text(content)
	for i := range m.Get("images").Elems() {
		a.prompt.image(i)
	}
	for c := range m.Get("tool_calls").Elems() {
		if c.At("function", "arguments").Kind() != rawjson.Object {
			return invalid("json: cannot unmarshal string into Go struct field ToolCallFunction.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments")
		}
		a.prompt.text(c.At("function", "name"))
		a.prompt.json(c.At("function", "arguments"))
	}
	switch role := m.Get("role").Str(); role {
	case "tool":
		a.answers, a.result = true, a.result+content.Str()
		a.results++
		return nil
	case "user":
		a.question = content.Str()
	case "system", "assistant":
	default:
		return invalid("invalid role: " + role)
	}
	a.answers, a.result = false, ""
	return nil
}

// appendOllama appends a line; what appends the members of the message after its role.
func appendOllama(b []byte, r *reply, done bool, what func([]byte) []byte) []byte {
	b = rawjson.AppendString(append(b, `{"model":`...), r.model.ID)
	b = r.created.UTC().AppendFormat(append(b, `,"created_at":"`...), "2006-01-02T15:04:05.000000Z")
	b = what(append(b, `","message":{"role":"assistant",`...))
	if !done {
		return append(b, `},"done":false}`...)
	}
	b = append(append(append(b, `},"done":true,"done_reason":"`...), pick(r.choices[0].finish == finishLength, "length", "stop")...), `","total_duration":4883583458,"load_duration":1334875`...)
	if u, ok := r.reported(); ok {
		b = strconv.AppendInt(append(b, `,"prompt_eval_count":`...), u.tokens, 10)
		b = strconv.AppendInt(append(b, `,"prompt_eval_duration":342546000,"eval_count":`...), u.output, 10)
		b = append(b, `,"eval_duration":4535599000`...)
	}
	return append(b, '}')
}

func appendOllamaCalls(b []byte, calls []call) []byte {
	for i, c := range calls {
		b = rawjson.AppendString(append(b, pick(i == 0, `,"tool_calls":[{"function":{"name":`, `,{"function":{"name":`)...), c.name)
		b = append(append(append(b, `,"arguments":`...), c.object()...), "}}"...)
	}
	if len(calls) > 0 {
		b = append(b, ']')
	}
	return b
}

func (ollama) whole(dst []byte, r *reply) []byte {
	a := &r.choices[0]
	return appendOllama(dst, r, true, func(b []byte) []byte {
		b = rawjson.AppendString(append(b, `"content":`...), a.text)
		if a.reasoning != "" {
			b = rawjson.AppendString(append(b, `,"thinking":`...), a.reasoning)
		}
		return appendOllamaCalls(b, a.calls)
	})
}

func (ollama) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		a := &r.choices[0]
		var buf []byte
		line := func(content, done bool, what func([]byte) []byte) bool {
			buf = append(appendOllama(buf[:0], r, done, what), '\n')
			return yield(frame{data: buf, content: content})
		}
		for _, x := range a.steps(1, 1<<30) {
			a.take(x)
			if x.kind >= stepCall && !x.last {
				continue // a call comes whole
			}
			said := line(true, false, func(b []byte) []byte {
				switch x.kind {
				case stepThought:
					return rawjson.AppendString(append(b, `"content":"","thinking":`...), x.text)
				case stepText:
					return rawjson.AppendString(append(b, `"content":`...), x.text)
				}
				return appendOllamaCalls(append(b, `"content":""`...), a.calls[x.call:x.call+1])
			})
			if !said {
				return
			}
		}
		if r.fault.NoTerminator {
			return
		}
		line(false, true, func(b []byte) []byte { return append(b, `"content":""`...) })
	}
}
