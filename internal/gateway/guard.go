package gateway

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// guard holds the texts of a request against the content filters of its guardrails, before
// anything is made of it: a block refuses it, what is to be redacted is edited in the body,
// so that no later room and no provider sees it. It gives the header that fits the body. A body
// that is neither a JSON object nor a form is the surface's to refuse.
func (x *exchange) guard(h http.Header) (http.Header, error) {
	g := guard{set: x.rules.Filters}
	var edited []byte
	if isForm(h) {
		h, edited = g.form(h, x.body)
	} else {
		edited = g.json(x.body)
	}
	if err := filter.Refusal(g.found); err != nil {
		return h, x.blocked(err, g.found)
	}
	x.rec.Filtered = tally(nil, g.found, false)
	x.body = edited
	return h, nil
}

func isForm(h http.Header) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(h.Get("Content-Type"))), "multipart/form-data")
}

// json is a body without what is to be redacted.
func (g *guard) json(body []byte) []byte {
	doc := rawjson.Lend()
	defer doc.Free()
	if len(body) == 0 || doc.Parse(body) != nil {
		return body
	}
	g.walk(doc.Root(), filter.User)
	if g.patch.Empty() {
		return body
	}
	return g.patch.Apply(nil, body)
}

// form is the same for a form, whose files are not looked into. A form that changes is written
// anew, under another boundary.
func (g *guard) form(h http.Header, body []byte) (http.Header, []byte) {
	fields, err := dialect.ReadForm(h.Get("Content-Type"), body)
	if err != nil {
		return h, body
	}
	edited := false
	values := make([][]byte, len(fields))
	for i := range fields {
		f := &fields[i]
		if values[i] = f.Value; f.Filename != "" || structure[f.Name] || f.Name == "file" || g.set.Empty(filter.User) {
			continue
		}
		clean, found := g.set.Redact(string(f.Value), filter.User)
		if g.found = append(g.found, found...); redacts(found) {
			values[i], edited = []byte(clean), true
		}
	}
	if !edited {
		return h, body
	}
	w := dialect.NewForm(values...)
	for i, f := range fields {
		w.Add(f.Name, f.Filename, f.MIME, values[i])
	}
	h = h.Clone()
	h.Set("Content-Type", w.ContentType())
	return h, bytes.Join(w.Close(), nil)
}

// blocked adds to a refusal whose rule it was.
func (x *exchange) blocked(e *fault.Error, found []filter.Finding) error {
	if f, ok := filter.Blocked(found); ok {
		c := *e
		c.Metadata = map[string]any{"guardrail": f.Guardrail, "filter": f.Slug}
		for k, v := range e.Metadata {
			c.Metadata[k] = v
		}
		return &c
	}
	return e
}

// guard is one look at a request, or at a JSON value of an answer.
type guard struct {
	set    *filter.Set
	answer bool
	found  []filter.Finding
	patch  rawjson.Patch
}

// walk looks at every text below a node but names and blobs. Whose text it is, the nearest
// role says, and what a tool gave is nobody's.
func (g *guard) walk(n rawjson.Node, from filter.Source) {
	switch n.Kind() {
	case rawjson.String:
		g.text(n, from)
	case rawjson.Array:
		for v := range n.Elems() {
			g.walk(v, from)
		}
	case rawjson.Object:
		from = sourceOf(n, from)
		for k, v := range n.Members() {
			g.walkMember(n, k, v, from)
		}
	}
}

// walkMember looks at a member of an object.
func (g *guard) walkMember(of, key, v rawjson.Node, from filter.Source) {
	name := key.Str()
	switch {
	case name == "data" && (v.Kind() != rawjson.String || of.Get("type").Is("text")): // no blob: a list, or a document of Anthropic's
		g.walk(v, from)
	case structure[name]:
	case name == "arguments" && v.Kind() == rawjson.String: // JSON in a string
		g.arguments(v, from)
	case instructions[name]:
		g.walk(v, filter.Other)
	default:
		g.walk(v, from)
	}
}

// sourceOf is whose texts are in an object: as its role says, else as around it.
func sourceOf(n rawjson.Node, around filter.Source) filter.Source {
	switch n.Get("type").Str() {
	case "tool_result", "function_call_output", "custom_tool_call_output", "function_call":
		return filter.Other
	}
	if n.Get("functionResponse").Exists() || n.Get("functionCall").Exists() {
		return filter.Other
	}
	switch role := n.Get("role").Str(); role {
	case "":
		return around
	case "user":
		return filter.User
	}
	return filter.Other
}

// structure are members that hold names, numbers and blobs, on every wire that clients speak:
// never what somebody wrote.
var structure = map[string]bool{
	"model": true, "models": true, "role": true, "type": true, "id": true, "object": true, "status": true, "name": true,
	"tool_call_id": true, "tool_use_id": true, "call_id": true, "item_id": true, "previous_response_id": true, "response_id": true,
	"signature": true, "encrypted_content": true, "thought_signature": true, "thoughtSignature": true, "data": true, "cache_control": true,
	"mime_type": true, "mimeType": true, "media_type": true, "format": true, "file_id": true, "file_data": true, "url": true, "image_url": true,
	"fileUri": true, "file_uri": true, "file_url": true, "provider": true, "reasoning": true, "tool_choice": true, "parameters": true,
	"input_schema": true, "parametersJsonSchema": true, "response_format": true, "service_tier": true, "voice": true, "encoding_format": true,
	"quality": true, "size": true, "effort": true, "include": true, "prompt_cache_key": true, "safety_identifier": true, "session_id": true,
	"stream": true, "generationConfig": true, "safetySettings": true, "debug": true, "b64_json": true,
}

// instructions are members that are never a user's message.
var instructions = map[string]bool{"system": true, "instructions": true, "system_instruction": true, "systemInstruction": true, "tools": true}

func (g *guard) text(n rawjson.Node, from filter.Source) {
	if from = g.source(from); g.set.Empty(from) {
		return
	}
	clean, found := g.set.Redact(n.Str(), from)
	g.took(n, clean, found)
}

// arguments looks at those of a call in an earlier turn.
func (g *guard) arguments(n rawjson.Node, from filter.Source) {
	if from = g.source(from); g.set.Empty(from) {
		return
	}
	a := g.set.Arguments(from)
	clean, found := a.Write(n.Str())
	rest, more := a.Close()
	g.took(n, clean+rest, append(found, more...))
}

// source is whose a text is that is from somebody in a request.
func (g *guard) source(from filter.Source) filter.Source {
	if g.answer {
		return filter.Answer
	}
	return from
}

// took notes what was found in a text, and edits it where that is wanted.
func (g *guard) took(n rawjson.Node, clean string, found []filter.Finding) {
	g.found = append(g.found, found...)
	if redacts(found) {
		g.patch.Set(n, rawjson.AppendString(nil, clean))
	}
}

func redacts(found []filter.Finding) bool {
	return slices.ContainsFunc(found, func(f filter.Finding) bool { return f.Action == filter.Redact })
}

// tally adds findings to a list by guardrail, filter and action.
func tally(list []generation.Filtered, found []filter.Finding, answer bool) []generation.Filtered {
next:
	for _, f := range found {
		for i := range list {
			if l := &list[i]; l.Guardrail == f.Guardrail && l.Filter == f.Slug && l.Action == f.Action.String() && l.Answer == answer {
				l.Count++
				continue next
			}
		}
		list = append(list, generation.Filtered{Guardrail: f.Guardrail, Filter: f.Slug, Action: f.Action.String(), Count: 1, Answer: answer})
	}
	return list
}
