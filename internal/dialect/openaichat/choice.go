package openaichat

import (
	"fmt"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// choice reads one choice and edits it.
func (x *relay) choice(c rawjson.Node) error {
	var index int64
	var finish, native, delta, message rawjson.Node
	if c.Kind() != rawjson.Object {
		return broken("The provider sent a choice that is not an object", nil)
	}
	for k, v := range c.Members() {
		switch string(k.Bytes()) {
		case "index":
			index = v.Int64()
		case "finish_reason":
			finish = v
		case "native_finish_reason":
			native = v
		case "delta":
			delta = v
		case "message":
			message = v
		}
	}
	if index < 0 || index >= maxChoices {
		return broken(fmt.Sprintf("The provider sent a choice with the index %d", index), nil)
	}
	if !x.req.Stream {
		delta = message
	} else if message.Exists() && delta.Exists() { // Perplexity sends both (wire notes §11)
		x.patch.Remove(c, func(k rawjson.Node) bool { return k.Is("message") })
	}
	if !delta.Exists() && x.req.Stream {
		x.patch.Append(c, "delta", []byte("{}"))
	}
	x.at(int(index)).opened = true
	x.Event.Choice = int(index)
	x.message(delta, int(index))
	word := finish.Str()
	if word == "" {
		if x.req.Stream {
			return nil
		}
		word = string(x.unsaid(int(index)))
		if finish.Exists() {
			x.patch.Set(finish, rawjson.AppendString(nil, word))
		} else {
			x.patch.Append(c, "finish_reason", rawjson.AppendString(nil, word))
		}
		finish = rawjson.Node{}
	}
	norm := normalFinish(word)
	if norm == llm.FinishError {
		return broken("The provider ended the answer with an error", nil)
	}
	x.at(int(index)).closed = true
	x.Event.Content = true
	x.Event.Finish, x.Event.Native = norm, word
	if native.Kind() == rawjson.String {
		x.Event.Native = native.Str()
	}
	if finish.Exists() && string(norm) != word && word != "function_call" {
		x.patch.Set(finish, rawjson.AppendString(nil, norm))
	}
	if !native.Exists() {
		x.patch.Append(c, "native_finish_reason", rawjson.AppendString(nil, word))
	}
	return nil
}

// message reads a delta or a message and edits it.
func (x *relay) message(m rawjson.Node, choice int) {
	var reasoning bool
	var renamed rawjson.Node
	for k, v := range m.Members() {
		switch string(k.Bytes()) {
		case "content":
			if v.Kind() == rawjson.Array {
				x.contentArray(m, v, choice)
			} else {
				x.count(v)
				x.quote(choice, v.Str)
			}
		case "reasoning":
			reasoning = true
			x.count(v)
			x.quoteThought(choice, v.Str)
		case "reasoning_content":
			renamed = k
			x.count(v)
			if !m.Get("reasoning").Exists() {
				x.quoteThought(choice, v.Str)
			}
		case "refusal":
			x.count(v)
		case "tool_calls":
			x.toolCalls(v, choice)
		case "function_call", "reasoning_details", "audio", "images", "annotations":
			if !v.IsNull() && v.Len() > 0 {
				x.Event.Content = true
				x.Event.Size += int64(len(v.Raw()))
			}
		}
	}
	if renamed.Exists() && !reasoning {
		x.patch.Set(renamed, []byte(`"reasoning"`))
	}
}

func (x *relay) count(v rawjson.Node) {
	if n := v.StrLen(); n > 0 {
		x.Event.Content = true
		x.Event.Size += int64(n)
	}
}

// quote adds to what the event says of the first choice.
func (x *relay) quote(choice int, text func() string) {
	if x.quotes && choice == 0 {
		x.Event.Said += text()
	}
}

// quoteThought adds to what the event says of the first choice's reasoning.
func (x *relay) quoteThought(choice int, text func() string) {
	if x.quotes && choice == 0 {
		x.Event.Thought += text()
	}
}

// contentArray turns content parts (wire notes §8) into a string, which is what clients
// of this dialect read; thinking parts become reasoning.
func (x *relay) contentArray(m, content rawjson.Node, choice int) {
	var text, thought []byte
	for p := range content.Elems() {
		if p.Get("type").Is("thinking") {
			for t := range p.Get("thinking").Elems() {
				thought = append(thought, t.Get("text").Str()...)
			}
			thought = append(thought, p.Get("thinking").Str()...)
			continue
		}
		text = append(text, p.Get("text").Str()...)
	}
	x.Event.Content = x.Event.Content || len(text)+len(thought) > 0
	x.Event.Size += int64(len(text) + len(thought))
	x.quote(choice, func() string { return string(text) })
	x.quoteThought(choice, func() string { return string(thought) })
	x.patch.Set(content, rawjson.AppendString(nil, text))
	if len(thought) > 0 {
		x.patch.Append(m, "reasoning", rawjson.AppendString(nil, thought))
	}
}

// toolCalls numbers calls without gaps, gives them the index and id they lack, and their
// arguments the form of a string. Some upstreams send parallel calls under one index.
func (x *relay) toolCalls(v rawjson.Node, choice int) {
	for c := range v.Elems() {
		if c.Kind() != rawjson.Object {
			continue
		}
		x.Event.Content = true
		args := c.Get("function").Get("arguments")
		x.Event.Size += int64(len(args.Raw()))
		if args.Kind() == rawjson.Object {
			x.patch.Set(args, rawjson.AppendString(nil, args.Raw()))
		}
		index, id := c.Get("index"), c.Get("id")
		up, given := index.Int()
		if !given && id.StrLen() > 0 {
			up = int64(len(x.at(choice).calls)) // a call of its own
		}
		name := c.Get("function").Get("name")
		n, again := x.call(choice, up, id.Str(), name.Str())
		if again && x.req.Stream { // clients join names as they join arguments
			x.patch.Remove(c.Get("function"), func(k rawjson.Node) bool { return k.Is("name") })
		}
		if x.req.Stream && !given {
			x.patch.Append(c, "index", strconv.AppendInt(nil, int64(n), 10))
		} else if x.req.Stream && up != int64(n) {
			x.patch.Set(index, strconv.AppendInt(nil, int64(n), 10))
		}
		if id.Exists() && id.StrLen() == 0 && name.StrLen() > 0 {
			x.patch.Set(id, rawjson.AppendString(nil, "call_"+x.id+"_"+strconv.Itoa(n)))
		}
	}
}

// call is the client's index of the call that an entry belongs to: the newest with that
// upstream index, or a new one when another id says so. again is true when the entry says
// a name that the call has had already.
func (x *relay) call(choice int, up int64, id, name string) (n int, again bool) {
	list := x.at(choice).calls
	for i := len(list) - 1; i >= 0; i-- {
		if c := list[i]; c.index == up && (id == "" || id == c.id) && (x.req.Stream || name == "") {
			return i, name != "" && name == c.name
		}
	}
	if len(list) >= maxChoices {
		return len(list) - 1, false
	}
	x.at(choice).calls = append(list, call{up, id, name})
	return len(list), false
}

// normalFinish is the API's word for an upstream's (reference §1.6).
func normalFinish(word string) llm.Finish {
	switch word {
	case "stop", "length", "tool_calls", "content_filter", "error":
		return llm.Finish(word)
	case "function_call", "tool_use", "TOOL_CALL", "TOOL_CALLS":
		return llm.FinishTools
	case "model_length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "context_length", "model_context_window_exceeded":
		return llm.FinishLength
	case "safety", "SAFETY", "recitation", "RECITATION", "refusal", "sensitive", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "content_filtered":
		return llm.FinishFilter
	case "ERROR", "network_error":
		return llm.FinishError
	}
	return llm.FinishStop
}
