package gemini

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// generationConfig writes the parameters of sampling and of the answer's shape. What the
// client did not send is left to the provider.
func (e *encoder) generationConfig() {
	at := len(e.w.b)
	e.w.key("generationConfig").open('{')
	empty := len(e.w.b)
	c := e.conv
	e.optFloat("temperature", c.Temperature)
	e.optFloat("topP", c.TopP)
	e.optInt("topK", c.TopK)
	if n := e.maxOutput(); n > 0 {
		e.w.key("maxOutputTokens").int(n)
	}
	if len(c.Stop) > 0 {
		e.w.key("stopSequences").strs(c.Stop)
	}
	if e.req.Choices > 1 {
		e.w.key("candidateCount").int(e.req.Choices)
	}
	if c.Seed != nil { // the wire holds 32 bits; folding keeps equal seeds equal
		e.w.key("seed").int(int64(int32(*c.Seed ^ *c.Seed>>32)))
	}
	e.optFloat("presencePenalty", c.PresencePenalty)
	e.optFloat("frequencyPenalty", c.FrequencyPenalty)
	if c.Logprobs {
		e.w.key("responseLogprobs").word("true")
		e.optInt("logprobs", c.TopLogprobs)
	}
	e.modalities()
	e.format()
	e.thinking()
	if len(e.w.b) == empty {
		e.w.b = e.w.b[:at]
		return
	}
	e.w.close('}')
}

func (e *encoder) optFloat(key string, v *float64) {
	if v != nil {
		e.w.key(key).float(*v)
	}
}

func (e *encoder) optInt(key string, v *int64) {
	if v != nil {
		e.w.key(key).int(*v)
	}
}

// maxOutput is the limit of output tokens, thoughts included as this wire counts them; 0
// for none.
func (e *encoder) maxOutput() int64 {
	n := e.req.MaxOutput
	if c := e.to.Clamp; c > 0 && (n == 0 || c < n) {
		n = c
	}
	if m := e.to.MaxOutput; m > 0 && n > m {
		n = m
	}
	return n
}

// modalities asks for image or audio output. Speech models take AUDIO alone, so text
// beside it, which OpenAI's API demands, is not asked for.
func (e *encoder) modalities() {
	m := e.conv.Modalities
	switch {
	case slices.Contains(m, "audio"):
		e.w.key("responseModalities").strs([]string{"AUDIO"})
	case slices.Contains(m, "image"):
		upper := make([]string, len(m))
		for i, s := range m {
			upper[i] = strings.ToUpper(s)
		}
		e.w.key("responseModalities").strs(upper)
	}
	e.imageConfig()
	e.speech()
}

func (e *encoder) imageConfig() {
	for _, f := range e.conv.Extra {
		var d rawjson.Doc
		if f.Path != "image_config" || d.Parse(f.Value) != nil {
			continue
		}
		e.w.key("imageConfig").open('{')
		for k, v := range d.Root().Members() {
			switch k.Str() {
			case "aspect_ratio", "aspectRatio":
				e.w.key("aspectRatio").raw(v.Raw())
			case "image_size", "imageSize":
				e.w.key("imageSize").raw(v.Raw())
			default:
				e.lose("image_config."+k.Str(), "the provider has no such image option")
			}
		}
		e.w.close('}')
	}
}

func (e *encoder) speech() {
	var d rawjson.Doc
	if e.conv.Audio == nil || d.Parse(e.conv.Audio) != nil {
		return
	}
	if voice := d.Root().Get("voice"); voice.StrLen() > 0 {
		e.w.key("speechConfig").word(`{"voiceConfig":{"prebuiltVoiceConfig":{`)
		e.w.key("voiceName").str(voice.Str())
		e.w.word("}}}")
	}
	if f := d.Root().Get("format"); f.StrLen() > 0 && !f.Is("pcm16") {
		e.lose("audio.format", "the provider speaks 16-bit PCM only")
	}
}

func (e *encoder) format() {
	f := e.conv.Format
	switch f.Kind {
	case "", "text":
		return
	case "json_object", "json_schema":
	default:
		e.lose("response_format", "the provider has no such format")
		return
	}
	if e.model.major < 3 && slices.ContainsFunc(e.conv.Tools, func(t llm.Tool) bool { return t.Native == nil }) {
		e.lose("response_format", "the model does not combine a response format with function tools")
		return
	}
	e.w.key("responseMimeType").str("application/json")
	if f.Kind == "json_schema" && f.Schema != nil {
		e.w.key("responseJsonSchema")
		e.schema(f.Schema)
	}
}
