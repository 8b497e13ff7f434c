package responses

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// conversation builds the canonical form of a request that decode has checked.
func conversation(root rawjson.Node) (*llm.Conversation, error) {
	b := builder{c: new(llm.Conversation)}
	if v := root.Get("instructions"); v.StrLen() > 0 {
		b.c.Messages = append(b.c.Messages, llm.Message{Role: llm.System, Path: "instructions",
			Parts: []llm.Part{{Kind: llm.TextPart, Text: v.Str(), Path: "instructions"}}})
	}
	for k, v := range root.Members() {
		if v.IsNull() {
			continue
		}
		if err := b.member(field.Word(k), v); err != nil {
			return nil, err
		}
	}
	b.allow()
	b.nameResults()
	return b.c, nil
}

type builder struct {
	c       *llm.Conversation
	allowed rawjson.Node // the only tools that may be called, absent: all
}

func (b *builder) extra(path string, v rawjson.Node) {
	b.c.Extra = append(b.c.Extra, llm.Field{Path: path, Value: v.Raw()})
}

// heads are members that the gateway acts on itself, or that say nothing to a model of
// another dialect.
var heads = map[string]bool{
	"instructions": true, "stream": true, "max_output_tokens": true, "reasoning": true, "service_tier": true, "prompt_cache_key": true,
	"store": true, "background": true, "plugins": true, "stop_server_tools_when": true, "route": true, "debug": true,
	"model": true, "models": true, "provider": true, "user": true, "session_id": true, "trace": true, "client_metadata": true,
	"stream_options": true,
}

func (b *builder) member(name string, v rawjson.Node) (err error) {
	c := b.c
	switch name {
	case "input":
		b.input(v)
	case "tools":
		b.tools("tools", "", v)
	case "tool_choice":
		b.choice(v)
	case "parallel_tool_calls":
		on := v.Bool()
		c.ParallelToolCalls = &on
	case "text":
		b.text(v)
	case "temperature":
		c.Temperature = floatOf(v)
	case "top_p":
		c.TopP = floatOf(v)
	case "top_k":
		n := v.Int64()
		c.TopK = &n
	case "frequency_penalty":
		c.FrequencyPenalty = floatOf(v)
	case "presence_penalty":
		c.PresencePenalty = floatOf(v)
	case "top_logprobs":
		n := v.Int64()
		c.TopLogprobs, c.Logprobs = &n, c.Logprobs || n > 0
	case "include":
		b.include(v)
	case "modalities":
		c.Modalities, err = field.Strs(name, v, 8, 16)
	case "metadata":
		c.Metadata = v.Raw()
	case "cache_control":
		c.CacheAll = &llm.CacheMark{TTL: v.Get("ttl").Str()}
	case "truncation":
		if v.Is("auto") {
			b.extra(name, v)
		}
	case "reasoning":
		for _, k := range [...]string{"context", "mode"} {
			if m := v.Get(k); !m.IsNull() {
				b.extra("reasoning."+k, m)
			}
		}
	default:
		if !heads[name] {
			b.extra(name, v)
		}
	}
	return err
}

func floatOf(v rawjson.Node) *float64 { f, _ := v.Float(); return &f }

func (b *builder) include(v rawjson.Node) {
	i := 0
	for w := range v.Elems() {
		switch {
		case w.Is(logprobsWanted):
			b.c.Logprobs = true
		case !w.Is(encryptedWanted):
			b.extra(fmt.Sprintf("include[%d]", i), w)
		}
		i++
	}
}

func (b *builder) text(v rawjson.Node) {
	b.c.Verbosity = v.Get("verbosity").Str()
	f := v.Get("format")
	if f.IsNull() || f.Get("type").Is("text") {
		return
	}
	out := llm.Format{Kind: f.Get("type").Str(), Name: f.Get("name").Str(), Description: f.Get("description").Str(), Strict: boolOf(f.Get("strict"))}
	if s := f.Get("schema"); s.Kind() == rawjson.Object {
		out.Schema = s.Raw()
	}
	b.c.Format = out
}

