// Package field checks single members of clients' requests and says what is wrong with one
// by its JSON path. Every surface uses it, so that one mistake reads alike everywhere. Its
// errors are *fault.Error of kind Invalid.
package field

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Parse reads a request body that must be one JSON object. Who is done with the Doc may free it.
func Parse(body []byte) (*rawjson.Doc, rawjson.Node, error) {
	doc := rawjson.Lend()
	if err := doc.Parse(body); err != nil {
		doc.Free()
		text := err.Error()
		return nil, rawjson.Node{}, &fault.Error{Kind: fault.Invalid, Public: "The request body is " + strings.ToLower(text[:1]) + text[1:], Err: err}
	}
	root := doc.Root()
	if root.Kind() != rawjson.Object {
		return nil, rawjson.Node{}, fault.Bad("", "The request body must be a JSON object, not "+Article(root.Kind()))
	}
	return doc, root, nil
}

// Bad says what a field should have been and what it is.
func Bad(path string, v rawjson.Node, should string) error {
	is := Article(v.Kind())
	if raw := v.Raw(); (v.Kind() == rawjson.Number || v.Kind() == rawjson.String) && len(raw) <= 40 {
		is = string(raw)
	}
	return fault.Bad(path, fmt.Sprintf("%s must be %s, not %s", path, should, is))
}

// Article is a kind with its article, as an error names it.
func Article(k rawjson.Kind) string {
	switch k {
	case rawjson.Absent:
		return "missing"
	case rawjson.Null:
		return "null"
	case rawjson.Array, rawjson.Object:
		return "an " + k.String()
	}
	return "a " + k.String()
}

// Want checks the kind of a value.
func Want(path string, v rawjson.Node, k rawjson.Kind) error {
	if v.Kind() != k {
		return Bad(path, v, Article(k))
	}
	return nil
}

// Bool reads a boolean.
func Bool(path string, v rawjson.Node) (bool, error) {
	return v.Bool(), Want(path, v, rawjson.Bool)
}

// Str reads a string of at most max bytes.
func Str(path string, v rawjson.Node, max int) (string, error) {
	if err := Want(path, v, rawjson.String); err != nil {
		return "", err
	}
	s := v.Str()
	if len(s) > max {
		e := fault.Bad(path, fmt.Sprintf("%s is longer than %d bytes", path, max))
		e.Type = "string_too_long"
		return "", e
	}
	return s, nil
}

// Strs reads an array of at most count strings of at most max bytes.
func Strs(path string, v rawjson.Node, count, max int) ([]string, error) {
	if err := Want(path, v, rawjson.Array); err != nil {
		return nil, err
	}
	var out []string
	for e := range v.Elems() {
		s, err := Str(fmt.Sprintf("%s[%d]", path, len(out)), e, max)
		if err != nil {
			return nil, err
		}
		if out = append(out, s); len(out) > count {
			return nil, fault.Bad(path, fmt.Sprintf("%s has more than %d entries", path, count))
		}
	}
	return out, nil
}

// OneOf reads a string that is one of a list.
func OneOf(path string, v rawjson.Node, allowed []string) (string, error) {
	s := v.Str()
	if v.Kind() != rawjson.String || !slices.Contains(allowed, s) {
		return "", Bad(path, v, "one of "+strings.Join(allowed, ", "))
	}
	return s, nil
}

// Whole reads a whole number from lo to hi.
func Whole(path string, v rawjson.Node, lo, hi int64) (int64, error) {
	n, ok := v.Int()
	if !ok || n < lo || n > hi {
		return 0, Bad(path, v, fmt.Sprintf("a whole number from %d to %d", lo, hi))
	}
	return n, nil
}

// Number checks a number from lo to hi.
func Number(path string, v rawjson.Node, lo, hi float64) error {
	f, ok := v.Float()
	if !ok || f < lo || f > hi {
		return Bad(path, v, fmt.Sprintf("a number from %g to %g", lo, hi))
	}
	return nil
}

// Truncate is the first n bytes of s.
func Truncate(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// Metadata checks an object of short strings (reference §3.1).
func Metadata(v rawjson.Node) error {
	if v.Len() > 16 {
		return fault.Bad("metadata", "metadata has more than 16 entries")
	}
	for k, val := range v.Members() {
		if k.StrLen() > 64 {
			return fault.Bad("metadata", "metadata has a key longer than 64 bytes")
		}
		if _, err := Str("metadata."+k.Str(), val, 512); err != nil {
			return err
		}
	}
	return nil
}
