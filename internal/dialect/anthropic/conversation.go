package anthropic

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// headFields are read by decode and acted on by the gateway or the adapter itself.
var headFields = map[string]bool{"model": true, "models": true, "fallbacks": true, "stream": true, "max_tokens": true, "provider": true,
	"thinking": true, "service_tier": true, "session_id": true, "user": true, "trace": true, "stop_server_tools_when": true, "route": true}

// conversation builds the canonical form of a request that decode has checked.
func conversation(root rawjson.Node) (*llm.Conversation, error) {
	c := new(llm.Conversation)
	names := map[string]string{}
	if s := root.Get("system"); !s.IsNull() {
		c.Messages = append(c.Messages, llm.Message{Role: llm.System, Path: "system", Parts: parts(&dialect.Place{Inner: "system"}, s, names)})
	}
	thinks := root.Get("thinking").Exists()
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		switch name := field.Word(k); name {
		case "system":
		case "messages":
			i := 0
			for m := range v.Elems() {
				c.Messages = turn(c.Messages, places.At(i), m, names)
				i++
			}
		case "tools":
			for t := range v.Elems() {
				c.Tools = append(c.Tools, tool(dialect.Elem("tools", len(c.Tools)), t))
				for f, val := range t.Members() {
					switch n := f.Str(); n {
					case "defer_loading", "allowed_callers", "input_examples", "eager_input_streaming":
						c.Extra = append(c.Extra, llm.Field{Path: fmt.Sprintf("tools[%d].%s", len(c.Tools)-1, n), Value: val.Raw()})
					}
				}
			}
		case "tool_choice":
			mode := v.Get("type").Str()
			mode = map[string]string{"any": "required", "tool": "function"}[mode] + map[string]string{"auto": "auto", "none": "none"}[mode]
			c.ToolChoice = llm.ToolChoice{Mode: mode, Name: v.Get("name").Str()}
			if v.Get("disable_parallel_tool_use").Bool() {
				no := false
				c.ParallelToolCalls = &no
			}
		case "temperature":
			f, _ := v.Float()
			c.Temperature = &f
		case "top_p":
			f, _ := v.Float()
			c.TopP = &f
		case "top_k":
			n := v.Int64()
			c.TopK = &n
		case "stop_sequences":
			for s := range v.Elems() {
				c.Stop = append(c.Stop, s.Str())
			}
		case "cache_control":
			c.CacheAll = cacheMark(v)
		case "output_config":
			outputConfig(c, v, thinks)
		case "metadata":
			for f, val := range v.Members() {
				if !f.Is("user_id") {
					c.Extra = append(c.Extra, llm.Field{Path: "metadata." + f.Str(), Value: val.Raw()})
				}
			}
		default:
			if !headFields[name] {
				c.Extra = append(c.Extra, llm.Field{Path: name, Value: v.Raw()})
			}
		}
	}
	return c, nil
}

// outputConfig reads the answer's shape. An effort beside thinking is that of the thinking.
func outputConfig(c *llm.Conversation, v rawjson.Node, thinks bool) {
	for k, f := range v.Members() {
		switch {
		case f.IsNull():
		case k.Is("effort"):
			if !thinks {
				c.Verbosity = f.Str()
			}
		case k.Is("format"):
			c.Format = llm.Format{Kind: f.Get("type").Str(), Name: "answer", Schema: f.Get("schema").Raw(), Raw: f.Raw()}
		default:
			c.Extra = append(c.Extra, llm.Field{Path: "output_config." + k.Str(), Value: f.Raw()})
		}
	}
}

func cacheMark(v rawjson.Node) *llm.CacheMark {
	if v.Kind() != rawjson.Object {
		return nil
	}
	return &llm.CacheMark{TTL: v.Get("ttl").Str()}
}

func tool(path string, t rawjson.Node) llm.Tool {
	out := llm.Tool{Path: path, Cache: cacheMark(t.Get("cache_control"))}
	if typ := t.Get("type"); !typ.IsNull() && !typ.Is("custom") {
		out.Name, out.Native = typ.Str(), t.Raw()
		return out
	}
	out.Name, out.Description, out.Schema = t.Get("name").Str(), t.Get("description").Str(), t.Get("input_schema").Raw()
	if s := t.Get("strict"); s.Kind() == rawjson.Bool {
		on := s.Bool()
		out.Strict = &on
	}
	return out
}

var places = dialect.NewPlaces("messages", "content")

