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
	audio    []byte // 0 to 2 bytes of audio that wait for their group of 3
}

// increment is one element of candidates, its members found.
type increment struct {
	index                                                      int64 // absent is 0, as protobuf writes it
	content, reason, message, grounding, cited, logprobs, urls rawjson.Node
}

func readIncrement(n rawjson.Node) (in increment) {
	for k, v := range n.Members() {
		switch string(k.Raw()) {
		case `"index"`:
			in.index = v.Int64()
		case `"content"`:
			in.content = v
		case `"finishReason"`:
			in.reason = v
		case `"finishMessage"`:
			in.message = v
		case `"groundingMetadata"`:
			in.grounding = v
		case `"citationMetadata"`:
			in.cited = v
		case `"logprobsResult"`:
			in.logprobs = v
		case `"urlContextMetadata"`, `"url_context_metadata"`:
			in.urls = v
		}
	}
	return in
}

func (a *answer) candidate(n rawjson.Node) error {
	in := readIncrement(n)
	if in.index < 0 || in.index >= maxCandidates {
		return fault.Wrap(fault.Broken, fmt.Errorf("candidate index %d", in.index))
	}
	for int64(len(a.candidates)) <= in.index {
		a.candidates = append(a.candidates, candidate{index: len(a.candidates)})
	}
	c := &a.candidates[in.index]
	c.seen = true
	var starts partStarts
	if err := c.parts(a, in.content.Get("parts"), &starts); err != nil {
		return err
	}
	if why := enum(in.reason, finishNumbers[:]); why != "" {
		c.native, c.message = why, in.message.Str()
	}
	a.usage.WebFetches += int64(in.urls.Get("urlMetadata").Len())
	if in.logprobs.Exists() {
		if err := c.logprobs(a, in.logprobs); err != nil {
			return err
		}
	}
	if in.grounding.Exists() {
		if err := c.grounding(a, in.grounding, &starts); err != nil {
			return err
		}
	}
	if in.cited.Exists() {
		return c.citations(a, in.cited)
	}
	return nil
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
	case "audioTranscription":
		a.media = llm.MediaOut{Kind: llm.AudioPart, Transcript: body.Get("text").Str()}
		return a.Send(llm.Event{Kind: llm.MediaDelta, Choice: c.index, Media: &a.media})
	case "executableCode":
		return c.say(a, fenced(strings.ToLower(body.Get("language").Str()), body.Get("code").Str()))
	case "codeExecutionResult":
		return c.say(a, fenced("", body.Get("output").Str()))
	case "":
	default:
		a.Lose(c.path()+".content.parts."+kind, "a part of a kind that has no place in the canonical form")
	}
	return nil
}

func (c *candidate) path() string { return fmt.Sprintf("candidates[%d]", c.index) }

func (c *candidate) say(a *answer, text string) error {
	if text == "" {
		return nil
	}
	c.text = append(c.text, text...)
	return a.Send(llm.Event{Kind: llm.TextDelta, Choice: c.index, Text: text})
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
		a.Lose(c.path()+".content.parts."+kind, "a thought that is not text")
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
	return a.Send(llm.Event{Kind: llm.ReasoningDelta, Choice: c.index, Reasoning: &a.detail})
}

// signature sends a thought signature; see signature.go for how it comes back.
func (c *candidate) signature(a *answer, data, callID string) error {
	c.blocks++
	a.detail = llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: data, ID: callID, Format: llm.FormatGemini, Index: c.blocks - 1}
	return a.Send(llm.Event{Kind: llm.ReasoningDelta, Choice: c.index, Reasoning: &a.detail})
}

// stop sends the end of a choice. A call that a limit cut stays cut.
func (c *candidate) stop(a *answer) error {
	why := finish(c.native, c.calls)
	if why == llm.FinishTools || why == llm.FinishStop {
		if err := c.finishArgs(a); err != nil {
			return err
		}
	}
	if err := c.lastAudio(a); err != nil {
		return err
	}
	switch {
	case c.message == "":
	case why == llm.FinishFilter:
		if err := a.Send(llm.Event{Kind: llm.RefusalDelta, Choice: c.index, Text: c.message}); err != nil {
			return err
		}
	case why == llm.FinishError:
		a.Lose(c.path()+".finishMessage", c.message)
	}
	return a.Send(llm.Event{Kind: llm.Stop, Choice: c.index, Finish: why, Native: c.native})
}
