package gemini

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// params are the members of a generationConfig that are parameters of sampling, by their
// names in OpenRouter's API.
var params = map[string]string{
	"temperature": "temperature", "topP": "top_p", "topK": "top_k", "seed": "seed", "stopSequences": "stop",
	"presencePenalty": "presence_penalty", "frequencyPenalty": "frequency_penalty", "maxOutputTokens": "max_tokens",
	"responseLogprobs": "logprobs", "logprobs": "top_logprobs", "thinkingConfig": "reasoning", "responseMimeType": "response_format",
	"responseSchema": "structured_outputs", "responseJsonSchema": "structured_outputs", "_responseJsonSchema": "structured_outputs",
}

// ranges are those that Google documents (ai.google.dev/api/generate-content, GenerationConfig).
var ranges = map[string][2]float64{"temperature": {0, 2}, "topP": {0, 1}, "presencePenalty": {-2, 2}, "frequencyPenalty": {-2, 2}}

// optionPaths are where they are in a request.
var optionPaths = func() map[string]string {
	m := map[string]string{}
	for name := range params {
		m[name] = "generationConfig." + name
	}
	return m
}()

// config checks a generationConfig.
func (d *decoder) config(path string, v rawjson.Node) error {
	if err := field.Want(path, v, rawjson.Object); err != nil {
		return err
	}
	for k, f := range v.Members() {
		if f.IsNull() {
			continue
		}
		name := camel(k)
		at := optionPaths[name]
		if at == "" || d.prefix != "" {
			at = path + "." + name
		}
		if err := d.option(at, name, f); err != nil {
			return err
		}
		if p := params[name]; p != "" {
			d.req.Params = append(d.req.Params, p)
		}
	}
	if d.req.Needs&llm.NeedJSONSchema != 0 {
		d.req.Needs &^= llm.NeedJSONObject
	}
	return nil
}

// option checks one member of a generationConfig.
func (d *decoder) option(path, name string, v rawjson.Node) error {
	r := d.req
	switch name {
	case "temperature", "topP", "presencePenalty", "frequencyPenalty":
		n, ok := decimal(v)
		if most := ranges[name]; !ok || n < most[0] || n > most[1] {
			return field.Bad(path, v, fmt.Sprintf("a number from %g to %g", most[0], most[1]))
		}
	case "topK", "seed", "logprobs":
		if _, ok := whole(v); !ok {
			return field.Bad(path, v, "a whole number")
		}
	case "maxOutputTokens":
		n, ok := whole(v)
		if !ok || n < 1 || n > 1<<31 {
			return field.Bad(path, v, "a whole number from 1 on")
		}
		r.MaxOutput = n
	case "candidateCount":
		n, ok := whole(v)
		if !ok || n < 1 || n > maxCandidates {
			return field.Bad(path, v, "a whole number from 1 to 128")
		}
		if r.Choices = n; n > 1 {
			r.Needs |= llm.NeedChoices
		}
	case "stopSequences":
		if v.Kind() != rawjson.String {
			_, err := field.Strs(path, v, 64, 1<<16)
			return err
		}
	case "thinkingConfig":
		return d.thinking(path, v)
	case "speechConfig", "imageConfig":
		return field.Want(path, v, rawjson.Object)
	}
	return d.shape(path, name, v)
}

// shape checks a member that says what the answer must be.
func (d *decoder) shape(path, name string, v rawjson.Node) error {
	r := d.req
	switch name {
	case "responseLogprobs":
		on, err := field.Bool(path, v)
		if on {
			r.Needs |= llm.NeedLogprobs
		}
		return err
	case "responseMimeType":
		mime, err := field.Str(path, v, 256)
		if mime == jsonMIME {
			r.Needs |= llm.NeedJSONObject
		}
		return err
	case "responseSchema", "responseJsonSchema", "_responseJsonSchema":
		r.Needs |= llm.NeedJSONSchema
		r.Size.Text += int64(len(v.Raw()))
		return field.Want(path, v, rawjson.Object)
	case "responseModalities":
		for _, m := range several(v) {
			switch strings.ToUpper(m.Str()) {
			case "IMAGE":
				r.Needs |= llm.NeedImageOut
			case "AUDIO":
				r.Needs |= llm.NeedAudioOut
			}
		}
	}
	return nil
}

const jsonMIME = "application/json"

// thinking reads a thinkingConfig (https://ai.google.dev/gemini-api/docs/thinking): a
// budget of 0 is off and of -1 the model's own choice.
func (d *decoder) thinking(path string, v rawjson.Node) error {
	if err := field.Want(path, v, rawjson.Object); err != nil {
		return err
	}
	on := true
	r := &llm.Reasoning{Exclude: !pick(v, "includeThoughts").Bool()}
	if b := pick(v, "thinkingBudget"); !b.IsNull() {
		n, ok := whole(b)
		if !ok || n < -1 || n > 1<<31 {
			return field.Bad(path+".thinkingBudget", b, "a whole number, 0 for no thinking or -1 for the model's own choice")
		}
		if r.MaxTokens = max(n, 0); n <= 0 {
			on = n < 0
			r.Enabled = &on
		}
	}
	if l := pick(v, "thinkingLevel"); !l.IsNull() && r.Enabled == nil && r.MaxTokens == 0 {
		effort := strings.ToLower(l.Str())
		switch {
		case slices.Contains(field.Efforts, effort):
			r.Effort = effort
		case effort != "thinking_level_unspecified":
			return field.Bad(path+".thinkingLevel", l, "one of MINIMAL, LOW, MEDIUM, HIGH")
		}
	}
	d.req.Reasoning = r
	return nil
}
