package bedrock

import "github.com/dragoman-gateway/dragoman/internal/llm"

// caches reports whether a model takes cache points; others refuse the whole request.
func (e *encoder) caches() bool {
	return e.family == claudeFamily || e.family == nova || e.family == nova2
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
	case e.family == claudeFamily && (m.TTL == "5m" || m.TTL == "1h"):
		e.w.Key("ttl").Str(m.TTL)
	case m.TTL != "5m":
		e.lose(path+".cache_control.ttl", "the model caches for 5m; its default was taken")
	}
	e.w.Word("}}")
}
