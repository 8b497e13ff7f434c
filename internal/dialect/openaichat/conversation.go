package openaichat

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// conversation builds the canonical form of a request whose fields DecodeRequest has
// checked.
func conversation(root rawjson.Node) (*llm.Conversation, error) {
	c := new(llm.Conversation)
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		if err := topLevel(c, field.Word(k), v); err != nil {
			return nil, err
		}
	}
	nameResults(c)
	return c, nil
}

func topLevel(c *llm.Conversation, name string, v rawjson.Node) (err error) {
	switch name {
	case "messages":
		c.Messages = make([]llm.Message, 0, v.Len())
		for m := range v.Elems() {
			msg, err := message(places.At(len(c.Messages)), m)
			if err != nil {
				return err
			}
			c.Messages = append(c.Messages, msg)
		}
	case "tools":
		for t := range v.Elems() {
			c.Tools = append(c.Tools, tool(dialect.Elem("tools", len(c.Tools)), t))
		}
	case "tool_choice":
		c.ToolChoice = choice(v)
	case "parallel_tool_calls":
		c.ParallelToolCalls = boolPtr(v)
	case "response_format":
		c.Format = format(v)
	case "temperature":
		c.Temperature = floatPtr(v)
	case "top_p":
		c.TopP = floatPtr(v)
	case "min_p":
		c.MinP = floatPtr(v)
	case "top_a":
		c.TopA = floatPtr(v)
	case "frequency_penalty":
		c.FrequencyPenalty = floatPtr(v)
	case "presence_penalty":
		c.PresencePenalty = floatPtr(v)
	case "repetition_penalty":
		c.RepetitionPenalty = floatPtr(v)
	case "top_k":
		c.TopK = intPtr(v)
	case "seed":
		c.Seed = intPtr(v)
	case "stop":
		c.Stop = stops(v)
	case "logprobs":
		c.Logprobs = v.Bool()
	case "top_logprobs":
		c.TopLogprobs = intPtr(v)
	case "logit_bias":
		c.LogitBias = v.Raw()
	case "modalities":
		c.Modalities, err = field.Strs(name, v, 8, 16)
	case "audio":
		c.Audio = v.Raw()
	case "prediction":
		c.Prediction = v.Raw()
	case "verbosity":
		c.Verbosity = v.Str()
	case "metadata":
		c.Metadata = v.Raw()
	case "web_search_options":
		c.WebSearch = v.Raw()
	case "cache_control":
		c.CacheAll = cacheMark(v)
	default:
		if !headFields[name] {
			c.Extra = append(c.Extra, llm.Field{Path: name, Value: v.Raw()})
		}
	}
	return err
}

// headFields are read by DecodeRequest and acted on by the gateway itself.
var headFields = map[string]bool{
	"model": true, "models": true, "stream": true, "stream_options": true, "max_tokens": true,
	"max_completion_tokens": true, "n": true, "provider": true, "route": true, "reasoning": true,
	"reasoning_effort": true, "include_reasoning": true, "user": true, "session_id": true,
	"prompt_cache_key": true, "max_tool_calls": true, "stop_server_tools_when": true, "usage": true, "service_tier": true, "structured_outputs": true, "debug": true, "trace": true,
}

func contentParts(at *dialect.Place, content rawjson.Node) ([]llm.Part, error) {
	if content.Kind() == rawjson.String {
		return []llm.Part{{Kind: llm.TextPart, Text: content.Str(), Path: at.Inner}}, nil
	}
	out := make([]llm.Part, 0, content.Len())
	for p := range content.Elems() {
		part, err := contentPart(at.Part(len(out)), p)
		if err != nil {
			return nil, err
		}
		out = append(out, part)
	}
	return out, nil
}

