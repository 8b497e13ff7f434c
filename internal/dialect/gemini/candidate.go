package gemini

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// candidate is the state of one choice.
type candidate struct {
	index    int
	seen     bool
	native   string // finishReason, "" until it is known
	message  string // finishMessage
	text     []byte // all text so far, which offsets of citations count in
	blocks   int64  // reasoning blocks begun
	thinking bool   // the last block is a thought that may go on
	calls    int
	args     *arguments // of the streamed call that is open
	cited    map[string]bool
}

func (a *answer) candidate(n rawjson.Node) error {
	index := n.Get("index").Int64() // absent is 0, as protobuf writes it
	if index < 0 || index >= maxCandidates {
		return fault.Wrap(fault.Broken, fmt.Errorf("candidate index %d", index))
	}
	for int64(len(a.candidates)) <= index {
		a.candidates = append(a.candidates, candidate{index: len(a.candidates)})
	}
	c := &a.candidates[index]
	c.seen = true
	var content, grounding, citations, logprobs, urls, reason rawjson.Node
	for k, v := range n.Members() {
		switch string(k.Raw()) {
		case `"content"`:
			content = v
		case `"finishReason"`:
			reason = v
		case `"finishMessage"`:
			c.message = v.Str()
		case `"groundingMetadata"`:
			grounding = v
		case `"citationMetadata"`:
			citations = v
		case `"logprobsResult"`:
			logprobs = v
		case `"urlContextMetadata"`, `"url_context_metadata"`:
			urls = v
		}
	}
	var starts partStarts
	if err := c.parts(a, content.Get("parts"), &starts); err != nil {
		return err
	}
	if why := enum(reason, finishNumbers[:]); why != "" {
		c.native = why
	}
	if err := c.logprobs(a, logprobs); err != nil {
		return err
	}
	a.usage.WebFetches += int64(urls.Get("urlMetadata").Len())
	if err := c.grounding(a, grounding, &starts); err != nil {
		return err
	}
	return c.citations(a, citations)
}

// partStarts are the offsets in the candidate's text at which the parts of one content
// begin, as far as they are counted.
type partStarts [16]int

// parts reads one content. What comes after a finishReason takes it back: older models
// repeat it on every increment, and the last one counts.
func (c *candidate) parts(a *answer, parts rawjson.Node, starts *partStarts) error {
	i := 0
	for p := range parts.Elems() {
		c.native = ""
		if i < len(starts) {
			starts[i] = len(c.text)
		}
		if err := c.part(a, p); err != nil {
			return err
		}
		i++
	}
	return nil
}

func (c *candidate) part(a *answer, p rawjson.Node) error {
	var body rawjson.Node
	kind, signature, thought := "", "", false
	for k, v := range p.Members() {
		switch string(k.Raw()) {
		case `"text"`:
			kind, body = "text", v
		case `"thought"`:
			thought = v.Bool()
		case `"thoughtSignature"`, `"thought_signature"`:
			signature = v.Str()
		case `"partMetadata"`, `"videoMetadata"`, `"mediaResolution"`:
		default:
			if kind == "" {
				kind, body = k.Str(), v
			}
		}
	}
	if thought {
		return c.thought(a, kind, body, signature)
	}
	c.thinking = false
	if kind == "functionCall" {
		return c.call(a, body, signature)
	}
	if signature != "" {
		if err := c.signature(a, signature, ""); err != nil {
			return err
		}
	}
	switch kind {
	case "text":
		return c.say(a, body.Str())
	case "inlineData", "fileData":
		return c.media(a, body)
	case "executableCode":
		return c.say(a, fenced(strings.ToLower(body.Get("language").Str()), body.Get("code").Str()))
	case "codeExecutionResult":
		return c.say(a, fenced("", body.Get("output").Str()))
	case "":
	default:
		a.lose(c.path()+".content.parts."+kind, "a part of a kind that has no place in the canonical form")
	}
	return nil
}

func (c *candidate) path() string { return fmt.Sprintf("candidates[%d]", c.index) }

func (c *candidate) say(a *answer, text string) error {
	if text == "" {
		return nil
	}
	c.text = append(c.text, text...)
	return a.send(llm.Event{Kind: llm.TextDelta, Choice: c.index, Text: text})
}

// fenced shows code that the provider ran, and what it printed, as Markdown: clients of
// other dialects have no part for either.
func fenced(language, body string) string {
	if body == "" {
		return ""
	}
	fence := "```"
	for strings.Contains(body, fence) {
		fence += "`"
	}
	end := "\n"
	if strings.HasSuffix(body, "\n") {
		end = ""
	}
	return "\n" + fence + language + "\n" + body + end + fence + "\n"
}

