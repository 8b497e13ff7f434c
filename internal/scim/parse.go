package scim

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Bounds of a filter.
const (
	maxFilter = 8 << 10 // bytes
	maxDepth  = 16      // of parentheses
)

// ParseFilter reads a filter. A list of users or groups is filtered by one, and so are the
// values that a patch is about.
func ParseFilter(s string) (*Filter, error) {
	p := parser{in: s}
	f, err := p.filter()
	if err == nil && p.more() {
		err = p.wrong("and, or, or the end")
	}
	if err != nil {
		return nil, Bad(InvalidFilter, "The filter cannot be read: "+err.Error())
	}
	return f, nil
}

// parser reads filters and paths by recursive descent.
type parser struct {
	in    string
	at    int
	depth int
}

func (p *parser) wrong(want string) error {
	return fmt.Errorf("at character %d there must be %s, not %q", p.at+1, want, clean(p.in[p.at:]))
}

// more reports whether there is more than blanks.
func (p *parser) more() bool {
	for p.at < len(p.in) && p.in[p.at] == ' ' {
		p.at++
	}
	return p.at < len(p.in)
}

// take reads one character if it is next.
func (p *parser) take(c byte) bool {
	if p.more() && p.in[p.at] == c {
		p.at++
		return true
	}
	return false
}

// word is the next run of letters, digits and what names are written with.
func (p *parser) word() string {
	p.more()
	from := p.at
	for p.at < len(p.in) && strings.IndexByte(" ()[]\"", p.in[p.at]) < 0 {
		p.at++
	}
	return p.in[from:p.at]
}

// keyword reads a word of the grammar if it is next.
func (p *parser) keyword(want string) bool {
	from := p.at
	if strings.EqualFold(p.word(), want) {
		return true
	}
	p.at = from
	return false
}

func (p *parser) filter() (*Filter, error) {
	if len(p.in) > maxFilter {
		return nil, fmt.Errorf("it is longer than %d bytes", maxFilter)
	}
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("it is nested deeper than %d times", maxDepth)
	}
	defer func() { p.depth-- }()
	return p.joined("or", func() (*Filter, error) { return p.joined("and", p.term) })
}

// joined is one or more filters with the same word between them.
func (p *parser) joined(word string, next func() (*Filter, error)) (*Filter, error) {
	left, err := next()
	for err == nil && p.keyword(word) {
		var right *Filter
		right, err = next()
		left = &Filter{op: word, left: left, right: right}
	}
	return left, err
}

func (p *parser) term() (*Filter, error) {
	from := p.at
	if p.keyword("not") {
		if p.take('(') {
			f, err := p.enclosed(')')
			return &Filter{op: "not", left: f}, err
		}
		p.at = from
	}
	if p.take('(') {
		return p.enclosed(')')
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	return p.comparison(path)
}

// enclosed is a filter up to the character that ends it.
func (p *parser) enclosed(end byte) (*Filter, error) {
	f, err := p.filter()
	if err == nil && !p.take(end) {
		err = p.wrong(string(end))
	}
	return f, err
}

// path reads an attribute with a filter of its values and a sub-attribute.
func (p *parser) path() (Path, error) {
	p.more()
	from := p.at
	path, ok := split(p.word())
	if !ok {
		p.at = from
		return path, p.wrong("the name of an attribute")
	}
	if path.Sub != "" || p.at >= len(p.in) || p.in[p.at] != '[' {
		return path, nil
	}
	p.at++
	where, err := p.enclosed(']')
	if err != nil {
		return path, err
	}
	path.Where = where
	if p.at < len(p.in) && p.in[p.at] == '.' {
		p.at++
		from := p.at
		if path.Sub = p.word(); !attribute(path.Sub) {
			p.at = from
			return path, p.wrong("the name of a sub-attribute")
		}
	}
	return path, nil
}

// comparison is what follows the path. A path with a filter needs nothing: it asks whether
// there is such a value. Entra compares a sub-attribute of it.
func (p *parser) comparison(path Path) (*Filter, error) {
	from := p.at
	op := strings.ToLower(p.word())
	switch op {
	case "pr":
		return &Filter{op: op, path: path}, nil
	case "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le":
		v, err := p.value()
		return &Filter{op: op, path: path, value: v}, err
	}
	p.at = from
	if path.Where != nil {
		return &Filter{op: "pr", path: path}, nil
	}
	return nil, p.wrong("one of eq ne co sw ew pr gt ge lt le")
}

// value is a text, a number, true, false or null, as JSON writes them.
func (p *parser) value() (v any, err error) {
	p.more()
	from := p.at
	if p.at < len(p.in) && p.in[p.at] == '"' {
		p.at = quoted(p.in, p.at)
	} else {
		p.word()
	}
	switch err := json.Unmarshal([]byte(p.in[from:p.at]), &v); {
	case err != nil:
		p.at = from
		return nil, p.wrong(`a value such as "text", 1, true or null`)
	}
	switch v.(type) {
	case []any, map[string]any:
		p.at = from
		return nil, p.wrong("a single value")
	}
	return v, nil
}

// quoted is where the text in quotation marks that begins at from ends.
func quoted(s string, from int) int {
	for i := from + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
