package anthropic

import "github.com/dragoman-gateway/dragoman/internal/llm"

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
