package ollama

import (
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls an upstream's POST /api/chat.
type Adapter struct{}

// Dialect is llm.Ollama.
func (Adapter) Dialect() llm.Dialect { return llm.Ollama }

// EncodeRequest writes the conversation. The error is a *fault.Error about the client's
// request, or a *dialect.Wants for media by URL.
func (Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	e := encoder{req: req, conv: conv, to: to}
	e.w.B = to.Room(len(req.Raw) + 256)
	e.body()
	if err := e.wants.Err(); err != nil {
		return dialect.Call{}, nil, err
	}
	return dialect.Call{
		Method: "POST", Path: "/api/chat",
		Header: dialect.JSON(),
		Body:   [][]byte{e.w.B},
	}, e.losses, nil
}

// Events reads the lines of a stream, or the one object of an answer.
func (Adapter) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		a := answer{Teller: dialect.NewTeller(yield), id: r.ID}
		a.Close(a.read(r))
	}
}

type encoder struct {
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	w      rawjson.Writer
	losses []llm.Loss
	wants  dialect.Wants
}

func (e *encoder) lose(path, why string) { e.losses = append(e.losses, llm.Loss{Path: path, Why: why}) }

func (e *encoder) body() {
	w := &e.w
	w.Open('{')
	w.Key("model").Str(e.to.Model)
	w.Key("stream").Word(word(e.req.Stream))
	w.Key("messages").Open('[')
	for i := range e.conv.Messages {
		e.message(&e.conv.Messages[i])
	}
	w.Close(']')
	e.tools()
	e.format()
	e.think()
	e.options()
	if e.conv.Logprobs {
		w.Key("logprobs").Word("true")
		if n := e.conv.TopLogprobs; n != nil {
			w.Key("top_logprobs").Int(*n)
		}
	}
	e.unmapped()
	w.Close('}')
}

func word(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

func (e *encoder) tools() {
	if e.conv.ToolChoice.Mode == "none" { // the API has no choice: without tools none is called
		return
	}
	dialect.Functions(&e.w, e.conv.Tools, e.lose)
	for i := range e.conv.Tools {
		if t := &e.conv.Tools[i]; t.Native == nil && t.Strict != nil && *t.Strict {
			e.lose(t.Path+".strict", "the provider does not hold arguments to their schema")
		}
	}
	switch e.conv.ToolChoice.Mode {
	case "", "auto":
	default:
		e.lose("tool_choice", "the provider's API has no choice of tools")
	}
	if p := e.conv.ParallelToolCalls; p != nil && !*p {
		e.lose("parallel_tool_calls", "the provider's API has no such setting")
	}
}

func (e *encoder) format() {
	switch f := &e.conv.Format; f.Kind {
	case "", "text":
	case "json_object":
		e.w.Key("format").Str("json")
	case "json_schema":
		if f.Schema == nil {
			e.w.Key("format").Str("json")
		} else {
			e.w.Key("format").Raw(f.Schema)
		}
	default:
		e.lose("response_format", "the provider's API has no such format")
	}
}

// think switches thinking. Models that do not think refuse the member.
func (e *encoder) think() {
	r := e.req.Reasoning
	switch {
	case r == nil:
	case r.Off():
		if e.thinks() {
			e.w.Key("think").Word("false")
		}
	case !r.On():
	case !e.thinks():
		e.lose("reasoning", "the endpoint is not known to think")
	default:
		switch effort := near(r.Effort); {
		case effort == "" || !e.to.Reasoning.Effort:
			e.w.Key("think").Word("true")
			if effort != "" {
				e.lose("reasoning.effort", "the endpoint is not known to take an effort")
			}
		default:
			e.w.Key("think").Str(effort)
			if effort != r.Effort {
				e.lose("reasoning.effort", "the provider's API has low, medium and high; it was asked for "+effort)
			}
		}
		if r.MaxTokens > 0 {
			e.lose("reasoning.max_tokens", "the provider's API has no budget of reasoning")
		}
	}
}

// near is the effort that the API has for one that it may not have.
func near(effort string) string {
	switch effort {
	case "minimal":
		return "low"
	case "xhigh", "max":
		return "high"
	}
	return effort
}

func (e *encoder) thinks() bool {
	s := e.to.Reasoning
	return s.Effort || s.Budget || s.Adaptive
}

// options writes what Ollama calls options (https://docs.ollama.com/modelfile, parameters).
func (e *encoder) options() {
	c := e.conv
	limit := e.req.MaxOutput
	if m := e.to.Clamp; m > 0 && (limit == 0 || limit > m) {
		limit = m
	}
	var o rawjson.Writer
	o.Open('{')
	for _, f := range [...]struct {
		name string
		v    *float64
	}{{"temperature", c.Temperature}, {"top_p", c.TopP}, {"min_p", c.MinP}, {"repeat_penalty", c.RepetitionPenalty},
		{"frequency_penalty", c.FrequencyPenalty}, {"presence_penalty", c.PresencePenalty}} {
		if f.v != nil {
			o.Key(f.name).Float(*f.v)
		}
	}
	for _, f := range [...]struct {
		name string
		v    *int64
	}{{"top_k", c.TopK}, {"seed", c.Seed}} {
		if f.v != nil {
			o.Key(f.name).Int(*f.v)
		}
	}
	if limit > 0 {
		o.Key("num_predict").Int(limit)
	}
	if len(c.Stop) > 0 {
		o.Key("stop").Strs(c.Stop)
	}
	if len(o.B) > 1 {
		o.Close('}')
		e.w.Key("options").Raw(o.B)
	}
}

// lacks are the parameters that the wire has no place for.
var lacks = dialect.NewLacks("n", "logit_bias", "top_a", "audio", "modalities", "prediction", "web_search_options", "verbosity", "metadata", "user", "cache_control",
	"prompt_cache_key", "service_tier", "reasoning.summary", "response_format.json_schema.description")

// unmapped reports what this API cannot carry.
func (e *encoder) unmapped() {
	lacks.Tell(e.req, e.conv, e.lose)
	for _, f := range e.conv.Extra {
		if f.Path == "keep_alive" { // Ollama's own: how long the model stays loaded
			e.w.Key("keep_alive").Raw(f.Value)
			continue
		}
		e.lose(f.Path, dialect.NoParameter)
	}
}