func contentPart(path string, p rawjson.Node) (llm.Part, error) {
	part := llm.Part{Path: path}
	var body rawjson.Node
	typ := field.Word(p.Get("type"))
	for k, v := range p.Members() {
		switch name := field.Word(k); name {
		case "type":
		case "cache_control", "prompt_cache_breakpoint":
			part.Cache = cacheMark(v)
		case typ, "text", "image_url", "video_url":
			body = v
		default:
			part.Extra = append(part.Extra, llm.Field{Path: path + "." + name, Value: v.Raw()})
		}
	}
	switch typ {
	case "text":
		part.Kind, part.Text = llm.TextPart, body.Str()
	case "refusal":
		part.Kind, part.Text = llm.RefusalPart, body.Str()
	case "image_url":
		part.Kind, part.Media = llm.ImagePart, dialect.MediaAt(urlOf(body))
		part.Media.Detail = body.Get("detail").Str()
	case "video_url", "input_video":
		part.Kind, part.Media = llm.VideoPart, dialect.MediaAt(urlOf(body))
	case "input_audio":
		part.Kind, part.Media = llm.AudioPart, &llm.Media{Data: body.Get("data").Str(), MIME: audioMIME(body.Get("format").Str())}
	case "file":
		m := dialect.MediaAt(body.Get("file_data").Str())
		if m.URL != "" && !strings.Contains(m.URL, "://") { // bare base64
			m.Data, m.URL = m.URL, ""
		}
		m.Filename, m.FileID = body.Get("filename").Str(), body.Get("file_id").Str()
		if m.MIME == "" && strings.HasSuffix(strings.ToLower(m.Filename), ".pdf") {
			m.MIME = "application/pdf"
		}
		part.Kind, part.Media = llm.FilePart, m
	default:
		return part, fault.Bad(path+".type", fmt.Sprintf("%s has the type %q, which the chosen model's provider cannot be sent; use text, image_url, input_audio, video_url or file", path, typ))
	}
	return part, nil
}

func urlOf(v rawjson.Node) string {
	if v.Kind() == rawjson.Object {
		return v.Get("url").Str()
	}
	return v.Str()
}

func audioMIME(format string) string {
	switch format {
	case "mp3":
		return "audio/mpeg"
	case "":
		return ""
	case "pcm16", "pcm24":
		return "audio/pcm"
	}
	return "audio/" + format
}

func cacheMark(v rawjson.Node) *llm.CacheMark {
	if v.IsNull() || v.Kind() == rawjson.Bool && !v.Bool() {
		return nil
	}
	return &llm.CacheMark{TTL: v.Get("ttl").Str()}
}

func tool(path string, t rawjson.Node) llm.Tool {
	fn := t.Get("function")
	out := llm.Tool{Path: path, Cache: cacheMark(t.Get("cache_control"))}
	if typ := t.Get("type"); !typ.IsNull() && !typ.Is("function") {
		out.Name, out.Native = t.Get("type").Str(), t.Raw()
		return out
	}
	out.Name, out.Description, out.Strict = fn.Get("name").Str(), fn.Get("description").Str(), boolPtr(fn.Get("strict"))
	if p := fn.Get("parameters"); p.Kind() == rawjson.Object {
		out.Schema = p.Raw()
	}
	if out.Cache == nil {
		out.Cache = cacheMark(fn.Get("cache_control"))
	}
	return out
}

func choice(v rawjson.Node) llm.ToolChoice {
	if v.Is("any") { // Mistral's word
		return llm.ToolChoice{Mode: "required"}
	}
	if v.Kind() == rawjson.String {
		return llm.ToolChoice{Mode: v.Str()}
	}
	if name := v.Get("function").Get("name"); name.Exists() {
		return llm.ToolChoice{Mode: "function", Name: name.Str()}
	}
	return llm.ToolChoice{Mode: v.Get("type").Str()}
}

func format(v rawjson.Node) llm.Format {
	s := v.Get("json_schema")
	f := llm.Format{Kind: v.Get("type").Str(), Raw: v.Raw(), Name: s.Get("name").Str(), Description: s.Get("description").Str(), Strict: boolPtr(s.Get("strict"))}
	if schema := s.Get("schema"); schema.Kind() == rawjson.Object {
		f.Schema = schema.Raw()
	}
	return f
}

func stops(v rawjson.Node) []string {
	if v.Kind() == rawjson.String {
		return []string{v.Str()}
	}
	var out []string
	for s := range v.Elems() {
		out = append(out, s.Str())
	}
	return out
}

// nameResults gives each tool result the name of the tool it answers, which some wires
// need and this one leaves out.
func nameResults(c *llm.Conversation) {
	names := make(map[string]string)
	for _, m := range c.Messages {
		for _, p := range m.Parts {
			switch {
			case p.Call != nil:
				names[p.Call.ID] = p.Call.Name
			case p.Result != nil && p.Result.Name == "":
				p.Result.Name = names[p.Result.CallID]
			}
		}
	}
}

func floatPtr(v rawjson.Node) *float64 { f, _ := v.Float(); return &f }
func intPtr(v rawjson.Node) *int64     { n := v.Int64(); return &n }

func boolPtr(v rawjson.Node) *bool {
	if v.Kind() != rawjson.Bool {
		return nil
	}
	b := v.Bool()
	return &b
}
