package lossless

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/bedrock"
	"github.com/dragoman-gateway/dragoman/internal/dialect/cohere"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/ollama"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaitext"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

var update = flag.Bool("update", false, "write docs/compatibility.md instead of comparing it")

const page = "../../../docs/compatibility.md"

// table is a file below fields: what one client dialect documents.
type table struct {
	Dialect llm.Dialect
	Source  string
	Base    map[string]json.RawMessage
	Fields  []row
}

// row is one field with an example.
type row struct {
	Field   string                     // its JSON path, perhaps with a case in parentheses
	Set     map[string]json.RawMessage // members of the request that hold it
	Shows   []string                   // one of these in the upstream's request says that it is mapped; none: its own strings and numbers
	Every   []string                   // all of these do
	Absent  string                     // mapped by leaving this out
	Loss    []string                   // further paths that report it
	Wants   bool                       // the gateway fetches it for upstreams that take it inline only
	Met     map[string]string          // by upstream: why nothing has to be sent for it
	Gateway string                     // what the gateway does with it itself
}

// column is an upstream.
type column struct {
	name    string
	adapter dialect.Adapter
	style   dialect.ReasoningStyle
}

var columns = []column{
	{"OpenAI chat", &openaichat.Adapter{Quirks: openaichat.Quirks{Strict: true, MaxTokens: "max_completion_tokens"}}, dialect.ReasoningStyle{Effort: true}},
	{"compatible chat", &openaichat.Adapter{}, dialect.ReasoningStyle{Effort: true}},
	{"Responses", &responses.Adapter{}, dialect.ReasoningStyle{Effort: true}},
	{"Messages", anthropic.Adapter{}, dialect.ReasoningStyle{Budget: true}},
	{"Gemini", gemini.Adapter{}, dialect.ReasoningStyle{Budget: true}},
	{"Converse", bedrock.Converse{}, dialect.ReasoningStyle{Budget: true}},
	{"Cohere", cohere.Adapter{}, dialect.ReasoningStyle{Budget: true}},
	{"Ollama", ollama.Adapter{}, dialect.ReasoningStyle{Effort: true}},
}

func surface(d llm.Dialect, stream bool) dialect.Surface {
	switch d {
	case llm.OpenAIChat:
		return openaichat.Surface{}
	case llm.OpenAIText:
		return openaitext.Surface{}
	case llm.OpenAIResponses:
		return responses.Surface{}
	case llm.Anthropic:
		return anthropic.Surface{}
	}
	return gemini.Surface{Model: "m", Stream: stream}
}

