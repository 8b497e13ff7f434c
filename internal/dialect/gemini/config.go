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
	at := len(e.w.B)
	e.w.Key("generationConfig").Open('{')
	empty := len(e.w.B)
	c := e.conv
	e.optFloat("temperature", c.Temperature)
	e.optFloat("topP", c.TopP)
	e.optInt("topK", c.TopK)
	if n := e.maxOutput(); n > 0 {
		e.w.Key("maxOutputTokens").Int(n)
	}
	if len(c.Stop) > 0 {
		e.w.Key("stopSequences").Strs(c.Stop)
	}
	if e.req.Choices > 1 {
		e.w.Key("candidateCount").Int(e.req.Choices)
	}
	if c.Seed != nil { // the wire holds 32 bits; folding keeps equal seeds equal
		e.w.Key("seed").Int(int64(int32(*c.Seed ^ *c.Seed>>32)))
	}
	e.optFloat("presencePenalty", c.PresencePenalty)
	e.optFloat("frequencyPenalty", c.FrequencyPenalty)
	if c.Logprobs {
		e.w.Key("responseLogprobs").Word("true")
		e.optInt("logprobs", c.TopLogprobs)
	}
	e.modalities()
	e.format()
	e.thinking()
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
		return
	}
	e.w.Close('}')
}

func (e *encoder) optFloat(key string, v *float64) {
	if v != nil {
		e.w.Key(key).Float(*v)
	}
}

func (e *encoder) optInt(key string, v *int64) {
	if v != nil {
		e.w.Key(key).Int(*v)
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
		e.w.Key("responseModalities").Strs([]string{"AUDIO"})
	case slices.Contains(m, "image"):
		upper := make([]string, len(m))
		for i, s := range m {
			upper[i] = strings.ToUpper(s)
		}
		e.w.Key("responseModalities").Strs(upper)
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
		e.w.Key("imageConfig").Open('{')
		for k, v := range d.Root().Members() {
			switch k.Str() {
			case "aspect_ratio", "aspectRatio":
				e.w.Key("aspectRatio").Raw(v.Raw())
			case "image_size", "imageSize":
				e.w.Key("imageSize").Raw(v.Raw())
			default:
				e.lose("image_config."+k.Str(), "the provider has no such image option")
			}
		}
		e.w.Close('}')
	}
}

func (e *encoder) speech() {
	var d rawjson.Doc
	if e.conv.Audio == nil || d.Parse(e.conv.Audio) != nil {
		return
	}
	if voice := d.Root().Get("voice"); voice.StrLen() > 0 {
		e.w.Key("speechConfig").Word(`{"voiceConfig":{"prebuiltVoiceConfig":{`)
		e.w.Key("voiceName").Str(voice.Str())
		e.w.Word("}}}")
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
	e.w.Key("responseMimeType").Str("application/json")
	if f.Kind == "json_schema" && f.Schema != nil {
		e.w.Key("responseJsonSchema")
		e.schema(f.Schema)
	}
}
