package responses

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// encoder writes a canonical request.
type encoder struct {
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	format string // of reasoning that the provider takes back
	w      rawjson.Writer
	losses []llm.Loss

	searches bool // the tool that searches the web is written
}

func (e *encoder) lose(path, why string) { e.losses = append(e.losses, llm.Loss{Path: path, Why: why}) }

const noSuch = "the provider's API has no such setting"

func (e *encoder) body() {
	w := &e.w
	w.Open('{')
	w.Key("model").Str(e.to.Model)
	w.Key("store").Word("false")
	if e.req.Stream {
		w.Key("stream").Word("true")
	}
	w.Key("input").Open('[')
	for i := range e.conv.Messages {
		e.message(&e.conv.Messages[i])
	}
	w.Close(']')
	e.tools()
	e.sampling()
	e.reasoning()
	e.text()
	e.head()
	e.unmapped()
	w.Close('}')
}

// sampling writes numbers that this API has too.
func (e *encoder) sampling() {
	limit := e.req.MaxOutput
	if c := e.to.Clamp; c > 0 && (limit == 0 || limit > c) {
		limit = c
	}
	if limit > 0 {
		e.w.Key("max_output_tokens").Int(limit)
	}
	c := e.conv
	if c.Temperature != nil {
		e.w.Key("temperature").Float(*c.Temperature)
	}
	if c.TopP != nil {
		e.w.Key("top_p").Float(*c.TopP)
	}
	if c.TopLogprobs != nil {
		e.w.Key("top_logprobs").Int(*c.TopLogprobs)
	}
	if c.ParallelToolCalls != nil && len(c.Tools) > 0 {
		e.w.Key("parallel_tool_calls").Word(word(*c.ParallelToolCalls))
	}
	var include []string
	if reasons(e.to) {
		include = append(include, encryptedWanted)
	}
	if c.Logprobs {
		include = append(include, logprobsWanted)
	}
	if len(include) > 0 {
		e.w.Key("include").Strs(include)
	}
}

