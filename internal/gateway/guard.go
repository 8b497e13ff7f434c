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

// json is a JSON value without what is to be redacted.
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
		if values[i] = f.Value; f.Filename != "" || structure[f.Name] || schemas[f.Name] || f.Name == "file" {
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

// walk looks at every text below a node.
func (g *guard) walk(n rawjson.Node, from filter.Source) { walk(n, from, g.text) }

// text looks at one; arguments of a call are JSON.
func (g *guard) text(n rawjson.Node, from filter.Source, arguments bool) {
	if g.answer {
		from = filter.Answer
	}
	if g.set.Empty(from) {
		return
	}
	var clean string
	var found []filter.Finding
	if arguments {
		a := g.set.Arguments(from)
		head, first := a.Write(textOf(n))
		rest, more := a.Close()
		clean, found = head+rest, append(first, more...)
	} else {
		clean, found = g.set.Redact(n.Str(), from)
	}
	g.found = append(g.found, found...)
	switch {
	case !redacts(found):
	case n.Kind() == rawjson.Object:
		g.patch.Set(n, []byte(clean))
	default:
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
