package openaichat

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// thoughts writes the reasoning of a turn where this provider wants it back, and reports
// what has no place: a blob is worth nothing to another company than the one that made it.
func (c *composer) thoughts(list, calls []llm.Part) {
	if len(list) == 0 || c.q.ThinkingParts {
		return
	}
	if c.q.NativeReasoning {
		c.w.Key("reasoning_details").Open('[')
		for i := range list {
			c.w.Elem()
			c.w.B = appendReasoning(c.w.B, list[i].Reasoning)
			c.extra(list[i].Extra)
		}
		c.w.Close(']')
		return
	}
	var text strings.Builder
	for i := range list {
		p := &list[i]
		c.extra(p.Extra)
		if c.q.Strict {
			if !c.signed(p, calls) {
				c.lose(p.Path, "the provider takes no reasoning back")
			}
			continue
		}
		text.WriteString(plainReasoning(p.Reasoning))
		c.blob(p, calls)
	}
	if text.Len() == 0 {
		return
	}
	if c.q.ReasoningContent {
		c.w.Key("reasoning_content").Str(text.String())
	} else {
		c.w.Key("reasoning").Str(text.String())
	}
}

const onlyText = "the provider takes reasoning back as text only, without its signature or encrypted data"

// blob reports what of a piece of reasoning only its maker can read.
func (c *composer) blob(p *llm.Part, calls []llm.Part) {
	if r := p.Reasoning; (r.Data != "" || r.Signature != "") && !c.signed(p, calls) {
		c.lose(p.Path, onlyText)
	}
}

// signed reports whether a piece of reasoning is Google's signature of a call and goes
// with it.
func (c *composer) signed(p *llm.Part, calls []llm.Part) bool {
	r := p.Reasoning
	return c.q.GoogleSignatures && r.Format == llm.FormatGemini && r.Type == llm.ReasoningEncrypted && r.ID != "" &&
		slices.ContainsFunc(calls, func(p llm.Part) bool { return p.Call.ID == r.ID })
}

// signature is Google's of a call, "" none
// (https://ai.google.dev/gemini-api/docs/thought-signatures, OpenAI compatibility).
func signature(call string, thoughts []llm.Part) string {
	for i := range thoughts {
		if r := thoughts[i].Reasoning; call != "" && r.ID == call && r.Format == llm.FormatGemini && r.Type == llm.ReasoningEncrypted {
			return r.Data
		}
	}
	return ""
}

// appendThinking appends a part of a content that is reasoning.
func appendThinking(dst []byte, text string) []byte {
	dst = append(dst, `{"type":"thinking","thinking":[{"type":"text","text":`...)
	return append(rawjson.AppendString(dst, text), "}]}"...)
}

// thinkingContent writes reasoning and text as parts of one content, which is how Mistral
// gives and takes it (https://docs.mistral.ai/capabilities/reasoning).
func (c *composer) thinkingContent(thoughts, said []llm.Part) {
	c.w.Key("content").Open('[')
	for i := range thoughts {
		p := &thoughts[i]
		c.extra(p.Extra)
		c.blob(p, nil)
		if text := plainReasoning(p.Reasoning); text != "" {
			w := c.w.Elem()
			w.B = appendThinking(w.B, text)
		}
	}
	for i := range said {
		c.part(&said[i])
	}
	c.w.Close(']')
}