func word(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// reasoning asks for effort, and for the summary without which nothing of it shows.
func (e *encoder) reasoning() {
	r := e.req.Reasoning
	if r == nil {
		return
	}
	effort := openaichat.Effort(r, e.req.MaxOutput, e.to)
	if !e.to.Reasoning.Effort {
		if !r.Off() && effort != "" {
			e.lose("reasoning", "the endpoint takes no reasoning effort")
		}
		return
	}
	e.w.Key("reasoning").Open('{')
	if effort != "" {
		e.w.Key("effort").Str(effort)
	}
	if summary := r.Summary; !r.Exclude && !r.Off() {
		if summary == "" {
			summary = "auto"
		}
		e.w.Key("summary").Str(summary)
	}
	e.w.Close('}')
}

func (e *encoder) text() {
	f, v := &e.conv.Format, e.conv.Verbosity
	if (f.Kind == "" || f.Kind == "text") && v == "" {
		return
	}
	e.w.Key("text").Open('{')
	if v != "" {
		e.w.Key("verbosity").Str(v)
	}
	switch f.Kind {
	case "", "text":
	case "json_schema":
		e.w.Key("format").Open('{')
		e.w.Key("type").Str(f.Kind)
		name := f.Name
		if name == "" { // the API wants one
			name = "answer"
		}
		e.w.Key("name").Str(name)
		if f.Description != "" {
			e.w.Key("description").Str(f.Description)
		}
		if f.Strict != nil {
			e.w.Key("strict").Word(word(*f.Strict))
		}
		schema := f.Schema
		if schema == nil {
			schema = []byte("{}")
		}
		e.w.Key("schema").Raw(schema)
		e.w.Close('}')
	case "json_object":
		e.w.Key("format").Word(`{"type":"json_object"}`)
	default:
		e.lose("response_format", "the provider's API has no such format")
	}
	e.w.Close('}')
}

// head writes what is about the request as a whole.
func (e *encoder) head() {
	if t := e.req.ServiceTier; t != "" {
		e.w.Key("service_tier").Str(t)
	}
	if k := e.req.CacheKey; k != "" {
		e.w.Key("prompt_cache_key").Str(k)
	}
	if u := e.req.User; u != "" {
		e.w.Key("user").Str(openaichat.HashUser(u))
	}
}

// unmapped reports what this API cannot carry.
func (e *encoder) unmapped() {
	c := e.conv
	for _, f := range [...]struct {
		set  bool
		path string
	}{
		{c.FrequencyPenalty != nil, "frequency_penalty"}, {c.PresencePenalty != nil, "presence_penalty"},
		{c.RepetitionPenalty != nil, "repetition_penalty"}, {c.MinP != nil, "min_p"}, {c.TopA != nil, "top_a"},
		{c.TopK != nil, "top_k"}, {c.Seed != nil, "seed"}, {len(c.Stop) > 0, "stop"}, {c.LogitBias != nil, "logit_bias"},
		{c.Audio != nil, "audio"}, {c.Prediction != nil, "prediction"},
		{e.req.Choices > 1, "n"},
	} {
		if f.set {
			e.lose(f.path, noSuch)
		}
	}
	if c.Metadata != nil {
		e.lose("metadata", "the provider would take it only with a stored answer")
	}
	if c.CacheAll != nil {
		e.lose("cache_control", "the provider caches by itself")
	}
	for _, m := range c.Modalities {
		if m != "text" {
			e.lose("modalities", "the provider's API answers in text only")
			break
		}
	}
	for _, f := range c.Extra {
		if f.Path == "safety_identifier" {
			var d rawjson.Doc
			if d.Parse(f.Value) == nil && d.Root().Kind() == rawjson.String {
				e.w.Key("safety_identifier").Str(openaichat.HashUser(d.Root().Str()))
				continue
			}
		}
		e.lose(f.Path, "it has no place in the provider's API")
	}
}

func (e *encoder) tools() {
	at := len(e.w.B)
	e.w.Key("tools").Open('[')
	empty := len(e.w.B)
	for i := range e.conv.Tools {
		e.tool(&e.conv.Tools[i])
	}
	if v := e.conv.WebSearch; v != nil {
		e.search("web_search_options", v)
	}
	if len(e.w.B) == empty {
		e.w.B = e.w.B[:at]
	} else {
		e.w.Close(']')
	}
	switch c := e.conv.ToolChoice; {
	case c.Mode == "":
	case c.Mode == "function" && c.Name == searching && e.searches && !e.declared(c.Name):
		e.w.Key("tool_choice").Word(`{"type":"web_search"}`)
	case c.Mode == "function":
		e.w.Key("tool_choice").Open('{')
		e.w.Key("type").Str("function")
		e.w.Key("name").Str(c.Name)
		e.w.Close('}')
	case c.Mode == "auto", c.Mode == "none", c.Mode == "required":
		e.w.Key("tool_choice").Str(c.Mode)
	default:
		e.lose("tool_choice", "the provider's API has no such choice")
	}
}

// declared reports whether there is a function of that name.
func (e *encoder) declared(name string) bool {
	for i := range e.conv.Tools {
		if t := &e.conv.Tools[i]; t.Native == nil && t.Name == name {
			return true
		}
	}
	return false
}

// tool writes a function. Where strict is not said it is false: that is what it means to
// clients of other APIs, and here the default is true.
func (e *encoder) tool(t *llm.Tool) {
	switch {
	case t.Native != nil && searches(t.Name):
		e.search(t.Path, t.Native)
		return
	case t.Native != nil:
		e.lose(t.Path, "the provider's API has no tool of that type")
		return
	}
	if t.Cache != nil {
		e.lose(t.Path+".cache_control", "the provider caches by itself")
	}
	w := e.w.Elem()
	w.Open('{')
	w.Key("type").Str("function")
	w.Key("name").Str(t.Name)
	if t.Description != "" {
		w.Key("description").Str(t.Description)
	}
	w.Key("parameters").Raw(dialect.SchemaOf(t))
	w.Key("strict").Word(word(t.Strict != nil && *t.Strict))
	w.Close('}')
}
