package openaitext

import (
	"fmt"
	"slices"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Limits of a request beyond those of single fields.
const (
	maxPrompts = 2048
	maxStops   = 4
)

// DecodeRequest checks every field that can be checked without knowing the endpoint (API
// reference, "Create completion"; reference §2). Unset options may be null.
func (Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	r := &llm.Request{From: llm.OpenAIText, Raw: in.Body, Doc: doc, Choices: 1}
	for k, v := range root.Members() {
		name := k.Str()
		known, err := field.Head(r, name, v)
		if !known && !v.IsNull() {
			err = member(r, name, v)
		}
		if err != nil {
			return nil, err
		}
		if !v.IsNull() && slices.Contains(parameters, name) {
			r.Params = append(r.Params, name)
		}
	}
	if err := finish(r, root, in.Header); err != nil {
		return nil, err
	}
	r.Conversation = sync.OnceValues(func() (*llm.Conversation, error) { return conversation(root) })
	return r, nil
}

// parameters are the optional fields an endpoint may or may not support, in the spelling
// of `supported_parameters` (reference §3.11).
var parameters = []string{
	"max_tokens", "temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty",
	"repetition_penalty", "seed", "stop", "logit_bias", "logprobs", "response_format", "structured_outputs", "reasoning",
}

// A check reads one member into the request. A member without one is not an error: it is
// passed on or reported by the adapter.
type check func(r *llm.Request, name string, v rawjson.Node) error

var checks = map[string]check{
	"stream": func(r *llm.Request, name string, v rawjson.Node) (err error) {
		r.Stream, err = field.Bool(name, v)
		return err
	},
	"max_tokens": func(r *llm.Request, name string, v rawjson.Node) (err error) {
		r.MaxOutput, err = field.Whole(name, v, 0, 1<<31) // 0 with echo asks for log probabilities of the prompt
		return err
	},
	"n": func(r *llm.Request, name string, v rawjson.Node) (err error) {
		if r.Choices, err = field.Whole(name, v, 1, 128); r.Choices > 1 {
			r.Needs |= llm.NeedChoices
		}
		return err
	},
	"logprobs": func(r *llm.Request, name string, v rawjson.Node) error {
		r.Needs |= llm.NeedLogprobs
		_, err := field.Whole(name, v, 0, 20)
		return err
	},
	"reasoning": func(r *llm.Request, _ string, v rawjson.Node) (err error) {
		if r.Reasoning, err = field.Reasoning(v); r.Reasoning.On() {
			r.Needs |= llm.NeedReasoning
		}
		return err
	},
	"service_tier": func(r *llm.Request, name string, v rawjson.Node) (err error) {
		r.ServiceTier, err = field.Str(name, v, 64)
		return err
	},
	"prompt_cache_key": func(r *llm.Request, name string, v rawjson.Node) (err error) {
		r.CacheKey, err = field.Str(name, v, 1024)
		return err
	},
	"response_format": func(r *llm.Request, name string, v rawjson.Node) error {
		switch typ := v.Get("type"); {
		case typ.Is("json_object"):
			r.Needs |= llm.NeedJSONObject
		case typ.Is("json_schema"):
			r.Needs |= llm.NeedJSONSchema
		}
		return field.Want(name, v, rawjson.Object)
	},
	"echo":               flag,
	"structured_outputs": flag,
	"best_of":            whole(1, 20),
	"top_k":              whole(0, 1<<31),
	"temperature":        number(0, 2),
	"repetition_penalty": number(0, 2),
	"top_p":              number(0, 1),
	"min_p":              number(0, 1),
	"top_a":              number(0, 1),
	"frequency_penalty":  number(-2, 2),
	"presence_penalty":   number(-2, 2),
	"stream_options":     kind(rawjson.Object),
	"logit_bias":         bias,
	"stop":               stop,
	"seed": func(_ *llm.Request, name string, v rawjson.Node) error {
		if _, ok := v.Int(); !ok {
			return field.Bad(name, v, "an integer")
		}
		return nil
	},
	"suffix":     kind(rawjson.String),
	"plugins":    kind(rawjson.Array),
	"transforms": kind(rawjson.Array),
	"preset": func(_ *llm.Request, name string, _ rawjson.Node) error {
		return field.Preset(name)
	},
}

func member(r *llm.Request, name string, v rawjson.Node) error {
	if f := checks[name]; f != nil {
		return f(r, name, v)
	}
	return nil
}

func flag(_ *llm.Request, name string, v rawjson.Node) error {
	_, err := field.Bool(name, v)
	return err
}

func whole(lo, hi int64) check {
	return func(_ *llm.Request, name string, v rawjson.Node) error {
		_, err := field.Whole(name, v, lo, hi)
		return err
	}
}

func number(lo, hi float64) check {
	return func(_ *llm.Request, name string, v rawjson.Node) error { return field.Number(name, v, lo, hi) }
}

func kind(k rawjson.Kind) check {
	return func(_ *llm.Request, name string, v rawjson.Node) error { return field.Want(name, v, k) }
}

func bias(_ *llm.Request, name string, v rawjson.Node) error {
	if err := field.Want(name, v, rawjson.Object); err != nil {
		return err
	}
	for k, b := range v.Members() {
		if err := field.Number(name+"."+k.Str(), b, -100, 100); err != nil {
			return err
		}
	}
	return nil
}

func stop(_ *llm.Request, name string, v rawjson.Node) error {
	if v.Kind() == rawjson.String {
		return nil
	}
	if v.Kind() != rawjson.Array {
		return field.Bad(name, v, "a string or an array of up to 4 strings")
	}
	_, err := field.Strs(name, v, maxStops, 1<<16)
	return err
}

// finish checks what members mean together.
func finish(r *llm.Request, root rawjson.Node, h dialect.Header) error {
	p := root.Get("prompt")
	if p.IsNull() && root.Get("messages").Exists() {
		return fault.Bad("messages", "messages belongs to chat completions; POST it to /chat/completions, or send prompt")
	}
	in, err := readPrompt(p)
	if err != nil {
		return err
	}
	r.Size.Text, r.Size.Tokens, r.Size.Messages = in.text, in.tokens, in.count
	r.Choices *= max(in.count, 1)
	if best := root.Get("best_of"); !best.IsNull() {
		if n := max(root.Get("n").Int64(), 1); best.Int64() < n {
			return fault.Bad("best_of", fmt.Sprintf("best_of is %d and must be at least n, which is %d", best.Int64(), n))
		}
		if r.Stream && best.Int64() > 1 {
			return fault.Bad("best_of", "best_of cannot be streamed; leave out best_of or stream")
		}
		r.Drafts = best.Int64() * max(in.count, 1)
	}
	return field.Finish(r, h)
}
