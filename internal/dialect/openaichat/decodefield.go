package openaichat

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A check reads one top-level member, which is not null, into the decoder.
type check func(d *decoder, name string, v rawjson.Node) error

// checks are the members that mean something here (reference §3.1).
var checks = map[string]check{
	"messages": func(d *decoder, _ string, v rawjson.Node) error {
		d.messages = v
		return d.messagesField(v)
	},
	"model":  text(512, func(d *decoder) *string { return &d.req.Model }),
	"models": models,
	"stream": func(d *decoder, name string, v rawjson.Node) (err error) {
		d.req.Stream, err = field.Bool(name, v)
		return err
	},

	"stream_options": kind(rawjson.Object), "usage": kind(rawjson.Object), "image_config": kind(rawjson.Object), "cache_control": kind(rawjson.Object),
	"prompt_cache_options": kind(rawjson.Object), "x_search_filter": kind(rawjson.Object), "web_search_options": kind(rawjson.Object), "prediction": kind(rawjson.Object),
	"plugins": kind(rawjson.Array), "transforms": kind(rawjson.Array),
	"audio": func(d *decoder, name string, v rawjson.Node) error {
		d.req.Needs |= llm.NeedAudioOut
		return field.Want(name, v, rawjson.Object)
	},
	"metadata": func(_ *decoder, name string, v rawjson.Node) error {
		if err := field.Want(name, v, rawjson.Object); err != nil {
			return err
		}
		return field.Metadata(v)
	},

	"max_tokens":            limit(0),
	"max_completion_tokens": limit(1),
	"n": func(d *decoder, name string, v rawjson.Node) (err error) {
		if d.req.Choices, err = field.Whole(name, v, 1, 128); d.req.Choices > 1 {
			d.req.Needs |= llm.NeedChoices
		}
		return err
	},
	"temperature": number(0, 2), "repetition_penalty": number(0, 2),
	"top_p": number(0, 1), "min_p": number(0, 1), "top_a": number(0, 1),
	"frequency_penalty": number(-2, 2), "presence_penalty": number(-2, 2),
	"top_k": whole(0, 1<<31),
	"seed": func(_ *decoder, name string, v rawjson.Node) error {
		if _, ok := v.Int(); !ok {
			return field.Bad(name, v, "an integer")
		}
		return nil
	},
	"stop":       func(_ *decoder, name string, v rawjson.Node) error { return stop(name, v) },
	"logit_bias": func(_ *decoder, name string, v rawjson.Node) error { return logitBias(name, v) },
	"logprobs": func(d *decoder, name string, v rawjson.Node) error {
		on, err := field.Bool(name, v)
		if on {
			d.req.Needs |= llm.NeedLogprobs
		}
		return err
	},
	"top_logprobs": whole(0, 20),

	"response_format":     func(d *decoder, _ string, v rawjson.Node) error { return d.format(v) },
	"structured_outputs":  flag,
	"tools":               func(d *decoder, _ string, v rawjson.Node) error { return d.tools(v) },
	"tool_choice":         func(_ *decoder, _ string, v rawjson.Node) error { return toolChoice(v) },
	"parallel_tool_calls": flag,
	"modalities":          func(d *decoder, _ string, v rawjson.Node) error { return d.modalities(v) },

	"reasoning": func(d *decoder, _ string, v rawjson.Node) (err error) {
		d.req.Reasoning, err = field.Reasoning(v)
		return err
	},
	"reasoning_effort": func(d *decoder, name string, v rawjson.Node) (err error) {
		if !v.Is("default") { // a word of some upstreams for "unset": it passes
			d.effort, err = field.OneOf(name, v, field.Efforts)
		}
		return err
	},
	"include_reasoning": func(d *decoder, name string, v rawjson.Node) error {
		on, err := field.Bool(name, v)
		d.include = &on
		return err
	},
	"verbosity": func(_ *decoder, name string, v rawjson.Node) error {
		_, err := field.OneOf(name, v, []string{"low", "medium", "high", "xhigh", "max"})
		return err
	},

	"service_tier":     text(64, func(d *decoder) *string { return &d.req.ServiceTier }), // an open set: providers have tiers of their own
	"prompt_cache_key": text(1024, func(d *decoder) *string { return &d.req.CacheKey }),
	"session_id":       text(256, func(d *decoder) *string { return &d.req.Session }),
	"user":             text(256, func(d *decoder) *string { return &d.req.User }),
	"provider":         func(d *decoder, _ string, v rawjson.Node) error { return field.Routing(d.req, v) },
	"route":            func(d *decoder, _ string, v rawjson.Node) error { return field.Route(d.req, v) },

	"trace":                  ignored(kind(rawjson.Object), "traces are not sent anywhere in this version"),
	"max_tool_calls":         ignored(whole(1, 30), noServerTools),
	"stop_server_tools_when": ignored(kind(rawjson.Array), noServerTools),
	"debug": func(d *decoder, name string, v rawjson.Node) error {
		if v.Get("echo_upstream_body").Bool() {
			d.ignore("debug.echo_upstream_body", "the upstream's body is not echoed in this version")
		}
		return field.Want(name, v, rawjson.Object)
	},
	"preset": func(_ *decoder, name string, _ rawjson.Node) error {
		return field.Preset(name)
	},
}

func models(d *decoder, name string, v rawjson.Node) (err error) {
	d.req.Models, err = field.Strs(name, v, maxModels, 512)
	return err
}

// text checks a string of at most max bytes and keeps it.
func text(max int, at func(*decoder) *string) check {
	return func(d *decoder, name string, v rawjson.Node) (err error) {
		*at(d), err = field.Str(name, v, max)
		return err
	}
}

// limit checks an output limit by one of its two names.
func limit(i int) check {
	return func(d *decoder, name string, v rawjson.Node) (err error) {
		d.maxTokens[i], err = field.Whole(name, v, 1, 1<<31)
		return err
	}
}

func kind(k rawjson.Kind) check {
	return func(_ *decoder, name string, v rawjson.Node) error { return field.Want(name, v, k) }
}

func number(lo, hi float64) check {
	return func(_ *decoder, name string, v rawjson.Node) error { return field.Number(name, v, lo, hi) }
}

func whole(lo, hi int64) check {
	return func(_ *decoder, name string, v rawjson.Node) error {
		_, err := field.Whole(name, v, lo, hi)
		return err
	}
}

func flag(_ *decoder, name string, v rawjson.Node) error {
	_, err := field.Bool(name, v)
	return err
}

// ignored is for a member that is understood and not acted on.
func ignored(f check, why string) check {
	return func(d *decoder, name string, v rawjson.Node) error {
		err := f(d, name, v)
		if err == nil {
			d.ignore(name, why)
		}
		return err
	}
}
