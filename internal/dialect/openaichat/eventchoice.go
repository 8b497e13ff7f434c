package openaichat

import (
	"fmt"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// choice reads one choice of a chunk or body.
func (x *answer) choice(c rawjson.Node) error {
	var index int64
	var finish, native, delta, message, logprobs rawjson.Node
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
		case "logprobs":
			logprobs = v
		}
	}
	if index < 0 || index >= maxChoices {
		return broken(fmt.Sprintf("The provider sent a choice with the index %d", index), nil)
	}
	for len(x.choices) <= int(index) {
		x.choices = append(x.choices, spoken{})
	}
	i := int(index)
	if x.choices[i].closed && !x.whole {
		if says(delta) || says(message) { // OpenRouter sends an empty one beside the usage
			x.Lose("choices["+strconv.Itoa(i)+"].delta", "it came after the finish reason")
		}
		return nil
	}
	x.choices[i].opened = true
	if !delta.Exists() || x.whole && message.Exists() { // Perplexity sends both, always (wire notes §11)
		delta = message
	}
	if err := x.delta(i, delta); err != nil {
		return err
	}
	if err := x.logprobs(i, logprobs); err != nil {
		return err
	}
	word := finish.Str()
	if word == "" {
		return nil
	}
	why := normalFinish(word)
	if why == llm.FinishError {
		return broken("The provider ended the answer with an error", nil)
	}
	return x.finish(i, why, firstOf(native.Str(), word))
}

// says reports whether a delta holds anything but its role.
func says(delta rawjson.Node) bool {
	for k, v := range delta.Members() {
		if !k.Is("role") && (v.StrLen() > 0 || v.Len() > 0) {
			return true
		}
	}
	return false
}

// finish ends a choice. One that calls tools ends for that, whatever word was sent: after a
// forced call the wire says stop.
func (x *answer) finish(i int, why llm.Finish, native string) error {
	c := &x.choices[i]
	c.closed = true
	if err := x.flush(i); err != nil {
		return err
	}
	if i == 0 {
		if err := x.cite(); err != nil {
			return err
		}
	}
	if why == llm.FinishStop && len(c.calls) > 0 {
		why = llm.FinishTools
	}
	return x.Send(llm.Event{Kind: llm.Stop, Choice: i, Finish: why, Native: native})
}

// delta reads what a chunk adds to a choice, or a whole message.
func (x *answer) delta(i int, d rawjson.Node) error {
	var content, refusal, plain, details, calls, call, audio, images, notes rawjson.Node
	for k, v := range d.Members() {
		if v.IsNull() {
			continue
		}
		switch string(k.Bytes()) {
		case "content":
			content = v
		case "refusal":
			refusal = v
		case "reasoning":
			plain = v
		case "reasoning_content":
			if plain.StrLen() == 0 {
				plain = v
			}
		case "reasoning_details":
			details = v
		case "tool_calls":
			calls = v
		case "function_call":
			call = v
		case "audio":
			audio = v
		case "images":
			images = v
		case "annotations":
			notes = v
		case "executed_tools":
			x.Lose("choices.message.executed_tools", "what the provider's own tools did has no place in the canonical form")
		}
	}
	if err := x.reasoning(i, plain, details); err != nil {
		return err
	}
	if err := x.content(i, content); err != nil {
		return err
	}
	if refusal.StrLen() > 0 {
		if err := x.say(i, llm.Event{Kind: llm.RefusalDelta, Text: refusal.Str()}); err != nil {
			return err
		}
	}
	if err := x.attached(i, audio, images, notes); err != nil {
		return err
	}
	return x.toolCalls(i, calls, call)
}

