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
	r := &llm.Request{From: llm.OpenAIChat, Raw: in.Body, Doc: doc, Choices: 1}
	d := decoder{req: r, in: in}
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

// field checks one top-level member. A field that is not named here is not an error: it
// is passed on or reported by the adapter.
func (d *decoder) field(k, v rawjson.Node) (err error) {
	r := d.req
	name := fieldName(k)
	switch name {
	case "messages":
		d.messages = v
		return d.messagesField(v)
	case "model":
		r.Model, err = field.Str(name, v, 512)
	case "models":
		r.Models, err = field.Strs(name, v, maxModels, 512)
	case "stream":
		r.Stream, err = field.Bool(name, v)
	case "stream_options", "usage", "trace", "metadata", "image_config", "cache_control", "prompt_cache_options",
		"x_search_filter", "web_search_options", "audio", "prediction":
		err = field.Want(name, v, rawjson.Object)
		if name == "audio" {
			r.Needs |= llm.NeedAudioOut
		}
		switch {
		case err != nil:
		case name == "metadata":
			err = field.Metadata(v)
		case name == "trace":
			d.ignore(name, "traces are not sent anywhere in this version")
		}
	case "max_tokens":
		d.maxTokens[0], err = field.Whole(name, v, 1, 1<<31)
	case "max_completion_tokens":
		d.maxTokens[1], err = field.Whole(name, v, 1, 1<<31)
	case "n":
		r.Choices, err = field.Whole(name, v, 1, 128)
		if r.Choices > 1 {
			r.Needs |= llm.NeedChoices
		}
	case "temperature", "repetition_penalty":
		err = field.Number(name, v, 0, 2)
	case "top_p", "min_p", "top_a":
		err = field.Number(name, v, 0, 1)
	case "frequency_penalty", "presence_penalty":
		err = field.Number(name, v, -2, 2)
	case "top_k":
		_, err = field.Whole(name, v, 0, 1<<31)
	case "seed":
		if _, ok := v.Int(); !ok {
			err = field.Bad(name, v, "an integer")
		}
	case "stop":
		err = stop(name, v)
	case "logit_bias":
		err = logitBias(name, v)
	case "logprobs":
		var on bool
		if on, err = field.Bool(name, v); on {
			r.Needs |= llm.NeedLogprobs
		}
	case "top_logprobs":
		_, err = field.Whole(name, v, 0, 20)
	case "response_format":
		err = d.format(v)
	case "structured_outputs", "parallel_tool_calls":
		_, err = field.Bool(name, v)
	case "tools":
		err = d.tools(v)
	case "tool_choice":
		err = toolChoice(v)
	case "max_tool_calls":
		_, err = field.Whole(name, v, 1, 30)
		d.ignore(name, noServerTools)
	case "stop_server_tools_when":
		err = field.Want(name, v, rawjson.Array)
		d.ignore(name, noServerTools)
	case "reasoning":
		r.Reasoning, err = field.Reasoning(v)
	case "reasoning_effort":
		if !v.Is("default") { // a word of some upstreams for "unset": it passes
			d.effort, err = field.OneOf(name, v, field.Efforts)
		}
	case "include_reasoning":
		var on bool
		on, err = field.Bool(name, v)
		d.include = &on
	case "verbosity":
		_, err = field.OneOf(name, v, []string{"low", "medium", "high", "xhigh", "max"})
	case "modalities":
		err = d.modalities(v)
	case "service_tier":
		r.ServiceTier, err = field.Str(name, v, 64) // an open set: providers have tiers of their own
	case "prompt_cache_key":
		r.CacheKey, err = field.Str(name, v, 1024)
	case "session_id":
		r.Session, err = field.Str(name, v, 256)
	case "user":
		r.User, err = field.Str(name, v, 256)
	case "provider":
		err = field.Routing(&r.Routing, v)
	case "route":
		var how string
		how, err = field.OneOf(name, v, []string{"fallback", "sort"})
		r.Routing.SortAcrossModels = r.Routing.SortAcrossModels || how == "sort"
	case "debug":
		if err = field.Want(name, v, rawjson.Object); v.Get("echo_upstream_body").Bool() {
			d.ignore("debug.echo_upstream_body", "the upstream's body is not echoed in this version")
		}
	case "plugins", "transforms":
		err = field.Want(name, v, rawjson.Array)
	case "preset":
		return &fault.Error{Kind: fault.Unbuilt, Param: name, Public: "Presets are not built in this version; send their settings in the request"}
	}
	if err == nil && slices.Contains(parameters, name) {
		r.Params = append(r.Params, name)
	}
	return err
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

var efforts = []string{"max", "xhigh", "high", "medium", "low", "minimal", "none"}

// fieldName is the key as a string without an allocation for the keys we know.
func fieldName(k rawjson.Node) string { return k.Str() }

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
	if r.Session == "" {
		r.Session = field.Truncate(dialect.Get(d.in.Header, "X-Session-Id"), 256)
	}
	meta := dialect.Get(d.in.Header, "X-Openrouter-Metadata")
	if meta == "" {
		meta = dialect.Get(d.in.Header, "X-Openrouter-Experimental-Metadata")
	}
	r.WantsMeta = strings.EqualFold(meta, "enabled")
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

func (d *decoder) messagesField(v rawjson.Node) error {
	if err := field.Want("messages", v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	for m := range v.Elems() {
		if err := d.message(i, m); err != nil {
			return err
		}
		if i++; i > maxMessages {
			return fault.Bad("messages", fmt.Sprintf("messages has more than %d entries", maxMessages))
		}
	}
	if i == 0 {
		return fault.Bad("messages", "messages is empty; send at least one message")
	}
	d.req.Size.Messages = int64(i)
	return nil
}

// message checks one message without building it.
func (d *decoder) message(i int, m rawjson.Node) error {
	if m.Kind() != rawjson.Object {
		return field.Bad(fmt.Sprintf("messages[%d]", i), m, "an object")
	}
	var role, content rawjson.Node
	for k, v := range m.Members() {
		switch {
		case k.Is("role"):
			role = v
		case k.Is("content"):
			content = v
		case k.Is("tool_calls"):
			if v.Kind() != rawjson.Array && !v.IsNull() {
				return field.Bad(fmt.Sprintf("messages[%d].tool_calls", i), v, "an array")
			}
			d.req.Size.Text += int64(len(v.Raw()))
		case k.Is("reasoning"), k.Is("reasoning_content"), k.Is("reasoning_details"):
			d.req.Size.Text += int64(len(v.Raw()))
		}
	}
	switch {
	case role.Is("user"), role.Is("system"), role.Is("assistant"), role.Is("tool"), role.Is("developer"), role.Is("function"):
	case !role.Exists():
		return fault.Bad(fmt.Sprintf("messages[%d].role", i), fmt.Sprintf("messages[%d] has no role; use system, developer, user, assistant or tool", i))
	default:
		return field.Bad(fmt.Sprintf("messages[%d].role", i), role, "one of system, developer, user, assistant, tool")
	}
	switch content.Kind() {
	case rawjson.Absent, rawjson.Null:
		if !role.Is("assistant") && !role.Is("tool") && !role.Is("function") {
			return fault.Bad(fmt.Sprintf("messages[%d].content", i), fmt.Sprintf("messages[%d] has no content", i))
		}
	case rawjson.String:
		d.req.Size.Text += int64(content.StrLen())
	case rawjson.Array:
		j := 0
		for p := range content.Elems() {
			if err := d.part(i, j, p); err != nil {
				return err
			}
			j++
		}
	default:
		return field.Bad(fmt.Sprintf("messages[%d].content", i), content, "a string or an array of parts")
	}
	return nil
}

func (d *decoder) part(i, j int, p rawjson.Node) error {
	path := func(rest string) string { return fmt.Sprintf("messages[%d].content[%d]%s", i, j, rest) }
	if p.Kind() != rawjson.Object {
		return field.Bad(path(""), p, "an object")
	}
	size := &d.req.Size
	need := func(key string, k rawjson.Kind) (rawjson.Node, error) {
		v := p.Get(key)
		if v.Kind() != k {
			return v, field.Bad(path("."+key), v, field.Article(k))
		}
		return v, nil
	}
	switch typ := p.Get("type"); {
	case typ.Is("text"):
		v, err := need("text", rawjson.String)
		size.Text += int64(v.StrLen())
		return err
	case typ.Is("image_url"):
		v := p.Get("image_url")
		if v.Kind() == rawjson.Object {
			v = v.Get("url")
		}
		if v.Kind() != rawjson.String {
			return field.Bad(path(".image_url.url"), v, "a string")
		}
		size.Images++
		d.req.Needs |= llm.NeedImages
	case typ.Is("input_audio"):
		v, err := need("input_audio", rawjson.Object)
		size.Audio += int64(v.Get("data").StrLen())
		d.req.Needs |= llm.NeedAudioIn
		return err
	case typ.Is("video_url"), typ.Is("input_video"):
		size.Video += int64(len(p.Raw()))
		d.req.Needs |= llm.NeedVideoIn
	case typ.Is("file"):
		v, err := need("file", rawjson.Object)
		size.Files++
		size.FileData += int64(v.Get("file_data").StrLen())
		d.req.Needs |= llm.NeedFiles
		return err
	case typ.Kind() != rawjson.String:
		return field.Bad(path(".type"), typ, "a string such as \"text\"")
	default: // a type of some upstream: it passes where the dialect is the same
		size.Text += int64(len(p.Raw()))
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
