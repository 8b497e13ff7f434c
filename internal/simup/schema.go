package simup

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A sampler makes a value that fits a JSON schema. Words of the question become strings,
// so that a call for the weather in Paris asks for Paris. It knows types, enum, const,
// bounds, formats, anyOf, allOf and local $ref; it ignores pattern.
type sampler struct {
	root  rawjson.Node // what $ref is relative to
	hints []string
	used  int
}

// maxSchemaDepth ends schemas that refer to themselves: optional members are left out
// below half of it.
const maxSchemaDepth = 12

func sampleSchema(dst []byte, schema rawjson.Node, question string) []byte {
	s := sampler{root: schema, hints: hints(question)}
	return s.value(dst, schema, "", 0)
}

func (s *sampler) value(dst []byte, n rawjson.Node, name string, depth int) []byte {
	n = s.resolve(n)
	if depth > maxSchemaDepth {
		return append(dst, "null"...)
	}
	if c := n.Get("const"); c.Exists() {
		return append(dst, c.Raw()...)
	}
	for e := range n.Get("enum").Elems() {
		return append(dst, e.Raw()...)
	}
	for _, key := range []string{"anyOf", "any_of", "oneOf"} {
		for e := range n.Get(key).Elems() {
			return s.value(dst, e, name, depth+1)
		}
	}
	switch schemaType(n) {
	case "object":
		return s.object(dst, n, depth)
	case "array":
		return s.array(dst, n, name, depth)
	case "integer":
		return strconv.AppendInt(dst, int64(bounded(n, 1)), 10)
	case "number":
		return strconv.AppendFloat(dst, bounded(n, 1.5), 'f', -1, 64)
	case "boolean":
		return append(dst, "true"...)
	case "null":
		return append(dst, "null"...)
	}
	return s.text(dst, n, name)
}

// schemaType is a schema's type in lower case (Gemini writes OBJECT), guessed where there
// is none; of several the first that is not null.
func schemaType(n rawjson.Node) string {
	t := n.Get("type")
	for e := range t.Elems() {
		if !e.Is("null") {
			t = e
			break
		}
	}
	if s := t.Str(); s != "" {
		return strings.ToLower(s)
	}
	switch {
	case n.Get("properties").Exists(), n.Get("allOf").Exists():
		return "object"
	case n.Get("items").Exists(), n.Get("prefixItems").Exists():
		return "array"
	}
	return "string"
}

// resolve follows a $ref within the schema, at most a few times.
func (s *sampler) resolve(n rawjson.Node) rawjson.Node {
	for range maxSchemaDepth {
		path, local := strings.CutPrefix(n.Get("$ref").Str(), "#")
		if !local {
			return n
		}
		n = s.root
		for key := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
			if key != "" {
				n = n.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(key))
			}
		}
	}
	return n
}

func (s *sampler) object(dst []byte, n rawjson.Node, depth int) []byte {
	dst = append(dst, '{')
	first := true
	s.members(n, depth, map[string]bool{}, func(key, schema rawjson.Node) {
		dst = append(append(append(dst, pick(first, "", ",")...), key.Raw()...), ':')
		first = false
		dst = s.value(dst, schema, key.Str(), depth+1)
	})
	return append(dst, '}')
}

// members yields the properties of an object schema and of what allOf adds to it.
func (s *sampler) members(n rawjson.Node, depth int, seen map[string]bool, yield func(key, schema rawjson.Node)) {
	required := map[string]bool{}
	for e := range n.Get("required").Elems() {
		required[e.Str()] = true
	}
	for key, schema := range n.Get("properties").Members() {
		if name := key.Str(); !seen[name] && (required[name] || depth < maxSchemaDepth/2) {
			seen[name] = true
			yield(key, schema)
		}
	}
	if depth < maxSchemaDepth {
		for part := range n.Get("allOf").Elems() {
			s.members(s.resolve(part), depth+1, seen, yield)
		}
	}
}

// maxItems is how long an array gets at most, whatever its schema wants.
const maxItems = 64

func (s *sampler) array(dst []byte, n rawjson.Node, name string, depth int) []byte {
	dst = append(dst, '[')
	at := 0
	for item := range n.Get("prefixItems").Elems() {
		dst = s.value(append(dst, pick(at == 0, "", ",")...), item, name, depth+1)
		at++
	}
	least := schemaInt(n, "minItems", 0)
	want := max(1, least)
	if depth >= maxSchemaDepth/2 || schemaInt(n, "maxItems", maxItems) < want {
		want = least
	}
	for ; at < min(want, maxItems); at++ {
		dst = s.value(append(dst, pick(at == 0, "", ",")...), n.Get("items"), name, depth+1)
	}
	return append(dst, ']')
}

// schemaInt reads a bound; Gemini writes some as strings.
func schemaInt(n rawjson.Node, key string, or int) int {
	v := n.Get(key)
	if i, ok := v.Int(); ok {
		return int(i)
	}
	if i, err := strconv.Atoi(v.Str()); err == nil {
		return i
	}
	return or
}

// bounded moves v to where the schema allows it.
func bounded(n rawjson.Node, v float64) float64 {
	if low, ok := n.Get("minimum").Float(); ok {
		v = max(v, low)
	}
	if low, ok := n.Get("exclusiveMinimum").Float(); ok && v <= low {
		v = low + 1
	}
	if high, ok := n.Get("maximum").Float(); ok {
		v = min(v, high)
	}
	if high, ok := n.Get("exclusiveMaximum").Float(); ok && v >= high {
		v = high - 1
	}
	if step, ok := n.Get("multipleOf").Float(); ok && step > 0 {
		whole := float64(int64(v / step))
		if whole*step < v {
			whole++
		}
		v = whole * step
	}
	return v
}

var formats = map[string]string{
	"date-time": "2026-01-02T03:04:05Z", "date": "2026-01-02", "time": "03:04:05Z", "duration": "PT5M",
	"email": "sample@example.com", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
	"uri": "https://example.com/", "url": "https://example.com/", "uuid": "6f1c0f3e-5d0b-4a5e-9c5a-0d6f1c0f3e5d",
}

func (s *sampler) text(dst []byte, n rawjson.Node, name string) []byte {
	text, known := formats[n.Get("format").Str()]
	if !known {
		if text = strings.TrimSpace("sample " + name); len(s.hints) > 0 {
			text = s.hints[s.used%len(s.hints)]
			s.used++
		}
	}
	if low := min(schemaInt(n, "minLength", 0), 4096); utf8.RuneCountInString(text) < low {
		text += strings.Repeat("x", low-utf8.RuneCountInString(text))
	}
	if high := schemaInt(n, "maxLength", -1); high >= 0 && utf8.RuneCountInString(text) > high {
		text = string([]rune(text)[:high])
	}
	return rawjson.AppendString(dst, text)
}

// hints are words of a question that look like values: in quotes, else with a capital and
// not the first word.
func hints(question string) (out []string) {
	question = clip(plainText(question), 2000)
	for i, part := range strings.Split(question, `"`) {
		if i%2 == 1 && part != "" && len(part) < 80 {
			out = append(out, part)
		}
	}
	if len(out) > 0 {
		return out
	}
	for i, word := range strings.Fields(question) {
		word = strings.TrimFunc(word, unicode.IsPunct)
		if r, _ := utf8.DecodeRuneInString(word); i > 0 && len(word) > 1 && unicode.IsUpper(r) {
			out = append(out, word)
		}
	}
	return out
}
