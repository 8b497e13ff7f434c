package anthropic

import (
	"fmt"
	"strings"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// decode reads the head of a request for messages or for a count of them
// (https://docs.anthropic.com/en/api/messages, reference §3.3). Unset options may be null.
func decode(in dialect.Inbound, from llm.Dialect) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	r := &llm.Request{From: from, Raw: in.Body, Doc: doc, Choices: 1}
	for _, k := range []string{"Anthropic-Beta", "Anthropic-Version"} {
		if v := in.Header[k]; len(v) > 0 {
			if r.Header == nil {
				r.Header = dialect.Header{}
			}
			r.Header[k] = v
		}
	}
	d := decoder{req: r}
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		if err := d.field(field.Word(k), v); err != nil {
			return nil, err
		}
	}
	switch {
	case !d.messages:
		return nil, bad("messages", "is missing; send at least one message")
	case r.Model == "" && len(r.Models) == 0:
		return nil, bad("model", "is missing; send a model slug such as \"anthropic/claude-sonnet-4.5\"")
	}
	if d.effort != "" && !r.Reasoning.Off() && r.Reasoning != nil && r.Reasoning.MaxTokens == 0 {
		r.Reasoning.Effort = d.effort
	}
	if r.Reasoning.On() {
		r.Needs |= llm.NeedReasoning
	}
	field.Headers(r, in.Header)
	r.Conversation = sync.OnceValues(func() (*llm.Conversation, error) { return conversation(root) })
	return r, nil
}

type decoder struct {
	req      *llm.Request
	messages bool
	effort   string
}

// field checks one member. One that is not named here passes on or is reported.
func (d *decoder) field(name string, v rawjson.Node) (err error) {
	r := d.req
	param := ""
	switch name {
	case "model":
		r.Model, err = field.Str(name, v, 512)
	case "models":
		r.Models, err = field.Strs(name, v, 64, 512)
	case "fallbacks":
		if err = field.Want(name, v, rawjson.Array); err == nil && v.Len() > 3 {
			err = bad(name, "has more than 3 entries")
		}
		for f := range v.Elems() {
			if f.Get("model").StrLen() == 0 {
				return bad(name, "must hold objects with a model")
			}
			r.Models = append(r.Models, f.Get("model").Str())
		}
	case "messages":
		d.messages = true
		return d.turns(v)
	case "system":
		at := field.At(name)
		return d.content(&at, v)
	case "stream":
		r.Stream, err = field.Bool(name, v)
	case "max_tokens":
		param = name
		r.MaxOutput, err = field.Whole(name, v, 1, 1<<31)
	case "temperature":
		param = name
		err = field.Number(name, v, 0, 2)
	case "top_p":
		param = name
		err = field.Number(name, v, 0, 1)
	case "top_k":
		param = name
		_, err = field.Whole(name, v, 0, 1<<31)
	case "stop_sequences":
		param = "stop"
		_, err = field.Strs(name, v, 8192, 1<<16)
	case "tools":
		param = name
		err = d.tools(v)
	case "tool_choice":
		param = name
		_, err = field.OneOf("tool_choice.type", v.Get("type"), []string{"auto", "any", "tool", "none"})
	case "thinking":
		param = "reasoning"
		err = d.thinking(v)
	case "output_config":
		if err = field.Want(name, v, rawjson.Object); err != nil {
			return err
		}
		if e := v.Get("effort"); !e.IsNull() {
			d.effort, err = field.OneOf("output_config.effort", e, claude.Efforts)
		}
		if v.Get("format").Kind() == rawjson.Object {
			r.Needs |= llm.NeedJSONSchema
			r.Size.Text += int64(len(v.Get("format").Raw()))
			param = "structured_outputs"
		}
	case "metadata":
		if err = field.Want(name, v, rawjson.Object); err == nil {
			r.User = v.Get("user_id").Str()
		}
	case "service_tier":
		r.ServiceTier, err = field.Str(name, v, 64)
	case "speed":
		r.Fast = v.Is("fast")
	case "session_id":
		r.Session, err = field.Str(name, v, 256)
	case "user":
		r.User, err = field.Str(name, v, 256)
	case "provider":
		err = field.Routing(r, v)
	case "route":
		err = field.Route(r, v)
	case "mcp_servers", "plugins":
		err = field.Want(name, v, rawjson.Array)
	case "context_management":
		err = field.Want(name, v, rawjson.Object)
	case "trace":
		r.Ignored = append(r.Ignored, llm.Loss{Path: name, Why: "traces are not sent anywhere in this version"})
	case "stop_server_tools_when":
		r.Ignored = append(r.Ignored, llm.Loss{Path: name, Why: "server tools are not built in this version"})
	case "preset":
		return field.Preset(name)
	}
	if err == nil && param != "" {
		r.Params = append(r.Params, param)
	}
	return err
}

