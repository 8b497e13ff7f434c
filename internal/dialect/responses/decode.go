package responses

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

// maxTools bounds tools, those of namespaces included.
const maxTools = 1024

// decode reads the head of a request. Unset options may be null.
func decode(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	r := &llm.Request{From: llm.OpenAIResponses, Raw: in.Body, Doc: doc, Choices: 1}
	d := decoder{req: r}
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		if err := d.field(field.Word(k), v); err != nil {
			return nil, err
		}
	}
	if !d.input && root.Get("instructions").StrLen() == 0 {
		return nil, fault.Bad("input", "input is missing or empty; send a string or a list of items")
	}
	if r.Reasoning.On() {
		r.Needs |= llm.NeedReasoning
	}
	r.Conversation = sync.OnceValues(func() (*llm.Conversation, error) { return conversation(root) })
	return r, field.Finish(r, in.Header)
}

type decoder struct {
	req   *llm.Request
	input bool
	tools int
}

// check reads one member that the API documents. One that is not here passes on to an
// upstream of the same dialect, and is reported for others.
type check struct {
	param string // its name among the parameters that endpoints support, "" none
	read  func(d *decoder, name string, v rawjson.Node) error
}

var checks = map[string]check{
	"input":        {read: (*decoder).items},
	"instructions": {read: words},
	"stream": {read: func(d *decoder, name string, v rawjson.Node) (err error) {
		d.req.Stream, err = field.Bool(name, v)
		return
	}},
	"max_output_tokens": {"max_tokens", func(d *decoder, name string, v rawjson.Node) (err error) {
		d.req.MaxOutput, err = field.Whole(name, v, 1, 1<<31)
		return
	}},
	"temperature": {"temperature", number(0, 2)},
	"top_p":       {"top_p", number(0, 1)},
	"top_k": {"top_k", func(_ *decoder, name string, v rawjson.Node) error {
		_, err := field.Whole(name, v, 0, 1<<31)
		return err
	}},
	"frequency_penalty":   {"frequency_penalty", number(-2, 2)},
	"presence_penalty":    {"presence_penalty", number(-2, 2)},
	"top_logprobs":        {"top_logprobs", logprobs},
	"tools":               {"tools", (*decoder).toolList},
	"tool_choice":         {"tool_choice", toolChoice},
	"parallel_tool_calls": {"parallel_tool_calls", boolean},
	"reasoning":           {"reasoning", func(d *decoder, _ string, v rawjson.Node) (err error) { d.req.Reasoning, err = reasoning(v); return }},
	"text":                {read: (*decoder).text},
	"include":             {read: (*decoder).include},
	"service_tier": {read: func(d *decoder, name string, v rawjson.Node) (err error) {
		d.req.ServiceTier, err = field.Str(name, v, 64)
		return
	}},
	"prompt_cache_key": {read: func(d *decoder, name string, v rawjson.Node) (err error) {
		d.req.CacheKey, err = field.Str(name, v, 1024)
		return
	}},
	"safety_identifier": {read: short},
	"truncation":        {read: short},
	"modalities":        {read: (*decoder).modalities},
	"max_tool_calls": {read: func(d *decoder, name string, v rawjson.Node) error {
		_, err := field.Whole(name, v, 1, 1<<31)
		return err
	}},
	"store": {read: func(d *decoder, name string, v rawjson.Node) error { // true is what SDKs send by themselves
		on, err := field.Bool(name, v)
		if on {
			d.ignore(name, "the response is not kept: send the whole input with each request")
		}
		return err
	}},
	"previous_response_id": {read: refuse("previous_response_id: responses are not kept; send the whole input with each request")},
	"conversation":         {read: refuse("conversation: conversations are not kept; send the whole input with each request")},
	"prompt":               {read: refuse("prompt: stored prompts are not kept here; send their text as instructions and input")},
	"background": {read: func(_ *decoder, name string, v rawjson.Node) error {
		if on, err := field.Bool(name, v); err != nil || !on {
			return err
		}
		return fault.Bad(name, "background: responses are not kept, so none can be fetched later; leave it out and stream instead")
	}},
	"plugins": {read: func(d *decoder, name string, v rawjson.Node) error {
		d.ignore(name, "plugins are not built in this version")
		return field.Want(name, v, rawjson.Array)
	}},
	"preset": {read: func(_ *decoder, name string, _ rawjson.Node) error {
		return field.Preset(name)
	}},
	"stop_server_tools_when": {read: func(d *decoder, name string, v rawjson.Node) error {
		d.ignore(name, "server tools are not built in this version")
		return field.Want(name, v, rawjson.Array)
	}},
	"debug": {read: func(d *decoder, name string, v rawjson.Node) error {
		if v.Get("echo_upstream_body").Bool() {
			d.ignore("debug.echo_upstream_body", "the upstream's body is not echoed in this version")
		}
		return field.Want(name, v, rawjson.Object)
	}},
}

func (d *decoder) field(name string, v rawjson.Node) error {
	c, ok := checks[name]
	if !ok {
		_, err := field.Head(d.req, name, v)
		return err
	}
	if c.param != "" {
		d.req.Params = append(d.req.Params, c.param)
	}
	return c.read(d, name, v)
}

func (d *decoder) ignore(path, why string) {
	d.req.Ignored = append(d.req.Ignored, llm.Loss{Path: path, Why: why})
}