// content is a string, or parts: Mistral's thinking stands among them (wire notes §8).
func (x *answer) content(i int, v rawjson.Node) error {
	if v.Kind() == rawjson.String {
		return x.text(i, v)
	}
	for p := range v.Elems() {
		var err error
		switch typ := p.Get("type"); {
		case typ.Is("thinking"):
			err = x.think(i, p.Get("thinking"))
			for t := range p.Get("thinking").Elems() {
				if err == nil {
					err = x.think(i, t.Get("text"))
				}
			}
		case typ.Is("image_url"):
			err = x.image(i, p)
		case typ.Is("text"), p.Get("text").Exists():
			err = x.text(i, p.Get("text"))
		default:
			x.Lose("choices.message.content."+typ.Str(), "a part of a kind that has no place in the canonical form")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *answer) text(i int, v rawjson.Node) error {
	if v.StrLen() == 0 {
		return nil
	}
	return x.say(i, llm.Event{Kind: llm.TextDelta, Text: v.Str()})
}

// think is reasoning that comes as text alone.
func (x *answer) think(i int, v rawjson.Node) error {
	if v.StrLen() == 0 {
		return nil
	}
	x.detail = llm.ReasoningDetail{Type: llm.ReasoningText, Text: v.Str(), Format: llm.FormatUnknown}
	return x.say(i, llm.Event{Kind: llm.ReasoningDelta, Reasoning: &x.detail})
}

// reasoning prefers the structured form, which alone carries signatures; the plain one
// repeats its text.
func (x *answer) reasoning(i int, plain, details rawjson.Node) error {
	told := false
	for d := range details.Elems() {
		told = told || d.Get("text").StrLen() > 0 || d.Get("summary").StrLen() > 0
	}
	if !told {
		if err := x.think(i, plain); err != nil {
			return err
		}
	}
	n := int64(0)
	for d := range details.Elems() {
		x.detail = readDetail(d)
		if x.whole && !d.Get("index").Exists() {
			x.detail.Index = n
		}
		n++
		if err := x.say(i, llm.Event{Kind: llm.ReasoningDelta, Reasoning: &x.detail}); err != nil {
			return err
		}
	}
	return nil
}

// readDetail reads one entry of reasoning_details (reference §4.7).
func readDetail(d rawjson.Node) llm.ReasoningDetail {
	return llm.ReasoningDetail{
		Type: d.Get("type").Str(), Text: d.Get("text").Str(), Summary: d.Get("summary").Str(),
		Data: d.Get("data").Str(), Signature: d.Get("signature").Str(), ID: d.Get("id").Str(),
		Format: d.Get("format").Str(), Index: d.Get("index").Int64(),
	}
}

// attached reads what is neither text nor a call.
func (x *answer) attached(i int, audio, images, notes rawjson.Node) error {
	if audio.Get("id").StrLen()+audio.Get("data").StrLen()+audio.Get("transcript").StrLen() > 0 || audio.Get("expires_at").Int64() > 0 {
		x.media = llm.MediaOut{Kind: llm.AudioPart, AudioID: audio.Get("id").Str(), Data: audio.Get("data").Str(),
			Transcript: audio.Get("transcript").Str(), ExpiresAt: audio.Get("expires_at").Int64()}
		if err := x.say(i, llm.Event{Kind: llm.MediaDelta, Media: &x.media}); err != nil {
			return err
		}
	}
	for p := range images.Elems() {
		if err := x.image(i, p); err != nil {
			return err
		}
	}
	for a := range notes.Elems() {
		if err := x.say(i, llm.Event{Kind: llm.AnnotationDelta, Raw: a.Raw()}); err != nil {
			return err
		}
	}
	return nil
}

func (x *answer) image(i int, p rawjson.Node) error {
	url := urlOf(p.Get("image_url"))
	if url == "" {
		return nil
	}
	x.media = llm.MediaOut{Kind: llm.ImagePart, URL: url}
	return x.say(i, llm.Event{Kind: llm.MediaDelta, Media: &x.media})
}

func (x *answer) logprobs(i int, v rawjson.Node) error {
	switch {
	case v.Kind() != rawjson.Object:
	case v.Get("content").Len() > 0 || v.Get("refusal").Len() > 0:
		return x.say(i, llm.Event{Kind: llm.LogprobsDelta, Raw: v.Raw()})
	case v.Get("tokens").Len() > 0:
		x.Lose("choices.logprobs", "the provider's logprobs are in the form of legacy completions")
	}
	return nil
}

// cite makes annotations of what Perplexity founds an answer on (wire notes §11): search
// results, or URLs alone.
func (x *answer) cite() error {
	if len(x.sources) == 0 {
		return nil
	}
	var d rawjson.Doc
	if err := d.Parse(x.sources); err != nil {
		return broken("The provider's list of sources is not JSON", err)
	}
	x.sources = nil
	for s := range d.Root().Elems() {
		url := firstOf(s.Str(), s.Get("url").Str())
		if url == "" {
			continue
		}
		b := rawjson.AppendString([]byte(`{"type":"url_citation","url_citation":{"url":`), url)
		if t := s.Get("title").Str(); t != "" {
			b = rawjson.AppendString(append(b, `,"title":`...), t)
		}
		if t := s.Get("snippet").Str(); t != "" {
			b = rawjson.AppendString(append(b, `,"content":`...), t)
		}
		if err := x.Send(llm.Event{Kind: llm.AnnotationDelta, Raw: append(b, "}}"...)}); err != nil {
			return err
		}
	}
	return nil
}
