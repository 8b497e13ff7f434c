package openaichat

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Limits of a request beyond those of single fields.
const (
	maxMessages = 100_000
	maxModels   = 64
	maxTools    = 4096
)

// DecodeRequest reads the head of a chat request and checks every field that can be
// checked without knowing the endpoint (reference §3.1). Unset options may be null.
func (Surface) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	one := new(struct { // allocation
		req llm.Request
		d   decoder
	})
	r, d := &one.req, &one.d
	r.From, r.Raw, r.Doc, r.Choices = llm.OpenAIChat, in.Body, doc, 1
	d.req, d.in = r, in
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		if err := d.field(k, v); err != nil {
			return nil, err
		}
	}
	if err := d.finish(root); err != nil {
		return nil, err
	}
	r.Conversation = sync.OnceValues(func() (*llm.Conversation, error) { return conversation(root) })
	return r, nil
}

type decoder struct {
	req       *llm.Request
	in        dialect.Inbound
	messages  rawjson.Node
	effort    string // reasoning_effort
	include   *bool  // include_reasoning
	maxTokens [2]int64
}

// field checks one top-level member. A field that has no check is not an error: it is
// passed on or reported by the adapter.
func (d *decoder) field(k, v rawjson.Node) error {
	name := field.Word(k)
	if check := checks[name]; check != nil {
		if err := check(d, name, v); err != nil {
			return err
		}
	}
	if slices.Contains(parameters, name) {
		d.req.Params = append(d.req.Params, name)
	}
	return nil
}

const noServerTools = "server tools are not built in this version"

// ignore notes a field that is understood and not acted on: it is reported with the losses.
func (d *decoder) ignore(path, why string) {
	d.req.Ignored = append(d.req.Ignored, llm.Loss{Path: path, Why: why})
}

// parameters are the optional fields an endpoint may or may not support, in the
// spelling of `supported_parameters` (reference §3.11).
var parameters = []string{
	"max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "min_p", "top_a",
	"frequency_penalty", "presence_penalty", "repetition_penalty", "seed", "stop", "logit_bias",
	"logprobs", "top_logprobs", "response_format", "structured_outputs", "tools", "tool_choice",
	"parallel_tool_calls", "reasoning", "reasoning_effort", "include_reasoning", "verbosity",
	"web_search_options", "prediction",
}

func (d *decoder) finish(root rawjson.Node) error {
	r := d.req
	if !d.messages.Exists() {
		if root.Get("prompt").Exists() {
			return fault.Bad("prompt", "prompt belongs to legacy completions; POST it to /completions, or send messages")
		}
		return fault.Bad("messages", "messages is missing; send at least one message")
	}
	if r.Model == "" && len(r.Models) == 0 {
		return fault.Bad("model", "model is missing; send a model slug such as \"openai/gpt-4o-mini\" (GET /models lists them)")
	}
	if a, b := d.maxTokens[0], d.maxTokens[1]; b > 0 {
		r.MaxOutput = b
	} else {
		r.MaxOutput = a
	}
	if err := d.mergeReasoning(); err != nil {
		return err
	}
	field.Headers(r, d.in.Header)
	return nil
}

// mergeReasoning folds the two short forms into the reasoning object.
func (d *decoder) mergeReasoning() error {
	r := d.req
	if d.effort != "" {
		if r.Reasoning == nil {
			r.Reasoning = new(llm.Reasoning)
		}
		if r.Reasoning.Effort != "" && r.Reasoning.Effort != d.effort {
			return fault.Bad("reasoning_effort", fmt.Sprintf("reasoning_effort %q contradicts reasoning.effort %q; send one of them", d.effort, r.Reasoning.Effort))
		}
		if r.Reasoning.MaxTokens == 0 {
			r.Reasoning.Effort = d.effort
		}
	}
	if d.include != nil {
		if r.Reasoning == nil {
			on := true
			r.Reasoning = &llm.Reasoning{}
			if *d.include {
				r.Reasoning.Enabled = &on
			}
		}
		r.Reasoning.Exclude = r.Reasoning.Exclude || !*d.include
	}
	if r.Reasoning.On() {
		r.Needs |= llm.NeedReasoning
	}
	return nil
}

func (d *decoder) tools(v rawjson.Node) error {
	if err := field.Want("tools", v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	for t := range v.Elems() {
		path := fmt.Sprintf("tools[%d]", i)
		if t.Kind() != rawjson.Object {
			return field.Bad(path, t, "an object")
		}
		typ := t.Get("type")
		switch {
		case typ.Is("function"), typ.IsNull() && t.Get("function").Exists(): // some SDKs leave the type out
			name := t.Get("function").Get("name")
			if name.Kind() != rawjson.String || name.StrLen() == 0 {
				return field.Bad(path+".function.name", name, "a non-empty string")
			}
		case typ.Kind() != rawjson.String:
			return field.Bad(path+".type", typ, "a string such as \"function\"")
		case strings.HasPrefix(typ.Str(), "openrouter:"):
			return &fault.Error{Kind: fault.Unbuilt, Param: path + ".type",
				Public: fmt.Sprintf("The server tool %q is not built in this version; offer a function tool of your own", typ.Str())}
		}
		d.req.Size.Text += int64(len(t.Raw()))
		if i++; i > maxTools {
			return fault.Bad("tools", fmt.Sprintf("tools has more than %d entries", maxTools))
		}
	}
	if i > 0 {
		d.req.Needs |= llm.NeedTools
	}
	return nil
}

func (d *decoder) format(v rawjson.Node) error {
	if err := field.Want("response_format", v, rawjson.Object); err != nil {
		return err
	}
	typ, err := field.OneOf("response_format.type", v.Get("type"), []string{"text", "json_object", "json_schema", "grammar", "python"})
	switch typ {
	case "json_object":
		d.req.Needs |= llm.NeedJSONObject
	case "json_schema":
		if s := v.Get("json_schema"); s.Kind() != rawjson.Object {
			return field.Bad("response_format.json_schema", s, "an object")
		}
		d.req.Needs |= llm.NeedJSONSchema
		d.req.Size.Text += int64(len(v.Raw()))
	}
	return err
}

func (d *decoder) modalities(v rawjson.Node) error {
	list, err := field.Strs("modalities", v, 8, 16)
	for _, m := range list {
		switch m {
		case "audio":
			d.req.Needs |= llm.NeedAudioOut
		case "image":
			d.req.Needs |= llm.NeedImageOut
		}
	}
	return err
}
