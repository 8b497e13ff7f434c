package scim

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// Filter is a condition on a resource (RFC 7644 §3.4.2.2). It is immutable.
type Filter struct {
	op          string // and or not pr eq ne co sw ew gt ge lt le
	left, right *Filter
	path        Path
	value       any // string, float64, bool or nil
}

// Match reports whether the resource meets the condition. A comparison with an attribute that
// has several values is met by any of them, ne by none that is equal.
func (f *Filter) Match(r Resource) bool {
	switch f.op {
	case "and":
		return f.left.Match(r) && f.right.Match(r)
	case "or":
		return f.left.Match(r) || f.right.Match(r)
	case "not":
		return !f.left.Match(r)
	case "ne":
		return !f.any(r, "eq")
	}
	return f.any(r, f.op)
}

func (f *Filter) any(r Resource, op string) bool {
	values := f.path.values(r)
	if len(values) == 0 && op == "eq" {
		return f.value == nil
	}
	for _, v := range values {
		if op == "pr" {
			if !empty(v) {
				return true
			}
		} else if compare(op, v, f.value, exact(f.path)) {
			return true
		}
	}
	return false
}

func empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return v == nil || object(v) != nil && len(object(v)) == 0
}

// compare compares values of one kind. Truth values are also written as texts: Entra does.
func compare(op string, have, want any, exact bool) bool {
	switch h := have.(type) {
	case string:
		w, ok := want.(string)
		return ok && compareText(op, h, w, exact)
	case float64:
		w, ok := want.(float64)
		return ok && ordered(op, cmp.Compare(h, w))
	case bool:
		w, ok := truth(want)
		return ok && op == "eq" && h == w
	}
	return false
}

func compareText(op, have, want string, exact bool) bool {
	if !exact {
		have, want = strings.ToLower(have), strings.ToLower(want)
	}
	switch op {
	case "co":
		return strings.Contains(have, want)
	case "sw":
		return strings.HasPrefix(have, want)
	case "ew":
		return strings.HasSuffix(have, want)
	}
	return ordered(op, strings.Compare(have, want))
}

func ordered(op string, c int) bool {
	switch op {
	case "eq":
		return c == 0
	case "gt":
		return c > 0
	case "ge":
		return c >= 0
	case "lt":
		return c < 0
	case "le":
		return c <= 0
	}
	return false
}

// truth is a value as a truth value.
func truth(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		return strings.EqualFold(v, "true"), strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	}
	return false, false
}

// Maybe reports whether a resource whose attribute has this text can meet the filter: false
// spares making the resource. No filter is met by all.
func (f *Filter) Maybe(name, text string) bool {
	if f == nil || f.op != "eq" || f.path.Schema != "" || f.path.Where != nil || f.path.Sub != "" || !strings.EqualFold(f.path.Name, name) {
		return true
	}
	want, ok := f.value.(string)
	return !ok || strings.EqualFold(want, text)
}

// template is the smallest object that meets the filter, for one whose conditions are all
// equalities; nil for others.
func (f *Filter) template() Resource {
	switch {
	case f.op == "and":
		left, right := f.left.template(), f.right.template()
		if left == nil || right == nil {
			return nil
		}
		for k, v := range right {
			left[k] = v
		}
		return left
	case f.op == "eq" && f.path.Schema == "" && f.path.Where == nil && f.path.Sub == "":
		return Resource{f.path.Name: f.value}
	}
	return nil
}

// clean is whether a text may be shown in an error.
func clean(s string) string {
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	if !utf8.ValidString(s) {
		return "it"
	}
	return s
}
