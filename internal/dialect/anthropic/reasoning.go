package anthropic

import "github.com/dragoman-gateway/dragoman/internal/llm"

// reasoning writes the thinking of a turn back, unchanged: the provider checks its
// signatures. Clients may send the pieces of a streamed block as they came, so pieces of
// one index are joined up to the signature, which ends a block.
func (e *encoder) reasoning(m *llm.Message) {
	spoken := speaks(m)
	var open llm.ReasoningDetail // thinking without a signature yet
	var openPath string
	unsigned := func() {
		if openPath != "" {
			e.lose(openPath, "the reasoning has no signature, without which the provider does not take it back")
			open, openPath = llm.ReasoningDetail{}, ""
		}
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		r := p.Reasoning
		if p.Kind != llm.ReasoningPart {
			continue
		}
		if p.Cache != nil {
			e.lose(p.Path+".cache_control", "the provider takes no cache mark on reasoning")
		}
		if openPath != "" && (r.Type != llm.ReasoningText || r.Index != open.Index || r.Format != llm.FormatAnthropic) {
			unsigned()
		}
		switch {
		case r.Format != llm.FormatAnthropic:
			e.lose(p.Path, "the reasoning is not this provider's own and cannot go back to it")
		case !spoken:
			e.lose(p.Path, "the provider takes no reasoning without an answer after it")
		case r.Type == llm.ReasoningEncrypted && r.Data != "":
			w := e.block(roleAssistant, "redacted_thinking")
			w.key("data").str(r.Data)
			w.close('}')
		case r.Type == llm.ReasoningText:
			open.Text, open.Index = open.Text+r.Text, r.Index
			if openPath == "" {
				openPath = p.Path
			}
			if r.Signature != "" {
				w := e.block(roleAssistant, "thinking")
				w.key("thinking").str(open.Text)
				w.key("signature").str(r.Signature)
				w.close('}')
				open, openPath = llm.ReasoningDetail{}, ""
			}
		default:
			e.lose(p.Path, "the provider takes only whole or encrypted reasoning back")
		}
	}
	unsigned()
}

// speaks reports whether a turn says something besides its reasoning: the wire refuses
// one that ends in thinking.
func speaks(m *llm.Message) bool {
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case llm.CallPart:
			return true
		case llm.TextPart, llm.RefusalPart:
			if !blank(p.Text) {
				return true
			}
		}
	}
	return false
}