func boolOf(v rawjson.Node) *bool {
	if v.Kind() != rawjson.Bool {
		return nil
	}
	on := v.Bool()
	return &on
}

func (b *builder) input(v rawjson.Node) {
	if v.Kind() == rawjson.String {
		b.say(llm.User, "input", llm.Part{Kind: llm.TextPart, Text: v.Str(), Path: "input"})
		return
	}
	i := 0
	for it := range v.Elems() {
		b.item(places.At(i), it)
		i++
	}
}

// say adds parts to the turn of a role. What the assistant says in a row is one turn; every
// other item is one of its own.
func (b *builder) say(role llm.Role, path string, parts ...llm.Part) *llm.Message {
	n := len(b.c.Messages)
	if role == llm.Assistant && n > 0 && b.c.Messages[n-1].Role == role {
		m := &b.c.Messages[n-1]
		m.Parts = append(m.Parts, parts...)
		return m
	}
	b.c.Messages = append(b.c.Messages, llm.Message{Role: role, Path: path, Parts: parts})
	return &b.c.Messages[n]
}

var places = dialect.NewPlaces("input", "content")

func (b *builder) item(at dialect.Place, it rawjson.Node) {
	path := at.Path
	switch typ := kindOf(it); typ {
	case "message":
		m := b.say(llm.Role(field.Word(it.Get("role"))), path, contentOf(&at, it.Get("content"))...)
		if p := it.Get("phase"); !p.IsNull() {
			m.Extra = append(m.Extra, llm.Field{Path: path + ".phase", Value: p.Raw()})
		}
	case "function_call":
		args := it.Get("arguments").Str()
		if strings.TrimSpace(args) == "" {
			args = "{}"
		}
		b.say(llm.Assistant, path, callPart(path, it, args, "function"))
	case "custom_tool_call":
		b.say(llm.Assistant, path, callPart(path, it, string(freeform(it.Get("input").Str())), "custom"))
	case "function_call_output", "custom_tool_call_output":
		r := &llm.ToolResult{CallID: it.Get("call_id").Str(), Parts: contentOf(&dialect.Place{Inner: path + ".output"}, it.Get("output"))}
		b.say(llm.ToolRole, path, llm.Part{Kind: llm.ResultPart, Path: path, Result: r})
	case "reasoning":
		b.say(llm.Assistant, path, reasoningParts(path, it)...)
	default:
		role := llm.Assistant
		if strings.HasSuffix(typ, "_output") || strings.HasSuffix(typ, "_response") {
			role = llm.User
		}
		b.say(role, path, llm.Part{Kind: llm.NativePart, Path: path, Native: &llm.Native{Type: typ, Raw: it.Raw()}})
	}
}

func callPart(path string, it rawjson.Node, args, typ string) llm.Part {
	return llm.Part{Kind: llm.CallPart, Path: path, Call: &llm.ToolCall{
		ID: it.Get("call_id").Str(), Name: flatName(it.Get("namespace").Str(), it.Get("name").Str()), Args: args, Type: typ}}
}

// reasoningParts are the parts of a reasoning item: what it says, then its opaque blob. A
// blob that is packed is another vendor's, and what is said belongs to it.
func reasoningParts(path string, it rawjson.Node) []llm.Part {
	var out []llm.Part
	add := func(d llm.ReasoningDetail) {
		out = append(out, llm.Part{Kind: llm.ReasoningPart, Path: path, Reasoning: &d})
	}
	id, sealed := it.Get("id").Str(), it.Get("encrypted_content").Str()
	var said, summary []string
	for p := range it.Get("content").Elems() {
		said = append(said, p.Get("text").Str())
	}
	for p := range it.Get("summary").Elems() {
		summary = append(summary, p.Get("text").Str())
	}
	if d, foreign := dialect.Unpack(sealed); foreign {
		if d.Type != llm.ReasoningEncrypted {
			d.Text, d.Summary = strings.Join(said, "\n\n"), strings.Join(summary, "\n\n")
		}
		add(d)
		return out
	}
	own := llm.FormatOpenAI
	if f := it.Get("format"); f.StrLen() > 0 {
		own = f.Str()
	}
	for _, s := range summary {
		add(llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: s, ID: id, Format: own})
	}
	if len(said) > 0 {
		add(llm.ReasoningDetail{Type: llm.ReasoningText, Text: strings.Join(said, "\n\n"), ID: id, Format: own, Signature: it.Get("signature").Str()})
	}
	if sealed != "" {
		add(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: sealed, ID: id, Format: own})
	}
	return out
}

