package preset

import (
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// merge is one preset being applied to one request.
type merge struct {
	to       llm.Dialect
	ref      Reference
	settings Settings
	config   rawjson.Node
	root     rawjson.Node // of the request
	body     []byte
	drops    []string // members of root that go
	patch    rawjson.Patch
	done     []string // members that came from the preset
	url      string
	lost     []llm.Loss
}

func (m *merge) lose(path, why string) {
	m.lost = append(m.lost, llm.Loss{Path: "preset." + path, Why: why})
}

// model decides which model is asked for: the request's, else the preset's.
func (m *merge) model() error {
	if m.root.Get("preset").Exists() {
		m.drops = append(m.drops, "preset")
	}
	at, want := m.root.Get("model"), m.ref.Model
	open := at.Exists() && (m.ref.named() || at.IsNull())
	if want == "" {
		want = m.config.Get("model").Str()
	}
	switch {
	case want == "" && !lists(m.config) && !lists(m.root):
		return fault.Bad("model", fmt.Sprintf("Preset %q names no model and neither does the request; ask for author/slug%s%s, or add a version with a model", m.ref.Slug, Mark, m.ref.Slug))
	case m.ref.InURL:
		m.url = want
	case open && want != "":
		m.patch.Set(at, rawjson.AppendString(nil, want))
	case open:
		m.drops = append(m.drops, "model")
	}
	return nil
}

// lists reports whether models to fall back to are named.
func lists(n rawjson.Node) bool { return n.Get("models").Len()+n.Get("fallbacks").Len() > 0 }

// anyStays reports whether a member of the request is left.
func (m *merge) anyStays() bool {
	for k := range m.root.Members() {
		if !slices.ContainsFunc(m.drops, k.Is) {
			return true
		}
	}
	return false
}

// remove takes out what named the preset, and adds the preset's model where there is none.
func (m *merge) remove() {
	if len(m.drops) > 0 {
		m.patch.Remove(m.root, func(k rawjson.Node) bool { return slices.ContainsFunc(m.drops, k.Is) })
	}
	if !m.root.Get("model").Exists() && !m.ref.InURL {
		if v := m.config.Get("model"); !v.IsNull() {
			m.patch.Append(m.root, "model", v.Raw())
		}
	}
}

// fields gives the request what it does not say itself.
func (m *merge) fields() {
	var nested rawjson.Writer // of Gemini's generationConfig
	nested.Open('{')
	inside := pick(m.root, "generationConfig")
	for k, v := range m.config.Members() {
		name := k.Str()
		if name == "model" || v.IsNull() || counts(m.to) && !counted[name] {
			continue
		}
		to, value, why := m.turned(name, v)
		switch {
		case why != "":
			m.lose(name, why)
		case value == nil: // nothing is left of it, and that is told
		case slices.Contains(m.done, to):
			m.lose(name, "the preset says "+to+" already")
		case to == "tools":
			m.tools(value)
		case gemini(m.to) && generation[to]:
			m.done = append(m.done, to)
			m.nest(&nested, inside, to, value)
		case !m.says(to):
			m.set(to, value)
		}
	}
	if len(nested.B) > 1 && !m.says("generationConfig") {
		nested.Close('}')
		m.set("generationConfig", nested.B)
	}
}

// nest gives a member to generationConfig: to the request's, or to one that is being made.
func (m *merge) nest(w *rawjson.Writer, inside rawjson.Node, name string, value []byte) {
	at := pick(inside, name)
	switch {
	case inside.Kind() != rawjson.Object:
		w.Key(name).Raw(value)
	case !at.Exists():
		m.patch.Append(inside, name, value)
	case at.IsNull():
		m.patch.Set(at, value)
	}
}

// says reports whether the request has a member itself, or one that means the same.
func (m *merge) says(name string) bool {
	for _, group := range alike {
		if slices.Contains(group, name) {
			return slices.ContainsFunc(group, func(n string) bool { return !pick(m.root, n).IsNull() })
		}
	}
	return !pick(m.root, name).IsNull()
}

// alike are members of which a request that has one needs no other.
var alike = [][]string{
	{"max_tokens", "max_completion_tokens"},
	{"reasoning", "reasoning_effort", "include_reasoning"},
	{"models", "fallbacks"},
}

// set gives the request a member that it has not, or has as null.
func (m *merge) set(name string, value []byte) {
	m.done = append(m.done, name)
	if at := pick(m.root, name); at.Exists() {
		m.patch.Set(at, value)
		return
	}
	m.patch.Append(m.root, name, value)
}

// pick is a member by its name, which Google's clients may write in two spellings.
func pick(n rawjson.Node, name string) rawjson.Node {
	if v := n.Get(name); v.Exists() {
		return v
	}
	if s := snake(name); s != name {
		return n.Get(s)
	}
	return rawjson.Node{}
}

// snake is a camel-case name with underscores.
func snake(name string) string {
	var out []byte
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			out = append(out, '_')
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}