func tables(t *testing.T) []table {
	t.Helper()
	var out []table
	for _, name := range []string{"openai.chat", "openai.responses", "anthropic.messages", "gemini.generateContent", "openai.completions"} {
		raw, err := os.ReadFile(filepath.Join("fields", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		var one table
		if err := d.Decode(&one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, one)
	}
	return out
}

// path is a field without its case.
func (r *row) path() string {
	p, _, _ := strings.Cut(r.Field, " (")
	return p
}

// request is the base with the row's members set.
func (b *table) request(r *row) []byte {
	all := map[string]json.RawMessage{}
	for k, v := range b.Base {
		all[k] = v
	}
	if r != nil {
		for k, v := range r.Set {
			all[k] = v
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return raw
}

// leaves are the strings and numbers at the path, as they look in JSON.
func (r *row) leaves(t *testing.T) []string {
	var v any = map[string]any{}
	raw, err := json.Marshal(r.Set)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		err = d.Decode(&v)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range strings.FieldsFunc(r.path(), func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			n := int(step[0] - '0')
			if n >= len(at) {
				t.Fatalf("%s: there is no such element in the example", r.Field)
			}
			v = at[n]
		}
	}
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case json.Number:
			out = append(out, v.String())
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
	if len(out) == 0 {
		t.Fatalf("%s: the example holds no string or number there: say what it shows as", r.Field)
	}
	return out
}

// sent is what an upstream would get: its path, and its body without spaces.
func sent(s dialect.Surface, c *column, body []byte) (string, []llm.Loss, error) {
	req, err := s.DecodeRequest(dialect.Inbound{Body: body})
	if err != nil {
		return "", nil, err
	}
	to := dialect.Target{Model: "upstream", MaxOutput: 64000, Reasoning: c.style}
	call, losses, err := c.adapter.EncodeRequest(req, to)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	out.WriteString("{call}" + call.Path + "\n")
	if err := json.Compact(&out, bytes.Join(call.Body, nil)); err != nil {
		return "", nil, fmt.Errorf("the call is no JSON: %w", err)
	}
	for k, v := range call.Header {
		fmt.Fprintf(&out, "\n%s: %s", k, v)
	}
	return out.String(), slices.Concat(req.Ignored, dialect.Spell(req.From, losses)), nil
}

func (r *row) mapped(t *testing.T, with, without string) bool {
	if r.Absent != "" && !strings.Contains(with, r.Absent) {
		return true
	}
	shows := func(s string) bool { return strings.Contains(with, s) && !strings.Contains(without, s) }
	if len(r.Shows) > 0 {
		return slices.ContainsFunc(r.Shows, shows)
	}
	every := r.Every
	if len(every) == 0 {
		every = r.leaves(t)
	}
	return !slices.ContainsFunc(every, func(s string) bool { return !shows(s) })
}

// reports says whether a loss at a path tells of the row's field: it is that field, or what
// holds it below the top.
func (r *row) reports(at string) bool {
	p := r.path()
	if at == p || slices.Contains(r.Loss, at) || strings.HasPrefix(at, p+".") || strings.HasPrefix(at, p+"[") {
		return true
	}
	rest, inside := strings.CutPrefix(p, at)
	return inside && at != "" && strings.ContainsAny(rest[:1], ".[") && strings.ContainsAny(at, ".[")
}

// cell is what becomes of a field at an upstream, "" when it is dropped in silence.
func (b *table) cell(t *testing.T, r *row, c *column) string {
	if r.Gateway != "" {
		return "gateway"
	}
	body := b.request(r)
	stream := bytes.Contains(body, []byte(`"stream":true`))
	if why := r.Met[c.name]; why != "" {
		return "met: " + why
	}
	without, _, err := sent(surface(b.Dialect, false), c, b.request(nil))
	if err != nil {
		t.Fatalf("%s: the base: %v", b.Dialect, err)
	}
	with, losses, err := sent(surface(b.Dialect, stream), c, body)
	if wants := new(dialect.Wants); r.Wants && errors.As(err, &wants) {
		return "mapped; the gateway fetches it and sends what is there"
	}
	if err != nil {
		e := fault.As(err)
		if r.reports(e.Param) {
			return "refused: " + e.Public
		}
		t.Errorf("%s: %s → %s: %v (%s, about %q)", b.Dialect, r.Field, c.name, err, e.Public, e.Param)
		return "refused"
	}
	at := slices.IndexFunc(losses, func(l llm.Loss) bool { return r.reports(l.Path) })
	switch {
	case r.mapped(t, with, without) && at >= 0:
		return "mapped; " + losses[at].Why
	case r.mapped(t, with, without):
		return "mapped"
	case at >= 0:
		return "lost: " + losses[at].Why
	}
	t.Errorf("%s: %s is dropped in silence on the way to %s\n\tsent %s\n\tlosses %v", b.Dialect, r.Field, c.name, with, losses)
	return ""
}

// TestEveryField sends each documented field of each client dialect to each upstream: it
// arrives there, or its loss is reported under its path.
func TestEveryField(t *testing.T) {
	var out strings.Builder
	out.WriteString(head)
	for _, b := range tables(t) {
		writeTable(t, &out, &b)
	}
	if t.Failed() {
		return
	}
	if *update {
		if err := os.WriteFile(page, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(page)
	if err != nil || string(have) != out.String() {
		t.Errorf("docs/compatibility.md is not what the adapters do (%v): go test ./internal/dialect/lossless -update", err)
	}
}

const head = `# What becomes of every field

Each documented field of each client dialect is sent to each kind of upstream by a test
(` + "`go test ./internal/dialect/lossless`" + `), which writes this page with ` + "`-update`" + ` and else
compares it. The fields with their examples are in ` + "`internal/dialect/lossless/fields`" + `.

- **✓** the value, or what the upstream calls it, is in the upstream's request; a number is a
  note below the table.
- **–** the upstream's API has no place for it, or not for this of it. The loss is reported to
  the client under the field's path.
- **✗** the request is answered 400 with the note.
- **=** nothing has to be sent: the upstream does it by itself.
- **gateway** the gateway acts on it itself, whatever the upstream.

"OpenAI chat" is OpenAI itself, which refuses fields that it does not know; "compatible chat"
is a provider that ignores them.

`

func writeTable(t *testing.T, out *strings.Builder, b *table) {
	fmt.Fprintf(out, "## Clients of %s\n\nFields: %s.\n\n| field |", b.Dialect, b.Source)
	for _, c := range columns {
		out.WriteString(" " + c.name + " |")
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	var notes []string
	note := func(s string) string {
		at := slices.Index(notes, s)
		if at < 0 {
			at = len(notes)
			notes = append(notes, s)
		}
		return fmt.Sprintf(" %d", at+1)
	}
	for i := range b.Fields {
		r := &b.Fields[i]
		fmt.Fprintf(out, "| `%s` |", r.Field)
		for j := range columns {
			state, why, _ := strings.Cut(b.cell(t, r, &columns[j]), " ")
			mark := map[string]string{"mapped": "✓", "mapped;": "✓", "lost:": "–", "refused:": "✗", "gateway": "gateway", "met:": "="}[state]
			switch {
			case r.Gateway != "":
				why = r.Gateway
				if j > 0 {
					mark, why = "〃", ""
				}
			}
			if why != "" {
				mark += note(why)
			}
			out.WriteString(" " + mark + " |")
		}
		out.WriteString("\n")
	}
	out.WriteString("\n")
	for i, n := range notes {
		fmt.Fprintf(out, "%d. %s\n", i+1, n)
	}
	out.WriteString("\n")
}