// thought sends reasoning text; increments of one thought are one block.
func (c *candidate) thought(a *answer, kind string, body rawjson.Node, signature string) error {
	if kind != "text" {
		a.lose(c.path()+".content.parts."+kind, "a thought that is not text")
		return nil
	}
	text := body.Str()
	if text == "" && signature == "" {
		return nil
	}
	if !c.thinking {
		c.thinking = true
		c.blocks++
	}
	a.detail = llm.ReasoningDetail{Type: llm.ReasoningText, Text: text, Signature: signature, Format: llm.FormatGemini, Index: c.blocks - 1}
	return a.send(llm.Event{Kind: llm.ReasoningDelta, Choice: c.index, Reasoning: &a.detail})
}

// signature sends a thought signature; see signature.go for how it comes back.
func (c *candidate) signature(a *answer, data, callID string) error {
	c.blocks++
	a.detail = llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: data, ID: callID, Format: llm.FormatGemini, Index: c.blocks - 1}
	return a.send(llm.Event{Kind: llm.ReasoningDelta, Choice: c.index, Reasoning: &a.detail})
}

// media sends an image or audio. Data may be some megabytes: it is read once.
func (c *candidate) media(a *answer, body rawjson.Node) error {
	mime, uri := body.Get("mimeType").Str(), body.Get("fileUri").Str()
	data := body.Get("data").Str()
	a.media = llm.MediaOut{Kind: llm.ImagePart, URL: uri}
	switch {
	case strings.HasPrefix(mime, "image/"):
		if uri == "" {
			a.media.URL = "data:" + mime + ";base64," + data
		}
		a.usage.Images++
	case strings.HasPrefix(mime, "audio/") && data != "":
		a.media.Kind, a.media.Data = llm.AudioPart, data
	default:
		a.lose(c.path()+".content.parts", "media of type "+mime+" has no place in the canonical form")
		return nil
	}
	return a.send(llm.Event{Kind: llm.MediaDelta, Choice: c.index, Media: &a.media})
}

// call sends a function call: whole, or begun and continued by partialArgs (Vertex AI,
// wire notes §4).
func (c *candidate) call(a *answer, body rawjson.Node, signature string) error {
	name, args, partial := body.Get("name"), body.Get("args"), body.Get("partialArgs")
	goesOn := body.Get("willContinue").Bool()
	if name.StrLen() > 0 {
		if err := c.begin(a, body, name.Str(), signature, goesOn); err != nil {
			return err
		}
	} else if c.args == nil && body.Len() > 0 {
		a.lose(c.path()+".content.parts.functionCall", "a continued call that never began")
		return nil
	}
	if c.args == nil {
		return nil
	}
	a.scratch = a.scratch[:0]
	for p := range partial.Elems() {
		var err error
		if a.scratch, err = c.args.add(a.scratch, p); err != nil {
			return broken(err)
		}
	}
	if args.Kind() == rawjson.Object && name.StrLen() == 0 {
		return broken(errOrder)
	}
	if !goesOn {
		a.scratch = c.args.end(a.scratch)
		c.args = nil
	}
	return c.argument(a)
}

// begin sends the start of a call, its arguments included when they are there already.
func (c *candidate) begin(a *answer, body rawjson.Node, name, signature string, goesOn bool) error {
	if err := c.finishArgs(a); err != nil {
		return err
	}
	id := body.Get("id").Str()
	if id == "" {
		id = invent(a.name, c.index, c.calls)
	}
	if signature != "" {
		if err := c.signature(a, signature, id); err != nil {
			return err
		}
	}
	ev := llm.Event{Kind: llm.ToolStart, Choice: c.index, Tool: llm.ToolRef{Index: c.calls, ID: id, Name: name}}
	c.calls++
	switch args := body.Get("args"); {
	case args.Kind() == rawjson.Object:
		ev.Text = string(args.Raw())
	case goesOn || body.Get("partialArgs").Len() > 0:
		c.args = new(arguments)
	default:
		ev.Text = "{}"
	}
	return a.send(ev)
}

// argument sends what a.scratch holds as a piece of the open or just closed call.
func (c *candidate) argument(a *answer) error {
	if len(a.scratch) == 0 {
		return nil
	}
	return a.send(llm.Event{Kind: llm.ToolDelta, Choice: c.index, Tool: llm.ToolRef{Index: c.calls - 1}, Text: string(a.scratch)})
}

// finishArgs closes a streamed call whose end was left out.
func (c *candidate) finishArgs(a *answer) error {
	if c.args == nil {
		return nil
	}
	a.scratch = c.args.end(a.scratch[:0])
	c.args = nil
	return c.argument(a)
}

// stop sends the end of a choice. A call that a limit cut stays cut.
func (c *candidate) stop(a *answer) error {
	why := finish(c.native, c.calls)
	if why == llm.FinishTools || why == llm.FinishStop {
		if err := c.finishArgs(a); err != nil {
			return err
		}
	}
	switch {
	case c.message == "":
	case why == llm.FinishFilter:
		if err := a.send(llm.Event{Kind: llm.RefusalDelta, Choice: c.index, Text: c.message}); err != nil {
			return err
		}
	case why == llm.FinishError:
		a.lose(c.path()+".finishMessage", c.message)
	}
	return a.send(llm.Event{Kind: llm.Stop, Choice: c.index, Finish: why, Native: c.native})
}
