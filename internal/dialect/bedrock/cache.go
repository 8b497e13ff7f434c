package bedrock

import "github.com/dragoman-gateway/dragoman/internal/llm"

// maxMarks is how many cache points a request may have
// (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
const maxMarks = 4

// caches reports whether a model takes cache points; others refuse the whole request.
func (e *encoder) caches() bool {
	return e.family == claude || e.family == nova || e.family == nova2
}

// planMarks sees how many marks are too many. The first ones go: a later one covers them.
func (e *encoder) planMarks() {
	n := 0
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

// mark writes a cache point after what has just been written.
func (e *encoder) mark(m *llm.CacheMark, path string) {
	switch {
	case m == nil:
		return
	case !e.caches():
		e.lose(path+".cache_control", "the model takes no cache marks")
		return
	case e.skipMarks > 0:
		e.skipMarks--
		e.lose(path+".cache_control", "the provider takes 4 cache marks; the last ones were sent")
		return
	}
	e.w.Elem().Open('{')
	e.w.Key("cachePoint").Open('{')
	e.w.Key("type").Str("default")
	switch {
	case m.TTL == "":
	case e.family == claude && (m.TTL == "5m" || m.TTL == "1h"):
		e.w.Key("ttl").Str(m.TTL)
	case m.TTL != "5m":
		e.lose(path+".cache_control.ttl", "the model caches for 5m; its default was taken")
	}
	e.w.Word("}}")
}
