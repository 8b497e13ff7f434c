package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// config reads a generationConfig. What the canonical form has no name for is kept by path.
func (r *reader) config(path string, v rawjson.Node) {
	c := r.conv
	var mime, schema rawjson.Node
	var jsonSchema bool
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		switch name := camel(k); name {
		case "temperature":
			c.Temperature = floatOf(f)
		case "topP":
			c.TopP = floatOf(f)
		case "topK":
			c.TopK = intOf(f)
		case "presencePenalty":
			c.PresencePenalty = floatOf(f)
		case "frequencyPenalty":
			c.FrequencyPenalty = floatOf(f)
		case "seed":
			c.Seed = intOf(f)
		case "stopSequences":
			for _, s := range several(f) {
				c.Stop = append(c.Stop, s.Str())
			}
		case "responseLogprobs":
			c.Logprobs = f.Bool()
		case "logprobs":
			c.TopLogprobs = intOf(f)
		case "responseModalities":
			for _, m := range several(f) {
				if word := strings.ToLower(m.Str()); word != "modality_unspecified" {
					c.Modalities = append(c.Modalities, word)
				}
			}
		case "speechConfig":
			r.speech(path+".speechConfig", f)
		case "imageConfig":
			r.extra("image_config", f)
		case "responseMimeType":
			mime = f
		case "responseSchema":
			schema = f
		case "responseJsonSchema", "_responseJsonSchema":
			schema, jsonSchema = f, true
		case "maxOutputTokens", "candidateCount", "thinkingConfig": // in the head
		default:
			r.extra(path+"."+name, f)
		}
	}
	r.format(path, mime, schema, jsonSchema)
}

func floatOf(n rawjson.Node) *float64 {
	f, _ := decimal(n)
	return &f
}

func intOf(n rawjson.Node) *int64 {
	i, _ := whole(n)
	return &i
}

// format reads the shape that the answer must have.
func (r *reader) format(path string, mime, schema rawjson.Node, jsonSchema bool) {
	f := &r.conv.Format
	switch m := mime.Str(); {
	case schema.Exists():
		f.Kind, f.Name, f.Schema = "json_schema", "answer", schema.Raw()
		if !jsonSchema {
			f.Schema = plainSchema(schema)
		}
		if m != "" && m != jsonMIME {
			r.extra(path+".responseMimeType", mime)
		}
	case m == jsonMIME:
		f.Kind = "json_object"
	case m != "" && m != "text/plain":
		r.extra(path+".responseMimeType", mime)
	}
}

// speech reads the one voice that the canonical form has.
func (r *reader) speech(path string, v rawjson.Node) {
	for k, f := range v.Members() {
		voice := pick(pick(f, "prebuiltVoiceConfig"), "voiceName")
		if camel(k) != "voiceConfig" || voice.StrLen() == 0 {
			r.extra(path+"."+camel(k), f)
			continue
		}
		r.conv.Audio = append(rawjson.AppendString([]byte(`{"voice":`), voice.Str()), `,"format":"pcm16"}`...)
	}
}

// tool reads one element of tools, which is a list of functions or a tool of the
// provider's own under its name.
func (r *reader) tool(path string, t rawjson.Node) {
	for k, v := range t.Members() {
		name := camel(k)
		switch {
		case v.IsNull():
		case name == "functionDeclarations":
			for i, f := range several(v) {
				r.function(dialect.Elem(path+".functionDeclarations", i), f)
			}
		case (name == "googleSearch" || name == "googleSearchRetrieval") && v.Len() == 0:
			r.conv.WebSearch = []byte("{}")
		case name == "googleSearch" || name == "googleSearchRetrieval":
			r.conv.WebSearch = []byte("{}")
			for o, f := range v.Members() {
				r.extra(path+"."+name+"."+camel(o), f)
			}
		default:
			r.conv.Tools = append(r.conv.Tools, llm.Tool{Name: snake(name), Path: path + "." + name, Native: t.Raw()})
		}
	}
}

// snake is how other APIs spell the type of a tool: code_execution, url_context.
func snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
			b.WriteByte(c - 'A' + 'a')
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func (r *reader) function(path string, f rawjson.Node) {
	t := llm.Tool{Path: path}
	for k, v := range f.Members() {
		switch name := camel(k); {
		case v.IsNull():
		case name == "name":
			t.Name = v.Str()
		case name == "description":
			t.Description = v.Str()
		case name == "parametersJsonSchema":
			t.Schema = v.Raw()
		case name == "parameters":
			if t.Schema == nil {
				t.Schema = plainSchema(v)
			}
		default:
			r.extra(path+"."+name, v)
		}
	}
	r.conv.Tools = append(r.conv.Tools, t)
}

// toolConfig reads whether and what the model must call. VALIDATED is AUTO whose arguments
// keep to the schema.
func (r *reader) toolConfig(path string, v rawjson.Node) {
	for k, f := range v.Members() {
		if !spelled(k, "functionCallingConfig") {
			r.extra(path+"."+camel(k), f)
			continue
		}
		choice := &r.conv.ToolChoice
		allowed := pick(f, "allowedFunctionNames")
		switch mode := strings.ToUpper(pick(f, "mode").Str()); mode {
		case "NONE":
			choice.Mode = "none"
		case "AUTO":
			choice.Mode = "auto"
		case "VALIDATED":
			choice.Mode = "auto"
			r.extra(path+".functionCallingConfig.mode", pick(f, "mode"))
		case "ANY":
			choice.Mode = "required"
			if allowed.Len() == 1 {
				choice.Mode = "function"
				for n := range allowed.Elems() {
					choice.Name = n.Str()
				}
			}
		}
		for o, val := range f.Members() {
			name := camel(o)
			if name != "mode" && !val.IsNull() && (name != "allowedFunctionNames" || choice.Mode != "function" && val.Len() > 0) {
				r.extra(path+".functionCallingConfig."+name, val)
			}
		}
	}
}
