package cohere

import (
	"iter"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls an upstream's POST /v2/chat.
type Adapter struct{}

// Dialect is llm.Cohere.
func (Adapter) Dialect() llm.Dialect { return llm.Cohere }

// EncodeRequest writes the conversation. The error is a *fault.Error about the client's
// request.
func (Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	e := encoder{req: req, conv: conv, to: to}
	e.w.B = to.Room(len(req.Raw) + 256)
	e.body()
	return dialect.Call{
		Method: "POST", Path: "/v2/chat",
		Header: dialect.JSON(),
		Body:   [][]byte{e.w.B},
	}, e.losses, nil
}

// Events reads an event stream or a whole answer.
func (Adapter) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		a := answer{Teller: dialect.NewTeller(yield)}
		a.Close(a.read(r))
	}
}

type encoder struct {
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	w      rawjson.Writer
	losses []llm.Loss
	moved  []*llm.Part // images of tool results, which go in a message of the user
}

func (e *encoder) lose(path, why string) { e.losses = append(e.losses, llm.Loss{Path: path, Why: why}) }

func (e *encoder) body() {
	w := &e.w
	w.Open('{')
	w.Key("model").Str(e.to.Model)
	w.Key("stream").Word(word(e.req.Stream))
	w.Key("messages").Open('[')
	for i := range e.conv.Messages {
		m := &e.conv.Messages[i]
		if m.Role != llm.ToolRole {
			e.show()
		}
		e.message(m)
	}
	e.show()
	w.Close(']')
	e.tools()
	e.format()
	e.sampling()
	e.think()
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
	dialect.Functions(&e.w, e.conv.Tools, e.lose)
	if slices.ContainsFunc(e.conv.Tools, func(t llm.Tool) bool { return t.Native == nil && t.Strict != nil && *t.Strict }) {
		e.w.Key("strict_tools").Word("true")
	}
	switch c := e.conv.ToolChoice; c.Mode {
	case "", "auto":
	case "none":
		e.w.Key("tool_choice").Str("NONE")
	case "required":
		e.w.Key("tool_choice").Str("REQUIRED")
	default:
		e.w.Key("tool_choice").Str("REQUIRED")
		e.lose("tool_choice", "the provider can be made to call a tool, not this one")
	}
	if p := e.conv.ParallelToolCalls; p != nil && !*p {
		e.lose("parallel_tool_calls", "the provider's API has no such setting")
	}
}

func (e *encoder) format() {
	switch f := &e.conv.Format; f.Kind {
	case "", "text":
	case "json_object":
		e.w.Key("response_format").Word(`{"type":"json_object"}`)
	case "json_schema":
		e.w.Key("response_format").Open('{')
		e.w.Key("type").Str("json_object")
		if f.Schema != nil {
			e.w.Key("json_schema").Raw(f.Schema)
		}
		e.w.Close('}')
	default:
		e.lose("response_format", "the provider's API has no such format")
	}
}

// limit is how many tokens the answer may have, 0 for what the provider allows.
func (e *encoder) limit() int64 {
	limit := max(e.req.MaxOutput, 0)
	if m := e.to.Clamp; m > 0 && (limit == 0 || limit > m) {
		limit = m
	}
	return limit
}

func (e *encoder) sampling() {
	c, w := e.conv, &e.w
	if limit := e.limit(); limit > 0 {
		w.Key("max_tokens").Int(limit)
	}
	if c.Temperature != nil {
		w.Key("temperature").Float(*c.Temperature)
	}
	if c.TopP != nil {
		w.Key("p").Float(*c.TopP)
	}
	if c.TopK != nil {
		w.Key("k").Int(*c.TopK)
	}
	if c.Seed != nil {
		w.Key("seed").Int(*c.Seed)
	}
	if c.FrequencyPenalty != nil {
		w.Key("frequency_penalty").Float(*c.FrequencyPenalty)
	}
	if c.PresencePenalty != nil {
		w.Key("presence_penalty").Float(*c.PresencePenalty)
	}
	if len(c.Stop) > 0 {
		w.Key("stop_sequences").Strs(c.Stop)
	}
}

// think switches reasoning, on models that have it (https://docs.cohere.com/docs/reasoning).
func (e *encoder) think() {
	r, s := e.req.Reasoning, e.to.Reasoning
	thinks := s.Budget || s.Effort || s.Adaptive
	switch {
	case r == nil:
	case r.Off():
		if thinks {
			e.w.Key("thinking").Word(`{"type":"disabled"}`)
		}
	case !r.On():
	case !thinks:
		e.lose("reasoning", "the endpoint is not known to reason")
	default:
		e.w.Key("thinking").Open('{')
		e.w.Key("type").Str("enabled")
		if budget := e.budget(r); budget > 0 {
			e.w.Key("token_budget").Int(budget)
		}
		e.w.Close('}')
	}
}

// budget is how many tokens of the answer may be reasoning, 0 for what the provider allows.
func (e *encoder) budget(r *llm.Reasoning) int64 {
	limit := e.limit()
	if r.MaxTokens > 0 {
		if limit > 0 {
			return min(r.MaxTokens, limit)
		}
		return r.MaxTokens
	}
	if limit == 0 {
		limit = e.to.MaxOutput
	}
	return int64(float64(limit) * llm.EffortShare(r.Effort))
}

// lacks are the parameters that the wire has no place for.
var lacks = dialect.NewLacks("n", "logprobs", "top_logprobs", "logit_bias", "repetition_penalty", "min_p", "top_a", "audio", "modalities", "prediction", "web_search_options",
	"verbosity", "metadata", "user", "cache_control", "prompt_cache_key", "service_tier", "reasoning.summary", "response_format.json_schema.description")

// unmapped reports what this API cannot carry.
func (e *encoder) unmapped() {
	lacks.Tell(e.req, e.conv, e.lose)
	for _, f := range e.conv.Extra {
		switch f.Path { // Cohere's own
		case "safety_mode", "documents", "citation_options", "priority":
			e.w.Key(f.Path).Raw(f.Value)
		default:
			e.lose(f.Path, dialect.NoParameter)
		}
	}
}