// turn appends a message: results of tools are messages of their own in the canonical form.
func turn(out []llm.Message, at dialect.Place, m rawjson.Node, names map[string]string) []llm.Message {
	path := at.Path
	msg := llm.Message{Role: llm.Role(field.Word(m.Get("role"))), Path: path}
	for k, v := range m.Members() {
		if !k.Is("role") && !k.Is("content") {
			msg.Extra = append(msg.Extra, llm.Field{Path: path + "." + k.Str(), Value: v.Raw()})
		}
	}
	msg.Parts = parts(&at, m.Get("content"), names)
	if !slices.ContainsFunc(msg.Parts, llm.IsResult) {
		return append(out, msg)
	}
	results := slices.DeleteFunc(slices.Clone(msg.Parts), func(p llm.Part) bool { return !llm.IsResult(p) })
	out = append(out, llm.Message{Role: llm.ToolRole, Path: path, Parts: results})
	if msg.Parts = slices.DeleteFunc(msg.Parts, llm.IsResult); len(msg.Parts) > 0 {
		out = append(out, msg)
	}
	return out
}

func parts(at *dialect.Place, v rawjson.Node, names map[string]string) []llm.Part {
	if v.Kind() == rawjson.String {
		return []llm.Part{{Kind: llm.TextPart, Text: v.Str(), Path: at.Inner}}
	}
	out := make([]llm.Part, 0, v.Len())
	for b := range v.Elems() {
		out = append(out, part(at.Part(len(out)), b, int64(len(out)), names))
	}
	return out
}

// known are the members that part reads; others are kept by path.
var known = map[string]string{
	"text": " text ", "image": " source ", "document": " source title ", "tool_use": " id name input ", "tool_result": " tool_use_id content is_error ",
	"thinking": " thinking signature ", "redacted_thinking": " data ",
}

func part(path string, b rawjson.Node, index int64, names map[string]string) llm.Part {
	p := llm.Part{Path: path, Cache: cacheMark(b.Get("cache_control"))}
	typ := field.Word(b.Get("type"))
	switch typ {
	case "text":
		p.Kind, p.Text = llm.TextPart, b.Get("text").Str()
	case "image", "document":
		p.Kind = llm.ImagePart
		if typ == "document" {
			p.Kind = llm.FilePart
		}
		s := b.Get("source")
		p.Media = &llm.Media{URL: s.Get("url").Str(), MIME: s.Get("media_type").Str(), FileID: s.Get("file_id").Str(), Data: s.Get("data").Str(), Filename: b.Get("title").Str()}
		switch s.Get("type").Str() {
		case "text":
			p.Media.Data = base64.StdEncoding.EncodeToString([]byte(p.Media.Data))
		case "base64", "url", "file":
		default:
			return native(p, typ, b)
		}
	case "tool_use":
		args := string(b.Get("input").Raw())
		if args == "" || args == "null" {
			args = "{}"
		}
		p.Kind, p.Call = llm.CallPart, &llm.ToolCall{ID: b.Get("id").Str(), Name: b.Get("name").Str(), Args: args, Type: "function"}
		names[p.Call.ID] = p.Call.Name
	case "tool_result":
		id := b.Get("tool_use_id").Str()
		p.Kind, p.Result = llm.ResultPart, &llm.ToolResult{CallID: id, Name: names[id], Error: b.Get("is_error").Bool(), Parts: parts(&dialect.Place{Inner: path + ".content"}, b.Get("content"), names)}
	case "thinking":
		d, ok := dialect.Unpack(b.Get("signature").Str())
		if !ok {
			d = llm.ReasoningDetail{Type: llm.ReasoningText, Signature: b.Get("signature").Str(), Format: llm.FormatAnthropic}
		}
		if d.Type == llm.ReasoningSummary {
			d.Summary = b.Get("thinking").Str()
		} else {
			d.Text = b.Get("thinking").Str()
		}
		d.Index = index
		p.Kind, p.Reasoning = llm.ReasoningPart, &d
	case "redacted_thinking":
		d, ok := dialect.Unpack(b.Get("data").Str())
		if !ok {
			d = llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: b.Get("data").Str(), Format: llm.FormatAnthropic}
		}
		d.Index = index
		p.Kind, p.Reasoning = llm.ReasoningPart, &d
	default:
		return native(p, typ, b)
	}
	for k, v := range b.Members() {
		if name := field.Word(k); name != "type" && name != "cache_control" && !v.IsNull() && !contains(known[typ], name) {
			p.Extra = append(p.Extra, llm.Field{Path: path + "." + name, Value: v.Raw()})
		}
	}
	return p
}

func native(p llm.Part, typ string, b rawjson.Node) llm.Part {
	p.Kind, p.Media, p.Native = llm.NativePart, nil, &llm.Native{Type: typ, Raw: b.Raw()}
	return p
}

func contains(list, name string) bool { return strings.Contains(list, " "+name+" ") }
