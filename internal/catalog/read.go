package catalog

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// readRows parses one file, line by line, so that what is worked on stays small. Every
// member of a row must be known to read: a misspelt field is an error, never a missing
// fact.
func readRows[T any](r *row, file, text string, read func(*row, string, rawjson.Node, *T) bool) ([]T, error) {
	rows := make([]T, strings.Count(text, "\n"))
	for i := range rows {
		r.text, text, _ = strings.Cut(text, "\n")
		r.bytes = append(r.bytes[:0], r.text...)
		if err := r.doc.Parse(r.bytes); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", file, i+1, err)
		}
		for k, v := range r.doc.Root().Members() {
			key := r.str(k)
			if !read(r, key, v, &rows[i]) {
				r.fail("unknown field")
			}
			if r.err != nil {
				return nil, fmt.Errorf("%s line %d, %s: %w", file, i+1, key, r.err)
			}
		}
	}
	return rows, nil
}

// row reads the values of one row. Strings are slices of the text, not copies.
type row struct {
	text  string // of the row
	bytes []byte // the same, as the parser wants it
	doc   rawjson.Doc
	err   error

	in        interner
	providers map[string]*Provider // what endpoints refer to
	models    map[string]*Model
}

func newRow() *row { return &row{in: newInterner()} }

// str is a string value; a row's strings hardly ever hold escapes.
func (r *row) str(n rawjson.Node) string {
	if n.Kind() != rawjson.String {
		r.fail("want a string")
		return ""
	}
	start, end := n.Span()
	if s := r.text[start+1 : end-1]; strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return n.Str()
}

func (r *row) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *row) int(n rawjson.Node) int64 {
	v, ok := n.Int()
	if !ok || v < 0 {
		r.fail("want a whole number that is not negative")
	}
	return v
}

// yes reads a flag, which rows only write when it holds.
func (r *row) yes(n rawjson.Node) bool {
	if !n.Bool() {
		r.fail("want true, or no such field")
	}
	return true
}

func (r *row) tri(n rawjson.Node) Tri {
	switch {
	case n.Kind() != rawjson.Bool:
		r.fail("want true or false")
		return Unknown
	case n.Bool():
		return Yes
	}
	return No
}

// words reads a list written as one string with spaces between.
func (r *row) words(n rawjson.Node) []string { return r.in.list(r.str(n)) }

func (r *row) strs(n rawjson.Node) []string {
	list := make([]string, 0, n.Len())
	for e := range n.Elems() {
		list = append(list, r.str(e))
	}
	return list
}

// price reads a decimal string. Equal prices of different endpoints are one value.
func (r *row) price(n rawjson.Node) *money.Price {
	p, err := r.in.price(r.str(n))
	if err != nil {
		r.fail("%w", err)
	}
	return p
}

// interner shares what many rows repeat: lists of parameters and prices. Both are never
// changed after reading.
type interner struct {
	lists  map[string][]string
	prices map[string]*money.Price
}

func newInterner() interner {
	return interner{lists: make(map[string][]string, 512), prices: make(map[string]*money.Price, 2048)}
}

func (in *interner) list(s string) []string {
	l, ok := in.lists[s]
	if !ok {
		l = strings.Fields(s)
		in.lists[s] = l
	}
	return l
}

func (in *interner) price(s string) (*money.Price, error) {
	if p := in.prices[s]; p != nil {
		return p, nil
	}
	v, err := money.ParsePrice(s)
	if err != nil {
		return new(money.Price), err
	}
	in.prices[s] = &v
	return &v, nil
}