func refuse(why string) func(*decoder, string, rawjson.Node) error {
	return func(_ *decoder, name string, _ rawjson.Node) error { return fault.Bad(name, why) }
}

func number(lo, hi float64) func(*decoder, string, rawjson.Node) error {
	return func(_ *decoder, name string, v rawjson.Node) error { return field.Number(name, v, lo, hi) }
}

func boolean(_ *decoder, name string, v rawjson.Node) error { return field.Want(name, v, rawjson.Bool) }

func short(_ *decoder, name string, v rawjson.Node) error {
	_, err := field.Str(name, v, 1024)
	return err
}

func words(d *decoder, name string, v rawjson.Node) error {
	d.req.Size.Text += int64(v.StrLen())
	return field.Want(name, v, rawjson.String)
}

func logprobs(d *decoder, name string, v rawjson.Node) error {
	n, err := field.Whole(name, v, 0, 20)
	if n > 0 {
		d.req.Needs |= llm.NeedLogprobs
	}
	return err
}

// reasoning reads the API's own object, which has members that the shared form has not.
func reasoning(v rawjson.Node) (*llm.Reasoning, error) {
	r, err := field.Reasoning(v)
	if err != nil {
		return nil, err
	}
	if s := v.Get("generate_summary"); r.Summary == "" && !s.IsNull() { // its older name
		r.Summary, err = field.Str("reasoning.generate_summary", s, 32)
	}
	return r, err
}

func (d *decoder) text(name string, v rawjson.Node) error {
	if err := field.Want(name, v, rawjson.Object); err != nil {
		return err
	}
	if s := v.Get("verbosity"); !s.IsNull() {
		d.req.Params = append(d.req.Params, "verbosity")
		if _, err := field.Str("text.verbosity", s, 16); err != nil {
			return err
		}
	}
	f := v.Get("format")
	if f.IsNull() {
		return nil
	}
	if err := field.Want("text.format", f, rawjson.Object); err != nil {
		return err
	}
	typ, err := field.OneOf("text.format.type", f.Get("type"), []string{"text", "json_object", "json_schema", "grammar", "python"})
	switch typ {
	case "json_object":
		d.req.Needs |= llm.NeedJSONObject
	case "json_schema":
		d.req.Needs |= llm.NeedJSONSchema
		d.req.Size.Text += int64(len(f.Raw()))
		if s := f.Get("schema"); s.Kind() != rawjson.Object {
			return field.Bad("text.format.schema", s, "an object")
		}
		d.req.Params = append(d.req.Params, "structured_outputs")
	}
	if typ != "" && typ != "text" {
		d.req.Params = append(d.req.Params, "response_format")
	}
	return err
}

func (d *decoder) include(name string, v rawjson.Node) error {
	list, err := field.Strs(name, v, 32, 128)
	if slices.Contains(list, logprobsWanted) {
		d.req.Params = append(d.req.Params, "logprobs")
		d.req.Needs |= llm.NeedLogprobs
	}
	return err
}

// What a client may ask to be included (API reference, "include").
const (
	logprobsWanted  = "message.output_text.logprobs"
	encryptedWanted = "reasoning.encrypted_content"
)

func (d *decoder) modalities(name string, v rawjson.Node) error {
	list, err := field.Strs(name, v, 8, 16)
	if slices.Contains(list, "image") {
		d.req.Needs |= llm.NeedImageOut
	}
	return err
}

func toolChoice(_ *decoder, name string, v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.String:
		_, err := field.OneOf(name, v, []string{"none", "auto", "required", "any"})
		return err
	case rawjson.Object:
		if v.Get("type").Kind() != rawjson.String {
			return field.Bad(name+".type", v.Get("type"), "a string such as \"function\"")
		}
		if typ := v.Get("type"); (typ.Is("function") || typ.Is("custom")) && v.Get("name").StrLen() == 0 {
			return field.Bad(name+".name", v.Get("name"), "a non-empty string")
		}
		return nil
	}
	return field.Bad(name, v, "none, auto, required or an object")
}

func (d *decoder) toolList(path string, v rawjson.Node) error {
	if err := field.Want(path, v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	for t := range v.Elems() {
		p := fmt.Sprintf("%s[%d]", path, i)
		i++
		if err := field.Want(p, t, rawjson.Object); err != nil {
			return err
		}
		typ := t.Get("type")
		switch {
		case typ.Kind() != rawjson.String:
			return field.Bad(p+".type", typ, "a string such as \"function\"")
		case strings.HasPrefix(typ.Str(), "openrouter:"):
			return &fault.Error{Kind: fault.Unbuilt, Param: p + ".type",
				Public: fmt.Sprintf("The server tool %q is not built in this version; offer a function tool of your own", typ.Str())}
		case typ.Is("function"), typ.Is("custom"), typ.Is("namespace"):
			if t.Get("name").StrLen() == 0 {
				return field.Bad(p+".name", t.Get("name"), "a non-empty string")
			}
			d.req.Needs |= llm.NeedTools
		}
		if typ.Is("namespace") {
			if err := d.toolList(p+".tools", t.Get("tools")); err != nil {
				return err
			}
		}
		if d.tools++; d.tools > maxTools {
			return fault.Bad("tools", fmt.Sprintf("tools has more than %d entries", maxTools))
		}
		if path == "tools" {
			d.req.Size.Text += int64(len(t.Raw()))
		}
	}
	return nil
}
