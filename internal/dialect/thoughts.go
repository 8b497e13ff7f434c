package dialect

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Thought is a block of reasoning as a provider that signs it takes it back: a text with its
// signature, or what only the provider can read.
type Thought struct{ Text, Signature, Redacted string }

// Thoughts are the blocks of a turn that go back, unchanged, to the model whose reasoning has
// that format: signatures are checked. Clients may send the pieces of a streamed block as they
// came, so pieces of one index are joined up to the signature, which ends a block. What stays
// behind is added to lost.
func Thoughts(m *llm.Message, format string, lost *[]llm.Loss) []Thought {
	t := thoughts{lost: lost}
	spoken := speaks(m)
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Kind != llm.ReasoningPart {
			continue
		}
		if p.Cache != nil {
			t.lose(p.Path+".cache_control", "the provider takes no cache mark on reasoning")
		}
		switch r := p.Reasoning; {
		case r.Format != format:
			t.lose(p.Path, "the reasoning is not this model's own and cannot go back to it")
		case !spoken:
			t.lose(p.Path, "the provider takes no reasoning without an answer after it")
		case r.Type == llm.ReasoningText:
			t.piece(p)
		case r.Type == llm.ReasoningEncrypted && r.Data != "":
			t.drop()
			t.whole = append(t.whole, Thought{Redacted: r.Data})
		default:
			t.lose(p.Path, "the provider takes only whole or encrypted reasoning back")
		}
	}
	t.drop()
	return t.whole
}

// thoughts are blocks, and the pieces of one whose signature has not come yet.
type thoughts struct {
	whole []Thought
	lost  *[]llm.Loss
	path  string // of the first piece, "" none
	text  string
	index int64
}

func (t *thoughts) lose(path, why string) { *t.lost = append(*t.lost, llm.Loss{Path: path, Why: why}) }

func (t *thoughts) piece(p *llm.Part) {
	r := p.Reasoning
	if r.Index != t.index {
		t.drop()
	}
	if t.path == "" {
		t.path, t.text, t.index = p.Path, "", r.Index
	}
	t.text += r.Text
	if r.Signature != "" {
		t.whole = append(t.whole, Thought{Text: t.text, Signature: r.Signature})
		t.path = ""
	}
}

// drop gives up waiting for a signature.
func (t *thoughts) drop() {
	if t.path != "" {
		t.lose(t.path, "the reasoning has no signature, without which the provider does not take it back")
	}
	t.path, t.index = "", 0
}

// speaks reports whether a turn says something besides its reasoning: a turn that ends in
// thinking is refused.
func speaks(m *llm.Message) bool {
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case llm.CallPart:
			return true
		case llm.TextPart, llm.RefusalPart:
			if strings.Trim(p.Text, " \t\r\n") != "" {
				return true
			}
		}
	}
	return false
}