func (d *decoder) thinking(v rawjson.Node) error {
	kind, err := field.OneOf("thinking.type", v.Get("type"), []string{"enabled", "adaptive", "disabled"})
	if err != nil {
		return err
	}
	on := kind != "disabled"
	r := &llm.Reasoning{Enabled: &on, Exclude: v.Get("display").Is("omitted")}
	if kind == "enabled" {
		if r.MaxTokens, err = field.Whole("thinking.budget_tokens", v.Get("budget_tokens"), 1, 1<<31); err != nil {
			return err
		}
	}
	d.req.Reasoning = r
	return nil
}

func (d *decoder) tools(v rawjson.Node) error {
	if err := field.Want("tools", v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	for t := range v.Elems() {
		typ := t.Get("type")
		if (typ.IsNull() || typ.Is("custom")) && t.Get("name").StrLen() == 0 {
			return bad(fmt.Sprintf("tools[%d].name", i), "must be a non-empty string")
		}
		if strings.HasPrefix(typ.Str(), "openrouter:") {
			return &fault.Error{Kind: fault.Unbuilt, Param: fmt.Sprintf("tools[%d].type", i), Public: "Server tools are not built in this version; offer a tool of your own"}
		}
		d.req.Size.Text += int64(len(t.Raw()))
		i++
	}
	if i > 0 {
		d.req.Needs |= llm.NeedTools
	}
	return nil
}

func (d *decoder) turns(v rawjson.Node) error {
	if err := field.Want("messages", v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	top := field.At("messages")
	for m := range v.Elems() {
		at := top.Elem(i)
		if role := m.Get("role"); !role.Is("user") && !role.Is("assistant") && !role.Is("system") {
			return at.Bad("role", role, "one of user, assistant, system")
		}
		content := at.Member("content")
		if err := d.content(&content, m.Get("content")); err != nil {
			return err
		}
		i++
	}
	if i == 0 {
		return bad("messages", "is empty; send at least one message")
	}
	d.req.Size.Messages = int64(i)
	return nil
}

// content measures a text or blocks, of which results of tools hold a text or blocks again.
func (d *decoder) content(path *field.Path, v rawjson.Node) error {
	if err := d.textOrBlocks(path, v); err != nil {
		return err
	}
	i := 0
	for b := range v.Elems() {
		at := path.Elem(i)
		i++
		if c := b.Get("content"); b.Get("type").Is("tool_result") && !c.IsNull() {
			inner := at.Member("content")
			if err := d.result(&inner, c); err != nil {
				return err
			}
		} else if err := d.block(&at, b); err != nil {
			return err
		}
	}
	return nil
}

// result is content for what a tool gave.
func (d *decoder) result(path *field.Path, v rawjson.Node) error {
	if err := d.textOrBlocks(path, v); err != nil {
		return err
	}
	i := 0
	for b := range v.Elems() {
		at := path.Elem(i)
		i++
		if err := d.block(&at, b); err != nil {
			return err
		}
	}
	return nil
}

// textOrBlocks measures a text, and leaves blocks to who asks.
func (d *decoder) textOrBlocks(path *field.Path, v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.String:
		d.req.Size.Text += int64(v.StrLen())
		return nil
	case rawjson.Array:
		return nil
	}
	return path.Bad("", v, "a string or an array of blocks")
}

func (d *decoder) block(path *field.Path, b rawjson.Node) error {
	size := &d.req.Size
	switch typ := b.Get("type"); {
	case typ.Kind() != rawjson.String:
		return path.Bad("type", typ, "a string such as \"text\"")
	case typ.Is("text"):
		size.Text += int64(b.Get("text").StrLen())
		return path.Want("text", b.Get("text"), rawjson.String)
	case typ.Is("image"):
		size.Images++
		d.req.Needs |= llm.NeedImages
	case typ.Is("document"):
		size.Files++
		size.FileData += int64(b.At("source", "data").StrLen())
		d.req.Needs |= llm.NeedFiles
	default:
		size.Text += int64(len(b.Raw()))
	}
	return nil
}