func contentOf(at *dialect.Place, v rawjson.Node) []llm.Part {
	if v.Kind() == rawjson.String {
		return []llm.Part{{Kind: llm.TextPart, Text: v.Str(), Path: at.Inner}}
	}
	out := make([]llm.Part, 0, v.Len())
	for p := range v.Elems() {
		out = append(out, partOf(at.Part(len(out)), p))
	}
	return out
}

func partOf(path string, p rawjson.Node) llm.Part {
	out := llm.Part{Path: path}
	if c := p.Get("prompt_cache_breakpoint"); !c.IsNull() {
		out.Cache = &llm.CacheMark{TTL: c.Get("ttl").Str()}
	}
	switch typ := field.Word(p.Get("type")); typ {
	case "input_text", "output_text", "text":
		out.Text = p.Get("text").Str()
		for _, k := range [...]string{"annotations", "logprobs"} {
			if v := p.Get(k); v.Len() > 0 {
				out.Extra = append(out.Extra, llm.Field{Path: path + "." + k, Value: v.Raw()})
			}
		}
	case "refusal":
		out.Kind, out.Text = llm.RefusalPart, p.Get("refusal").Str()
	case "input_image":
		out.Kind, out.Media = llm.ImagePart, dialect.MediaAt(p.Get("image_url").Str())
		out.Media.Detail, out.Media.FileID = p.Get("detail").Str(), p.Get("file_id").Str()
	case "input_file":
		out.Kind, out.Media = llm.FilePart, fileOf(p)
	case "input_audio":
		a := p.Get("input_audio")
		out.Kind, out.Media = llm.AudioPart, &llm.Media{Data: a.Get("data").Str(), MIME: audioType(a.Get("format").Str())}
	case "input_video":
		v := p.Get("video_url")
		if v.Kind() == rawjson.Object {
			v = v.Get("url")
		}
		out.Kind, out.Media = llm.VideoPart, dialect.MediaAt(v.Str())
	default:
		out.Kind, out.Native = llm.NativePart, &llm.Native{Type: typ, Raw: p.Raw()}
	}
	return out
}

func fileOf(p rawjson.Node) *llm.Media {
	m := dialect.MediaAt(p.Get("file_data").Str())
	if m.URL != "" && !strings.Contains(m.URL, ":") { // bare base64
		m.Data, m.URL = m.URL, ""
	}
	if u := p.Get("file_url").Str(); u != "" {
		m.URL = u
	}
	m.Filename, m.FileID = p.Get("filename").Str(), p.Get("file_id").Str()
	if m.MIME == "" && strings.HasSuffix(strings.ToLower(m.Filename), ".pdf") {
		m.MIME = "application/pdf"
	}
	return m
}

func audioType(format string) string {
	switch format {
	case "":
		return ""
	case "mp3":
		return "audio/mpeg"
	case "pcm16", "pcm24":
		return "audio/pcm"
	}
	return "audio/" + format
}

// nameResults gives each result the name of the tool it answers, which this wire leaves
// out and others need.
func (b *builder) nameResults() {
	names := map[string]string{}
	for i := range b.c.Messages {
		for j := range b.c.Messages[i].Parts {
			switch p := &b.c.Messages[i].Parts[j]; {
			case p.Call != nil:
				names[p.Call.ID] = p.Call.Name
			case p.Result != nil:
				p.Result.Name = names[p.Result.CallID]
			}
		}
	}
	b.c.Messages = slices.DeleteFunc(b.c.Messages, func(m llm.Message) bool { return len(m.Parts) == 0 && len(m.Extra) == 0 })
}
