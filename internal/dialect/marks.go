package dialect

import "github.com/dragoman-gateway/dragoman/internal/llm"

// MaxMarks is how many marks for the cache Claude takes in a request, at Anthropic
// (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching) and on Bedrock
// (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
const MaxMarks = 4

// TooManyMarks is how many marks a conversation has beyond them, with others that it is sent
// with. The first ones go: a later one covers them.
func TooManyMarks(c *llm.Conversation, others int) int {
	n := others
	for i := range c.Tools {
		if c.Tools[i].Cache != nil {
			n++
		}
	}
	for i := range c.Messages {
		for j := range c.Messages[i].Parts {
			if p := &c.Messages[i].Parts[j]; p.Kind != llm.ReasoningPart && MarkOf(p) != nil {
				n++
			}
		}
	}
	return max(0, n-MaxMarks)
}

// MarkOf is the mark of a part, or of the last part inside a tool's answer; nil none.
func MarkOf(p *llm.Part) *llm.CacheMark {
	if p.Cache != nil || p.Result == nil {
		return p.Cache
	}
	for i := len(p.Result.Parts) - 1; i >= 0; i-- {
		if m := p.Result.Parts[i].Cache; m != nil {
			return m
		}
	}
	return nil
}
