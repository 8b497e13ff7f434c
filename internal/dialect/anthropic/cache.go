package anthropic

import "github.com/dragoman-gateway/dragoman/internal/llm"

// maxMarks is how many cache breakpoints a request may have
// (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching).
const maxMarks = 4

// planMarks sees how many marks are too many. The first ones go: a later one covers them.
func (e *encoder) planMarks() {
	n := 0
	if e.conv.CacheAll != nil {
		n++
	}
	for i := range e.conv.Tools {
		if e.conv.Tools[i].Cache != nil {
			n++
		}
	}
	for i := range e.conv.Messages {
		for j := range e.conv.Messages[i].Parts {
			if p := &e.conv.Messages[i].Parts[j]; p.Kind != llm.ReasoningPart && resultMark(p) != nil {
				n++
			}
		}
	}
	e.skipMarks = max(0, n-maxMarks)
}

// resultMark is the mark of a part, or of the last part inside a tool's answer.
func resultMark(p *llm.Part) *llm.CacheMark {
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

// mark writes the cache mark of the block that is open.
func (e *encoder) mark(m *llm.CacheMark, path string) {
	switch {
	case m == nil:
	case e.skipMarks > 0:
		e.skipMarks--
		e.lose(path+".cache_control", "the provider takes 4 cache marks; the last ones were sent")
	default:
		e.w.Key("cache_control")
		e.cacheControl(m, path+".cache_control")
	}
}

func (e *encoder) cacheControl(m *llm.CacheMark, path string) {
	e.w.Open('{')
	e.w.Key("type").Str("ephemeral")
	switch m.TTL {
	case "":
	case "5m", "1h":
		e.w.Key("ttl").Str(m.TTL)
	default:
		e.lose(path+".ttl", "the provider caches for 5m or 1h; its default was taken")
	}
	e.w.Close('}')
}
