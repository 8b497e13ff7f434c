package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// tokens is a count by modality. Text and documents are what is left of the total.
type tokens struct{ total, audio, image, video int64 }

func (t *tokens) details(list rawjson.Node) {
	for d := range list.Elems() {
		n := count(d.Get("tokenCount"))
		switch m := d.Get("modality"); {
		case m.Is("AUDIO"):
			t.audio += n
		case m.Is("IMAGE"):
			t.image += n
		case m.Is("VIDEO"):
			t.video += n
		}
	}
}

// fit keeps the modalities inside the total, so that the classes stay disjoint whatever
// the details claim.
func (t *tokens) fit() {
	t.audio = min(max(t.audio, 0), t.total)
	t.image = min(max(t.image, 0), t.total-t.audio)
	t.video = min(max(t.video, 0), t.total-t.audio-t.image)
}

func (t *tokens) text() int64 { return t.total - t.audio - t.image - t.video }

// usageMetadata is what the wire counts.
type usageMetadata struct {
	prompt   tokens // what was cached included
	cached   tokens
	toolUse  tokens // further input, outside prompt
	answer   tokens // candidates without thoughts
	thoughts int64
	tier     string
	counted  bool // false on early increments of Vertex AI, which name a trafficType only
}

func (m *usageMetadata) read(n rawjson.Node) {
	for k, v := range n.Members() {
		switch string(k.Raw()) {
		case `"promptTokenCount"`:
			m.prompt.total, m.counted = count(v), true
		case `"candidatesTokenCount"`:
			m.answer.total, m.counted = count(v), true
		case `"thoughtsTokenCount"`:
			m.thoughts, m.counted = count(v), true
		case `"totalTokenCount"`:
			m.counted = true
		case `"cachedContentTokenCount"`:
			m.cached.total = count(v)
		case `"toolUsePromptTokenCount"`:
			m.toolUse.total = count(v)
		case `"promptTokensDetails"`:
			m.prompt.details(v)
		case `"cacheTokensDetails"`:
			m.cached.details(v)
		case `"toolUsePromptTokensDetails"`:
			m.toolUse.details(v)
		case `"candidatesTokensDetails"`:
			m.answer.details(v)
		case `"serviceTier"`:
			m.tier = strings.ToLower(v.Str())
		}
	}
}

// readUsage replaces the counts in u by those of a usageMetadata and reports whether it
// held any. They are cumulative, and a missing one is 0 (wire notes §4).
func readUsage(u *llm.Usage, n rawjson.Node) bool {
	var m usageMetadata
	if m.read(n); !m.counted {
		return false
	}
	u.CacheRead = min(m.cached.total, m.prompt.total)
	in := tokens{
		total: m.prompt.total - u.CacheRead + m.toolUse.total,
		audio: m.prompt.audio - m.cached.audio + m.toolUse.audio,
		image: m.prompt.image - m.cached.image + m.toolUse.image,
		video: m.prompt.video - m.cached.video + m.toolUse.video,
	}
	in.fit()
	m.answer.fit()
	u.Input, u.AudioInput, u.ImageInput, u.VideoInput = in.text(), in.audio, in.image, in.video
	u.Output, u.AudioOutput, u.ImageOutput = m.answer.text()+m.answer.video, m.answer.audio, m.answer.image
	u.Reasoning = m.thoughts
	if m.tier != "" {
		u.ServiceTier = m.tier
	}
	u.Raw = append(u.Raw[:0], n.Raw()...)
	return true
}

// count bounds a count, so that sums of what an upstream claims cannot overflow.
func count(v rawjson.Node) int64 { return min(max(v.Int64(), 0), 1<<40) }
