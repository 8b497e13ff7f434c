package analytics

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Operator is a row of the table of filter operators. Values are compared as texts, by byte.
type Operator struct {
	Name string
	List bool // takes an array

	ordered bool                 // keeps nothing that has no value
	holds   func(order int) bool // of a value against the filter's; nil for lists
}

// Operators are all of them.
var Operators = [...]Operator{
	{Name: "eq", holds: func(o int) bool { return o == 0 }},
	{Name: "neq", holds: func(o int) bool { return o != 0 }},
	{Name: "in", List: true},
	{Name: "not_in", List: true},
	{Name: "gt", ordered: true, holds: func(o int) bool { return o > 0 }},
	{Name: "gte", ordered: true, holds: func(o int) bool { return o >= 0 }},
	{Name: "lt", ordered: true, holds: func(o int) bool { return o < 0 }},
	{Name: "lte", ordered: true, holds: func(o int) bool { return o <= 0 }},
}

const (
	maxFilters = 20
	maxValues  = 1000 // of all filters
)

type filter struct {
	field  *Dimension
	op     *Operator
	values []string // sorted for lists
	unset  bool     // a list keeps what has no value
}

// keeps reports whether a piece stays. eq and neq see no value as the empty text, which a
// list never contains.
func (f *filter) keeps(p *Piece) bool {
	v := f.field.of(p)
	if !f.op.List {
		return (v != "" || !f.op.ordered) && f.op.holds(cmp.Compare(v, f.values[0]))
	}
	if v == "" {
		return f.unset
	}
	_, in := slices.BinarySearch(f.values, v)
	return in == (f.op.Name == "in")
}

// filter is the condition at a place of the query.
func (a *Ask) filter(i int) (f filter, err error) {
	at := func(member string) string { return fmt.Sprintf("filters[%d].%s", i, member) }
	asked := &a.Filters[i]
	f.unset = asked.IncludeUnset
	if f.field, err = a.dimension(at("field"), asked.Field); err != nil {
		return f, err
	}
	if f.op = find(Operators[:], asked.Operator, func(o *Operator) string { return o.Name }); f.op == nil {
		return f, unknown(at("operator"), asked.Operator, names(Operators[:], func(o *Operator) string { return o.Name }))
	}
	if f.unset && !f.op.List {
		return f, fault.Bad(at("include_unset"), at("include_unset")+" is for the operators in and not_in, not for "+f.op.Name)
	}
	f.values, err = values(at("value"), f.op, asked.Value)
	return f, err
}

// values are those of a filter as texts: a number counts as it is written.
func values(at string, op *Operator, raw json.RawMessage) ([]string, error) {
	if isList := len(raw) > 0 && raw[0] == '['; isList != op.List {
		return nil, fault.Bad(at, at+" must be "+map[bool]string{true: "an array", false: "a string or a number"}[op.List]+" for the operator "+op.Name)
	}
	var list []json.RawMessage
	if !op.List {
		list = append(list, raw)
	} else if json.Unmarshal(raw, &list) != nil {
		return nil, fault.Bad(at, at+" must be an array of strings and numbers")
	}
	out := make([]string, 0, len(list))
	for _, v := range list {
		text, ok := scalar(v)
		if !ok {
			return nil, fault.Bad(at, at+" must hold strings and numbers only")
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out, nil
}

func scalar(raw json.RawMessage) (string, bool) {
	if len(raw) > 0 && raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	}
	var n json.Number
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &n) != nil {
		return "", false
	}
	return n.String(), true
}

// find is the row of a table with a name, nil when there is none.
func find[T any](table []T, name string, of func(*T) string) *T {
	for i := range table {
		if of(&table[i]) == name {
			return &table[i]
		}
	}
	return nil
}

func names[T any](table []T, of func(*T) string) string {
	var out []string
	for i := range table {
		out = append(out, of(&table[i]))
	}
	return strings.Join(out, ", ")
}

// unknown says what there is instead.
func unknown(at, name, known string) error {
	if len(name) > 64 {
		name = strings.ToValidUTF8(name[:64], "") + "…"
	}
	return fault.Bad(at, fmt.Sprintf("%s: there is no %q; there are %s", at, name, known))
}
