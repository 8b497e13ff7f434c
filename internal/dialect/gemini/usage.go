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
		n := max(d.Get("tokenCount").Int64(), 0)
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

// readUsage fills u from a usageMetadata and reports whether it holds counts: on Vertex
// AI the early ones name a trafficType only. promptTokenCount includes what was cached;
// candidatesTokenCount is without thoughts; tool use is further input (wire notes §4).
func readUsage(u *llm.Usage, meta rawjson.Node) bool {
	var prompt, cached, tool, out tokens
	var thoughts int64
	counted := false
	tier := ""
	for k, v := range meta.Members() {
		switch string(k.Raw()) {
		case `"promptTokenCount"`:
			prompt.total, counted = count(v), true
		case `"candidatesTokenCount"`:
			out.total, counted = count(v), true
		case `"totalTokenCount"`:
			counted = true
		case `"thoughtsTokenCount"`:
			thoughts, counted = count(v), true
		case `"cachedContentTokenCount"`:
			cached.total = count(v)
		case `"toolUsePromptTokenCount"`:
			tool.total = count(v)
		case `"promptTokensDetails"`:
			prompt.details(v)
		case `"cacheTokensDetails"`:
			cached.details(v)
		case `"toolUsePromptTokensDetails"`:
			tool.details(v)
		case `"candidatesTokensDetails"`:
			out.details(v)
		case `"serviceTier"`:
			tier = strings.ToLower(v.Str())
		}
	}
	if !counted {
		return false
	}
	u.CacheRead = min(cached.total, prompt.total)
	in := tokens{
		total: prompt.total - u.CacheRead + tool.total,
		audio: prompt.audio - cached.audio + tool.audio,
		image: prompt.image - cached.image + tool.image,
		video: prompt.video - cached.video + tool.video,
	}
	in.fit()
	out.fit()
	u.Input, u.AudioInput, u.ImageInput, u.VideoInput = in.text(), in.audio, in.image, in.video
	u.Output, u.AudioOutput, u.ImageOutput = out.text()+out.video, out.audio, out.image
	u.Reasoning = thoughts
	if tier != "" {
		u.ServiceTier = tier
	}
	u.Raw = append(u.Raw[:0], meta.Raw()...)
	return true
}

func count(v rawjson.Node) int64 { return max(v.Int64(), 0) }
